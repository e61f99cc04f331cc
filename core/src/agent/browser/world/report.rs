//! What the script in a page's world reports, as it is read, and as the viewer is told of it (§7).
//!
//! The script is ours, but what it saw is the page's: every text is bounded, and every word is one of a
//! list or left out.

use alloc::{string::String, vec::Vec};

use serde::{Deserialize, Deserializer, Serialize};

use super::{
    field::Field,
    picker::Picker,
    place::{FrameAt, Place, View},
    words::{CURSORS, one_of},
};

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
