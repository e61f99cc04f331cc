//! Version 2: records between the agent and up to eight viewers, each on a channel of its own.
//!
//! The relay writes a record's channel on its way to the agent and reads it on its way back. It
//! drops nothing but frames that a newer one replaces, lets no frame overtake what was sent before
//! it, and queues nothing for somebody who isn't there. No text passes: text is the relay's own.
//!
//! ```text
//!              let in                 the agent's close_viewer
//! socket ─▶ door ─▶ channel n, viewer_connected ─▶ leaving: hears the rest ─▶ closed
//!            │ 4409          │                     viewer_disconnected at once
//!            ▼               └─ gone, crowded out, too much, damaged ─▶ viewer_disconnected
//!         refused                                          n rests for 30 s
//! ```

mod channel;
mod door;
mod pace;
mod record;

use core::{net::IpAddr, num::NonZeroU16};

use bytes::Bytes;

pub(super) use self::channel::{Channel, Leaving};
use self::{channel::Numbers, door::Door, record::Record};
pub use self::{
    channel::{LAST_WORDS, NUMBER_RESTS},
    record::{MAX_FROM_AGENT, MAX_FROM_VIEWER},
};
use super::{Close, ConnectionId, Frame, Item, Protocol, Room, io::count};
use crate::wire::v2::{AgentToRelay, CloseCode, RelayToAgent};

/// How many viewers' sockets one session has at most.
pub const MAX_VIEWERS: usize = 8;

/// What the relay knows of a session's channels.
#[derive(Default)]
pub(super) struct Switchboard {
    door: Door,
    numbers: Numbers,
}

#[cfg(test)]
impl Switchboard {
    /// Lets the numbers start from 1 again, as they do after the last.
    pub(super) fn start_over(&mut self) {
        self.numbers.start_over();
    }
}

impl Room {
    /// Finds a channel for a new viewer, or says how it is refused.
    ///
    /// Where there are eight, the one least recently heard makes room. It is told that it's crowded
    /// (4403) rather than replaced (4408), after which it must never come back by itself, or asked
    /// to come back (1012), on which two would take turns for ever.
    pub(super) fn open_channel(&mut self, address: IpAddr) -> Result<Channel, Close> {
        let now = self.now;
        let Protocol::V2(switchboard) = &mut self.protocol else {
            return Err(Close::NotAdmitted);
        };
        if !switchboard.door.lets_in(now, address) {
            count(&mut self.counts.too_many);
            return Err(Close::TooMany);
        }
        let channels = || {
            let channels = self.viewers.iter().filter_map(|one| one.channel.as_ref());
            channels.map(|channel| channel.number)
        };
        let number = switchboard
            .numbers
            .take(now, |number| channels().any(|taken| taken == number))
            .ok_or(Close::TooMany)?;
        if self.viewers.len() >= MAX_VIEWERS {
            let last = self
                .viewers
                .iter()
                .filter_map(|one| Some((one.id, one.channel.as_ref()?)))
                .min_by_key(|(_, channel)| channel.rank())
                .map(|(id, channel)| (id, channel.leaving));
            match last {
                Some((id, Some(leaving))) => self.dismiss(id, leaving.close),
                Some((id, None)) => {
                    count(&mut self.counts.viewers_crowded_out);
                    self.dismiss(id, Close::Viewer(CloseCode::Busy));
                }
                None => {}
            }
        }
        count(&mut self.counts.viewers);
        Ok(Channel::new(number))
    }

    /// Takes a viewer's text: nothing that a viewer may say is one.
    ///
    /// Dropped rather than answered with a close: nobody waits for an answer to it, and a later
    /// version may have something to tell the relay.
    pub(super) fn text_from_sealed_viewer(&mut self, viewer: ConnectionId) {
        if self.is_heard(viewer) {
            count(&mut self.counts.texts_dropped);
        }
    }

    /// Takes a viewer's record to the agent.
    ///
    /// What isn't even a record closes its channel as the agent would (4400): were it dropped, the
    /// viewer would wait for ever for word that it was received.
    pub(super) fn record_from_viewer(&mut self, viewer: ConnectionId, message: Bytes) {
        if !self.is_heard(viewer) {
            return;
        }
        if message.len() > MAX_FROM_VIEWER {
            return self.dismiss(viewer, Close::TooLarge);
        }
        let Some(record) = Record::read(message) else {
            count(&mut self.counts.malformed);
            return self.dismiss(viewer, Close::Viewer(CloseCode::Damaged));
        };
        let number = self.channel(viewer).map(|channel| channel.number);
        match &mut self.agent {
            Some(agent) if !self.status.is_terminal() => {
                let item = Item::Binary(record.stamp(number));
                match agent.outbox.push_from(number, item) {
                    Ok(()) => count(&mut self.counts.control),
                    // Only a caller that reads although the room doesn't want it gets here.
                    Err(_) => self.dismiss(viewer, Close::Overflow),
                }
            }
            Some(_) | None => count(&mut self.counts.unheard),
        }
    }

