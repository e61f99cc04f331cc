//! Whether an event is young enough, and meant for the page that is there (§6).
//!
//! An event is as old as the human's view of the page: since they acted, or since Chromium sent the
//! picture after the one they saw. Nothing late is obeyed but the end of the session and the
//! release of what was pressed.

use alloc::collections::VecDeque;
use core::time::Duration;

use super::{
    clock::elapsed,
    document::Document,
    gesture::{Bond, Gestures},
};
use crate::{
    input::event::{InputEvent, Stamped},
    time::Timestamp,
};

/// How many sent frames are known by their own. The link holds 8 a round trip: by the time a frame
/// is older than these, a click on it is too old too.
const MAX_SIGHTS: usize = 256;

/// The age from which anything but a pointer event is dropped.
const TOO_OLD: Duration = Duration::from_secs(10);

/// What a pointer event may take beside two round trips, and the bounds of it all.
const POINTER_SLACK: Duration = Duration::from_secs(2);
const POINTER_LEAST: Duration = Duration::from_secs(3);
const POINTER_MOST: Duration = Duration::from_secs(8);

/// What becomes of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::agent) enum Verdict {
    /// It goes on to the browser.
    Take,
    /// It is dropped, and the viewer told.
    Drop(Why),
}

/// Why an event is dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::agent) enum Why {
    /// It is too old, or doesn't say how old.
    Stale,
    /// It was meant for another document.
    Navigated,
}

impl Why {
    /// Returns the word the viewer is told.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Stale => "stale",
            Self::Navigated => "navigated",
        }
    }
}

/// What the viewer may have seen, and what became of what it did.
pub(super) struct Judge {
    /// The frames of this epoch, the oldest first.
    sights: VecDeque<Sight>,
    /// What Chromium's newest picture shows.
    newest: Option<Document>,
    gestures: Gestures,
}

/// A frame that was sent.
struct Sight {
    counter: u64,
    document: Option<Document>,
    /// When Chromium sent the next picture.
    outdated: Option<Timestamp>,
}

impl Judge {
    pub(super) fn new() -> Self {
        Self {
            sights: VecDeque::new(),
            newest: None,
            gestures: Gestures::default(),
        }
    }

    /// Another epoch, whose frames count anew.
    pub(super) fn on_epoch(&mut self) {
        self.sights.clear();
        self.gestures.on_epoch();
    }

    /// Chromium sent a picture of this document, whether or not it will be sealed.
    pub(super) fn on_frame(&mut self, now: Timestamp, document: Option<Document>) {
        self.newest = document;
        let current = self.sights.iter_mut().rev();
        for sight in current.take_while(|sight| sight.outdated.is_none()) {
            sight.outdated = Some(now);
        }
    }

    /// Chromium's newest picture was sealed with this counter, for the first time or again.
    pub(super) fn on_sealed(&mut self, counter: u64) {
        if self.sights.len() >= MAX_SIGHTS {
            self.sights.pop_front();
        }
        self.sights.push_back(Sight {
            counter,
            document: self.newest,
            outdated: None,
        });
    }

    /// Tells whether this is one of the many steps of a gesture, asked before it is judged.
    pub(super) const fn is_step(&self, event: &InputEvent) -> bool {
        self.gestures.is_step(event)
    }

    /// Decides on an event; `shown` is the document that is there, `rtt` the least round trip.
    pub(super) fn judge(
        &mut self,
        now: Timestamp,
        rtt: Duration,
        shown: Option<Document>,
        stamped: &Stamped,
    ) -> Verdict {
        let verdict = match self.gestures.bond(stamped) {
            Bond::Delivered => Verdict::Take,
            Bond::Dropped(why) => Verdict::Drop(why),
            Bond::Free => self.judge_alone(now, rtt, shown, stamped),
        };
        let dropped = match verdict {
            Verdict::Take => None,
            Verdict::Drop(why) => Some(why),
        };
        self.gestures.remember(stamped, dropped);
        verdict
    }

    fn judge_alone(
        &self,
        now: Timestamp,
        rtt: Duration,
        shown: Option<Document>,
        stamped: &Stamped,
    ) -> Verdict {
        let sight = stamped.seen.and_then(|seen| self.sight(seen));
        let most = match Kind::of(&stamped.event) {
            Kind::End => return Verdict::Take,
            Kind::Pointer => {
                let Some(sight) = sight else {
                    return Verdict::Drop(Why::Stale);
                };
                if sight.document.is_none() || sight.document != shown {
                    return Verdict::Drop(Why::Navigated);
                }
                (rtt * 2 + POINTER_SLACK).clamp(POINTER_LEAST, POINTER_MOST)
            }
            Kind::Other => TOO_OLD,
        };
        let Some(at) = stamped.at else {
            return Verdict::Drop(Why::Stale);
        };
        let outdated = sight.and_then(|sight| sight.outdated);
        let age = outdated
            .map_or(Duration::ZERO, |since| now.since(since))
            .max(elapsed(now, at));
        if age > most {
            Verdict::Drop(Why::Stale)
        } else {
            Verdict::Take
        }
    }

    /// Finds a frame that was sent; one that is older than all that are known is taken for those.
    fn sight(&self, seen: u64) -> Option<&Sight> {
        let after = self.sights.partition_point(|sight| sight.counter <= seen);
        let newest = self.sights.back()?.counter;
        self.sights
            .get(after.saturating_sub(1))
            .filter(|_| seen <= newest)
    }
}

/// How strictly an event is judged.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Ends the session, or lets go of what is held.
    End,
    /// Aims at a place in the picture.
    Pointer,
    /// Goes where the focus is.
    Other,
}

impl Kind {
    pub(super) const fn of(event: &InputEvent) -> Self {
        match event {
            InputEvent::Resolved
            | InputEvent::Cancelled
            | InputEvent::ReleaseAll
            | InputEvent::TouchCancel => Self::End,
            InputEvent::Click { .. }
            | InputEvent::DoubleClick { .. }
            | InputEvent::Scroll { .. }
            | InputEvent::MouseMove { .. }
            | InputEvent::MouseDown { .. }
            | InputEvent::MouseUp { .. }
            | InputEvent::Touch(_) => Self::Pointer,
            InputEvent::KeyPress(_)
            | InputEvent::KeyDown(_)
            | InputEvent::KeyUp(_)
            | InputEvent::Compose(_)
            | InputEvent::Commit(_)
            | InputEvent::Paste(_)
            | InputEvent::Back
            | InputEvent::Forward
            | InputEvent::Reload => Self::Other,
        }
    }
}

#[cfg(test)]
mod tests;
