//! Whether the waiting frame goes now, or a fresher one is asked for first.
//!
//! While there is no credit Chromium stalls, and what waits grows old. Acknowledging Chromium then
//! brings a picture of now within some 20 ms, where sending the old one would show the past for a
//! whole transfer. A page that stands still sends none: the wait is short.

use core::time::Duration;

use crate::time::Timestamp;

/// How old the waiting frame may be.
const OLD: Duration = Duration::from_millis(100);

/// How long a fresher one is waited for.
const PATIENCE: Duration = Duration::from_millis(80);

/// Whether a fresher frame is awaited.
#[derive(Default)]
pub(super) struct Refresh {
    /// When the newest frame came from Chromium.
    arrived: Option<Timestamp>,
    /// When a fresher one was asked for.
    asked: Option<Timestamp>,
}

/// What to do with the frame that waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::agent) enum Turn {
    /// Keep it, and don't acknowledge Chromium: there is no credit, or a fresher frame is awaited.
    Wait,
    /// Keep it, and acknowledge Chromium: a fresher frame may come before it goes.
    Refresh,
    /// Seal it, send it, and acknowledge Chromium.
    Send,
}

impl Refresh {
    /// A frame came.
    pub(super) fn on_frame(&mut self, now: Timestamp) {
        (self.arrived, self.asked) = (Some(now), None);
    }

    /// The frame was sealed.
    pub(super) fn on_sealed(&mut self) {
        self.asked = None;
    }

    /// There is credit; `stalled` if Chromium waits for an acknowledgement.
    pub(super) fn turn(&mut self, now: Timestamp, stalled: bool) -> Turn {
        match self.asked {
            Some(asked) if now.since(asked) < PATIENCE => Turn::Wait,
            Some(_) => Turn::Send,
            None if stalled && self.arrived.is_some_and(|at| now.since(at) >= OLD) => {
                self.asked = Some(now);
                Turn::Refresh
            }
            None => Turn::Send,
        }
    }

    /// Returns when the wait is over.
    pub(super) fn deadline(&self, now: Timestamp) -> Option<Timestamp> {
        self.asked.map(|at| at + PATIENCE).filter(|at| *at > now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: u64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    #[test]
    fn an_old_frame_of_a_stalled_browser_gives_way_to_a_fresher_one() {
        let mut refresh = Refresh::default();
        refresh.on_frame(at(0));
        assert_eq!(refresh.turn(at(100), true), Turn::Refresh);
        assert_eq!(refresh.turn(at(110), false), Turn::Wait);
        assert_eq!(refresh.deadline(at(110)), Some(at(180)));
        refresh.on_frame(at(120));
        assert_eq!(refresh.turn(at(120), false), Turn::Send);
        assert_eq!(refresh.deadline(at(120)), None);
    }

    #[test]
    fn if_none_comes_it_goes_after_a_short_wait() {
        let mut refresh = Refresh::default();
        refresh.on_frame(at(0));
        assert_eq!(refresh.turn(at(500), true), Turn::Refresh);
        assert_eq!(refresh.turn(at(579), false), Turn::Wait);
        assert_eq!(refresh.deadline(at(580)), None);
        assert_eq!(refresh.turn(at(580), false), Turn::Send);
        refresh.on_sealed();
        assert_eq!(refresh.turn(at(590), false), Turn::Send);
    }

    #[test]
    fn once_it_was_sent_no_fresher_one_is_waited_for() {
        let mut refresh = Refresh::default();
        refresh.on_frame(at(0));
        assert_eq!(refresh.turn(at(100), true), Turn::Refresh);
        refresh.on_sealed();
        assert_eq!(refresh.deadline(at(110)), None);
        assert_eq!(refresh.turn(at(110), false), Turn::Send);
    }

    #[test]
    fn a_young_frame_and_one_of_a_still_page_go_at_once() {
        let mut refresh = Refresh::default();
        assert_eq!(refresh.turn(at(0), true), Turn::Send);
        refresh.on_frame(at(0));
        assert_eq!(refresh.turn(at(99), true), Turn::Send);
        assert_eq!(refresh.turn(at(9_000), false), Turn::Send);
    }
}
