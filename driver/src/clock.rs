//! The one place that turns the runtime's time into the machine's and back.
//!
//! INVARIANT: reading the clock rounds down to the millisecond and turning a deadline back is
//! exact, so whoever wakes at a deadline never finds that it is still ahead (and spins).

use std::time::{Duration, Instant};

use authloop_core::time::Timestamp;

/// Counts milliseconds from the moment it was made.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    epoch: Instant,
}

impl Clock {
    /// Starts counting: `epoch` is [`Timestamp::default`].
    pub(crate) fn starting(epoch: Instant) -> Self {
        Self { epoch }
    }

    /// Returns the timestamp of `instant`, rounded down.
    pub(crate) fn timestamp(self, instant: Instant) -> Timestamp {
        Timestamp::default() + instant.saturating_duration_since(self.epoch)
    }

    /// Returns the instant of `timestamp`, or one a year ahead if it lies beyond what the platform
    /// can express: waking early is harmless.
    pub(crate) fn instant(self, timestamp: Timestamp) -> Instant {
        const YEAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);
        self.epoch
            .checked_add(timestamp.since(Timestamp::default()))
            .unwrap_or_else(|| self.epoch + YEAR)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deadline_has_come_exactly_when_the_clock_says_so() {
        let clock = Clock::starting(Instant::now());
        let deadline = Timestamp::from_millis(250);
        let at = clock.instant(deadline);
        assert_eq!(clock.timestamp(at), deadline);
        assert!(clock.timestamp(at - Duration::from_nanos(1)) < deadline);
    }

    #[test]
    fn the_end_of_time_is_a_deadline_like_any_other() {
        let clock = Clock::starting(Instant::now());
        assert!(clock.instant(Timestamp::from_millis(u64::MAX)) > clock.epoch);
    }

    #[test]
    fn time_before_the_start_counts_as_the_start() {
        let now = Instant::now();
        let clock = Clock::starting(now + Duration::from_secs(1));
        assert_eq!(clock.timestamp(now), Timestamp::default());
    }
}
