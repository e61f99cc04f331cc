//! The limits of protocol version 1, §4, one by one.
use alloc::{format, string::ToString as _};

use proptest::prelude::*;

use super::*;

fn refused(json: &str) -> Option<InvalidEvent> {
    InputEvent::parse(json.as_bytes()).err()
}

fn key(json: &str) -> Key {
    match InputEvent::parse(json.as_bytes()) {
        Ok(InputEvent::KeyDown(key)) => key,
        Ok(_) | Err(_) => Key::new("not a key", ""),
    }
}

#[test]
fn every_event_is_written_as_it_is_read() {
    let at = Point {
        x: 0.0,
        y: 10_000.0,
    };
    let [alt, ctrl, meta, shift] = [1, 2, 4, 8].map(|bit| {
        let held = |own: u8| own == bit;
        Key::new("a", "KeyA").with(Modifiers {
            alt: held(1),
            ctrl: held(2),
            meta: held(4),
            shift: held(8),
        })
    });
    for event in [
        InputEvent::Click {
            at,
            button: Button::Right,
            click_count: Some(2),
        },
        InputEvent::DoubleClick { at },
        InputEvent::KeyPress(Key::new("é", "")),
        InputEvent::KeyDown(alt),
        InputEvent::KeyDown(ctrl),
        InputEvent::KeyPress(meta),
        InputEvent::KeyUp(shift),
        InputEvent::KeyUp(Key::new("Enter", "NumpadEnter")),
        InputEvent::Scroll {
            at,
            delta_x: -1.5,
            delta_y: 100_000.0,
        },
        InputEvent::Paste(String::from("two\r\nlines")),
        InputEvent::Back,
        InputEvent::Forward,
        InputEvent::Reload,
        InputEvent::Resolved,
        InputEvent::Cancelled,
    ] {
        let json = event.to_json();
        assert!(
            InputEvent::parse(&json) == Ok(event),
            "{}",
            String::from_utf8_lossy(&json)
        );
    }
}

