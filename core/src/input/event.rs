//! The viewer's input events (protocol version 1, §4): read, checked at this edge, and written.
//!
//! What is over a limit is refused whole. Unknown members are ignored, unknown types refused. Errors
//! never hold what the event held.

use alloc::{borrow::Cow, string::String, vec::Vec};

use serde::{Deserialize, Serialize};
use unicode_segmentation::UnicodeSegmentation as _;

use crate::crypto::Opened;

/// The largest coordinate, in pixels.
pub const MAX_COORDINATE: f64 = 10_000.0;

/// The longest way of one wheel event, in CSS pixels.
pub const MAX_WHEEL_DELTA: f64 = 100_000.0;

/// The longest `key`, in UTF-16 units.
pub const MAX_KEY_UNITS: usize = 20;

/// The longest `code`, in characters.
pub const MAX_CODE_LENGTH: usize = 32;

/// The longest pasted text, in UTF-16 units.
pub const MAX_PASTE_UNITS: usize = 10_000;

/// The largest `clickCount` that is believed; what is over [`MAX_CLICK_COUNT`] counts as that.
const MAX_CLAIMED_CLICK_COUNT: u64 = 1_000;

/// The largest click count the browser is told.
pub const MAX_CLICK_COUNT: u8 = 3;

/// What a human does in the viewer.
///
/// No `Debug`: it holds what they typed.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub enum InputEvent {
    /// A press and release.
    Click {
        /// Where.
        at: Point,
        /// Which button.
        button: Button,
        /// What the viewer says, 1 to [`MAX_CLICK_COUNT`].
        click_count: Option<u8>,
    },
    /// A double click, or the echo of two clicks that were sent already.
    DoubleClick {
        /// Where.
        at: Point,
    },
    /// A printable character typed.
    KeyPress(Key),
    /// A key pressed, or repeated while it is down.
    KeyDown(Key),
    /// A key released.
    KeyUp(Key),
    /// The wheel turned.
    Scroll {
        /// Where.
        at: Point,
        /// To the right, in CSS pixels.
        delta_x: f64,
        /// Down, in CSS pixels.
        delta_y: f64,
    },
    /// Text to insert, at most [`MAX_PASTE_UNITS`].
    Paste(String),
    /// One entry back.
    Back,
    /// One entry forward.
    Forward,
    /// Load the page again.
    Reload,
    /// The human is done.
    Resolved,
    /// The human gives up.
    Cancelled,
}

/// A place in the frame, in pixels of its `deviceWidth` × `deviceHeight`: 0 to [`MAX_COORDINATE`].
#[derive(Clone, Copy, Debug, PartialEq)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Point {
    pub x: f64,
    pub y: f64,
}

/// A mouse button.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the names say it")]
pub enum Button {
    #[default]
    Left,
    Middle,
    Right,
}

/// A key and what was held with it.
///
/// No `Debug`: it holds what a human typed.
#[derive(Clone, PartialEq, Eq)]
pub struct Key {
    /// DOM's `key`: one grapheme, or a name such as `Enter`.
    pub key: String,
    /// DOM's `code`, if the viewer knows the physical key.
    pub code: Option<String>,
    /// What was held.
    pub modifiers: Modifiers,
}

/// The modifiers held with a key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Modifiers {
    pub alt: bool,
    pub ctrl: bool,
    pub meta: bool,
    pub shift: bool,
}

/// Why an input event was refused. Holds nothing of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidEvent {
    /// Not a JSON object with a `type`, or a member has the wrong JSON type.
    #[error("expected a JSON object with a type and members of the right kind")]
    Json,
    /// A type this version doesn't know.
    #[error("the event's type is not known")]
    UnknownType,
    /// `x` or `y` is absent or out of range.
    #[error("expected coordinates from 0 to 10000")]
    Coordinates,
    /// `deltaX` or `deltaY` is out of range.
    #[error("expected a wheel's way of at most 100000 pixels")]
    Delta,
    /// `clickCount` is out of range.
    #[error("expected a click count from 0 to 1000")]
    ClickCount,
    /// `key` is absent, or neither one character nor a key's name.
    #[error("expected one character or a key's name, of 1 to 20 UTF-16 units")]
    Key,
    /// `code` isn't a physical key's name.
    #[error("expected a code of at most 32 letters and digits")]
    Code,
    /// `text` is absent or too long.
    #[error("expected a text of at most 10000 UTF-16 units")]
    Text,
}

