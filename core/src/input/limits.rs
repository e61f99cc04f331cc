//! How much input may wait and how fast it goes on, and the count of what was dropped.
//!
//! Nothing is dropped for speed alone: fast bursts are real people's. Only what is over a bound is.

use core::time::Duration;

/// The least time between two key presses, so that pages which move the focus after each can follow.
pub const KEY_PACE: Duration = Duration::from_millis(10);

/// The least time between two keys of a pasted text, for the slower of those pages.
pub const TYPE_PACE: Duration = Duration::from_millis(20);

/// The least time between two keys of a pasted code. A box that passes the focus on by a timer does
/// so 52 ms after the key in a tab of the background, where Chromium holds timers back, and later
/// on a busy machine.
pub const CODE_PACE: Duration = Duration::from_millis(100);

/// The longest text that may be a code, in bytes.
pub const LONGEST_CODE: usize = 12;

/// The longest pause a slow page gets between pasted characters.
pub const LONGEST_TYPE_PACE: Duration = Duration::from_millis(250);

/// The least time between two clicks: 10 a second.
pub const CLICK_PACE: Duration = Duration::from_millis(100);

/// The least time between two wheel events: one a frame.
pub const SCROLL_PACE: Duration = Duration::from_millis(16);

/// The least time between two moves of the mouse or of fingers: twice as often as a page hears of them.
pub const MOVE_PACE: Duration = Duration::from_millis(8);

/// How long input waits for the page's answer where it has to: a drag's second move for that to its first,
/// the release at its end for those to all moves, and a key for that to what moves the focus.
pub const ANSWER_WAIT: Duration = Duration::from_millis(500);

/// How long after that answer a key waits on: Chromium learns of a focus in another site's frame a moment
/// later, and sends keys elsewhere until then.
pub const FOCUS_PAUSE: Duration = Duration::from_millis(50);

/// How far the first move of a drag goes at most, in CSS pixels each way: less than what Chromium takes
/// for the beginning of a drag of the page's own, 3 physical pixels, on any display.
pub const FIRST_STEP: f64 = 0.5;

/// When a typed character's key goes up by itself.
pub const KEY_UP_AFTER: Duration = Duration::from_millis(200);

/// How many key presses and releases may wait, with those a held key still owes.
pub const MAX_KEY_EVENTS: usize = 1_000;

/// How many keys may be held at once.
pub const MAX_HELD_KEYS: usize = 64;

/// How many clicks may wait; a double click is two.
pub const MAX_CLICKS: usize = 20;

/// How many presses of buttons and fingers may wait.
pub const MAX_PRESSES: usize = 64;

/// How many moves may wait. While nothing is held only the newest does.
pub const MAX_MOVES: usize = 64;

/// How many turns of the wheel may wait that can't be added up: something lies between them, or other
/// modifiers were held.
pub const MAX_SCROLLS: usize = 64;

/// How many bytes of pasted text may wait.
pub const MAX_PASTE_BYTES: usize = 64 * 1_024;

/// How many pastes may wait.
pub const MAX_PASTES: usize = 64;

/// How many steps through the history and reloads may wait.
pub const MAX_NAVIGATIONS: usize = 16;

/// Why an input event was dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
#[non_exhaustive]
pub enum Dropped {
    /// Too many key events wait, or too many keys are held.
    #[error("too many key events wait")]
    Keys,
    /// Too many clicks wait.
    #[error("too many clicks wait")]
    Clicks,
    /// Too many presses or turns of the wheel, moves behind which something else waits, or what belongs to
    /// a press that found no room.
    #[error("too many presses, moves or turns of the wheel wait")]
    Pointer,
    /// Too much pasted text waits.
    #[error("too much pasted text waits")]
    Paste,
    /// Too many steps through the history wait.
    #[error("too many navigations wait")]
    Navigations,
    /// The released key, button or finger isn't down.
    #[error("what is released is not down")]
    NotDown,
    /// A double click that two clicks have made already.
    #[error("the double click was made by two clicks already")]
    Repeated,
    /// The human ended the session.
    #[error("the session is ending")]
    Finished,
}

/// How many input events were dropped, by reason.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Drops {
    /// For [`Dropped::Keys`].
    pub keys: u64,
    /// For [`Dropped::Clicks`].
    pub clicks: u64,
    /// For [`Dropped::Pointer`].
    pub pointer: u64,
    /// For [`Dropped::Paste`].
    pub paste: u64,
    /// For [`Dropped::Navigations`].
    pub navigations: u64,
    /// For [`Dropped::NotDown`].
    pub not_down: u64,
    /// For [`Dropped::Repeated`].
    pub repeated: u64,
    /// For [`Dropped::Finished`].
    pub finished: u64,
}

impl Drops {
    /// Returns how many were lost for want of room.
    pub const fn overflowed(&self) -> u64 {
        self.keys
            .saturating_add(self.clicks)
            .saturating_add(self.pointer)
            .saturating_add(self.paste)
            .saturating_add(self.navigations)
    }

    pub(super) fn count(&mut self, reason: Dropped) {
        let counter = match reason {
            Dropped::Keys => &mut self.keys,
            Dropped::Clicks => &mut self.clicks,
            Dropped::Pointer => &mut self.pointer,
            Dropped::Paste => &mut self.paste,
            Dropped::Navigations => &mut self.navigations,
            Dropped::NotDown => &mut self.not_down,
            Dropped::Repeated => &mut self.repeated,
            Dropped::Finished => &mut self.finished,
        };
        *counter = counter.saturating_add(1);
    }
}
