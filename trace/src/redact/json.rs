//! JSON from the browser and the relay: what the agent reads, and nothing else.
//!
//! Members are kept by a list of names, each with what may be told of its value. A member that isn't on
//! it is left out: cookies and whatever a later browser adds. What the agent learns to read has to
//! be added here, or replays differ.

use authloop_core::time::WallTime;
use serde_json::{Map, Value};

use super::{
    address::{foreign, segment},
    names::{Names, What},
};
use crate::line::shorten;

/// How deep a value may be nested.
const MAX_DEPTH: usize = 16;

/// The words that may be told: kinds of targets, dialogs, ends, sessions, messages, fields and cursors.
const WORDS: [&str; 113] = [
    "page",
    "iframe",
    "browser",
    "worker",
    "service_worker",
    "shared_worker",
    "tab",
    "webview",
    "other",
    "alert",
    "confirm",
    "prompt",
    "beforeunload",
    "Navigation",
    "BackForwardCacheRestore",
    "target_closed",
    "PENDING",
    "ACTIVE",
    "RESOLVED",
    "CANCELLED",
    "TIMEOUT",
    "ERROR",
    "heartbeat",
    "ping",
    "takeover",
    "dialog_answer",
    "auth_answer",
    "tab",
    "file",
    "file_chunk",
    "files_done",
    "files_cancel",
    "files_drop",
    "selectSingle",
    "selectMultiple",
    "accept",
    "multiple",
    "webkitdirectory",
    "capture",
    "user",
    "environment",
    "secure",
    "insecure",
    "insecure-broken",
    "neutral",
    "info",
    "unknown",
    "Server",
    "Proxy",
    "hand_over",
    "keep",
    "picker_answer",
    "copy",
    "open_picker",
    "text",
    "password",
    "email",
    "tel",
    "url",
    "number",
    "search",
    "multiline",
    "rich",
    "date",
    "time",
    "month",
    "week",
    "datetime-local",
    "color",
    "select",
    "datalist",
    "menu",
    "print",
    "refused",
    "Home",
    "End",
    "ArrowUp",
    "ArrowDown",
    "Enter",
    "Escape",
    "Paste",
    "chosen",
    "not_chosen",
    "gone",
    "typed",
    "pasted",
    "copied",
    "not_copied",
    "nothing_selected",
    "default",
    "pointer",
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

/// What may be told of a member.
enum Rule {
    /// All of it: an object or a list, whose own members are looked at.
    Inside,
    /// Its number, or what it says with yes or no.
    Number,
    /// Filler: a text of as many characters, of as many bytes.
    Text,
    /// One of [`WORDS`].
    Word,
    /// The name of a method or an event.
    Method,
    Address,
    CdpSession,
    Target,
    Loader,
    /// A text of which only counts whether it is the same as another: a number stands for it.
    Label,
    /// A part of an address, or what lets somebody in: filler.
    Segment,
    /// A date and time.
    Time,
    /// Which platform the browser says it runs on.
    UserAgent,
    /// The length of a picture.
    Picture,
}

fn rule(name: &str) -> Option<Rule> {
    Some(match name {
        "params"
        | "result"
        | "targetInfo"
        | "targetInfos"
        | "frame"
        | "frameTree"
        | "metadata"
        | "cssLayoutViewport"
        | "entries"
        | "error"
        | "visibleSecurityState"
        | "authChallenge"
        | "exceptionDetails"
        | "node"
        | "object"
        | "field"
        | "view"
        | "happened"
        | "picker"
        | "options"
        | "keys"
        | "chosen" => Rule::Inside,
        "clientWidth" | "clientHeight" | "currentIndex" | "offsetTop" | "pageScaleFactor"
        | "deviceWidth" | "deviceHeight" | "scrollOffsetX" | "scrollOffsetY" | "last_frame"
        | "hidden" | "clock" | "n" | "accept" | "page" | "executionContextId" | "x" | "y"
        | "width" | "height" | "scale" | "max_length" | "multiple" | "touch" | "serial" | "of"
        | "size" | "offset" | "choice" | "backendNodeId" | "selection" | "editable" | "more"
        | "disabled" | "selected" | "times" => Rule::Number,
        "message" | "defaultPrompt" | "text" | "username" | "password" | "name" | "mime"
        | "value" | "label" | "group" | "min" | "max" | "step" | "insert" | "input_mode"
        | "enter_key" | "autocomplete" => Rule::Text,
        "type" | "reason" | "status" | "answer" | "securityState" | "source" | "kind"
        | "cursor" | "key" | "done" | "mode" | "attributes" => Rule::Word,
        "method" => Rule::Method,
        "url" | "webSocketDebuggerUrl" | "session_url" | "stream_url" => Rule::Address,
        "sessionId" => Rule::CdpSession,
        "id" | "targetId" | "openerId" | "frameId" => Rule::Target,
        "loaderId" | "parentId" => Rule::Loader,
        "requestId" | "objectId" | "title" | "domainAndRegistry" | "origin" | "realm" => {
            Rule::Label
        }
        "session_id" | "stream_token" | "code" => Rule::Segment,
        "expires_at" => Rule::Time,
        "userAgent" => Rule::UserAgent,
        "data" => Rule::Picture,
        _ => return None,
    })
}

/// Redacts a value.
pub(super) fn json(names: &mut Names, value: &Value) -> Value {
    inside(names, value, 0)
}

fn inside(names: &mut Names, value: &Value, depth: usize) -> Value {
    match value {
        _ if depth > MAX_DEPTH => Value::Null,
        Value::Object(members) => {
            let kept = members.iter().filter_map(|(name, value)| {
                let rule = rule(name)?;
                Some((name.clone(), member(names, &rule, value, depth)))
            });
            Value::Object(kept.collect::<Map<_, _>>())
        }
        Value::Array(items) => {
            let items = items.iter().map(|item| inside(names, item, depth + 1));
            Value::Array(items.collect())
        }
        Value::String(text) => filler(text),
        Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
    }
}

fn member(names: &mut Names, rule: &Rule, value: &Value, depth: usize) -> Value {
    let text = match (rule, value) {
        (_, Value::String(text)) => text,
        (Rule::Word, Value::Array(items)) if depth <= MAX_DEPTH => {
            let items = items.iter();
            return items
                .map(|item| member(names, rule, item, depth + 1))
                .collect();
        }
        _ => return inside(names, value, depth + 1),
    };
    match rule {
        Rule::Text => super::events::filler(text).into(),
        Rule::Inside | Rule::Number => filler(text),
        Rule::Word if WORDS.contains(&text.as_str()) => value.clone(),
        Rule::Word => filler(text),
        Rule::Method if is_method(text) => value.clone(),
        Rule::Method => filler(text),
        Rule::Address => foreign(names, text).into(),
        Rule::CdpSession => names.short(What::CdpSession, 'S', text).into(),
        Rule::Target => names.short(What::Target, 'T', text).into(),
        Rule::Loader => names.short(What::Loader, 'L', text).into(),
        Rule::Label if text.is_empty() => value.clone(),
        Rule::Label => names.short(What::Label, 'N', text).into(),
        Rule::Segment => segment(names, text).into(),
        Rule::Time => WallTime::from_rfc3339(text)
            .map_or_else(|| filler(text), |time| Value::String(time.to_rfc3339())),
        Rule::UserAgent if text.contains("Macintosh") => "Macintosh".into(),
        Rule::UserAgent => filler(text),
        Rule::Picture => picture(text),
    }
}

/// A text that says nothing, of the same length.
fn filler(text: &str) -> Value {
    "x".repeat(text.chars().count()).into()
}

/// Tells whether a text can be the name of a method: `Domain.name`.
fn is_method(text: &str) -> bool {
    let is_name = |name: &str| name.bytes().all(|byte| byte.is_ascii_alphanumeric());
    text.len() <= 64
        && text.split_once('.').is_some_and(|(domain, name)| {
            domain.starts_with(|c: char| c.is_ascii_uppercase())
                && name.starts_with(|c: char| c.is_ascii_lowercase())
                && is_name(domain)
                && is_name(name)
        })
}

fn picture(base64: &str) -> Value {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
    let body = base64.trim_end_matches('=');
    if body.bytes().all(is_plain) && base64.len().is_multiple_of(4) {
        shorten(base64.len(), base64.len() - body.len()).into()
    } else {
        "*".into()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_isn_t_on_the_list_is_left_out() {
        let mut names = Names::default();
        let said = json!({
            "method": "Target.targetInfoChanged",
            "params": {"targetInfo": {
                "targetId": "ABC", "type": "page", "title": "My account",
                "url": "https://bank.example/me", "attached": true, "openerId": "DEF",
            }, "secret": {"type": "page"}},
            "sessionId": "XYZ",
        });
        let expected = json!({
            "method": "Target.targetInfoChanged",
            "params": {"targetInfo": {
                "targetId": "T0", "type": "page", "url": "https://h0xxxxxxxxxx/p0", "openerId": "T1",
            }},
            "sessionId": "S0",
        });
        // Members are visited in the order of their names.
        let told = json(&mut names, &said);
        let text = told.to_string();
        assert_eq!(told["method"], expected["method"]);
        assert_eq!(told["sessionId"], "S0");
        assert_ne!(told["params"]["targetInfo"]["targetId"], "ABC");
        for secret in [
            "account", "bank", "/me", "ABC", "DEF", "XYZ", "secret", "attached",
        ] {
            assert!(!text.contains(secret), "{secret} in {text}");
        }
    }

    #[test]
    fn words_that_aren_t_known_become_filler() {
        let mut names = Names::default();
        let said =
            json!({"type": "hunter2", "method": "hunter2", "reason": ["hunter2"], "n": "hunter2"});
        let expected =
            json!({"type": "xxxxxxx", "method": "xxxxxxx", "reason": ["xxxxxxx"], "n": "xxxxxxx"});
        assert_eq!(json(&mut names, &said), expected);
    }

    #[test]
    fn a_dialog_and_its_answer_keep_the_length_of_their_texts() {
        let mut names = Names::default();
        let said = json!({"type": "prompt", "message": "Your PIN?", "defaultPrompt": "1234\n"});
        let expected = json!({"type": "prompt", "message": "xxxxxxxxx", "defaultPrompt": "xxxx\n"});
        assert_eq!(json(&mut names, &said), expected);
        let said = json!({"type": "dialog_answer", "id": 3, "accept": true, "text": "4711"});
        let expected = json!({"type": "dialog_answer", "id": 3, "accept": true, "text": "xxxx"});
        assert_eq!(json(&mut names, &said), expected);
    }

    #[test]
    fn a_picture_is_its_length() {
        let mut names = Names::default();
        let said = json!({"data": "/9j/4A==", "metadata": {"deviceWidth": 1280}});
        let expected = json!({"data": "~8==", "metadata": {"deviceWidth": 1280}});
        assert_eq!(json(&mut names, &said), expected);
        assert_eq!(
            json(&mut names, &json!({"data": "/9j*"})),
            json!({"data": "*"})
        );
    }
}
