//! The ladder of picture qualities: what moves is shown as well as the link can follow, what stands
//! still is shown sharp.
//!
//! ```text
//!        slow picture, loss, stale clicks
//! step 0 ───────────────▶ step 1 ───────────────▶ step 2       for motion
//!        ◀─────────────── fast for a while ◀────
//! step n ──nothing moves, link idle──▶ still: the best step the link carries in time
//!        ◀──motion, input, navigation──
//! ```
//!
//! Another quality means another cast. It must not swing: going down is quick, each climb that
//! fails makes the next one later. A link nobody knows gets the smallest pictures first: it soon tells
//! how large they may be, where a large one could keep it busy for many seconds.

use core::time::Duration;

use crate::{cdp::frame::Quality, time::Timestamp};

struct Step {
    quality: Quality,
    /// A picture's bytes, in percent of those of step 0 (measured on dense text).
    weight: u32,
}

/// The steps, the best first. More may follow.
const STEPS: [Step; 3] = [
    Step {
        quality: Quality::NORMAL,
        weight: 100,
    },
    Step {
        quality: Quality {
            jpeg: 50,
            scale: 75,
        },
        weight: 41,
    },
    Step {
        quality: Quality {
            jpeg: 40,
            scale: 50,
        },
        weight: 16,
    },
];

/// The step of the smallest pictures.
const SMALLEST: usize = STEPS.len() - 1;

/// A picture that takes longer is too large for the link.
const TOO_SLOW: Duration = Duration::from_secs(1);

/// One that takes longer is far too large.
const FAR_TOO_SLOW: Duration = Duration::from_secs(2);

/// How fast the next better step's pictures have to be, as far as can be told from this step's.
const FAST: Duration = Duration::from_millis(600);

/// How long they have to be that fast before it is climbed.
const CLIMB_AFTER: Duration = Duration::from_secs(5);

/// The longest that becomes after climbs that failed.
const LONGEST_CLIMB_AFTER: Duration = Duration::from_secs(80);

/// A climb that is undone within this time has failed.
const CLIMB_PROVEN: Duration = Duration::from_secs(20);

/// How long nothing may have moved. A caret blinks every 500 ms.
const STILL: Duration = Duration::from_millis(450);

/// Frames that follow each other faster than this are motion.
const MOTION: Duration = Duration::from_millis(150);

/// How long a sharp picture may take: clicks on the one before must not be too old meanwhile.
const STILL_IN_TIME: Duration = Duration::from_secs(2);

/// How long after the end of a still cast the next one may start.
const STILL_AGAIN: Duration = Duration::from_secs(2);

/// How many stale drops within [`STALE_SPAN`] show that the picture is too slow.
const STALE_DROPS: u32 = 2;
const STALE_SPAN: Duration = Duration::from_secs(10);

/// Which quality the cast should have.
pub(super) struct Ladder {
    /// The step at which motion is shown.
    step: usize,
    /// The step of the cast: better than `step` while the page is still.
    cast: usize,
    /// The step last ordered.
    ordered: usize,
    /// Which frames are of this cast.
    own: Own,
    /// How long this cast's newest picture took.
    took: Option<Duration>,
    /// Nothing is known of the link yet.
    probing: bool,
    last_frame: Option<Timestamp>,
    /// Since when the next better step would be fast enough.
    fast_since: Option<Timestamp>,
    climb_after: Duration,
    climbed: Option<Timestamp>,
    still_from: Timestamp,
    /// While the page is still: until when the link rests, so that input is seen soon.
    rest_until: Timestamp,
    stale: (u32, Timestamp),
}

/// Which frames are of the present cast: those from Chromium after it started.
enum Own {
    /// None yet.
    Awaited,
    /// The next that is sealed.
    Arrived,
    /// Those from this counter on.
    From(u64),
}

impl Ladder {
    pub(super) fn new() -> Self {
        Self {
            step: SMALLEST,
            cast: SMALLEST,
            ordered: SMALLEST,
            own: Own::Arrived,
            took: None,
            probing: true,
            last_frame: None,
            fast_since: None,
            climb_after: CLIMB_AFTER,
            climbed: None,
            still_from: Timestamp::default(),
            rest_until: Timestamp::default(),
            stale: (0, Timestamp::default()),
        }
    }

    /// The frames' counters start anew. What was learned of the link holds until it proves wrong.
    pub(super) fn on_epoch(&mut self) {
        if matches!(self.own, Own::From(_)) {
            self.own = Own::Arrived;
        }
        self.rest_until = Timestamp::default();
    }

    /// Chromium sent a frame.
    pub(super) fn on_frame(&mut self, now: Timestamp) {
        let pause = self.last_frame.map(|last| now.since(last));
        self.last_frame = Some(now);
        if matches!(self.own, Own::Awaited) {
            // The cast's first frame tells nothing of motion.
            self.own = Own::Arrived;
        } else if pause.is_some_and(|pause| pause < MOTION) {
            self.on_motion(now);
        }
    }

    /// The page moves, or is about to: the human did something, or it navigated.
    pub(super) fn on_motion(&mut self, now: Timestamp) {
        if self.is_still() {
            self.still_from = now + STILL_AGAIN;
            self.go(self.step);
        }
    }

