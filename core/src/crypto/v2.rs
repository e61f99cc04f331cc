//! Protocol version 2's encryption: what a hostile relay can neither read, forge, replay nor reorder.
//!
//! ```text
//! Link ─▶ ViewerHandshake::start ──HELLO1──▶ AgentIdentity::read ─▶ ReceivedHello
//!              │                                                        │ accept / refuse
//!              ▼                                                        ▼
//!         ViewerHandshake::read ◀─────────HELLO2───────────────── AgentPending
//!              ▼                                                        │
//!         ViewerEpoch ────────────────────READY───────────────▶ AgentPending::confirm ─▶ AgentEpoch
//! ```
//!
//! The handshake is `Noise_NKpsk0_P256_AESGCM_SHA256`, the records are this project's. Each state is
//! a type of its own, so that nothing is sealed or opened before there are keys for it. Who may
//! control the session is not decided here.

mod admission;
mod agent;
mod draft;
mod error;
mod identity;
mod kdf;
mod keys;
mod link;
mod noise;
mod resume;
mod schedule;
mod stream;
#[cfg(test)]
mod tests;
mod url;
mod viewer;

pub use admission::{AdmissionHash, AdmissionToken};
pub use agent::{AgentEpoch, AgentPending, Confirmed, FromViewer, ReceivedHello};
pub use draft::FrameDraft;
pub use error::{Fatal, OpenError, SealError};
pub use identity::{AgentIdentity, Epochs};
pub use link::{BadLink, Link};
pub use resume::{ResumeSecret, ShortAuthString};
pub use stream::KEY_LIFETIME;
pub use url::{InvalidSessionId, SessionId, SessionUrl, ViewerLink};
pub use viewer::{
    Accepted, Answered, FromAgent, Offer, ReceivedFrame, ViewerEpoch, ViewerHandshake,
};
