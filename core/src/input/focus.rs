//! When keys may follow what moves the focus: a press, a touch, the Tab key.
//!
//! Chromium sends keys to the site that it takes to have the focus. Of a frame of another site it learns by a
//! message of that site's process, which comes after the answer to what moved the focus there.

use crate::{
    input::limits::{ANSWER_WAIT, FOCUS_PAUSE},
    time::Timestamp,
};

/// Where the focus is on its way, as far as time tells.
#[derive(Default)]
pub(super) struct Focus {
    /// Until when the page may answer what moves it; absent if nothing does.
    moves_until: Option<Timestamp>,
    /// When it has come to rest.
    settled: Timestamp,
}

impl Focus {
    /// The browser was told of something that may move the focus.
    pub(super) fn moves(&mut self, now: Timestamp) {
        self.moves_until = Some(now + ANSWER_WAIT);
    }

    /// The page has answered everything.
    pub(super) fn is_answered(&mut self, now: Timestamp) {
        if self.moves_until.take().is_some() {
            self.settled = now + FOCUS_PAUSE;
        }
    }

    /// Returns when keys may go on, to a page that works on something or has answered everything.
    pub(super) fn settles(&self, is_busy: bool) -> Timestamp {
        match self.moves_until {
            Some(until) if is_busy => until,
            Some(_) | None => self.settled,
        }
    }
}
