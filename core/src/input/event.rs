//! The viewer's input events (protocol version 1, §4; version 2, §6): read, checked at this edge, and
//! written.
//!
//! Version 1 keeps exactly its own set: what only version 2 has is of an unknown type there. What is over a limit is refused whole. Unknown members are ignored, unknown types refused. Errors
//! never hold what the event held.

mod json;
#[cfg(test)]
mod tests;

use alloc::{string::String, vec::Vec};

use serde::{Deserialize, Serialize};

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

/// The largest click count the browser is told.
pub const MAX_CLICK_COUNT: u8 = 3;

/// The longest text of a composition and of its end, in UTF-16 units.
pub const MAX_COMPOSED_UNITS: usize = 1_000;

/// How many fingers may be down.
pub const MAX_FINGERS: usize = 10;

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
        /// What was held; nothing in version 1.
        modifiers: Modifiers,
    },
    /// The mouse moved, with or without a button held. Version 2.
    MouseMove {
        /// Where to; may lie outside the frame.
        at: Point,
        /// What was held.
        modifiers: Modifiers,
    },
    /// A button was pressed. Version 2.
    MouseDown {
        /// Where.
        at: Point,
        /// Which button.
        button: Button,
        /// What the viewer says, 1 to [`MAX_CLICK_COUNT`].
        click_count: Option<u8>,
        /// What was held.
        modifiers: Modifiers,
    },
    /// A button was released. Version 2.
    MouseUp {
        /// Where; may lie outside the frame.
        at: Point,
        /// Which button.
        button: Button,
        /// What was held.
        modifiers: Modifiers,
    },
    /// All fingers that are down now, at most [`MAX_FINGERS`]; none once the last was lifted. Version 2.
    Touch(Vec<Finger>),
    /// The system took the fingers away. Version 2.
    TouchCancel,
    /// What an input method composes, as it stands. Version 2.
    Compose(Composition),
    /// What an input method's composition became, at most [`MAX_COMPOSED_UNITS`]. Version 2.
    Commit(String),
    /// The human can't be heard letting go: everything that is down goes up. Version 2.
    ReleaseAll,
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

/// An event of protocol version 2: what a human did, and what they had before them (§6).
///
/// No `Debug`: it holds what they typed.
#[derive(Clone, PartialEq)]
pub struct Stamped {
    /// What they did.
    pub event: InputEvent,
    /// The newest frame of this epoch on their screen, by its counter.
    pub seen: Option<u64>,
    /// When, by the agent's clock in milliseconds modulo 2³²; unknown before its first heartbeat.
    pub at: Option<u32>,
}

/// A finger on the frame.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Finger {
    /// Tells it from the others while it is down.
    pub id: u8,
    /// Where it is; may lie outside the frame.
    pub at: Point,
}

/// Text that an input method still works on.
///
/// No `Debug`: it holds what a human typed.
#[derive(Clone, PartialEq, Eq)]
pub struct Composition {
    /// The text, at most [`MAX_COMPOSED_UNITS`]; empty ends the composition without any.
    pub text: String,
    /// Where the selection in it begins, in UTF-16 units.
    pub start: u32,
    /// Where the selection in it ends, in UTF-16 units: from `start` to the text's end.
    pub end: u32,
}

/// A place in the frame, in pixels of its `deviceWidth` × `deviceHeight`: 0 to [`MAX_COORDINATE`], from
/// minus that where it may lie outside.
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
    /// DOM's `keyCode` by the viewer's layout, 1 to 255; unknown in version 1.
    pub key_code: Option<u8>,
    /// Whether the key has been down for a while; version 1 doesn't say, but a second press does.
    pub repeats: Option<bool>,
}

/// The modifiers held with a key or a button.
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
    #[error("expected coordinates of at most 10000")]
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
    #[error("expected a text of at most 10000 UTF-16 units, or 1000 of a composition")]
    Text,
    /// `start` and `end` aren't in the composed text, in this order.
    #[error("expected a selection within the composed text")]
    Selection,
    /// `touches` is absent, or too many, or two of them are one finger.
    #[error("expected at most 10 fingers, each once")]
    Touches,
}

impl InputEvent {
    /// Reads one event and checks every limit.
    ///
    /// # Errors
    /// Says which limit was broken.
    pub fn parse(json: &[u8]) -> Result<Self, InvalidEvent> {
        json::read(json)
    }

    /// Writes the event as a viewer sends it, before it is sealed.
    pub fn to_json(&self) -> Vec<u8> {
        json::write(self, None, None)
    }

    /// Returns the event's `type`.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Click { .. } => "click",
            Self::DoubleClick { .. } => "dblclick",
            Self::KeyPress(_) => "keypress",
            Self::KeyDown(_) => "keydown",
            Self::KeyUp(_) => "keyup",
            Self::Scroll { .. } => "scroll",
            Self::MouseMove { .. } => "mousemove",
            Self::MouseDown { .. } => "mousedown",
            Self::MouseUp { .. } => "mouseup",
            Self::Touch(_) => "touch",
            Self::TouchCancel => "touchcancel",
            Self::Compose(_) => "compose",
            Self::Commit(_) => "commit",
            Self::ReleaseAll => "release_all",
            Self::Paste(_) => "paste",
            Self::Back => "back",
            Self::Forward => "forward",
            Self::Reload => "reload",
            Self::Resolved => "resolved",
            Self::Cancelled => "cancelled",
        }
    }
}

impl Stamped {
    /// Reads one event with its stamps and checks every limit.
    ///
    /// # Errors
    /// Says which limit was broken. [`InvalidEvent::Json`] is fatal in protocol version 2: a known
    /// member of the wrong type, null included, or no object in UTF-8.
    pub fn parse(json: &[u8]) -> Result<Self, InvalidEvent> {
        json::read_stamped(json)
    }

    /// Writes the event as a viewer sends it, before it is sealed.
    pub fn to_json(&self) -> Vec<u8> {
        json::write(&self.event, self.seen, self.at)
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
            key_code: None,
            repeats: None,
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
