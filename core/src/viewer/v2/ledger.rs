//! What the viewer sent in one epoch, and how much of it the agent said it accepted (§6).
//!
//! It tells since when something is unheard of, and how many input events never arrived. `got` may
//! neither go back nor exceed what was sent.

use alloc::collections::VecDeque;

use crate::{crypto::v2::Fatal, time::Timestamp, wire::v2::Malformed};

/// How many records may be unheard of before no more input is taken.
const MAX_UNHEARD: usize = 1_024;

/// The records of one epoch.
#[derive(Default)]
pub(super) struct Ledger {
    sent: u64,
    got: u64,
    unheard: VecDeque<Entry>,
}

struct Entry {
    counter: u64,
    at: Timestamp,
    input: bool,
}

impl Ledger {
    /// Tells whether another input event may be sent.
    pub(super) fn has_room(&self) -> bool {
        self.unheard.len() < MAX_UNHEARD
    }

    /// Notes that the next record was sent.
    pub(super) fn sent(&mut self, now: Timestamp, input: bool) {
        // Without room only records that aren't counted as lost go uncounted.
        if self.has_room() {
            self.unheard.push_back(Entry {
                counter: self.sent,
                at: now,
                input,
            });
        }
        self.sent += 1;
    }

    /// Notes how many records the agent accepted.
    pub(super) fn heard(&mut self, got: u64) -> Result<(), Fatal> {
        self.check(got)?;
        self.got = got;
        while self
            .unheard
            .front()
            .is_some_and(|first| first.counter < got)
        {
            self.unheard.pop_front();
        }
        Ok(())
    }

    /// Checks a number of accepted records, and returns how many input events are not among them.
    pub(super) fn check(&self, got: u64) -> Result<u64, Fatal> {
        if got < self.got || got > self.sent {
            return Err(Malformed::Body.into());
        }
        let lost = |entry: &&Entry| entry.input && entry.counter >= got;
        let lost = self.unheard.iter().filter(lost).count();
        Ok(u64::try_from(lost).unwrap_or(u64::MAX))
    }

    /// Returns how many input events weren't heard of.
    pub(super) fn inputs(&self) -> u64 {
        self.check(self.got).unwrap_or_default()
    }

    /// Returns when the oldest record that wasn't heard of was sent.
    pub(super) fn unheard_since(&self) -> Option<Timestamp> {
        self.unheard.front().map(|entry| entry.at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: u64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    #[test]
    fn what_was_heard_of_is_settled_in_order() {
        let mut ledger = Ledger::default();
        for (time, input) in [(1, false), (2, true), (3, true), (4, false)] {
            ledger.sent(at(time), input);
        }
        assert_eq!((ledger.unheard_since(), ledger.inputs()), (Some(at(1)), 2));
        assert_eq!(ledger.heard(2), Ok(()));
        assert_eq!(ledger.unheard_since(), Some(at(3)));
        assert_eq!((ledger.inputs(), ledger.check(3)), (1, Ok(0)));
        assert_eq!(ledger.heard(4), Ok(()));
        assert_eq!((ledger.unheard_since(), ledger.inputs()), (None, 0));
    }

    #[test]
    fn got_never_decreases_and_never_exceeds_what_was_sent() {
        let mut ledger = Ledger::default();
        ledger.sent(at(1), true);
        ledger.sent(at(1), true);
        assert_eq!(ledger.heard(1), Ok(()));
        assert_eq!(ledger.heard(0), Err(Malformed::Body.into()));
        assert_eq!(ledger.heard(3), Err(Malformed::Body.into()));
        assert_eq!(ledger.heard(2), Ok(()));
    }

    #[test]
    fn it_holds_a_bounded_number_of_records() {
        let mut ledger = Ledger::default();
        for _ in 0..5_000 {
            ledger.sent(at(1), false);
        }
        assert!(!ledger.has_room());
        assert_eq!(ledger.unheard.len(), MAX_UNHEARD);
        assert_eq!(ledger.heard(5_000), Ok(()));
        assert!(ledger.has_room());
    }
}
