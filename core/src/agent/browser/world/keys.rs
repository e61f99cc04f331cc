//! Whether what is typed arrives in the page. A box of its browser that is in no picture, such as one for a
//! passkey that the page asked for before the hand-off, takes every key, and CDP says that all went well.

use core::time::Duration;

use crate::{agent::browser::Browser, time::Timestamp};

/// How many keys in a row may be unheard of.
const MOST_UNHEARD: u32 = 5;

/// How long the first of them may be.
const LONGEST_UNHEARD: Duration = Duration::from_secs(1);

/// What is known of the keys of the document that is watched.
#[derive(Default)]
pub(super) struct Keys {
    /// The page was told of one: nothing is in the way, and nothing comes later.
    has_heard: bool,
    unheard: u32,
    since: Option<Timestamp>,
}

impl Keys {
    pub(super) const fn hear(&mut self) {
        self.has_heard = true;
    }

    /// One is on its way. Returns whether too many are.
    fn press(&mut self, now: Timestamp) -> bool {
        if self.has_heard {
            return false;
        }
        self.unheard += 1;
        let since = *self.since.get_or_insert(now);
        let is_lost = self.unheard > MOST_UNHEARD && now >= since + LONGEST_UNHEARD;
        if is_lost {
            *self = Self::default();
        }
        is_lost
    }
}

impl Browser {
    /// A key that types is on its way to the page. Returns whether what is typed seems to arrive nowhere, as far as
    /// can be seen: lists take keys, too, and so does a frame that nobody looks into.
    pub(in crate::agent) fn loses_key(&mut self, now: Timestamp) -> bool {
        let is_seen = self.worlds.focused().is_some() && self.worlds.offered.is_none();
        is_seen && self.worlds.keys.press(now)
    }
}
