//! The keys in use: those being confirmed, those in use, and what is known of those that are gone.
//!
//! ```text
//! HELLO2 ──▶ next ──its first record verifies──▶ in use ──newer ones, end of the socket──▶ past
//! ```
//!
//! From HELLO2 on the viewer sends with the next keys, and still reads with those in use (§9a).

use alloc::collections::VecDeque;
use core::time::Duration;

use super::{io::Secured, ledger::Ledger, screen::Screen};
use crate::{
    crypto::v2::{Accepted, Fatal, ViewerEpoch},
    wire::v2::Malformed,
};

/// How many past epochs are remembered, for what was lost.
const MAX_PAST: usize = 4;

/// One epoch's keys, and what went with them.
pub(super) struct Epoch {
    pub(super) keys: ViewerEpoch,
    pub(super) ledger: Ledger,
    pub(super) screen: Screen,
}

/// The viewer's epochs. No `Debug`; keys are wiped when dropped.
#[derive(Default)]
pub(super) struct Epochs {
    next: Option<(Epoch, Secured)>,
    used: Option<Epoch>,
    past: VecDeque<(u32, Ledger)>,
}

impl Epochs {
    /// Takes keys that were just agreed on.
    ///
    /// # Errors
    /// The agent says it accepted records that were never sent, or fewer than it said before; or an
    /// epoch that isn't newer.
    pub(super) fn agreed(&mut self, accepted: Accepted) -> Result<(), Fatal> {
        let epoch = accepted.epoch.epoch();
        if self.newest().is_some_and(|newest| epoch <= newest) {
            return Err(Malformed::Handshake.into());
        }
        let lost = match (accepted.got_epoch, accepted.got) {
            (Some(of), Some(got)) => self.lost(of, got)?,
            (Some(_), None) | (None, _) => None,
        };
        let secured = Secured {
            epoch,
            expires_in: Duration::from_millis(accepted.expires_in),
            lost,
        };
        if let Some((replaced, _)) = self.next.take() {
            self.retire(replaced);
        }
        let epoch = Epoch {
            keys: accepted.epoch,
            ledger: Ledger::default(),
            screen: Screen::default(),
        };
        self.next = Some((epoch, secured));
        Ok(())
    }

    /// Notes that a record of this epoch verified; returns what is known now if it is the first one.
    pub(super) fn verified(&mut self, epoch: u32) -> Option<Secured> {
        let (next, secured) = self.next.take_if(|(next, _)| next.keys.epoch() == epoch)?;
        self.past.clear();
        self.used = Some(next);
        Some(secured)
    }

    /// Wipes all keys, and remembers what was sent with them.
    pub(super) fn wipe(&mut self) {
        if let Some(used) = self.used.take() {
            self.retire(used);
        }
        if let Some((next, _)) = self.next.take() {
            self.retire(next);
        }
    }

    /// Returns the epoch that is sent in.
    pub(super) fn sending(&self) -> Option<&Epoch> {
        let next = self.next.as_ref().map(|(next, _)| next);
        next.or(self.used())
    }

    /// Returns the epoch that is sent in.
    pub(super) fn sending_mut(&mut self) -> Option<&mut Epoch> {
        let next = self.next.as_mut().map(|(next, _)| next);
        next.or(self.used.as_mut())
    }

    /// Returns the epoch whose picture is shown.
    pub(super) const fn used(&self) -> Option<&Epoch> {
        self.used.as_ref()
    }

    /// Returns the epoch that reads records of this number.
    pub(super) fn reading(&mut self, epoch: u32) -> Option<&mut Epoch> {
        let next = self.next.as_mut().map(|(next, _)| next);
        next.into_iter()
            .chain(self.used.as_mut())
            .find(|held| held.keys.epoch() == epoch)
    }

    fn newest(&self) -> Option<u32> {
        let held = self.sending().map(|epoch| epoch.keys.epoch());
        held.or(self.past.back().map(|(epoch, _)| *epoch))
    }

    /// Returns how many input events didn't arrive, if that epoch was ours.
    fn lost(&self, of: u32, got: u64) -> Result<Option<u64>, Fatal> {
        let past = self.past.iter().map(|(epoch, ledger)| (*epoch, ledger));
        let next = self.next.as_ref().map(|(next, _)| next);
        let held = self.used.iter().chain(next);
        let held = held.map(|epoch| (epoch.keys.epoch(), &epoch.ledger));
        let mut known = past.chain(held).skip_while(|(epoch, _)| *epoch != of);
        let Some((_, ledger)) = known.next() else {
            return Ok(None);
        };
        let first = ledger.check(got)?;
        // What was sent in later epochs came to nobody who confirmed it.
        let later = known.map(|(_, ledger)| ledger.inputs());
        Ok(Some(later.fold(first, u64::saturating_add)))
    }

    fn retire(&mut self, epoch: Epoch) {
        if self.past.len() >= MAX_PAST {
            self.past.pop_front();
        }
        self.past.push_back((epoch.keys.epoch(), epoch.ledger));
    }
}
