//! The one loop that feeds an AuthLoop machine: WebSocket, TLS and HTTP over any futures-io stream.
//!
//! [`start`] turns a configuration and a [`Runtime`] into a future that the caller spawns, and a
//! [`Handle`] that the application keeps; [`drive`] does the same for any other [`Machine`]. All
//! decisions are the machine's: this crate moves bytes, and knows no runtime.
//!
//! Most programs use an adapter such as `authloop-tokio` instead of this crate.
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
mod start;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod timer;
mod tls;
mod trace;
mod transport;

pub use futures_rustls::pki_types::CertificateDer;

pub use crate::{
    handle::{Handle, Refused},
    machine::Machine,
    options::Options,
    run::drive,
    runtime::Runtime,
    start::start,
    trace::TraceFile,
};

/// What we call ourselves in HTTP.
const USER_AGENT: &str = concat!("authloop-rust/", env!("CARGO_PKG_VERSION"));
