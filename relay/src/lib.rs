//! The AuthLoop relay, as a library: the REST API, the stream sockets and the viewer page in one
//! server, to be embedded or run by itself.
//!
//! Every rule of a session is [`authloop_core::relay::Room`]'s; this crate moves bytes, keeps time
//! and speaks HTTP. It never stores or logs a token, a key, a browser's address or a message.
//!
//! ```no_run
//! use authloop_relay::{ApiKeys, RelayConfig, generate_api_key, start};
//!
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! let key = generate_api_key()?;
//! let listen = "127.0.0.1:0".parse()?;
//! let relay = start(RelayConfig::new(listen, ApiKeys::new([&key]))).await?;
//! println!("humans open {}", relay.public_url());
//! relay.shutdown(std::time::Duration::from_secs(5)).await;
//! # Ok(())
//! # }
//! ```

mod address;
mod app;
mod clock;
mod config;
mod host;
mod keys;
mod mailbox;
mod page;
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
