//! Where a session's files lie, and what is done with them. Blocks.

use std::{
    collections::HashMap,
    fs::{self, File},
    io::{self, ErrorKind, Read as _, Seek as _, SeekFrom, Write as _},
    path::PathBuf,
};

use authloop_core::agent::file::{FileDone, FileFailure, FileId, FileOp};

use super::{
    Answer,
    folder::{Folder, private},
};

/// A session's files. They are deleted when this is dropped.
pub(super) struct Store {
    parent: PathBuf,
    /// Made with the first file.
    folder: Option<Folder>,
    paths: HashMap<FileId, PathBuf>,
}

/// What was done.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Done {
    Created(String),
    Appended,
    Read(Vec<u8>),
}

impl Done {
    /// Returns it as the machine is told.
    pub(super) fn told(&self) -> FileDone<'_> {
        match self {
            Self::Created(path) => FileDone::Created(path),
            Self::Appended => FileDone::Appended,
            Self::Read(bytes) => FileDone::Read(bytes),
        }
    }
}

impl Store {
    /// Keeps files in a folder of their own in this one.
    pub(super) fn under(parent: PathBuf) -> Self {
        Self {
            parent,
            folder: None,
            paths: HashMap::new(),
        }
    }

    /// Does it; returns what came of what is awaited.
    pub(super) fn perform(&mut self, op: FileOp) -> Option<Answer> {
        let (id, done) = match op {
            FileOp::Create { id, folder, name } => (id, self.create(id, folder, &name)),
            FileOp::Append { id, bytes } => (id, self.append(id, &bytes)),
            FileOp::Read { id, from, most } => (id, self.read(id, from, most)),
            FileOp::Remove { id } => {
                // What can't be deleted now is at the end.
                let _gone = self.paths.remove(&id).map(fs::remove_file);
                return None;
            }
            FileOp::RemoveAll => {
                self.paths.clear();
                self.folder = None;
                return None;
            }
        };
        Some((id, done.map_err(|error| failure(&error))))
    }

    fn create(&mut self, id: FileId, folder: u32, name: &str) -> io::Result<Done> {
        let session = match &self.folder {
            Some(folder) => folder,
            None => self.folder.insert(Folder::create(&self.parent)?),
        };
        let folder = session.inner(folder)?;
        let path = folder.join(name);
        // A name is a name: whatever else it were, the file would lie elsewhere.
        if path.parent() != Some(&folder) || path.file_name().is_none_or(|own| own != name) {
            return Err(ErrorKind::InvalidInput.into());
        }
        private().open(&path)?;
        let told = path.to_str().ok_or(ErrorKind::InvalidInput)?.to_owned();
        self.paths.insert(id, path);
        Ok(Done::Created(told))
    }

    fn append(&self, id: FileId, bytes: &[u8]) -> io::Result<Done> {
        let mut file = File::options().append(true).open(self.path(id)?)?;
        file.write_all(bytes)?;
        Ok(Done::Appended)
    }

    fn read(&self, id: FileId, from: u64, most: usize) -> io::Result<Done> {
        let mut file = File::open(self.path(id)?)?;
        file.seek(SeekFrom::Start(from))?;
        let mut bytes = Vec::new();
        file.take(u64::try_from(most).unwrap_or(u64::MAX))
            .read_to_end(&mut bytes)?;
        Ok(Done::Read(bytes))
    }

    fn path(&self, id: FileId) -> io::Result<&PathBuf> {
        self.paths.get(&id).ok_or(ErrorKind::NotFound.into())
    }
}

pub(super) fn failure(error: &io::Error) -> FileFailure {
    let kind = error.kind();
    let is_full = kind == ErrorKind::StorageFull || kind == ErrorKind::QuotaExceeded;
    if is_full {
        FileFailure::NoRoom
    } else {
        FileFailure::Broken
    }
}
