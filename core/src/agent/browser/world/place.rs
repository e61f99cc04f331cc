//! Where things are: from a frame's own CSS pixels to those of the picture.

use serde::Deserialize;

/// How far from the picture's corner anything may be, in CSS pixels.
const MAX_PLACE: f64 = 100_000.0;

/// A frame within, and where its content begins in the frame around it.
#[derive(Clone, Copy, Deserialize)]
pub(super) struct FrameAt {
    /// Changes with the frame.
    pub(super) serial: u32,
    x: f64,
    y: f64,
}

/// How a page's viewport lies in the picture.
#[derive(Clone, Copy, Deserialize)]
pub(super) struct View {
    x: f64,
    y: f64,
    scale: f64,
}

/// Where a frame's CSS pixels are in the picture.
#[derive(Clone, Copy)]
pub(super) struct Place {
    x: f64,
    y: f64,
    scale: f64,
}

impl Place {
    /// That of a page of which nothing is known.
    pub(super) const PLAIN: Self = Self {
        x: 0.0,
        y: 0.0,
        scale: 1.0,
    };

    /// That of a page's own frame.
    pub(super) const fn of(view: View) -> Self {
        Self {
            x: -view.x,
            y: -view.y,
            scale: view.scale,
        }
    }

    /// That of a frame within.
    pub(super) fn within(self, frame: FrameAt) -> Self {
        Self {
            x: self.x + frame.x,
            y: self.y + frame.y,
            ..self
        }
    }

    pub(super) fn point(self, x: f64, y: f64) -> (i32, i32) {
        self.size(x + self.x, y + self.y)
    }

    pub(super) fn size(self, width: f64, height: f64) -> (i32, i32) {
        (whole(width * self.scale), whole(height * self.scale))
    }
}

#[expect(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    reason = "there is no other conversion; what is out of range is clamped before"
)]
const fn whole(number: f64) -> i32 {
    number.clamp(-MAX_PLACE, MAX_PLACE) as i32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_the_pictures() {
        let view = View {
            x: 10.0,
            y: 20.0,
            scale: 2.0,
        };
        let frame = FrameAt {
            serial: 1,
            x: 100.0,
            y: 50.0,
        };
        let place = Place::of(view).within(frame);
        assert_eq!(place.point(1.0, 2.0), (182, 64));
        assert_eq!(place.point(f64::MAX, -f64::MAX), (100_000, -100_000));
    }
}
