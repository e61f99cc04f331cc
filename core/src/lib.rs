#![doc = include_str!("../README.md")]
#![no_std]
#![warn(clippy::indexing_slicing)]

extern crate alloc;

pub mod agent;
pub mod api;
pub mod cdp;
pub mod crypto;
pub mod generator;
pub mod input;
pub mod relay;
pub mod secret;
pub mod time;
mod timer;
pub mod viewer;
pub mod wire;
