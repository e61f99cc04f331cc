//! From a viewer's key to CDP's: what is text, which virtual key code, which modifiers.
//!
//! Facts of Chromium behind it: editing commands go by the virtual key code, Enter needs the text
//! `"\r"`, text under Ctrl or Alt flags is swallowed, and a key's text has at most 3 UTF-16 units.

use alloc::string::String;

use crate::input::{
    action::{KeyEvent, KeyEventKind},
    event::{Key, Modifiers},
    mac,
};

/// The longest text of one key, in UTF-16 units (more is an invalid parameter to Chromium).
const MAX_KEY_TEXT_UNITS: usize = 3;

/// What the browser runs on, which decides whether shortcuts go by Ctrl or by Cmd.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Platform {
    /// macOS: Ctrl becomes Cmd, and editing commands are named.
    Mac,
    /// Anything else: Cmd becomes Ctrl.
    #[default]
    Other,
}

/// What a pressed key amounts to.
pub(super) enum Press {
    /// A key event.
    Key(KeyEvent),
    /// Text too long for a key event.
    Text(String),
}

/// What kind of key it is, with its modifiers taken into account.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Types its own text.
    Text,
    /// A printable key with Ctrl or Cmd held.
    Shortcut,
    /// A key with a name.
    Named,
}

/// Says how to press a key.
pub(super) fn press(key: &Key, platform: Platform) -> Press {
    let translated = match platform {
        Platform::Mac => None,
        Platform::Other => mac::elsewhere(key),
    };
    let key = translated.as_ref().map_or(key, |(key, _)| key);
    let kind = kind(key);
    if kind == Kind::Text && key.key.encode_utf16().count() > MAX_KEY_TEXT_UNITS {
        return Press::Text(key.key.clone());
    }
    let name = match kind {
        Kind::Named => platform.rename(&key.key),
        Kind::Text | Kind::Shortcut => &key.key,
    };
    let code = platform.rename(key.code.as_deref().unwrap_or_default());
    let text = match kind {
        Kind::Text => Some(key.key.clone()),
        Kind::Named if name == "Enter" => Some(String::from("\r")),
        Kind::Named | Kind::Shortcut => None,
    };
    let mut event = KeyEvent {
        kind: if text.is_some() {
            KeyEventKind::KeyDown
        } else {
            KeyEventKind::RawKeyDown
        },
        modifiers: modifiers(key, platform),
        text,
        key: String::from(name),
        code: String::from(code),
        windows_virtual_key_code: match (kind, key.key_code) {
            (Kind::Text | Kind::Shortcut, Some(own)) => of_chromium(own),
            (Kind::Text | Kind::Shortcut | Kind::Named, _) => virtual_key_code(name, code),
        },
        auto_repeat: false,
        is_keypad: code.starts_with("Numpad"),
        location: location(name, code),
        commands: translated.as_ref().map_or(&[], |(_, commands)| commands),
    };
    if platform == Platform::Mac && kind != Kind::Text {
        event.commands = mac::commands(&event);
    }
    Press::Key(event)
}

/// Says how to release a key that was pressed so, not repeated, with these modifiers still held.
pub(super) fn release(pressed: &KeyEvent, modifiers: u8) -> KeyEvent {
    KeyEvent {
        kind: KeyEventKind::KeyUp,
        modifiers,
        text: None,
        commands: &[],
        ..pressed.clone()
    }
}

/// Returns the modifiers that are left when a key is released unasked: all but its own.
pub(super) fn modifiers_after(pressed: &KeyEvent) -> u8 {
    let own = match pressed.key.as_str() {
        "Alt" => 1,
        "Control" => 2,
        "Meta" => 4,
        "Shift" => 8,
        _ => 0,
    };
    pressed.modifiers & !own
}

/// Returns the modifier bits the browser is told with a key.
///
/// Text keeps Shift alone: AltGr comes as Ctrl and Alt, under which Chromium inserts nothing.
pub(super) fn modifiers(key: &Key, platform: Platform) -> u8 {
    let held = key.modifiers;
    let told = match kind(key) {
        Kind::Text => Modifiers {
            shift: held.shift,
            ..Modifiers::default()
        },
        Kind::Shortcut | Kind::Named => platform.swap(held),
    };
    told.bits()
}

