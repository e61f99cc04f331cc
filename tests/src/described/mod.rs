//! The Chrome DevTools Protocol's own description, and what is held against it.
//!
//! It comes from the browser's makers, in the npm package `devtools-protocol`, and not from us: what
//! we send has to be in it ([`Protocol::faults`]), and what we read has to be promised by it
//! ([`Said`], which speaks as the description says the browser does).

mod commands;
mod protocol;
mod said;

pub use self::{
    protocol::Protocol,
    said::{Optional, Said},
};
