//! Protocol version 1's encryption (§3 of its description): P-256 ECDH, the raw x-coordinate as the
//! AES-256-GCM key, a random IV per message, no associated data.
//!
//! It hides input from whoever watches the stream and refuses what was sent before. It can't stop a
//! relay from posing as a viewer, or from changing the order.

mod agent;
mod keys;
#[cfg(test)]
mod tests;
mod viewer;

pub use agent::{AgentChannel, OpenError};
pub use keys::{KeyAccepted, KeyRefused};
pub use viewer::{NotKeyed, ViewerChannel};
