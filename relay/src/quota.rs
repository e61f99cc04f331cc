//! How fast one key may create sessions: a pure counter of arrivals, no timers.

use std::time::Duration;

use authloop_core::time::Timestamp;

/// The arrivals of one key, as the moment by which all of them would have come evenly spaced
/// (GCRA: one number instead of a list of times).
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Arrivals {
    spaced_until: Timestamp,
}

impl Arrivals {
    /// Counts one arrival, or says after how many seconds to come again.
    pub(crate) fn count(&mut self, now: Timestamp, per_minute: u32) -> Result<(), u64> {
        const MINUTE: Duration = Duration::from_secs(60);
        let Some(spacing) = MINUTE.checked_div(per_minute) else {
            return Err(MINUTE.as_secs());
        };
        let next = self.spaced_until.max(now) + spacing;
        let ahead = next.since(now);
        if ahead > MINUTE {
            return Err((ahead - MINUTE).as_secs().saturating_add(1));
        }
        self.spaced_until = next;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_passes_and_what_is_over_waits() {
        let mut arrivals = Arrivals::default();
        let mut now = Timestamp::from_millis(5);
        for _ in 0..3 {
            assert_eq!(arrivals.count(now, 3), Ok(()));
        }
        let wait = arrivals.count(now, 3).expect_err("over the limit");
        assert_eq!(wait, 21);
        now = now + Duration::from_secs(wait);
        assert_eq!(arrivals.count(now, 3), Ok(()));
        assert!(arrivals.count(now, 3).is_err());
    }

    #[test]
    fn none_allowed_means_none() {
        assert_eq!(
            Arrivals::default().count(Timestamp::from_millis(5), 0),
            Err(60)
        );
    }
}
