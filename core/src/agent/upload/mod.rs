//! What a human picks for the page, on its way from the viewer to the disk: one [`Upload`] a choice.
//!
//! ```text
//! announced ──created──▶ got 0 ──chunk──▶ (writing) ──written──▶ got n ─ … ─▶ got all ──▶ the next file
//!     └── too large, no room, too many, out of order ──▶ refused: all of the choice is forgotten
//! ```
//!
//! One chunk waits for its acknowledgement, so that keys and heartbeats never wait behind a file. A choice
//! that is announced again, by its number, goes on where it stood: lines drop. Nothing here touches the page.

mod name;
mod words;

use alloc::{string::String, vec::Vec};

use serde::Serialize;
use zeroize::Zeroizing;

use self::name::{file_name, media_type, unused};
pub(super) use self::words::{Announced, Chunk, Dropped, FileDeed};
use crate::agent::{
    board::SheetId,
    context::Context,
    file::{FileDone, FileFailure, FileId, FileOp},
};

/// The largest file, in bytes.
pub(super) const MAX_FILE: u64 = 25 << 20;

/// How many bytes a session takes in all, of what reached the page or still may.
pub(super) const MAX_SESSION: u64 = 100 << 20;

/// How many files one choice may have.
pub(super) const MAX_FILES: usize = 20;

/// The largest chunk, in bytes: its record is padded to 16 KiB.
const MAX_CHUNK: usize = 12_000;

/// One choice.
pub(super) struct Upload {
    sheet: SheetId,
    /// How many files the page takes.
    most: usize,
    /// The viewer's number for what was picked, and how many files that are.
    choice: Option<(u32, usize)>,
    /// In order; all but the last are complete.
    files: Vec<Picked>,
}

/// One file. No `Debug`: the name is the human's.
pub(super) struct Picked {
    pub(super) id: FileId,
    pub(super) name: String,
    pub(super) media_type: String,
    pub(super) size: u64,
    /// Bytes written, or being written.
    got: u64,
    /// Where it lies, once it does.
    path: Option<String>,
    /// The disk is at work on it.
    is_busy: bool,
}

/// Why a choice was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Refusal {
    /// The file is larger than any may be.
    TooLarge,
    /// The session has taken all it may, or the disk is full.
    NoRoom,
    /// More files than the page takes, or any choice may have.
    TooMany,
    /// It didn't come as it was announced, or the disk failed.
    Broken,
    /// What asked for it isn't in the page any more.
    Gone,
    /// The browser runs on another computer, and what was dropped can't get there.
    Elsewhere,
}

impl Upload {
    pub(super) const fn new(sheet: SheetId, most: usize) -> Self {
        Self {
            sheet,
            most,
            choice: None,
            files: Vec::new(),
        }
    }

    /// Tells whether the page takes more than one file.
    pub(super) const fn takes_many(&self) -> bool {
        self.most > 1
    }

    pub(super) const fn sheet(&self) -> SheetId {
        self.sheet
    }

    pub(super) fn files(&self) -> &[Picked] {
        &self.files
    }

    /// Returns how many bytes it takes of the session's.
    pub(super) fn weight(&self) -> u64 {
        self.files.iter().map(|file| file.size).sum()
    }

    /// Tells whether all that was announced is there.
    pub(super) fn is_complete(&self) -> bool {
        let of = self.choice.map_or(0, |(_, of)| of);
        of > 0 && self.files.len() == of && self.files.iter().all(Picked::is_complete)
    }

    /// Returns where the files lie that are there.
    pub(super) fn paths(&self) -> Vec<String> {
        let paths = self.files.iter().filter_map(|file| file.path.clone());
        paths.collect()
    }

    /// The viewer announces the choice's next file, or one again after its line was lost. `left` is what the
    /// session has left for this choice.
    pub(super) fn announce(&mut self, cx: &mut Context, said: &Announced, left: u64) {
        if let Err(why) = self.take(cx, said, left) {
            self.refuse(cx, said.n, why);
        }
    }

