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
            modifiers: Modifiers::default(),
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

/// Version 2's own events.
fn second_events() -> [InputEvent; 9] {
    let at = Point {
        x: 1.0,
        y: 10_000.0,
    };
    let far = Point {
        x: -10_000.0,
        y: 2.5,
    };
    let modifiers = Modifiers {
        shift: true,
        ..Modifiers::default()
    };
    [
        InputEvent::MouseMove { at: far, modifiers },
        InputEvent::MouseDown {
            at,
            button: Button::Middle,
            click_count: Some(3),
            modifiers,
        },
        InputEvent::MouseUp {
            at: far,
            button: Button::Right,
            modifiers: Modifiers::default(),
        },
        InputEvent::Touch([Finger { id: 0, at }, Finger { id: 255, at: far }].into()),
        InputEvent::Touch(Vec::new()),
        InputEvent::TouchCancel,
        InputEvent::Compose(Composition {
            text: String::from("你好"),
            start: 0,
            end: 1,
        }),
        InputEvent::Commit(String::from("你好")),
        InputEvent::ReleaseAll,
    ]
}

#[test]
fn what_version_2_added_is_written_as_it_is_read_and_unknown_to_version_1() {
    for event in second_events() {
        let json = event.to_json();
        let read = Stamped::parse(&json).map(|stamped| stamped.event);
        assert!(read == Ok(event), "{}", String::from_utf8_lossy(&json));
        assert!(InputEvent::parse(&json) == Err(InvalidEvent::UnknownType));
    }
}

#[test]
fn what_version_2_added_to_keys_is_written_as_it_is_read() {
    for (key_code, repeats) in [(Some(81), None), (None, Some(true)), (None, Some(false))] {
        let event = InputEvent::KeyDown(Key {
            key_code,
            repeats,
            ..Key::new("a", "KeyA")
        });
        let json = event.to_json();
        let read = Stamped::parse(&json).map(|stamped| stamped.event);
        assert!(read == Ok(event), "{}", String::from_utf8_lossy(&json));
    }
}

#[test]
fn version_1_ignores_what_version_2_added_to_its_events() {
    for json in [
        r#"{"type":"scroll","x":1,"y":1,"deltaY":3,"modifiers":15}"#,
        r#"{"type":"keydown","key":"a","code":"KeyA","keyCode":81,"repeat":true}"#,
        r#"{"type":"keydown","key":"a","keyCode":"x","repeat":null,"touches":1,"start":-1}"#,
    ] {
        let event = InputEvent::parse(json.as_bytes());
        let plain = match event {
            Ok(InputEvent::Scroll { modifiers, .. }) => modifiers == Modifiers::default(),
            Ok(InputEvent::KeyDown(key)) => key.key_code.is_none() && key.repeats.is_none(),
            Ok(_) | Err(_) => false,
        };
        assert!(plain, "{json}");
    }
}

