//! The events' JSON: one flat shape with every member any event may have.
//!
//! Version 1 takes null for an absent member and doesn't know `seen` and `at`; version 2 knows them
//! and refuses null.

use alloc::{borrow::Cow, string::String, vec::Vec};
use core::marker::PhantomData;

use serde::{Deserialize, Deserializer, Serialize, de::IgnoredAny};
use unicode_segmentation::UnicodeSegmentation as _;

use super::{
    Button, InputEvent, InvalidEvent, Key, MAX_CLICK_COUNT, MAX_CODE_LENGTH, MAX_COORDINATE,
    MAX_KEY_UNITS, MAX_PASTE_UNITS, MAX_WHEEL_DELTA, Modifiers, Point, Stamped, is_name,
};

/// The largest `clickCount` that is believed; what is over [`MAX_CLICK_COUNT`] counts as that.
const MAX_CLAIMED_CLICK_COUNT: u64 = 1_000;

/// Reads one event of version 1 and checks every limit.
pub(super) fn read(json: &[u8]) -> Result<InputEvent, InvalidEvent> {
    is_object(json)?;
    let raw: Raw<'_, Version1> = serde_json::from_slice(json).map_err(|_| InvalidEvent::Json)?;
    raw.into_event()
}

/// Reads one event of version 2 and checks every limit.
pub(super) fn read_stamped(json: &[u8]) -> Result<Stamped, InvalidEvent> {
    is_object(json)?;
    // All of it: what a parser of bytes skips isn't checked by it.
    let text = core::str::from_utf8(json).map_err(|_| InvalidEvent::Json)?;
    let raw: Raw<'_, Version2> = serde_json::from_str(text).map_err(|_| InvalidEvent::Json)?;
    let (seen, at) = (raw.seen, raw.at);
    Ok(Stamped {
        event: raw.into_event()?,
        seen,
        at,
    })
}

/// Serde would read an array as the members in order.
fn is_object(json: &[u8]) -> Result<(), InvalidEvent> {
    match json.trim_ascii_start().first() {
        Some(b'{') => Ok(()),
        _ => Err(InvalidEvent::Json),
    }
}

/// What the protocol's versions read differently.
trait Version {
    /// Reads a member that is there.
    fn member<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<T>, D::Error>;

    /// Reads `seen` or `at`.
    fn stamp<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<T>, D::Error>;
}

struct Version1;

impl Version for Version1 {
    fn member<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<T>, D::Error> {
        Option::deserialize(deserializer)
    }

    fn stamp<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<T>, D::Error> {
        IgnoredAny::deserialize(deserializer).map(|_| None)
    }
}

struct Version2;

impl Version for Version2 {
    fn member<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<T>, D::Error> {
        T::deserialize(deserializer).map(Some)
    }

    fn stamp<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<T>, D::Error> {
        Self::member(deserializer)
    }
}

/// Writes an event, with its stamps if it has any.
pub(super) fn write(event: &InputEvent, seen: Option<u64>, at: Option<u32>) -> Vec<u8> {
    let raw = Raw::<Version2> {
        seen,
        at,
        ..Raw::of(event)
    };
    // Serialising plain members to a vector can't fail.
    serde_json::to_vec(&raw).unwrap_or_default()
}

/// Every member any event may have, as it is on the wire.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[serde(bound(serialize = "", deserialize = "V: Version"))]
struct Raw<'a, V> {
    #[serde(rename = "type", borrow)]
    kind: Cow<'a, str>,
    #[serde(
        deserialize_with = "V::member",
        skip_serializing_if = "Option::is_none"
    )]
    x: Option<f64>,
    #[serde(
        deserialize_with = "V::member",
        skip_serializing_if = "Option::is_none"
    )]
    y: Option<f64>,
    #[serde(
        deserialize_with = "V::member",
        skip_serializing_if = "Option::is_none"
    )]
    button: Option<Button>,
    #[serde(
        deserialize_with = "V::member",
        skip_serializing_if = "Option::is_none"
    )]
    click_count: Option<u64>,
    #[serde(
        deserialize_with = "V::member",
        skip_serializing_if = "Option::is_none"
    )]
    delta_x: Option<f64>,
    #[serde(
        deserialize_with = "V::member",
        skip_serializing_if = "Option::is_none"
    )]
    delta_y: Option<f64>,
    #[serde(
        deserialize_with = "V::member",
        skip_serializing_if = "Option::is_none"
    )]
    key: Option<Cow<'a, str>>,
    #[serde(
        deserialize_with = "V::member",
        skip_serializing_if = "Option::is_none"
    )]
    code: Option<Cow<'a, str>>,
    #[serde(
        deserialize_with = "V::member",
        skip_serializing_if = "Option::is_none"
    )]
    alt_key: Option<bool>,
    #[serde(
        deserialize_with = "V::member",
        skip_serializing_if = "Option::is_none"
    )]
    ctrl_key: Option<bool>,
    #[serde(
        deserialize_with = "V::member",
        skip_serializing_if = "Option::is_none"
    )]
    meta_key: Option<bool>,
    #[serde(
        deserialize_with = "V::member",
        skip_serializing_if = "Option::is_none"
    )]
    shift_key: Option<bool>,
    /// CDP's bits; counts together with the four flags.
    #[serde(
        deserialize_with = "V::member",
        skip_serializing_if = "Option::is_none"
    )]
    modifiers: Option<u64>,
    #[serde(
        deserialize_with = "V::member",
        skip_serializing_if = "Option::is_none"
    )]
    text: Option<Cow<'a, str>>,
    #[serde(deserialize_with = "V::stamp", skip_serializing_if = "Option::is_none")]
    seen: Option<u64>,
    #[serde(deserialize_with = "V::stamp", skip_serializing_if = "Option::is_none")]
    at: Option<u32>,
    #[serde(skip)]
    version: PhantomData<V>,
}

impl<V> Default for Raw<'_, V> {
    fn default() -> Self {
        Self {
            kind: Cow::default(),
            x: None,
            y: None,
            button: None,
            click_count: None,
            delta_x: None,
            delta_y: None,
            key: None,
            code: None,
            alt_key: None,
            ctrl_key: None,
            meta_key: None,
            shift_key: None,
            modifiers: None,
            text: None,
            seen: None,
            at: None,
            version: PhantomData,
        }
    }
}

impl<'a, V> Raw<'a, V> {
    fn of(event: &'a InputEvent) -> Self {
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
            } => Self {
                delta_x: Some(*delta_x),
                delta_y: Some(*delta_y),
                ..Self::pointing(*at)
            },
            InputEvent::Paste(text) => Self {
                text: Some(Cow::Borrowed(text)),
                ..Self::default()
            },
            InputEvent::Back
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

    fn of_key(key: &'a Key) -> Self {
        Self {
            key: Some(Cow::Borrowed(&key.key)),
            code: key.code.as_deref().map(Cow::Borrowed),
            alt_key: Some(key.modifiers.alt),
            ctrl_key: Some(key.modifiers.ctrl),
            meta_key: Some(key.modifiers.meta),
            shift_key: Some(key.modifiers.shift),
            ..Self::default()
        }
    }

    fn into_event(self) -> Result<InputEvent, InvalidEvent> {
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
            },
            "paste" => InputEvent::Paste(self.into_text()?),
            "back" => InputEvent::Back,
            "forward" => InputEvent::Forward,
            "reload" => InputEvent::Reload,
            "resolved" => InputEvent::Resolved,
            "cancelled" => InputEvent::Cancelled,
            _ => return Err(InvalidEvent::UnknownType),
        })
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
