//! The agent's script in the pages' worlds: what it reports, and how it goes about errands.
//!
//! What it says is a page's in the end, so it may be anything; only keys that type are never its own.

use std::collections::VecDeque;

use serde_json::{Value, json};

use super::world::{Line, World};
use crate::{
    chromium::Command,
    script,
    truth::{Truth, WORDS},
};

/// How many reports may be awaited; the oldest is forgotten.
const MOST_AWAITED: usize = 32;

/// What a field may be.
const KINDS: [&str; 6] = ["text", "password", "multiline", "select", "date", "file"];

/// How the script goes about an errand.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Manner {
    /// There is nothing to do; a paste is to be typed.
    #[default]
    Plain,
    /// It wants keys, or the text inserted, and then it is done.
    Presses,
    /// It wants keys, and never is.
    Endless,
    /// A key that types.
    Types,
    /// It did it itself.
    Takes,
    /// What it says makes no sense.
    Nonsense,
    /// It throws.
    Throws,
    /// It says nothing.
    Never,
}

const MANNERS: [Manner; 8] = [
    Manner::Plain,
    Manner::Presses,
    Manner::Endless,
    Manner::Types,
    Manner::Takes,
    Manner::Nonsense,
    Manner::Throws,
    Manner::Never,
];

/// The scripts of all worlds, as if they were one.
#[derive(Default)]
pub(super) struct Scripts {
    /// The calls that wait for news.
    awaited: VecDeque<u64>,
    manner: Manner,
    /// An errand wanted something, and goes on.
    is_at_it: bool,
}

impl Scripts {
    /// The browser is dialled anew.
    pub(super) fn browser_dialled(&mut self) {
        *self = Self::default();
    }

    /// What the script says; `None` if the command is none to it, and nothing within if it says nothing yet.
    pub(super) fn answer(
        &mut self,
        truth: &mut Truth,
        command: &Command<'_>,
    ) -> Option<Option<Value>> {
        if command.method == "DOM.describeNode" {
            let object = command.params()["objectId"].as_str()?.to_owned();
            return Some(Some(json!({"node": {"frameId": object}})));
        }
        if command.method != "Runtime.evaluate" {
            return None;
        }
        let params = command.params();
        let expression = params["expression"].as_str()?;
        if expression == "authloop.frame()" {
            return Some(Some(
                json!({"result": {"type": "object", "objectId": "F2"}}),
            ));
        }
        if is_watching(expression) {
            // What is there when it begins is news.
            let begins = expression.len() > "authloop.next()".len();
            if begins {
                return Some(Some(value(&report(0, ""))));
            }
            self.awaited.push_back(command.id);
            if self.awaited.len() > MOST_AWAITED {
                self.awaited.pop_front();
            }
            return Some(None);
        }
        let deed = expression.strip_prefix("authloop.")?;
        if deed.starts_with("stop") || deed.starts_with("turn") {
            return Some(Some(json!({"result": {"type": "undefined"}})));
        }
        Some(self.goes_about(truth, deed))
    }

    /// Returns how many calls wait for news.
    #[cfg(test)]
    pub(super) fn awaited(&self) -> usize {
        self.awaited.len()
    }

    fn goes_about(&mut self, truth: &mut Truth, deed: &str) -> Option<Value> {
        let pasted = deed.strip_prefix("paste(").map(|text| {
            let text = text.trim_end_matches(')');
            serde_json::from_str::<String>(text).expect("a text")
        });
        let goes_on = core::mem::take(&mut self.is_at_it) && deed.starts_with("goOn");
        let said = match self.manner {
            Manner::Plain if pasted.is_some() => json!({"done": "typed"}),
            Manner::Presses if !goes_on => {
                self.is_at_it = true;
                match pasted {
                    Some(text) => json!({"insert": text}),
                    None => wants(truth, "ArrowDown"),
                }
            }
            Manner::Endless => wants(truth, "End"),
            // It isn't pressed, which nobody allows.
            Manner::Types => json!({"keys": [{"key": "a", "times": 1}]}),
            Manner::Takes if deed.starts_with("copy") => json!({"done": "copied", "text": WORDS}),
            Manner::Nonsense => json!([7]),
            Manner::Throws => {
                return Some(json!({
                    "result": {"type": "object"},
                    "exceptionDetails": {"text": WORDS}
                }));
            }
            Manner::Never => return None,
            Manner::Plain | Manner::Presses | Manner::Takes => json!({"done": ""}),
        };
        Some(value(&said))
    }
}

/// The script wants a key pressed twice.
fn wants(truth: &mut Truth, key: &str) -> Value {
    truth.keys += 2;
    json!({"keys": [{"key": key, "times": 2}]})
}

/// Tells whether news are awaited with it.
pub(super) fn is_watching(expression: &str) -> bool {
    expression.ends_with("authloop.next()")
}

fn value(value: &Value) -> Value {
    json!({"result": {"type": "object", "value": value}})
}

/// What the script reports.
fn report(number: u8, text: &str) -> Value {
    let serial = number / 8;
    let label = format!("{WORDS} {text}");
    let kind = script::pick(&KINDS, serial).copied().unwrap_or_default();
    let mut report = json!({
        "field": null, "frame": null, "cursor": "pointer", "touch": false,
        "view": {"x": 0, "y": 0, "scale": 1}
    });
    match number % 8 {
        1 => {
            report["field"] = json!({
                "kind": kind, "input_mode": "numeric", "enter_key": "go", "autocomplete": text,
                "max_length": 6, "multiple": false, "label": label, "x": 1, "y": 2, "width": 3, "height": 4
            });
        }
        2 => {
            report["picker"] = json!({
                "serial": serial, "kind": kind, "label": label, "multiple": true, "more": false,
                "options": [{"text": label, "group": text, "disabled": false, "selected": true}],
                "value": text, "min": "", "max": "", "step": ""
            });
        }
        3 => report["picker"] = Value::Null,
        4 => report["frame"] = json!({"serial": serial, "x": 5, "y": 6}),
        5 => {
            report["happened"] = json!([
                {"kind": "menu", "x": 1e300, "y": -1e300, "selection": true, "editable": true},
                {"kind": "print"}, {"kind": "refused"}, {"kind": "typed"}
            ]);
        }
        6 => report["view"] = json!({"x": 1e300, "y": 1e300, "scale": f64::from(serial)}),
        7 => return serde_json::from_str(text).unwrap_or_else(|_| text.into()),
        _ => {}
    }
    report
}

impl World {
    /// The script has news, for one of those who wait for some.
    pub(super) fn reports(&mut self, which: u8, number: u8, text: &str) {
        let awaited = &mut self.scripts.awaited;
        let place = usize::from(which).checked_rem(awaited.len());
        let Some(id) = place.and_then(|place| awaited.remove(place)) else {
            return;
        };
        if self.browser == Line::Up {
            let result = value(&report(number, text));
            self.browser_says(&format!(r#"{{"id":{id},"result":{result}}}"#));
        }
    }

    /// The script goes about errands in another manner.
    pub(super) fn goes_about(&mut self, manner: u8) {
        let manner = script::pick(&MANNERS, manner).copied();
        self.scripts.manner = manner.unwrap_or_default();
    }
}
