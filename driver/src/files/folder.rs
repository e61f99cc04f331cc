//! A session's own folder, for its owner only, under a name that nobody can guess; and what is left of
//! those whose process died.
//!
//! A folder that is in use is locked, and the lock goes with the process, however that ends. So what isn't
//! locked is nobody's, and is deleted at the next start.

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io,
    path::{Path, PathBuf},
    time::Duration,
};

/// What such folders' names begin with.
const PREFIX: &str = "authloop-files-";

/// The file that is locked.
const LOCK: &str = ".lock";

/// How old a folder is at least before it counts as left behind: it is locked a moment after it is made.
const SETTLED: Duration = Duration::from_secs(60);

/// A session's own folder. It is deleted when this is dropped.
pub(super) struct Folder {
    path: PathBuf,
    lock: Option<File>,
}

impl Folder {
    /// Makes one.
    pub(super) fn create(parent: &Path) -> io::Result<Self> {
        let mut random = [0; 16];
        getrandom::fill(&mut random)?;
        let name = format!("{PREFIX}{:032x}", u128::from_ne_bytes(random));
        let path = std::path::absolute(parent)?.join(name);
        own().create(&path)?;
        let mut folder = Self { path, lock: None };
        let lock = private().open(folder.path.join(LOCK))?;
        lock.try_lock()?;
        folder.lock = Some(lock);
        Ok(folder)
    }

    /// Lets go of it as a process does that dies.
    #[cfg(test)]
    pub(super) fn crash(mut self) {
        self.lock = None;
        std::mem::forget(self);
    }

    /// Returns the folder in it that has this number, and makes it if need be.
    pub(super) fn inner(&self, number: u32) -> io::Result<PathBuf> {
        let path = self.path.join(number.to_string());
        match own().create(&path) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
            Ok(()) | Err(_) => Ok(path),
        }
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // Some systems don't delete what is open.
        self.lock = None;
        let _best_effort = fs::remove_dir_all(&self.path);
    }
}

/// Deletes what sessions left behind in this folder whose process died.
pub(crate) fn sweep(parent: &Path) {
    let entries = fs::read_dir(parent).into_iter().flatten().flatten();
    for entry in entries {
        let name = entry.file_name();
        let is_ours = name.to_str().is_some_and(|name| name.starts_with(PREFIX));
        if is_ours && is_abandoned(&entry.path()).unwrap_or(false) {
            let _best_effort = fs::remove_dir_all(entry.path());
        }
    }
}

/// Tells whether a folder is one of ours that no process holds.
fn is_abandoned(folder: &Path) -> io::Result<bool> {
    let found = fs::symlink_metadata(folder)?;
    let is_settled = found.modified()?.elapsed().is_ok_and(|age| age >= SETTLED);
    if !found.is_dir() || !is_private(&found) || !is_settled {
        return Ok(false);
    }
    match File::options().write(true).open(folder.join(LOCK)) {
        Ok(lock) => Ok(lock.try_lock().is_ok()),
        Err(error) => Ok(error.kind() == io::ErrorKind::NotFound),
    }
}

/// Makes folders for their owner only.
fn own() -> DirBuilder {
    #[cfg_attr(
        not(unix),
        expect(unused_mut, reason = "a user's own folder is private there")
    )]
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
}

/// Makes new files for their owner only.
pub(super) fn private() -> OpenOptions {
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Tells whether nobody but its owner gets into a folder. Another user's can't be opened, and what can be is
/// one's own.
#[cfg(unix)]
fn is_private(folder: &fs::Metadata) -> bool {
    std::os::unix::fs::PermissionsExt::mode(&folder.permissions()) & 0o077 == 0
}

#[cfg(not(unix))]
fn is_private(_: &fs::Metadata) -> bool {
    true
}
