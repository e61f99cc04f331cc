//! How often somebody may come, and speak.

use std::time::Duration;

use authloop_core::{relay::Close, time::Timestamp};

use super::Model;

/// How much was used of what may come, in milliseconds until it is forgotten.
#[derive(Clone, Copy, Default)]
pub(super) struct Budget {
    used: Duration,
    at: Timestamp,
}

impl Budget {
    /// Uses up one more; `false` if that is one too many.
    pub(super) fn affords(&mut self, now: Timestamp, each: Duration, burst: u32) -> bool {
        self.used = self.used.saturating_sub(now.since(self.at)) + each;
        self.at = now;
        let fits = self.used <= each * burst;
        if !fits {
            self.used -= each;
        }
        fits
    }
}

impl Model {
    /// Ten of one address at once and one in two seconds; 64 of all at once, and eight a second.
    pub(super) fn passes_the_door(&mut self, address: u8) -> Result<(), Close> {
        let now = self.now;
        let mut crowd = self.crowd;
        let own = self.door.entry(address).or_default();
        let mut budget = *own;
        let passes = budget.affords(now, Duration::from_secs(2), 10)
            && crowd.affords(now, Duration::from_millis(125), 64);
        if passes {
            (*own, self.crowd) = (budget, crowd);
            Ok(())
        } else {
            self.counts.too_many += 1;
            Err(Close::TooMany)
        }
    }
}
