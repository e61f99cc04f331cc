#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod runtime;

pub use authloop_core::{
    agent::{
        config::{Config, Encryption, EndToEnd},
        event::{Failure, Outcome, SessionInfo, Status},
        io::{ConnectFailure, Request},
    },
    api::{BlockerType, Context, WallType},
    secret::ApiKey,
};
pub use authloop_driver::{CertificateDer, Handle, Options, Refused, TraceFile};

pub use crate::runtime::Tokio;

/// Starts a hand-off in a task of its own.
///
/// # Panics
///
/// Outside of a tokio runtime with time and I/O enabled, and if the operating system has no random
/// numbers.
pub fn hand_off(options: Options, config: Config) -> Handle {
    let (handle, session) = authloop_driver::start(Tokio, options, config);
    tokio::spawn(session);
    handle
}
