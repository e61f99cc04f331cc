//! What hands do besides clicking and typing: drag, hover, press long, hold a key, compose, copy.
//!
//! A phone's keyboard has no keys: it composes words and inserts the rest, as Android's does.

use std::time::Duration;

use fantoccini::{
    Locator,
    actions::{
        InputSource as _, KeyAction, KeyActions, MOUSE_BUTTON_LEFT, MOUSE_BUTTON_MIDDLE,
        MOUSE_BUTTON_RIGHT, MouseActions, PointerAction, TouchActions, WheelAction, WheelActions,
    },
    key::Key,
};
use serde_json::json;
use tokio::time::sleep;

use super::{Device, Human, whole};
use crate::wait::eventually;

/// Between two keys, or two moves, of somebody who is quick.
const QUICK: Duration = Duration::from_millis(25);
/// The same of somebody who reads a code off another device.
const READING: Duration = Duration::from_millis(60);
/// Longer than any page takes for a tap.
const LONG: Duration = Duration::from_millis(900);
/// Into how many moves a drag falls.
const MOVES: u32 = 12;
/// The key number of whatever an input method does.
const COMPOSING: u32 = 229;

impl Human {
    /// Clicks, or taps, a point of the agent's page three times in quick succession.
    pub async fn triple_click(&self, point: (f64, f64)) {
        self.click_times(point, 3).await;
    }

    /// Clicks with the right button; on a phone, presses long.
    pub async fn right_click(&self, point: (f64, f64)) {
        match self.device {
            Device::Desktop => self.click_with(MOUSE_BUTTON_RIGHT, point).await,
            Device::Phone => {
                let (x, y) = self.on_screen(point).await;
                let finger = down_at(x, y)
                    .into_iter()
                    .chain([pause(LONG), up(MOUSE_BUTTON_LEFT)])
                    .fold(TouchActions::new("finger".into()), TouchActions::then);
                self.act(finger.into()).await;
            }
        }
    }

    /// Clicks with the middle button, which only a mouse has.
    pub async fn middle_click(&self, point: (f64, f64)) {
        self.click_with(MOUSE_BUTTON_MIDDLE, point).await;
    }

    async fn click_with(&self, button: u64, point: (f64, f64)) {
        let (x, y) = self.on_screen(point).await;
        let duration = None;
        let mouse = [
            PointerAction::MoveTo { duration, x, y },
            PointerAction::Down { button },
            up(button),
        ]
        .into_iter()
        .fold(MouseActions::new("mouse".into()), MouseActions::then);
        self.act(mouse.into()).await;
    }

    /// Points at something, with a mouse.
    pub async fn hover(&self, point: (f64, f64)) {
        let (x, y) = self.on_screen(point).await;
        let mouse = MouseActions::new("mouse".into()).then(slowly_to(x, y));
        self.act(mouse.into()).await;
    }

    /// Drags what lies at one point to another: a finger holds it first.
    pub async fn drags(&self, from: (f64, f64), to: (f64, f64)) {
        let held = match self.device {
            Device::Desktop => QUICK,
            Device::Phone => LONG,
        };
        self.drag_after(held, from, to).await;
    }

    /// Presses at one point, moves to another in some steps, and lets go there.
    pub async fn drag(&self, from: (f64, f64), to: (f64, f64)) {
        self.drag_after(QUICK, from, to).await;
    }

    async fn drag_after(&self, held: Duration, from: (f64, f64), to: (f64, f64)) {
        let (from, to) = (self.on_screen(from).await, self.on_screen(to).await);
        let part = |start: f64, end: f64, step: u32| {
            start + (end - start) * f64::from(step) / f64::from(MOVES)
        };
        let moves =
            (1..=MOVES).map(|step| slowly_to(part(from.0, to.0, step), part(from.1, to.1, step)));
        let steps = down_at(from.0, from.1)
            .into_iter()
            .chain([pause(held)])
            .chain(moves)
            .chain([pause(QUICK), up(MOUSE_BUTTON_LEFT)]);
        let hand = match self.device {
            Device::Desktop => steps
                .fold(MouseActions::new("mouse".into()), MouseActions::then)
                .into(),
            Device::Phone => steps
                .fold(TouchActions::new("finger".into()), TouchActions::then)
                .into(),
        };
        self.act(hand).await;
    }

    /// Turns the wheel over a point while a key is held.
    pub async fn scroll_holding(&self, held: Key, point: (f64, f64), delta_y: i64) {
        let (x, y) = self.on_screen(point).await;
        let value = char::from(held);
        let down = KeyActions::new("keyboard".into()).then(KeyAction::Down { value });
        let wheel = WheelActions::new("wheel".into())
            .pause(Duration::ZERO)
            .then(WheelAction::Scroll {
                duration: None,
                x: whole(x),
                y: whole(y),
                delta_x: 0,
                delta_y,
            });
        self.act(fantoccini::actions::Actions::from(down).and(wheel))
            .await;
        let up = KeyActions::new("keyboard".into()).then(KeyAction::Up { value });
        self.act(up.into()).await;
    }

