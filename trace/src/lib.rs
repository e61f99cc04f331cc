//! How a hand-off is written down: one line of JSON for each thing that happened, with its time.
//!
//! A user's trace ([`Redactor`]) goes into a bug report. It holds no seed, key, link, token, PIN, byte of the
//! wire, picture, text, path or query of a URL: what the agent decides by stays, the rest becomes filler of
//! equal length. A test's trace ([`Exact`]) holds what came in as it came, which only a test's seed excuses.
//!
//! | module | decides |
//! | --- | --- |
//! | [`line`](mod@line) | what a line of each kind holds |
//! | `redact` | what of an input may be written, by lists of what may, never of what may not |
//! | [`mod@describe`] | in which words an output is written and compared |
//! | [`exact`] | how a test's trace is kept |
//!
//! The format is described in `docs/trace.md`.
#![forbid(unsafe_code)]

pub mod describe;
pub mod exact;
pub mod line;
mod redact;

pub use crate::{
    exact::Exact,
    redact::{Reading, Redactor},
};

/// The format's version.
pub const VERSION: u32 = 1;

/// How many bytes a trace may have. What would come behind is left out, and the trace says so.
pub const MAX_BYTES: usize = 4 << 20;

/// The seed under which users' traces are replayed.
pub const PUBLISHED_SEED: u8 = 0x42;
