//! Keys: those the human holds, those that are down in the browser, and the text that is typed for a paste.
//! A press has its number from when it arrives until it is released; its release has the same.

use authloop_core::{
    input::{Action, Dropped, KeyEvent, event::Key, limits},
    time::Timestamp,
};

use super::{
    Model,
    due::{Due, Typed},
};
use crate::scenario::dispatcher::keys::{self, Pressed};

/// A key that is to go down.
pub(super) struct Press {
    number: u64,
    told: Pressed,
    goes_up: GoesUp,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum GoesUp {
    AtOnce,
    OrAfter,
    OnKeyUp,
}

/// A key the human holds.
struct Held {
    number: u64,
    key: Key,
    goes_up: GoesUp,
}

/// A key that is down in the browser.
struct Down {
    number: u64,
    told: Pressed,
    /// When it goes up by itself.
    by_itself: Option<Timestamp>,
}

/// All keys.
#[derive(Default)]
pub(super) struct Keyboard {
    held: Vec<Held>,
    down: Vec<Down>,
    numbers: u64,
}

impl Keyboard {
    /// Tells whether a key is down in the browser.
    pub(super) const fn is_down(&self) -> bool {
        !self.down.is_empty()
    }

    /// Tells whether a key is down that goes up by itself.
    pub(super) fn is_half_done(&self) -> bool {
        self.down.iter().any(|down| down.by_itself.is_some())
    }

    /// Nothing may be told between the press and the release of a key that is released at once.
    pub(super) fn is_whole(&self) {
        let at_once = Some(Timestamp::default());
        let torn = self.down.iter().any(|down| down.by_itself == at_once);
        assert!(!torn, "something between a key's press and its release");
    }

    /// What waited is forgotten: a key goes up next whose press was told and whose release waited.
    pub(super) fn forget_waiting(&mut self) {
        let down = &self.down;
        (self.held).retain(|held| down.iter().any(|down| down.number == held.number));
        for down in &mut self.down {
            if self.held.iter().all(|held| held.number != down.number) {
                down.by_itself = Some(Timestamp::default());
            }
        }
    }

    /// Takes the number of the key that was pressed last of those that are held: it is let go.
    pub(super) fn lets_go(&mut self) -> Option<u64> {
        let number = self.held.pop()?.number;
        self.keyup_arrived(number);
        Some(number)
    }

    /// Takes the release of the key that went down last. Returns its number.
    pub(super) fn newest_up(&mut self, event: &KeyEvent) -> u64 {
        let newest = self.down.pop().expect("a release without a press");
        keys::released(&newest.told, event, newest.told.modifiers_after());
        self.held.retain(|held| held.number != newest.number);
        newest.number
    }

    /// Takes the release of a key whose time has come, if there is one.
    pub(super) fn up_by_itself(&mut self, now: Timestamp, event: &KeyEvent) -> bool {
        let is_due = |down: &Down| down.by_itself.is_some_and(|at| at <= now);
        let Some(place) = self.down.iter().position(is_due) else {
            return false;
        };
        let down = self.down.remove(place);
        keys::released(&down.told, event, down.told.modifiers_after());
        self.held.retain(|held| held.number != down.number);
        true
    }

    pub(super) fn up(&mut self, number: u64, modifiers: u8, event: &KeyEvent) {
        let place = self.down.iter().position(|down| down.number == number);
        let down = self.down.remove(place.expect("a release without a press"));
        keys::released(&down.told, event, modifiers);
    }

    pub(super) fn repeated(&self, number: u64, event: &KeyEvent) {
        let down = self.down.iter().find(|down| down.number == number);
        keys::repeated(&down.expect("a repeat without a press").told, event);
    }

    pub(super) fn pressed(&mut self, now: Timestamp, press: Press, event: &KeyEvent) {
        let Press {
            number,
            told,
            goes_up,
        } = press;
        keys::pressed(&told, event);
        let is_held = self.held.iter().any(|held| held.number == number);
        let by_itself = match goes_up {
            GoesUp::AtOnce => Some(Timestamp::default()),
            // Its keyup may have arrived already, and comes in its turn.
            GoesUp::OrAfter if is_held => Some(now + limits::KEY_UP_AFTER),
            GoesUp::OrAfter | GoesUp::OnKeyUp => None,
        };
        self.down.push(Down {
            number,
            told,
            by_itself,
        });
    }

