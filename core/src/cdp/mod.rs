//! The Chrome DevTools Protocol, as far as a hand-off needs it.
//!
//! Parsing borrows from the message; nothing here keeps state or decides what to do.
//! [`vocabulary`] says which of it that is.

pub mod codec;
pub mod dialog;
pub mod discovery;
pub mod fetch;
pub mod file;
pub mod frame;
pub mod navigation;
pub mod runtime;
pub mod security;
pub mod target;
pub mod vocabulary;
pub mod web_authn;
