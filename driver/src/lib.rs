//! The one loop that feeds an AuthLoop machine: WebSocket, TLS and HTTP over any futures-io stream.
//!
//! [`drive`] turns a [`Machine`] and a [`Runtime`] into a future that the caller spawns, and a
//! [`Handle`] that the application keeps. All decisions are the machine's; this crate moves bytes
//! and knows no runtime.
#![forbid(unsafe_code)]

mod address;
mod clock;
mod dial;
mod exchanges;
mod farewell;
mod handle;
mod http;
mod keepalive;
mod link;
mod machine;
mod options;
mod run;
mod runtime;
mod socket;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod timer;
mod tls;
mod transport;

pub use futures_rustls::pki_types::CertificateDer;

pub use crate::{
    handle::{Handle, Refused},
    machine::Machine,
    options::Options,
    run::drive,
    runtime::Runtime,
};

/// What we call ourselves in HTTP.
const USER_AGENT: &str = concat!("authloop-rust/", env!("CARGO_PKG_VERSION"));
