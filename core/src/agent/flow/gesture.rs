//! What belongs to an event that came before: a release to its press, a move to the button held, a
//! key's repeats to the first, a second click to the first, the end of a composition to its text.
//!
//! INVARIANT: a release whose press was delivered is delivered, however old; what belongs to a
//! dropped press is dropped with it.

use alloc::vec::Vec;

use super::{clock::ahead, freshness::Why};
use crate::input::event::{Button, InputEvent, Key, Stamped};

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
    /// The buttons that are held; at most three.
    buttons: Vec<(Button, Press)>,
    /// The fingers that are down.
    touch: Option<Touch>,
    /// The last click, or the last press of a button, was dropped.
    click: Option<Missed>,
    /// A composition was delivered whose end wasn't.
    composes: bool,
}

#[derive(Clone, Copy)]
enum Press {
    Delivered,
    Dropped(Missed),
}

/// What became of the first finger of those that are down.
#[derive(Clone, Copy)]
enum Touch {
    /// Delivered; so many are down now.
    Delivered(usize),
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
        self.buttons
            .retain(|(_, press)| matches!(press, Press::Delivered));
        self.touch = self
            .touch
            .filter(|touch| matches!(touch, Touch::Delivered(_)));
    }

    /// Tells whether this is one of the many small steps of a gesture, or on the way to one.
    pub(super) const fn is_step(&self, event: &InputEvent) -> bool {
        matches!(event, InputEvent::MouseMove { .. })
            || (matches!(event, InputEvent::Touch(_)) && self.touch.is_some())
    }

    /// Tells what an earlier event decides of this one.
    pub(super) fn bond(&self, stamped: &Stamped) -> Bond {
        let repeats = |missed: &Missed| match (missed.at, stamped.at) {
            (Some(then), Some(at)) => ahead(then, at) <= REPEAT,
            _ => false,
        };
        match &stamped.event {
            InputEvent::KeyUp(key) => self.find(key).map_or(Bond::Free, Press::bond_of_release),
            InputEvent::KeyDown(key) | InputEvent::KeyPress(key) => match self.find(key) {
                Some(Press::Dropped(missed)) if repeats(missed) => Bond::Dropped(missed.why),
                Some(Press::Delivered | Press::Dropped(_)) | None => Bond::Free,
            },
            InputEvent::DoubleClick { .. }
            | InputEvent::Click {
                click_count: Some(2..),
                ..
            }
            | InputEvent::MouseDown {
                click_count: Some(2..),
                ..
            } => match &self.click {
                Some(missed) if repeats(missed) => Bond::Dropped(missed.why),
                Some(_) | None => Bond::Free,
            },
            InputEvent::MouseUp { button, .. } => {
                (self.button(*button)).map_or(Bond::Free, Press::bond_of_release)
            }
            // One that drags what it couldn't press would do something else.
            InputEvent::MouseMove { .. } => self.missed_button().map_or(Bond::Free, Bond::Dropped),
            InputEvent::Touch(fingers) => match self.touch {
                Some(Touch::Delivered(down)) if fingers.len() < down => Bond::Delivered,
                Some(Touch::Dropped(missed)) => Bond::Dropped(missed.why),
                Some(Touch::Delivered(_)) | None => Bond::Free,
            },
            InputEvent::Commit(_) if self.composes => Bond::Delivered,
            InputEvent::Click { .. }
            | InputEvent::MouseDown { .. }
            | InputEvent::TouchCancel
            | InputEvent::Compose(_)
            | InputEvent::Commit(_)
            | InputEvent::ReleaseAll
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
        let press = missed.map_or(Press::Delivered, Press::Dropped);
        match &stamped.event {
            InputEvent::KeyUp(key) => {
                if let Some(place) = self.place(key) {
                    self.keys.remove(place);
                }
            }
            InputEvent::KeyDown(key) | InputEvent::KeyPress(key) => self.pressed(key, press),
            InputEvent::Click { .. } | InputEvent::DoubleClick { .. } => self.click = missed,
            InputEvent::MouseDown { button, .. } => {
                self.click = missed;
                self.let_go(*button);
                self.buttons.push((*button, press));
            }
            InputEvent::MouseUp { button, .. } => self.let_go(*button),
            InputEvent::Touch(fingers) => self.touched(fingers.len(), missed),
            InputEvent::TouchCancel => self.touch = None,
            InputEvent::Compose(_) => self.composes |= missed.is_none(),
            InputEvent::Commit(_) => self.composes &= missed.is_some(),
            InputEvent::ReleaseAll => *self = Self::default(),
            InputEvent::MouseMove { .. }
            | InputEvent::Scroll { .. }
            | InputEvent::Paste(_)
            | InputEvent::Back
            | InputEvent::Forward
            | InputEvent::Reload
            | InputEvent::Resolved
            | InputEvent::Cancelled => {}
        }
    }

    /// Remembers fingers; those of a gesture that was delivered may be missed in between.
    fn touched(&mut self, fingers: usize, missed: Option<Missed>) {
        self.touch = match (self.touch, missed) {
            _ if fingers == 0 => None,
            (None, Some(missed)) => Some(Touch::Dropped(missed)),
            (known, Some(_)) => known,
            (_, None) => Some(Touch::Delivered(fingers)),
        };
    }

    fn let_go(&mut self, button: Button) {
        self.buttons.retain(|(held, _)| *held != button);
    }

    fn button(&self, button: Button) -> Option<&Press> {
        let (_, press) = self.buttons.iter().find(|(held, _)| *held == button)?;
        Some(press)
    }

    /// Tells why a button was dropped that is held.
    fn missed_button(&self) -> Option<Why> {
        self.buttons.iter().find_map(|(_, press)| match press {
            Press::Delivered => None,
            Press::Dropped(missed) => Some(missed.why),
        })
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

impl Press {
    /// What becomes of the release.
    const fn bond_of_release(&self) -> Bond {
        match self {
            Self::Delivered => Bond::Delivered,
            Self::Dropped(missed) => Bond::Dropped(missed.why),
        }
    }
}
