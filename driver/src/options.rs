//! What a driver is started with, beside the machine's own configuration.

use std::path::PathBuf;

use futures_rustls::pki_types::CertificateDer;

use crate::trace::TraceFile;

/// What a driver is started with, beside the machine's own configuration.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Options {
    /// Root certificates that are trusted beside the system's: an embedded relay's own, for one.
    pub extra_roots: Vec<CertificateDer<'static>>,
    /// Where the hand-off is written down for a bug report; nowhere if absent. See [`TraceFile`].
    pub trace: Option<TraceFile>,
    /// Where what a human gives the page is kept until the hand-off ends; the system's folder for
    /// temporary files if absent. A browser that can read it gives its page the files themselves.
    pub files: Option<PathBuf>,
}

impl Options {
    /// Trusts these certificates, beside the system's roots.
    pub fn with_extra_roots(mut self, roots: Vec<CertificateDer<'static>>) -> Self {
        self.extra_roots = roots;
        self
    }

    /// Keeps what a human gives the page in a folder of its own in this one.
    pub fn with_files_in(mut self, folder: impl Into<PathBuf>) -> Self {
        self.files = Some(folder.into());
        self
    }

    /// Writes the hand-off down in this file.
    pub fn with_trace(mut self, trace: TraceFile) -> Self {
        self.trace = Some(trace);
        self
    }
}
