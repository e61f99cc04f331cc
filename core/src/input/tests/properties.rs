//! What holds for every sequence of events, clears and releases, at every pace.

use alloc::{collections::BTreeMap, vec};

use proptest::prelude::*;
use serde_json::json;

use super::*;

#[derive(Clone, Debug)]
enum Step {
    /// An event's JSON.
    Push(String),
    Wait(u64),
    Pop(usize),
    Clear,
    ChangeHands,
    ReleaseAll,
}

fn event() -> impl Strategy<Value = String> {
    let kind = prop::sample::select(vec!["keypress", "keydown", "keyup"]);
    let key = prop::sample::select(vec![
        ("a", "KeyA"),
        ("a", ""),
        ("A", "KeyA"),
        ("1", "Digit1"),
        ("é", ""),
        ("👩‍🚀", ""),
        ("Enter", "Enter"),
        ("Enter", ""),
        ("Shift", "ShiftLeft"),
        ("Meta", "MetaLeft"),
        ("Backspace", "Backspace"),
    ]);
    let place = prop_oneof![Just(5.0), 0.0..=10_000.0];
    prop_oneof![
        24 => (kind, key, 0..16_u8).prop_map(|(kind, (key, code), modifiers)| {
            json!({"type": kind, "key": key, "code": code, "modifiers": modifiers})
        }),
        5 => place.clone().prop_map(|x| json!({"type": "click", "x": x, "y": 1})),
        2 => place.clone().prop_map(|x| json!({"type": "dblclick", "x": x, "y": 1})),
        2 => (place, -1e5..1e5).prop_map(|(x, way)| {
            json!({"type": "scroll", "x": x, "y": 1, "deltaY": way})
        }),
        2 => "[a-z\n\r\t é👩]{0,80}".prop_map(|text| json!({"type": "paste", "text": text})),
        1 => Just(json!({"type": "back"})),
        8 => pointing(),
        4 => touching(),
        2 => "[a-zé你\n]{0,5}".prop_map(|text| json!({"type": "compose", "text": text})),
        2 => "[a-zé你\n]{0,5}".prop_map(|text| json!({"type": "commit", "text": text})),
        1 => Just(json!({"type": "release_all"})),
    ]
    .prop_map(|json| json.to_string())
}

fn pointing() -> impl Strategy<Value = serde_json::Value> {
    let kind = prop::sample::select(vec!["mousemove", "mousedown", "mouseup"]);
    let button = prop::sample::select(vec!["left", "middle", "right"]);
    (kind, button, 0.0..=100.0, 0..16_u8).prop_map(|(kind, button, x, modifiers)| {
        json!({"type": kind, "x": x, "y": 1, "button": button, "modifiers": modifiers})
    })
}

fn touching() -> impl Strategy<Value = serde_json::Value> {
    let fingers = prop::collection::btree_map(0..4_u8, 0..5_u8, 0..4);
    prop_oneof![
        8 => fingers.prop_map(|fingers| {
            let touches: Vec<_> = (fingers.iter())
                .map(|(id, x)| json!({"id": id, "x": x, "y": 1}))
                .collect();
            json!({"type": "touch", "touches": touches})
        }),
        1 => Just(json!({"type": "touchcancel"})),
    ]
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        12 => event().prop_map(Step::Push),
        3 => (0_u64..300).prop_map(Step::Wait),
        6 => (0_usize..8).prop_map(Step::Pop),
        1 => Just(Step::Clear),
        1 => Just(Step::ChangeHands),
        1 => Just(Step::ReleaseAll),
    ];
    prop::collection::vec(step, 0..120)
}

/// Watches what the browser is told.
#[derive(Default)]
struct Watch {
    keys: BTreeMap<String, u32>,
    buttons: u8,
    fingers: Vec<u8>,
    composes: bool,
    last_press: Option<u64>,
}

impl Watch {
    fn see(&mut self, now: u64, action: &Action) -> Result<(), TestCaseError> {
        match action {
            Action::Key(event) => {
                // The physical key, if it is known: its character may change while it is down.
                let name = Some(&event.code).filter(|code| !code.is_empty());
                let down = self
                    .keys
                    .entry(name.unwrap_or(&event.key).clone())
                    .or_default();
                match event.kind {
                    KeyEventKind::KeyUp => {
                        prop_assert!(*down > 0, "a release without a press");
                        *down -= 1;
                    }
                    KeyEventKind::KeyDown | KeyEventKind::RawKeyDown => {
                        prop_assert!(!event.auto_repeat || *down > 0, "a repeat without a press");
                        *down += u32::from(!event.auto_repeat);
                        prop_assert!(self.last_press.is_none_or(|last| last + 10 <= now));
                        self.last_press = Some(now);
                    }
                }
            }
            Action::Mouse(event) => self.see_mouse(event)?,
            Action::Touch(event) => self.see_touch(event)?,
            Action::Compose(composing) => {
                let end = composing.text.encode_utf16().count();
                prop_assert!(composing.selection_start <= composing.selection_end);
                prop_assert!(usize::try_from(composing.selection_end).is_ok_and(|at| at <= end));
                self.composes = !composing.text.is_empty();
            }
            Action::InsertText(text) => {
                prop_assert!(!text.trim_matches('\n').is_empty(), "would submit a form");
            }
            Action::Errand(_)
            | Action::Back
            | Action::Forward
            | Action::Reload
            | Action::Finish(_) => {}
        }
        Ok(())
    }

