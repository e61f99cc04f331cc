//! Time as an argument: the machines never read a clock.
//!
//! [`Timestamp`] is the caller's monotonic time, [`WallTime`] is what RFC 3339 and HTTP dates speak of.

use alloc::string::{String, ToString as _};
use core::{ops::Add, time::Duration};

use jiff::fmt::rfc2822;

/// A point in the caller's monotonic time, in milliseconds.
///
/// Zero has no meaning of its own; only differences do. The clock behind it should count the time
/// a computer sleeps. Arithmetic saturates.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(u64);

impl Timestamp {
    /// Makes a timestamp from milliseconds since any fixed point.
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis)
    }

    /// Returns the milliseconds since that fixed point.
    pub const fn as_millis(self) -> u64 {
        self.0
    }

    /// Returns how long ago `earlier` was, zero if it lies ahead.
    pub const fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0))
    }
}

impl Add<Duration> for Timestamp {
    type Output = Self;

    /// Adds a duration, rounded down to milliseconds, saturating.
    fn add(self, duration: Duration) -> Self {
        Self(
            self.0
                .saturating_add(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)),
        )
    }
}

/// A date and time of day in UTC, in milliseconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct WallTime(jiff::Timestamp);

impl WallTime {
    /// Makes a wall time from milliseconds since 1970-01-01T00:00:00Z; `None` outside of years -9999 to 9999.
    pub fn from_unix_millis(millis: i64) -> Option<Self> {
        jiff::Timestamp::from_millisecond(millis).ok().map(Self)
    }

    /// Returns the milliseconds since 1970-01-01T00:00:00Z.
    pub fn as_unix_millis(self) -> i64 {
        self.0.as_millisecond()
    }

    /// Reads an RFC 3339 date and time with any offset.
    pub fn from_rfc3339(text: &str) -> Option<Self> {
        text.parse().ok().map(Self)
    }

    /// Reads the `Date` header of an HTTP answer (RFC 9110 §5.6.7, the fixed-length form).
    pub fn from_http_date(text: &str) -> Option<Self> {
        rfc2822::DateTimeParser::new()
            .parse_timestamp(text)
            .ok()
            .map(Self)
    }

    /// Writes the time as RFC 3339 in UTC with whole milliseconds.
    pub fn to_rfc3339(self) -> String {
        self.0.to_string()
    }

    /// Returns how long after `earlier` this is, zero if it lies before.
    pub fn since(self, earlier: Self) -> Duration {
        let millis = self
            .as_unix_millis()
            .saturating_sub(earlier.as_unix_millis());
        Duration::from_millis(u64::try_from(millis).unwrap_or(0))
    }
}

impl Add<Duration> for WallTime {
    type Output = Self;

    /// Adds a duration, saturating at the end of year 9999.
    fn add(self, duration: Duration) -> Self {
        Self(
            self.0
                .saturating_add(duration)
                .unwrap_or(jiff::Timestamp::MAX),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc3339_round_trips_in_utc() {
        let time = WallTime::from_rfc3339("2026-11-22T12:00:00.250+02:00").expect("valid");
        assert_eq!(time.to_rfc3339(), "2026-11-22T10:00:00.25Z");
        assert_eq!(WallTime::from_rfc3339(&time.to_rfc3339()), Some(time));
    }

    #[test]
    fn http_date_is_read() {
        let date = WallTime::from_http_date("Sun, 22 Nov 2026 10:00:00 GMT").expect("valid");
        assert_eq!(date.to_rfc3339(), "2026-11-22T10:00:00Z");
        assert_eq!(WallTime::from_http_date("yesterday"), None);
    }

    #[test]
    fn differences_never_go_below_zero() {
        let (early, late) = (Timestamp::from_millis(5), Timestamp::from_millis(9));
        assert_eq!(late.since(early), Duration::from_millis(4));
        assert_eq!(early.since(late), Duration::ZERO);
    }
}