/// Returns the modifier bits the browser is told with the mouse.
pub(super) fn pointer_modifiers(held: Modifiers, platform: Platform) -> u8 {
    platform.swap(held).bits()
}

/// Tells whether a key types text, alone or with what is held.
pub(super) fn is_text(key: &Key) -> bool {
    kind(key) == Kind::Text
}

/// Tells whether this is a modifier key itself.
pub(super) fn is_modifier(key: &Key) -> bool {
    matches!(
        key.key.as_str(),
        "Alt" | "AltGraph" | "Control" | "Meta" | "Shift"
    )
}

fn kind(key: &Key) -> Kind {
    let Modifiers {
        alt, ctrl, meta, ..
    } = key.modifiers;
    if key.is_named() {
        Kind::Named
    } else if meta || (ctrl && !(alt && is_alt_graph(key))) {
        Kind::Shortcut
    } else {
        Kind::Text
    }
}

/// Ctrl with Alt is AltGr, unless the character is what its key types without it.
fn is_alt_graph(key: &Key) -> bool {
    let own = key.code.as_deref().and_then(|code| {
        code.strip_prefix("Key")
            .or_else(|| code.strip_prefix("Digit"))
            .or_else(|| code.strip_prefix("Numpad"))
    });
    !own.is_some_and(|own| own.eq_ignore_ascii_case(&key.key))
}

impl Platform {
    /// Has shortcuts go by Ctrl or by Cmd, as this platform's do.
    const fn swap(self, held: Modifiers) -> Modifiers {
        match self {
            Self::Mac => Modifiers {
                meta: held.meta || held.ctrl,
                ctrl: false,
                ..held
            },
            Self::Other => Modifiers {
                ctrl: held.ctrl || held.meta,
                meta: false,
                ..held
            },
        }
    }

    /// Swaps Ctrl and Cmd where the browser's platform goes by the other.
    fn rename(self, name: &str) -> &str {
        match (self, name) {
            (Self::Other, "Meta") => "Control",
            (Self::Other, "MetaLeft") => "ControlLeft",
            (Self::Other, "MetaRight") => "ControlRight",
            (Self::Mac, "Control") => "Meta",
            (Self::Mac, "ControlLeft") => "MetaLeft",
            (Self::Mac, "ControlRight") => "MetaRight",
            (Self::Mac | Self::Other, name) => name,
        }
    }
}

/// DOM's `location`, which only modifier keys and the numeric pad have.
fn location(name: &str, code: &str) -> u8 {
    let is_sided = matches!(name, "Alt" | "AltGraph" | "Control" | "Meta" | "Shift");
    if code.starts_with("Numpad") {
        3
    } else if is_sided && code.ends_with("Left") {
        1
    } else if is_sided && code.ends_with("Right") {
        2
    } else {
        0
    }
}

/// Windows virtual key codes, which DOM's `keyCode` shows: from the key if it is a letter or a
/// digit, else from its name or its place on the US keyboard, else 0. Never a character's code:
/// that of `.` is Delete's.
pub(super) fn virtual_key_code(key: &str, code: &str) -> u16 {
    letter_or_digit(key)
        .or_else(|| named_key(key))
        .or_else(|| us_key(code))
        .unwrap_or(0)
}

/// Firefox has key codes of its own for some printable keys, which Chromium has for none.
fn of_chromium(key_code: u8) -> u16 {
    u16::from(match key_code {
        59 => 186,
        60 => 226,
        61 | 171 => 187,
        163 => 191,
        173 => 189,
        other => other,
    })
}

fn letter_or_digit(key: &str) -> Option<u16> {
    match key.as_bytes() {
        [byte] if byte.is_ascii_alphanumeric() => Some(u16::from(byte.to_ascii_uppercase())),
        _ => None,
    }
}

