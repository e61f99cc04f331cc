//! Input events: what a human typed, pasted and pointed at becomes filler that the agent treats alike.
//!
//! Kept are: the kind of event, whether a key has a name (and which, of those that type nothing), which of
//! two keys held at once an event is about, whether a click is near the one before, lengths and stamps.
//! Shift is told as another modifier and where somebody clicked is not told at all: both give texts away.

use authloop_core::{
    input::{
        InputEvent, Stamped,
        event::{Composition, Finger, Key, Modifiers, Point},
    },
    time::Timestamp,
};
use unicode_segmentation::UnicodeSegmentation as _;

/// For how many milliseconds a key counts as held whose release doesn't come: after that, the same key
/// counts as another.
const HELD_FOR: u64 = 10_000;

/// How near two clicks are of which the second may count on, in pixels, squared.
const NEAR: f64 = 16.0;

/// Where clicks are told to be: each that isn't near the one before at the next of these.
const PLACES: [Point; 2] = [Point { x: 100.0, y: 100.0 }, Point { x: 900.0, y: 500.0 }];

/// Where the wheel is told to turn.
const MIDDLE: Point = Point { x: 500.0, y: 300.0 };

/// The keys' names that may be told: they type nothing.
const NAMED: [&str; 29] = [
    "Alt",
    "AltGraph",
    "ArrowDown",
    "ArrowLeft",
    "ArrowRight",
    "ArrowUp",
    "Backspace",
    "CapsLock",
    "Clear",
    "ContextMenu",
    "Control",
    "Dead",
    "Delete",
    "End",
    "Enter",
    "Escape",
    "Home",
    "Insert",
    "Meta",
    "NumLock",
    "PageDown",
    "PageUp",
    "Pause",
    "PrintScreen",
    "Process",
    "ScrollLock",
    "Tab",
    "Unidentified",
    "F5",
];

/// What has to be remembered of events to redact those that follow.
///
/// No `Debug`: it holds which keys are held.
#[derive(Default)]
pub(super) struct Events {
    held: Vec<Option<Held>>,
    click: Option<Click>,
}

struct Held {
    key: Key,
    since: u64,
}

struct Click {
    at: Point,
    told: Point,
    place: usize,
}

impl Events {
    /// Redacts an event.
    pub(super) fn redact(&mut self, now: Timestamp, stamped: &Stamped) -> Stamped {
        let now = now.as_millis();
        let event = match &stamped.event {
            InputEvent::Click {
                at,
                button,
                click_count,
            } => InputEvent::Click {
                at: self.point(*at),
                button: *button,
                click_count: *click_count,
            },
            InputEvent::DoubleClick { at } => InputEvent::DoubleClick {
                at: self.point(*at),
            },
            InputEvent::KeyPress(key) => InputEvent::KeyPress(self.pressed(now, key)),
            InputEvent::KeyDown(key) => InputEvent::KeyDown(self.pressed(now, key)),
            InputEvent::KeyUp(key) => InputEvent::KeyUp(self.released(now, key)),
            InputEvent::Scroll {
                delta_x,
                delta_y,
                modifiers,
                ..
            } => InputEvent::Scroll {
                at: MIDDLE,
                delta_x: *delta_x,
                delta_y: *delta_y,
                modifiers: *modifiers,
            },
            InputEvent::MouseMove { at, modifiers } => InputEvent::MouseMove {
                at: self.moved(*at),
                modifiers: *modifiers,
            },
            InputEvent::MouseDown {
                at,
                button,
                click_count,
                modifiers,
            } => InputEvent::MouseDown {
                at: self.point(*at),
                button: *button,
                click_count: *click_count,
                modifiers: *modifiers,
            },
            InputEvent::MouseUp {
                at,
                button,
                modifiers,
            } => InputEvent::MouseUp {
                at: self.moved(*at),
                button: *button,
                modifiers: *modifiers,
            },
            InputEvent::Touch(fingers) => {
                let fingers = fingers.iter().map(|finger| Finger {
                    at: MIDDLE,
                    ..*finger
                });
                InputEvent::Touch(fingers.collect())
            }
            InputEvent::Compose(composition) => InputEvent::Compose(Composition {
                text: filler(&composition.text),
                ..*composition
            }),
            InputEvent::Commit(text) => InputEvent::Commit(filler(text)),
            InputEvent::Paste(text) => InputEvent::Paste(filler(text)),
            InputEvent::TouchCancel
            | InputEvent::ReleaseAll
            | InputEvent::Back
            | InputEvent::Forward
            | InputEvent::Reload
            | InputEvent::Resolved
            | InputEvent::Cancelled => stamped.event.clone(),
            // Nobody knows what this may hold.
            _ => InputEvent::Paste(String::new()),
        };
        Stamped { event, ..*stamped }
    }

    /// Another viewer: no key of the one before is held.
    pub(super) fn forget(&mut self) {
        self.held.clear();
    }

