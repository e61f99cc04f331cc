//! The rows of `docs/compatibility.md`: who passes which wall, and how.
//!
//! Every test run tries each of them.

use futures::future::BoxFuture;

use super::Visit;
use crate::human::Device;

mod clipboard;
mod dialogs;
mod files;
mod keys;
mod pickers;
mod pointer;
mod tabs;

/// How a human passes a wall.
pub type Pass = for<'a> fn(&'a Visit<'a>) -> BoxFuture<'a, ()>;

/// How far a hand-off lets a human come, with one kind of device.
#[derive(Clone, Copy)]
pub enum Way {
    /// Through, each time.
    Passes(Pass),
    /// Nothing to pass: such a device has no such thing.
    Nothing(&'static str),
}

/// One row.
pub struct Row {
    /// Its name, the first column.
    pub name: &'static str,
    /// The path of the wall.
    pub wall: &'static str,
    /// At a desk: mouse and keyboard.
    pub desktop: Way,
    /// On a phone: a finger, and a keyboard on the screen.
    pub phone: Way,
    /// Whether the row leaves more behind than a page: its stand isn't used again.
    pub alone: bool,
}

impl Row {
    /// A row whose wall has the same name.
    const fn of(name: &'static str, desktop: Way, phone: Way) -> Self {
        Self {
            name,
            wall: name,
            desktop,
            phone,
            alone: false,
        }
    }

    /// The same wall passed another way.
    const fn at(self, wall: &'static str) -> Self {
        Self { wall, ..self }
    }

    /// A row after which nothing is as before.
    const fn alone(self) -> Self {
        Self {
            alone: true,
            ..self
        }
    }

    /// Returns how it is passed with a device.
    pub fn with(&self, device: Device) -> Way {
        match device {
            Device::Desktop => self.desktop,
            Device::Phone => self.phone,
        }
    }
}

/// Returns all rows, in the order of the walls.
pub fn all() -> impl Iterator<Item = &'static Row> {
    [
        pointer::ROWS,
        keys::ROWS,
        pickers::ROWS,
        dialogs::ROWS,
        files::ROWS,
        tabs::ROWS,
        clipboard::ROWS,
    ]
    .into_iter()
    .flatten()
}
