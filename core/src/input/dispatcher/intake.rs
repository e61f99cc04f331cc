//! What happens to an event when it arrives: it takes its place in the queue, or is dropped.
//!
//! It decides which presses, releases and clicks belong together, by the time of arrival. A release is
//! never refused for want of room.

use alloc::vec::Vec;

use super::{Dispatcher, Phase};
use crate::input::{
    errand::Errand,
    event::{Button, Composition, Finger, InputEvent, Key, Modifiers, Point},
    held::Release,
    keyboard::{self, Press},
    limits::{
        Dropped, MAX_CLICKS, MAX_HELD_KEYS, MAX_KEY_EVENTS, MAX_NAVIGATIONS, MAX_PASTE_BYTES,
        MAX_PASTES, MAX_PRESSES,
    },
    queue::{Item, Navigation},
    text::{Paste, composed},
};

/// Which event a key came with.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Origin {
    KeyPress,
    KeyDown,
}

impl Dispatcher {
    pub(super) fn enqueue(&mut self, event: InputEvent) -> Result<(), Dropped> {
        match self.phase {
            Phase::Open => {}
            Phase::Resolving if event == InputEvent::Cancelled => {}
            Phase::Resolving | Phase::Cancelling | Phase::Finished => {
                return Err(Dropped::Finished);
            }
        }
        match event {
            InputEvent::Click {
                at,
                button,
                click_count,
            } => self.enqueue_click(at, button, click_count),
            InputEvent::DoubleClick { at } => self.enqueue_double_click(at),
            InputEvent::KeyPress(key) => self.enqueue_press(&key, Origin::KeyPress),
            InputEvent::KeyDown(key) => self.enqueue_press(&key, Origin::KeyDown),
            InputEvent::KeyUp(key) => self.enqueue_release(&key),
            InputEvent::Scroll {
                at,
                delta_x,
                delta_y,
                modifiers,
            } => {
                let at = self.geometry.place(at);
                let held = keyboard::pointer_modifiers(modifiers, self.platform);
                (self.queue.push_scroll(at, delta_x, delta_y, held))
                    .then_some(())
                    .ok_or(Dropped::Pointer)
            }
            InputEvent::MouseMove { at, modifiers } => self.enqueue_move(at, modifiers),
            InputEvent::MouseDown {
                at,
                button,
                click_count,
                modifiers,
            } => self.enqueue_button_down(at, button, click_count, modifiers),
            InputEvent::MouseUp {
                at,
                button,
                modifiers,
            } => self.enqueue_button_up(at, button, modifiers),
            InputEvent::Touch(fingers) => self.enqueue_touch(fingers),
            InputEvent::TouchCancel => self.enqueue_touch_cancel(),
            InputEvent::Compose(composition) => self.enqueue_composition(composition),
            InputEvent::Commit(text) => self.enqueue_commit(&text),
            InputEvent::ReleaseAll => {
                self.let_go();
                Ok(())
            }
            InputEvent::Paste(text) => self.enqueue_paste(&text),
            InputEvent::Back => self.enqueue_navigation(Navigation::Back),
            InputEvent::Forward => self.enqueue_navigation(Navigation::Forward),
            InputEvent::Reload => self.enqueue_navigation(Navigation::Reload),
            InputEvent::Resolved => {
                self.phase = Phase::Resolving;
                self.queue.push(Item::Resolved);
                Ok(())
            }
            InputEvent::Cancelled => {
                self.clear();
                self.phase = Phase::Cancelling;
                Ok(())
            }
        }
    }

    fn enqueue_click(
        &mut self,
        at: Point,
        button: Button,
        claimed: Option<u8>,
    ) -> Result<(), Dropped> {
        if self.queue.load().clicks >= MAX_CLICKS {
            return Err(Dropped::Clicks);
        }
        if self.mouse.depart(button) {
            self.queue.push(Item::ButtonUp(None, button, 0));
        }
        let count = self.clicks.click(self.now, at, button, claimed);
        self.push_click(at, button, count);
        Ok(())
    }

