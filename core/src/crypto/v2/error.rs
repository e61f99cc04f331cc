//! Why something was refused. The other side only ever learns *that* it was.

use crate::wire::v2::Malformed;

/// Why a handshake or an epoch is over: its keys are wiped, its channel is closed with 4400.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Fatal {
    /// A record or its plaintext isn't what it has to be.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// A point isn't on the curve, or not uncompressed.
    #[error("expected an uncompressed point of P-256")]
    Point,
    /// The tag doesn't fit.
    #[error("the record was not sealed with this key")]
    Forged,
    /// A record was sent before, or one before it is missing.
    #[error("the record is not the one that has to come next")]
    Order,
    /// A frame came whose control records did not.
    #[error("a control record that was sent before this frame is missing")]
    Withheld,
    /// An acknowledgement goes back, or names a frame that was never sent.
    #[error("the acknowledgement names a frame it can't name")]
    Acknowledgement,
    /// The first record isn't READY.
    #[error("the first record is not the key confirmation")]
    NotReady,
    /// An answer to a handshake that was never begun.
    #[error("the answer is to an attempt that was not made")]
    NotAwaited,
    /// The epoch was over already.
    #[error("the epoch is over")]
    Over,
}

/// Why a record was not opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// It is of another epoch: to be dropped silently, nothing else changed.
    #[error("the record is of another epoch")]
    OtherEpoch,
    /// The keys were used as long as they may be, and are wiped: a new handshake is due.
    #[error("the keys were used as long as they may be")]
    Exhausted,
    /// The epoch is over.
    #[error(transparent)]
    Fatal(#[from] Fatal),
}

impl From<Malformed> for OpenError {
    fn from(malformed: Malformed) -> Self {
        Self::Fatal(malformed.into())
    }
}

/// Why a record was not sealed. Nothing was sent, no counter moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SealError {
    /// The key was used as often or as long as it may be: a new handshake is due.
    #[error("the key was used as often or as long as it may be")]
    Exhausted,
    /// The plaintext isn't one of its kind, or too long for it.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// The epoch is over.
    #[error("the epoch is over")]
    Over,
}
