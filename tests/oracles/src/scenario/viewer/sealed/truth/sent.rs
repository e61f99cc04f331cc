//! A record of the agent's: what it says, and what it comes to.

use authloop_core::{
    viewer::v2::Late,
    wire::v2::{CloseReason, FrameMeta, RefusalReason},
};
use bytes::Bytes;

/// A record of the agent's.
#[derive(Clone)]
pub(in crate::scenario::viewer::sealed) struct Sent {
    pub(in crate::scenario::viewer::sealed) record: Vec<u8>,
    pub(in crate::scenario::viewer::sealed) epoch: u32,
    pub(in crate::scenario::viewer::sealed) counter: u64,
    pub(in crate::scenario::viewer::sealed) means: Means,
}

/// What a record of the agent's says.
#[derive(Clone)]
pub(in crate::scenario::viewer::sealed) enum Means {
    /// The answer to one wish.
    Accept {
        wish: u64,
        epoch: u32,
        /// How many records it got, and of which epoch.
        got: Option<(u64, u32)>,
    },
    Refuse {
        wish: u64,
        reason: RefusalReason,
    },
    Frame {
        meta: FrameMeta,
        jpeg: Bytes,
        /// How many control records went before.
        controls: u64,
    },
    /// How many records it got.
    Beat(u64),
    Echo(u32),
    Takeover(u16),
    Dropped(Late),
    Other(Vec<u8>),
    /// A known message with a member of the wrong kind.
    Nonsense,
    /// A heartbeat that says it got more than was sent.
    Lies,
    Close(CloseReason),
}

/// What a record comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::scenario::viewer::sealed) enum Judged {
    /// It verifies.
    Good,
    /// It is dropped without a word.
    Dropped,
    /// The connection is damaged.
    Fatal,
    /// The keys are too old.
    Old,
}
