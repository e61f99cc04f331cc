//! What is said in version 2: records, each on its viewer's channel, and the agent's word to the relay.

use std::time::Duration;

use authloop_core::{
    relay::{Close, ConnectionId, Frame, Item, LAST_WORDS},
    wire::v2::CloseCode,
};
use bytes::Bytes;

use super::{Model, Viewer};

impl Model {
    /// A viewer says something: 1,000 at once and 500 a second. `false`: it counts no more.
    pub(in crate::scenario::relay) fn is_heard(&mut self, id: ConnectionId) -> bool {
        let now = self.now;
        let Some(channel) = self.channel(id) else {
            return false;
        };
        if channel.leaving.is_some() {
            self.counts.unheard += 1;
            return false;
        }
        channel.heard = Some(now);
        let in_time = channel.said.affords(now, Duration::from_millis(2), 1_000);
        if !in_time {
            self.counts.too_many += 1;
            self.dismiss(id, Close::TooMany);
        }
        in_time
    }

    /// A viewer's record. The agent is told its channel.
    pub(in crate::scenario::relay) fn record_from_viewer(
        &mut self,
        id: ConnectionId,
        record: &[u8],
    ) {
        if !self.is_heard(id) {
            return;
        }
        if record.len() > 80 * 1_024 {
            return self.dismiss(id, Close::TooLarge);
        }
        if !is_record(record) {
            self.counts.malformed += 1;
            return self.dismiss(id, Close::Viewer(CloseCode::Damaged));
        }
        let number = self.channel(id).map_or(0, |channel| channel.number);
        self.queue_for_agent(id, Item::Binary(with_hop(record, number)));
    }

    /// The agent's record, for the viewer it names; after the end, too.
    pub(in crate::scenario::relay) fn record_from_agent(&mut self, record: &[u8]) {
        if !is_record(record) {
            self.counts.malformed += 1;
            return;
        }
        let chan = u16::from_be_bytes([record[2], record[3]]);
        let Some(viewer) = self.staying(chan) else {
            self.counts.unheard += 1;
            return;
        };
        let (id, bytes) = (viewer.seat.id, with_hop(record, 0));
        if record[1] == 0x10 {
            let (meta, jpeg) = (None, bytes);
            let replaced = viewer.seat.frame.replace(Frame { meta, jpeg }).is_some();
            self.counts.frames += 1;
            self.counts.frames_replaced += u64::from(replaced);
        } else if viewer.seat.takes(Item::Binary(bytes)) {
            self.counts.control += 1;
        } else {
            self.dismiss(id, Close::Overflow);
        }
    }

    /// The agent wants a viewer closed; `None`: it says something that means nothing.
    pub(in crate::scenario::relay) fn word_from_agent(&mut self, close: Option<(u16, CloseCode)>) {
        let Some((chan, code)) = close else {
            self.counts.texts_dropped += 1;
            return;
        };
        let until = self.now + LAST_WORDS;
        let Some(viewer) = self.staying(chan) else {
            self.counts.unheard += 1;
            return;
        };
        let departure = viewer.departure();
        viewer.seat.frame = None;
        if let Some(channel) = &mut viewer.channel {
            channel.leaving = Some((Close::Viewer(code), until));
        }
        departure.into_iter().for_each(|text| self.tell_agent(text));
    }

    /// The viewer of a channel, unless it is on its way out.
    fn staying(&mut self, chan: u16) -> Option<&mut Viewer> {
        self.viewers.iter_mut().find(|viewer| {
            let channel = viewer.channel.as_ref();
            channel.is_some_and(|channel| channel.number == chan && channel.leaving.is_none())
        })
    }
}

fn is_record(bytes: &[u8]) -> bool {
    bytes.len() >= 32 && bytes[0] == 2
}

fn with_hop(record: &[u8], hop: u16) -> Bytes {
    let mut record = record.to_vec();
    record[2..4].copy_from_slice(&hop.to_be_bytes());
    record.into()
}