impl InputEvent {
    /// Reads one event and checks every limit.
    ///
    /// # Errors
    /// Says which limit was broken.
    pub fn parse(json: &[u8]) -> Result<Self, InvalidEvent> {
        let raw: Raw<'_> = serde_json::from_slice(json).map_err(|_| InvalidEvent::Json)?;
        Ok(match raw.kind.as_ref() {
            "click" => Self::Click {
                at: raw.point()?,
                button: raw.button.unwrap_or_default(),
                click_count: raw.click_count()?,
            },
            "dblclick" => Self::DoubleClick { at: raw.point()? },
            "keypress" => Self::KeyPress(raw.into_key()?),
            "keydown" => Self::KeyDown(raw.into_key()?),
            "keyup" => Self::KeyUp(raw.into_key()?),
            "scroll" => Self::Scroll {
                at: raw.point()?,
                delta_x: check_delta(raw.delta_x)?,
                delta_y: check_delta(raw.delta_y)?,
            },
            "paste" => Self::Paste(raw.into_text()?),
            "back" => Self::Back,
            "forward" => Self::Forward,
            "reload" => Self::Reload,
            "resolved" => Self::Resolved,
            "cancelled" => Self::Cancelled,
            _ => return Err(InvalidEvent::UnknownType),
        })
    }

    /// Writes the event as a viewer sends it, before it is sealed.
    pub fn to_json(&self) -> Vec<u8> {
        // Serialising plain members to a vector can't fail.
        serde_json::to_vec(&Raw::of(self)).unwrap_or_default()
    }
}

impl Opened<Vec<u8>> {
    /// Reads an opened message as an input event.
    ///
    /// # Errors
    /// As [`InputEvent::parse`].
    pub fn parse_event(self) -> Result<Opened<InputEvent>, InvalidEvent> {
        self.try_map(|json| InputEvent::parse(&json))
    }
}

impl Key {
    /// Makes a key without modifiers; `code` is empty if the physical key isn't known.
    pub fn new(key: impl Into<String>, code: &str) -> Self {
        Self {
            key: key.into(),
            code: Some(String::from(code)).filter(|code| !code.is_empty()),
            modifiers: Modifiers::default(),
        }
    }

    /// Returns the same key with modifiers held.
    #[must_use]
    pub fn with(self, modifiers: Modifiers) -> Self {
        Self { modifiers, ..self }
    }

    /// Tells whether `key` is a name, such as `Enter`, rather than text.
    pub fn is_named(&self) -> bool {
        is_name(&self.key)
    }
}

impl Modifiers {
    /// Returns CDP's bits: Alt 1, Ctrl 2, Meta 4, Shift 8.
    pub fn bits(self) -> u8 {
        u8::from(self.alt)
            | u8::from(self.ctrl) << 1
            | u8::from(self.meta) << 2
            | u8::from(self.shift) << 3
    }
}

/// The UI Events specification's names: an upper-case letter, then letters and digits.
fn is_name(key: &str) -> bool {
    key.len() >= 2
        && key.starts_with(|first: char| first.is_ascii_uppercase())
        && key.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

fn check_delta(delta: Option<f64>) -> Result<f64, InvalidEvent> {
    let delta = delta.unwrap_or(0.0);
    if delta.abs() <= MAX_WHEEL_DELTA {
        Ok(delta)
    } else {
        Err(InvalidEvent::Delta)
    }
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
