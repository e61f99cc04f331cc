//! Errands: what takes the script in the page's world and the browser's own keys by turns.
//!
//! One at a time, and nothing overtakes it. The script says which keys it wants, and at last how it went; it
//! can ask for no key that types.

use alloc::{format, string::String, vec::Vec};

use serde::{Deserialize, Serialize};

use super::{Wanted, picker::json_bytes};
use crate::{
    agent::{
        browser::{Browser, ErrandEnd, News, Purpose},
        context::Context,
    },
    cdp::vocabulary::{Answer, Method},
    input::{Choice, Errand, errand::tap},
};

/// How many turns the script may take.
const MAX_TURNS: u32 = 8;

/// How often a key may be pressed.
const MAX_PRESSES: u32 = 1_000;

/// The longest text that is copied, in bytes.
const MAX_COPIED: usize = 50_000;

/// An errand under way.
pub(in crate::agent::browser) struct Running {
    world: u32,
    /// What is typed after all if the page doesn't take it as a paste.
    pasted: Option<String>,
    turns: u32,
}

/// What the script says.
#[derive(Deserialize)]
struct Said {
    #[serde(default)]
    keys: Vec<Keys>,
    #[serde(default)]
    insert: Option<String>,
    #[serde(default)]
    done: Option<String>,
    #[serde(default)]
    text: String,
    #[serde(default)]
    more: bool,
}

#[derive(Deserialize)]
struct Keys {
    key: String,
    times: u32,
}

/// The message of what was copied (§7).
#[derive(Serialize)]
struct Copied<'a> {
    r#type: &'static str,
    text: &'a str,
    #[serde(skip_serializing_if = "core::ops::Not::not")]
    more: bool,
}

impl Running {
    pub(super) const fn is_in(&self, world: u32) -> bool {
        self.world == world
    }
}

impl Browser {
    /// Tells whether an errand is under way, which nothing may overtake.
    pub(in crate::agent) const fn is_on_errand(&self) -> bool {
        self.worlds.errand.is_some()
    }

    /// Tells whether pastes take an errand here.
    pub(in crate::agent) fn takes_errands(&self) -> bool {
        self.worlds.focused().is_some()
    }

    /// Begins an errand. Returns how it ended, if it did at once.
    pub(in crate::agent) fn run(&mut self, cx: &mut Context, errand: Errand) -> Option<ErrandEnd> {
        let focused = self.worlds.focused();
        let (world, expression, pasted) = match errand {
            Errand::Answer { sheet, choice } => {
                let is_it = |offered: &super::Offered| offered.sheet.number() == sheet;
                // A sheet that isn't there any more was answered already, or its field is gone.
                let offered = self.worlds.offered.take_if(|offered| is_it(offered))?;
                cx.board.close_sheet(offered.sheet);
                let choice = written(&choice);
                let answer = format!("authloop.answer({},{choice})", offered.serial);
                (Some(offered.world), answer, None)
            }
            Errand::Offer => (focused, "authloop.open()".into(), None),
            Errand::Copy if focused.is_none() => {
                return Some(ErrandEnd::Notice("nothing_selected"));
            }
            Errand::Copy => (focused, "authloop.copy()".into(), None),
            Errand::Paste(text) if focused.is_none() => return Some(ErrandEnd::Typed(text)),
            Errand::Paste(text) => {
                let paste = format!("authloop.paste({})", json(&text));
                (focused, paste, Some(text))
            }
        };
        let world = world?;
        self.worlds.errand = Some(Running {
            world,
            pasted,
            turns: 0,
        });
        let is_begun = self.evaluate(cx, world, &expression, Wanted::Deed, Purpose::Errand);
        if !is_begun {
            self.worlds.errand = None;
            return Some(ErrandEnd::Quiet);
        }
        None
    }

