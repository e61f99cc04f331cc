//! What the arbiter asks for: records to send, viewers to close, news for the session.
//!
//! The queue is bounded. Records have a limit of their own, which is asked for before one is sealed,
//! so that no sealed record is ever dropped here.

use alloc::{collections::VecDeque, vec::Vec};

use crate::wire::v2::CloseCode;

/// How many records may wait to be taken.
const MAX_RECORDS: usize = 64;

/// How many bytes of records may wait before another is refused.
const MAX_BYTES: usize = 1024 * 1024;

/// How many orders may wait. What is told beyond that is lost: the channel it closes is forgotten
/// already, and nothing of it is heard.
const MAX_ORDERS: usize = 256;

/// Something to do, in this order.
pub(in crate::agent) enum Order {
    /// Send this binary message to the relay; the channel is in it.
    Send(Vec<u8>),
    /// Have the relay close a viewer's socket.
    CloseViewer {
        /// Whose.
        chan: u16,
        /// With which code.
        code: CloseCode,
    },
    /// The session should know.
    News(News),
}

/// What the session should know of its viewers.
///
/// [`Joined`](Self::Joined), [`Resumed`](Self::Resumed) and [`Replaced`](Self::Replaced) each begin
/// an epoch, in which nothing has been shown yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::agent) enum News {
    /// A viewer took the free slot.
    Joined,
    /// The viewer that holds the slot is here, on new keys.
    Resumed,
    /// Another viewer took the slot of the one that held it.
    Replaced,
    /// The controlling viewer can't be reached. It holds the slot still, unless it said goodbye.
    Left,
    /// Three channels were damaged within 30 s.
    Tampered,
    /// Three wrong PINs before anybody had control: the session has to end as an error.
    WrongPins,
}

/// The orders that wait to be taken.
#[derive(Default)]
pub(super) struct Orders {
    queue: VecDeque<Order>,
    records: usize,
    bytes: usize,
}

impl Orders {
    /// Tells whether another record may be sealed.
    pub(super) const fn has_room(&self) -> bool {
        self.records < MAX_RECORDS && self.bytes < MAX_BYTES
    }

    /// Adds a record for a channel.
    pub(super) fn send(&mut self, chan: u16, mut record: Vec<u8>) {
        if let Some(hop) = record.get_mut(2..4) {
            hop.copy_from_slice(&chan.to_be_bytes());
        }
        self.records += 1;
        self.bytes = self.bytes.saturating_add(record.len());
        self.push(Order::Send(record));
    }

    /// Adds that a viewer's socket is to be closed.
    pub(super) fn close(&mut self, chan: u16, code: CloseCode) {
        self.push(Order::CloseViewer { chan, code });
    }

    /// Adds news.
    pub(super) fn tell(&mut self, news: News) {
        self.push(Order::News(news));
    }

    /// Takes the next one.
    pub(super) fn pop(&mut self) -> Option<Order> {
        let order = self.queue.pop_front()?;
        if let Order::Send(record) = &order {
            self.records = self.records.saturating_sub(1);
            self.bytes = self.bytes.saturating_sub(record.len());
        }
        Some(order)
    }

    /// Drops what was for a stream that is gone: the next one numbers its channels anew.
    pub(super) fn retain_news(&mut self) {
        self.queue.retain(|order| matches!(order, Order::News(_)));
        (self.records, self.bytes) = (0, 0);
    }

    /// Returns how many wait.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.queue.len()
    }

    fn push(&mut self, order: Order) {
        if self.queue.len() < MAX_ORDERS {
            self.queue.push_back(order);
        }
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use super::*;

    #[test]
    fn there_is_room_for_64_records_and_one_mebibyte() {
        let mut orders = Orders::default();
        for _ in 0..64 {
            assert!(orders.has_room());
            orders.send(1, Vec::new());
        }
        assert!(!orders.has_room());
        for (bytes, has_room) in [((1 << 20) - 1, true), (1 << 20, false)] {
            let mut orders = Orders::default();
            orders.send(1, vec![0; bytes]);
            assert_eq!(orders.has_room(), has_room);
        }
    }
}
