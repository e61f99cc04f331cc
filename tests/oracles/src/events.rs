//! Input events' JSON, version 2's with their stamps: every limit holds for what is read, and it writes back the same.

use authloop_core::input::{
    InputEvent, Stamped,
    event::{
        Key, MAX_CLICK_COUNT, MAX_CODE_LENGTH, MAX_COORDINATE, MAX_KEY_UNITS, MAX_PASTE_UNITS,
        MAX_WHEEL_DELTA, Point,
    },
};
use serde_json::Value;

/// Reads the bytes as an event.
pub fn check(data: &[u8]) {
    stamped(data);
    let Ok(event) = InputEvent::parse(data) else {
        return;
    };
    if let Ok(value) = serde_json::from_slice::<Value>(data) {
        assert!(value.is_object() && value["type"].is_string());
    }
    match &event {
        InputEvent::Click {
            at, click_count, ..
        } => {
            inside(*at);
            assert!(click_count.is_none_or(|count| count <= MAX_CLICK_COUNT));
        }
        InputEvent::DoubleClick { at } => inside(*at),
        InputEvent::KeyPress(key) | InputEvent::KeyDown(key) | InputEvent::KeyUp(key) => {
            short(key);
        }
        InputEvent::Scroll {
            at,
            delta_x,
            delta_y,
        } => {
            inside(*at);
            assert!(delta_x.abs() <= MAX_WHEEL_DELTA && delta_y.abs() <= MAX_WHEEL_DELTA);
        }
        InputEvent::Paste(text) => assert!(text.encode_utf16().count() <= MAX_PASTE_UNITS),
        InputEvent::Back
        | InputEvent::Forward
        | InputEvent::Reload
        | InputEvent::Resolved
        | InputEvent::Cancelled
        | _ => {}
    }
    let json = event.to_json();
    let again = InputEvent::parse(&json).expect("what is written is read");
    assert!(alike(&event, &again));
}

/// The stamp changes nothing about the event, and is one or absent.
fn stamped(data: &[u8]) {
    let Ok(stamped) = Stamped::parse(data) else {
        return;
    };
    assert!(InputEvent::parse(data).is_ok_and(|event| event == stamped.event));
    if let Ok(value) = serde_json::from_slice::<Value>(data) {
        assert_eq!(value.get("seen").map(Value::as_u64), stamped.seen.map(Some));
        assert_eq!(
            value.get("at").map(Value::as_u64),
            stamped.at.map(|at| Some(at.into()))
        );
    }
}

fn inside(at: Point) {
    for coordinate in [at.x, at.y] {
        assert!((0.0..=MAX_COORDINATE).contains(&coordinate));
    }
}

fn short(key: &Key) {
    assert!((1..=MAX_KEY_UNITS).contains(&key.key.encode_utf16().count()));
    assert!(
        key.code
            .as_ref()
            .is_none_or(|code| code.len() <= MAX_CODE_LENGTH)
    );
}

/// Numbers may come back a last bit away: the reader is fast rather than exact.
fn alike(one: &InputEvent, other: &InputEvent) -> bool {
    let near = |one: f64, other: f64| (one - other).abs() <= one.abs() * 1e-12;
    let at = |one: &Point, other: &Point| near(one.x, other.x) && near(one.y, other.y);
    match (one, other) {
        (
            InputEvent::Click {
                at: a,
                button: b,
                click_count: c,
            },
            InputEvent::Click {
                at: x,
                button: y,
                click_count: z,
            },
        ) => at(a, x) && (b, c) == (y, z),
        (InputEvent::DoubleClick { at: a }, InputEvent::DoubleClick { at: x }) => at(a, x),
        (
            InputEvent::Scroll {
                at: a,
                delta_x: b,
                delta_y: c,
            },
            InputEvent::Scroll {
                at: x,
                delta_x: y,
                delta_y: z,
            },
        ) => at(a, x) && near(*b, *y) && near(*c, *z),
        _ => one == other,
    }
}
