//! The rules of protocol version 1, §4, in virtual time: events go in as JSON, actions come out as
//! lines of text.

mod clicks;
mod composing;
mod errands;
mod focus;
mod key_codes;
mod keys;
mod mac;
mod mouse;
mod order;
mod pastes;
mod properties;
mod releases;
mod touch;

use alloc::{
    format,
    string::{String, ToString as _},
    vec::Vec,
};

use super::*;
use crate::{crypto::Opened, time::Timestamp};

/// More actions and deadlines than anything takes to come to rest.
const MANY: usize = 10_000;

/// A dispatcher and its clock.
struct Bench {
    dispatcher: Dispatcher,
    now: u64,
}

impl Bench {
    fn new() -> Self {
        Self::on(Platform::Other)
    }

    fn on(platform: Platform) -> Self {
        Self {
            dispatcher: Dispatcher::new(platform),
            now: 1_000,
        }
    }

    /// Pushes one event.
    fn send(&mut self, json: &str) -> Result<(), Dropped> {
        let event = InputEvent::parse(json.as_bytes()).expect("a valid event");
        self.push(event)
    }

    /// Pushes one event of version 2.
    fn send_second(&mut self, json: &serde_json::Value) -> Result<(), Dropped> {
        let json = json.to_string();
        self.push(
            Stamped::parse(json.as_bytes())
                .expect("a valid event")
                .event,
        )
    }

    fn push(&mut self, event: InputEvent) -> Result<(), Dropped> {
        self.dispatcher
            .push(Timestamp::from_millis(self.now), Opened::for_test(event))
    }

    /// Pushes one event of a kind about a key.
    fn key(&mut self, kind: &str, key: &str, code: &str, modifiers: u8) -> Result<(), Dropped> {
        self.send(
            &serde_json::json!({"type": kind, "key": key, "code": code, "modifiers": modifiers})
                .to_string(),
        )
    }

    fn click(&mut self, x: u32, y: u32) -> Result<(), Dropped> {
        self.send(&format!(r#"{{"type":"click","x":{x},"y":{y}}}"#))
    }

    fn paste(&mut self, text: &str) -> Result<(), Dropped> {
        self.send(&serde_json::json!({"type": "paste", "text": text}).to_string())
    }

    /// Lets time pass without popping.
    fn wait(&mut self, millis: u64) {
        self.now += millis;
    }

    fn pop(&mut self) -> Option<Action> {
        self.dispatcher.pop(Timestamp::from_millis(self.now))
    }

    /// Pops what is due now.
    fn due(&mut self) -> Vec<String> {
        let actions: Vec<_> = core::iter::from_fn(|| self.pop())
            .take(MANY)
            .map(|action| show(&action))
            .collect();
        assert!(actions.len() < MANY, "it never comes to rest");
        actions
    }

    /// Pops everything, moving the clock to each deadline. Each line begins with the milliseconds
    /// since the start.
    fn drain(&mut self) -> Vec<String> {
        let start = self.now;
        let mut lines = Vec::new();
        for _ in 0..MANY {
            lines.extend(
                self.due()
                    .into_iter()
                    .map(|line| format!("{} {line}", self.now - start)),
            );
            match self.dispatcher.deadline() {
                Some(at) => self.now = at.as_millis().max(self.now),
                None => return lines,
            }
        }
        panic!("it never comes to rest");
    }

    /// Pops everything, and drops the times.
    fn actions(&mut self) -> Vec<String> {
        self.drain()
            .iter()
            .filter_map(|line| line.split_once(' '))
            .map(|(_, action)| action.to_string())
            .collect()
    }

    /// Pops the next action as what CDP is sent.
    fn next_json(&mut self) -> serde_json::Value {
        match self.pop() {
            Some(Action::Key(event)) => serde_json::to_value(event),
            Some(Action::Mouse(event)) => serde_json::to_value(event),
            Some(Action::Touch(event)) => serde_json::to_value(event),
            Some(Action::Compose(event)) => serde_json::to_value(event),
            Some(_) | None => Ok(serde_json::Value::Null),
        }
        .expect("serialisable")
    }
}

/// Returns a member of an action, null if it has none.
fn member(action: &serde_json::Value, name: &str) -> serde_json::Value {
    action.get(name).cloned().unwrap_or_default()
}

/// Shortens an action: `keyDown a/KeyA 65 +8 "a"`, `mousePressed 1,2 left x1`, `mouseMoved 1,2 with 1`,
/// `touchStart 0:1,2`.
fn show(action: &Action) -> String {
    match action {
        Action::Key(event) => {
            let mut line = format!(
                "{} {}/{} {}",
                name(event.kind),
                event.key,
                event.code,
                event.windows_virtual_key_code
            );
            if event.modifiers != 0 {
                line.push_str(&format!(" +{}", event.modifiers));
            }
            if let Some(text) = &event.text {
                line.push_str(&format!(" {text:?}"));
            }
            if event.auto_repeat {
                line.push_str(" repeat");
            }
            line
        }
        Action::Mouse(event) => {
            let mut line = format!("{} {},{}", name(event.kind), event.x, event.y);
            if let (Some(button), Some(count)) = (event.button, event.click_count) {
                line.push_str(&format!(" {} x{count}", name(button)));
            }
            if let (Some(x), Some(y)) = (event.delta_x, event.delta_y) {
                line.push_str(&format!(" by {x},{y}"));
            }
            if let (MouseEventKind::MouseMoved, Some(held @ 1..)) = (event.kind, event.buttons) {
                line.push_str(&format!(" with {held}"));
            }
            if event.modifiers != 0 {
                line.push_str(&format!(" +{}", event.modifiers));
            }
            line
        }
        Action::Touch(event) => {
            let mut line = name(event.kind);
            for point in &event.touch_points {
                line.push_str(&format!(" {}:{},{}", point.id, point.x, point.y));
            }
            line
        }
        Action::Compose(Composing {
            text,
            selection_start,
            selection_end,
        }) => format!("compose {text:?} {selection_start}..{selection_end}"),
        Action::InsertText(text) => format!("insertText {text:?}"),
        Action::Errand(_) => "errand".into(),
        Action::Back => "back".into(),
        Action::Forward => "forward".into(),
        Action::Reload => "reload".into(),
        Action::Finish(Finish::Resolved) => "resolved".into(),
        Action::Finish(Finish::Cancelled) => "cancelled".into(),
    }
}

/// The name something has in JSON.
fn name(value: impl serde::Serialize) -> String {
    serde_json::to_value(value)
        .ok()
        .and_then(|value| value.as_str().map(String::from))
        .unwrap_or_default()
}
