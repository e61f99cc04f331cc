//! Keys: what is text, what is a shortcut, which codes, and when they go up.

use super::*;

/// What one keydown with its keyup turns into.
fn stroke(key: &str, code: &str, modifiers: u8) -> Vec<String> {
    let mut bench = Bench::new();
    assert_eq!(bench.key("keydown", key, code, modifiers), Ok(()));
    let _ = bench.key("keyup", key, code, modifiers);
    bench.actions()
}

#[test]
fn a_typed_character_is_a_real_keys_press_and_release() {
    let mut bench = Bench::new();
    assert_eq!(bench.key("keypress", "a", "KeyA", 0), Ok(()));
    assert_eq!(bench.key("keyup", "a", "KeyA", 0), Ok(()));
    assert_eq!(
        bench.next_json(),
        serde_json::json!({
            "type": "keyDown", "key": "a", "code": "KeyA", "windowsVirtualKeyCode": 65, "text": "a"
        })
    );
    assert_eq!(
        bench.next_json(),
        serde_json::json!({"type": "keyUp", "key": "a", "code": "KeyA", "windowsVirtualKeyCode": 65})
    );
    assert!(bench.dispatcher.is_idle());
}

#[test]
fn enter_carries_the_text_that_submits() {
    let mut bench = Bench::new();
    assert_eq!(bench.key("keydown", "Enter", "Enter", 0), Ok(()));
    assert_eq!(
        bench.next_json(),
        serde_json::json!({
            "type": "keyDown", "key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 13, "text": "\r"
        })
    );
    assert_eq!(bench.key("keydown", "Enter", "NumpadEnter", 8), Ok(()));
    bench.wait(10);
    assert_eq!(
        bench.next_json(),
        serde_json::json!({
            "type": "keyDown", "key": "Enter", "code": "NumpadEnter", "windowsVirtualKeyCode": 13,
            "text": "\r", "modifiers": 8, "isKeypad": true, "location": 3
        })
    );
}

#[test]
fn space_types_and_other_named_keys_do_not() {
    assert_eq!(
        stroke(" ", "Space", 0),
        ["keyDown  /Space 32 \" \"", "keyUp  /Space 32"]
    );
    for (name, virtual_key_code) in [
        ("Tab", 9),
        ("Backspace", 8),
        ("Delete", 46),
        ("Escape", 27),
        ("ArrowLeft", 37),
        ("Home", 36),
        ("PageDown", 34),
        ("F1", 112),
        ("F12", 123),
    ] {
        assert_eq!(
            stroke(name, name, 0),
            [
                format!("rawKeyDown {name}/{name} {virtual_key_code}"),
                format!("keyUp {name}/{name} {virtual_key_code}"),
            ]
        );
    }
}

#[test]
fn the_virtual_key_code_is_the_keys_then_the_codes_never_the_characters() {
    let code_of = |key: &str, code: &str| {
        let mut bench = Bench::new();
        let _ = bench.key("keypress", key, code, 0);
        member(&bench.next_json(), "windowsVirtualKeyCode")
    };
    // By the key: AZERTY's A is on Q's place.
    assert_eq!(code_of("a", "KeyQ"), 65);
    assert_eq!(code_of("7", "Numpad7"), 55);
    // By the place on the US keyboard.
    assert_eq!(code_of("ф", "KeyA"), 65);
    assert_eq!(code_of("!", "Digit1"), 49);
    assert_eq!(code_of(".", "Period"), 190);
    assert_eq!(code_of("'", "Quote"), 222);
    assert_eq!(code_of("+", "NumpadAdd"), 107);
    // Unknown: none, rather than Delete's for a full stop.
    assert_eq!(code_of(".", ""), serde_json::Value::Null);
    assert_eq!(code_of("é", ""), serde_json::Value::Null);
}

#[test]
fn ctrl_with_a_character_is_a_shortcut_without_text() {
    assert_eq!(
        stroke("a", "KeyA", 2),
        ["rawKeyDown a/KeyA 65 +2", "keyUp a/KeyA 65 +2"]
    );
    assert_eq!(
        stroke("ф", "KeyA", 2),
        ["rawKeyDown ф/KeyA 65 +2", "keyUp ф/KeyA 65 +2"]
    );
}

