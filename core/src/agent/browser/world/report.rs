//! What the script in a page's world reports, as it is read, and as the viewer is told of it (§7).
//!
//! The script is ours, but what it saw is the page's: every text is bounded, and every word is one of a
//! list or left out.

use alloc::{string::String, vec::Vec};

use serde::{Deserialize, Deserializer, Serialize};

use super::{
    picker::Picker,
    words::{CURSORS, ENTER_KEYS, INPUT_MODES, autofill, one_of},
};
use crate::agent::page_text::page_text;

/// The longest label, in characters.
pub(super) const MAX_LABEL: usize = 100;

/// How far from the picture's corner anything may be, in CSS pixels.
const MAX_PLACE: f64 = 100_000.0;

/// What is to be seen in one frame.
#[derive(Deserialize)]
pub(super) struct Report {
    pub(super) field: Option<Field>,
    /// The frame within that has the focus instead.
    pub(super) frame: Option<FrameAt>,
    pub(super) cursor: String,
    pub(super) touch: bool,
    pub(super) view: View,
    #[serde(default)]
    pub(super) happened: Vec<Happened>,
    /// Absent if it is as it was.
    #[serde(default, deserialize_with = "there")]
    pub(super) picker: Option<Option<Picker>>,
}

/// Something that the page had the browser do.
#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub(super) enum Happened {
    /// It let its context menu open.
    Menu {
        x: f64,
        y: f64,
        selection: bool,
        editable: bool,
    },
    /// It wants to print.
    Print,
    /// It asked for a permission, such as the location, and the browser refused it.
    Refused,
    /// What is typed arrived there for the first time.
    Typed,
}

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

    fn point(self, x: f64, y: f64) -> (i32, i32) {
        (
            whole((x + self.x) * self.scale),
            whole((y + self.y) * self.scale),
        )
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

/// What kind of field it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum FieldKind {
    Text,
    Password,
    Email,
    Tel,
    Url,
    Number,
    Search,
    Multiline,
    Rich,
    Date,
    Time,
    Month,
    Week,
    DatetimeLocal,
    Color,
    Select,
    Datalist,
    File,
}

/// The field that has the focus. Never what stands in it.
#[derive(Deserialize)]
pub(super) struct Field {
    kind: FieldKind,
    input_mode: String,
    enter_key: String,
    autocomplete: String,
    max_length: Option<u32>,
    multiple: bool,
    label: String,
    x: f64,
    y: f64,
    width: f64,
    height: f64,
}

/// The message about it (§7).
#[derive(Serialize)]
pub(super) struct FieldMessage {
    r#type: &'static str,
    page: u16,
    field: Option<FieldTold>,
}

#[derive(Serialize)]
struct FieldTold {
    kind: FieldKind,
    input_mode: &'static str,
    enter_key: &'static str,
    autocomplete: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_length: Option<u32>,
    multiple: bool,
    label: String,
    x: i32,
    y: i32,
    width: i32,
    height: i32,
}

impl FieldMessage {
    pub(super) fn of(page: u16, field: Option<(&Field, Place)>) -> Self {
        Self {
            r#type: "field",
            page,
            field: field.map(|(field, place)| field.told(place)),
        }
    }
}

impl Field {
    fn told(&self, place: Place) -> FieldTold {
        let (x, y) = place.point(self.x, self.y);
        FieldTold {
            kind: self.kind,
            input_mode: one_of(&INPUT_MODES, &self.input_mode).unwrap_or_default(),
            enter_key: one_of(&ENTER_KEYS, &self.enter_key).unwrap_or_default(),
            autocomplete: autofill(&self.autocomplete),
            max_length: self.max_length,
            multiple: self.multiple,
            label: page_text(&self.label, MAX_LABEL),
            x,
            y,
            width: whole(self.width * place.scale),
            height: whole(self.height * place.scale),
        }
    }
}

/// The message about the pointer (§7).
#[derive(Serialize)]
pub(super) struct CursorMessage {
    r#type: &'static str,
    cursor: &'static str,
}

impl CursorMessage {
    pub(super) fn of(cursor: &str) -> Self {
        Self {
            r#type: "cursor",
            cursor: one_of(&CURSORS, cursor).unwrap_or("default"),
        }
    }
}

/// The message about a context menu (§7).
#[derive(Serialize)]
pub(super) struct MenuMessage {
    r#type: &'static str,
    x: i32,
    y: i32,
    selection: bool,
    editable: bool,
}

impl MenuMessage {
    pub(super) fn at(place: Place, x: f64, y: f64, selection: bool, editable: bool) -> Self {
        let (x, y) = place.point(x, y);
        Self {
            r#type: "menu",
            x,
            y,
            selection,
            editable,
        }
    }
}

/// Tells a member that is null from one that isn't there.
fn there<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
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
