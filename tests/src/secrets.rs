//! What must never stand in a log, in whatever form it might have got there.

use std::fmt::Write as _;

use authloop_core::crypto::v2::ViewerLink;
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use serde_json::Value;

/// Returns everything in a link that opens its session: in version 1 the viewer's token; in version 2
/// the fragment, the secret in it as several writers would have it, and the admission token.
///
/// # Panics
///
/// Fails the test if this is no link.
pub fn of_link(session_url: &str) -> Vec<String> {
    let (_, fragment) = session_url.split_once('#').expect("a link's secret part");
    let (version, digits) = fragment.split_once('.').expect("a link's version");
    let mut secrets = vec![fragment.to_owned(), digits.to_owned()];
    if version != "1" {
        let link = ViewerLink::parse(session_url).expect("a link of version 2");
        secrets.push(link.link.admission_token().expose().to_owned());
        let bytes = URL_SAFE_NO_PAD.decode(digits).expect("base64url");
        let (_, secret) = bytes.split_at_checked(33).expect("a key and a secret");
        secrets.extend(written(secret));
    }
    secrets
}

/// How bytes look in hexadecimal, in base64 and as Rust prints them.
fn written(bytes: &[u8]) -> [String; 4] {
    let mut hex = String::new();
    for byte in bytes {
        // Writing to a string can't fail.
        let _ = write!(hex, "{byte:02x}");
    }
    let base64 = STANDARD.encode(bytes);
    let base64 = base64.trim_end_matches('=').to_owned();
    let url_safe = URL_SAFE_NO_PAD.encode(bytes);
    let list = format!("{bytes:?}");
    [hex, base64, url_safe, list]
}

/// Fails the test if one of the secrets stands in a text.
///
/// # Panics
///
/// So it does, and names the secret's place in the list, not the secret.
pub fn are_absent<'a>(text: &str, secrets: impl IntoIterator<Item = &'a str>) {
    for (place, secret) in secrets.into_iter().enumerate() {
        assert!(!secret.is_empty(), "secret {place} is none");
        assert!(!text.contains(secret), "secret {place} in: {text}");
    }
}

/// Returns every text in a trace, one a line: names of members, and all values that aren't numbers. Lengths
/// of what was shortened, which are numbers, are left out, and so are outputs, which are numbers and words
/// of ours.
///
/// # Panics
///
/// Fails the test if this is no trace.
pub fn texts_of_trace(trace: &str) -> String {
    let mut texts = String::new();
    for line in trace.lines() {
        let line: Value = serde_json::from_str(line).expect("a line of JSON");
        let mut waiting = vec![&line];
        while let Some(value) = waiting.pop() {
            match value {
                Value::String(text) if text.starts_with('~') => {}
                Value::String(text) => {
                    texts.push_str(text);
                    texts.push('\n');
                }
                Value::Array(items) => waiting.extend(items),
                Value::Object(members) => {
                    for (name, value) in members.iter().filter(|(name, _)| *name != "out") {
                        texts.push_str(name);
                        texts.push('\n');
                        waiting.push(value);
                    }
                }
                Value::Null | Value::Bool(_) | Value::Number(_) => {}
            }
        }
    }
    texts
}

/// Tells whether digits stand in a text as a word of their own; they may be part of a longer number for
/// another reason.
pub fn has_word(text: &str, digits: &str) -> bool {
    text.split(|character: char| !character.is_ascii_alphanumeric())
        .any(|word| word == digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_of_version_2_has_many_secrets() {
        let link = "https://relay.example/s/sess_0123456789abcdef#2.\
                    AxBQHNWVV_gX579XBMOteOxFA81VQQwQwbtRCYjcclCUoRnYTMWQyWFawnwE6GLJZQ";
        let secrets = of_link(link);
        for secret in [
            "A9vUU3joHXxTePkmqtgnVw",
            "a119d84cc590c9615ac27c04e862c965",
            "oRnYTMWQyWFawnwE6GLJZQ",
            "[161, 25, 216",
        ] {
            let is_there = secrets.iter().any(|one| one.starts_with(secret));
            assert!(is_there, "{secret}: {secrets:?}");
        }
    }

    #[test]
    fn a_link_of_version_1_has_its_token() {
        let secrets = of_link("http://127.0.0.1:1/s/x#1.token");
        assert_eq!(secrets, ["1.token", "token"]);
    }

    #[test]
    #[should_panic(expected = "secret 1 in")]
    fn a_secret_in_a_text_is_found() {
        are_absent("the token is 42", ["no", "42"]);
    }
}
