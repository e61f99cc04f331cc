//! The viewer sockets that the relay told of, and how many handshakes each may begin.
//!
//! A channel that was closed from here is forgotten at once, so that what is still under way on it is
//! heard no more.

use alloc::vec::Vec;
use core::time::Duration;

use super::budget::Window;
use crate::time::Timestamp;

/// How many are tracked: the relay's eight, and those that are just being closed.
pub(super) const MAX_CHANNELS: usize = 16;

const SPAN: Duration = Duration::from_secs(10);
const HELLOS_OF_A_CHANNEL: usize = 5;
const HELLOS_OF_A_SESSION: usize = 200;

/// The channels of one agent socket; the session's budget outlives them.
pub(super) struct Channels {
    open: Vec<Channel>,
    hellos: Window,
}

struct Channel {
    chan: u16,
    hellos: Window,
}

impl Channels {
    pub(super) const fn new() -> Self {
        Self {
            open: Vec::new(),
            hellos: Window::new(HELLOS_OF_A_SESSION, SPAN),
        }
    }

    /// Adds one. Returns whether there is room for it; one that is there already stays as it is.
    pub(super) fn add(&mut self, chan: u16) -> bool {
        if self.knows(chan) {
            return true;
        }
        let has_room = self.open.len() < MAX_CHANNELS;
        if has_room {
            self.open.push(Channel {
                chan,
                hellos: Window::new(HELLOS_OF_A_CHANNEL, SPAN),
            });
        }
        has_room
    }

    pub(super) fn remove(&mut self, chan: u16) {
        self.open.retain(|open| open.chan != chan);
    }

    pub(super) fn clear(&mut self) {
        self.open.clear();
    }

    pub(super) fn knows(&self, chan: u16) -> bool {
        self.open.iter().any(|open| open.chan == chan)
    }

    /// Takes a handshake without proof from the budgets; false if one is used up.
    pub(super) fn spend(&mut self, now: Timestamp, chan: u16) -> bool {
        let Some(channel) = self.open.iter_mut().find(|open| open.chan == chan) else {
            return false;
        };
        let may = channel.hellos.has_room(now) && self.hellos.has_room(now);
        if may {
            channel.hellos.note(now);
            self.hellos.note(now);
        }
        may
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.open.len()
    }
}