#[test]
fn a_key_of_version_2_says_its_code_and_whether_it_repeats() {
    let key = |json: &str| match Stamped::parse(json.as_bytes()).map(|stamped| stamped.event) {
        Ok(InputEvent::KeyDown(key)) => Some((key.key_code, key.repeats)),
        Ok(_) | Err(_) => None,
    };
    let with = |members: &str| key(&format!(r#"{{"type":"keydown","key":"a",{members}}}"#));
    assert_eq!(
        with(r#""keyCode":81,"repeat":false"#),
        Some((Some(81), Some(false)))
    );
    for unknown in ["0", "256", "65535"] {
        let members = format!(r#""keyCode":{unknown}"#);
        assert_eq!(with(&members), Some((None, None)));
    }
}

#[test]
fn only_where_a_button_may_be_held_a_place_lies_outside() {
    let refused = |kind: &str, x: &str| {
        let json = format!(r#"{{"type":"{kind}","x":{x},"y":1}}"#);
        Stamped::parse(json.as_bytes()).err()
    };
    for kind in ["mousemove", "mouseup"] {
        assert_eq!(refused(kind, "-10000"), None);
        assert_eq!(refused(kind, "-10000.5"), Some(InvalidEvent::Coordinates));
        assert_eq!(refused(kind, "10000.5"), Some(InvalidEvent::Coordinates));
    }
    for kind in ["mousedown", "scroll", "click"] {
        assert_eq!(refused(kind, "-0.5"), Some(InvalidEvent::Coordinates));
    }
}

#[test]
fn fingers_are_at_most_10_and_each_its_own() {
    let refused = |touches: &str| {
        let json = format!(r#"{{"type":"touch","touches":{touches}}}"#);
        Stamped::parse(json.as_bytes()).err()
    };
    let fingers = |count: usize| {
        let each: Vec<_> = (0..count)
            .map(|id| format!(r#"{{"id":{id},"x":1,"y":1}}"#))
            .collect();
        format!("[{}]", each.join(","))
    };
    assert_eq!(refused(&fingers(10)), None);
    assert_eq!(refused(&fingers(11)), Some(InvalidEvent::Touches));
    assert_eq!(
        refused(r#"[{"id":1,"x":1,"y":1},{"id":1,"x":2,"y":2}]"#),
        Some(InvalidEvent::Touches)
    );
    assert_eq!(
        refused(r#"[{"id":1,"x":1,"y":10001}]"#),
        Some(InvalidEvent::Coordinates)
    );
    assert_eq!(
        refused(r#"[{"id":256,"x":1,"y":1}]"#),
        Some(InvalidEvent::Json)
    );
    assert_eq!(
        Stamped::parse(br#"{"type":"touch"}"#).err(),
        Some(InvalidEvent::Touches)
    );
}

#[test]
fn a_composition_has_at_most_1000_units_and_its_selection_within() {
    let refused = |members: &str| {
        let json = format!(r#"{{"type":"compose",{members}}}"#);
        Stamped::parse(json.as_bytes()).err()
    };
    assert_eq!(refused(r#""text":"ab","start":2,"end":2"#), None);
    for outside in [
        r#""start":2,"end":1"#,
        r#""start":0,"end":3"#,
        r#""start":3"#,
    ] {
        let members = format!(r#""text":"ab",{outside}"#);
        assert_eq!(
            refused(&members),
            Some(InvalidEvent::Selection),
            "{outside}"
        );
    }
    for (text, expected) in [
        ("é".repeat(1_000), None),
        ("é".repeat(1_001), Some(InvalidEvent::Text)),
    ] {
        assert_eq!(refused(&format!(r#""text":"{text}""#)), expected);
        let commit = format!(r#"{{"type":"commit","text":"{text}"}}"#);
        assert_eq!(Stamped::parse(commit.as_bytes()).err(), expected);
    }
}

proptest! {
    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = InputEvent::parse(&bytes);
        let _ = Stamped::parse(&bytes);
    }

    #[test]
    fn no_members_panic(kind in "click|keypress|keydown|keyup|scroll|paste|mouse(down|move|up)|touch|compose|commit|[a-z]{2,9}", x in any::<f64>(), key in ".{0,5}", bits in any::<u64>()) {
        let json = serde_json::json!({
            "type": kind, "x": x, "y": x, "key": key, "text": key, "modifiers": bits,
            "clickCount": bits, "deltaX": x, "code": key, "keyCode": bits % 70_000, "repeat": true,
            "start": bits % 9, "end": bits % 11, "touches": [{"id": bits % 300, "x": x, "y": 1}],
        });
        let json = json.to_string();
        let version_1 = InputEvent::parse(json.as_bytes());
        let version_2 = Stamped::parse(json.as_bytes());
        let is_added = kind.starts_with("mouse") || ["touch", "compose", "commit"].contains(&kind.as_str());
        prop_assert!(version_1.is_ok() || version_2.is_err() || is_added);
    }
}
