//! Handshakes that were answered and wait for READY: at most two, each for 10 s, one per channel.
//!
//! To be pending gives no right: who may have control is asked again when READY comes.

use alloc::vec::Vec;
use core::time::Duration;

use super::reign::Proof;
use crate::{crypto::v2::AgentPending, time::Timestamp, wire::v2::Caps};

const LIFETIME: Duration = Duration::from_secs(10);
const MAX_PENDINGS: usize = 2;

/// An answered handshake.
pub(super) struct Pending {
    pub(super) chan: u16,
    /// The proof it brought instead of a PIN.
    pub(super) proof: Option<Proof>,
    pub(super) caps: Caps,
    pub(super) keys: AgentPending,
    until: Timestamp,
}

impl Pending {
    pub(super) fn new(
        now: Timestamp,
        chan: u16,
        proof: Option<Proof>,
        caps: Caps,
        keys: AgentPending,
    ) -> Self {
        Self {
            chan,
            proof,
            caps,
            keys,
            until: now + LIFETIME,
        }
    }
}

/// All of them, the oldest first. Wiped when dropped.
#[derive(Default)]
pub(super) struct Pendings(Vec<Pending>);

impl Pendings {
    /// Tells whether another one finds room beside those there are.
    pub(super) const fn has_room(&self) -> bool {
        self.0.len() < MAX_PENDINGS
    }

    /// Takes the oldest out if there is no room.
    pub(super) fn make_room(&mut self) -> Option<Pending> {
        (!self.has_room()).then(|| self.0.remove(0))
    }

    /// Adds one in the room that there is.
    pub(super) fn add(&mut self, pending: Pending) {
        if self.has_room() {
            self.0.push(pending);
        }
    }

    /// Returns the channel of the one with this epoch.
    pub(super) fn chan_of(&self, epoch: u32) -> Option<u16> {
        let of = |pending: &&Pending| pending.keys.epoch() == epoch;
        self.0.iter().find(of).map(|pending| pending.chan)
    }

    /// Takes a channel's out.
    pub(super) fn take(&mut self, chan: u16) -> Option<Pending> {
        let place = self.0.iter().position(|pending| pending.chan == chan)?;
        Some(self.0.remove(place))
    }

    /// Wipes those whose time has come.
    pub(super) fn expire(&mut self, now: Timestamp) {
        self.0.retain(|pending| now < pending.until);
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// Returns when the next one dies.
    pub(super) fn deadline(&self) -> Option<Timestamp> {
        self.0.iter().map(|pending| pending.until).min()
    }

    #[cfg(test)]
    pub(super) fn chans(&self) -> Vec<u16> {
        self.0.iter().map(|pending| pending.chan).collect()
    }
}
