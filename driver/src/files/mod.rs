//! The human's files on this disk: done one operation at a time, on threads that may wait for it.
//!
//! INVARIANT: what is awaited is answered exactly once. All files go with [`Files`]: at the session's end,
//! or when its future is dropped.

mod folder;
mod store;
#[cfg(test)]
mod tests;

use std::{
    collections::VecDeque,
    path::PathBuf,
    task::{Context, Poll},
};

use authloop_core::{
    agent::{
        file::{FileFailure, FileId, FileOp},
        io::Input,
    },
    time::Timestamp,
};
use blocking::Task;
use futures::FutureExt as _;

pub(crate) use self::folder::sweep;
use self::store::{Done, Store};
use crate::machine::Machine;

/// The most operations that wait. One more counts as a disk that failed.
const MAX_WAITING: usize = 256;

/// What a file's operation brought.
type Answer = (FileId, Result<Done, FileFailure>);

/// The files of one session.
pub(crate) struct Files {
    waiting: VecDeque<FileOp>,
    /// Those that found no room.
    refused: Vec<FileId>,
    disk: Disk,
}

enum Disk {
    Resting(Store),
    Working(Task<(Store, Option<Answer>)>),
    /// Between the two.
    Away,
}

impl Files {
    /// Keeps files in a folder of their own in this one, which is made once there are any.
    pub(crate) fn under(parent: PathBuf) -> Self {
        Self {
            waiting: VecDeque::new(),
            refused: Vec::new(),
            disk: Disk::Resting(Store::under(parent)),
        }
    }

    /// Does something, behind all that was asked for before.
    pub(crate) fn begin(&mut self, op: FileOp) {
        if matches!(op, FileOp::RemoveAll) {
            // Nobody waits for what is left to be done.
            self.waiting.clear();
        }
        if self.waiting.len() < MAX_WAITING {
            self.waiting.push_back(op);
        } else {
            // A file that isn't removed now is at the end.
            self.refused.extend(op.awaited());
        }
    }

    /// Moves on; returns whether anything was done.
    pub(crate) fn poll(
        &mut self,
        cx: &mut Context<'_>,
        now: Timestamp,
        machine: &mut impl Machine,
    ) -> bool {
        let mut moved = !self.refused.is_empty();
        for id in self.refused.drain(..) {
            machine.handle(now, Input::File(id, Err(FileFailure::Broken)));
        }
        loop {
            match core::mem::replace(&mut self.disk, Disk::Away) {
                Disk::Working(mut working) => match working.poll_unpin(cx) {
                    Poll::Pending => {
                        self.disk = Disk::Working(working);
                        return moved;
                    }
                    Poll::Ready((store, answer)) => {
                        (self.disk, moved) = (Disk::Resting(store), true);
                        if let Some((id, done)) = &answer {
                            let told = done.as_ref().map(Done::told);
                            machine.handle(now, Input::File(*id, told.map_err(|why| *why)));
                        }
                    }
                },
                Disk::Resting(mut store) => {
                    let Some(op) = self.waiting.pop_front() else {
                        self.disk = Disk::Resting(store);
                        return moved;
                    };
                    self.disk = Disk::Working(blocking::unblock(move || {
                        let answer = store.perform(op);
                        (store, answer)
                    }));
                }
                Disk::Away => return moved,
            }
        }
    }

    /// Whether all that was asked for is done.
    pub(crate) fn is_idle(&self) -> bool {
        self.waiting.is_empty() && matches!(self.disk, Disk::Resting(_) | Disk::Away)
    }
}
