//! The PIN, where one is asked for: who may try, and when trying ends.
//!
//! ```text
//! before the first controller: three wrong ones ─▶ the session is over
//! after it:                    three wrong ones ─▶ closed ─ the controller is heard ─▶ open
//! ```
//!
//! It is never looked at for a viewer with a proof, nor while somebody holds the slot.

use alloc::collections::VecDeque;

use crate::{crypto::v2::ReceivedHello, secret::Pin};

const MAX_WRONG: u8 = 3;

/// How many tries are remembered, so that a copy of one isn't counted again.
const MAX_REMEMBERED: usize = 64;

/// The PIN and the session's count of wrong ones.
pub(super) struct Pins {
    pin: Option<Pin>,
    wrong: u8,
    is_closed: bool,
    had_controller: bool,
    /// The ephemeral keys that wrong ones came with.
    tried: VecDeque<[u8; 65]>,
}

/// Why a viewer isn't let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refused {
    /// It has to bring the PIN.
    Ask,
    /// And with this try the session is over.
    Over,
}

impl Pins {
    pub(super) const fn new(pin: Option<Pin>) -> Self {
        Self {
            pin,
            wrong: 0,
            is_closed: false,
            had_controller: false,
            tried: VecDeque::new(),
        }
    }

    /// Tells whether viewers without proof have to bring one.
    pub(super) const fn is_asked(&self) -> bool {
        self.pin.is_some()
    }

    /// Tells whether no viewer without proof is let in, whatever it brings.
    pub(super) const fn is_closed(&self) -> bool {
        self.is_closed
    }

    /// Tells whether a viewer brought the right one; `None` if it brought none. Nothing is counted.
    pub(super) fn is_right(&self, hello: &ReceivedHello) -> Option<bool> {
        let brought = hello.pin()?;
        Some(self.pin.as_ref().is_some_and(|pin| pin.matches(brought)))
    }

    /// Looks at what a viewer brought.
    pub(super) fn judge(&mut self, hello: &ReceivedHello) -> Result<(), Refused> {
        let Some(pin) = &self.pin else {
            return Ok(());
        };
        let brought = hello.pin().ok_or(Refused::Ask)?;
        if pin.matches(brought) {
            return Ok(());
        }
        if self.tried.contains(hello.ephemeral()) {
            return Err(Refused::Ask);
        }
        if self.tried.len() == MAX_REMEMBERED {
            self.tried.pop_front();
        }
        self.tried.push_back(*hello.ephemeral());
        self.wrong = self.wrong.saturating_add(1);
        self.is_closed = self.wrong >= MAX_WRONG;
        if self.is_closed && !self.had_controller {
            return Err(Refused::Over);
        }
        Err(Refused::Ask)
    }

    /// The controller was heard. The next wrong one closes again: only control restarts the count.
    pub(super) const fn hear(&mut self) {
        self.is_closed = false;
    }

    /// Somebody took control.
    pub(super) const fn restart(&mut self) {
        self.had_controller = true;
        self.is_closed = false;
        self.wrong = 0;
    }
}
