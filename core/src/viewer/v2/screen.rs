//! Which pictures of one epoch came, which is on screen, and what is acknowledged of them (§5, §6).
//!
//! An acknowledgement never goes back and never names a picture that didn't come.

use alloc::collections::VecDeque;

use crate::wire::v2::Ack;

/// How many pictures may wait: more than an agent ever sends unacknowledged.
const MAX_WAITING: usize = 64;

/// The pictures of one epoch.
#[derive(Default)]
pub(super) struct Screen {
    newest: Option<u64>,
    shown: Option<u64>,
    dealt: Option<u64>,
    waiting: VecDeque<u64>,
}

impl Screen {
    /// Returns the newest picture that came.
    pub(super) const fn newest(&self) -> Option<u64> {
        self.newest
    }

    /// Returns the newest picture on screen.
    pub(super) const fn shown(&self) -> Option<u64> {
        self.shown
    }

    /// Notes a picture that came.
    pub(super) fn received(&mut self, counter: u64) {
        self.newest = Some(counter);
        if self.waiting.len() >= MAX_WAITING {
            self.waiting.pop_front();
        }
        self.waiting.push_back(counter);
    }

    /// Notes a picture on screen. Tells whether that has to be acknowledged.
    pub(super) fn drawn(&mut self, counter: u64) -> bool {
        if Some(counter) > self.newest || Some(counter) < self.shown {
            return false;
        }
        self.shown = Some(counter);
        self.dealt(counter)
    }

    /// Notes a picture that is dealt with, and all before it. Tells whether that has to be
    /// acknowledged.
    pub(super) fn dealt(&mut self, counter: u64) -> bool {
        if Some(counter) > self.newest || Some(counter) <= self.dealt {
            return false;
        }
        self.dealt = Some(counter);
        self.waiting.retain(|waiting| *waiting > counter);
        true
    }

    /// Counts everything that came as dealt with. Tells whether there was anything.
    pub(super) fn deal_with_all(&mut self) -> bool {
        self.dealt = self.newest;
        self.waiting.clear();
        self.dealt.is_some()
    }

    /// Returns what to acknowledge.
    pub(super) fn ack(&self) -> Option<Ack> {
        let waiting = u16::try_from(self.waiting.len()).unwrap_or(u16::MAX);
        self.dealt.map(|frame| Ack { frame, waiting })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn screen(frames: impl IntoIterator<Item = u64>) -> Screen {
        let mut screen = Screen::default();
        for frame in frames {
            screen.received(frame);
        }
        screen
    }

    #[test]
    fn a_picture_on_screen_is_acknowledged_with_what_still_waits() {
        let mut screen = screen([3, 4, 7]);
        assert_eq!(screen.ack(), None);
        assert!(screen.drawn(4));
        let ack = Ack {
            frame: 4,
            waiting: 1,
        };
        assert_eq!((screen.ack(), screen.shown()), (Some(ack), Some(4)));
    }

    #[test]
    fn an_acknowledgement_never_goes_back_nor_names_what_did_not_come() {
        let mut screen = screen([3, 4]);
        assert!(!screen.drawn(5) && !screen.dealt(u64::MAX));
        assert!(screen.dealt(4));
        assert!(!screen.drawn(3) && !screen.dealt(4));
        assert_eq!(screen.ack().map(|ack| ack.frame), Some(4));
        assert_eq!(screen.shown(), Some(3), "it is on screen all the same");
        assert!(!screen.drawn(4) && !screen.drawn(3));
        assert_eq!(screen.shown(), Some(4), "a newer one is on screen");
    }

    #[test]
    fn it_holds_a_bounded_number_of_pictures() {
        let mut screen = screen(0..1_000);
        assert!(screen.drawn(0));
        assert_eq!(
            screen.ack().map(|ack| usize::from(ack.waiting)),
            Some(MAX_WAITING)
        );
        assert!(screen.deal_with_all());
        assert_eq!(screen.ack().map(|ack| ack.waiting), Some(0));
    }
}
