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

pub use crate::runtime::AsyncStd;

/// Starts a hand-off in a task of its own.
///
/// # Panics
///
/// If the operating system has no random numbers.
pub fn hand_off(options: Options, config: Config) -> Handle {
    let (handle, session) = authloop_driver::start(AsyncStd, options, config);
    // Dropping async-std's join handle detaches the task.
    drop(async_std::task::spawn(session));
    handle
}