    fn point(&mut self, at: Point) -> Point {
        let (told, place) = match &self.click {
            None => (PLACES[0], 0),
            Some(last) => {
                let (x, y) = (at.x - last.at.x, at.y - last.at.y);
                if x * x + y * y <= NEAR {
                    let moved = Point {
                        x: (last.told.x + x).max(0.0),
                        y: (last.told.y + y).max(0.0),
                    };
                    (moved, last.place)
                } else {
                    let place = 1 - last.place;
                    (PLACES[place], place)
                }
            }
        };
        self.click = Some(Click { at, told, place });
        told
    }

    /// Of a mouse's way is told only whether it went on: a press where it is needs no move before it.
    fn moved(&mut self, at: Point) -> Point {
        match &self.click {
            Some(last) if last.at == at => last.told,
            last => {
                let place = last.as_ref().map_or(0, |last| 1 - last.place);
                let told = PLACES[place];
                self.click = Some(Click { at, told, place });
                told
            }
        }
    }

    fn pressed(&mut self, now: u64, key: &Key) -> Key {
        let known = self.find(now, key);
        let slot = match known {
            Some(slot) => slot,
            None => match self.held.iter().position(Option::is_none) {
                Some(slot) => slot,
                None => {
                    self.held.push(None);
                    self.held.len() - 1
                }
            },
        };
        // What types without a known place on the keyboard is released at once.
        let is_held = key.code.is_some() || key.is_named() || is_shortcut(key.modifiers);
        if let Some(held) = self.held.get_mut(slot).filter(|_| is_held) {
            *held = Some(Held {
                key: key.clone(),
                since: now,
            });
        }
        told(slot, key)
    }

    fn released(&mut self, now: u64, key: &Key) -> Key {
        let known = self.find(now, key);
        if let Some(held) = known.and_then(|slot| self.held.get_mut(slot)) {
            *held = None;
        }
        told(known.unwrap_or(self.held.len()), key)
    }

    /// Finds the key that is held already, as the agent does.
    fn find(&mut self, now: u64, key: &Key) -> Option<usize> {
        for held in &mut self.held {
            held.take_if(|held| now.saturating_sub(held.since) > HELD_FOR);
        }
        self.held.iter().position(|held| {
            held.as_ref()
                .is_some_and(|held| match (&held.key.code, &key.code) {
                    (Some(held), Some(code)) => held == code,
                    (Some(_) | None, Some(_) | None) => held.key.key.eq_ignore_ascii_case(&key.key),
                })
        })
    }
}

fn is_shortcut(modifiers: Modifiers) -> bool {
    modifiers.ctrl || modifiers.meta
}

/// What is told of a key that has this place among those held.
fn told(slot: usize, key: &Key) -> Key {
    let letter = u8::try_from(slot % 26).map_or('z', |place| char::from(b'a' + place));
    let code = key.code.as_deref().map(|_| match slot {
        0..26 => format!("Key{}", letter.to_ascii_uppercase()),
        _ => format!("Key{slot}"),
    });
    let name = if key.is_named() {
        named(&key.key)
    } else if key.key.chars().count() > 1 || !key.key.is_ascii() {
        filler(&key.key)
    } else if key.code.is_none() && !is_shortcut(key.modifiers) {
        "x".to_owned()
    } else if key.code.as_deref().is_none_or(|code| types(code, &key.key)) {
        letter.to_string()
    } else {
        // Not what the place types by itself: with Ctrl and Alt held, that decides.
        "?".to_owned()
    };
    // A named key's code says no more than its name; another's would say what it types.
    let key_code = key.key_code.map(|own| match name.as_bytes() {
        _ if key.is_named() && name == key.key => own,
        [letter @ b'a'..=b'z'] => letter.to_ascii_uppercase(),
        _ => 229,
    });
    Key {
        key: name,
        code,
        key_code,
        repeats: key.repeats,
        modifiers: Modifiers {
            shift: false,
            ..key.modifiers
        },
    }
}

fn types(code: &str, key: &str) -> bool {
    ["Key", "Digit", "Numpad"]
        .into_iter()
        .find_map(|place| code.strip_prefix(place))
        .is_some_and(|own| own.eq_ignore_ascii_case(key))
}

fn named(name: &str) -> String {
    if name == "Shift" {
        "AltGraph".to_owned()
    } else if NAMED.contains(&name) {
        name.to_owned()
    } else {
        format!("X{}", "x".repeat(name.len().saturating_sub(1)))
    }
}

