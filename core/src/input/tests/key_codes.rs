//! Every key a page tells by its code: the virtual key code and the place on the keyboard.

use super::*;

/// The key event of a keydown.
fn down(key: &str, code: &str) -> serde_json::Value {
    let mut bench = Bench::new();
    assert_eq!(bench.key("keydown", key, code, 0), Ok(()));
    bench.next_json()
}

#[test]
fn every_named_key_has_its_virtual_key_code() {
    for (name, virtual_key_code) in [
        ("Backspace", 8),
        ("Tab", 9),
        ("Clear", 12),
        ("Enter", 13),
        ("Shift", 16),
        ("Control", 17),
        ("Alt", 18),
        ("Pause", 19),
        ("CapsLock", 20),
        ("Escape", 27),
        ("PageUp", 33),
        ("PageDown", 34),
        ("End", 35),
        ("Home", 36),
        ("ArrowLeft", 37),
        ("ArrowUp", 38),
        ("ArrowRight", 39),
        ("ArrowDown", 40),
        ("PrintScreen", 44),
        ("Insert", 45),
        ("Delete", 46),
        ("ContextMenu", 93),
        ("F1", 112),
        ("F24", 135),
        ("NumLock", 144),
        ("ScrollLock", 145),
        ("AltGraph", 225),
    ] {
        let told = |key, code| member(&down(key, code), "windowsVirtualKeyCode");
        assert_eq!(told(name, ""), virtual_key_code, "{name}");
        // Where a layout or an input method gives the key no name, its place does.
        assert_eq!(told("Unidentified", name), virtual_key_code, "{name}");
    }
}

#[test]
fn a_function_key_past_the_last_has_no_virtual_key_code() {
    for name in ["F0", "F25", "Fn"] {
        assert_eq!(
            member(&down(name, ""), "windowsVirtualKeyCode"),
            serde_json::Value::Null,
            "{name}"
        );
    }
}

#[test]
fn a_key_of_unknown_meaning_has_the_virtual_key_code_of_its_place() {
    for (code, virtual_key_code) in [
        ("KeyA", 65),
        ("Digit0", 48),
        ("Space", 32),
        ("Semicolon", 186),
        ("Equal", 187),
        ("Comma", 188),
        ("Minus", 189),
        ("Period", 190),
        ("Slash", 191),
        ("Backquote", 192),
        ("BracketLeft", 219),
        ("Backslash", 220),
        ("BracketRight", 221),
        ("Quote", 222),
        ("IntlBackslash", 226),
        ("ShiftLeft", 16),
        ("ShiftRight", 16),
        ("ControlLeft", 17),
        ("ControlRight", 17),
        ("AltLeft", 18),
        ("AltRight", 18),
        ("NumpadEnter", 13),
        ("Numpad0", 96),
        ("Numpad9", 105),
        ("NumpadMultiply", 106),
        ("NumpadAdd", 107),
        ("NumpadSubtract", 109),
        ("NumpadDecimal", 110),
        ("NumpadDivide", 111),
    ] {
        assert_eq!(
            member(&down("Dead", code), "windowsVirtualKeyCode"),
            virtual_key_code,
            "{code}"
        );
    }
    let mut mac = Bench::on(Platform::Mac);
    for (code, virtual_key_code) in [("MetaLeft", 91), ("MetaRight", 92)] {
        assert_eq!(mac.key("keydown", "Dead", code, 0), Ok(()));
        assert_eq!(
            member(&mac.next_json(), "windowsVirtualKeyCode"),
            virtual_key_code
        );
        mac.wait(10);
    }
}

#[test]
fn only_modifiers_have_sides_and_only_the_numeric_pad_is_a_keypad() {
    for (key, code, location) in [
        ("Shift", "ShiftLeft", 1),
        ("Shift", "ShiftRight", 2),
        ("Alt", "AltLeft", 1),
        ("AltGraph", "AltRight", 2),
        ("Control", "ControlLeft", 1),
        ("Meta", "MetaRight", 2),
        ("Home", "Numpad7", 3),
        ("ArrowLeft", "ArrowLeft", 0),
        ("ArrowRight", "ArrowRight", 0),
        ("Dead", "BracketLeft", 0),
        ("Shift", "", 0),
    ] {
        let event = down(key, code);
        assert_eq!(
            member(&event, "location").as_u64().unwrap_or(0),
            location,
            "{key}/{code}"
        );
        assert_eq!(
            member(&event, "isKeypad").as_bool().unwrap_or(false),
            location == 3,
            "{key}/{code}"
        );
    }
}