    fn take(&mut self, cx: &mut Context, said: &Announced, left: u64) -> Result<(), Refusal> {
        let of = usize::from(said.of);
        if of > self.most.min(MAX_FILES) {
            return Err(Refusal::TooMany);
        }
        let choice = Some((said.choice, of));
        if self.choice != choice {
            self.discard(cx);
            self.choice = choice;
        }
        let n = usize::from(said.n);
        if let Some(file) = self.files.get(n) {
            if file.size != said.size {
                return Err(Refusal::Broken);
            }
            if !file.is_busy {
                tell_got(cx, self.sheet, said.n, file.got);
            }
            return Ok(());
        }
        let follows = n == self.files.len() && n < of;
        if !follows || !self.files.iter().all(Picked::is_complete) {
            return Err(Refusal::Broken);
        }
        if said.size > MAX_FILE {
            return Err(Refusal::TooLarge);
        }
        if self.weight().saturating_add(said.size) > left {
            return Err(Refusal::NoRoom);
        }
        let name = unused(file_name(&said.name), |name| {
            let mut names = self.files.iter().map(|file| file.name.as_str());
            names.any(|other| other.eq_ignore_ascii_case(name))
        });
        let id = cx.new_file();
        cx.file(FileOp::Create {
            id,
            folder: self.sheet.number(),
            name: name.clone(),
        });
        self.files.push(Picked {
            id,
            name,
            media_type: media_type(&said.media_type).into(),
            size: said.size,
            got: 0,
            path: None,
            is_busy: true,
        });
        Ok(())
    }

    /// The viewer sends the next bytes of the last file.
    pub(super) fn append(&mut self, cx: &mut Context, chunk: &Chunk) {
        let is_last = usize::from(chunk.n).checked_add(1) == Some(self.files.len());
        let file = self.files.last_mut().filter(|_| is_last);
        let bytes = chunk.bytes.as_ref();
        match file
            .zip(bytes)
            .and_then(|(file, bytes)| file.append(chunk.offset, bytes))
        {
            Some(op) => cx.file(op),
            None => self.refuse(cx, chunk.n, Refusal::Broken),
        }
    }

    /// The disk has done something for one of the files. Returns whether it is one of these.
    pub(super) fn on_disk(
        &mut self,
        cx: &mut Context,
        id: FileId,
        answer: &Result<FileDone<'_>, FileFailure>,
    ) -> bool {
        let Some(place) = self.files.iter().position(|file| file.id == id) else {
            return false;
        };
        let n = u16::try_from(place).unwrap_or(u16::MAX);
        let Some(file) = self.files.get_mut(place) else {
            return false;
        };
        match answer {
            Ok(FileDone::Created(path)) => file.path = Some((*path).into()),
            Ok(FileDone::Appended | FileDone::Read(_)) => {}
            Err(FileFailure::NoRoom) => {
                self.refuse(cx, n, Refusal::NoRoom);
                return true;
            }
            Err(FileFailure::Broken) => {
                self.refuse(cx, n, Refusal::Broken);
                return true;
            }
        }
        if core::mem::take(&mut file.is_busy) {
            tell_got(cx, self.sheet, n, file.got);
        }
        true
    }

    /// Tells the viewer that nothing becomes of what it picked, and forgets that.
    pub(super) fn refuse(&mut self, cx: &mut Context, n: u16, why: Refusal) {
        self.discard(cx);
        tell_refused(cx, self.sheet, n, why);
    }

    /// Forgets and deletes what was picked.
    pub(super) fn discard(&mut self, cx: &mut Context) {
        self.choice = None;
        for file in self.files.drain(..) {
            cx.file(FileOp::Remove { id: file.id });
        }
    }
}

impl Picked {
    fn is_complete(&self) -> bool {
        self.path.is_some() && !self.is_busy && self.got == self.size
    }

    /// Takes a chunk, if it is the next one.
    fn append(&mut self, offset: u64, bytes: &Zeroizing<Vec<u8>>) -> Option<FileOp> {
        let is_sized = (1..=MAX_CHUNK).contains(&bytes.len());
        let got = self.got.checked_add(u64::try_from(bytes.len()).ok()?)?;
        if !is_sized || self.is_busy || offset != self.got || got > self.size {
            return None;
        }
        (self.got, self.is_busy) = (got, true);
        Some(FileOp::Append {
            id: self.id,
            bytes: bytes.clone(),
        })
    }
}

fn tell_got(cx: &mut Context, id: SheetId, n: u16, got: u64) {
    #[derive(Serialize)]
    struct Got {
        r#type: &'static str,
        id: SheetId,
        n: u16,
        got: u64,
    }
    let r#type = "file_got";
    cx.board.tell(&Got { r#type, id, n, got });
}

/// Tells the viewer that nothing becomes of a file.
pub(super) fn tell_refused(cx: &mut Context, id: SheetId, n: u16, why: Refusal) {
    #[derive(Serialize)]
    struct Refused {
        r#type: &'static str,
        id: SheetId,
        n: u16,
        why: Refusal,
    }
    let r#type = "file_refused";
    cx.board.tell(&Refused { r#type, id, n, why });
}
