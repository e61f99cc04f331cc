//! The events' JSON: one flat shape with every member any event may have.

use alloc::{borrow::Cow, string::String, vec::Vec};

use serde::{Deserialize, Serialize};
use unicode_segmentation::UnicodeSegmentation as _;

use super::{
    Button, InputEvent, InvalidEvent, Key, MAX_CLICK_COUNT, MAX_CODE_LENGTH, MAX_COORDINATE,
    MAX_KEY_UNITS, MAX_PASTE_UNITS, MAX_WHEEL_DELTA, Modifiers, Point, is_name,
};

/// The largest `clickCount` that is believed; what is over [`MAX_CLICK_COUNT`] counts as that.
const MAX_CLAIMED_CLICK_COUNT: u64 = 1_000;

/// Reads one event and checks every limit.
pub(super) fn read(json: &[u8]) -> Result<InputEvent, InvalidEvent> {
    // Serde would read an array as the members in order.
    if json.trim_ascii_start().first() != Some(&b'{') {
        return Err(InvalidEvent::Json);
    }
    let raw: Raw<'_> = serde_json::from_slice(json).map_err(|_| InvalidEvent::Json)?;
    Ok(match raw.kind.as_ref() {
        "click" => InputEvent::Click {
            at: raw.point()?,
            button: raw.button.unwrap_or_default(),
            click_count: raw.click_count()?,
        },
        "dblclick" => InputEvent::DoubleClick { at: raw.point()? },
        "keypress" => InputEvent::KeyPress(raw.into_key()?),
        "keydown" => InputEvent::KeyDown(raw.into_key()?),
        "keyup" => InputEvent::KeyUp(raw.into_key()?),
        "scroll" => InputEvent::Scroll {
            at: raw.point()?,
            delta_x: check_delta(raw.delta_x)?,
            delta_y: check_delta(raw.delta_y)?,
        },
        "paste" => InputEvent::Paste(raw.into_text()?),
        "back" => InputEvent::Back,
        "forward" => InputEvent::Forward,
        "reload" => InputEvent::Reload,
        "resolved" => InputEvent::Resolved,
        "cancelled" => InputEvent::Cancelled,
        _ => return Err(InvalidEvent::UnknownType),
    })
}

/// Writes an event.
pub(super) fn write(event: &InputEvent) -> Vec<u8> {
    // Serialising plain members to a vector can't fail.
    serde_json::to_vec(&Raw::of(event)).unwrap_or_default()
}

/// Every member any event may have, as it is on the wire.
#[derive(Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Raw<'a> {
    #[serde(rename = "type", borrow)]
    kind: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    x: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    y: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    button: Option<Button>,
    #[serde(skip_serializing_if = "Option::is_none")]
    click_count: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    delta_x: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    delta_y: Option<f64>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    key: Option<Cow<'a, str>>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    code: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    alt_key: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ctrl_key: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    meta_key: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    shift_key: Option<bool>,
    /// CDP's bits; counts together with the four flags.
    #[serde(skip_serializing_if = "Option::is_none")]
    modifiers: Option<u64>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    text: Option<Cow<'a, str>>,
}

impl<'a> Raw<'a> {
    fn of(event: &'a InputEvent) -> Self {
        let named = |kind| Self {
            kind: Cow::Borrowed(kind),
            ..Self::default()
        };
        match event {
            InputEvent::Click {
                at,
                button,
                click_count,
            } => Self {
                button: Some(*button),
                click_count: click_count.map(u64::from),
                ..Self::at("click", *at)
            },
            InputEvent::DoubleClick { at } => Self::at("dblclick", *at),
            InputEvent::KeyPress(key) => Self::key("keypress", key),
            InputEvent::KeyDown(key) => Self::key("keydown", key),
            InputEvent::KeyUp(key) => Self::key("keyup", key),
            InputEvent::Scroll {
                at,
                delta_x,
                delta_y,
            } => Self {
                delta_x: Some(*delta_x),
                delta_y: Some(*delta_y),
                ..Self::at("scroll", *at)
            },
            InputEvent::Paste(text) => Self {
                text: Some(Cow::Borrowed(text)),
                ..named("paste")
            },
            InputEvent::Back => named("back"),
            InputEvent::Forward => named("forward"),
            InputEvent::Reload => named("reload"),
            InputEvent::Resolved => named("resolved"),
            InputEvent::Cancelled => named("cancelled"),
        }
    }

    fn at(kind: &'static str, at: Point) -> Self {
        Self {
            kind: Cow::Borrowed(kind),
            x: Some(at.x),
            y: Some(at.y),
            ..Self::default()
        }
    }

    fn key(kind: &'static str, key: &'a Key) -> Self {
        Self {
            kind: Cow::Borrowed(kind),
            key: Some(Cow::Borrowed(&key.key)),
            code: key.code.as_deref().map(Cow::Borrowed),
            alt_key: Some(key.modifiers.alt),
            ctrl_key: Some(key.modifiers.ctrl),
            meta_key: Some(key.modifiers.meta),
            shift_key: Some(key.modifiers.shift),
            ..Self::default()
        }
    }

    fn point(&self) -> Result<Point, InvalidEvent> {
        let check = |number: Option<f64>| {
            number
                .filter(|number| (0.0..=MAX_COORDINATE).contains(number))
                .ok_or(InvalidEvent::Coordinates)
        };
        Ok(Point {
            x: check(self.x)?,
            y: check(self.y)?,
        })
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

    fn into_text(self) -> Result<String, InvalidEvent> {
        let text = self.text.ok_or(InvalidEvent::Text)?;
        if text.len() > 3 * MAX_PASTE_UNITS || text.encode_utf16().count() > MAX_PASTE_UNITS {
            return Err(InvalidEvent::Text);
        }
        Ok(text.into_owned())
    }
}

fn check_delta(delta: Option<f64>) -> Result<f64, InvalidEvent> {
    let delta = delta.unwrap_or(0.0);
    if delta.abs() <= MAX_WHEEL_DELTA {
        Ok(delta)
    } else {
        Err(InvalidEvent::Delta)
    }
}
