//! Words of CSS and HTML that a page may say: those of a list, and no others.

use alloc::string::String;

/// The longest label, and the longest list of autofill words, in characters.
pub(super) const MAX_LABEL: usize = 100;

/// Cursors that are told; `default` stands for any other.
pub(super) const CURSORS: [&str; 26] = [
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
pub(super) const INPUT_MODES: [&str; 8] = [
    "none", "text", "tel", "url", "email", "numeric", "decimal", "search",
];
pub(super) const ENTER_KEYS: [&str; 7] =
    ["enter", "done", "go", "next", "previous", "search", "send"];

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

/// The autofill words among these.
pub(super) fn autofill(words: &str) -> String {
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

pub(super) fn one_of(words: &[&'static str], word: &str) -> Option<&'static str> {
    words.iter().find(|each| **each == word).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pages_words_are_known_or_left_out() {
        assert_eq!(
            autofill("section-x SHIPPING  one-time-code <script> tel"),
            "shipping one-time-code tel"
        );
        assert!(autofill(&"name ".repeat(900)).len() <= MAX_LABEL);
        assert_eq!(one_of(&CURSORS, "grab"), Some("grab"));
        assert_eq!(one_of(&CURSORS, "url(evil)"), None);
    }
}
