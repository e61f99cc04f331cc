//! When the viewer dials again after its socket is gone, and when it never does (§7).
//!
//! ```text
//! lost, 1012, 1000 ──250 ms … 8 s──▶ again        4408 ──▶ never by itself
//! 4409 ────────────── 5 s or more──▶ again        4401, 4404, 4410, 4426 ──▶ never
//! 4403, busy ──3 s, for 60 s in all─▶ again, then never
//! 4400 ──as lost, 3 times in 30 s──▶ again, then never: damaged or tampered with
//! ```

use alloc::collections::VecDeque;
use core::time::Duration;

use super::io::Ended;
use crate::{time::Timestamp, wire::v2::CloseReason};

const FIRST_RETRY: Duration = Duration::from_millis(250);
const LAST_RETRY: Duration = Duration::from_secs(8);

/// How long a viewer that said too much stays away.
const COOL_DOWN: Duration = Duration::from_secs(5);

/// How often a challenger asks, and for how long.
const CHALLENGE_EVERY: Duration = Duration::from_secs(3);
const CHALLENGE_FOR: Duration = Duration::from_secs(60);

/// How many connections may be damaged in how long, and be dialled again.
const MAX_DAMAGES: usize = 3;
const DAMAGES_WITHIN: Duration = Duration::from_secs(30);

/// What follows the end of a socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    Dial(Timestamp),
    Never(Ended),
}

/// What is remembered from one socket to the next.
#[derive(Default)]
pub(super) struct Dialler {
    failures: u32,
    damages: VecDeque<Timestamp>,
    /// Since when somebody else is in the way.
    challenge: Option<Timestamp>,
}

impl Dialler {
    /// Decides after a socket that the other end closed, or that is lost. `jitter` is random.
    pub(super) fn after(&mut self, now: Timestamp, code: Option<u16>, jitter: u8) -> Next {
        match code {
            Some(4400) => self.damaged(now, jitter),
            Some(code @ (4401 | 4404 | 4410 | 4426)) => Next::Never(Ended::Refused(code)),
            Some(4403) => match self.busy(now) {
                Some(at) => Next::Dial(at),
                None => Next::Never(Ended::Busy),
            },
            Some(4408) => Next::Never(Ended::Closed(CloseReason::TakenOver)),
            Some(4409) => Next::Dial(now + self.backoff(jitter).max(COOL_DOWN)),
            Some(_) | None => Next::Dial(now + self.backoff(jitter)),
        }
    }

    /// Decides after a connection that was damaged or tampered with.
    pub(super) fn damaged(&mut self, now: Timestamp, jitter: u8) -> Next {
        self.damages.retain(|at| now.since(*at) < DAMAGES_WITHIN);
        if self.damages.len() >= MAX_DAMAGES {
            return Next::Never(Ended::Tampered);
        }
        self.damages.push_back(now);
        Next::Dial(now + self.backoff(jitter))
    }

    /// Notes that somebody else has control, and returns when to ask again: at all only for a while.
    pub(super) fn busy(&mut self, now: Timestamp) -> Option<Timestamp> {
        let at = now + CHALLENGE_EVERY;
        (at <= self.challenge_ends(now)).then_some(at)
    }

    /// Tells whether somebody else is in the way already.
    pub(super) const fn is_challenging(&self) -> bool {
        self.challenge.is_some()
    }

    /// Returns until when it asks.
    pub(super) fn challenge_ends(&mut self, now: Timestamp) -> Timestamp {
        *self.challenge.get_or_insert(now) + CHALLENGE_FOR
    }

    /// Notes that this viewer has control.
    pub(super) fn succeeded(&mut self) {
        self.failures = 0;
        self.challenge = None;
    }

    fn backoff(&mut self, jitter: u8) -> Duration {
        let factor = 1_u32 << self.failures.min(8);
        self.failures = self.failures.saturating_add(1);
        let longest = (FIRST_RETRY * factor).min(LAST_RETRY);
        longest * 3 / 4 + longest / 4 * u32::from(jitter) / 255
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::*;

    fn at(millis: u64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    #[test]
    fn a_lost_socket_is_dialled_again_ever_later_up_to_eight_seconds() {
        let mut dialler = Dialler::default();
        let mut delay = || match dialler.after(at(0), None, 255) {
            Next::Dial(at) => at.as_millis(),
            Next::Never(_) => panic!("dials again"),
        };
        let delays: Vec<_> = (0..8).map(|_| delay()).collect();
        assert_eq!(
            delays,
            [249, 499, 999, 1_999, 3_999, 7_999, 7_999, 7_999].map(|d| d + 1)
        );
    }

    #[test]
    fn a_refusal_is_final() {
        for code in [4401, 4404, 4410, 4426] {
            let next = Dialler::default().after(at(0), Some(code), 0);
            assert_eq!(next, Next::Never(Ended::Refused(code)));
        }
    }

    #[test]
    fn after_4408_it_never_dials_by_itself() {
        let next = Dialler::default().after(at(0), Some(4408), 0);
        assert_eq!(next, Next::Never(Ended::Closed(CloseReason::TakenOver)));
    }

    #[test]
    fn three_damages_in_thirty_seconds_are_dialled_again_and_no_more() {
        let mut dialler = Dialler::default();
        for time in [0, 1_000, 2_000] {
            let next = dialler.after(at(time), Some(4400), 0);
            assert!(matches!(next, Next::Dial(_)));
        }
        let next = dialler.after(at(29_999), Some(4400), 0);
        assert_eq!(next, Next::Never(Ended::Tampered));
        let next = dialler.damaged(at(30_000), 0);
        assert!(matches!(next, Next::Dial(_)), "the first one is forgotten");
    }

    #[test]
    fn a_challenger_asks_every_three_seconds_for_a_minute() {
        let mut dialler = Dialler::default();
        let mut now = at(5_000);
        let mut asked = 0;
        while let Some(next) = dialler.busy(now) {
            asked += 1;
            now = next;
        }
        assert_eq!((asked, now), (20, at(65_000)));
        assert_eq!(dialler.after(now, Some(4403), 0), Next::Never(Ended::Busy));
        dialler.succeeded();
        assert!(dialler.busy(now).is_some());
    }

    #[test]
    fn who_said_too_much_stays_away_for_a_while() {
        let next = Dialler::default().after(at(0), Some(4409), 0);
        assert_eq!(next, Next::Dial(at(5_000)));
    }
}
