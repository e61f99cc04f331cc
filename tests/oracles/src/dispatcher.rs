//! From a viewer's events to what the browser is told, at any pace: each press is released once, pairs
//! are never torn, and a deadline that has come brings something.

use std::collections::BTreeMap;

use arbitrary::{Arbitrary, Unstructured};
use authloop_core::{
    input::{
        Action, Dispatcher, KeyEventKind, MouseEvent, MouseEventKind, Platform, TouchEvent,
        TouchEventKind, event::Button,
    },
    time::Timestamp,
};
use serde_json::{Value, json};

use crate::{opener::opened, script};

const KEYS: [(&str, &str); 12] = [
    ("a", "KeyA"),
    ("a", ""),
    ("A", "KeyA"),
    ("1", "Digit1"),
    ("é", ""),
    ("👩‍🚀", ""),
    ("Enter", "Enter"),
    ("Enter", "NumpadEnter"),
    ("Shift", "ShiftLeft"),
    ("Meta", "MetaLeft"),
    ("Backspace", "Backspace"),
    ("F13", ""),
];

#[derive(Arbitrary, Debug)]
enum Step {
    Do(Deed),
    Wait(u16),
    Pop(u8),
    Busy,
    Rest,
    Clear,
    ReleaseAll,
    Mac(bool),
}

/// What a human does.
#[derive(Arbitrary, Debug)]
enum Deed {
    Key {
        how: u8,
        key: u8,
        modifiers: u8,
    },
    Click {
        x: u16,
        button: u8,
        count: u8,
    },
    DoubleClick {
        x: u16,
    },
    Scroll {
        x: u16,
        way: i16,
    },
    Paste(String),
    Navigate(u8),
    Mouse {
        how: u8,
        x: i16,
        button: u8,
        modifiers: u8,
    },
    /// Which of four fingers are down, and where.
    Touch {
        fingers: u8,
        x: i8,
    },
    TouchCancel,
    Compose(String),
    Commit(String),
    LetGo,
    /// As a viewer of another make may write it.
    Raw(Vec<u8>),
    Resolve,
    Cancel,
}

/// Watches what the browser is told.
#[derive(Default)]
struct Watch {
    keys: BTreeMap<String, u32>,
    buttons: u8,
    fingers: Vec<u8>,
    finished: bool,
}

impl Watch {
    fn see(&mut self, action: &Action) {
        match action {
            Action::Key(event) => {
                let name = Some(&event.code).filter(|code| !code.is_empty());
                let down = self
                    .keys
                    .entry(name.unwrap_or(&event.key).clone())
                    .or_default();
                match event.kind {
                    KeyEventKind::KeyUp => {
                        assert!(*down > 0, "a release without a press");
                        *down -= 1;
                    }
                    KeyEventKind::KeyDown | KeyEventKind::RawKeyDown => {
                        assert!(!event.auto_repeat || *down > 0, "a repeat without a press");
                        *down += u32::from(!event.auto_repeat);
                    }
                }
            }
            Action::Mouse(event) => self.see_mouse(event),
            Action::Touch(event) => self.see_touch(event),
            Action::Compose(composing) => {
                let length = composing.text.encode_utf16().count();
                assert!(composing.selection_start <= composing.selection_end);
                assert!(usize::try_from(composing.selection_end).is_ok_and(|end| end <= length));
            }
            Action::InsertText(text) => {
                assert!(
                    !text.trim_matches('\n').is_empty(),
                    "it would submit a form"
                );
            }
            Action::Finish(_) => {
                assert!(!self.finished, "two ends");
                self.finished = true;
            }
            Action::Back | Action::Forward | Action::Reload => {}
        }
    }

    fn see_mouse(&mut self, event: &MouseEvent) {
        let bit = event.button.map_or(0, |button| match button {
            Button::Left => 1,
            Button::Right => 2,
            Button::Middle => 4,
        });
        match event.kind {
            MouseEventKind::MousePressed => {
                assert!(bit != 0 && self.buttons & bit == 0, "pressed twice");
                self.buttons |= bit;
            }
            MouseEventKind::MouseReleased => {
                assert!(bit != 0 && self.buttons & bit == bit, "released twice");
                self.buttons &= !bit;
            }
            MouseEventKind::MouseMoved => assert_eq!(self.buttons & bit, bit),
            MouseEventKind::MouseWheel => {}
        }
        assert_eq!(event.buttons.unwrap_or(0), self.buttons, "which are down");
    }