    fn enqueue_double_click(&mut self, at: Point) -> Result<(), Dropped> {
        if self.clicks.is_echo(self.now, at) {
            return Err(Dropped::Repeated);
        }
        if self.queue.load().clicks + 2 > MAX_CLICKS {
            return Err(Dropped::Clicks);
        }
        self.clicks.reset();
        if self.mouse.depart(Button::Left) {
            self.queue.push(Item::ButtonUp(None, Button::Left, 0));
        }
        self.push_click(at, Button::Left, 1);
        self.push_click(at, Button::Left, 2);
        Ok(())
    }

    fn push_click(&mut self, at: Point, button: Button, count: u8) {
        self.queue.push(Item::Click {
            at: self.geometry.place(at),
            button,
            count,
            aimed: false,
        });
    }

    fn enqueue_move(&mut self, at: Point, modifiers: Modifiers) -> Result<(), Dropped> {
        let at = self.geometry.place(at);
        let modifiers = keyboard::pointer_modifiers(modifiers, self.platform);
        if self.mouse.missed_any() {
            return Err(Dropped::Pointer);
        }
        let hovers = !self.mouse.is_held();
        (self.queue.push_move(at, modifiers, hovers))
            .then_some(())
            .ok_or(Dropped::Pointer)
    }

    fn enqueue_button_down(
        &mut self,
        at: Point,
        button: Button,
        claimed: Option<u8>,
        modifiers: Modifiers,
    ) -> Result<(), Dropped> {
        if self.queue.load().presses >= MAX_PRESSES {
            self.mouse.miss(button);
            return Err(Dropped::Pointer);
        }
        if self.mouse.arrive(button) {
            // Its release never came.
            self.queue.push(Item::ButtonUp(None, button, 0));
        }
        let counted = self.clicks.click(self.now, at, button, claimed);
        self.queue.push(Item::ButtonDown {
            at: self.geometry.place(at),
            button,
            count: claimed.unwrap_or(counted),
            modifiers: keyboard::pointer_modifiers(modifiers, self.platform),
        });
        Ok(())
    }

    /// INVARIANT: never refused for want of room: only a button that is held can be released.
    fn enqueue_button_up(
        &mut self,
        at: Point,
        button: Button,
        modifiers: Modifiers,
    ) -> Result<(), Dropped> {
        if !self.mouse.depart(button) {
            return Err(Dropped::NotDown);
        }
        let at = self.geometry.place(at);
        let modifiers = keyboard::pointer_modifiers(modifiers, self.platform);
        self.queue.push(Item::ButtonUp(Some(at), button, modifiers));
        Ok(())
    }

    /// INVARIANT: fingers that were lifted are never refused for want of room.
    fn enqueue_touch(&mut self, mut fingers: Vec<Finger>) -> Result<(), Dropped> {
        let is_full = self.queue.load().presses >= MAX_PRESSES;
        if self.touches.misses(&fingers, is_full) {
            return Err(Dropped::Pointer);
        }
        for finger in &mut fingers {
            finger.at = self.geometry.place(finger.at);
        }
        let moved = self.touches.only_moved(&fingers);
        if moved && fingers.is_empty() {
            return Err(Dropped::NotDown);
        }
        self.touches.arrive(&fingers);
        (self.queue.push_touch(fingers, moved))
            .then_some(())
            .ok_or(Dropped::Pointer)
    }

    fn enqueue_touch_cancel(&mut self) -> Result<(), Dropped> {
        if !self.touches.arrive(&[]) {
            return Err(Dropped::NotDown);
        }
        self.queue.push(Item::TouchCancel);
        Ok(())
    }

    fn enqueue_composition(&mut self, mut composition: Composition) -> Result<(), Dropped> {
        self.reserve_paste(composition.text.len())?;
        let text = composed(&composition.text);
        if text != composition.text {
            // What was stripped moved the selection: it goes to the end.
            let end = u32::try_from(text.encode_utf16().count()).unwrap_or(u32::MAX);
            (composition.start, composition.end) = (end, end);
            composition.text = text;
        }
        self.queue.push_composition(composition);
        Ok(())
    }

    fn enqueue_commit(&mut self, text: &str) -> Result<(), Dropped> {
        let text = composed(text);
        if text.is_empty() {
            return self.enqueue_composition(Composition {
                text,
                start: 0,
                end: 0,
            });
        }
        self.reserve_paste(text.len())?;
        self.queue.push(Item::Insert(text));
        Ok(())
    }

