//! How a session ends, and what its relay is told of that.

use super::event::Outcome;

/// What the relay is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tell {
    /// `POST …/resolve`.
    Resolve,
    /// `DELETE`.
    Delete,
    /// It knows already.
    Nothing,
}

/// How a session ends.
pub(super) struct Ending {
    pub(super) outcome: Outcome,
    pub(super) tell: Tell,
}

impl Ending {
    /// The relay said so.
    pub(super) fn told(outcome: Outcome) -> Self {
        Self {
            outcome,
            tell: Tell::Nothing,
        }
    }

    /// The human is done, and the relay doesn't know yet.
    pub(super) fn resolved() -> Self {
        Self {
            outcome: Outcome::Resolved,
            tell: Tell::Resolve,
        }
    }

    /// The relay doesn't know yet.
    pub(super) fn ours(outcome: Outcome) -> Self {
        Self {
            outcome,
            tell: Tell::Delete,
        }
    }
}
