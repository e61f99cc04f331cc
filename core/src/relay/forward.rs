//! What is forwarded, from whom to whom: everything, untouched, to whoever is there.
//!
//! Only two kinds of the agent's messages are told apart: its public key, which is also kept for
//! later viewers, and a frame's announcement, which waits for its picture so that the pair is never
//! torn. After the end nothing is forwarded.

use alloc::{borrow::Cow, string::ToString as _};

use bytes::Bytes;
use serde::Deserialize;

use super::{Close, Frame, Item, Role, Room};

/// The longest public key message that is kept; a real one has some 110 bytes.
const MAX_KEPT_KEY: usize = 1024;

/// The longest announcement that waits for its picture; a real one has some 170 bytes.
const MAX_FRAME_META: usize = 4096;

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

impl Room {
    pub(super) fn text_from_agent(&mut self, text: &str) {
        if self.status.is_terminal() {
            self.count_unheard();
            return;
        }
        match Kind::of(text) {
            Kind::FrameMeta => self.frame_meta = Some(text.to_string()),
            Kind::PublicKey => {
                self.public_key = Some(text.to_string());
                self.forward_to_viewer(Item::Text(text.to_string()));
            }
            Kind::Other => self.forward_to_viewer(Item::Text(text.to_string())),
        }
    }

    pub(super) fn picture_from_agent(&mut self, jpeg: Bytes) {
        let meta = self.frame_meta.take();
        match &mut self.viewer {
            Some(viewer) if !self.status.is_terminal() => {
                self.counts.frames = self.counts.frames.saturating_add(1);
                if viewer.outbox.show(Frame { meta, jpeg }) {
                    self.counts.frames_replaced = self.counts.frames_replaced.saturating_add(1);
                }
            }
            Some(_) | None => self.count_unheard(),
        }
    }

    pub(super) fn forward_to_agent(&mut self, item: Item) {
        let is_over = self.status.is_terminal();
        match &mut self.agent {
            Some(agent) if !is_over => match agent.outbox.push(item) {
                Ok(()) => self.counts.control = self.counts.control.saturating_add(1),
                // Only a caller that reads although the room doesn't want it gets here.
                Err(_) => self.close_viewer(),
            },
            Some(_) | None => self.count_unheard(),
        }
    }

    fn forward_to_viewer(&mut self, item: Item) {
        match &mut self.viewer {
            Some(viewer) => match viewer.outbox.push(item) {
                Ok(()) => self.counts.control = self.counts.control.saturating_add(1),
                Err(_) => self.close_viewer(),
            },
            None => self.count_unheard(),
        }
    }

    fn close_viewer(&mut self) {
        self.close(Role::Viewer, Close::Overflow);
        self.viewer_left();
    }

    fn count_unheard(&mut self) {
        self.counts.unheard = self.counts.unheard.saturating_add(1);
    }
}
