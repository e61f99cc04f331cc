//! What was accepted and isn't done, in order, and how much of each kind that is.

use std::collections::VecDeque;

use authloop_core::input::{
    Action,
    event::{Button, Composition, Finger, Point},
};

use super::keyboard::Press;

/// One thing that was accepted, and what is left of it. Places are the page's.
pub(super) enum Due {
    Press(Press),
    Repeat(u64),
    Up(u64, u8),
    Character(String),
    Click(Aimed),
    Scroll {
        at: Point,
        by: (f64, f64),
        modifiers: u8,
    },
    Move(Point, u8),
    ButtonDown(Aimed),
    /// Where it was let go; `None` where the pointer is.
    ButtonUp(Option<Point>, Button, u8),
    /// These are down and no other.
    Fingers {
        fingers: Vec<Finger>,
        moved: bool,
    },
    FingersGone,
    Compose(Composition),
    Type(Typed),
    Insert(String),
    Navigate(Action),
    Resolved,
}

/// A press of a button, and where.
#[derive(Clone, Copy)]
pub(super) struct Aimed {
    pub(super) at: Point,
    pub(super) button: Button,
    pub(super) count: u8,
    pub(super) modifiers: u8,
    /// The pointer was moved there for it.
    pub(super) is_there: bool,
}

/// A text that is typed, and how much of it was.
pub(super) struct Typed {
    pub(super) text: String,
    pub(super) done: usize,
}

/// How many wait of each kind.
#[derive(Default)]
pub(super) struct Waits {
    pub(super) keys: usize,
    pub(super) clicks: usize,
    pub(super) presses: usize,
    pub(super) moves: usize,
    pub(super) scrolls: usize,
    pub(super) texts: usize,
    pub(super) bytes: usize,
    pub(super) navigations: usize,
}

/// The list.
#[derive(Default)]
pub(super) struct List {
    list: VecDeque<Due>,
    pub(super) waits: Waits,
}

impl List {
    pub(super) fn push(&mut self, due: Due) {
        self.waits.count(&due, |number, by| *number += by);
        self.list.push_back(due);
    }

    /// Puts back what has been begun.
    pub(super) fn put_back(&mut self, due: Due) {
        self.waits.count(&due, |number, by| *number += by);
        self.list.push_front(due);
    }

    pub(super) fn next(&mut self) -> Option<Due> {
        let due = self.list.pop_front()?;
        self.waits.count(&due, |number, by| *number -= by);
        Some(due)
    }

    pub(super) fn front(&self) -> Option<&Due> {
        self.list.front()
    }

    /// Lends what came last. Its kind isn't to be changed, nor how long a text it is.
    pub(super) fn newest(&mut self) -> Option<&mut Due> {
        self.list.back_mut()
    }

    /// Takes back what came last.
    pub(super) fn take_newest(&mut self) {
        if let Some(due) = self.list.pop_back() {
            self.waits.count(&due, |number, by| *number -= by);
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    pub(super) fn any(&self, is: impl FnMut(&Due) -> bool) -> bool {
        self.list.iter().any(is)
    }

    pub(super) fn retain(&mut self, keeps: impl Fn(&Due) -> bool) {
        let waits = &mut self.waits;
        self.list.retain(|due| {
            let keeps = keeps(due);
            if !keeps {
                waits.count(due, |number, by| *number -= by);
            }
            keeps
        });
    }

    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }
}

impl Waits {
    fn count(&mut self, due: &Due, count: fn(&mut usize, usize)) {
        match due {
            Due::Press(_) | Due::Repeat(_) | Due::Up(..) | Due::Character(_) => {
                count(&mut self.keys, 1);
            }
            Due::Click(_) => count(&mut self.clicks, 1),
            Due::ButtonDown(_) | Due::Fingers { moved: false, .. } => count(&mut self.presses, 1),
            Due::Move(..) | Due::Fingers { moved: true, .. } => count(&mut self.moves, 1),
            Due::Scroll { .. } => count(&mut self.scrolls, 1),
            Due::Compose(composition) => self.count_text(composition.text.len(), count),
            Due::Type(typed) => self.count_text(typed.text.len(), count),
            Due::Insert(text) => self.count_text(text.len(), count),
            Due::Navigate(_) => count(&mut self.navigations, 1),
            Due::ButtonUp(..) | Due::FingersGone | Due::Resolved => {}
        }
    }

    /// A text holds all its bytes until it is done.
    fn count_text(&mut self, bytes: usize, count: fn(&mut usize, usize)) {
        count(&mut self.texts, 1);
        count(&mut self.bytes, bytes);
    }
}
