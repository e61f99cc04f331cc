//! What the script in a page's world reports, as it is read, and as the viewer is told of it (§7).
//!
//! The script is ours, but what it saw is the page's: every text is bounded, and every word is one of a
//! list or left out.

use alloc::{string::String, vec::Vec};

use serde::{Deserialize, Deserializer, Serialize};

use crate::agent::{board::SheetId, page_text::page_text};

/// The longest label and the longest text of an option, in characters.
const MAX_LABEL: usize = 100;
const MAX_OPTION: usize = 200;

/// The longest date, time or colour, in characters.
const MAX_VALUE: usize = 100;

/// How many options are told, and how many bytes of JSON they may take.
const MAX_OPTIONS: usize = 1_000;
const MAX_OPTION_BYTES: usize = 50_000;

/// How far from the picture's corner anything may be, in CSS pixels.
const MAX_PLACE: f64 = 100_000.0;

/// Cursors that are told; `default` stands for any other.
const CURSORS: [&str; 26] = [
    "default",
    "pointer",
    "text",
    "vertical-text",
    "none",
    "help",
    "wait",
    "progress",
    "crosshair",
    "cell",
    "move",
    "grab",
    "grabbing",
    "not-allowed",
    "no-drop",
    "copy",
    "alias",
    "all-scroll",
    "col-resize",
    "row-resize",
    "ew-resize",
    "ns-resize",
    "nesw-resize",
    "nwse-resize",
    "zoom-in",
    "zoom-out",
];

/// HTML's words for which keyboard a field wants, and what its Enter key does.
const INPUT_MODES: [&str; 8] = [
    "none", "text", "tel", "url", "email", "numeric", "decimal", "search",
];
const ENTER_KEYS: [&str; 7] = ["enter", "done", "go", "next", "previous", "search", "send"];

/// HTML's autofill words.
const AUTOFILL: [&str; 64] = [
    "off",
    "on",
    "shipping",
    "billing",
    "home",
    "work",
    "mobile",
    "fax",
    "pager",
    "webauthn",
    "name",
    "honorific-prefix",
    "given-name",
    "additional-name",
    "family-name",
    "honorific-suffix",
    "nickname",
    "username",
    "new-password",
    "current-password",
    "one-time-code",
    "organization-title",
    "organization",
    "street-address",
    "address-line1",
    "address-line2",
    "address-line3",
    "address-level4",
    "address-level3",
    "address-level2",
    "address-level1",
    "country",
    "country-name",
    "postal-code",
    "cc-name",
    "cc-given-name",
    "cc-additional-name",
    "cc-family-name",
    "cc-number",
    "cc-exp",
    "cc-exp-month",
    "cc-exp-year",
    "cc-csc",
    "cc-type",
    "transaction-currency",
    "transaction-amount",
    "language",
    "bday",
    "bday-day",
    "bday-month",
    "bday-year",
    "sex",
    "url",
    "photo",
    "tel",
    "tel-country-code",
    "tel-national",
    "tel-area-code",
    "tel-local",
    "tel-local-prefix",
    "tel-local-suffix",
    "tel-extension",
    "email",
    "impp",
];

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

/// What the browser opens outside the picture.
#[derive(Deserialize)]
pub(super) struct Picker {
    /// Names it in its world.
    pub(super) serial: u32,
    kind: FieldKind,
    label: String,
    multiple: bool,
    more: bool,
    options: Vec<Choosable>,
    value: String,
    min: String,
    max: String,
    step: String,
}

#[derive(Deserialize)]
struct Choosable {
    text: String,
    group: Option<String>,
    disabled: bool,
    selected: bool,
}

/// The message that shows it (§7).
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum PickerMessage {
    Options {
        r#type: &'static str,
        id: SheetId,
        kind: FieldKind,
        label: String,
        multiple: bool,
        options: Vec<OptionTold>,
        #[serde(skip_serializing_if = "is_false")]
        more: bool,
    },
    Value {
        r#type: &'static str,
        id: SheetId,
        kind: FieldKind,
        label: String,
        value: String,
        min: String,
        max: String,
        step: String,
    },
}

#[derive(Serialize)]
pub(super) struct OptionTold {
    text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    group: Option<String>,
    #[serde(skip_serializing_if = "is_false")]
    disabled: bool,
    #[serde(skip_serializing_if = "is_false")]
    selected: bool,
}