#[test]
fn cmd_becomes_ctrl_where_the_browser_goes_by_ctrl() {
    assert_eq!(
        stroke("v", "KeyV", 4),
        ["rawKeyDown v/KeyV 86 +2", "keyUp v/KeyV 86 +2"]
    );
    assert_eq!(
        stroke("Meta", "MetaLeft", 4),
        [
            "rawKeyDown Control/ControlLeft 17 +2",
            "keyUp Control/ControlLeft 17 +2"
        ]
    );
}

#[test]
fn ctrl_becomes_cmd_on_a_mac_and_names_its_command() {
    let mut bench = Bench::on(Platform::Mac);
    assert_eq!(bench.key("keydown", "z", "KeyZ", 2 | 8), Ok(()));
    assert_eq!(
        bench.next_json(),
        serde_json::json!({
            "type": "rawKeyDown", "key": "z", "code": "KeyZ", "windowsVirtualKeyCode": 90,
            "modifiers": 12, "commands": ["redo"]
        })
    );
    assert_eq!(bench.key("keydown", "Control", "ControlRight", 2), Ok(()));
    bench.wait(10);
    assert_eq!(
        bench.next_json(),
        serde_json::json!({
            "type": "rawKeyDown", "key": "Meta", "code": "MetaRight", "windowsVirtualKeyCode": 91,
            "modifiers": 4, "location": 2
        })
    );
}

#[test]
fn a_cmd_shortcut_goes_up_at_once_because_a_mac_never_says_so() {
    let mut bench = Bench::new();
    assert_eq!(bench.key("keydown", "Meta", "MetaLeft", 4), Ok(()));
    assert_eq!(bench.key("keydown", "c", "KeyC", 4), Ok(()));
    assert_eq!(bench.key("keyup", "Meta", "MetaLeft", 0), Ok(()));
    assert_eq!(
        bench.actions(),
        [
            "rawKeyDown Control/ControlLeft 17 +2",
            "rawKeyDown c/KeyC 67 +2",
            "keyUp c/KeyC 67 +2",
            "keyUp Control/ControlLeft 17",
        ]
    );
}

#[test]
fn alt_graph_and_option_text_keeps_shift_alone() {
    // AltGr comes as Ctrl and Alt, Option as Alt.
    assert_eq!(
        stroke("@", "KeyQ", 3),
        ["keyDown @/KeyQ 81 \"@\"", "keyUp @/KeyQ 81"]
    );
    assert_eq!(
        stroke("Å", "KeyA", 1 | 8),
        ["keyDown Å/KeyA 65 +8 \"Å\"", "keyUp Å/KeyA 65 +8"]
    );
}

#[test]
fn ctrl_and_alt_with_a_keys_own_letter_or_digit_is_a_shortcut() {
    assert_eq!(
        stroke("q", "KeyQ", 3),
        ["rawKeyDown q/KeyQ 81 +3", "keyUp q/KeyQ 81 +3"]
    );
    assert_eq!(
        stroke("1", "Digit1", 3),
        ["rawKeyDown 1/Digit1 49 +3", "keyUp 1/Digit1 49 +3"]
    );
    assert_eq!(
        stroke("²", "Digit2", 3),
        ["keyDown ²/Digit2 50 \"²\"", "keyUp ²/Digit2 50"]
    );
}

#[test]
fn emoji_are_text_also_in_a_keydown_and_long_ones_are_inserted() {
    assert_eq!(stroke("😀", "", 0), ["keyDown 😀/ 0 \"😀\"", "keyUp 😀/ 0"]);
    // Three UTF-16 units: the most a key event takes.
    assert_eq!(
        stroke("😀\u{301}", "", 0),
        ["keyDown 😀\u{301}/ 0 \"😀\\u{301}\"", "keyUp 😀\u{301}/ 0"]
    );
    assert_eq!(stroke("👩‍🚀", "", 0), ["insertText \"👩\\u{200d}🚀\""]);
}

#[test]
fn a_keypress_without_code_goes_up_at_once() {
    let mut bench = Bench::new();
    assert_eq!(bench.key("keypress", "x", "", 0), Ok(()));
    assert_eq!(bench.drain(), ["0 keyDown x/ 88 \"x\"", "0 keyUp x/ 88"]);
    assert_eq!(bench.key("keyup", "x", "", 0), Err(Dropped::NotDown));
}

