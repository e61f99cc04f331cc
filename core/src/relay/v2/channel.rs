//! Channels: what tells one viewer's socket from another on the agent's.
//!
//! A number is never given to a second socket before its first has been gone for [`NUMBER_RESTS`]:
//! what the agent sends meanwhile must not reach a stranger.

use alloc::collections::VecDeque;
use core::{num::NonZeroU16, time::Duration};

use super::pace::{Pace, Rate};
use crate::{relay::Close, time::Timestamp};

/// How long a number stays unused after its socket went.
pub const NUMBER_RESTS: Duration = Duration::from_secs(30);

/// How long a socket that is to be closed may take for what was sent to it before.
pub const LAST_WORDS: Duration = Duration::from_secs(5);

/// How fast one viewer may send. A human with a mouse comes to some 100 a second.
const MESSAGES: Rate = Rate {
    burst: 1_000,
    every: Duration::from_millis(2),
};

/// One viewer's socket.
pub(in crate::relay) struct Channel {
    pub(in crate::relay) number: NonZeroU16,
    /// When it last said something. Whoever never did ranks behind all who did.
    heard: Option<Timestamp>,
    pace: Pace,
    /// Set once the agent wants it closed: it hears what was sent before, and nobody hears it.
    pub(in crate::relay) leaving: Option<Leaving>,
}

/// How a socket that is to be closed goes.
#[derive(Clone, Copy)]
pub(in crate::relay) struct Leaving {
    pub(in crate::relay) close: Close,
    pub(in crate::relay) until: Timestamp,
}

impl Channel {
    pub(super) fn new(number: NonZeroU16) -> Self {
        Self {
            number,
            heard: None,
            pace: Pace::default(),
            leaving: None,
        }
    }

    /// Takes note of one message, or says that it is one too many.
    pub(super) fn hears(&mut self, now: Timestamp) -> bool {
        self.heard = Some(now);
        self.pace.allows(now, MESSAGES)
    }

    /// Ranks sockets by how little would be lost with them, least first.
    pub(super) fn rank(&self) -> (bool, Option<Timestamp>) {
        (self.leaving.is_none(), self.heard)
    }
}

/// The channels' numbers: which one is next, and which ones rest.
pub(super) struct Numbers {
    next: NonZeroU16,
    /// Oldest first. Bounded because new sockets are.
    resting: VecDeque<(NonZeroU16, Timestamp)>,
}

impl Default for Numbers {
    fn default() -> Self {
        Self {
            next: NonZeroU16::MIN,
            resting: VecDeque::new(),
        }
    }
}

impl Numbers {
    /// Takes a number that nobody has and that doesn't rest; `None` if there is none.
    pub(super) fn take(
        &mut self,
        now: Timestamp,
        is_taken: impl Fn(NonZeroU16) -> bool,
    ) -> Option<NonZeroU16> {
        while self.resting.front().is_some_and(|(_, until)| *until <= now) {
            self.resting.pop_front();
        }
        (0..=u16::MAX).find_map(|_| {
            let number = self.next;
            self.next = number.checked_add(1).unwrap_or(NonZeroU16::MIN);
            let rests = self.resting.iter().any(|(resting, _)| *resting == number);
            (!rests && !is_taken(number)).then_some(number)
        })
    }

    #[cfg(test)]
    pub(super) fn start_over(&mut self) {
        self.next = NonZeroU16::MIN;
    }

    /// Lets a number rest.
    pub(super) fn give_back(&mut self, now: Timestamp, number: NonZeroU16) {
        self.resting.push_back((number, now + NUMBER_RESTS));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: u64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    fn number(number: u16) -> NonZeroU16 {
        NonZeroU16::new(number).expect("not zero")
    }

    #[test]
    fn numbers_start_at_one_and_go_round_without_zero() {
        let mut numbers = Numbers::default();
        for expected in (1..=u16::MAX).chain(1..=3) {
            assert_eq!(numbers.take(at(0), |_| false), Some(number(expected)));
        }
    }

    #[test]
    fn a_number_in_use_is_never_given_again() {
        let mut numbers = Numbers::default();
        let taken = [number(1), number(3)];
        let is_taken = |number| taken.contains(&number);
        assert_eq!(numbers.take(at(0), is_taken), Some(number(2)));
        assert_eq!(numbers.take(at(0), is_taken), Some(number(4)));
        assert_eq!(numbers.take(at(0), |_| true), None);
    }

    #[test]
    fn a_number_rests_for_30_seconds() {
        let mut numbers = Numbers::default();
        numbers.give_back(at(5), number(1));
        let others_are_taken = |other: NonZeroU16| other != number(1);
        assert_eq!(numbers.take(at(30_004), others_are_taken), None);
        assert_eq!(numbers.take(at(30_005), others_are_taken), Some(number(1)));
        assert!(numbers.resting.is_empty());
    }
}
