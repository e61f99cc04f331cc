//! What the browser opens outside the picture, as it is read, and as the viewer is shown it (§7).

use alloc::{string::String, vec::Vec};

use serde::{Deserialize, Serialize};

use super::{field::FieldKind, words::MAX_LABEL};
use crate::agent::{board::SheetId, page_text::page_text};

/// The longest text of an option, in characters.
const MAX_OPTION: usize = 200;

/// The longest date, time or colour, in characters.
const MAX_VALUE: usize = 100;

/// How many options are told, and how many bytes of JSON they may take.
const MAX_OPTIONS: usize = 1_000;
const MAX_OPTION_BYTES: usize = 50_000;

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

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
const fn is_false(flag: &bool) -> bool {
    !*flag
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
}
