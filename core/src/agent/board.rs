//! What the viewer is told beside the pictures: how things stand, and what happened (§7).
//!
//! Of how things stand only the newest counts: each topic is told when it changes, at most ten times a
//! second, and again to a viewer that comes. What happened is told once, in order, and to nobody who
//! comes later. Nothing here is sealed; [`poll`](Board::poll) hands it out while the link has room.

use alloc::{
    collections::{BTreeMap, VecDeque},
    format,
    vec::Vec,
};
use core::time::Duration;

use serde::{Deserialize, Serialize};

use crate::time::Timestamp;

/// How often a topic is told at most.
const PACE: Duration = Duration::from_millis(100);

/// How long a new topic waits before it is told: what is over by then, such as a dialog that another
/// program answered, isn't.
const SETTLE: Duration = Duration::from_millis(50);

/// How many topics there may be: those that are always there, and the open sheets.
const MAX_TOPICS: usize = 32;

/// The longest message, in bytes of JSON: a record takes 64 KiB.
const MAX_MESSAGE: usize = 60_000;

/// How many messages about what happened may wait.
const MAX_NEWS: usize = 64;

/// Something that the viewer is kept informed of. Those first are told first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Topic {
    /// Whose the shown page is.
    Page,
    /// Which pages there are.
    Tabs,
    /// Where typed text goes.
    Field,
    /// What the pointer looks like.
    Cursor,
    /// What the page asks of the human, one sheet each.
    Sheet(SheetId),
}

/// The number of a sheet, used once in a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct SheetId(u32);

impl SheetId {
    /// Returns the number.
    pub(super) const fn number(self) -> u32 {
        let Self(number) = self;
        number
    }
}

/// All of it.
#[derive(Default)]
pub(super) struct Board {
    now: Timestamp,
    /// Somebody reads it.
    live: bool,
    topics: BTreeMap<Topic, Word>,
    news: VecDeque<Vec<u8>>,
    sheets: u32,
    untold: u64,
}

struct Word {
    json: Vec<u8>,
    /// When it may be told; `None` once it was.
    due: Option<Timestamp>,
    /// When it was told last.
    told: Option<Timestamp>,
}

impl Board {
    /// A viewer has control, and knows nothing yet.
    pub(super) fn on_ready(&mut self, now: Timestamp) {
        self.now = self.now.max(now);
        self.live = true;
        self.news.clear();
        for word in self.topics.values_mut() {
            (word.due, word.told) = (Some(self.now), None);
        }
    }

    /// Nobody has control.
    pub(super) fn on_gone(&mut self) {
        self.live = false;
        self.news.clear();
    }

    /// Makes a number for a sheet; each is used once.
    pub(super) const fn new_sheet(&mut self) -> SheetId {
        self.sheets = self.sheets.wrapping_add(1);
        SheetId(self.sheets)
    }

    /// Says how a topic stands. Returns whether there was room for it.
    pub(super) fn post(&mut self, now: Timestamp, topic: Topic, message: &impl Serialize) -> bool {
        self.now = self.now.max(now);
        // Serialising plain members to a vector can't fail.
        let json = serde_json::to_vec(message).unwrap_or_default();
        let is_full = self.topics.len() >= MAX_TOPICS && !self.topics.contains_key(&topic);
        if is_full || json.is_empty() || json.len() > MAX_MESSAGE {
            self.untold += 1;
            return false;
        }
        let told = match self.topics.get(&topic) {
            Some(word) if word.json == json => return true,
            Some(word) => word.told,
            None => None,
        };
        let due = Some(told.map_or(self.now + SETTLE, |told| told + PACE));
        self.topics.insert(topic, Word { json, due, told });
        true
    }

    /// Says nothing more on a topic.
    pub(super) fn withdraw(&mut self, topic: Topic) {
        self.topics.remove(&topic);
    }