    /// The script said what it wants, or how it went; it says nothing if its document is gone.
    pub(in crate::agent::browser) fn on_errand(
        &mut self,
        cx: &mut Context,
        answer: Option<Answer<'_>>,
    ) -> News<'static> {
        let value = match answer {
            Some(Answer::RuntimeEvaluate(evaluated)) => evaluated.value(),
            _ => None,
        };
        let said = value.and_then(|value| serde_json::from_value::<Said>(value).ok());
        let Some(said) = said else {
            // A page that is too busy to be asked is typed to.
            let pasted = self
                .worlds
                .errand
                .as_mut()
                .filter(|running| running.turns == 0);
            let pasted = pasted.and_then(|running| running.pasted.take());
            return self.end_errand(pasted.map_or(ErrandEnd::Quiet, ErrandEnd::Typed));
        };
        if let Some(done) = said.done {
            return self.on_done(cx, &done, &said.text, said.more);
        }
        let Some(running) = &mut self.worlds.errand else {
            return News::Nothing;
        };
        running.turns += 1;
        if running.turns > MAX_TURNS || (said.keys.is_empty() && said.insert.is_none()) {
            return self.end_errand(ErrandEnd::Quiet);
        }
        for Keys { key, times } in said.keys {
            let Some(tap) = tap(&key, self.platform) else {
                continue;
            };
            for event in (0..times.min(MAX_PRESSES)).flat_map(|_| &tap) {
                let press = Some(Purpose::Press);
                self.call_page(cx, Method::InputDispatchKeyEvent, event, press);
            }
        }
        if let Some(text) = said.insert {
            #[derive(Serialize)]
            struct Text {
                text: String,
            }
            let press = Some(Purpose::Press);
            self.call_page(cx, Method::InputInsertText, &Text { text }, press);
        }
        self.on_pressed(cx)
    }

    /// The page has answered keys. Once all are, the script goes on.
    pub(in crate::agent::browser) fn on_pressed(&mut self, cx: &mut Context) -> News<'static> {
        let waits = |purpose| matches!(purpose, Purpose::Press | Purpose::Errand);
        if self.count_calls(waits) == 0
            && let Some(running) = &self.worlds.errand
        {
            let world = running.world;
            let (next, errand) = ("authloop.goOn()", Purpose::Errand);
            if !self.evaluate(cx, world, next, Wanted::Deed, errand) {
                return self.end_errand(ErrandEnd::Quiet);
            }
        }
        News::Nothing
    }

    fn on_done(&mut self, cx: &mut Context, done: &str, text: &str, more: bool) -> News<'static> {
        let pasted = self
            .worlds
            .errand
            .as_mut()
            .and_then(|running| running.pasted.take());
        let end = match (done, pasted) {
            ("typed", Some(text)) => ErrandEnd::Typed(text),
            ("copied", None) => {
                let (text, is_cut) = copied(text);
                cx.board.tell(&Copied {
                    r#type: "copied",
                    text: &text,
                    more: more || is_cut,
                });
                ErrandEnd::Quiet
            }
            ("nothing_selected", None) => ErrandEnd::Notice("nothing_selected"),
            ("not_copied", None) => ErrandEnd::Notice("not_copied"),
            ("not_chosen" | "gone", None) => ErrandEnd::Notice("not_chosen"),
            _ => ErrandEnd::Quiet,
        };
        self.end_errand(end)
    }

    fn end_errand(&mut self, end: ErrandEnd) -> News<'static> {
        match self.worlds.errand.take() {
            Some(_) => News::Errand(end),
            None => News::Nothing,
        }
    }
}

/// Writes a choice as the script reads it.
fn written(choice: &Choice) -> String {
    match choice {
        Choice::Options(options) => format!(r#"{{"chosen":{options:?}}}"#),
        Choice::Value(value) => format!(r#"{{"value":{}}}"#, json(value)),
        Choice::Nothing => "{}".into(),
    }
}

/// Writes a text as JSON, which is JavaScript, too.
fn json(text: &str) -> String {
    // Serialising a text can't fail.
    serde_json::to_string(text).unwrap_or_default()
}

/// Takes as much of a text as a message holds, without control characters but line ends and tabs.
fn copied(text: &str) -> (String, bool) {
    let mut taken = String::new();
    let mut bytes = 0;
    for character in text.chars() {
        if character.is_control() && character != '\n' && character != '\t' {
            continue;
        }
        bytes += json_bytes(character.encode_utf8(&mut [0; 4]));
        if bytes > MAX_COPIED {
            return (taken, true);
        }
        taken.push(character);
    }
    (taken, false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_copied_fits_its_message_and_is_cut_at_a_character() {
        assert_eq!(copied("a\0b\r\n\tc"), ("ab\n\tc".into(), false));
        let (text, is_cut) = copied(&"\u{20ac}".repeat(20_000));
        assert!(is_cut && text.len() <= MAX_COPIED && text.len() > MAX_COPIED - 4);
        let (text, is_cut) = copied(&"\"".repeat(50_000));
        assert!(is_cut && json(&text).len() <= MAX_COPIED + 2);
    }

    #[test]
    fn a_choice_is_written_as_javascript_reads_it() {
        assert_eq!(
            written(&Choice::Options([0, 12].into())),
            r#"{"chosen":[0, 12]}"#
        );
        let value = Choice::Value("\");alert(1)//\u{2028}".into());
        assert_eq!(written(&value), "{\"value\":\"\\\");alert(1)//\u{2028}\"}");
        assert_eq!(written(&Choice::Nothing), "{}");
    }
}
