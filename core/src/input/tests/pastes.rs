//! Pasted text: what is typed, what is inserted, and that neither submits.

use super::*;

fn pasted(text: &str) -> Vec<String> {
    let mut bench = Bench::new();
    assert_eq!(bench.paste(text), Ok(()));
    bench.actions()
}

#[test]
fn a_one_time_code_is_typed_key_by_key() {
    let mut bench = Bench::new();
    assert_eq!(bench.paste("12 A!"), Ok(()));
    assert_eq!(
        bench.drain(),
        [
            "0 keyDown 1/Digit1 49 \"1\"",
            "0 keyUp 1/Digit1 49",
            "100 keyDown 2/Digit2 50 \"2\"",
            "100 keyUp 2/Digit2 50",
            "200 keyDown  /Space 32 \" \"",
            "200 keyUp  /Space 32",
            "300 keyDown A/KeyA 65 +8 \"A\"",
            "300 keyUp A/KeyA 65 +8",
            "400 keyDown !/Digit1 49 +8 \"!\"",
            "400 keyUp !/Digit1 49 +8",
        ]
    );
}

#[test]
fn every_printable_ascii_character_has_a_key_and_types_itself() {
    for character in ' '..='~' {
        let text = character.to_string();
        let mut bench = Bench::new();
        assert_eq!(bench.paste(&text), Ok(()));
        let event = bench.next_json();
        assert_eq!(member(&event, "text"), text);
        assert_eq!(member(&event, "key"), text);
        assert_ne!(member(&event, "code"), serde_json::Value::Null, "{text}");
        assert_ne!(
            member(&event, "windowsVirtualKeyCode"),
            serde_json::Value::Null,
            "{text}"
        );
    }
}

#[test]
fn graphemes_are_typed_whole_and_long_ones_inserted() {
    assert_eq!(
        pasted("é👩‍🚀"),
        [
            "keyDown é/ 0 \"é\"",
            "keyUp é/ 0",
            "insertText \"👩\\u{200d}🚀\""
        ]
    );
}

#[test]
fn line_ends_at_both_ends_are_stripped() {
    assert_eq!(
        pasted("\r\n\n7\r\n"),
        ["keyDown 7/Digit7 55 \"7\"", "keyUp 7/Digit7 55"]
    );
}

#[test]
fn a_text_of_line_ends_alone_does_nothing() {
    for text in ["\n", "\r\n", "\n\r\n\n", "", "\u{7}"] {
        assert_eq!(pasted(text), [""; 0], "{text:?}");
    }
}

#[test]
fn longer_text_is_inserted_at_once() {
    let typed = "a".repeat(64);
    let inserted = "a".repeat(65);
    assert_eq!(pasted(&typed).len(), 128);
    // By characters, however many bytes each takes.
    assert_eq!(pasted(&"😀".repeat(64)).len(), 128);
    let faces = "😀".repeat(65);
    assert_eq!(pasted(&faces), [format!("insertText {faces:?}")]);
    assert_eq!(pasted(&inserted), [format!("insertText {inserted:?}")]);
}

#[test]
fn several_lines_are_inserted_with_plain_line_ends() {
    assert_eq!(pasted("a\r\nb\rc\n"), ["insertText \"a\\nb\\nc\""]);
    assert_eq!(pasted("a\u{2028}b"), ["insertText \"a\\u{2028}b\""]);
}

#[test]
fn a_tab_is_inserted_never_pressed() {
    assert_eq!(pasted("user\tname"), ["insertText \"user\\tname\""]);
}

#[test]
fn other_control_characters_are_left_out() {
    assert_eq!(
        pasted("a\u{0}\u{1b}"),
        ["keyDown a/KeyA 65 \"a\"", "keyUp a/KeyA 65"]
    );
}

#[test]
fn at_most_64_kb_of_paste_wait() {
    let mut bench = Bench::new();
    let text = "x".repeat(10_000);
    for _ in 0..6 {
        assert_eq!(bench.paste(&text), Ok(()));
    }
    assert_eq!(bench.paste(&text), Err(Dropped::Paste));
    assert_eq!(bench.dispatcher.dropped().paste, 1);
    assert_eq!(bench.actions().len(), 6);
    assert_eq!(bench.paste(&text), Ok(()));
}

#[test]
fn text_that_will_be_typed_takes_room_as_any_other() {
    let mut bench = Bench::new();
    for _ in 0..6 {
        assert_eq!(bench.paste(&"x".repeat(10_000)), Ok(()));
    }
    let typed = "€".repeat(64);
    let room = limits::MAX_PASTE_BYTES - 60_000;
    for _ in 0..room / typed.len() {
        assert_eq!(bench.paste(&typed), Ok(()));
    }
    assert_eq!(bench.paste(&typed), Err(Dropped::Paste));
    assert_eq!(bench.paste(&"x".repeat(room % typed.len())), Ok(()));
    assert_eq!(bench.paste("x"), Err(Dropped::Paste));
}

#[test]
fn a_page_that_takes_long_for_a_key_gets_twice_that_before_the_next() {
    for (text, busy, pause) in [
        ("a text to type", 60, 120),
        ("a text to type", 5, 20),
        ("a text to type", 1_000, 250),
        ("123456", 5, 100),
    ] {
        let mut bench = Bench::new();
        assert_eq!(bench.paste(text), Ok(()));
        assert_eq!(bench.due().len(), 2);
        bench.dispatcher.page_is_busy();
        bench.wait(busy);
        assert_eq!(bench.dispatcher.deadline(), None);
        let now = Timestamp::from_millis(bench.now);
        bench.dispatcher.page_is_at_rest(now);
        let next = bench.dispatcher.deadline().map(Timestamp::as_millis);
        assert_eq!(next, Some(bench.now + pause), "{busy}");
    }
}

#[test]
fn at_most_64_pastes_wait() {
    let mut bench = Bench::new();
    for _ in 0..limits::MAX_PASTES {
        assert_eq!(bench.paste("x"), Ok(()));
    }
    assert_eq!(bench.paste("x"), Err(Dropped::Paste));
}