    /// A sheet is no more: answered, or gone with its page.
    pub(super) fn close_sheet(&mut self, sheet: SheetId) {
        let word = self.topics.remove(&Topic::Sheet(sheet));
        if word.is_some_and(|word| word.told.is_some()) {
            let SheetId(id) = sheet;
            self.push(format!(r#"{{"type":"sheet_closed","id":{id}}}"#).into_bytes());
        }
    }

    /// Says that something happened.
    pub(super) fn tell(&mut self, message: &impl Serialize) {
        // Serialising plain members to a vector can't fail.
        self.push(serde_json::to_vec(message).unwrap_or_default());
    }

    fn push(&mut self, json: Vec<u8>) {
        if !self.live {
            return;
        }
        if self.news.len() < MAX_NEWS && json.len() <= MAX_MESSAGE {
            self.news.push_back(json);
        } else {
            self.untold += 1;
        }
    }

    /// Returns the next message that is due: what happened first, then how things stand.
    pub(super) fn poll(&mut self, now: Timestamp) -> Option<Vec<u8>> {
        self.now = self.now.max(now);
        if !self.live {
            return None;
        }
        if let Some(json) = self.news.pop_front() {
            return Some(json);
        }
        let now = self.now;
        let is_due = |word: &&mut Word| word.due.is_some_and(|due| due <= now);
        let word = self.topics.values_mut().find(is_due)?;
        (word.due, word.told) = (None, Some(now));
        Some(word.json.clone())
    }

    /// Returns when [`poll`](Self::poll) has something.
    pub(super) fn deadline(&self) -> Option<Timestamp> {
        if !self.live {
            return None;
        }
        if !self.news.is_empty() {
            return Some(self.now);
        }
        self.topics.values().filter_map(|word| word.due).min()
    }

    /// Returns how many messages found no room.
    pub(super) const fn untold(&self) -> u64 {
        self.untold
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn at(millis: u64) -> Timestamp {
        Timestamp::default() + Duration::from_millis(millis)
    }

    fn told(board: &mut Board, millis: u64) -> Vec<serde_json::Value> {
        let polled = core::iter::from_fn(|| board.poll(at(millis)));
        polled
            .map(|json| serde_json::from_slice(&json).expect("JSON"))
            .collect()
    }

    #[test]
    fn only_the_newest_word_on_a_topic_is_told_and_not_too_often() {
        let mut board = Board::default();
        let sheet = Topic::Sheet(board.new_sheet());
        board.on_ready(at(0));
        for number in 0..10 {
            board.post(at(number), sheet, &json!({ "n": number }));
        }
        assert_eq!(told(&mut board, 49), [json!(null); 0]);
        assert_eq!(told(&mut board, 59), [json!({"n": 9})]);
        board.post(at(60), sheet, &json!({"n": 9}));
        assert_eq!(board.deadline(), None, "nothing new");
        board.post(at(60), sheet, &json!({"n": 10}));
        assert_eq!(board.deadline(), Some(at(159)));
        assert_eq!(told(&mut board, 159), [json!({"n": 10})]);
    }

    #[test]
    fn who_comes_is_told_how_things_stand_and_not_what_happened() {
        let mut board = Board::default();
        let sheet = Topic::Sheet(board.new_sheet());
        board.post(at(0), sheet, &json!("stands"));
        board.tell(&json!("nobody hears"));
        assert_eq!(board.poll(at(1_000)), None, "nobody is there");
        board.on_ready(at(1_000));
        assert_eq!(told(&mut board, 1_000), [json!("stands")]);
        board.tell(&json!("happened"));
        board.post(at(1_000), sheet, &json!("stands otherwise"));
        board.on_gone();
        assert_eq!((board.poll(at(2_000)), board.deadline()), (None, None));
        board.on_ready(at(2_000));
        assert_eq!(told(&mut board, 2_000), [json!("stands otherwise")]);
    }

    #[test]
    fn a_message_may_have_60_000_bytes_and_no_more() {
        let mut board = Board::default();
        board.on_ready(at(0));
        // A string has its quotes besides.
        for (length, fits) in [(59_998, true), (59_999, false)] {
            let message = "x".repeat(length);
            assert_eq!(board.post(at(0), Topic::Page, &message), fits);
            board.tell(&message);
            assert_eq!(board.poll(at(0)).is_some(), fits, "{length}");
        }
    }

    #[test]
    fn a_sheet_that_was_never_told_closes_without_a_word() {
        let mut board = Board::default();
        board.on_ready(at(0));
        let (first, second) = (board.new_sheet(), board.new_sheet());
        assert_ne!(first, second);
        board.post(at(0), Topic::Sheet(first), &json!(1));
        board.close_sheet(first);
        assert_eq!(told(&mut board, 1_000), [json!(null); 0]);
        board.post(at(1_000), Topic::Sheet(second), &json!(2));
        assert_eq!(told(&mut board, 1_050), [json!(2)]);
        board.close_sheet(second);
        assert_eq!(
            told(&mut board, 1_050),
            [json!({"type": "sheet_closed", "id": 2})]
        );
    }

    #[test]
    fn everything_is_bounded_and_what_finds_no_room_is_counted() {
        let mut board = Board::default();
        board.on_ready(at(0));
        for _ in 0..1_000 {
            let sheet = Topic::Sheet(board.new_sheet());
            board.post(at(0), sheet, &json!(0));
            board.tell(&json!(0));
        }
        let long = "x".repeat(MAX_MESSAGE);
        let first = Topic::Sheet(SheetId(1));
        assert!(!board.post(at(0), first, &long));
        let told = told(&mut board, 1_000);
        assert_eq!(told.len(), MAX_NEWS + MAX_TOPICS);
        assert_eq!(board.untold(), 2_000 - 64 - 32 + 1);
    }
}
