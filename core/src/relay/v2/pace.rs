//! How often something may happen: a pure counter of arrivals, no timers.

use core::time::Duration;

use crate::time::Timestamp;

/// How often something may happen.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rate {
    /// How many may come at once.
    pub(super) burst: u32,
    /// How much time gives room for one more.
    pub(super) every: Duration,
}

/// The arrivals so far, as the moment by which all of them would have come evenly spaced (GCRA: one
/// number instead of a list of times).
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Pace {
    spaced_until: Timestamp,
}

impl Pace {
    /// Counts one arrival, or says that it is one too many and counts nothing.
    pub(super) fn allows(&mut self, now: Timestamp, rate: Rate) -> bool {
        let next = self.spaced_until.max(now) + rate.every;
        if next.since(now) > rate.every.saturating_mul(rate.burst) {
            return false;
        }
        self.spaced_until = next;
        true
    }

    /// Tells whether this is as good as new: a whole burst may come.
    pub(super) fn is_rested(&self, now: Timestamp) -> bool {
        self.spaced_until <= now
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: Rate = Rate {
        burst: 3,
        every: Duration::from_secs(2),
    };

    #[test]
    fn a_burst_passes_and_then_one_at_a_time() {
        let mut pace = Pace::default();
        let mut now = Timestamp::from_millis(5);
        assert!(pace.is_rested(now));
        for _ in 0..3 {
            assert!(pace.allows(now, RATE));
        }
        for _ in 0..5 {
            assert!(!pace.allows(now, RATE));
            now = now + RATE.every;
            assert!(pace.allows(now, RATE));
        }
        assert!(!pace.is_rested(now + RATE.every));
        assert!(pace.is_rested(now + RATE.every * 3));
    }
}