impl Picker {
    pub(super) fn message(&self, id: SheetId) -> PickerMessage {
        let r#type = "picker";
        let (kind, label) = (self.kind, page_text(&self.label, MAX_LABEL));
        if !matches!(kind, FieldKind::Select | FieldKind::Datalist) {
            return PickerMessage::Value {
                r#type,
                id,
                kind,
                label,
                value: page_text(&self.value, MAX_VALUE),
                min: page_text(&self.min, MAX_VALUE),
                max: page_text(&self.max, MAX_VALUE),
                step: page_text(&self.step, MAX_VALUE),
            };
        }
        let mut bytes = 0;
        let told = self.options.iter().map(Choosable::told);
        let fitting = told.take_while(|option| {
            bytes += option.weight();
            bytes <= MAX_OPTION_BYTES
        });
        let options: Vec<_> = fitting.take(MAX_OPTIONS).collect();
        PickerMessage::Options {
            r#type,
            id,
            kind,
            label,
            multiple: self.multiple,
            more: self.more || options.len() < self.options.len(),
            options,
        }
    }
}

impl Choosable {
    fn told(&self) -> OptionTold {
        let group = self.group.as_deref();
        OptionTold {
            text: page_text(&self.text, MAX_OPTION),
            group: group.map(|group| page_text(group, MAX_OPTION)),
            disabled: self.disabled,
            selected: self.selected,
        }
    }
}

impl OptionTold {
    /// About how many bytes of JSON it takes, and never fewer.
    fn weight(&self) -> usize {
        const MEMBERS: usize = 60;
        let group = self.group.as_deref().map_or(0, json_bytes);
        MEMBERS + json_bytes(&self.text) + group
    }
}

/// How many bytes of JSON a text takes that has no control characters but line ends and tabs.
pub(super) fn json_bytes(text: &str) -> usize {
    let escaped = |byte: &u8| matches!(byte, b'"' | b'\\' | b'\n' | b'\t');
    text.len() + text.bytes().filter(|byte| escaped(byte)).count()
}

/// The autofill words among these.
fn autofill(words: &str) -> String {
    let mut told = String::new();
    for word in words.split_ascii_whitespace() {
        let word = word.to_ascii_lowercase();
        let is_section = word.starts_with("section-");
        let Some(word) = one_of(&AUTOFILL, &word).filter(|_| !is_section) else {
            continue;
        };
        if told.len() + word.len() < MAX_LABEL {
            if !told.is_empty() {
                told.push(' ');
            }
            told.push_str(word);
        }
    }
    told
}

fn one_of(words: &[&'static str], word: &str) -> Option<&'static str> {
    words.iter().find(|each| **each == word).copied()
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
const fn is_false(flag: &bool) -> bool {
    !*flag
}

/// Tells a member that is null from one that isn't there.
fn there<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use serde_json::{Value, json};

    use super::*;

    fn picker(options: Vec<Value>) -> Picker {
        let json = json!({"serial": 1, "kind": "select", "label": "L\u{202e}", "multiple": false, "more": false,
            "options": options, "value": "", "min": "", "max": "", "step": ""});
        serde_json::from_value(json).expect("well formed")
    }

    fn told(picker: &Picker) -> Value {
        let mut board = crate::agent::board::Board::default();
        serde_json::to_value(picker.message(board.new_sheet())).expect("it serialises")
    }

    #[test]
    fn long_lists_are_cut_by_count_and_by_bytes_and_say_so() {
        let option =
            |text: &str| json!({"text": text, "group": null, "disabled": false, "selected": false});
        let short = told(&picker(vec![option("a\nb"); 3]));
        assert_eq!(short["options"], json!(vec![json!({"text": "a\nb"}); 3]));
        assert_eq!(
            (&short["more"], &short["label"]),
            (&Value::Null, &json!("L"))
        );
        let many = told(&picker(vec![option("a"); 1_001]));
        assert_eq!(many["more"], true);
        assert!(many["options"].as_array().expect("a list").len() <= MAX_OPTIONS);
        let long = told(&picker(vec![option(&"\"".repeat(500)); 900]));
        assert_eq!(long["more"], true);
        let json = serde_json::to_vec(&long["options"]).expect("it serialises");
        assert!(json.len() <= MAX_OPTION_BYTES);
    }

    #[test]
    fn a_pages_words_are_known_or_left_out() {
        assert_eq!(
            autofill("section-x SHIPPING  one-time-code <script> tel"),
            "shipping one-time-code tel"
        );
        assert!(autofill(&"name ".repeat(900)).len() <= MAX_LABEL);
        let cursor = |word| serde_json::to_value(CursorMessage::of(word)).expect("it serialises");
        assert_eq!(cursor("grab")["cursor"], "grab");
        assert_eq!(cursor("url(evil)")["cursor"], "default");
    }

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
