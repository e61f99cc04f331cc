//! How a session reaches its viewer: by the protocol's version 1 or 2, chosen before the first byte.

use alloc::boxed::Box;

use super::{
    v1::{self, V1},
    v2::{self, V2},
};
use crate::{
    agent::{
        capture::Picture,
        context::Context,
        event::{Failure, Outcome},
        flow::Turn,
    },
    cdp::frame::Quality,
    wire::v2::{Cap, Caps, CloseReason},
};

/// The way to the viewer. Nothing that is received turns one into the other.
pub(in crate::agent) enum Channel {
    V1(Box<V1>),
    V2(Box<V2>),
}

impl Channel {
    /// Returns the longest message that the relay may send, in bytes.
    pub(super) const fn max_message(&self) -> usize {
        match self {
            Self::V1(_) => v1::MAX_MESSAGE,
            Self::V2(_) => v2::MAX_MESSAGE,
        }
    }

    /// Tells whether a viewer is there.
    pub(super) fn is_attended(&self) -> bool {
        match self {
            Self::V1(v1) => v1.is_attended(),
            Self::V2(v2) => v2.is_attended(),
        }
    }

    /// Another page is shown.
    pub(super) fn on_page_shown(&mut self, cx: &Context, page: u16) {
        match self {
            Self::V1(_) => {}
            Self::V2(v2) => v2.on_page_shown(cx.now, page),
        }
    }

    /// A picture came from Chromium.
    pub(in crate::agent) fn on_frame(&mut self, cx: &Context) {
        match self {
            Self::V1(_) => {}
            Self::V2(v2) => v2.on_frame(cx.now),
        }
    }

    /// Returns how good pictures should be.
    pub(in crate::agent) fn quality(&self) -> Quality {
        match self {
            Self::V1(_) => Quality::NORMAL,
            Self::V2(v2) => v2.quality(),
        }
    }

    /// Says what becomes of the picture that waits. Without a socket that is ready for it, it waits on.
    pub(in crate::agent) fn turn(
        &mut self,
        cx: &Context,
        picture: &Picture,
        stalled: bool,
    ) -> Turn {
        match self {
            _ if !cx.is_relay_drained() => Turn::Wait,
            Self::V1(_) => Turn::Send,
            Self::V2(v2) => v2.turn(cx.now, picture, stalled),
        }
    }

    /// Tells whether Chromium may go on as soon as its picture has been handed to the socket. Where
    /// nobody acknowledges pictures, it waits until the socket has taken it.
    pub(in crate::agent) const fn counts_credit(&self) -> bool {
        match self {
            Self::V1(_) => false,
            Self::V2(_) => true,
        }
    }

    /// Sends a picture.
    pub(in crate::agent) fn show(&mut self, cx: &mut Context, picture: &Picture) {
        match self {
            Self::V1(_) => V1::show(cx, &picture.frame),
            Self::V2(v2) => v2.show(cx, picture),
        }
    }

    /// Tells whether the viewer shows what the page asks outside its picture.
    pub(super) fn shows_sheets(&self) -> bool {
        self.caps().has(Cap::Sheets)
    }

    /// Returns what the viewer knows beyond pictures.
    pub(super) fn caps(&self) -> Caps {
        match self {
            Self::V1(_) => Caps::default(),
            Self::V2(v2) => v2.caps(),
        }
    }

    /// Tells the viewer that something happened.
    pub(super) fn notify(&mut self, cx: &mut Context, code: &'static str) {
        match self {
            Self::V1(_) => V1::notify(cx, code),
            Self::V2(_) => V2::notify(cx, code),
        }
    }

    /// The relay's socket is gone.
    pub(super) fn on_relay_closed(&mut self) {
        match self {
            Self::V1(v1) => v1.on_relay_closed(),
            Self::V2(v2) => v2.on_relay_closed(),
        }
    }

    /// Returns how the session ended if the relay says this: with version 2 it can't claim that the
    /// human was done or gave up.
    pub(super) fn believed(&self, outcome: Outcome) -> Outcome {
        match (self, outcome) {
            (Self::V2(_), Outcome::Resolved | Outcome::Cancelled) => {
                Outcome::Failed(Failure::EndedByRelay)
            }
            (_, outcome) => outcome,
        }
    }

    /// Tells the viewer how the session ended, and forgets the keys.
    pub(super) fn end(self, cx: &mut Context, outcome: &Outcome) {
        let Self::V2(v2) = self else { return };
        v2.end(
            cx,
            match outcome {
                Outcome::Resolved => CloseReason::Resolved,
                Outcome::Cancelled => CloseReason::Cancelled,
                Outcome::Timeout => CloseReason::Timeout,
                Outcome::Failed(_) => CloseReason::Error,
            },
        );
    }
}
