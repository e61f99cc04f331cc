//! AuthLoop.

pub mod demo;
