//! The events' JSON: one flat shape with every member any event may have.
//!
//! Version 1 takes null for an absent member and ignores what version 2 added, whatever it is; version
//! 2 refuses null.

mod read;
mod write;

use alloc::{borrow::Cow, vec::Vec};
use core::marker::PhantomData;

use serde::{Deserialize, Deserializer, Serialize, de::IgnoredAny};

use super::{Button, InputEvent, InvalidEvent, Stamped};

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
    /// Whether it has version 2's events.
    const IS_SECOND: bool;

    /// Reads a member that is there.
    fn member<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<T>, D::Error>;

    /// Reads a member that version 2 added.
    fn added<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<T>, D::Error>;
}

struct Version1;

impl Version for Version1 {
    const IS_SECOND: bool = false;

    fn member<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<T>, D::Error> {
        Option::deserialize(deserializer)
    }

    fn added<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<T>, D::Error> {
        IgnoredAny::deserialize(deserializer).map(|_| None)
    }
}

struct Version2;

impl Version for Version2 {
    const IS_SECOND: bool = true;

    fn member<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<T>, D::Error> {
        T::deserialize(deserializer).map(Some)
    }

    fn added<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
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
    #[serde(deserialize_with = "V::added", skip_serializing_if = "Option::is_none")]
    key_code: Option<u16>,
    #[serde(deserialize_with = "V::added", skip_serializing_if = "Option::is_none")]
    repeat: Option<bool>,
    #[serde(deserialize_with = "V::added", skip_serializing_if = "Option::is_none")]
    start: Option<u32>,
    #[serde(deserialize_with = "V::added", skip_serializing_if = "Option::is_none")]
    end: Option<u32>,
    #[serde(deserialize_with = "V::added", skip_serializing_if = "Option::is_none")]
    touches: Option<Vec<RawFinger>>,
    #[serde(deserialize_with = "V::added", skip_serializing_if = "Option::is_none")]
    seen: Option<u64>,
    #[serde(deserialize_with = "V::added", skip_serializing_if = "Option::is_none")]
    at: Option<u32>,
    #[serde(skip)]
    version: PhantomData<V>,
}

/// One of `touches`.
#[derive(Serialize, Deserialize)]
struct RawFinger {
    id: u8,
    x: f64,
    y: f64,
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
            key_code: None,
            repeat: None,
            start: None,
            end: None,
            touches: None,
            seen: None,
            at: None,
            version: PhantomData,
        }
    }
}
