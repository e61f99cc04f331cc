//! How long the way to the viewer and back takes when nothing of ours is in it.
//!
//! A heartbeat that goes behind a picture measures the picture. Credit that believed it would send
//! more, and the next one would measure that: so credit believes quiet samples only.

use core::time::Duration;

use super::window::Window;
use crate::time::Timestamp;

/// How long credit believes a sample.
const CREDIT_SPAN: Duration = Duration::from_secs(10);

/// How long the ages of input do.
const AGE_SPAN: Duration = Duration::from_secs(30);

/// When the pictures have to pause for a quiet sample: before the last one is too old.
const QUIET_BEFORE: Duration = Duration::from_secs(7);

/// When a quiet sample is worth a heartbeat of its own, if the pictures happen to pause.
const QUIET_WELCOME: Duration = Duration::from_secs(2);

/// The round trip's measurements of one epoch.
pub(super) struct Rtt {
    quiet: Window,
    any: Window,
    /// When a heartbeat last set out with nothing under way.
    set_out: Option<Timestamp>,
}

impl Rtt {
    pub(super) fn new() -> Self {
        Self {
            quiet: Window::least(CREDIT_SPAN),
            any: Window::least(AGE_SPAN),
            set_out: None,
        }
    }

    /// Takes a sample; `quiet` if no picture was under way when it set out.
    pub(super) fn measured(&mut self, now: Timestamp, rtt: Duration, quiet: bool) {
        let millis = u64::try_from(rtt.as_millis()).unwrap_or(u64::MAX);
        self.any.push(now, millis);
        if quiet {
            self.quiet.push(now, millis);
        }
    }

    /// A heartbeat sets out with nothing under way: it will bring a quiet sample.
    pub(super) fn set_out(&mut self, now: Timestamp) {
        self.set_out = Some(now);
    }

    /// Returns the least of 10 s, of quiet samples: for credit.
    pub(super) fn for_credit(&self, now: Timestamp) -> Option<Duration> {
        self.quiet.get(now).map(Duration::from_millis)
    }

    /// Returns the least of 30 s, nothing if there was none: for ages.
    pub(super) fn for_ages(&self, now: Timestamp) -> Duration {
        self.any
            .get(now)
            .map_or(Duration::ZERO, Duration::from_millis)
    }

    /// Tells whether a moment without pictures is worth a heartbeat.
    pub(super) fn welcomes_quiet(&self, now: Timestamp) -> bool {
        self.is_old(now, QUIET_WELCOME)
    }

    /// Tells whether the pictures should pause until one can set out.
    pub(super) fn needs_quiet(&self, now: Timestamp) -> bool {
        self.is_old(now, QUIET_BEFORE)
    }

    fn is_old(&self, now: Timestamp, age: Duration) -> bool {
        self.set_out.is_none_or(|last| now.since(last) >= age)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_quiet_samples_give_credit_and_all_count_for_ages() {
        let at = Timestamp::from_millis;
        let millis = Duration::from_millis;
        let mut rtt = Rtt::new();
        assert_eq!(rtt.for_credit(at(0)), None);
        assert_eq!(rtt.for_ages(at(0)), Duration::ZERO);
        rtt.measured(at(0), millis(900), false);
        assert_eq!(rtt.for_credit(at(0)), None);
        assert_eq!(rtt.for_ages(at(0)), millis(900));
        rtt.measured(at(0), millis(100), true);
        rtt.measured(at(1_000), millis(300), true);
        assert_eq!(rtt.for_credit(at(1_000)), Some(millis(100)));
        assert_eq!(rtt.for_credit(at(11_250)), None);
        assert_eq!(rtt.for_ages(at(26_000)), millis(100));
        assert_eq!(rtt.for_ages(at(31_000)), Duration::ZERO);
    }

    #[test]
    fn a_quiet_sample_is_taken_when_it_costs_nothing_and_before_the_last_is_too_old() {
        let at = Timestamp::from_millis;
        let mut rtt = Rtt::new();
        assert!(rtt.needs_quiet(at(0)));
        rtt.set_out(at(0));
        assert!(!rtt.welcomes_quiet(at(1_999)) && rtt.welcomes_quiet(at(2_000)));
        assert!(!rtt.needs_quiet(at(6_999)) && rtt.needs_quiet(at(7_000)));
    }
}
