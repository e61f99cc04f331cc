#![doc = include_str!("../README.md")]

mod address;
mod app;
mod clock;
mod config;
mod host;
mod keys;
mod mailbox;
mod page;
mod patience;
mod quota;
mod registry;
mod rest;
mod server;
mod stream;
mod tls;

pub use self::{
    config::{Limits, RelayConfig, StartError, StreamBase, Tls},
    keys::{ApiKeys, RandomUnavailable, generate_api_key},
    server::{RunningRelay, start},
};
