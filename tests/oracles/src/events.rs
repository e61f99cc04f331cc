//! Input events' JSON, version 2's with their stamps: every limit holds for what is read, and it writes back the same.

use authloop_core::input::{
    InputEvent, Stamped,
    event::{
        Composition, Finger, Key, MAX_CLICK_COUNT, MAX_CODE_LENGTH, MAX_COMPOSED_UNITS,
        MAX_COORDINATE, MAX_FINGERS, MAX_KEY_UNITS, MAX_PASTE_UNITS, MAX_WHEEL_DELTA, Modifiers,
        Point,
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
    within_limits(&event);
    let json = event.to_json();
    let again = InputEvent::parse(&json).expect("what is written is read");
    assert!(alike(&event, &again));
}

/// The stamp changes nothing about the event, and is one or absent.
fn stamped(data: &[u8]) {
    let Ok(stamped) = Stamped::parse(data) else {
        return;
    };
    within_limits(&stamped.event);
    let again = Stamped::parse(&stamped.to_json()).expect("what is written is read");
    assert!(alike(&stamped.event, &again.event));
    match InputEvent::parse(data) {
        Ok(event) => assert!(alike(&event, &in_version_1(stamped.event))),
        Err(_) => assert!(is_added(&stamped.event)),
    }
    if let Ok(value) = serde_json::from_slice::<Value>(data) {
        assert_eq!(value.get("seen").map(Value::as_u64), stamped.seen.map(Some));
        assert_eq!(
            value.get("at").map(Value::as_u64),
            stamped.at.map(|at| Some(at.into()))
        );
    }
}

fn within_limits(event: &InputEvent) {
    match event {
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
            ..
        } => {
            inside(*at);
            assert!(delta_x.abs() <= MAX_WHEEL_DELTA && delta_y.abs() <= MAX_WHEEL_DELTA);
        }
        InputEvent::Paste(text) => assert!(text.encode_utf16().count() <= MAX_PASTE_UNITS),
        InputEvent::MouseDown {
            at, click_count, ..
        } => {
            inside(*at);
            assert!(click_count.is_none_or(|count| count <= MAX_CLICK_COUNT));
        }
        InputEvent::MouseMove { at, .. } | InputEvent::MouseUp { at, .. } => near(*at),
        InputEvent::Touch(fingers) => {
            assert!(fingers.len() <= MAX_FINGERS);
            fingers.iter().for_each(|finger| near(finger.at));
        }
        InputEvent::Compose(Composition { text, start, end }) => {
            let length = text.encode_utf16().count();
            assert!(length <= MAX_COMPOSED_UNITS && start <= end);
            assert!(usize::try_from(*end).is_ok_and(|end| end <= length));
        }
        InputEvent::Commit(text) => assert!(text.encode_utf16().count() <= MAX_COMPOSED_UNITS),
        InputEvent::Back
        | InputEvent::Forward
        | InputEvent::Reload
        | InputEvent::Resolved
        | InputEvent::Cancelled
        | _ => {}
    }
}

/// Whether version 1 doesn't know this event.
const fn is_added(event: &InputEvent) -> bool {
    matches!(
        event,
        InputEvent::MouseMove { .. }
            | InputEvent::MouseDown { .. }
            | InputEvent::MouseUp { .. }
            | InputEvent::Touch(_)
            | InputEvent::TouchCancel
            | InputEvent::Compose(_)
            | InputEvent::Commit(_)
            | InputEvent::ReleaseAll
    )
}

/// The event without what version 2 added to it.
fn in_version_1(mut event: InputEvent) -> InputEvent {
    if let InputEvent::Scroll { modifiers, .. } = &mut event {
        *modifiers = Modifiers::default();
    }
    if let InputEvent::KeyPress(key) | InputEvent::KeyDown(key) | InputEvent::KeyUp(key) =
        &mut event
    {
        (key.key_code, key.repeats) = (None, None);
    }
    event
}

fn near(at: Point) {
    for coordinate in [at.x, at.y] {
        assert!((-MAX_COORDINATE..=MAX_COORDINATE).contains(&coordinate));
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
                modifiers: d,
            },
            InputEvent::Scroll {
                at: x,
                delta_x: y,
                delta_y: z,
                modifiers: w,
            },
        ) => at(a, x) && near(*b, *y) && near(*c, *z) && d == w,
        (
            InputEvent::MouseMove {
                at: a,
                modifiers: b,
            },
            InputEvent::MouseMove {
                at: x,
                modifiers: y,
            },
        ) => at(a, x) && b == y,
        (
            InputEvent::MouseDown {
                at: a,
                button: b,
                click_count: c,
                modifiers: d,
            },
            InputEvent::MouseDown {
                at: x,
                button: y,
                click_count: z,
                modifiers: w,
            },
        ) => at(a, x) && (b, c, d) == (y, z, w),
        (
            InputEvent::MouseUp {
                at: a,
                button: b,
                modifiers: c,
            },
            InputEvent::MouseUp {
                at: x,
                button: y,
                modifiers: z,
            },
        ) => at(a, x) && (b, c) == (y, z),
        (InputEvent::Touch(ours), InputEvent::Touch(theirs)) => {
            let mut pairs = ours.iter().zip(theirs);
            let alike = |(a, b): (&Finger, &Finger)| a.id == b.id && at(&a.at, &b.at);
            ours.len() == theirs.len() && pairs.all(alike)
        }
        _ => one == other,
    }
}
