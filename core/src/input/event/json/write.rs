//! From an event to its members.

use alloc::borrow::Cow;

use super::{Raw, RawFinger, Version};
use crate::input::event::{Finger, InputEvent, Key, Modifiers, Point};

impl<'a, V: Version> Raw<'a, V> {
    /// Returns the members an event has.
    pub(super) fn of(event: &'a InputEvent) -> Self {
        let members = match event {
            InputEvent::Click {
                at,
                button,
                click_count,
            } => Self {
                button: Some(*button),
                click_count: click_count.map(u64::from),
                ..Self::pointing(*at)
            },
            InputEvent::DoubleClick { at } => Self::pointing(*at),
            InputEvent::KeyPress(key) | InputEvent::KeyDown(key) | InputEvent::KeyUp(key) => {
                Self::of_key(key)
            }
            InputEvent::Scroll {
                at,
                delta_x,
                delta_y,
                modifiers,
            } => Self {
                delta_x: Some(*delta_x),
                delta_y: Some(*delta_y),
                ..Self::pointing(*at).holding(*modifiers)
            },
            InputEvent::MouseMove { at, modifiers } => Self::pointing(*at).holding(*modifiers),
            InputEvent::MouseDown {
                at,
                button,
                click_count,
                modifiers,
            } => Self {
                button: Some(*button),
                click_count: click_count.map(u64::from),
                ..Self::pointing(*at).holding(*modifiers)
            },
            InputEvent::MouseUp {
                at,
                button,
                modifiers,
            } => Self {
                button: Some(*button),
                ..Self::pointing(*at).holding(*modifiers)
            },
            InputEvent::Touch(fingers) => Self {
                touches: Some(fingers.iter().map(RawFinger::of).collect()),
                ..Self::default()
            },
            InputEvent::Compose(composition) => Self {
                text: Some(Cow::Borrowed(&composition.text)),
                start: Some(composition.start),
                end: Some(composition.end),
                ..Self::default()
            },
            InputEvent::Paste(text) | InputEvent::Commit(text) => Self {
                text: Some(Cow::Borrowed(text)),
                ..Self::default()
            },
            InputEvent::TouchCancel
            | InputEvent::ReleaseAll
            | InputEvent::Back
            | InputEvent::Forward
            | InputEvent::Reload
            | InputEvent::Resolved
            | InputEvent::Cancelled => Self::default(),
        };
        Self {
            kind: Cow::Borrowed(event.kind()),
            ..members
        }
    }

    fn pointing(at: Point) -> Self {
        Self {
            x: Some(at.x),
            y: Some(at.y),
            ..Self::default()
        }
    }

    /// Adds what was held, if anything was.
    fn holding(self, modifiers: Modifiers) -> Self {
        Self {
            modifiers: Some(modifiers.bits())
                .filter(|bits| *bits != 0)
                .map(u64::from),
            ..self
        }
    }

    fn of_key(key: &'a Key) -> Self {
        Self {
            key: Some(Cow::Borrowed(&key.key)),
            code: key.code.as_deref().map(Cow::Borrowed),
            alt_key: Some(key.modifiers.alt),
            ctrl_key: Some(key.modifiers.ctrl),
            meta_key: Some(key.modifiers.meta),
            shift_key: Some(key.modifiers.shift),
            key_code: key.key_code.map(u16::from),
            repeat: key.repeats,
            ..Self::default()
        }
    }
}

impl RawFinger {
    const fn of(finger: &Finger) -> Self {
        Self {
            id: finger.id,
            x: finger.at.x,
            y: finger.at.y,
        }
    }
}