fn named_key(name: &str) -> Option<u16> {
    Some(match name {
        "Backspace" => 8,
        "Tab" => 9,
        "Clear" => 12,
        "Enter" => 13,
        "Shift" => 16,
        "Control" => 17,
        "Alt" => 18,
        "Pause" => 19,
        "CapsLock" => 20,
        "Escape" => 27,
        "PageUp" => 33,
        "PageDown" => 34,
        "End" => 35,
        "Home" => 36,
        "ArrowLeft" => 37,
        "ArrowUp" => 38,
        "ArrowRight" => 39,
        "ArrowDown" => 40,
        "PrintScreen" => 44,
        "Insert" => 45,
        "Delete" => 46,
        "Meta" => 91,
        "ContextMenu" => 93,
        "NumLock" => 144,
        "ScrollLock" => 145,
        "AltGraph" => 225,
        _ => return function_key(name),
    })
}

fn function_key(name: &str) -> Option<u16> {
    let number: u16 = name.strip_prefix('F')?.parse().ok()?;
    (1..=24).contains(&number).then(|| 111 + number)
}

fn us_key(code: &str) -> Option<u16> {
    if let Some(key) = code
        .strip_prefix("Key")
        .or_else(|| code.strip_prefix("Digit"))
    {
        return letter_or_digit(key);
    }
    Some(match code {
        "Space" => 32,
        "Semicolon" => 186,
        "Equal" => 187,
        "Comma" => 188,
        "Minus" => 189,
        "Period" => 190,
        "Slash" => 191,
        "Backquote" => 192,
        "BracketLeft" => 219,
        "Backslash" => 220,
        "BracketRight" => 221,
        "Quote" => 222,
        "IntlBackslash" => 226,
        "ShiftLeft" | "ShiftRight" => 16,
        "ControlLeft" | "ControlRight" => 17,
        "AltLeft" | "AltRight" => 18,
        "MetaLeft" => 91,
        "MetaRight" => 92,
        "NumpadEnter" => 13,
        "NumpadMultiply" => 106,
        "NumpadAdd" => 107,
        "NumpadSubtract" => 109,
        "NumpadDecimal" => 110,
        "NumpadDivide" => 111,
        _ => {
            return code
                .strip_prefix("Numpad")
                .and_then(letter_or_digit)
                .map(|digit| digit + 48)
                .or_else(|| named_key(code));
        }
    })
}

/// Returns the key that types an ASCII character on the US keyboard.
pub(super) fn us_layout(character: char) -> Option<(Key, bool)> {
    let (code, shift) = match character {
        'a'..='z' | 'A'..='Z' => {
            let mut code = String::from("Key");
            code.push(character.to_ascii_uppercase());
            return Some((Key::new(character, &code), character.is_ascii_uppercase()));
        }
        '0'..='9' => {
            let mut code = String::from("Digit");
            code.push(character);
            return Some((Key::new(character, &code), false));
        }
        ' ' => ("Space", false),
        '!' => ("Digit1", true),
        '@' => ("Digit2", true),
        '#' => ("Digit3", true),
        '$' => ("Digit4", true),
        '%' => ("Digit5", true),
        '^' => ("Digit6", true),
        '&' => ("Digit7", true),
        '*' => ("Digit8", true),
        '(' => ("Digit9", true),
        ')' => ("Digit0", true),
        '-' => ("Minus", false),
        '_' => ("Minus", true),
        '=' => ("Equal", false),
        '+' => ("Equal", true),
        '[' => ("BracketLeft", false),
        '{' => ("BracketLeft", true),
        ']' => ("BracketRight", false),
        '}' => ("BracketRight", true),
        '\\' => ("Backslash", false),
        '|' => ("Backslash", true),
        ';' => ("Semicolon", false),
        ':' => ("Semicolon", true),
        '\'' => ("Quote", false),
        '"' => ("Quote", true),
        '`' => ("Backquote", false),
        '~' => ("Backquote", true),
        ',' => ("Comma", false),
        '<' => ("Comma", true),
        '.' => ("Period", false),
        '>' => ("Period", true),
        '/' => ("Slash", false),
        '?' => ("Slash", true),
        _ => return None,
    };
    Some((Key::new(character, code), shift))
}