    /// Types as quick people do: at a desk key by key, on a phone by its keyboard, which composes words.
    pub async fn types_quickly(&self, text: &str) {
        if self.device == Device::Desktop {
            return self.strikes(text, QUICK).await;
        }
        self.shows_keyboard().await;
        let mut word = String::new();
        for character in text.chars() {
            if character.is_alphabetic() {
                word.push(character);
                self.composes(&word).await;
                continue;
            }
            self.chooses(&std::mem::take(&mut word)).await;
            self.inserts(&character.to_string()).await;
        }
        self.chooses(&word).await;
    }

    /// Types a code, digit by digit, as fast as it is read off another device.
    pub async fn types_a_code(&self, digits: &str) {
        if self.device == Device::Desktop {
            return self.strikes(digits, READING).await;
        }
        for digit in digits.chars() {
            self.inserts(&digit.to_string()).await;
            sleep(READING).await;
        }
    }

    /// Types into a sheet of the viewer page that is open.
    pub async fn types_into_sheet(&self, text: &str) {
        self.strikes(text, QUICK).await;
    }

    /// Presses a button of a sheet, which takes no press that came too soon to be meant.
    pub async fn answers(&self, selector: &str) {
        eventually(selector, async || {
            self.can_press(selector).await.then_some(())
        })
        .await;
        self.press(selector).await;
    }

    /// Clicks while a key is held.
    pub async fn click_holding(&self, held: Key, point: (f64, f64)) {
        let value = char::from(held);
        let down = KeyActions::new("keyboard".into()).then(KeyAction::Down { value });
        self.act(down.into()).await;
        self.click(point).await;
        let up = KeyActions::new("keyboard".into()).then(KeyAction::Up { value });
        self.act(up.into()).await;
    }

    /// Waits until a field of a sheet holds this.
    pub async fn reads_in(&self, selector: &str, text: &str) {
        eventually(text, async || {
            let field = self.client.find(Locator::Css(selector)).await.ok()?;
            let held = field.prop("value").await.ok()??;
            (held == text).then_some(())
        })
        .await;
    }

    /// Waits until the viewer page says outside the picture that the tab is at this site.
    pub async fn reads_where(&self, site: &str) {
        eventually(site, async || {
            (self.reads("#place-site").await == site).then_some(())
        })
        .await;
    }

    async fn strikes(&self, text: &str, duration: Duration) {
        let mut keys = KeyActions::new("keyboard".into());
        for value in text.chars() {
            keys = keys
                .then(KeyAction::Down { value })
                .then(KeyAction::Pause { duration })
                .then(KeyAction::Up { value })
                .then(KeyAction::Pause { duration });
        }
        self.act(keys.into()).await;
    }

    /// Brings what an input method shows to this.
    pub async fn composes(&self, text: &str) {
        self.key_event("rawKeyDown", json!({})).await;
        let end = text.encode_utf16().count();
        let composition = json!({ "text": text, "selectionStart": end, "selectionEnd": end });
        self.devtools("Input.imeSetComposition", composition).await;
        self.key_event("keyUp", json!({})).await;
    }

    /// Accepts what an input method offers; nothing if that is nothing.
    pub async fn chooses(&self, text: &str) {
        if !text.is_empty() {
            self.devtools("Input.insertText", json!({ "text": text }))
                .await;
        }
    }

    /// Inserts something without a key, as an emoji picker or a phone's keyboard does.
    pub async fn inserts(&self, text: &str) {
        self.shows_keyboard().await;
        self.key_event("rawKeyDown", json!({})).await;
        self.chooses(text).await;
        self.key_event("keyUp", json!({})).await;
    }

    /// Holds the key of a small letter until it has come `times` times.
    pub async fn holds(&self, letter: char, times: u32) {
        self.shows_keyboard().await;
        let code = format!("Key{}", letter.to_ascii_uppercase());
        let key = json!({
            "key": letter.to_string(), "code": code, "text": letter.to_string(),
            "windowsVirtualKeyCode": u32::from(letter.to_ascii_uppercase()),
        });
        for time in 0..times {
            let mut key = key.clone();
            key["autoRepeat"] = json!(time > 0);
            self.key_event("keyDown", key).await;
        }
        let mut released = key;
        released["text"] = json!("");
        self.key_event("keyUp", released).await;
    }

    /// Presses a key whose layout makes this character of it: `held` are CDP's bits of what is held.
    pub async fn presses_layout_key(&self, character: &str, code: &str, number: u32, held: u32) {
        let key = json!({
            "key": character, "code": code, "windowsVirtualKeyCode": number, "modifiers": held,
        });
        let mut down = key.clone();
        // A dead key makes nothing yet.
        let kind = if character == "Dead" {
            "rawKeyDown"
        } else {
            down["text"] = json!(character);
            "keyDown"
        };
        self.key_event(kind, down).await;
        self.key_event("keyUp", key).await;
    }

    async fn key_event(&self, kind: &str, key: serde_json::Value) {
        let mut event = json!({
            "type": kind, "key": "Unidentified", "windowsVirtualKeyCode": COMPOSING,
        });
        if let (Some(event), serde_json::Value::Object(key)) = (event.as_object_mut(), key) {
            event.extend(key);
        }
        self.devtools("Input.dispatchKeyEvent", event).await;
    }

