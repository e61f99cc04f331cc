//! What is said in version 1: everything passes, to whoever is there.

use authloop_core::relay::{Close, ConnectionId, Frame, Item};
use bytes::Bytes;

use super::{Model, Viewer};

impl Model {
    /// An agent's text, and whether it is its key or a frame's announcement.
    pub(in crate::scenario::relay) fn plain_text(
        &mut self,
        text: &str,
        is_key: bool,
        is_meta: bool,
    ) {
        if self.status.is_terminal() {
            self.counts.unheard += 1;
        } else if is_meta {
            self.meta = Some(text.into());
        } else {
            if is_key {
                self.key = Some(text.into());
            }
            self.queue_for_viewer(Item::Text(text.into()));
        }
    }

    /// An agent's picture.
    pub(in crate::scenario::relay) fn plain_picture(&mut self, jpeg: Bytes) {
        let meta = self.meta.take();
        match self.viewers.first_mut() {
            Some(viewer) if !self.status.is_terminal() => {
                self.counts.frames += 1;
                let replaced = viewer.seat.frame.replace(Frame { meta, jpeg });
                self.counts.frames_replaced += u64::from(replaced.is_some());
            }
            Some(_) | None => self.counts.unheard += 1,
        }
    }

    /// A viewer's message.
    pub(in crate::scenario::relay) fn plain_from_viewer(&mut self, id: ConnectionId, item: Item) {
        self.queue_for_agent(id, item);
    }

    fn queue_for_viewer(&mut self, item: Item) {
        let Some(Viewer { seat, .. }) = self.viewers.first_mut() else {
            self.counts.unheard += 1;
            return;
        };
        let id = seat.id;
        if seat.takes(item) {
            self.counts.control += 1;
        } else {
            self.dismiss(id, Close::Overflow);
        }
    }

    pub(super) fn queue_for_agent(&mut self, from: ConnectionId, item: Item) {
        match &mut self.agent {
            Some(agent) if !self.status.is_terminal() => {
                if agent.takes(item) {
                    self.counts.control += 1;
                } else {
                    self.dismiss(from, Close::Overflow);
                }
            }
            Some(_) | None => self.counts.unheard += 1,
        }
    }
}
