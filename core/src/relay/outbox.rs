//! What waits for one socket: a bounded queue of control messages and the newest frame.
//!
//! Control messages are never dropped or reordered; a queue that would overflow says so instead. A
//! frame is only ever replaced, whole, by a newer one.

use alloc::{collections::VecDeque, string::String};
use core::num::NonZeroU16;

use super::io::{Frame, Item};

/// How many forwarded control messages may wait for one socket.
pub const MAX_CONTROL_ENTRIES: usize = 256;

/// How many bytes of them may wait.
pub const MAX_CONTROL_BYTES: usize = 1024 * 1024;

/// Above this the other side is no longer read.
const CONGESTED_ENTRIES: usize = 64;

/// Above this the other side is no longer read. With one more message of at most 256 KiB, what
/// waits stays below [`MAX_CONTROL_BYTES`].
const CONGESTED_BYTES: usize = 256 * 1024;

/// Version 2 has several viewers: one that has this much waiting for the agent is no longer read,
/// so that it can't hold up the others for long.
const SHARE_ENTRIES: usize = 24;

/// The same in bytes. The largest input event alone is more, and passes.
const SHARE_BYTES: usize = 40 * 1024;

/// Above this none of several viewers is read. With one more record of at most 80 KiB from each of
/// eight, what waits stays within [`MAX_CONTROL_BYTES`].
const CROWDED_BYTES: usize = 384 * 1024;

/// The same in entries.
const CROWDED_ENTRIES: usize = 128;

/// Room for the relay's own notices, which are short, behind a full queue.
const OWN_ENTRIES: usize = 64;

/// The queue can't take the message.
#[derive(Debug)]
pub(super) struct Full;

/// What waits for one socket.
#[derive(Default)]
pub(super) struct Outbox {
    control: VecDeque<Waiting>,
    control_bytes: usize,
    frame: Option<Frame>,
    writing: bool,
}

struct Waiting {
    item: Item,
    /// Which of several viewers said it.
    from: Option<NonZeroU16>,
}

impl Outbox {
    /// Queues a message of the other side.
    pub(super) fn push(&mut self, item: Item) -> Result<(), Full> {
        self.push_from(None, item)
    }

    /// Queues a message of the other side, and remembers which of several viewers said it.
    pub(super) fn push_from(&mut self, from: Option<NonZeroU16>, item: Item) -> Result<(), Full> {
        let fits = self.control.len() < MAX_CONTROL_ENTRIES
            && size(&item) <= MAX_CONTROL_BYTES.saturating_sub(self.control_bytes);
        self.put(Waiting { item, from }, fits)
    }

    /// Queues a short message of the relay's own.
    pub(super) fn push_own(&mut self, text: String) -> Result<(), Full> {
        let fits = self.control.len() < MAX_CONTROL_ENTRIES + OWN_ENTRIES;
        let item = Item::Text(text);
        self.put(Waiting { item, from: None }, fits)
    }

    /// Puts a frame into the slot and tells whether it replaced one.
    pub(super) fn show(&mut self, frame: Frame) -> bool {
        self.frame.replace(frame).is_some()
    }

    /// Forgets the frame that waits.
    pub(super) fn drop_frame(&mut self) {
        self.frame = None;
    }

    /// Forgets everything that waits.
    pub(super) fn drop_all(&mut self) {
        self.control.clear();
        self.control_bytes = 0;
        self.frame = None;
    }

    /// Takes what to write next, unless the last is still being written. Control comes first.
    pub(super) fn next(&mut self) -> Option<Item> {
        if self.writing {
            return None;
        }
        let item = match self.control.pop_front() {
            Some(Waiting { item, .. }) => {
                self.control_bytes = self.control_bytes.saturating_sub(size(&item));
                item
            }
            None => Item::Frame(self.frame.take()?),
        };
        self.writing = true;
        Some(item)
    }

    /// Takes note that the last item is written.
    pub(super) fn written(&mut self) {
        self.writing = false;
    }

    /// Tells whether so much waits that the other side had better not be read.
    pub(super) fn is_congested(&self) -> bool {
        self.control.len() >= CONGESTED_ENTRIES || self.control_bytes >= CONGESTED_BYTES
    }

