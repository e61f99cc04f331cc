//! The file a trace goes to: new, for its owner only, never one that is there already.

use std::{fs::File, io, path::Path, sync::Arc};

/// A new file that a hand-off is written down in, for a bug report.
///
/// It tells kinds of events with their times and lengths. It holds no key, link, token, PIN, byte of the
/// wire, picture, text, path or query of a URL: `docs/trace.md` says what it does hold. Clones are the same
/// file; one hand-off goes into it.
#[derive(Clone, Debug)]
pub struct TraceFile(Arc<File>);

impl TraceFile {
    /// Creates a file that nobody but its owner may read.
    ///
    /// # Errors
    ///
    /// [`io::ErrorKind::AlreadyExists`] if there is one, or a symbolic link, and whatever else the
    /// operating system says.
    pub fn create(path: impl AsRef<Path>) -> io::Result<Self> {
        let mut options = File::options();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(path).map(|file| Self(Arc::new(file)))
    }

    /// Appends lines.
    pub(super) fn append(&self, text: &str) -> io::Result<()> {
        io::Write::write_all(&mut &*self.0, text.as_bytes())
    }
}
