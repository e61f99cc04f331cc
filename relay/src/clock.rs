//! The one place that reads a clock.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use authloop_core::time::{Timestamp, WallTime};

/// Monotonic time as the machines take it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    start: Instant,
}

impl Clock {
    pub(crate) fn new() -> Self {
        Self {
            start: Instant::now(),
        }
    }

    pub(crate) fn now(self) -> Timestamp {
        Timestamp::default() + self.start.elapsed()
    }

    /// Returns the runtime's name for a moment; one too far away to be named is a day off.
    pub(crate) fn instant(self, at: Timestamp) -> tokio::time::Instant {
        let since_start = at.since(Timestamp::default());
        let instant = self
            .start
            .checked_add(since_start)
            .unwrap_or_else(|| self.start + Duration::from_secs(86_400));
        tokio::time::Instant::from_std(instant)
    }
}

/// Reads the time of day. A clock before 1970 or after 9999 reads as 1970.
pub(crate) fn wall_time() -> WallTime {
    let millis = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .ok()
        .and_then(|since| i64::try_from(since.as_millis()).ok())
        .unwrap_or(0);
    WallTime::from_unix_millis(millis).unwrap_or_else(epoch)
}

fn epoch() -> WallTime {
    WallTime::from_unix_millis(0).unwrap_or_else(|| unreachable!("1970 is a year"))
}