    /// Tells whether so much of one of several viewers waits that it had better not be read.
    pub(super) fn is_full_of(&self, viewer: NonZeroU16) -> bool {
        if self.control.len() >= CROWDED_ENTRIES || self.control_bytes >= CROWDED_BYTES {
            return true;
        }
        let own = self.control.iter().filter(|one| one.from == Some(viewer));
        let (entries, bytes) = own.fold((0_usize, 0_usize), |(entries, bytes), one| {
            (entries + 1, bytes.saturating_add(size(&one.item)))
        });
        entries >= SHARE_ENTRIES || bytes >= SHARE_BYTES
    }

    /// Tells whether nothing waits and nothing is being written.
    pub(super) fn is_done(&self) -> bool {
        self.control.is_empty() && self.frame.is_none() && !self.writing
    }

    fn put(&mut self, waiting: Waiting, fits: bool) -> Result<(), Full> {
        if !fits {
            return Err(Full);
        }
        self.control_bytes = self.control_bytes.saturating_add(size(&waiting.item));
        self.control.push_back(waiting);
        Ok(())
    }

    /// How many messages and bytes of control wait.
    #[cfg(test)]
    pub(super) fn waiting(&self) -> (usize, usize) {
        (self.control.len(), self.control_bytes)
    }
}

fn size(item: &Item) -> usize {
    match item {
        Item::Text(text) => text.len(),
        Item::Binary(bytes) => bytes.len(),
        Item::Frame(frame) => frame
            .meta
            .as_ref()
            .map_or(0, String::len)
            .saturating_add(frame.jpeg.len()),
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    fn text(text: &str) -> Item {
        Item::Text(text.into())
    }

    #[test]
    fn hands_out_one_item_at_a_time() {
        let mut outbox = Outbox::default();
        outbox.push(text("a")).expect("fits");
        outbox.push(text("b")).expect("fits");
        assert!(outbox.next() == Some(text("a")));
        assert!(outbox.next().is_none());
        outbox.written();
        assert!(outbox.next() == Some(text("b")));
        assert_eq!(outbox.waiting(), (0, 0));
    }

    #[test]
    fn refuses_what_is_over_by_entries_or_bytes() {
        let mut outbox = Outbox::default();
        for _ in 0..MAX_CONTROL_ENTRIES {
            outbox.push(text("x")).expect("fits");
        }
        assert!(outbox.push(text("x")).is_err());
        let mut outbox = Outbox::default();
        outbox
            .push(Item::Binary(Bytes::from(alloc::vec![0; MAX_CONTROL_BYTES])))
            .expect("fits");
        assert!(outbox.push(text("x")).is_err());
    }

    #[test]
    fn one_of_several_viewers_cannot_fill_the_queue() {
        let viewer = |number| NonZeroU16::new(number).expect("not zero");
        let mut outbox = Outbox::default();
        while !outbox.is_full_of(viewer(1)) {
            outbox
                .push_from(Some(viewer(1)), text("x"))
                .expect("it stops in time");
        }
        assert_eq!(outbox.waiting().0, SHARE_ENTRIES);
        assert!(!outbox.is_full_of(viewer(2)));
        for _ in 0..SHARE_ENTRIES {
            outbox.next().expect("one waits");
            outbox.written();
        }
        assert!(!outbox.is_full_of(viewer(1)));
        assert!(outbox.is_done());
    }

    #[test]
    fn what_eight_viewers_are_let_say_at_the_same_moment_fits() {
        let someone = NonZeroU16::MAX;
        let mut outbox = Outbox::default();
        while outbox.waiting().1 < CROWDED_BYTES - 4096 {
            outbox.push(text(&"x".repeat(4096))).expect("it fits");
        }
        assert!(!outbox.is_full_of(someone));
        for number in 1..=8 {
            let record = Item::Binary(Bytes::from(alloc::vec![0; 80 * 1024]));
            let viewer = NonZeroU16::new(number);
            outbox.push_from(viewer, record).expect("it fits");
        }
        assert!(outbox.is_full_of(someone));
    }

    #[test]
    fn notices_fit_behind_a_full_queue() {
        let mut outbox = Outbox::default();
        while outbox.push(text("x")).is_ok() {}
        for _ in 0..OWN_ENTRIES {
            outbox.push_own("notice".into()).expect("fits");
        }
        assert!(outbox.push_own("notice".into()).is_err());
    }
}
