//! What belongs to an event that came before: a release to its press, a key's repeats to the first,
//! a second click to the first.
//!
//! INVARIANT: a release whose press was delivered is delivered, however old; what belongs to a
//! dropped press is dropped with it.

use alloc::vec::Vec;

use super::{clock::ahead, freshness::Why};
use crate::input::event::{InputEvent, Key, Stamped};

/// How many keys are remembered; of more, the oldest is forgotten.
const MAX_KEYS: usize = 64;

/// Within how many milliseconds at the viewer an event repeats the one before.
const REPEAT: u32 = 1_000;

/// The presses whose release may follow, and the last click.
///
/// No `Debug`: it holds what a human typed.
#[derive(Default)]
pub(super) struct Gestures {
    keys: Vec<(Key, Press)>,
    /// The last click was dropped.
    click: Option<Missed>,
}

enum Press {
    Delivered,
    Dropped(Missed),
}

/// A dropped press: when it was made at the viewer, and why it was dropped.
#[derive(Clone, Copy)]
struct Missed {
    at: Option<u32>,
    why: Why,
}

/// What an earlier event decides of this one.
pub(super) enum Bond {
    /// Nothing: it stands for itself.
    Free,
    /// It ends what was delivered.
    Delivered,
    /// It is part of what was dropped.
    Dropped(Why),
}

impl Gestures {
    /// Another epoch: what was dropped before has no sequel.
    pub(super) fn on_epoch(&mut self) {
        self.click = None;
        self.keys
            .retain(|(_, press)| matches!(press, Press::Delivered));
    }

    /// Tells what an earlier event decides of this one.
    pub(super) fn bond(&self, stamped: &Stamped) -> Bond {
        let repeats = |missed: &Missed| match (missed.at, stamped.at) {
            (Some(then), Some(at)) => ahead(then, at) <= REPEAT,
            _ => false,
        };
        match &stamped.event {
            InputEvent::KeyUp(key) => match self.find(key) {
                Some(Press::Delivered) => Bond::Delivered,
                Some(Press::Dropped(missed)) => Bond::Dropped(missed.why),
                None => Bond::Free,
            },
            InputEvent::KeyDown(key) | InputEvent::KeyPress(key) => match self.find(key) {
                Some(Press::Dropped(missed)) if repeats(missed) => Bond::Dropped(missed.why),
                Some(Press::Delivered | Press::Dropped(_)) | None => Bond::Free,
            },
            InputEvent::DoubleClick { .. }
            | InputEvent::Click {
                click_count: Some(2..),
                ..
            } => match &self.click {
                Some(missed) if repeats(missed) => Bond::Dropped(missed.why),
                Some(_) | None => Bond::Free,
            },
            InputEvent::Click { .. }
            | InputEvent::Scroll { .. }
            | InputEvent::Paste(_)
            | InputEvent::Back
            | InputEvent::Forward
            | InputEvent::Reload
            | InputEvent::Resolved
            | InputEvent::Cancelled => Bond::Free,
        }
    }

    /// Remembers what became of an event: dropped for a reason, or delivered.
    pub(super) fn remember(&mut self, stamped: &Stamped, dropped: Option<Why>) {
        let missed = dropped.map(|why| Missed {
            at: stamped.at,
            why,
        });
        match &stamped.event {
            InputEvent::KeyUp(key) => {
                if let Some(place) = self.place(key) {
                    self.keys.remove(place);
                }
            }
            InputEvent::KeyDown(key) | InputEvent::KeyPress(key) => {
                self.pressed(key, missed.map_or(Press::Delivered, Press::Dropped));
            }
            InputEvent::Click { .. } | InputEvent::DoubleClick { .. } => self.click = missed,
            InputEvent::Scroll { .. }
            | InputEvent::Paste(_)
            | InputEvent::Back
            | InputEvent::Forward
            | InputEvent::Reload
            | InputEvent::Resolved
            | InputEvent::Cancelled => {}
        }
    }

    fn pressed(&mut self, key: &Key, press: Press) {
        match self.place(key).and_then(|place| self.keys.get_mut(place)) {
            // A repeat that was dropped doesn't undo the press that was delivered.
            Some((_, Press::Delivered)) => {}
            Some((_, known)) => *known = press,
            None => {
                if self.keys.len() >= MAX_KEYS {
                    self.keys.remove(0);
                }
                self.keys.push((key.clone(), press));
            }
        }
    }

    fn find(&self, key: &Key) -> Option<&Press> {
        let (_, press) = self.keys.get(self.place(key)?)?;
        Some(press)
    }

    /// The physical key decides; the character may change while it is down, as with Shift.
    fn place(&self, key: &Key) -> Option<usize> {
        self.keys
            .iter()
            .position(|(held, _)| match (&held.code, &key.code) {
                (Some(held), Some(code)) => held == code,
                (Some(_) | None, Some(_) | None) => held.key.eq_ignore_ascii_case(&key.key),
            })
    }
}
