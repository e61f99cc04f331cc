//! Fingers on the page: which are down, as the viewer's events say on arrival and as the browser has
//! been told, and what the browser is told of them.
//!
//! A viewer's event names all fingers that are down; Chromium wants what changed. INVARIANT: a finger
//! the browser is told is down is lifted or taken away once.

use alloc::vec::Vec;

use crate::input::{
    action::{TouchEvent, TouchEventKind, TouchPoint},
    event::Finger,
    queue::Queue,
};

/// The fingers on one page.
#[derive(Default)]
pub(super) struct Touches {
    /// The fingers that the newest event to arrive named.
    held: Vec<u8>,
    /// The first finger found no room: none counts until all are lifted.
    missed: bool,
    /// Down in the browser.
    down: Vec<Finger>,
    /// The browser is to be told next that they were taken away.
    is_due: bool,
}

impl Touches {
    // What arrives.

    /// Tells whether these are the fingers that are held: then they only moved.
    pub(super) fn only_moved(&self, fingers: &[Finger]) -> bool {
        fingers.len() == self.held.len()
            && fingers.iter().all(|finger| self.held.contains(&finger.id))
    }

    /// Tells whether these fingers aren't to be told: another one is down and there is no room for it, or
    /// there was none for the first of them.
    pub(super) fn misses(&mut self, fingers: &[Finger], is_full: bool) -> bool {
        self.missed &= !fingers.is_empty();
        let adds = fingers.iter().any(|finger| !self.held.contains(&finger.id));
        let misses = self.missed || (adds && is_full);
        self.missed |= misses && self.held.is_empty();
        misses
    }

    /// Notes which fingers are down. Returns whether any was before.
    pub(super) fn arrive(&mut self, fingers: &[Finger]) -> bool {
        let was_held = !self.held.is_empty();
        self.missed = false;
        self.held = fingers.iter().map(|finger| finger.id).collect();
        was_held
    }

    /// Forgets what waited: the fingers that the browser knows of are taken away next.
    pub(super) fn discard_waiting(&mut self) {
        self.held.clear();
        self.is_due = !self.down.is_empty();
    }

    // What the browser is told.

    /// Returns the next step towards these fingers being down, and no other; `None` if they are.
    pub(super) fn towards(&mut self, fingers: &[Finger]) -> Option<TouchEvent> {
        let is_down = |finger: &Finger| fingers.iter().any(|other| other.id == finger.id);
        let lifted: Vec<Finger> = self
            .down
            .extract_if(.., |finger| !is_down(finger))
            .collect();
        if !lifted.is_empty() {
            return Some(event(TouchEventKind::TouchEnd, lifted));
        }
        let knows = |finger: &Finger| {
            self.down
                .iter()
                .find(|known| known.id == finger.id)
                .copied()
        };
        let added: Vec<Finger> = fingers
            .iter()
            .filter(|finger| knows(finger).is_none())
            .copied()
            .collect();
        if !added.is_empty() {
            self.down.extend_from_slice(&added);
            return Some(event(TouchEventKind::TouchStart, added));
        }
        let moved: Vec<Finger> = fingers
            .iter()
            .filter(|finger| knows(finger).is_some_and(|known| known.at != finger.at))
            .copied()
            .collect();
        if moved.is_empty() {
            return None;
        }
        self.down = fingers.to_vec();
        Some(event(TouchEventKind::TouchMove, moved))
    }

    /// Tells whether the browser knows of these fingers, and no other, where they are, and goes on to.
    pub(super) fn are(&self, fingers: &[Finger]) -> bool {
        !self.is_due
            && fingers.len() == self.down.len()
            && fingers.iter().all(|finger| self.down.contains(finger))
    }

    /// Takes all fingers away; `None` if there are none.
    pub(super) fn cancel(&mut self) -> Option<TouchEvent> {
        self.is_due = false;
        let any = !self.down.is_empty();
        self.down.clear();
        any.then(|| event(TouchEventKind::TouchCancel, Vec::new()))
    }

    /// Tells whether the browser is to be told next that the fingers were taken away.
    pub(super) const fn is_due(&self) -> bool {
        self.is_due
    }

    /// Takes all fingers away. What waits puts its own down.
    pub(super) fn release_all(&mut self, waits: &Queue) -> Option<TouchEvent> {
        if !waits.touches() {
            self.held.clear();
        }
        self.cancel()
    }
}

fn event(kind: TouchEventKind, fingers: Vec<Finger>) -> TouchEvent {
    TouchEvent {
        kind,
        touch_points: fingers
            .into_iter()
            .map(|finger| TouchPoint {
                id: finger.id,
                x: finger.at.x,
                y: finger.at.y,
            })
            .collect(),
    }
}
