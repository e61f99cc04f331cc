//! What a human wants of the page that takes more than events: an answer to what the browser would have
//! opened, a copy, a paste. It has its turn among the events, and nothing overtakes it.

use alloc::{string::String, vec::Vec};

use crate::input::{
    action::KeyEvent,
    event::{Key, Modifiers},
    keyboard::{self, Platform, Press},
};

/// One errand. No `Debug`: it holds what a human typed.
#[derive(Clone, PartialEq, Eq)]
pub enum Errand {
    /// An answer to what the viewer drew instead of the browser, by the number of that sheet.
    Answer {
        /// Which one.
        sheet: u32,
        /// What was answered.
        choice: Choice,
    },
    /// Show what can be chosen in the field that has the focus.
    Offer,
    /// Copy what is selected.
    Copy,
    /// Paste a text, however the page takes it.
    Paste(String),
}

/// What a human chose.
#[derive(Clone, PartialEq, Eq)]
pub enum Choice {
    /// These of the options, by their places.
    Options(Vec<u32>),
    /// A date, a time or a colour, as HTML writes them.
    Value(String),
    /// Nothing: it was put away.
    Nothing,
}

impl Errand {
    /// Returns how many bytes of what a human typed it holds.
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Answer { choice, .. } => match choice {
                Choice::Options(options) => options.len(),
                Choice::Value(value) => value.len(),
                Choice::Nothing => 0,
            },
            Self::Offer | Self::Copy => 0,
            Self::Paste(text) => text.len(),
        }
    }
}

/// Says how to press and release a key that an errand needs; `None` for any other. None of them types.
pub fn tap(name: &str, platform: Platform) -> Option<[KeyEvent; 2]> {
    let key = match name {
        "Home" | "End" | "ArrowUp" | "ArrowDown" | "Enter" | "Escape" => Key::new(name, name),
        "Paste" => Key::new("v", "KeyV").with(Modifiers {
            ctrl: true,
            ..Modifiers::default()
        }),
        _ => return None,
    };
    match keyboard::press(&key, platform) {
        Press::Key(pressed) => {
            let released = keyboard::release(&pressed, pressed.modifiers);
            Some([pressed, released])
        }
        Press::Text(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_keys_that_type_nothing_are_tapped() {
        for platform in [Platform::Mac, Platform::Other] {
            for name in ["a", "Tab", "Backspace", "F5", ""] {
                assert!(tap(name, platform).is_none(), "{name}");
            }
        }
        let [down, up] = tap("Enter", Platform::Other).expect("a key");
        assert_eq!(
            (down.text.as_deref(), up.text.as_deref()),
            (Some("\r"), None)
        );
        let [down, _] = tap("Paste", Platform::Other).expect("a key");
        assert_eq!(
            (down.key.as_str(), down.modifiers, down.text),
            ("v", 2, None)
        );
        let [down, _] = tap("Paste", Platform::Mac).expect("a key");
        assert_eq!((down.modifiers, down.commands), (4, &["paste"][..]));
    }
}
