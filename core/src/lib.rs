//! AuthLoop's machines: pure, sans-IO.
#![no_std]

extern crate alloc;

pub mod agent;
pub mod api;
pub mod relay;
pub mod secret;
pub mod time;
mod timer;
pub mod wire;
