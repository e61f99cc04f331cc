//! What waits for the browser, in order, and how much of it there is.

use alloc::{collections::VecDeque, string::String, vec::Vec};

use crate::input::{
    action::KeyEvent,
    errand::Errand,
    event::{Button, Composition, Finger, MAX_WHEEL_DELTA, Point},
    held::{PressId, Release},
    limits::{MAX_MOVES, MAX_SCROLLS},
    text::Typing,
};

/// One thing that waits. Places are the page's.
pub(super) enum Item {
    /// A key goes down.
    Press(PressId, KeyEvent, Release),
    /// A key that is down repeats.
    Repeat(PressId, KeyEvent),
    /// A key goes up, with these modifiers held.
    Release(PressId, u8),
    /// A character too long for a key event.
    Character(String),
    /// A click; `aimed` once the pointer is there.
    Click {
        at: Point,
        button: Button,
        count: u8,
        aimed: bool,
    },
    /// The wheel turns, with these modifiers held.
    Scroll {
        at: Point,
        delta_x: f64,
        delta_y: f64,
        modifiers: u8,
    },
    /// The mouse moves.
    Move(Point, u8),
    /// A button goes down.
    ButtonDown {
        at: Point,
        button: Button,
        count: u8,
        modifiers: u8,
    },
    /// A button goes up: at a place, or where the pointer is.
    ButtonUp(Option<Point>, Button, u8),
    /// These fingers are down, and no other.
    Touch { fingers: Vec<Finger>, moved: bool },
    /// The fingers are taken away.
    TouchCancel,
    /// An input method's text, as it stands.
    Compose(Composition),
    /// A text that is typed.
    Type(Typing),
    /// A text that is inserted.
    Insert(String),
    /// What takes more than events.
    Errand(Errand),
    /// A step through the history, or a reload.
    Navigate(Navigation),
    /// The human is done.
    Resolved,
}

/// A step through the history, or a reload.
#[derive(Clone, Copy)]
pub(super) enum Navigation {
    Back,
    Forward,
    Reload,
}

/// How much waits, by kind.
#[derive(Clone, Copy, Default)]
pub(super) struct Load {
    pub(super) keys: usize,
    pub(super) clicks: usize,
    pub(super) presses: usize,
    pub(super) moves: usize,
    pub(super) scrolls: usize,
    pub(super) pastes: usize,
    pub(super) paste_bytes: usize,
    pub(super) navigations: usize,
}

/// What waits, in order. Its bounds are its user's to keep.
#[derive(Default)]
pub(super) struct Queue {
    items: VecDeque<Item>,
    load: Load,
}

impl Queue {
    pub(super) fn push(&mut self, item: Item) {
        self.load.add(item.load());
        self.items.push_back(item);
    }

    /// Adds a scroll, to the last item if that is one with the same held: then the newest place counts.
    /// Returns whether it found a place.
    pub(super) fn push_scroll(&mut self, at: Point, delta_x: f64, delta_y: f64, held: u8) -> bool {
        if let Some(Item::Scroll {
            at: last,
            delta_x: x,
            delta_y: y,
            modifiers,
        }) = self.items.back_mut()
            && *modifiers == held
        {
            *last = at;
            *x = (*x + delta_x).clamp(-MAX_WHEEL_DELTA, MAX_WHEEL_DELTA);
            *y = (*y + delta_y).clamp(-MAX_WHEEL_DELTA, MAX_WHEEL_DELTA);
        } else if self.load.scrolls >= MAX_SCROLLS {
            return false;
        } else {
            self.push(Item::Scroll {
                at,
                delta_x,
                delta_y,
                modifiers: held,
            });
        }
        true
    }

    /// Adds a move of the mouse. If there is no room, or nothing follows its way (`hovers`), it takes
    /// the place of one that is last. Returns whether it found a place.
    pub(super) fn push_move(&mut self, at: Point, modifiers: u8, hovers: bool) -> bool {
        let is_full = self.load.moves >= MAX_MOVES;
        match self.items.back_mut() {
            Some(Item::Move(last, held)) if hovers || is_full => (*last, *held) = (at, modifiers),
            Some(_) | None if is_full => return false,
            Some(_) | None => self.push(Item::Move(at, modifiers)),
        }
        true
    }

    /// Adds fingers, or a move of theirs. A move for which there is no room takes the place of one that
    /// is last. Returns whether it found a place.
    pub(super) fn push_touch(&mut self, fingers: Vec<Finger>, moved: bool) -> bool {
        let is_full = moved && self.load.moves >= MAX_MOVES;
        match self.items.back_mut() {
            Some(Item::Touch {
                fingers: last,
                moved: true,
            }) if is_full => *last = fingers,
            Some(_) | None if is_full => return false,
            Some(_) | None => self.push(Item::Touch { fingers, moved }),
        }
        true
    }

