//! How a key has to be told: its text, its name and code on the browser's platform, and the modifiers.

use authloop_core::input::{
    KeyEvent, KeyEventKind, Platform,
    event::{Key, Modifiers},
};

/// The names of the keys that modify others, and their bits in CDP.
const MODIFIERS: [(&str, u8); 5] = [
    ("Alt", 1),
    ("AltGraph", 0),
    ("Control", 2),
    ("Meta", 4),
    ("Shift", 8),
];

/// A press as the browser has to be told of it.
pub(super) struct Pressed {
    key: String,
    code: String,
    text: Option<String>,
    modifiers: u8,
}

impl Pressed {
    /// Returns how a key is pressed; `None` if its text is too long for a key.
    pub(super) fn of(key: &Key, platform: Platform) -> Option<Self> {
        let text = match key.key.as_str() {
            text if is_text(key) => Some(text),
            "Enter" => Some("\r"),
            _ => None,
        };
        if text.is_some_and(|text| text.encode_utf16().count() > 3) {
            return None;
        }
        if let (Platform::Other, Some((name, ctrl))) = (platform, by_a_mac(key)) {
            return Some(Self {
                key: name.into(),
                code: name.into(),
                text: None,
                modifiers: key.modifiers.bits() & 8 | ctrl,
            });
        }
        Some(Self {
            key: renamed(&key.key, platform),
            code: renamed(key.code.as_deref().unwrap_or_default(), platform),
            text: text.map(String::from),
            modifiers: modifiers(key, platform),
        })
    }

    /// Returns the modifiers that are left when it goes up unasked: its own is gone.
    pub(super) fn modifiers_after(&self) -> u8 {
        let own = MODIFIERS.iter().find(|(name, _)| self.key == *name);
        self.modifiers & !own.map_or(0, |(_, bit)| *bit)
    }
}

/// A key went down as it has to.
pub(super) fn pressed(press: &Pressed, event: &KeyEvent) {
    assert!(!event.auto_repeat, "a press was told as a repeat");
    let is_it = press.key == event.key
        && press.code == event.code
        && press.text == event.text
        && press.modifiers == event.modifiers;
    assert!(is_it, "another key");
    let kind = if press.text.is_some() {
        KeyEventKind::KeyDown
    } else {
        KeyEventKind::RawKeyDown
    };
    assert_eq!(event.kind, kind, "who types has a text, and nobody else");
}

/// A key that is down was repeated.
pub(super) fn repeated(press: &Pressed, event: &KeyEvent) {
    assert!(event.auto_repeat && event.kind != KeyEventKind::KeyUp);
    assert!(
        is_same_key(press, event),
        "a repeat of a key that isn't down"
    );
}

/// A key that was down went up.
pub(super) fn released(press: &Pressed, event: &KeyEvent, modifiers: u8) {
    assert_eq!(event.kind, KeyEventKind::KeyUp);
    assert!(
        press.key == event.key && press.code == event.code,
        "a release of a key that isn't down"
    );
    assert_eq!(event.modifiers, modifiers);
    assert!(event.text.is_none() && !event.auto_repeat);
}

/// A character of a pasted text went down.
pub(super) fn typed(event: &KeyEvent) -> Pressed {
    assert_eq!(event.kind, KeyEventKind::KeyDown);
    assert_eq!(event.text.as_ref(), Some(&event.key));
    assert_eq!(event.modifiers & !8, 0, "only Shift types text");
    assert!(!event.auto_repeat);
    Pressed {
        key: event.key.clone(),
        code: event.code.clone(),
        text: event.text.clone(),
        modifiers: event.modifiers,
    }
}

/// The physical key decides, if it is known: its character may change while it is down.
fn is_same_key(press: &Pressed, event: &KeyEvent) -> bool {
    press.code == event.code
        && (!press.code.is_empty() || press.key.eq_ignore_ascii_case(&event.key))
}

/// Tells whether two of the viewer's events are about one key.
pub(super) fn are_one(one: &Key, other: &Key) -> bool {
    match (&one.code, &other.code) {
        (Some(one), Some(other)) => one == other,
        _ => one.key.eq_ignore_ascii_case(&other.key),
    }
}

/// Tells whether a key types its own text: no named key, and no shortcut.
pub(super) fn is_text(key: &Key) -> bool {
    let Modifiers {
        alt, ctrl, meta, ..
    } = key.modifiers;
    // Ctrl with Alt is AltGr, unless the character is the letter or digit of its own key.
    let own = key.code.iter().any(|code| {
        ["Key", "Digit", "Numpad"].iter().any(|row| {
            code.strip_prefix(row)
                .is_some_and(|own| own.eq_ignore_ascii_case(&key.key))
        })
    });
    !key.is_named() && !meta && (!ctrl || (alt && !own))
}

/// Tells whether a key only modifies others.
pub(super) fn is_modifier(key: &str) -> bool {
    MODIFIERS.iter().any(|(name, _)| key == *name)
}

/// Returns the modifiers that the browser is told with a key.
pub(super) fn modifiers(key: &Key, platform: Platform) -> u8 {
    let held = key.modifiers.bits();
    if is_text(key) {
        return held & 8;
    }
    swapped(held, platform)
}

/// Shortcuts go by Cmd on macOS and by Ctrl elsewhere.
pub(super) const fn swapped(held: u8, platform: Platform) -> u8 {
    let (from, to) = match platform {
        Platform::Mac => (2, 4),
        Platform::Other => (4, 2),
    };
    if held & from == 0 {
        held
    } else {
        held & !from | to
    }
}

/// Returns what does elsewhere what a Mac's hands mean by Cmd or Option with this key, and the bit of Ctrl
/// if that has to be held.
fn by_a_mac(key: &Key) -> Option<(&str, u8)> {
    let Modifiers {
        alt, ctrl, meta, ..
    } = key.modifiers;
    match (ctrl, meta, alt, key.key.as_str()) {
        (false, true, false, "ArrowLeft") => Some(("Home", 0)),
        (false, true, false, "ArrowRight") => Some(("End", 0)),
        (false, true, false, "ArrowUp") => Some(("Home", 2)),
        (false, true, false, "ArrowDown") => Some(("End", 2)),
        (false, true, false, "Backspace") => Some(("Backspace", 0)),
        (false, false, true, name @ ("ArrowLeft" | "ArrowRight" | "Backspace" | "Delete")) => {
            Some((name, 2))
        }
        _ => None,
    }
}

fn renamed(name: &str, platform: Platform) -> String {
    let (from, to) = match platform {
        Platform::Mac => ("Control", "Meta"),
        Platform::Other => ("Meta", "Control"),
    };
    match name.strip_prefix(from) {
        Some(side @ ("" | "Left" | "Right")) => format!("{to}{side}"),
        Some(_) | None => name.into(),
    }
}
