//! What waits to be sent: sealed handshakes, and what is sealed when it goes out (§5).
//!
//! Sealing late means that what is thrown away leaves no gap. Everything is bounded: answers and
//! acknowledgements keep only the newest, the rest has limits in entries and bytes.

use alloc::{collections::VecDeque, vec::Vec};

use zeroize::Zeroizing;

use super::say::Saying;

const MAX_ENTRIES: usize = 256;
const MAX_BYTES: usize = 256 * 1_024;

/// What is sealed next.
pub(super) enum Draft {
    Control(Vec<u8>),
    Ack,
    Input(Zeroizing<Vec<u8>>),
}

/// What waits for one socket. No `Debug`: it holds what the human types.
#[derive(Default)]
pub(super) struct Outbox {
    /// A handshake's record, and after it READY or CLOSE: sealed already.
    sealed: [Option<Vec<u8>>; 3],
    /// The agent's clock that a heartbeat's answer gives back.
    heartbeat: Option<u32>,
    ack: bool,
    waiting: VecDeque<Draft>,
    bytes: usize,
}

impl Outbox {
    /// Replaces an unsent HELLO1.
    pub(super) fn hello(&mut self, record: Vec<u8>) {
        self.put(0, record);
    }

    /// Begins a new epoch with its READY. What waited was meant for another; returns how many input
    /// events were among it.
    pub(super) fn ready(&mut self, record: Vec<u8>) -> u64 {
        let dropped = self.clear();
        self.put(1, record);
        dropped
    }

    /// Takes a READY out that wasn't sent.
    pub(super) fn take_ready(&mut self) -> Option<Vec<u8>> {
        self.sealed.get_mut(1).and_then(Option::take)
    }

    /// Puts the last record of an epoch in, behind its READY if that wasn't sent.
    pub(super) fn leave(&mut self, ready: Option<Vec<u8>>, left: Vec<u8>) {
        self.sealed = [None, ready, Some(left)];
    }

    pub(super) fn heartbeat(&mut self, clock: u32) {
        self.heartbeat = Some(clock);
    }

    pub(super) fn ack(&mut self) {
        self.ack = true;
    }

    /// Puts a control message behind what waits; `false` if there is no room.
    pub(super) fn say(&mut self, saying: &Saying) -> bool {
        let json = saying.to_json();
        self.push(json.len(), Draft::Control(json))
    }

    /// Puts an input event behind what waits; `false` if there is no room.
    pub(super) fn input(&mut self, json: Zeroizing<Vec<u8>>) -> bool {
        self.push(json.len(), Draft::Input(json))
    }

    /// Returns the next sealed record.
    pub(super) fn next_sealed(&mut self) -> Option<Vec<u8>> {
        self.sealed.iter_mut().find_map(Option::take)
    }

    /// Returns the clock of the heartbeat that is answered next.
    pub(super) fn next_heartbeat(&mut self) -> Option<u32> {
        self.heartbeat.take()
    }

    /// Returns what is to be sealed next.
    pub(super) fn next_draft(&mut self) -> Option<Draft> {
        if core::mem::take(&mut self.ack) {
            return Some(Draft::Ack);
        }
        let draft = self.waiting.pop_front()?;
        self.bytes -= draft.len();
        Some(draft)
    }

    /// Forgets everything; returns how many input events were among it.
    pub(super) fn clear(&mut self) -> u64 {
        let is_input = |draft: &&Draft| matches!(draft, Draft::Input(_));
        let dropped = self.waiting.iter().filter(is_input).count();
        *self = Self::default();
        u64::try_from(dropped).unwrap_or(u64::MAX)
    }

    fn put(&mut self, place: usize, record: Vec<u8>) {
        if let Some(place) = self.sealed.get_mut(place) {
            *place = Some(record);
        }
    }

    fn push(&mut self, length: usize, draft: Draft) -> bool {
        let bytes = self.bytes + length;
        let fits = self.waiting.len() < MAX_ENTRIES && bytes <= MAX_BYTES;
        if fits {
            self.bytes = bytes;
            self.waiting.push_back(draft);
        }
        fits
    }
}

impl Draft {
    fn len(&self) -> usize {
        match self {
            Self::Control(json) => json.len(),
            Self::Ack => 0,
            Self::Input(json) => json.len(),
        }
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use super::*;

    #[test]
    fn what_waits_is_bounded_in_entries_and_bytes() {
        let mut outbox = Outbox::default();
        let entries = (0..1_000).filter(|_| outbox.say(&Saying::Ping { n: 1 }));
        assert_eq!(entries.count(), MAX_ENTRIES);
        assert_eq!(outbox.clear(), 0);
        let mut bytes = 0;
        while outbox.input(vec![0; 60_000].into()) {
            bytes += 60_000;
        }
        assert!(outbox.next_draft().is_some());
        assert!(outbox.input(vec![0; 60_000].into()));
        assert!(!outbox.input(vec![0; 60_000].into()));
        assert_eq!((bytes, outbox.clear()), (240_000, 4));
    }

    #[test]
    fn what_was_taken_out_makes_room_again() {
        let mut outbox = Outbox::default();
        for _ in 0..100 {
            assert!(outbox.input(vec![0; 60_000].into()));
            assert!(outbox.next_draft().is_some());
        }
        assert!(outbox.next_draft().is_none());
    }
}
