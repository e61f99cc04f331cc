//! One direction of a connection: in order, with a latency and a bandwidth, and sometimes stalled.

use std::collections::VecDeque;

use authloop_core::agent::io::Message;

/// How fast one direction is.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// Milliseconds from one end to the other.
    pub latency: u64,
    /// Bytes a millisecond.
    pub bytes_per_ms: u64,
}

impl Default for Pace {
    /// A good mobile connection: 20 ms, 16 Mbit/s.
    fn default() -> Self {
        Self {
            latency: 20,
            bytes_per_ms: 2_000,
        }
    }
}

/// One direction of a connection.
#[derive(Default)]
pub struct Link {
    pace: Pace,
    free_at: u64,
    queue: VecDeque<Parcel>,
}

struct Parcel {
    message: Message,
    written_at: u64,
    arrives_at: u64,
    is_written: bool,
}

impl Link {
    /// Makes a link of another pace.
    pub fn new(pace: Pace) -> Self {
        Self {
            pace,
            ..Self::default()
        }
    }

    /// Puts a message in.
    pub fn push(&mut self, now: u64, message: Message) {
        let length = u64::try_from(length(&message)).unwrap_or(u64::MAX);
        self.free_at = self.free_at.max(now) + length / self.pace.bytes_per_ms;
        self.queue.push_back(Parcel {
            message,
            written_at: self.free_at,
            arrives_at: self.free_at + self.pace.latency,
            is_written: false,
        });
    }

    /// Lets nothing through before this time.
    pub fn stall(&mut self, until: u64) {
        self.free_at = self.free_at.max(until);
        for parcel in &mut self.queue {
            parcel.arrives_at = parcel.arrives_at.max(until);
            if !parcel.is_written {
                parcel.written_at = parcel.written_at.max(until);
            }
        }
    }

    /// Lets everything under way arrive now.
    pub fn hurry(&mut self, now: u64) {
        for parcel in &mut self.queue {
            parcel.is_written = true;
            parcel.arrives_at = parcel.arrives_at.min(now);
        }
    }

    /// Loses everything under way.
    pub fn lose(&mut self) {
        self.queue.clear();
        self.free_at = 0;
    }

    /// Tells whether another message has left the sender by now.
    pub fn next_written(&mut self, now: u64) -> bool {
        let leaving = self.queue.iter_mut().find(|parcel| !parcel.is_written);
        let Some(parcel) = leaving.filter(|parcel| parcel.written_at <= now) else {
            return false;
        };
        parcel.is_written = true;
        true
    }

    /// Tells whether everything has left the sender.
    pub fn is_drained(&self) -> bool {
        self.queue.iter().all(|parcel| parcel.is_written)
    }

    /// Takes out a message that has arrived by now.
    pub fn next_arrived(&mut self, now: u64) -> Option<Message> {
        let first = self.queue.front()?;
        if first.arrives_at > now || !first.is_written {
            return None;
        }
        self.queue.pop_front().map(|parcel| parcel.message)
    }

    /// Returns when something happens next.
    pub fn next_at(&self) -> Option<u64> {
        let written = self.queue.iter().filter(|parcel| !parcel.is_written);
        let written = written.map(|parcel| parcel.written_at).next();
        let arrives = self.queue.front().map(|parcel| parcel.arrives_at);
        written.into_iter().chain(arrives).min()
    }
}

/// Returns a message's length in bytes.
pub fn length(message: &Message) -> usize {
    match message {
        Message::Text(text) => text.len(),
        Message::Binary(bytes) => bytes.len(),
    }
}
