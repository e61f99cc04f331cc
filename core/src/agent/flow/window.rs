//! The least or the greatest of what was measured lately, in constant memory.
//!
//! Time is cut into slices, an eighth of the span each; a measurement is forgotten with its slice,
//! after seven to eight eighths of the span.

use core::time::Duration;

use crate::time::Timestamp;

const SLICES: u64 = 8;

/// A running minimum or maximum.
pub(super) struct Window {
    /// A slice's length in milliseconds.
    slice: u64,
    better: fn(u64, u64) -> u64,
    /// The best of each slice, with the slice's number.
    best: [Option<(u64, u64)>; 8],
}

impl Window {
    /// Keeps the least of this span.
    pub(super) fn least(span: Duration) -> Self {
        Self::new(span, u64::min)
    }

    /// Keeps the greatest of this span.
    pub(super) fn greatest(span: Duration) -> Self {
        Self::new(span, u64::max)
    }

    fn new(span: Duration, better: fn(u64, u64) -> u64) -> Self {
        let millis = u64::try_from(span.as_millis()).unwrap_or(u64::MAX);
        Self {
            slice: (millis / SLICES).max(1),
            better,
            best: [None; 8],
        }
    }

    /// Takes a measurement.
    pub(super) fn push(&mut self, now: Timestamp, value: u64) {
        let number = now.as_millis() / self.slice;
        let Some(place) = usize::try_from(number % SLICES)
            .ok()
            .and_then(|index| self.best.get_mut(index))
        else {
            return;
        };
        *place = match *place {
            Some((slice, best)) if slice == number => Some((slice, (self.better)(best, value))),
            _ => Some((number, value)),
        };
    }

    /// Returns the best of the span that ends now; `None` if nothing was measured in it.
    pub(super) fn get(&self, now: Timestamp) -> Option<u64> {
        let number = now.as_millis() / self.slice;
        self.best
            .iter()
            .flatten()
            .filter(|(slice, _)| number.saturating_sub(*slice) < SLICES)
            .map(|(_, best)| *best)
            .reduce(self.better)
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use proptest::prelude::*;

    use super::*;

    fn at(millis: u64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    #[test]
    fn what_is_older_than_the_span_is_forgotten() {
        let mut least = Window::least(Duration::from_secs(8));
        assert_eq!(least.get(at(0)), None);
        least.push(at(500), 7);
        least.push(at(4_000), 9);
        assert_eq!(least.get(at(7_999)), Some(7));
        assert_eq!(least.get(at(8_500)), Some(9));
        assert_eq!(least.get(at(12_001)), None);
    }

    proptest! {
        #[test]
        fn it_is_the_best_of_all_recent_ones_and_of_no_older_ones(
            steps in proptest::collection::vec((0_u64..3_000, 0_u64..100), 1..60),
        ) {
            let span = 10_000;
            let mut greatest = Window::greatest(Duration::from_millis(span));
            let mut all: Vec<(u64, u64)> = Vec::new();
            let mut now = 0;
            for (pause, value) in steps {
                now += pause;
                greatest.push(at(now), value);
                all.push((now, value));
                let of = |span: u64| {
                    all.iter()
                        .filter(|(then, _)| now - then < span)
                        .map(|(_, value)| *value)
                        .max()
                };
                let kept = greatest.get(at(now));
                prop_assert!(kept >= of(span * 7 / 8));
                prop_assert!(kept <= of(span));
            }
        }
    }
}
