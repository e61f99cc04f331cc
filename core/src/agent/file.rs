//! A human's files on their way to the page: what the agent wants done on its own disk.
//!
//! The machine keeps no more of a file than the chunk it holds, so that nothing large lies in memory. Whoever
//! drives it keeps them where nobody else may read, and deletes all of them once the session is over, however
//! that came about.

use alloc::{string::String, vec::Vec};

use zeroize::Zeroizing;

/// Tells one file from the others of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub(crate) u32);

impl FileId {
    /// Numbers a file; each of a session's has another number.
    pub const fn new(number: u32) -> Self {
        Self(number)
    }

    /// Returns the file's number.
    pub const fn get(self) -> u32 {
        self.0
    }
}

/// Something to be done with files. [`Create`](Self::Create), [`Append`](Self::Append) and
/// [`Read`](Self::Read) are answered by [`Input::File`](super::io::Input::File), once each; all is done in
/// the order in which it was asked for.
///
/// No `Debug`: it holds names and contents.
pub enum FileOp {
    /// Make an empty file, for its owner only.
    Create {
        /// Which.
        id: FileId,
        /// Files with the same number go into the same folder.
        folder: u32,
        /// What it is called there: no path, and no other of that folder is called so.
        name: String,
    },
    /// Write behind what it holds.
    Append {
        /// Which.
        id: FileId,
        /// What.
        bytes: Zeroizing<Vec<u8>>,
    },
    /// Read a part of it.
    Read {
        /// Which.
        id: FileId,
        /// Behind so many bytes.
        from: u64,
        /// So many bytes, or as many as there are.
        most: usize,
    },
    /// Delete it.
    Remove {
        /// Which.
        id: FileId,
    },
    /// Delete all: the session is over.
    RemoveAll,
}

impl FileOp {
    /// Returns whose answer is awaited; `None` if there is none.
    pub const fn awaited(&self) -> Option<FileId> {
        match self {
            Self::Create { id, .. } | Self::Append { id, .. } | Self::Read { id, .. } => Some(*id),
            Self::Remove { .. } | Self::RemoveAll => None,
        }
    }
}

/// What came of it.
pub enum FileDone<'a> {
    /// The file is there, at this absolute path.
    Created(&'a str),
    /// The bytes are written.
    Appended,
    /// The bytes that were asked for.
    Read(&'a [u8]),
}

/// Why it didn't.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileFailure {
    /// The disk is full.
    NoRoom,
    /// There is no disk, or it failed.
    Broken,
}