    /// Goes on to the next field: by Tab, which on a phone is in the row of keys.
    pub async fn tabs_on(&self) {
        match self.device {
            Device::Desktop => self.key(Key::Tab).await,
            Device::Phone => self.press("#keys [data-key=Tab]").await,
        }
    }

    /// Has the phone's keyboard shown; at a desk it always is.
    pub async fn shows_keyboard(&self) {
        if self.device == Device::Phone && !self.has_keyboard().await {
            self.press("#keyboard").await;
        }
    }

    /// Puts the phone's keyboard away.
    pub async fn hides_keyboard(&self) {
        if self.device == Device::Phone && self.has_keyboard().await {
            self.press("#keyboard").await;
        }
    }

    async fn has_keyboard(&self) -> bool {
        let shown = "return document.getElementById('keyboard').ariaExpanded";
        self.look(shown).await == "true"
    }

    /// Copies a text somewhere else on the own computer, and comes back.
    pub async fn copies(&self, text: &str) {
        self.opens_a_tab().await;
        let elsewhere = format!("data:text/html,<textarea>{text}</textarea>");
        self.client.goto(&elsewhere).await.expect("it opens");
        let field = self.client.find(Locator::Css("textarea")).await;
        field
            .expect("it is there")
            .click()
            .await
            .expect("it is there");
        self.chord(Key::Control, 'a').await;
        self.chord(Key::Control, 'c').await;
        self.closes_the_tab().await;
        self.goes_to_tab(0).await;
        self.state_is("live").await;
    }

    /// Pastes what was copied: by keyboard, or on a phone by the page's button and its sheet.
    pub async fn pastes(&self) {
        match self.device {
            Device::Desktop => self.chord(Key::Control, 'v').await,
            Device::Phone => {
                self.press("#paste").await;
                self.pastes_into_sheet().await;
            }
        }
    }

    /// Presses a letter with Ctrl: on a phone by the page's row of keys.
    pub async fn shortcut(&self, letter: char) {
        match self.device {
            Device::Desktop => self.chord(Key::Control, letter).await,
            Device::Phone => {
                self.shows_keyboard().await;
                self.press("#keys [data-key=Control]").await;
                self.inserts(&letter.to_string()).await;
            }
        }
    }

    /// Copies what is selected in the agent's page: by keyboard, or on a phone by the page's button.
    pub async fn copies_out(&self) {
        match self.device {
            Device::Desktop => self.chord(Key::Control, 'c').await,
            Device::Phone => {
                self.hides_keyboard().await;
                self.press("#copy").await;
            }
        }
    }

    /// Pastes somewhere else on the own computer, and comes back with what was on the clipboard.
    pub async fn has_on_clipboard(&self) -> String {
        self.opens_a_tab().await;
        (self
            .client
            .goto("data:text/html,<textarea></textarea>")
            .await)
            .expect("it opens");
        let field = self.client.find(Locator::Css("textarea")).await;
        let field = field.expect("it is there");
        field.click().await.expect("it is there");
        self.chord(Key::Control, 'v').await;
        let text = field.prop("value").await.expect("it is there");
        self.closes_the_tab().await;
        self.goes_to_tab(0).await;
        self.state_is("live").await;
        text.unwrap_or_default()
    }

    /// Pastes what was copied by the menu that is open; the viewer page's sheet asks for it, because no
    /// browser here lets a page look at the clipboard.
    pub async fn pastes_by_menu(&self) {
        self.answers("#menu-paste").await;
        self.pastes_into_sheet().await;
    }

    async fn pastes_into_sheet(&self) {
        self.press("#paste-text").await;
        self.chord(Key::Control, 'v').await;
        self.press("#paste-send").await;
    }

    /// Waits until the picture has this colour at a point of the agent's page.
    pub async fn sees_at(&self, point: (f64, f64), colour: [u8; 3]) {
        const SCRIPT: &str = "
            const [x, y, colour] = arguments;
            const screen = document.getElementById('screen');
            const scale = screen.width / screen.dataset.deviceWidth;
            const { data } = screen.getContext('2d').getImageData(x * scale, y * scale, 1, 1);
            return colour.every((value, index) => Math.abs(value - data[index]) < 24);";
        eventually(&format!("the colour {colour:?}"), async || {
            let place = vec![json!(point.0), json!(point.1), json!(colour)];
            let seen = self.client.execute(SCRIPT, place).await;
            (seen.expect("the page is there") == true).then_some(())
        })
        .await;
    }
}

fn down_at(x: f64, y: f64) -> [PointerAction; 2] {
    let (duration, button) = (None, MOUSE_BUTTON_LEFT);
    [
        PointerAction::MoveTo { duration, x, y },
        PointerAction::Down { button },
    ]
}

fn up(button: u64) -> PointerAction {
    PointerAction::Up { button }
}

fn pause(duration: Duration) -> PointerAction {
    PointerAction::Pause { duration }
}

fn slowly_to(x: f64, y: f64) -> PointerAction {
    let duration = Some(QUICK);
    PointerAction::MoveTo { duration, x, y }
}