    fn enqueue_press(&mut self, key: &Key, origin: Origin) -> Result<(), Dropped> {
        let event = match keyboard::press(key, self.platform) {
            Press::Key(event) => event,
            Press::Text(text) => {
                self.reserve_keys(1)?;
                self.queue.push(Item::Character(text));
                return Ok(());
            }
        };
        let release = release_of(key, origin);
        let held = self.held.find_pressed(key);
        if let Some((id, Release::OnKeyUp)) = held
            && release == Release::OnKeyUp
            && key.repeats.unwrap_or(true)
        {
            self.reserve_keys(1)?;
            self.queue.push(Item::Repeat(id, event));
            return Ok(());
        }
        self.reserve_keys(2)?;
        if let Some((id, _)) = held {
            // Typed again without a keyup between: pages that ignore repeats must see it.
            self.held.depart(id);
            let modifiers = keyboard::modifiers(key, self.platform);
            self.queue.push(Item::Release(id, modifiers));
        } else if self.held.owed() >= MAX_HELD_KEYS {
            return Err(Dropped::Keys);
        }
        let id = self.held.arrive(key, release);
        self.queue.push(Item::Press(id, event, release));
        Ok(())
    }

    /// INVARIANT: never refused for want of room: [`Self::reserve_keys`] kept some when it went down.
    fn enqueue_release(&mut self, key: &Key) -> Result<(), Dropped> {
        let id = self.held.find_released(key).ok_or(Dropped::NotDown)?;
        self.held.depart(id);
        self.queue
            .push(Item::Release(id, keyboard::modifiers(key, self.platform)));
        Ok(())
    }

    /// Checks for room, beside that for the releases that held keys owe.
    fn reserve_keys(&self, events: usize) -> Result<(), Dropped> {
        if self.queue.load().keys + self.held.owed() + events > MAX_KEY_EVENTS {
            Err(Dropped::Keys)
        } else {
            Ok(())
        }
    }

    /// Checks for room for a text.
    fn reserve_paste(&self, bytes: usize) -> Result<(), Dropped> {
        let load = self.queue.load();
        if load.pastes >= MAX_PASTES || load.paste_bytes + bytes > MAX_PASTE_BYTES {
            Err(Dropped::Paste)
        } else {
            Ok(())
        }
    }

    fn enqueue_paste(&mut self, text: &str) -> Result<(), Dropped> {
        self.reserve_paste(text.len())?;
        if let Some(item) = pasted(text) {
            self.queue.push(item);
        }
        Ok(())
    }

    pub(super) fn enqueue_errand(&mut self, errand: Errand) -> Result<(), Dropped> {
        if self.phase != Phase::Open {
            return Err(Dropped::Finished);
        }
        self.reserve_paste(errand.len())?;
        self.queue.push(Item::Errand(errand));
        Ok(())
    }

    fn enqueue_navigation(&mut self, navigation: Navigation) -> Result<(), Dropped> {
        if self.queue.load().navigations >= MAX_NAVIGATIONS {
            return Err(Dropped::Navigations);
        }
        self.queue.push(Item::Navigate(navigation));
        Ok(())
    }
}

/// Decides what becomes of a pasted text.
pub(super) fn pasted(text: &str) -> Option<Item> {
    match Paste::of(text) {
        Paste::Nothing => None,
        Paste::Type(typing) => Some(Item::Type(typing)),
        Paste::Insert(text) => Some(Item::Insert(text)),
    }
}

/// Decides when a pressed key goes up.
fn release_of(key: &Key, origin: Origin) -> Release {
    // macOS doesn't report the release of a key while Cmd is held.
    if key.modifiers.meta && !keyboard::is_modifier(key) {
        return Release::AtOnce;
    }
    match (origin, &key.code) {
        (Origin::KeyPress, None) => Release::AtOnce,
        (Origin::KeyPress, Some(_)) => Release::OrAfter,
        (Origin::KeyDown, None) if keyboard::is_text(key) => Release::AtOnce,
        (Origin::KeyDown, Some(_) | None) => Release::OnKeyUp,
    }
}
