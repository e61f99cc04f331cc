//! From a viewer's input event to what Chromium is told: one serial path per session.
//!
//! `event` reads and checks, `keyboard`, `mouse`, `touch` and `text` know how CDP wants it said, and
//! [`Dispatcher`] keeps the order, the pace and the bounds. Nothing here may reorder, drop what isn't
//! over a bound, or let typed text reach a log.

pub mod action;
mod dispatcher;
pub mod errand;
pub mod event;
mod focus;
mod held;
pub mod keyboard;
pub mod limits;
mod mac;
mod mouse;
pub mod pointer;
mod queue;
#[cfg(test)]
mod tests;
mod text;
mod touch;

pub use action::{
    Action, Composing, Finish, KeyEvent, KeyEventKind, MouseEvent, MouseEventKind, TouchEvent,
    TouchEventKind, TouchPoint,
};
pub use dispatcher::Dispatcher;
pub use errand::{Choice, Errand};
pub use event::{InputEvent, InvalidEvent, Stamped};
pub use keyboard::Platform;
pub use limits::{Dropped, Drops};
pub use pointer::Geometry;
