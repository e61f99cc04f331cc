//! The agent machine: session life, CDP, input and flow control beside the AI agent.

pub mod config;
pub mod event;
pub mod io;
