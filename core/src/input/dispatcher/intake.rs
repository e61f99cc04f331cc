//! What happens to an event when it arrives: it takes its place in the queue, or is dropped.
//!
//! It decides which presses, releases and clicks belong together, by the time of arrival. A release is
//! never refused for want of room.

use super::{Dispatcher, Phase};
use crate::input::{
    event::{Button, InputEvent, Key, Point},
    held::Release,
    keyboard::{self, Press},
    limits::{
        Dropped, MAX_CLICKS, MAX_HELD_KEYS, MAX_KEY_EVENTS, MAX_NAVIGATIONS, MAX_PASTE_BYTES,
        MAX_PASTES,
    },
    queue::{Item, Navigation},
    text::Paste,
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
            } => {
                let at = self.geometry.place(at);
                self.queue.push_scroll(at, delta_x, delta_y);
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

    fn enqueue_paste(&mut self, text: &str) -> Result<(), Dropped> {
        let load = self.queue.load();
        if load.pastes >= MAX_PASTES || load.paste_bytes + text.len() > MAX_PASTE_BYTES {
            return Err(Dropped::Paste);
        }
        match Paste::of(text) {
            Paste::Nothing => {}
            Paste::Type(typing) => self.queue.push(Item::Type(typing)),
            Paste::Insert(text) => self.queue.push(Item::Insert(text)),
        }
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
