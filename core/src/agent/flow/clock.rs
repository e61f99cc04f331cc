//! The agent's clock as the wire has it: milliseconds modulo 2³², of a clock that counts sleep.

use core::time::Duration;

use crate::time::Timestamp;

/// Returns what `capture_ms` and a heartbeat's `clock` say at this time.
pub(super) fn clock(now: Timestamp) -> u32 {
    // The mask leaves 32 bits.
    u32::try_from(now.as_millis() & u64::from(u32::MAX)).unwrap_or(u32::MAX)
}

/// Returns how long ago the clock said `then`; nothing if that lies ahead, as a viewer's clock that
/// runs fast has it.
pub(super) fn elapsed(now: Timestamp, then: u32) -> Duration {
    Duration::from_millis(u64::from(ahead(then, clock(now))))
}

/// Returns by how many milliseconds `later` is after `earlier`; 0 if it is before.
pub(super) fn ahead(earlier: u32, later: u32) -> u32 {
    let difference = later.wrapping_sub(earlier);
    if difference <= u32::MAX / 2 {
        difference
    } else {
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: u64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    #[test]
    fn the_clock_wraps_and_differences_do_not_notice() {
        assert_eq!(clock(at(0xFFFF_FFFF)), u32::MAX);
        assert_eq!(clock(at(0x1_0000_0005)), 5);
        let elapsed = elapsed(at(0x1_0000_0005), u32::MAX);
        assert_eq!(elapsed, Duration::from_millis(6));
    }

    #[test]
    fn a_negative_difference_is_nothing() {
        assert_eq!(elapsed(at(1_000), 1_001), Duration::ZERO);
        assert_eq!(elapsed(at(0), u32::MAX), Duration::from_millis(1));
        assert_eq!(ahead(0, 0x7FFF_FFFF), 0x7FFF_FFFF);
        assert_eq!(ahead(0, 0x8000_0000), 0);
    }
}
