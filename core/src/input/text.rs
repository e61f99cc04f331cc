//! Pasted text: what is typed key by key and what is inserted.
//!
//! Short text on one line is typed, because fields for one-time codes listen for keys. Everything
//! else is inserted at once. Neither ever presses Enter or Tab, so nothing is submitted or left.

use alloc::{borrow::Cow, string::String};
use core::time::Duration;

use unicode_segmentation::UnicodeSegmentation as _;

use crate::input::{
    event::{Key, Modifiers},
    keyboard::{Platform, Press, press, us_layout},
    limits::{CODE_PACE, LONGEST_CODE, TYPE_PACE},
};

/// The longest text that is typed, in characters.
const MAX_TYPED: usize = 64;

/// What to do with a pasted text.
pub(super) enum Paste {
    /// Nothing is left of it.
    Nothing,
    /// Type it key by key.
    Type(Typing),
    /// Insert it at once.
    Insert(String),
}

impl Paste {
    /// Strips line ends at both ends, makes those within `"\n"`, drops other control characters but
    /// tabs, and decides.
    pub(super) fn of(text: &str) -> Self {
        let text = normalise(text);
        let text = text.trim_matches('\n');
        if text.is_empty() {
            Self::Nothing
        } else if is_short(text) && is_one_line(text) {
            Self::Type(Typing {
                text: String::from(text),
                at: 0,
            })
        } else {
            Self::Insert(String::from(text))
        }
    }
}

/// Returns what an input method made, without control characters; line ends only within.
pub(super) fn composed(text: &str) -> String {
    String::from(normalise(text).trim_matches('\n'))
}

/// A text that is being typed.
pub(super) struct Typing {
    text: String,
    at: usize,
}

impl Typing {
    /// Returns the next key to press and release, or the next text to insert.
    pub(super) fn next(&mut self) -> Option<Press> {
        let rest = self.text.get(self.at..)?;
        let grapheme = rest.graphemes(true).next()?;
        self.at += grapheme.len();
        let mut characters = grapheme.chars();
        let on_us_keyboard = match (characters.next(), characters.next()) {
            (Some(character), None) => us_layout(character),
            _ => None,
        };
        let key = match on_us_keyboard {
            Some((key, shift)) => key.with(Modifiers {
                shift,
                ..Modifiers::default()
            }),
            None => Key::new(grapheme, ""),
        };
        // Keys that type text are the same on every platform.
        Some(press(&key, Platform::Other))
    }

    /// Tells whether everything was typed.
    pub(super) fn is_done(&self) -> bool {
        self.at >= self.text.len()
    }

    /// Returns the least time between two keys of this text.
    pub(super) fn pace(&self) -> Duration {
        if self.text.len() <= LONGEST_CODE {
            CODE_PACE
        } else {
            TYPE_PACE
        }
    }

    /// Returns the whole text's length in bytes.
    pub(super) fn len(&self) -> usize {
        self.text.len()
    }
}

/// Tells whether a text may be typed by its length. A long one isn't looked through.
fn is_short(text: &str) -> bool {
    const LONGEST_CHARACTER: usize = 4;
    text.len() <= LONGEST_CHARACTER * MAX_TYPED && text.chars().count() <= MAX_TYPED
}

fn is_one_line(text: &str) -> bool {
    !text.contains(|character: char| character.is_control() || is_separator(character))
}

fn normalise(text: &str) -> Cow<'_, str> {
    // Byte by byte and to the end, which is many times faster than by characters.
    let is_plain = !text.bytes().fold(false, |found, byte| found | may_go(byte));
    if is_plain {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\r' => {
                characters.next_if_eq(&'\n');
                out.push('\n');
            }
            '\n' | '\t' => out.push(character),
            other if other.is_control() => {}
            other => out.push(other),
        }
    }
    Cow::Owned(out)
}

/// Tells whether a character that begins with this byte may be one that is dropped or changed.
const fn may_go(byte: u8) -> bool {
    /// What U+0080 to U+00BF begin with, the upper control characters among them.
    const UPPER: u8 = 0xc2;
    let is_control = byte.is_ascii_control() && byte != b'\n' && byte != b'\t';
    is_control || byte == UPPER
}

/// Unicode's line and paragraph separators.
const fn is_separator(character: char) -> bool {
    matches!(character, '\u{2028}' | '\u{2029}')
}

#[cfg(test)]
mod tests {
    use alloc::borrow::Cow;

    use super::normalise;

    #[test]
    fn text_of_which_nothing_goes_is_not_copied() {
        for text in ["", "plain", "two\n\tlines", "é…🚀"] {
            assert!(matches!(normalise(text), Cow::Borrowed(_)), "{text:?}");
        }
        assert!(matches!(normalise("a\rb"), Cow::Owned(_)));
    }

    #[test]
    fn every_character_is_kept_dropped_or_a_line_end() {
        for character in '\0'..='\u{3000}' {
            let text = alloc::format!("x{character}y");
            let expected = match character {
                '\r' => "x\ny",
                '\n' | '\t' => &text,
                other if other.is_control() => "xy",
                _ => &text,
            };
            assert_eq!(normalise(&text), expected, "{character:?}");
        }
        assert_eq!(normalise("\r\n\r\r\n"), "\n\n\n");
    }
}
