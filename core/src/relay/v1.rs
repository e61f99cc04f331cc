//! Version 1: what is forwarded, from whom to whom: everything, untouched, to whoever is there.
//!
//! Only two kinds of the agent's messages are told apart: its public key, which is also kept for
//! later viewers, and a frame's announcement, which waits for its picture so that the pair is never
//! torn. After the end nothing is forwarded.

use alloc::{
    borrow::Cow,
    string::{String, ToString as _},
};

use bytes::Bytes;
use serde::Deserialize;

use super::{Close, ConnectionId, Frame, Item, Protocol, Room, io::count};

/// The longest public key message that is kept; a real one has some 110 bytes.
const MAX_KEPT_KEY: usize = 1024;

/// The longest announcement that waits for its picture; a real one has some 170 bytes.
const MAX_FRAME_META: usize = 4096;

/// What is kept of an agent's messages.
#[derive(Default)]
pub(super) struct Kept {
    /// The agent's newest public key message, as it came.
    pub(super) public_key: Option<String>,
    /// A frame's first half, waiting for its picture.
    pub(super) frame_meta: Option<String>,
}

/// What the relay tells apart.
enum Kind {
    PublicKey,
    FrameMeta,
    Other,
}

impl Kind {
    fn of(text: &str) -> Self {
        #[derive(Deserialize)]
        struct Typed<'a> {
            #[serde(rename = "type", borrow)]
            kind: Cow<'a, str>,
        }
        match serde_json::from_str::<Typed<'_>>(text) {
            Ok(Typed { kind }) if kind == "pubkey" && text.len() <= MAX_KEPT_KEY => Self::PublicKey,
            Ok(Typed { kind }) if kind == "frame" && text.len() <= MAX_FRAME_META => {
                Self::FrameMeta
            }
            Ok(_) | Err(_) => Self::Other,
        }
    }
}

impl Kept {
    /// Takes note of an agent's message; `None` if it waits for its picture.
    fn note(&mut self, text: &str) -> Option<Item> {
        match Kind::of(text) {
            Kind::FrameMeta => {
                self.frame_meta = Some(text.to_string());
                return None;
            }
            Kind::PublicKey => self.public_key = Some(text.to_string()),
            Kind::Other => {}
        }
        Some(Item::Text(text.to_string()))
    }

    /// Takes what completes a picture to a frame.
    fn frame(&mut self, jpeg: Bytes) -> Frame {
        let meta = self.frame_meta.take();
        Frame { meta, jpeg }
    }
}

impl Room {
    /// Returns what is kept in version 1.
    pub(super) fn kept(&mut self) -> Option<&mut Kept> {
        match &mut self.protocol {
            Protocol::V1(kept) => Some(kept),
            Protocol::V2(_) => None,
        }
    }

    pub(super) fn plain_text_from_agent(&mut self, text: &str) {
        if self.status.is_terminal() {
            count(&mut self.counts.unheard);
        } else if let Some(item) = self.kept().and_then(|kept| kept.note(text)) {
            self.forward_to_viewer(item);
        }
    }

    pub(super) fn picture_from_agent(&mut self, jpeg: Bytes) {
        let is_over = self.status.is_terminal();
        let frame = self.kept().map(|kept| kept.frame(jpeg));
        match (self.viewers.first_mut(), frame) {
            (Some(viewer), Some(frame)) if !is_over => {
                count(&mut self.counts.frames);
                if viewer.outbox.show(frame) {
                    count(&mut self.counts.frames_replaced);
                }
            }
            (_, _) => count(&mut self.counts.unheard),
        }
    }

    pub(super) fn plain_from_viewer(&mut self, viewer: ConnectionId, item: Item) {
        let is_over = self.status.is_terminal();
        match &mut self.agent {
            Some(agent) if !is_over => match agent.outbox.push(item) {
                Ok(()) => count(&mut self.counts.control),
                // Only a caller that reads although the room doesn't want it gets here.
                Err(_) => self.dismiss(viewer, Close::Overflow),
            },
            Some(_) | None => count(&mut self.counts.unheard),
        }
    }

    fn forward_to_viewer(&mut self, item: Item) {
        match self.viewers.first_mut() {
            Some(viewer) => match viewer.outbox.push(item) {
                Ok(()) => count(&mut self.counts.control),
                Err(_) => {
                    let id = viewer.id;
                    self.dismiss(id, Close::Overflow);
                }
            },
            None => count(&mut self.counts.unheard),
        }
    }
}