#[test]
fn a_keypress_with_code_goes_up_after_200_ms_if_no_keyup_came() {
    let mut bench = Bench::new();
    assert_eq!(bench.key("keypress", "x", "KeyX", 0), Ok(()));
    assert_eq!(
        bench.drain(),
        ["0 keyDown x/KeyX 88 \"x\"", "200 keyUp x/KeyX 88"]
    );
    // The late keyup has nothing left to release.
    assert_eq!(bench.key("keyup", "x", "KeyX", 0), Err(Dropped::NotDown));
    assert_eq!(bench.dispatcher.dropped().not_down, 1);
}

#[test]
fn a_keyup_that_waits_in_the_queue_has_come() {
    let mut bench = Bench::new();
    assert_eq!(bench.key("keypress", "x", "KeyX", 0), Ok(()));
    assert_eq!(bench.due(), ["keyDown x/KeyX 88 \"x\""]);
    // Two clicks keep the keyup waiting.
    assert_eq!(bench.click(1, 1), Ok(()));
    assert_eq!(bench.click(900, 900), Ok(()));
    assert_eq!(bench.key("keyup", "x", "KeyX", 0), Ok(()));
    bench.wait(500);
    let lines = bench.actions();
    assert_eq!(
        lines
            .iter()
            .filter(|line| line.starts_with("keyUp"))
            .count(),
        1
    );
    assert_eq!(lines.last().map(String::as_str), Some("keyUp x/KeyX 88"));
}

#[test]
fn a_held_key_repeats_and_goes_up_once() {
    let mut bench = Bench::new();
    for _ in 0..3 {
        assert_eq!(bench.key("keydown", "Backspace", "Backspace", 0), Ok(()));
    }
    assert_eq!(bench.key("keyup", "Backspace", "Backspace", 0), Ok(()));
    assert_eq!(
        bench.actions(),
        [
            "rawKeyDown Backspace/Backspace 8",
            "rawKeyDown Backspace/Backspace 8 repeat",
            "rawKeyDown Backspace/Backspace 8 repeat",
            "keyUp Backspace/Backspace 8",
        ]
    );
}

#[test]
fn a_held_key_repeats_as_what_it_types_by_now() {
    let mut bench = Bench::new();
    assert_eq!(bench.key("keydown", "!", "Digit1", 8), Ok(()));
    assert_eq!(bench.key("keydown", "1", "Digit1", 0), Ok(()));
    assert_eq!(
        bench.actions(),
        [
            "keyDown !/Digit1 49 +8 \"!\"",
            "keyDown 1/Digit1 49 \"1\" repeat"
        ]
    );
}

#[test]
fn a_character_typed_twice_without_a_keyup_is_pressed_twice() {
    let mut bench = Bench::new();
    assert_eq!(bench.key("keypress", "1", "Digit1", 0), Ok(()));
    assert_eq!(bench.key("keypress", "1", "Digit1", 0), Ok(()));
    assert_eq!(
        bench.drain(),
        [
            "0 keyDown 1/Digit1 49 \"1\"",
            "0 keyUp 1/Digit1 49",
            "10 keyDown 1/Digit1 49 \"1\"",
            "210 keyUp 1/Digit1 49",
        ]
    );
}

#[test]
fn a_key_without_code_does_not_repeat_the_one_with_it() {
    let mut bench = Bench::new();
    assert_eq!(bench.key("keydown", "Enter", "NumpadEnter", 0), Ok(()));
    assert_eq!(bench.key("keydown", "Enter", "", 0), Ok(()));
    assert_eq!(bench.key("keyup", "Enter", "NumpadEnter", 0), Ok(()));
    assert_eq!(bench.key("keyup", "Enter", "", 0), Ok(()));
    assert_eq!(
        bench.actions(),
        [
            "keyDown Enter/NumpadEnter 13 \"\\r\"",
            "keyDown Enter/ 13 \"\\r\"",
            "keyUp Enter/NumpadEnter 13",
            "keyUp Enter/ 13",
        ]
    );
}