    /// Takes the agent's record to the viewer it names. After the end, too: a viewer believes how a
    /// session ended only from the agent.
    pub(super) fn record_from_agent(&mut self, message: Bytes) {
        let Some(record) = Record::read(message).filter(Record::is_sendable) else {
            return count(&mut self.counts.malformed);
        };
        let named = record.channel();
        let viewer = self.viewers.iter_mut().find(|one| {
            let channel = one.channel.as_ref();
            channel
                .is_some_and(|channel| Some(channel.number) == named && channel.leaving.is_none())
        });
        let Some(viewer) = viewer else {
            return count(&mut self.counts.unheard);
        };
        if record.is_frame() {
            let frame = Frame {
                meta: None,
                jpeg: record.stamp(None),
            };
            count(&mut self.counts.frames);
            if viewer.outbox.show(frame) {
                count(&mut self.counts.frames_replaced);
            }
            return;
        }
        match viewer.outbox.push(Item::Binary(record.stamp(None))) {
            Ok(()) => count(&mut self.counts.control),
            Err(_) => {
                let id = viewer.id;
                self.dismiss(id, Close::Overflow);
            }
        }
    }

    /// Takes the agent's word to the relay.
    pub(super) fn word_from_agent(&mut self, text: &str) {
        let Some(AgentToRelay::CloseViewer { chan, code }) = AgentToRelay::parse(text) else {
            return count(&mut self.counts.texts_dropped);
        };
        let until = self.now + LAST_WORDS;
        let place = self.viewers.iter_mut().find_map(|one| {
            let channel = one.channel.as_mut()?;
            (channel.number == chan && channel.leaving.is_none())
                .then_some((&mut one.outbox, channel))
        });
        let Some((outbox, channel)) = place else {
            return count(&mut self.counts.unheard);
        };
        outbox.drop_frame();
        channel.leaving = Some(Leaving {
            close: Close::Viewer(code),
            until,
        });
        self.channel_closed(chan);
    }

    /// Tells the agent that a channel is closed, and lets its number rest.
    pub(super) fn channel_closed(&mut self, chan: NonZeroU16) {
        if let Protocol::V2(switchboard) = &mut self.protocol {
            switchboard.numbers.give_back(self.now, chan);
        }
        self.tell_agent(RelayToAgent::ViewerDisconnected { chan }.to_text());
    }

    /// Closes those who were to hear the rest and had their time for it.
    pub(super) fn close_the_late(&mut self) {
        let now = self.now;
        while let Some(place) = self
            .viewers
            .iter()
            .position(|one| one.leaving().is_some_and(|leaving| leaving.until <= now))
        {
            let viewer = self.viewers.remove(place);
            if let Some(leaving) = viewer.leaving() {
                self.closes.push_back((viewer.id, leaving.close));
            }
        }
    }

    /// Takes somebody who was to hear the rest, and has.
    pub(super) fn next_departure(&mut self) -> Option<(ConnectionId, Close)> {
        let place = self
            .viewers
            .iter()
            .position(|one| one.leaving().is_some() && one.outbox.is_done())?;
        let viewer = self.viewers.remove(place);
        viewer.leaving().map(|leaving| (viewer.id, leaving.close))
    }

    /// Takes note that a viewer said something, and tells whether it still counts.
    fn is_heard(&mut self, viewer: ConnectionId) -> bool {
        let now = self.now;
        let Some(channel) = self.channel(viewer) else {
            return false;
        };
        if channel.leaving.is_some() {
            count(&mut self.counts.unheard);
            return false;
        }
        let in_time = channel.hears(now);
        if !in_time {
            count(&mut self.counts.too_many);
            self.dismiss(viewer, Close::TooMany);
        }
        in_time
    }

    fn channel(&mut self, viewer: ConnectionId) -> Option<&mut Channel> {
        self.viewers
            .iter_mut()
            .find(|one| one.id == viewer)?
            .channel
            .as_mut()
    }
}
