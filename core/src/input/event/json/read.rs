//! From an event's members to the event: every limit is checked here.

use alloc::{borrow::Cow, string::String, vec::Vec};

use unicode_segmentation::UnicodeSegmentation as _;

use super::{Raw, Version};
use crate::input::event::{
    Composition, Finger, InputEvent, InvalidEvent, Key, MAX_CLICK_COUNT, MAX_CODE_LENGTH,
    MAX_COMPOSED_UNITS, MAX_COORDINATE, MAX_FINGERS, MAX_KEY_UNITS, MAX_PASTE_UNITS,
    MAX_WHEEL_DELTA, Modifiers, Point, is_name,
};

/// The largest `clickCount` that is believed; what is over [`MAX_CLICK_COUNT`] counts as that.
const MAX_CLAIMED_CLICK_COUNT: u64 = 1_000;

impl<V: Version> Raw<'_, V> {
    /// Checks the members an event of this type has to have.
    pub(super) fn into_event(self) -> Result<InputEvent, InvalidEvent> {
        Ok(match self.kind.as_ref() {
            "click" => InputEvent::Click {
                at: self.point()?,
                button: self.button.unwrap_or_default(),
                click_count: self.click_count()?,
            },
            "dblclick" => InputEvent::DoubleClick { at: self.point()? },
            "keypress" => InputEvent::KeyPress(self.into_key()?),
            "keydown" => InputEvent::KeyDown(self.into_key()?),
            "keyup" => InputEvent::KeyUp(self.into_key()?),
            "scroll" => InputEvent::Scroll {
                at: self.point()?,
                delta_x: check_delta(self.delta_x)?,
                delta_y: check_delta(self.delta_y)?,
                modifiers: if V::IS_SECOND {
                    self.modifiers()
                } else {
                    Modifiers::default()
                },
            },
            "paste" => InputEvent::Paste(self.into_text(MAX_PASTE_UNITS)?),
            "back" => InputEvent::Back,
            "forward" => InputEvent::Forward,
            "reload" => InputEvent::Reload,
            "resolved" => InputEvent::Resolved,
            "cancelled" => InputEvent::Cancelled,
            _ if V::IS_SECOND => return self.into_second(),
            _ => return Err(InvalidEvent::UnknownType),
        })
    }

    /// The events that version 2 added.
    fn into_second(self) -> Result<InputEvent, InvalidEvent> {
        let modifiers = self.modifiers();
        Ok(match self.kind.as_ref() {
            "mousemove" => InputEvent::MouseMove {
                at: self.far_point()?,
                modifiers,
            },
            "mousedown" => InputEvent::MouseDown {
                at: self.point()?,
                button: self.button.unwrap_or_default(),
                click_count: self.click_count()?,
                modifiers,
            },
            "mouseup" => InputEvent::MouseUp {
                at: self.far_point()?,
                button: self.button.unwrap_or_default(),
                modifiers,
            },
            "touch" => InputEvent::Touch(self.fingers()?),
            "touchcancel" => InputEvent::TouchCancel,
            "compose" => InputEvent::Compose(self.into_composition()?),
            "commit" => InputEvent::Commit(self.into_text(MAX_COMPOSED_UNITS)?),
            "release_all" => InputEvent::ReleaseAll,
            _ => return Err(InvalidEvent::UnknownType),
        })
    }

    /// A place inside the frame.
    fn point(&self) -> Result<Point, InvalidEvent> {
        place(self.x, self.y, 0.0)
    }

    /// A place that may lie outside the frame.
    fn far_point(&self) -> Result<Point, InvalidEvent> {
        place(self.x, self.y, -MAX_COORDINATE)
    }

    fn fingers(&self) -> Result<Vec<Finger>, InvalidEvent> {
        let touches = self.touches.as_ref().ok_or(InvalidEvent::Touches)?;
        if touches.len() > MAX_FINGERS {
            return Err(InvalidEvent::Touches);
        }
        let mut fingers: Vec<Finger> = Vec::with_capacity(touches.len());
        for touch in touches {
            if fingers.iter().any(|finger| finger.id == touch.id) {
                return Err(InvalidEvent::Touches);
            }
            fingers.push(Finger {
                id: touch.id,
                at: place(Some(touch.x), Some(touch.y), -MAX_COORDINATE)?,
            });
        }
        Ok(fingers)
    }

    fn into_composition(self) -> Result<Composition, InvalidEvent> {
        let (start, end) = (self.start, self.end);
        let text = self.into_text(MAX_COMPOSED_UNITS)?;
        // At most 1,000.
        let length = u32::try_from(text.encode_utf16().count()).unwrap_or(u32::MAX);
        let end = end.unwrap_or(length);
        let start = start.unwrap_or(end);
        if start > end || end > length {
            return Err(InvalidEvent::Selection);
        }
        Ok(Composition { text, start, end })
    }

    /// DOM's `detail` is 0 for a click without a pointer, and goes on counting in a fast series.
    fn click_count(&self) -> Result<Option<u8>, InvalidEvent> {
        match self.click_count {
            None | Some(0) => Ok(None),
            Some(count) if count <= MAX_CLAIMED_CLICK_COUNT => {
                Ok(Some(u8::try_from(count).map_or(MAX_CLICK_COUNT, |count| {
                    count.min(MAX_CLICK_COUNT)
                })))
            }
            Some(_) => Err(InvalidEvent::ClickCount),
        }
    }

    fn into_key(self) -> Result<Key, InvalidEvent> {
        let modifiers = self.modifiers();
        let key_code = self.key_code.and_then(|code| u8::try_from(code).ok());
        let repeats = self.repeat;
        let key = self.key.ok_or(InvalidEvent::Key)?;
        // A UTF-16 unit takes at most three bytes of UTF-8.
        if key.len() > 3 * MAX_KEY_UNITS || key.encode_utf16().count() > MAX_KEY_UNITS {
            return Err(InvalidEvent::Key);
        }
        let is_one_character = key.graphemes(true).count() == 1 && !key.contains(char::is_control);
        if !is_one_character && !is_name(&key) {
            return Err(InvalidEvent::Key);
        }
        let code = self.code.filter(|code| !code.is_empty());
        if code.as_ref().is_some_and(|code| {
            code.len() > MAX_CODE_LENGTH || !code.bytes().all(|byte| byte.is_ascii_alphanumeric())
        }) {
            return Err(InvalidEvent::Code);
        }
        Ok(Key {
            key: key.into_owned(),
            code: code.map(Cow::into_owned),
            modifiers,
            key_code: key_code.filter(|code| *code != 0),
            repeats,
        })
    }

    fn modifiers(&self) -> Modifiers {
        let bits = self.modifiers.unwrap_or(0);
        let held = |flag: Option<bool>, bit: u64| flag.unwrap_or(false) || bits & bit != 0;
        Modifiers {
            alt: held(self.alt_key, 1),
            ctrl: held(self.ctrl_key, 2),
            meta: held(self.meta_key, 4),
            shift: held(self.shift_key, 8),
        }
    }

    fn into_text(self, most: usize) -> Result<String, InvalidEvent> {
        let text = self.text.ok_or(InvalidEvent::Text)?;
        if text.len() > 3 * most || text.encode_utf16().count() > most {
            return Err(InvalidEvent::Text);
        }
        Ok(text.into_owned())
    }
}

fn place(x: Option<f64>, y: Option<f64>, least: f64) -> Result<Point, InvalidEvent> {
    let check = |number: Option<f64>| {
        number
            .filter(|number| (least..=MAX_COORDINATE).contains(number))
            .ok_or(InvalidEvent::Coordinates)
    };
    Ok(Point {
        x: check(x)?,
        y: check(y)?,
    })
}

fn check_delta(delta: Option<f64>) -> Result<f64, InvalidEvent> {
    let delta = delta.unwrap_or(0.0);
    if delta.abs() <= MAX_WHEEL_DELTA {
        Ok(delta)
    } else {
        Err(InvalidEvent::Delta)
    }
}
