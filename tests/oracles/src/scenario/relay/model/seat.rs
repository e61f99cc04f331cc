//! What waits for one socket: what was said to it, whole and in order, and the newest frame.

use std::collections::VecDeque;

use authloop_core::{
    relay::{Close, ConnectionId, Frame, Item, MAX_CONTROL_BYTES, MAX_CONTROL_ENTRIES},
    time::Timestamp,
};

use super::{Budget, OWN_WORDS};

/// What waits for one socket.
pub(in crate::scenario::relay) struct Seat {
    pub(in crate::scenario::relay) id: ConnectionId,
    control: VecDeque<Item>,
    /// How many bytes of control wait.
    bytes: usize,
    pub(super) frame: Option<Frame>,
    pub(super) writing: bool,
}

/// A viewer's seat.
pub(in crate::scenario::relay) struct Viewer {
    pub(super) seat: Seat,
    pub(super) channel: Option<Channel>,
}

/// What tells a viewer of version 2 from the others.
pub(super) struct Channel {
    pub(super) number: u16,
    pub(super) heard: Option<Timestamp>,
    pub(super) said: Budget,
    pub(super) leaving: Option<(Close, Timestamp)>,
}

impl Seat {
    pub(super) const fn new(id: ConnectionId) -> Self {
        Self {
            id,
            control: VecDeque::new(),
            bytes: 0,
            frame: None,
            writing: false,
        }
    }

    /// Queues what the other side said; `false` if there is no room.
    pub(super) fn takes(&mut self, item: Item) -> bool {
        let fits = self.control.len() < MAX_CONTROL_ENTRIES
            && self.bytes + length(&item) <= MAX_CONTROL_BYTES;
        if fits {
            self.queue(item);
        }
        fits
    }

    /// Queues the relay's own word; `false` if there is no room.
    pub(super) fn takes_word(&mut self, text: String) -> bool {
        let fits = self.control.len() < MAX_CONTROL_ENTRIES + OWN_WORDS;
        if fits {
            self.queue(Item::Text(text));
        }
        fits
    }

    fn queue(&mut self, item: Item) {
        self.bytes += length(&item);
        self.control.push_back(item);
    }

    /// Takes what is written next, control first.
    pub(super) fn next(&mut self) -> Option<Item> {
        match self.control.pop_front() {
            Some(item) => {
                self.bytes -= length(&item);
                Some(item)
            }
            None => self.frame.take().map(Item::Frame),
        }
    }

    /// Forgets all control that waits.
    pub(super) fn forget_control(&mut self) {
        self.control.clear();
        self.bytes = 0;
    }

    /// How many messages wait, and bytes of them.
    pub(in crate::scenario::relay) fn waiting(&self) -> (usize, usize) {
        (self.control.len(), self.bytes)
    }

    pub(in crate::scenario::relay) fn is_empty(&self) -> bool {
        self.control.is_empty() && self.frame.is_none()
    }
}

impl Viewer {
    pub(super) fn leaving(&self) -> Option<(Close, Timestamp)> {
        self.channel.as_ref()?.leaving
    }

    pub(super) fn has_heard_the_rest(&self) -> bool {
        self.leaving().is_some() && self.seat.is_empty() && !self.seat.writing
    }

    /// What the agent is told when it is there; nothing of one on its way out.
    pub(super) fn arrival(&self) -> Option<String> {
        self.word("viewer_connected")
    }

    /// What the agent is told when it goes; nothing of one that was on its way out.
    pub(super) fn departure(&self) -> Option<String> {
        self.word("viewer_disconnected")
    }

    fn word(&self, kind: &str) -> Option<String> {
        match &self.channel {
            None => Some(format!(r#"{{"type":"{kind}"}}"#)),
            Some(channel) if channel.leaving.is_none() => {
                let chan = channel.number;
                Some(format!(r#"{{"type":"{kind}","chan":{chan}}}"#))
            }
            Some(_) => None,
        }
    }
}

fn length(item: &Item) -> usize {
    match item {
        Item::Text(text) => text.len(),
        Item::Binary(bytes) => bytes.len(),
        Item::Frame(frame) => frame.jpeg.len(),
    }
}
