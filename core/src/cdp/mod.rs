//! The Chrome DevTools Protocol, as far as a hand-off needs it.
//!
//! Parsing borrows from the message; nothing here keeps state or decides what to do.
//! `Runtime.enable` is never sent: pages can notice it.

pub mod codec;
pub mod discovery;
pub mod frame;
pub mod navigation;
pub mod target;
