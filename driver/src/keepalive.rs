//! Decides when a silent connection gets a ping, and when it counts as lost.
//!
//! ```text
//!          15 s of silence: ping              30 s more
//! Heard ─────────────────────────▶ Pinged ─────────────────▶ lost
//!   ▲                                │ any sign of life
//!   └────────────────────────────────┘
//! ```
//!
//! The deadline moves only when it has come, not with each message: the driver's timer stays put.

use std::time::Duration;

use authloop_core::time::Timestamp;

/// How long a connection may be silent before it is asked.
pub(crate) const PING_AFTER: Duration = Duration::from_secs(15);

/// How long the answer may take.
pub(crate) const LOST_AFTER: Duration = Duration::from_secs(30);

/// One connection's signs of life.
#[derive(Debug)]
pub(crate) struct Keepalive {
    heard: Timestamp,
    pinged: bool,
    check: Timestamp,
}

/// What a look at the clock asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Due {
    Nothing,
    Ping,
    Lost,
}

impl Keepalive {
    /// Starts with a connection that was just made.
    pub(crate) fn new(now: Timestamp) -> Self {
        Self {
            heard: now,
            pinged: false,
            check: now + PING_AFTER,
        }
    }

    /// Notes a sign of life, or that nobody was listening for one.
    pub(crate) fn heard(&mut self, now: Timestamp) {
        self.heard = now;
        if self.pinged {
            self.pinged = false;
            self.check = now + PING_AFTER;
        }
    }

    /// Looks at the clock.
    pub(crate) fn check(&mut self, now: Timestamp) -> Due {
        if now < self.check {
            return Due::Nothing;
        }
        if self.pinged {
            return Due::Lost;
        }
        if now < self.heard + PING_AFTER {
            self.check = self.heard + PING_AFTER;
            return Due::Nothing;
        }
        self.pinged = true;
        self.check = now + LOST_AFTER;
        Due::Ping
    }

    /// Returns when to look at the clock next.
    pub(crate) fn deadline(&self) -> Timestamp {
        self.check
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Timestamp {
        Timestamp::from_millis(seconds * 1_000)
    }

    #[test]
    fn silence_brings_one_ping_and_then_the_end() {
        let mut keepalive = Keepalive::new(at(0));
        assert_eq!(keepalive.deadline(), at(15));
        assert_eq!(keepalive.check(at(14)), Due::Nothing);
        assert_eq!(keepalive.check(at(15)), Due::Ping);
        assert_eq!(keepalive.deadline(), at(45));
        assert_eq!(keepalive.check(at(44)), Due::Nothing);
        assert_eq!(keepalive.check(at(45)), Due::Lost);
    }

    #[test]
    fn an_answer_starts_over() {
        let mut keepalive = Keepalive::new(at(0));
        assert_eq!(keepalive.check(at(15)), Due::Ping);
        keepalive.heard(at(16));
        assert_eq!(keepalive.deadline(), at(31));
        assert_eq!(keepalive.check(at(31)), Due::Ping);
    }

    #[test]
    fn chatter_leaves_the_deadline_where_it_is_until_it_comes() {
        let mut keepalive = Keepalive::new(at(0));
        keepalive.heard(at(5));
        keepalive.heard(at(10));
        assert_eq!(keepalive.deadline(), at(15));
        assert_eq!(keepalive.check(at(15)), Due::Nothing);
        assert_eq!(keepalive.deadline(), at(25));
        assert_eq!(keepalive.check(at(25)), Due::Ping);
    }
}