#[test]
fn a_key_is_the_same_though_its_character_changed_while_it_was_down() {
    let mut bench = Bench::new();
    assert_eq!(bench.key("keydown", "Shift", "ShiftLeft", 8), Ok(()));
    assert_eq!(bench.key("keypress", "A", "KeyA", 8), Ok(()));
    assert_eq!(bench.key("keyup", "Shift", "ShiftLeft", 0), Ok(()));
    assert_eq!(bench.key("keyup", "a", "KeyA", 0), Ok(()));
    assert_eq!(
        bench.actions(),
        [
            "rawKeyDown Shift/ShiftLeft 16 +8",
            "keyDown A/KeyA 65 +8 \"A\"",
            "keyUp Shift/ShiftLeft 16",
            "keyUp A/KeyA 65",
        ]
    );
}

#[test]
fn a_keyup_of_a_key_that_is_not_down_is_dropped() {
    let mut bench = Bench::new();
    assert_eq!(bench.key("keyup", "a", "KeyA", 0), Err(Dropped::NotDown));
    assert_eq!(bench.actions(), [""; 0]);
}

#[test]
fn a_dropped_keydown_drops_its_keyup_never_the_reverse() {
    let mut bench = Bench::new();
    assert_eq!(bench.key("keydown", "Shift", "ShiftLeft", 8), Ok(()));
    let mut accepted = 0;
    while bench.key("keypress", "a", "KeyA", 0) == Ok(()) {
        assert_eq!(bench.key("keyup", "a", "KeyA", 0), Ok(()));
        accepted += 1;
        assert!(accepted <= limits::MAX_KEY_EVENTS, "without a bound");
    }
    // 2 for Shift, 2 for each character.
    assert_eq!(accepted, (limits::MAX_KEY_EVENTS - 2) / 2);
    assert_eq!(bench.key("keyup", "a", "KeyA", 0), Err(Dropped::NotDown));
    assert_eq!(bench.key("keyup", "Shift", "ShiftLeft", 0), Ok(()));
    assert_eq!(bench.dispatcher.dropped().keys, 1);
    let lines = bench.actions();
    let count = |start: &str| lines.iter().filter(|line| line.starts_with(start)).count();
    assert_eq!(count("keyDown a"), accepted);
    assert_eq!(count("keyUp a"), accepted);
    assert_eq!(count("keyUp Shift"), 1);
}

#[test]
fn only_so_many_keys_are_held() {
    let mut bench = Bench::new();
    let codes: Vec<String> = (0..100).map(|number| format!("Key{number}")).collect();
    let results: Vec<_> = codes
        .iter()
        .map(|code| bench.key("keydown", "x", code, 0))
        .collect();
    assert_eq!(
        results.iter().filter(|result| result.is_ok()).count(),
        limits::MAX_HELD_KEYS
    );
    assert_eq!(results.last(), Some(&Err(Dropped::Keys)));
}

#[test]
fn a_key_that_became_another_is_repeated_as_what_it_was() {
    for code in ["MetaLeft", ""] {
        let mut bench = Bench::new();
        let told = code.replace("Meta", "Control");
        assert_eq!(bench.key("keydown", "Meta", code, 4), Ok(()));
        assert_eq!(bench.due(), [format!("rawKeyDown Control/{told} 17 +2")]);
        bench.dispatcher.set_platform(Platform::Mac);
        bench.wait(50);
        assert_eq!(bench.key("keydown", "Meta", code, 4), Ok(()));
        assert_eq!(bench.key("keyup", "Meta", code, 0), Ok(()));
        assert_eq!(
            bench.actions(),
            [
                format!("rawKeyDown Control/{told} 17 +2 repeat"),
                format!("keyUp Control/{told} 17")
            ]
        );
    }
}