    /// A frame was sealed.
    pub(super) fn on_sealed(&mut self, counter: u64) {
        if matches!(self.own, Own::Arrived) {
            self.own = Own::From(counter);
        }
    }

    /// A frame arrived at the viewer, and kept the link busy for this long.
    pub(super) fn on_transfer(&mut self, now: Timestamp, counter: u64, took: Duration) {
        if !matches!(self.own, Own::From(first) if counter >= first) {
            return;
        }
        self.took = Some(took);
        if core::mem::take(&mut self.probing) {
            self.leap();
        } else if self.is_still() {
            self.rest_until = now + took;
            if took <= FAST {
                // The link carries it: no need to go back.
                self.step = self.cast;
            }
        } else if took > FAR_TOO_SLOW {
            self.descend(now, 2);
        } else if took > TOO_SLOW {
            self.descend(now, 1);
        } else {
            self.consider_climb(now);
        }
    }

    /// Frames were lost.
    pub(super) fn on_lost(&mut self, now: Timestamp) {
        self.descend(now, 1);
    }

    /// The human clicked on a picture that was too old.
    pub(super) fn on_stale(&mut self, now: Timestamp) {
        let (count, since) = self.stale;
        self.stale = if count > 0 && now.since(since) < STALE_SPAN {
            (count + 1, since)
        } else {
            (1, now)
        };
        if self.stale.0 >= STALE_DROPS {
            self.stale.0 = 0;
            self.descend(now, 1);
        }
    }

    /// Returns the quality of a cast to start instead of the running one; `idle` if no frame waits
    /// or is under way.
    pub(super) fn poll(&mut self, now: Timestamp, idle: bool) -> Option<Quality> {
        if idle
            && let Some((at, step)) = self.still_due()
            && at <= now
        {
            self.go(step);
        }
        if self.ordered == self.cast {
            return None;
        }
        self.ordered = self.cast;
        self.own = Own::Awaited;
        self.took = None;
        Some(self.quality())
    }

    /// Returns the quality the cast should have.
    pub(super) fn quality(&self) -> Quality {
        STEPS
            .get(self.cast)
            .map_or(Quality::NORMAL, |step| step.quality)
    }

    /// Tells whether the link needn't rest.
    pub(super) fn allows(&self, now: Timestamp) -> bool {
        !self.is_still() || now >= self.rest_until
    }

    /// Returns when [`Self::poll`] or [`Self::allows`] may answer otherwise.
    pub(super) fn deadline(&self, now: Timestamp, idle: bool) -> Option<Timestamp> {
        let still = self.still_due().map(|(at, _)| at).filter(|_| idle);
        let rested = Some(self.rest_until).filter(|at| self.is_still() && *at > now);
        still.into_iter().chain(rested).min()
    }

    fn is_still(&self) -> bool {
        self.cast < self.step
    }

    /// Returns when the page has been still for long enough, and how well it can be shown then.
    fn still_due(&self) -> Option<(Timestamp, usize)> {
        if self.step == 0 || self.cast != self.step {
            return None;
        }
        let best = (0..self.step).find(|step| {
            self.predicted(*step)
                .is_some_and(|took| took <= STILL_IN_TIME)
        })?;
        Some(((self.last_frame? + STILL).max(self.still_from), best))
    }

    /// Tells how long a picture of another step would take, after one of this step's.
    fn predicted(&self, step: usize) -> Option<Duration> {
        let (this, other) = (STEPS.get(self.cast)?, STEPS.get(step)?);
        Some(self.took? * other.weight / this.weight)
    }

    /// The first picture tells which step the link is good for.
    fn leap(&mut self) {
        let fast = |step: &usize| self.predicted(*step).is_some_and(|took| took <= FAST);
        if let Some(best) = (0..self.step).find(fast) {
            self.step = best;
            self.go(best);
        }
    }

    fn consider_climb(&mut self, now: Timestamp) {
        let Some(better) = self.step.checked_sub(1) else {
            return;
        };
        if self.predicted(better).is_none_or(|took| took > FAST) {
            self.fast_since = None;
            return;
        }
        let since = *self.fast_since.get_or_insert(now);
        if now.since(since) >= self.climb_after {
            self.climbed = Some(now);
            self.step = better;
            self.go(better);
        }
    }

    fn descend(&mut self, now: Timestamp, steps: usize) {
        let lower = self.step.saturating_add(steps).min(SMALLEST);
        if lower == self.step {
            return self.on_motion(now);
        }
        let failed = |climbed| now.since(climbed) < CLIMB_PROVEN;
        self.climb_after = if self.climbed.take().is_some_and(failed) {
            (self.climb_after * 2).min(LONGEST_CLIMB_AFTER)
        } else {
            CLIMB_AFTER
        };
        self.step = lower;
        self.go(lower);
    }

    fn go(&mut self, cast: usize) {
        self.cast = cast;
        self.fast_since = None;
        self.rest_until = Timestamp::default();
        self.stale.0 = 0;
    }
}

#[cfg(test)]
mod tests;
