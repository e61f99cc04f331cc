//! How often something may happen within a span of time: a window that slides.

use alloc::collections::VecDeque;
use core::time::Duration;

use crate::time::Timestamp;

/// The latest moments something happened, at most `most` of them.
pub(super) struct Window {
    times: VecDeque<Timestamp>,
    most: usize,
    span: Duration,
}

impl Window {
    /// Begins without any.
    pub(super) const fn new(most: usize, span: Duration) -> Self {
        Self {
            times: VecDeque::new(),
            most,
            span,
        }
    }

    /// Tells whether it may happen once more.
    pub(super) fn has_room(&mut self, now: Timestamp) -> bool {
        while self
            .times
            .front()
            .is_some_and(|at| now.since(*at) >= self.span)
        {
            self.times.pop_front();
        }
        self.times.len() < self.most
    }

    /// Notes that it happened. Returns whether that filled the window.
    pub(super) fn note(&mut self, now: Timestamp) -> bool {
        if self.has_room(now) {
            self.times.push_back(now);
        }
        self.times.len() == self.most
    }

    /// Forgets all that happened.
    pub(super) fn clear(&mut self) {
        self.times.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_slides() {
        let at = Timestamp::from_millis;
        let mut window = Window::new(2, Duration::from_millis(10));
        assert!(!window.note(at(0)));
        assert!(window.note(at(6)));
        assert!(!window.has_room(at(9)));
        assert!(window.has_room(at(10)));
        assert!(window.note(at(10)));
        assert!(!window.has_room(at(15)));
        assert!(window.has_room(at(16)));
        window.clear();
        assert!(!window.note(at(16)));
    }
}