    /// Every press has one release, and every event says which buttons are down.
    fn see_mouse(&mut self, event: &MouseEvent) -> Result<(), TestCaseError> {
        let bit = event.button.map_or(0, |button| match button {
            event::Button::Left => 1,
            event::Button::Right => 2,
            event::Button::Middle => 4,
        });
        match event.kind {
            MouseEventKind::MousePressed => {
                prop_assert_eq!(self.buttons & bit, 0, "pressed twice");
                self.buttons |= bit;
                prop_assert_eq!(event.buttons, Some(self.buttons));
            }
            MouseEventKind::MouseReleased => {
                prop_assert_eq!(self.buttons & bit, bit, "released twice");
                self.buttons &= !bit;
                prop_assert_eq!(event.buttons, Some(self.buttons));
            }
            MouseEventKind::MouseMoved => {
                prop_assert_eq!(event.buttons, Some(self.buttons));
                prop_assert_eq!(bit != 0, self.buttons != 0);
                prop_assert_eq!(self.buttons & bit, bit);
            }
            MouseEventKind::MouseWheel => {
                prop_assert_eq!(event.buttons.unwrap_or(0), self.buttons);
            }
        }
        Ok(())
    }

    /// What Chromium refuses: a finger that moves or goes and isn't there, one that comes twice.
    fn see_touch(&mut self, event: &TouchEvent) -> Result<(), TestCaseError> {
        let ids: Vec<u8> = event.touch_points.iter().map(|point| point.id).collect();
        let known = ids.iter().filter(|id| self.fingers.contains(id)).count();
        match event.kind {
            TouchEventKind::TouchStart => {
                prop_assert!(!ids.is_empty() && known == 0);
                self.fingers.extend(ids);
            }
            TouchEventKind::TouchMove => prop_assert!(!ids.is_empty() && known == ids.len()),
            TouchEventKind::TouchEnd => {
                prop_assert!(!ids.is_empty() && known == ids.len());
                self.fingers.retain(|id| !ids.contains(id));
            }
            TouchEventKind::TouchCancel => {
                prop_assert!(ids.is_empty() && !self.fingers.is_empty());
                self.fingers.clear();
            }
        }
        Ok(())
    }

    fn is_at_rest(&self) -> bool {
        self.keys.values().all(|down| *down == 0) && self.buttons == 0 && self.fingers.is_empty()
    }
}

proptest! {
    #[test]
    fn every_press_is_released_once_and_every_deadline_brings_something(steps in steps()) {
        let mut bench = Bench::new();
        let mut watch = Watch::default();
        for step in steps {
            match step {
                Step::Push(event) => {
                    let stamped = Stamped::parse(event.as_bytes()).expect("a valid event");
                    let _ = bench.push(stamped.event);
                }
                Step::Wait(millis) => bench.wait(millis),
                Step::Pop(count) => {
                    for _ in 0..count {
                        if let Some(action) = bench.pop() {
                            watch.see(bench.now, &action)?;
                        }
                    }
                }
                Step::Clear => bench.dispatcher.clear(),
                Step::ChangeHands => bench.dispatcher.change_hands(),
                Step::ReleaseAll => {
                    for action in bench.dispatcher.release_all() {
                        watch.see(bench.now, &action)?;
                    }
                    prop_assert!(watch.is_at_rest());
                }
            }
        }
        let mut taken = 0;
        while let Some(at) = bench.dispatcher.deadline() {
            bench.now = bench.now.max(at.as_millis());
            let action = bench.pop();
            prop_assert!(action.is_some(), "a deadline brings something");
            taken += 1;
            prop_assert!(taken < MANY, "it never comes to rest");
            if let Some(action) = action {
                watch.see(bench.now, &action)?;
            }
        }
        prop_assert!(bench.pop().is_none());
        for action in bench.dispatcher.release_all() {
            watch.see(bench.now, &action)?;
        }
        prop_assert!(watch.is_at_rest(), "something is still down");
        prop_assert!(bench.dispatcher.is_idle());
    }

    #[test]
    fn text_comes_out_in_the_order_it_was_typed(
        text in "[a-z0-9 .]{1,40}",
        split in 0_usize..40,
        pauses in prop::collection::vec(0_u64..40, 40),
    ) {
        let mut bench = Bench::new();
        let mut out = String::new();
        let mut take = |action: Option<Action>| {
            if let Some(Action::Key(KeyEvent { text: Some(text), .. })) = action {
                out.push_str(&text);
            }
        };
        for ((index, character), pause) in text.chars().enumerate().zip(pauses) {
            let key = character.to_string();
            let sent = if index < split {
                bench.key("keypress", &key, "KeyX", 0)
            } else {
                bench.paste(&key)
            };
            prop_assert_eq!(sent, Ok(()));
            bench.wait(pause);
            take(bench.pop());
        }
        let mut taken = 0;
        while let Some(at) = bench.dispatcher.deadline() {
            bench.now = bench.now.max(at.as_millis());
            let action = bench.pop();
            prop_assert!(action.is_some(), "a deadline brings something");
            taken += 1;
            prop_assert!(taken < MANY, "it never comes to rest");
            take(action);
        }
        prop_assert_eq!(out, text);
    }

    #[test]
    fn nothing_grows_beyond_its_bounds(events in prop::collection::vec(event(), 0..40)) {
        let mut bench = Bench::new();
        for event in events.iter().cycle().take(events.len() * 100) {
            let stamped = Stamped::parse(event.as_bytes()).expect("a valid event");
            let _ = bench.push(stamped.event);
        }
        let waiting = bench.drain().len();
        // At most: 1,000 key events, 3 actions a click, 4 a press (with its aim and its end), 2 a move,
        // 128 a typed paste, and a scroll after each.
        let pointer = 20 * 3 + 64 * 4 + 64 * 2;
        prop_assert!(waiting <= 2 * (1_000 + pointer + 16) + 64 * 129);
    }
}
