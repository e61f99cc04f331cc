//! From a place in the frame to the page's, and which clicks belong together.

use core::time::Duration;

use crate::{
    input::event::{Button, MAX_CLICK_COUNT, Point},
    time::Timestamp,
};

/// How soon a click has to follow another to count on.
const MULTI_CLICK_TIME: Duration = Duration::from_millis(500);

/// How near to the other it has to be, in pixels of the frame.
const MULTI_CLICK_DISTANCE: f64 = 4.0;

/// How a frame's pixels lie over the page: what its metadata says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Geometry {
    /// How far the page's top lies below the frame's, in the frame's pixels.
    pub offset_top: f64,
    /// The page's pinch zoom; anything not above 0 counts as 1.
    pub page_scale_factor: f64,
}

impl Default for Geometry {
    fn default() -> Self {
        Self {
            offset_top: 0.0,
            page_scale_factor: 1.0,
        }
    }
}

impl Geometry {
    /// Returns the place in CSS pixels of the visual viewport.
    pub(super) fn place(self, at: Point) -> Point {
        let scale = if self.page_scale_factor.is_finite() && self.page_scale_factor > 0.0 {
            self.page_scale_factor
        } else {
            1.0
        };
        let offset = if self.offset_top.is_finite() {
            self.offset_top
        } else {
            0.0
        };
        Point {
            x: at.x / scale,
            y: (at.y - offset) / scale,
        }
    }
}

/// Counts clicks that belong together, by the time and place at which they arrived.
#[derive(Default)]
pub(super) struct ClickCounter {
    last: Option<LastClick>,
}

struct LastClick {
    time: Timestamp,
    at: Point,
    button: Button,
    count: u8,
}

impl ClickCounter {
    /// Counts one click: 1, or one more than the one before if it follows it soon and nearby. A
    /// viewer that claims more is believed.
    pub(super) fn click(
        &mut self,
        now: Timestamp,
        at: Point,
        button: Button,
        claimed: Option<u8>,
    ) -> u8 {
        let counted = self
            .last
            .as_ref()
            .filter(|last| last.button == button && last.is_near(now, at))
            .map_or(1, |last| last.count.saturating_add(1));
        let count = counted.max(claimed.unwrap_or(1)).min(MAX_CLICK_COUNT);
        self.last = Some(LastClick {
            time: now,
            at,
            button,
            count,
        });
        count
    }

    /// Tells whether a double click is the echo of a pair of clicks: a page hears of it after them.
    pub(super) fn is_echo(&self, now: Timestamp, at: Point) -> bool {
        self.last
            .as_ref()
            .is_some_and(|last| last.count >= 2 && last.is_near(now, at))
    }

    /// Forgets the last click.
    pub(super) fn reset(&mut self) {
        self.last = None;
    }
}

impl LastClick {
    fn is_near(&self, now: Timestamp, at: Point) -> bool {
        let (x, y) = (at.x - self.at.x, at.y - self.at.y);
        now.since(self.time) <= MULTI_CLICK_TIME
            && x * x + y * y <= MULTI_CLICK_DISTANCE * MULTI_CLICK_DISTANCE
    }
}
