//! What the room does, held against what it has to do.

use authloop_core::relay::{Close, ConnectionId, Item};

use super::{Model, Seat, Viewer};

impl Model {
    /// The room sends: to somebody who has a seat, what comes next there.
    pub(in crate::scenario::relay) fn sends(&mut self, id: ConnectionId, item: &Item) {
        let seat = self.seat(id).expect("it sends to nobody");
        assert!(!seat.writing, "one write at a time");
        seat.writing = true;
        let is_control = seat.waiting().0 > 0;
        let is_next = seat.next().is_some_and(|next| next == *item);
        if is_control {
            assert!(is_next, "control is whole and in order");
        } else {
            assert!(is_next, "only the newest frame is sent");
        }
    }

    /// The room closes a socket, once and for a reason.
    pub(in crate::scenario::relay) fn closes(&mut self, id: ConnectionId, close: Close) {
        if let Some(next) = self.closes.pop_front() {
            return assert_eq!((id, close), next, "closed for a reason");
        }
        let place = self.viewers.iter().position(Viewer::has_heard_the_rest);
        let viewer = self.viewers.remove(place.expect("closed for a reason"));
        let leaving = viewer.leaving().map(|(close, _)| close);
        assert_eq!((viewer.seat.id, leaving), (id, Some(close)));
    }

    pub(in crate::scenario::relay) fn forgets(&mut self) {
        assert!(core::mem::take(&mut self.forget), "forgotten too early");
        self.forgotten = true;
    }

    /// Tells whether something is on its way to this socket.
    pub(in crate::scenario::relay) fn is_writing(&self, id: ConnectionId) -> bool {
        self.seats().any(|seat| seat.id == id && seat.writing)
    }

    pub(in crate::scenario::relay) fn wrote(&mut self, id: ConnectionId) {
        if let Some(seat) = self.seat(id) {
            seat.writing = false;
        }
    }

    /// The room has nothing more to do: nothing that could be sent waits.
    pub(in crate::scenario::relay) fn is_idle(&mut self) -> bool {
        let is_stuck = |seat: &Seat| seat.writing || seat.is_empty();
        let seats_rest = self.seats().all(is_stuck);
        let all_gone = !self.viewers.iter().any(Viewer::has_heard_the_rest);
        seats_rest && all_gone && self.closes.is_empty() && !self.forget
    }

    /// How many sockets are to be told that they are closed.
    pub(in crate::scenario::relay) fn waiting_closes(&self) -> usize {
        self.closes.len()
    }

    /// Tells whether a socket is to be closed because something ran over.
    pub(in crate::scenario::relay) fn ran_over(&self, id: ConnectionId) -> bool {
        self.closes.contains(&(id, Close::Overflow))
    }
}
