//! How much may be under way to the viewer: bytes that are sealed and not acknowledged (§6).
//!
//! ```text
//! limit = max(one frame, 1.25 × delivery rate × round trip), at most 8 frames
//! ```
//!
//! The delivery rate is that of the link while a picture was in it: a picture's bytes over the time
//! between its own start (sent, or the one before it acknowledged) and its acknowledgement, less the
//! round trip. So one picture at a time already tells what the link carries. It must never let a
//! queue grow: what isn't known counts as slow.

use alloc::collections::VecDeque;
use core::time::Duration;

use super::window::Window;
use crate::{time::Timestamp, wire::v2::Ack};

/// The most frames under way.
const MAX_FRAMES: usize = 8;

/// How long a delivery rate is believed.
const RATE_SPAN: Duration = Duration::from_secs(4);

/// A picture takes at least this long, however early its acknowledgement seems to be.
const LEAST_TIME: Duration = Duration::from_millis(10);

/// How long a frame may stay unacknowledged, at least, before it counts as lost.
const LOST_AFTER: Duration = Duration::from_secs(4);

/// The account of one epoch's frames.
pub(super) struct Credit {
    flight: VecDeque<Sent>,
    newest: Option<u64>,
    acknowledged: Option<u64>,
    last_ack: Timestamp,
    /// Bytes per second.
    rate: Window,
    /// The viewer holds frames it hasn't got to.
    viewer_is_behind: bool,
}

struct Sent {
    counter: u64,
    bytes: u64,
    at: Timestamp,
}

/// A picture that arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Transfer {
    pub(super) counter: u64,
    /// How long it kept the link busy.
    pub(super) took: Duration,
}

impl Credit {
    pub(super) fn new() -> Self {
        Self {
            flight: VecDeque::with_capacity(MAX_FRAMES),
            newest: None,
            acknowledged: None,
            last_ack: Timestamp::default(),
            rate: Window::greatest(RATE_SPAN),
            viewer_is_behind: false,
        }
    }

    /// A frame was sealed and sent.
    pub(super) fn sent(&mut self, now: Timestamp, counter: u64, bytes: usize) {
        if self.flight.len() >= MAX_FRAMES {
            self.flight.pop_front();
        }
        self.flight.push_back(Sent {
            counter,
            bytes: length(bytes),
            at: now,
        });
        self.newest = Some(counter);
    }

    /// The viewer acknowledged; `rtt` is the round trip without pictures. Returns what the frame it
    /// names tells of the link. Those before it may have been replaced on the way, and tell nothing.
    pub(super) fn acknowledged(
        &mut self,
        now: Timestamp,
        ack: Ack,
        rtt: Duration,
    ) -> Option<Transfer> {
        self.acknowledged = self.acknowledged.max(Some(ack.frame));
        let mut named = None;
        while self
            .flight
            .front()
            .is_some_and(|sent| sent.counter <= ack.frame)
        {
            named = self.flight.pop_front();
        }
        let named = named.filter(|sent| sent.counter == ack.frame);
        self.viewer_is_behind = ack.waiting > 0 && !self.flight.is_empty();
        let transfer = named.map(|sent| {
            let begun = (sent.at + rtt).max(self.last_ack);
            let took = now.since(begun);
            // An eighth of a round trip: no picture lets more than eight of its like under way.
            let least = took.max(rtt / 8).max(LEAST_TIME);
            let millis = u64::try_from(least.as_millis()).unwrap_or(u64::MAX);
            self.rate
                .push(now, sent.bytes.saturating_mul(1_000) / millis);
            Transfer {
                counter: sent.counter,
                took,
            }
        });
        self.last_ack = now;
        transfer
    }

    /// Tells whether a frame of this many bytes may be sealed.
    pub(super) fn allows(&self, now: Timestamp, bytes: usize, rtt: Option<Duration>) -> bool {
        if self.flight.is_empty() {
            return true;
        }
        let under_way: u64 = self.flight.iter().map(|sent| sent.bytes).sum();
        self.flight.len() < MAX_FRAMES
            && !self.viewer_is_behind
            && under_way.saturating_add(length(bytes)) <= self.limit(now, rtt)
    }

    /// Tells whether nothing is under way, not even something that counts as lost.
    pub(super) fn is_quiet(&self) -> bool {
        self.newest == self.acknowledged
    }

    /// Tells whether nothing is under way that counts.
    pub(super) fn is_idle(&self) -> bool {
        self.flight.is_empty()
    }

    /// Returns the newest frame's counter.
    pub(super) const fn newest(&self) -> Option<u64> {
        self.newest
    }

    /// Returns when the frames under way count as lost, if nothing is acknowledged until then.
    pub(super) fn deadline(&self, rtt: Duration) -> Option<Timestamp> {
        let oldest = self.flight.front()?;
        Some(oldest.at.max(self.last_ack) + LOST_AFTER.max(rtt * 4))
    }

    /// Forgets what is under way.
    pub(super) fn lose(&mut self) {
        self.flight.clear();
        self.viewer_is_behind = false;
    }

    fn limit(&self, now: Timestamp, rtt: Option<Duration>) -> u64 {
        let (Some(rate), Some(rtt)) = (self.rate.get(now), rtt) else {
            return 0;
        };
        let millis = u64::try_from(rtt.as_millis()).unwrap_or(u64::MAX);
        rate.saturating_mul(millis).saturating_mul(5) / 4 / 1_000
    }
}

fn length(bytes: usize) -> u64 {
    u64::try_from(bytes).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