#[test]
fn a_macs_editing_keys_do_elsewhere_what_they_do_on_a_mac() {
    const ALT: u8 = 1;
    const META: u8 = 4;
    const SHIFT: u8 = 8;
    for (key, modifiers, expected) in [
        ("ArrowLeft", META, "rawKeyDown Home/Home 36"),
        ("ArrowRight", META | SHIFT, "rawKeyDown End/End 35 +8"),
        ("ArrowUp", META, "rawKeyDown Home/Home 36 +2"),
        ("ArrowDown", META, "rawKeyDown End/End 35 +2"),
        ("ArrowLeft", ALT, "rawKeyDown ArrowLeft/ArrowLeft 37 +2"),
        ("Backspace", ALT, "rawKeyDown Backspace/Backspace 8 +2"),
        ("Delete", ALT, "rawKeyDown Delete/Delete 46 +2"),
        // What only looks alike.
        ("ArrowUp", ALT, "rawKeyDown ArrowUp/ArrowUp 38 +1"),
        (
            "ArrowLeft",
            ALT | META,
            "rawKeyDown ArrowLeft/ArrowLeft 37 +3",
        ),
    ] {
        let mut bench = Bench::new();
        let _ = bench.key("keydown", key, key, modifiers);
        let _ = bench.key("keyup", key, key, 0);
        let actions = bench.actions();
        assert_eq!(actions.first().map(String::as_str), Some(expected));
        let released = actions.last().is_some_and(|last| last.starts_with("keyUp"));
        assert!(released && actions.len() == 2, "{actions:?}");
    }
    let mut bench = Bench::new();
    let _ = bench.key("keydown", "Backspace", "Backspace", META);
    let told = bench.next_json();
    assert_eq!(
        (member(&told, "key"), member(&told, "commands")),
        (
            serde_json::json!("Backspace"),
            serde_json::json!(["deleteToBeginningOfLine"])
        )
    );
    let mut on_mac = Bench::on(Platform::Mac);
    let _ = on_mac.key("keydown", "ArrowLeft", "ArrowLeft", META);
    let told = on_mac.next_json();
    assert_eq!(
        member(&told, "commands"),
        serde_json::json!(["moveToLeftEndOfLine"])
    );
}

#[test]
fn a_viewers_own_key_code_counts_for_what_types_in_chromiums_numbers() {
    for (key, code, own, expected) in [
        ("é", "Digit2", 50, 50),
        ("ö", "Semicolon", 192, 192),
        // Firefox's own.
        (";", "Semicolon", 59, 186),
        ("-", "Minus", 173, 189),
        ("Enter", "Enter", 99, 13),
    ] {
        let mut bench = Bench::new();
        let event = serde_json::json!({
            "type": "keydown", "key": key, "code": code, "keyCode": own, "repeat": false
        });
        assert_eq!(bench.send_second(&event), Ok(()));
        let told = bench.next_json();
        assert_eq!(member(&told, "windowsVirtualKeyCode"), expected, "{key}");
    }
}

#[test]
fn a_letter_that_is_held_repeats_and_one_whose_release_was_lost_is_pressed_anew() {
    let mut bench = Bench::new();
    let down = |repeat: bool| {
        serde_json::json!({
            "type": "keydown", "key": "o", "code": "KeyO", "keyCode": 79, "repeat": repeat
        })
    };
    for repeat in [false, true, true, false] {
        assert_eq!(bench.send_second(&down(repeat)), Ok(()));
    }
    let _ = bench.key("keyup", "o", "KeyO", 0);
    assert_eq!(
        bench.actions(),
        [
            "keyDown o/KeyO 79 \"o\"",
            "keyDown o/KeyO 79 \"o\" repeat",
            "keyDown o/KeyO 79 \"o\" repeat",
            "keyUp o/KeyO 79",
            "keyDown o/KeyO 79 \"o\"",
            "keyUp o/KeyO 79",
        ]
    );
}

#[test]
fn of_5000_characters_at_20_a_second_none_is_lost_or_swapped() {
    let text: String = "the quick brown fox jumps over the lazy dog, 0123456789 times; "
        .chars()
        .cycle()
        .take(5_000)
        .collect();
    let mut bench = Bench::new();
    let mut typed = String::new();
    let mut down = 0;
    for character in text.chars() {
        let key = character.to_string();
        for (kind, pause) in [("keydown", 20), ("keyup", 30)] {
            assert_eq!(bench.key(kind, &key, "KeyA", 0), Ok(()));
            bench.wait(pause);
            while let Some(action) = bench.pop() {
                let Action::Key(event) = action else {
                    continue;
                };
                down += if event.kind == KeyEventKind::KeyUp {
                    -1
                } else {
                    1
                };
                typed.push_str(event.text.as_deref().unwrap_or_default());
            }
        }
    }
    assert_eq!((typed == text, down), (true, 0));
}