    /// What Chromium refuses: a finger that moves or goes and isn't there, one that comes twice.
    fn see_touch(&mut self, event: &TouchEvent) {
        let ids: Vec<u8> = event.touch_points.iter().map(|point| point.id).collect();
        let known = ids.iter().filter(|id| self.fingers.contains(id)).count();
        match event.kind {
            TouchEventKind::TouchStart => {
                assert!(!ids.is_empty() && known == 0, "a finger comes twice");
                self.fingers.extend(ids);
            }
            TouchEventKind::TouchMove => assert!(!ids.is_empty() && known == ids.len()),
            TouchEventKind::TouchEnd => {
                assert!(!ids.is_empty() && known == ids.len(), "a finger goes twice");
                self.fingers.retain(|id| !ids.contains(id));
            }
            TouchEventKind::TouchCancel => {
                assert!(ids.is_empty() && !self.fingers.is_empty());
                self.fingers.clear();
            }
        }
    }

    fn is_at_rest(&self) -> bool {
        self.buttons == 0 && self.fingers.is_empty() && self.keys.values().all(|down| *down == 0)
    }
}

/// Tells the story, lets it run out, and lifts every finger.
pub fn check(data: &[u8]) {
    let mut dispatcher = Dispatcher::new(Platform::default());
    let mut watch = Watch::default();
    let mut now = 1_000;
    let mut busy = false;
    for step in script::steps::<Step>(&mut Unstructured::new(data), 400) {
        let at = Timestamp::from_millis(now);
        match step {
            Step::Wait(millis) => now += u64::from(millis),
            Step::Pop(count) => {
                for action in (0..count).map_while(|_| dispatcher.pop(at)) {
                    watch.see(&action);
                }
            }
            Step::Busy => {
                dispatcher.page_is_busy();
                busy = true;
            }
            Step::Rest => {
                dispatcher.page_is_at_rest(at);
                busy = false;
            }
            Step::Clear => dispatcher.clear(),
            Step::ReleaseAll => {
                dispatcher
                    .release_all()
                    .iter()
                    .for_each(|action| watch.see(action));
                assert!(watch.is_at_rest(), "something is still down");
            }
            Step::Mac(mac) => dispatcher.set_platform(platform(mac)),
            Step::Do(deed) => {
                if let Some(event) = opened(&json_of(deed)) {
                    let _dropped = dispatcher.push(at, event);
                }
            }
        }
    }
    if busy {
        dispatcher.page_is_at_rest(Timestamp::from_millis(now));
    }
    let mut turns = 0;
    while let Some(at) = dispatcher.deadline() {
        now = now.max(at.as_millis());
        let action = dispatcher.pop(Timestamp::from_millis(now));
        watch.see(&action.expect("a deadline brings something"));
        turns += 1;
        assert!(turns < 40_000, "what waits is bounded");
    }
    assert!(dispatcher.is_idle());
    dispatcher
        .release_all()
        .iter()
        .for_each(|action| watch.see(action));
    assert!(watch.is_at_rest(), "something is still down");
}

fn platform(mac: bool) -> Platform {
    if mac { Platform::Mac } else { Platform::Other }
}

fn json_of(deed: Deed) -> Vec<u8> {
    let event = match deed {
        Deed::Key {
            how,
            key,
            modifiers,
        } => {
            let kind = script::pick(&["keypress", "keydown", "keyup"], how);
            let (key, code) = script::pick(&KEYS, key).copied().unwrap_or_default();
            json!({"type": kind, "key": key, "code": code, "modifiers": modifiers % 16})
        }
        Deed::Click { x, button, count } => {
            let button = script::pick(&["left", "middle", "right"], button);
            json!({"type": "click", "x": x % 10_000, "y": 1, "button": button, "clickCount": count})
        }
        Deed::DoubleClick { x } => json!({"type": "dblclick", "x": x % 10_000, "y": 1}),
        Deed::Scroll { x, way } => {
            json!({"type": "scroll", "x": x % 10_000, "y": 1, "deltaY": way})
        }
        Deed::Paste(text) => json!({"type": "paste", "text": text}),
        Deed::Navigate(how) => {
            json!({"type": script::pick(&["back", "forward", "reload"], how)})
        }
        Deed::Mouse {
            how,
            x,
            button,
            modifiers,
        } => {
            let kind = script::pick(&["mousemove", "mousedown", "mouseup"], how);
            let button = script::pick(&["left", "middle", "right"], button);
            json!({"type": kind, "x": x % 10_000, "y": 1, "button": button, "modifiers": modifiers % 16})
        }
        Deed::Touch { fingers, x } => {
            let touches: Vec<Value> = (0..4_u8)
                .filter(|id| fingers & (1 << id) != 0)
                .map(|id| json!({"id": id, "x": x, "y": id}))
                .collect();
            json!({"type": "touch", "touches": touches})
        }
        Deed::TouchCancel => json!({"type": "touchcancel"}),
        Deed::Compose(text) => json!({"type": "compose", "text": text}),
        Deed::Commit(text) => json!({"type": "commit", "text": text}),
        Deed::LetGo => json!({"type": "release_all"}),
        Deed::Resolve => json!({"type": "resolved"}),
        Deed::Cancel => json!({"type": "cancelled"}),
        Deed::Raw(bytes) => return bytes,
    };
    event.to_string().into_bytes()
}