/// Text that says nothing: as many characters of as many bytes, with line ends and other controls where
/// they were, and characters that belong together still do.
pub(super) fn filler(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for grapheme in text.graphemes(true) {
        for (place, c) in grapheme.chars().enumerate() {
            out.push(match (c.is_control(), place, c.len_utf8()) {
                (true, _, _) if matches!(c, '\n' | '\r' | '\t') => c,
                (true, _, 1) => '\u{1}',
                (true, _, _) => '\u{80}',
                (false, 0, 1) => 'x',
                (false, 0, 2) => '\u{e9}',
                (false, 0, 3) if matches!(c, '\u{2028}' | '\u{2029}') => c,
                (false, 0, 3) => '\u{3042}',
                (false, 0, _) => '\u{1f600}',
                (false, _, 1) => 'x',
                (false, _, 2) => '\u{301}',
                (false, _, 3) => '\u{20dd}',
                (false, _, _) => '\u{e0100}',
            });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use authloop_core::input::event::Button;

    use super::*;

    fn redact(events: &mut Events, now: u64, event: InputEvent) -> InputEvent {
        let stamped = Stamped {
            event,
            seen: Some(4),
            at: Some(5),
        };
        let redacted = events.redact(Timestamp::from_millis(now), &stamped);
        assert_eq!((redacted.seen, redacted.at), (Some(4), Some(5)));
        redacted.event
    }

    fn key(event: &InputEvent) -> (&str, &str) {
        let (InputEvent::KeyDown(key) | InputEvent::KeyUp(key)) = event else {
            unreachable!("a key")
        };
        (&key.key, key.code.as_deref().unwrap_or_default())
    }

    #[test]
    fn a_word_typed_key_by_key_leaves_its_length_only() {
        let mut events = Events::default();
        let mut told = Vec::new();
        for c in ["p", "A", "p", "1"] {
            for event in [InputEvent::KeyDown, InputEvent::KeyUp] {
                let code = format!("Key{}", c.to_uppercase());
                let event = event(Key::new(c, &code).with(Modifiers {
                    shift: c == "A",
                    ..Modifiers::default()
                }));
                told.push(redact(&mut events, 0, event).to_json());
            }
        }
        let (downs, ups): (Vec<_>, Vec<_>) =
            told.chunks(2).map(|pair| (&pair[0], &pair[1])).unzip();
        assert!(downs.iter().all(|down| *down == downs[0]), "all alike");
        assert!(ups.iter().all(|up| *up == ups[0]), "all alike");
    }

    #[test]
    fn keys_held_at_once_are_told_apart_until_they_are_released() {
        let mut events = Events::default();
        let down = |c: &str| InputEvent::KeyDown(Key::new(c, &format!("Key{}", c.to_uppercase())));
        let up = |c: &str| InputEvent::KeyUp(Key::new(c, &format!("Key{}", c.to_uppercase())));
        let steps = [
            down("q"),
            down("w"),
            down("q"),
            up("q"),
            down("e"),
            up("w"),
            up("e"),
        ];
        let told = steps.map(|event| {
            let redacted = redact(&mut events, 0, event);
            key(&redacted).1.to_owned()
        });
        assert_eq!(
            told,
            ["KeyA", "KeyB", "KeyA", "KeyA", "KeyA", "KeyB", "KeyA"]
        );
    }

    #[test]
    fn names_of_keys_stay_unless_they_could_be_anything() {
        for (name, told) in [
            ("Enter", "Enter"),
            ("Shift", "AltGraph"),
            ("Hunter2", "Xxxxxxx"),
        ] {
            let event = InputEvent::KeyDown(Key::new(name, ""));
            let redacted = redact(&mut Events::default(), 0, event);
            assert_eq!(key(&redacted).0, told);
        }
    }

    #[test]
    fn filler_has_the_same_length_and_breaks_at_the_same_places() {
        let text = "Pa\u{301}ß 中\u{1f468}\u{200d}\u{1f469}!\r\n\u{7}\u{2028}";
        let out = filler(text);
        assert_eq!(out.len(), text.len());
        assert_eq!(out.encode_utf16().count(), text.encode_utf16().count());
        assert_eq!(out.graphemes(true).count(), text.graphemes(true).count());
        assert_eq!(filler("hunter2"), "xxxxxxx");
        for c in ['P', 'ß', '中', '!'] {
            assert!(!out.contains(c), "{c}");
        }
    }

    #[test]
    fn a_click_tells_only_whether_it_is_near_the_one_before() {
        let mut events = Events::default();
        let mut click = |x, y| {
            let at = Point { x, y };
            let click_count = None;
            let button = Button::Left;
            let event = InputEvent::Click {
                at,
                button,
                click_count,
            };
            let InputEvent::Click { at, .. } = redact(&mut events, 0, event) else {
                unreachable!("a click")
            };
            (at.x, at.y)
        };
        assert_eq!(click(640.0, 360.0), (100.0, 100.0));
        assert_eq!(click(641.0, 362.0), (101.0, 102.0));
        assert_eq!(click(10.0, 20.0), (900.0, 500.0));
        assert_eq!(click(640.0, 360.0), (100.0, 100.0));
    }
}
