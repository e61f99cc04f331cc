#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod address;
mod clock;
mod dial;
mod exchanges;
mod farewell;
mod files;
mod handle;
mod http;
mod keepalive;
mod link;
mod machine;
mod options;
mod prepare;
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
    prepare::prepare,
    run::drive,
    runtime::Runtime,
    start::start,
    trace::TraceFile,
};

/// What we call ourselves in HTTP.
const USER_AGENT: &str = concat!("authloop-rust/", env!("CARGO_PKG_VERSION"));