    /// A character of a text goes down, and up next.
    fn typed(&mut self, event: &KeyEvent) {
        let told = keys::typed(event);
        self.numbers += 1;
        self.down.push(Down {
            number: self.numbers,
            told,
            by_itself: Some(Timestamp::default()),
        });
    }

    /// A key whose keyup has arrived goes up in its turn.
    fn keyup_arrived(&mut self, number: u64) {
        let down = self.down.iter_mut().find(|down| down.number == number);
        if let Some(down) = down {
            down.by_itself = None;
        }
    }
}

impl Model {
    pub(super) fn press(&mut self, key: &Key, is_keypress: bool) -> Result<(), Dropped> {
        let Some(told) = Pressed::of(key, self.platform) else {
            self.room_for_keys(1)?;
            self.due.push(Due::Character(key.key.clone()));
            return Ok(());
        };
        let goes_up = goes_up(key, is_keypress);
        let keyboard = &self.keyboard;
        let held = keyboard.held.iter().position(|held| {
            held.key.code.is_some() == key.code.is_some() && keys::are_one(&held.key, key)
        });
        if let Some(held) = held.and_then(|place| keyboard.held.get(place))
            && held.goes_up == GoesUp::OnKeyUp
            && goes_up == GoesUp::OnKeyUp
            && key.repeats != Some(false)
        {
            let number = held.number;
            self.room_for_keys(1)?;
            self.due.push(Due::Repeat(number));
            return Ok(());
        }
        self.room_for_keys(2)?;
        if let Some(place) = held {
            let before = self.keyboard.held.remove(place);
            self.goes_up_in_turn(before.number, key);
        } else if self.keyboard.held.len() >= limits::MAX_HELD_KEYS {
            return Err(Dropped::Keys);
        }
        self.keyboard.numbers += 1;
        let number = self.keyboard.numbers;
        if goes_up != GoesUp::AtOnce {
            self.keyboard.held.push(Held {
                number,
                key: key.clone(),
                goes_up,
            });
        }
        self.due.push(Due::Press(Press {
            number,
            told,
            goes_up,
        }));
        Ok(())
    }

    pub(super) fn key_up(&mut self, key: &Key) -> Result<(), Dropped> {
        let held = &mut self.keyboard.held;
        let place = held.iter().position(|held| keys::are_one(&held.key, key));
        let held = held.remove(place.ok_or(Dropped::NotDown)?);
        self.goes_up_in_turn(held.number, key);
        Ok(())
    }

    fn goes_up_in_turn(&mut self, number: u64, key: &Key) {
        self.keyboard.keyup_arrived(number);
        let modifiers = keys::modifiers(key, self.platform);
        self.due.push(Due::Up(number, modifiers));
    }

    /// Each key that is held has kept room for its release.
    fn room_for_keys(&self, more: usize) -> Result<(), Dropped> {
        let taken = self.due.waits.keys + self.keyboard.held.len();
        let fits = taken + more <= limits::MAX_KEY_EVENTS;
        fits.then_some(()).ok_or(Dropped::Keys)
    }

    /// Takes the next key of a text.
    pub(super) fn types(&mut self, typed: Typed, action: &Action) {
        assert!(!self.busy, "the page isn't at rest");
        let text = if let Action::Key(event) = action {
            self.keyboard.typed(event);
            event.text.as_deref().expect("a typed key has a text")
        } else {
            let Action::InsertText(text) = action else {
                unreachable!("a paste is typed or inserted");
            };
            text
        };
        let pace = if typed.text.len() <= limits::LONGEST_CODE {
            limits::CODE_PACE
        } else {
            limits::TYPE_PACE
        };
        self.paced_key(pace);
        let rest = typed.text.get(typed.done..).unwrap_or_default();
        assert!(rest.starts_with(text), "a paste arrives in order");
        let done = typed.done + text.len();
        if done < typed.text.len() {
            self.due.put_back(Due::Type(Typed { done, ..typed }));
        }
    }
}

fn goes_up(key: &Key, is_keypress: bool) -> GoesUp {
    match &key.code {
        _ if key.modifiers.meta && !keys::is_modifier(&key.key) => GoesUp::AtOnce,
        None if is_keypress || keys::is_text(key) => GoesUp::AtOnce,
        Some(_) if is_keypress => GoesUp::OrAfter,
        Some(_) | None => GoesUp::OnKeyUp,
    }
}
