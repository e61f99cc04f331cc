//! What the agent made of what a viewer sent, for whoever writes down how a session went.
//!
//! Off unless [`Agent::take_notes`](super::Agent::take_notes) says otherwise, and then nothing is copied.
//! Notes decide nothing: no machine reads them. One holds what a human typed, for the writer to redact.

use alloc::vec::Vec;

use crate::{
    crypto::v1::{KeyAccepted, KeyRefused, OpenError},
    input::{InvalidEvent, Stamped},
    wire::v2::{Ack, Caps},
};

/// Where a session stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Stage {
    Attaching,
    Creating,
    Live,
    Finishing,
    Ended,
}

/// What a viewer's message turned out to be. No `Debug`: it holds what a human typed.
///
/// A record of version 2 without a note didn't verify, or was of no channel or no epoch in use.
pub enum Heard {
    /// Version 2: a handshake's first message, verified.
    Hello {
        /// What the viewer can do.
        caps: Caps,
        /// Whether the PIN it brought is the right one; `None` if it brought none.
        pin: Option<bool>,
        /// The epoch whose secret its proof was made with, if that still counts.
        proof: Option<u32>,
    },
    /// Version 2: the handshake's last message, verified.
    Ready,
    /// Version 2: a control message's JSON.
    Control(Vec<u8>),
    /// Version 2: an acknowledgement.
    Ack(Ack),
    /// Version 2: the viewer leaves.
    Left,
    /// Version 2: the JSON of an input that isn't aimed at the page, or of nothing that is known.
    Deed(Vec<u8>),
    /// An input event. Version 1's have no stamps.
    Input(Result<Stamped, InvalidEvent>),
    /// Version 1: a public key.
    Key(Result<KeyAccepted, KeyRefused>),
    /// Version 1: a sealed message that was not opened.
    Refused(OpenError),
}

/// The note on the input that was taken last.
#[derive(Default)]
pub(super) struct Notes {
    is_on: bool,
    heard: Option<Heard>,
}

impl Notes {
    pub(super) const fn start(&mut self) {
        self.is_on = true;
    }

    /// Takes notes of another's on, if these are taken.
    pub(super) const fn like(other: &Self) -> Self {
        Self {
            is_on: other.is_on,
            heard: None,
        }
    }

    /// Notes something, if notes are taken.
    pub(super) fn note(&mut self, heard: impl FnOnce() -> Heard) {
        if self.is_on {
            self.heard = Some(heard());
        }
    }

    /// Passes on what another noted.
    pub(super) fn hand_over(&mut self, heard: Option<Heard>) {
        if heard.is_some() {
            self.heard = heard;
        }
    }

    pub(super) const fn take(&mut self) -> Option<Heard> {
        self.heard.take()
    }
}
