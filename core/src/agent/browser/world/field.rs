//! The field that has the focus, as it is read, and as the viewer is told of it (§7).

use alloc::string::String;

use serde::{Deserialize, Serialize};

use super::{
    place::Place,
    words::{ENTER_KEYS, INPUT_MODES, MAX_LABEL, autofill, one_of},
};
use crate::agent::page_text::page_text;

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
        let (width, height) = place.size(self.width, self.height);
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
            width,
            height,
        }
    }
}
