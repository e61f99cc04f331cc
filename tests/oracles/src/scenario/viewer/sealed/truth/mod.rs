//! What a viewer may tell its application: what the agent sealed and the relay delivered, in order, each
//! once, and nothing after the end; and what it may send: what the human did, in order and at most once.

mod asked;
mod delivered;
mod sent;
mod told;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use authloop_core::{
    input::InputEvent,
    viewer::v2::{Counters, Ended, FrameId, Frozen, Late},
    wire::v2::FrameMeta,
};
use bytes::Bytes;

pub(super) use self::sent::{Judged, Means, Sent};
use crate::scenario::invariants::Nonces;

/// How long keys live.
const KEYS_LIVE: u64 = 3_600_000;

/// How long a viewer waits for anything before it says so.
const PATIENCE: u64 = 6_000;

/// What is told of what the agent said, in this order.
enum Due {
    Secured(u32),
    Takeover(u16),
    Dropped(Late),
    Other(Vec<u8>),
}

/// A picture, and what it is.
type Picture = (FrameId, FrameMeta, Bytes);

/// One epoch as the viewer has it.
struct Epoch {
    number: u32,
    began: u64,
    controls: u64,
    frames: u64,
}

/// The reference.
pub(super) struct Truth {
    /// How many wishes there were on this socket, and ever; and the newest, if it has no answer yet.
    attempts: u64,
    wishes: u64,
    awaited: Option<u64>,
    /// How many records the newest heartbeat said were got, and of which epoch.
    told_got: Option<(u64, u32)>,
    next: Option<Epoch>,
    used: Option<Epoch>,
    due: VecDeque<Due>,
    skipped: u64,
    /// The newest picture that verified, and what it is.
    picture: Option<Picture>,
    pictures: BTreeSet<(u32, u64)>,
    shown: Option<FrameId>,
    drawn: BTreeSet<(u32, u64)>,
    frozen: Option<Frozen>,
    /// Pings by their number and when they were sent, and the one that was echoed in time.
    pings: Vec<(u32, u64)>,
    echoed_in_time: bool,
    verified_at: u64,
    requested: VecDeque<InputEvent>,
    pub(super) finishing: Option<InputEvent>,
    finished_in: BTreeSet<u32>,
    pub(super) prompt: Option<u16>,
    /// How often each question was asked, less how often it was answered.
    questions: BTreeMap<u16, u32>,
    may_end: Vec<Ended>,
    expires: Option<u64>,
    pub(super) ended: Option<Ended>,
    pub(super) nonces: Nonces,
    pub(super) ephemerals: BTreeSet<Vec<u8>>,
}

impl Truth {
    pub(super) fn new() -> Self {
        Self {
            attempts: 0,
            wishes: 0,
            awaited: None,
            told_got: None,
            next: None,
            used: None,
            due: VecDeque::new(),
            skipped: 0,
            picture: None,
            pictures: BTreeSet::new(),
            shown: None,
            drawn: BTreeSet::new(),
            frozen: None,
            pings: Vec::new(),
            echoed_in_time: false,
            verified_at: 0,
            requested: VecDeque::new(),
            finishing: None,
            finished_in: BTreeSet::new(),
            prompt: None,
            questions: BTreeMap::new(),
            may_end: Vec::new(),
            expires: None,
            ended: None,
            nonces: Nonces::default(),
            ephemerals: BTreeSet::new(),
        }
    }

    /// The socket is gone, and its keys.
    pub(super) fn hang_up(&mut self) {
        (self.attempts, self.awaited) = (0, None);
        (self.next, self.used) = (None, None);
        self.prompt = None;
    }

    pub(super) fn may_end(&mut self, how: Ended) {
        self.may_end.push(how);
    }

    // What holds in the end of each step.

    /// Everything is told that could be.
    pub(super) fn is_told(&self, now: u64, counters: &Counters, hidden: bool) {
        let lost = self.skipped + u64::try_from(self.due.len()).expect("few");
        let most = counters.lost_events;
        assert!(lost <= most, "something wasn't told");
        let waits = self.picture.is_some();
        assert!(
            !waits || self.frozen == Some(Frozen::Asleep),
            "a picture waits"
        );
        let is_over = self.expires.is_some_and(|at| at <= now);
        assert!(
            !is_over || self.ended.is_some(),
            "a session outlives its time"
        );
        let live = self.used.is_some() && self.frozen.is_none() && !hidden && self.ended.is_none();
        let heard = now.saturating_sub(self.verified_at);
        assert!(
            !live || heard < PATIENCE,
            "live, and nothing was heard for long"
        );
    }

    /// Tells whether input may be sent at all.
    pub(super) fn may_send(&self) -> bool {
        let has_keys = self.next.is_some() || self.used.is_some();
        has_keys && self.frozen.is_none() && self.ended.is_none() && self.finishing.is_none()
    }

    pub(super) fn newest_shown(&self) -> Option<FrameId> {
        self.shown
    }
}