#[test]
fn coordinates_are_finite_and_from_0_to_10000() {
    for (x, y) in [
        ("-0.5", "1"),
        ("1", "10000.01"),
        ("1e999", "1"),
        ("null", "1"),
        ("\"1\"", "1"),
        ("NaN", "1"),
    ] {
        let json = format!(r#"{{"type":"click","x":{x},"y":{y}}}"#);
        assert!(refused(&json).is_some(), "{json}");
    }
    assert_eq!(
        refused(r#"{"type":"click","x":1}"#),
        Some(InvalidEvent::Coordinates)
    );
    assert_eq!(refused(r#"{"type":"dblclick","x":0,"y":10000}"#), None);
}

#[test]
fn wheel_deltas_are_bounded_and_may_be_absent() {
    assert_eq!(
        refused(r#"{"type":"scroll","x":1,"y":1,"deltaY":100001}"#),
        Some(InvalidEvent::Delta)
    );
    assert_eq!(
        refused(r#"{"type":"scroll","x":1,"y":1,"deltaX":-1e300}"#),
        Some(InvalidEvent::Delta)
    );
    assert_eq!(refused(r#"{"type":"scroll","x":1,"y":1,"deltaY":3}"#), None);
}

#[test]
fn a_key_is_one_grapheme_or_a_name() {
    for good in ["a", " ", "é", "e\u{301}", "👨‍👩‍👧‍👦", "🇩🇪", "Enter", "F12", "Z"]
    {
        let json = format!(r#"{{"type":"keypress","key":"{good}"}}"#);
        assert_eq!(refused(&json), None, "{good}");
    }
    // 20 UTF-16 units are the most, and three bytes each the most they take.
    let longest_name = "A".repeat(20);
    let longest_grapheme = format!("€{}", "\u{20d7}".repeat(19));
    for good in [longest_name, longest_grapheme.clone()] {
        let json = format!(r#"{{"type":"keypress","key":"{good}"}}"#);
        assert_eq!(refused(&json), None, "{good}");
    }
    let long_grapheme = longest_grapheme + "\u{20d7}";
    let long_name = "A".repeat(21);
    for bad in [
        "",
        "ab",
        "enter",
        "Not A Name",
        "ééé",
        "\\n",
        "\\u0000",
        long_name.as_str(),
        long_grapheme.as_str(),
    ] {
        let json = format!(r#"{{"type":"keydown","key":"{bad}"}}"#);
        assert_eq!(refused(&json), Some(InvalidEvent::Key), "{bad}");
    }
    assert_eq!(refused(r#"{"type":"keyup"}"#), Some(InvalidEvent::Key));
    // Half a surrogate pair is no text.
    assert_eq!(
        refused(r#"{"type":"keypress","key":"\ud83d"}"#),
        Some(InvalidEvent::Json)
    );
}

#[test]
fn an_empty_code_is_none_and_a_strange_one_is_refused() {
    assert_eq!(key(r#"{"type":"keydown","key":"a","code":""}"#).code, None);
    for (code, why) in [
        ("Key A", Some(InvalidEvent::Code)),
        (&"A".repeat(32), None),
        (&"A".repeat(33), Some(InvalidEvent::Code)),
    ] {
        let json = format!(r#"{{"type":"keydown","key":"a","code":"{code}"}}"#);
        assert_eq!(refused(&json), why, "{code}");
    }
}

#[test]
fn modifiers_come_as_flags_or_bits() {
    for (bits, member) in [
        (1, "altKey"),
        (2, "ctrlKey"),
        (4, "metaKey"),
        (8, "shiftKey"),
    ] {
        let by_flag = key(&format!(
            r#"{{"type":"keydown","key":"a","{member}":true}}"#
        ));
        let by_bits = key(&format!(
            r#"{{"type":"keydown","key":"a","modifiers":{bits}}}"#
        ));
        assert_eq!(by_flag.modifiers.bits(), bits);
        assert_eq!(by_bits.modifiers.bits(), bits);
    }
}

#[test]
fn click_counts_are_bounded() {
    let count = |json: &str| match InputEvent::parse(json.as_bytes()) {
        Ok(InputEvent::Click { click_count, .. }) => Ok(click_count),
        Ok(_) => Ok(None),
        Err(error) => Err(error),
    };
    let click = |count| format!(r#"{{"type":"click","x":1,"y":1,"clickCount":{count}}}"#);
    assert_eq!(count(&click("0")), Ok(None));
    assert_eq!(count(&click("2")), Ok(Some(2)));
    assert_eq!(count(&click("700")), Ok(Some(3)));
    assert_eq!(count(&click("1001")), Err(InvalidEvent::ClickCount));
    assert_eq!(count(&click("-1")), Err(InvalidEvent::Json));
}

#[test]
fn a_paste_over_10000_units_is_refused_whole() {
    let paste = |text: &str| refused(&format!(r#"{{"type":"paste","text":"{text}"}}"#));
    assert_eq!(paste(&"é".repeat(10_000)), None);
    assert_eq!(paste(&"é".repeat(10_001)), Some(InvalidEvent::Text));
    assert_eq!(paste(&"€".repeat(10_000)), None);
    assert_eq!(paste(&"€".repeat(10_001)), Some(InvalidEvent::Text));
    assert_eq!(paste(&"😀".repeat(5_000)), None);
    assert_eq!(paste(&"😀".repeat(5_001)), Some(InvalidEvent::Text));
    assert_eq!(refused(r#"{"type":"paste"}"#), Some(InvalidEvent::Text));
}

#[test]
fn unknown_types_are_refused_and_unknown_members_ignored() {
    assert_eq!(
        refused(r#"{"type":"eval"}"#),
        Some(InvalidEvent::UnknownType)
    );
    assert_eq!(refused("{}"), Some(InvalidEvent::UnknownType));
    assert_eq!(refused("[]"), Some(InvalidEvent::Json));
    assert_eq!(refused(r#"["resolved"]"#), Some(InvalidEvent::Json));
    assert_eq!(refused(r#"{"type":"back","since":[{}]}"#), None);
    assert_eq!(
        refused(r#"{"type":"click","x":1,"y":1,"button":"fourth"}"#),
        Some(InvalidEvent::Json)
    );
}

#[test]
fn the_stamps_of_version_2_are_written_as_they_are_read() {
    for (seen, at) in [
        (None, None),
        (Some(0), Some(0)),
        (Some(u64::MAX), Some(u32::MAX)),
    ] {
        let stamped = Stamped {
            event: InputEvent::Paste(String::from("text")),
            seen,
            at,
        };
        assert!(
            Stamped::parse(&stamped.to_json()) == Ok(stamped),
            "{seen:?}"
        );
    }
}

#[test]
fn version_1_ignores_the_stamps_whatever_they_are() {
    for stamps in [
        r#""seen":7,"at":5"#,
        r#""seen":"x","at":null"#,
        r#""at":[{"seen":1}]"#,
    ] {
        assert_eq!(refused(&format!(r#"{{"type":"back",{stamps}}}"#)), None);
    }
}

#[test]
fn a_known_member_of_the_wrong_type_is_fatal_in_version_2() {
    let parsed = |json: &str| Stamped::parse(json.as_bytes()).err();
    for members in [
        r#""seen":null"#,
        r#""seen":"7""#,
        r#""seen":-1"#,
        r#""seen":1.0"#,
        r#""seen":18446744073709551616"#,
        r#""at":null"#,
        r#""at":4294967296"#,
        r#""at":true"#,
        r#""seen":1,"seen":2"#,
        r#""x":null"#,
        r#""code":null"#,
        r#""altKey":0"#,
    ] {
        let json = format!(r#"{{"type":"back",{members}}}"#);
        assert_eq!(parsed(&json), Some(InvalidEvent::Json), "{members}");
    }
    assert_eq!(parsed(r#"{"type":null}"#), Some(InvalidEvent::Json));
    assert_eq!(parsed(r#"["back"]"#), Some(InvalidEvent::Json));
    let not_text = Stamped::parse(b"{\"type\":\"back\",\"z\":\"\xFF\"}").err();
    assert_eq!(not_text, Some(InvalidEvent::Json));
    // What is merely over a limit, or not known, ends nothing.
    assert_eq!(parsed(r#"{"type":"hop"}"#), Some(InvalidEvent::UnknownType));
    let outside = r#"{"type":"click","x":-1,"y":1}"#;
    assert_eq!(parsed(outside), Some(InvalidEvent::Coordinates));
    assert_eq!(parsed(r#"{"type":"back","z":null}"#), None);
}

proptest! {
    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = InputEvent::parse(&bytes);
        let _ = Stamped::parse(&bytes);
    }

    #[test]
    fn no_members_panic(kind in "click|keypress|keydown|keyup|scroll|paste|[a-z]{2,9}", x in any::<f64>(), key in ".{0,5}", bits in any::<u64>()) {
        let json = serde_json::json!({
            "type": kind, "x": x, "y": x, "key": key, "text": key, "modifiers": bits,
            "clickCount": bits, "deltaX": x, "code": key,
        });
        let json = json.to_string();
        let version_1 = InputEvent::parse(json.as_bytes());
        let version_2 = Stamped::parse(json.as_bytes());
        prop_assert!(version_1.is_ok() || version_2.is_err());
    }
}
