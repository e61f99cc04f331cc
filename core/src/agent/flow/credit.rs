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
mod tests {
    use proptest::prelude::*;

    use super::*;

    const RTT: Option<Duration> = Some(Duration::from_millis(800));

    fn at(millis: u64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    fn ack(frame: u64) -> Ack {
        Ack { frame, waiting: 0 }
    }

    /// 100 kB were 400 ms in the link: 250 kB/s, 250 kB under way at 800 ms.
    fn measured() -> Credit {
        let mut credit = Credit::new();
        credit.sent(at(0), 0, 100_000);
        let transfer = credit.acknowledged(at(1_200), ack(0), Duration::from_millis(800));
        let took = Duration::from_millis(400);
        assert_eq!(transfer, Some(Transfer { counter: 0, took }));
        credit
    }

    #[test]
    fn before_anything_is_measured_it_is_one_frame() {
        let mut credit = Credit::new();
        assert!(credit.allows(at(0), 8 << 20, None));
        credit.sent(at(0), 0, 10);
        assert!(!credit.allows(at(0), 1, None));
        assert!(!credit.allows(at(0), 1, RTT));
        credit.acknowledged(at(5), ack(0), Duration::ZERO);
        assert!(credit.allows(at(5), 8 << 20, None));
    }

    #[test]
    fn unacknowledged_bytes_are_what_the_link_holds_and_a_quarter_more() {
        let mut credit = measured();
        credit.sent(at(1_200), 1, 125_000);
        assert!(credit.allows(at(1_200), 125_000, RTT));
        assert!(!credit.allows(at(1_200), 125_001, RTT));
        // A rate that is 4 s old is none.
        assert!(!credit.allows(at(5_300), 1, RTT));
    }

    #[test]
    fn it_is_never_more_than_8_frames() {
        let mut credit = measured();
        for counter in 1..=8 {
            assert!(credit.allows(at(1_200), 1, RTT), "{counter}");
            credit.sent(at(1_200), counter, 1);
        }
        assert!(!credit.allows(at(1_200), 1, RTT));
    }

    #[test]
    fn frames_that_were_replaced_on_the_way_never_raise_the_rate() {
        let mut credit = Credit::new();
        credit.sent(at(0), 0, 1_000_000);
        credit.sent(at(0), 1, 1_000_000);
        credit.sent(at(0), 2, 10_000);
        credit.acknowledged(at(900), ack(2), Duration::from_millis(800));
        credit.sent(at(900), 3, 10_000);
        // 10 kB in 100 ms.
        assert!(credit.allows(at(900), 90_000, RTT));
        assert!(!credit.allows(at(900), 90_001, RTT));
    }

    #[test]
    fn pictures_in_a_row_are_told_apart_by_their_acknowledgements() {
        let mut credit = Credit::new();
        for counter in 0..3 {
            credit.sent(at(0), counter, 50_000);
        }
        let rtt = Duration::from_millis(100);
        for (now, frame) in [(300, 0), (500, 1), (700, 2)] {
            let took = credit.acknowledged(at(now), ack(frame), rtt);
            assert_eq!(took.map(|it| it.took), Some(Duration::from_millis(200)));
        }
    }

    #[test]
    fn a_viewer_that_is_behind_gets_nothing_more() {
        let mut credit = measured();
        credit.sent(at(1_200), 1, 10);
        credit.sent(at(1_200), 2, 10);
        let waiting = Ack {
            frame: 1,
            waiting: 1,
        };
        credit.acknowledged(at(2_000), waiting, Duration::from_millis(800));
        assert!(!credit.allows(at(2_000), 1, RTT));
        credit.acknowledged(at(2_010), ack(2), Duration::from_millis(800));
        assert!(credit.allows(at(2_010), 1, RTT));
    }

    #[test]
    fn unacknowledged_for_4_seconds_or_4_round_trips_is_lost() {
        let mut credit = Credit::new();
        assert_eq!(credit.deadline(Duration::ZERO), None);
        credit.sent(at(100), 0, 10);
        credit.sent(at(200), 1, 10);
        assert_eq!(credit.deadline(Duration::from_secs(1)), Some(at(4_100)));
        assert_eq!(credit.deadline(Duration::from_secs(2)), Some(at(8_100)));
        // One that came shows that the link moves.
        credit.acknowledged(at(3_000), ack(0), Duration::ZERO);
        assert_eq!(credit.deadline(Duration::ZERO), Some(at(7_000)));
        credit.lose();
        assert_eq!(credit.deadline(Duration::ZERO), None);
        assert!(credit.is_idle() && !credit.is_quiet());
        credit.acknowledged(at(9_000), ack(1), Duration::ZERO);
        assert!(credit.is_quiet());
    }

    proptest! {
        #[test]
        fn under_way_is_never_more_than_the_limit(
            steps in proptest::collection::vec((0_u64..2_000, 1_usize..300_000, any::<u16>()), 1..200),
            rtt in 0_u64..3_000,
        ) {
            let mut credit = Credit::new();
            let rtt = Duration::from_millis(rtt);
            let (mut now, mut next) = (at(0), 0_u64);
            for (pause, bytes, pick) in steps {
                now = now + Duration::from_millis(pause);
                let under_way: u64 = credit.flight.iter().map(|sent| sent.bytes).sum();
                if pick % 2 == 0 && credit.allows(now, bytes, Some(rtt)) {
                    credit.sent(now, next, bytes);
                    next += 1;
                    let most = credit.limit(now, Some(rtt)).max(length(bytes));
                    prop_assert!(under_way + length(bytes) <= most);
                    prop_assert!(credit.flight.len() <= MAX_FRAMES);
                } else if let Some(newest) = credit.newest() {
                    let frame = credit.acknowledged.unwrap_or(0).max(u64::from(pick) % (newest + 1));
                    credit.acknowledged(now, ack(frame), rtt);
                }
                // Whatever happens, acknowledging everything lets the next one go.
                if let (3, Some(newest)) = (pick % 7, credit.newest()) {
                    credit.acknowledged(now, ack(newest), rtt);
                    prop_assert!(credit.allows(now, usize::MAX, Some(rtt)));
                }
            }
        }
    }
}
