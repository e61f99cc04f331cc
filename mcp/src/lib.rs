#![doc = include_str!("../README.md")]

mod allow;
mod clients;
mod server;
mod session;
mod sessions;
mod texts;
mod tools;
mod waiting;

pub mod backend;
pub mod cli;
pub mod demo;
pub mod live;
pub mod logging;
pub mod pin;
pub mod serve;
pub mod settings;
pub mod transport;

pub use allow::AllowList;
pub use server::Server;
