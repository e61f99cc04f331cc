//! What waits for the browser, in order, and how much of it there is.

use alloc::{collections::VecDeque, string::String};

use crate::input::{
    action::KeyEvent,
    event::{Button, MAX_WHEEL_DELTA, Point},
    held::{PressId, Release},
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
    /// The wheel turns.
    Scroll {
        at: Point,
        delta_x: f64,
        delta_y: f64,
    },
    /// A text that is typed.
    Type(Typing),
    /// A text that is inserted.
    Insert(String),
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

    /// Adds a scroll, to the last item if that is one: then the newest place counts.
    pub(super) fn push_scroll(&mut self, at: Point, delta_x: f64, delta_y: f64) {
        if let Some(Item::Scroll {
            at: last,
            delta_x: x,
            delta_y: y,
        }) = self.items.back_mut()
        {
            *last = at;
            *x = (*x + delta_x).clamp(-MAX_WHEEL_DELTA, MAX_WHEEL_DELTA);
            *y = (*y + delta_y).clamp(-MAX_WHEEL_DELTA, MAX_WHEEL_DELTA);
        } else {
            self.push(Item::Scroll {
                at,
                delta_x,
                delta_y,
            });
        }
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

    pub(super) fn clear(&mut self) {
        self.items.clear();
        self.load = Load::default();
    }

    pub(super) const fn load(&self) -> Load {
        self.load
    }
}

impl Item {
    fn load(&self) -> Load {
        let none = Load::default();
        match self {
            Self::Press(..) | Self::Repeat(..) | Self::Release(..) | Self::Character(_) => {
                Load { keys: 1, ..none }
            }
            Self::Click { .. } => Load { clicks: 1, ..none },
            Self::Type(typing) => Load::paste(typing.len()),
            Self::Insert(text) => Load::paste(text.len()),
            Self::Navigate(_) => Load {
                navigations: 1,
                ..none
            },
            Self::Scroll { .. } | Self::Resolved => none,
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
        self.pastes += other.pastes;
        self.paste_bytes += other.paste_bytes;
        self.navigations += other.navigations;
    }

    fn subtract(&mut self, other: Self) {
        self.keys -= other.keys;
        self.clicks -= other.clicks;
        self.pastes -= other.pastes;
        self.paste_bytes -= other.paste_bytes;
        self.navigations -= other.navigations;
    }
}
