//! When to ping a silent socket, and when to give it up. Pure.

use std::time::Duration;

use authloop_core::time::Timestamp;

/// What is known of a socket's life.
#[derive(Clone, Copy, Debug)]
pub(super) struct Keepalive {
    ping_after: Duration,
    pong_within: Duration,
    heard: Timestamp,
    pinged: Option<Timestamp>,
}

/// What to do now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Beat {
    Wait,
    Ping,
    GiveUp,
}

impl Keepalive {
    pub(super) fn new(now: Timestamp, ping_after: Duration, pong_within: Duration) -> Self {
        Self {
            ping_after,
            pong_within,
            heard: now,
            pinged: None,
        }
    }

    /// Anything that comes is a sign of life.
    pub(super) fn heard(&mut self, now: Timestamp) {
        self.heard = now;
        self.pinged = None;
    }

    pub(super) fn pinged(&mut self, now: Timestamp) {
        self.pinged = Some(now);
    }

    pub(super) fn deadline(&self) -> Timestamp {
        match self.pinged {
            Some(at) => at + self.pong_within,
            None => self.heard + self.ping_after,
        }
    }

    pub(super) fn beat(&self, now: Timestamp) -> Beat {
        if now < self.deadline() {
            Beat::Wait
        } else if self.pinged.is_some() {
            Beat::GiveUp
        } else {
            Beat::Ping
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Timestamp {
        Timestamp::from_millis(seconds * 1_000)
    }

    #[test]
    fn silence_is_answered_by_a_ping_and_then_by_the_end() {
        let mut life = Keepalive::new(at(0), Duration::from_secs(15), Duration::from_secs(30));
        assert_eq!(life.beat(at(14)), Beat::Wait);
        assert_eq!(life.beat(at(15)), Beat::Ping);
        life.pinged(at(15));
        assert_eq!(life.beat(at(44)), Beat::Wait);
        assert_eq!(life.beat(at(45)), Beat::GiveUp);
    }

    #[test]
    fn any_message_is_a_sign_of_life() {
        let mut life = Keepalive::new(at(0), Duration::from_secs(15), Duration::from_secs(30));
        life.pinged(at(15));
        life.heard(at(44));
        assert_eq!(life.beat(at(58)), Beat::Wait);
        assert_eq!(life.beat(at(59)), Beat::Ping);
    }
}