    /// Adds a composition's text; it takes the place of one that is last.
    pub(super) fn push_composition(&mut self, composition: Composition) {
        if let Some(Item::Compose(_)) = self.items.back()
            && let Some(last) = self.items.pop_back()
        {
            self.load.subtract(last.load());
        }
        self.push(Item::Compose(composition));
    }

    pub(super) fn front(&self) -> Option<&Item> {
        self.items.front()
    }

    pub(super) fn pop(&mut self) -> Option<Item> {
        let item = self.items.pop_front()?;
        self.load.subtract(item.load());
        Some(item)
    }

    /// Puts back what was popped and isn't done.
    pub(super) fn push_front(&mut self, item: Item) {
        self.load.add(item.load());
        self.items.push_front(item);
    }

    /// Drops the repeats and releases of a key that is up already.
    pub(super) fn forget(&mut self, released: PressId) {
        let load = &mut self.load;
        self.items.retain(|item| {
            let (Item::Repeat(id, _) | Item::Release(id, _)) = item else {
                return true;
            };
            let keep = *id != released;
            if !keep {
                load.subtract(item.load());
            }
            keep
        });
    }

    /// Tells whether a press of this button waits.
    pub(super) fn presses(&self, button: Button) -> bool {
        let is_press = |item: &Item| matches!(item, Item::ButtonDown { button: other, .. } if *other == button);
        self.items.iter().any(is_press)
    }

    /// Tells whether fingers wait.
    pub(super) fn touches(&self) -> bool {
        let is_touch = |item: &Item| matches!(item, Item::Touch { .. });
        self.items.iter().any(is_touch)
    }

    pub(super) fn clear(&mut self) {
        self.items.clear();
        self.load = Load::default();
    }

    pub(super) const fn load(&self) -> Load {
        self.load
    }
}

impl Item {
    /// Tells whether the next step of this ends what an input method composes.
    pub(super) const fn ends_composition(&self) -> bool {
        match self {
            Self::Press(..)
            | Self::Character(_)
            | Self::Click { aimed: true, .. }
            | Self::Touch { moved: false, .. }
            | Self::Type(_)
            | Self::Insert(_)
            | Self::Navigate(_) => true,
            // The pointer may have to be moved there first: the press ends it.
            Self::Click { aimed: false, .. }
            | Self::ButtonDown { .. }
            | Self::Repeat(..)
            | Self::Release(..)
            | Self::Scroll { .. }
            | Self::Move(..)
            | Self::ButtonUp(..)
            | Self::Touch { moved: true, .. }
            | Self::TouchCancel
            | Self::Compose(_)
            | Self::Errand(_)
            | Self::Resolved => false,
        }
    }

    fn load(&self) -> Load {
        let none = Load::default();
        match self {
            Self::Press(..) | Self::Repeat(..) | Self::Release(..) | Self::Character(_) => {
                Load { keys: 1, ..none }
            }
            Self::Click { .. } => Load { clicks: 1, ..none },
            Self::ButtonDown { .. } | Self::Touch { moved: false, .. } => {
                Load { presses: 1, ..none }
            }
            Self::Move(..) | Self::Touch { moved: true, .. } => Load { moves: 1, ..none },
            Self::Compose(composition) => Load::paste(composition.text.len()),
            Self::Type(typing) => Load::paste(typing.len()),
            Self::Insert(text) => Load::paste(text.len()),
            Self::Errand(errand) => Load::paste(errand.len()),
            Self::Navigate(_) => Load {
                navigations: 1,
                ..none
            },
            Self::Scroll { .. } => Load { scrolls: 1, ..none },
            Self::ButtonUp(..) | Self::TouchCancel | Self::Resolved => none,
        }
    }
}

impl Load {
    fn paste(bytes: usize) -> Self {
        Self {
            pastes: 1,
            paste_bytes: bytes,
            ..Self::default()
        }
    }

    fn add(&mut self, other: Self) {
        self.keys += other.keys;
        self.clicks += other.clicks;
        self.presses += other.presses;
        self.moves += other.moves;
        self.scrolls += other.scrolls;
        self.pastes += other.pastes;
        self.paste_bytes += other.paste_bytes;
        self.navigations += other.navigations;
    }

    fn subtract(&mut self, other: Self) {
        self.keys -= other.keys;
        self.clicks -= other.clicks;
        self.presses -= other.presses;
        self.moves -= other.moves;
        self.scrolls -= other.scrolls;
        self.pastes -= other.pastes;
        self.paste_bytes -= other.paste_bytes;
        self.navigations -= other.navigations;
    }
}
