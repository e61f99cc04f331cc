//! The viewer machines: the other end of the wire, for tests, bots and native viewers.
//!
//! One for each protocol version. Which one is chosen by the link, before anything connects; neither
//! ever becomes the other.

pub mod v1;
pub mod v2;
