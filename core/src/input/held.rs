//! Which keys are held: as the viewer's events say on arrival, and as the browser has been told.
//!
//! Between the two lies the queue. A press gets its number on arrival; its release carries the same.
//! INVARIANT: every press the browser is told of is followed by exactly one release.
//!
//! ```text
//! arrive ─▶ (queue) ─▶ pressed ─▶ released      by the viewer's keyup, through the queue
//!                             └─▶ due           at once or in time, without one
//! ```

use alloc::{string::String, vec::Vec};

use crate::{
    input::{
        action::KeyEvent,
        event::Key,
        keyboard::{modifiers_after, release},
    },
    time::Timestamp,
};

/// Numbers the presses of one session.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct PressId(u64);

/// When a pressed key goes up.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Release {
    /// Right after the press; the viewer's keyup isn't waited for.
    AtOnce,
    /// With the viewer's keyup, or after a while without one.
    OrAfter,
    /// With the viewer's keyup.
    OnKeyUp,
}

/// The keys held.
#[derive(Default)]
pub(super) struct Held {
    next: u64,
    arrived: Vec<Arrived>,
    down: Vec<Down>,
}

/// A key the viewer holds: its keyup has not arrived.
struct Arrived {
    id: PressId,
    key: String,
    code: Option<String>,
    release: Release,
}

/// A key that is down in the browser.
struct Down {
    id: PressId,
    event: KeyEvent,
    up: Up,
}

/// When a key that is down goes up by itself.
enum Up {
    Now,
    /// Unless its keyup has arrived by then.
    At(Timestamp),
    Never,
}

impl Held {
    /// Numbers a press; unless it is released at once, its keyup is awaited.
    pub(super) fn arrive(&mut self, key: &Key, release: Release) -> PressId {
        let id = PressId(self.next);
        self.next += 1;
        if release != Release::AtOnce {
            self.arrived.push(Arrived {
                id,
                key: key.key.clone(),
                code: key.code.clone(),
                release,
            });
        }
        id
    }

    /// Finds the held key that is pressed once more.
    pub(super) fn find_pressed(&self, key: &Key) -> Option<(PressId, Release)> {
        self.arrived
            .iter()
            .find(|held| held.code.is_some() == key.code.is_some() && held.is(key))
            .map(|held| (held.id, held.release))
    }

    /// Finds the held key that a keyup releases.
    pub(super) fn find_released(&self, key: &Key) -> Option<PressId> {
        self.arrived
            .iter()
            .find(|held| held.is(key))
            .map(|held| held.id)
    }

    /// Notes that a held key's keyup has arrived.
    pub(super) fn depart(&mut self, id: PressId) {
        self.arrived.retain(|held| held.id != id);
    }

    /// Counts every keyup as arrived that is awaited; the newest press first, so that modifiers go last.
    pub(super) fn depart_all(&mut self) -> impl Iterator<Item = PressId> + use<> {
        let departed = core::mem::take(&mut self.arrived);
        departed.into_iter().rev().map(|held| held.id)
    }

    /// Returns how many keys the viewer holds, each of which owes a release.
    pub(super) fn owed(&self) -> usize {
        self.arrived.len()
    }

    /// Notes that the browser is told of a press.
    pub(super) fn pressed(
        &mut self,
        id: PressId,
        event: &KeyEvent,
        release: Release,
        up_after: Timestamp,
    ) {
        self.down.push(Down {
            id,
            event: event.clone(),
            up: match release {
                Release::AtOnce => Up::Now,
                Release::OrAfter => Up::At(up_after),
                Release::OnKeyUp => Up::Never,
            },
        });
    }

    /// Presses and releases a key that no viewer's event stands for.
    pub(super) fn tapped(&mut self, event: &KeyEvent) {
        let id = PressId(self.next);
        self.next += 1;
        self.pressed(id, event, Release::AtOnce, Timestamp::default());
    }

    /// Repeats a press that was told the browser and not released since; as what it was told to be,
    /// should the platform, by which a key may become another, have been learnt in between.
    pub(super) fn repeated(&self, id: PressId, event: KeyEvent) -> Option<KeyEvent> {
        let down = self.down.iter().find(|down| down.id == id)?;
        Some(KeyEvent {
            auto_repeat: true,
            ..if is_one_key(&down.event, &event) {
                event
            } else {
                down.event.clone()
            }
        })
    }

    /// Releases a key with its keyup.
    pub(super) fn released(&mut self, id: PressId, modifiers: u8) -> Option<KeyEvent> {
        let place = self.down.iter().position(|down| down.id == id)?;
        Some(release(&self.down.remove(place).event, modifiers))
    }

    /// Releases one key whose time has come.
    pub(super) fn due(&mut self, now: Timestamp) -> Option<KeyEvent> {
        let place = self
            .down
            .iter()
            .position(|down| self.up_time(down, now).is_some_and(|at| at <= now))?;
        let down = self.down.remove(place);
        self.depart(down.id);
        Some(release(&down.event, modifiers_after(&down.event)))
    }

    /// Returns when the next key goes up by itself.
    pub(super) fn next_due(&self, now: Timestamp) -> Option<Timestamp> {
        self.down
            .iter()
            .filter_map(|down| self.up_time(down, now))
            .min()
    }

    /// Forgets the presses that waited, and lets those go up at once whose keyup waited.
    pub(super) fn discard_waiting(&mut self) {
        self.arrived
            .retain(|held| self.down.iter().any(|down| down.id == held.id));
        for down in &mut self.down {
            if self.arrived.iter().all(|held| held.id != down.id) {
                down.up = Up::Now;
            }
        }
    }

    /// Releases everything that is down, the newest first, so that modifiers go last. What was
    /// released is named to `forget`.
    pub(super) fn release_all(&mut self, mut forget: impl FnMut(PressId)) -> Vec<KeyEvent> {
        let mut released = Vec::with_capacity(self.down.len());
        while let Some(down) = self.down.pop() {
            self.depart(down.id);
            forget(down.id);
            released.push(release(&down.event, modifiers_after(&down.event)));
        }
        released
    }

    fn up_time(&self, down: &Down, now: Timestamp) -> Option<Timestamp> {
        match down.up {
            Up::Now => Some(now),
            Up::At(at) if self.arrived.iter().any(|held| held.id == down.id) => Some(at),
            Up::At(_) | Up::Never => None,
        }
    }
}

/// Tells whether two events are about one key for the browser: by its code, or its name if it has none.
fn is_one_key(one: &KeyEvent, other: &KeyEvent) -> bool {
    one.code == other.code && (!one.code.is_empty() || one.key.eq_ignore_ascii_case(&other.key))
}

impl Arrived {
    /// The physical key decides; the character may change while it is down, as with Shift.
    fn is(&self, key: &Key) -> bool {
        match (&self.code, &key.code) {
            (Some(mine), Some(other)) => mine == other,
            (Some(_) | None, Some(_) | None) => self.key.eq_ignore_ascii_case(&key.key),
        }
    }
}
