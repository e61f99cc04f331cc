//! What a viewer may tell its application: what the agent sealed and the relay delivered, in order, each
//! once, and nothing after the end; and what it may send: what the human did, in order and at most once.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use authloop_core::{
    input::{InputEvent, Stamped},
    time::Timestamp,
    viewer::v2::{Counters, Ended, Event, FrameId, Frozen, Late},
    wire::v2::{CloseReason, FrameMeta, RefusalReason},
};
use bytes::Bytes;

use crate::scenario::invariants::Nonces;

/// How long keys live.
const KEYS_LIVE: u64 = 3_600_000;

/// How long a viewer waits for anything before it says so.
const PATIENCE: u64 = 6_000;

/// A record of the agent's.
#[derive(Clone)]
pub(super) struct Sent {
    pub(super) record: Vec<u8>,
    pub(super) epoch: u32,
    pub(super) counter: u64,
    pub(super) means: Means,
}

/// What a record of the agent's says.
#[derive(Clone)]
pub(super) enum Means {
    /// The answer to one wish.
    Accept {
        wish: u64,
        epoch: u32,
    },
    Refuse {
        wish: u64,
        reason: RefusalReason,
    },
    Frame {
        meta: FrameMeta,
        jpeg: Bytes,
        /// How many control records went before.
        controls: u64,
    },
    Beat,
    Echo(u32),
    Takeover(u16),
    Dropped(Late),
    Other(Vec<u8>),
    /// A known message with a member of the wrong kind.
    Nonsense,
    /// A heartbeat that says it got more than was sent.
    Lies,
    Close(CloseReason),
}

/// What a record comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Judged {
    /// It verifies.
    Good,
    /// It is dropped without a word.
    Dropped,
    /// The connection is damaged.
    Fatal,
    /// The keys are too old.
    Old,
}

/// What is told of what the agent said, in this order.
enum Due {
    Secured(u32),
    Takeover(u16),
    Dropped(Late),
    Other(Vec<u8>),
}

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
    next: Option<Epoch>,
    used: Option<Epoch>,
    due: VecDeque<Due>,
    skipped: u64,
    /// How much came to a viewer that may have hung up before, since nobody asked it.
    unsure: u64,
    /// The newest picture that verified, and what it is.
    picture: Option<(FrameId, FrameMeta, Bytes)>,
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
            next: None,
            used: None,
            due: VecDeque::new(),
            skipped: 0,
            unsure: 0,
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

    /// The viewer had hung up, nobody knows when: what came may have come too late.
    pub(super) fn had_hung_up(&mut self) {
        self.unsure += u64::try_from(self.due.len()).expect("few") + 1;
    }

    pub(super) fn may_end(&mut self, how: Ended) {
        self.may_end.push(how);
    }

    // What is delivered.

    /// Judges a record that comes as it was sealed, and takes note of what it says.
    pub(super) fn judge(&mut self, now: u64, sent: &Sent, expires_in: u64) -> Judged {
        let judged = self.reads(now, sent, expires_in);
        if matches!(judged, Judged::Fatal | Judged::Old) {
            self.hang_up();
        }
        judged
    }

    fn reads(&mut self, now: u64, sent: &Sent, expires_in: u64) -> Judged {
        match &sent.means {
            Means::Accept { wish, epoch } => {
                let judged = self.answered(*wish, sent.counter);
                if judged == Judged::Good {
                    self.next = Some(Epoch {
                        number: *epoch,
                        began: now,
                        controls: 0,
                        frames: 0,
                    });
                    self.renew_pings();
                }
                judged
            }
            Means::Refuse { wish, reason } => {
                let judged = self.answered(*wish, sent.counter);
                if judged == Judged::Good {
                    match reason {
                        RefusalReason::Busy => self.may_end(Ended::Busy),
                        RefusalReason::Closed => self.may_end(Ended::Barred),
                        RefusalReason::Pin => {}
                    }
                }
                judged
            }
            means @ (Means::Frame { .. }
            | Means::Beat
            | Means::Echo(_)
            | Means::Takeover(_)
            | Means::Dropped(_)
            | Means::Other(_)
            | Means::Nonsense
            | Means::Lies
            | Means::Close(_)) => self.sealed(now, sent, means, expires_in),
        }
    }

    /// An answer to the newest wish is awaited, to an older one of this socket dropped.
    fn answered(&mut self, wish: u64, attempt: u64) -> Judged {
        if attempt + 1 < self.attempts {
            Judged::Dropped
        } else if self.awaited.take() == Some(wish) {
            Judged::Good
        } else {
            Judged::Fatal
        }
    }

    fn sealed(&mut self, now: u64, sent: &Sent, means: &Means, expires_in: u64) -> Judged {
        let held = self.next.iter_mut().chain(self.used.as_mut());
        let Some(epoch) = held.into_iter().find(|epoch| epoch.number == sent.epoch) else {
            return Judged::Dropped;
        };
        let in_order = if let Means::Frame { .. } = means {
            sent.counter >= epoch.frames
        } else {
            sent.counter == epoch.controls
        };
        if now >= epoch.began + KEYS_LIVE {
            return Judged::Old;
        }
        if !in_order {
            return Judged::Fatal;
        }
        if let Means::Frame { controls, .. } = means {
            epoch.frames = sent.counter + 1;
            if *controls > epoch.controls {
                return Judged::Fatal;
            }
        } else {
            epoch.controls += 1;
            if matches!(means, Means::Nonsense) {
                return Judged::Fatal;
            }
        }
        self.verified_at = now;
        if let Some(next) = self.next.take_if(|next| next.number == sent.epoch) {
            self.used = Some(next);
            self.picture = None;
            self.expires = Some(now + expires_in + 30_000);
            self.due.push_back(Due::Secured(sent.epoch));
        }
        if matches!(means, Means::Lies) {
            return Judged::Fatal;
        }
        self.note(now, sent, means);
        Judged::Good
    }

    fn note(&mut self, now: u64, sent: &Sent, means: &Means) {
        match means {
            Means::Frame { meta, jpeg, .. } => {
                let id = FrameId {
                    epoch: sent.epoch,
                    counter: sent.counter,
                };
                self.pictures.insert((id.epoch, id.counter));
                self.picture = Some((id, *meta, jpeg.clone()));
            }
            Means::Echo(n) => {
                let asked = self.pings.iter().find(|(asked, _)| asked == n);
                self.echoed_in_time |= asked.is_some_and(|(_, at)| now <= at + PATIENCE);
            }
            Means::Takeover(id) => {
                *self.questions.entry(*id).or_default() += 1;
                self.prompt = Some(*id);
                self.due.push_back(Due::Takeover(*id));
            }
            Means::Dropped(why) => self.due.push_back(Due::Dropped(*why)),
            Means::Other(json) => self.due.push_back(Due::Other(json.clone())),
            Means::Close(reason) => {
                self.may_end(Ended::Closed(*reason));
                self.hang_up();
            }
            Means::Beat
            | Means::Nonsense
            | Means::Lies
            | Means::Accept { .. }
            | Means::Refuse { .. } => {}
        }
    }

    // What is told.

    /// The application is told something.
    pub(super) fn told(&mut self, now: u64, event: &Event, says_drawn: bool) {
        assert!(self.ended.is_none(), "nothing follows the end");
        match event {
            Event::Frame(frame) => {
                let picture = self.picture.take().expect("a picture that nobody sealed");
                assert!(
                    picture == (frame.id, frame.meta, frame.jpeg.clone()),
                    "another picture than the newest"
                );
                let order = |id: FrameId| (id.epoch, id.counter);
                assert!(
                    self.shown
                        .is_none_or(|shown| order(shown) < order(frame.id))
                );
                assert_ne!(
                    self.frozen,
                    Some(Frozen::Asleep),
                    "a picture before the echo"
                );
                self.shown = Some(frame.id);
                if !says_drawn {
                    self.drawn.insert(order(frame.id));
                }
            }
            Event::Frozen(why) => {
                if self.frozen.is_none() {
                    self.echoed_in_time = false;
                }
                self.frozen = Some(*why);
            }
            Event::Thawed => {
                assert!(self.frozen.take().is_some(), "it was live");
                assert!(self.echoed_in_time, "live without a quick round trip");
            }
            Event::Secured(secured) => {
                self.next_is(|due| matches!(due, Due::Secured(epoch) if *epoch == secured.epoch));
            }
            Event::Takeover(id) => {
                self.next_is(|due| matches!(due, Due::Takeover(asked) if asked == id));
            }
            Event::Dropped(kind, why) => {
                assert_eq!(kind, "click");
                self.next_is(|due| matches!(due, Due::Dropped(told) if told == why));
            }
            Event::Told(_, json) => {
                self.next_is(|due| matches!(due, Due::Other(told) if told == json));
            }
            Event::Lost(at) => assert!(at.as_millis() <= now + 8_000, "it dials soon enough"),
            Event::Ended(how) => self.ends(now, *how),
            Event::AgentJoined
            | Event::AgentLeft
            | Event::Busy(_)
            | Event::PinNeeded { .. }
            | Event::TakeoverOver(_)
            | Event::NotSent(_) => {}
            _ => unreachable!("an event this model doesn't know"),
        }
    }

    /// What the agent said is told in the order it said it; what found no room is counted.
    fn next_is(&mut self, is: impl Fn(&Due) -> bool) {
        while let Some(due) = self.due.pop_front() {
            if is(&due) {
                return;
            }
            self.skipped += 1;
        }
        unreachable!("something that the agent didn't say, or out of order");
    }

    fn ends(&mut self, now: u64, how: Ended) {
        let may = match how {
            Ended::Expired => self.expires.is_some_and(|at| at <= now),
            Ended::Unanswered | Ended::Tampered => true,
            Ended::Closed(_)
            | Ended::Refused(_)
            | Ended::Barred
            | Ended::Busy
            | Ended::OtherProtocol => self.may_end.contains(&how),
            _ => unreachable!("an end this model doesn't know"),
        };
        assert!(may, "nobody said that it ends so: {how:?}");
        self.ended = Some(how);
        (self.picture, self.frozen) = (None, None);
        self.hang_up();
    }

    // What is sent.

    /// The viewer asks for control. Returns the number of its wish.
    pub(super) fn asked(&mut self, attempt: u64) -> u64 {
        // One that was never drained gave way to the next.
        assert!(attempt >= self.attempts, "attempts are counted");
        self.attempts = attempt + 1;
        self.wishes += 1;
        self.awaited = Some(self.wishes);
        self.wishes
    }

    pub(super) fn pinged(&mut self, n: u32, now: u64) {
        self.pings.push((n, now));
    }

    /// New keys: what was asked before doesn't count.
    fn renew_pings(&mut self) {
        self.echoed_in_time = false;
    }

    pub(super) fn requested(&mut self, event: InputEvent) {
        self.requested.push_back(event);
    }

    pub(super) fn drew(&mut self, id: FrameId) {
        self.drawn.insert((id.epoch, id.counter));
    }

    /// Tells whether this picture came.
    pub(super) fn came(&self, id: FrameId) -> bool {
        self.pictures.contains(&(id.epoch, id.counter))
    }

    /// An input event arrived at the agent, in this epoch.
    pub(super) fn arrived(&mut self, now: Timestamp, epoch: u32, json: &[u8]) {
        let Stamped { event, seen, at } = Stamped::parse(json).expect("its own viewer's");
        if let Some(seen) = seen {
            assert!(
                self.drawn.contains(&(epoch, seen)),
                "it was never on screen"
            );
        }
        assert!(
            at.is_none_or(|at| u64::from(at) <= now.as_millis()),
            "ahead of the agent's clock"
        );
        if matches!(event, InputEvent::Resolved | InputEvent::Cancelled) {
            assert!(
                self.finishing.as_ref() == Some(&event),
                "not what was said first"
            );
            assert!(self.finished_in.insert(epoch), "said twice");
            return;
        }
        while let Some(requested) = self.requested.pop_front() {
            if requested == event {
                return;
            }
        }
        unreachable!("input twice, out of order, or that nobody asked for");
    }

    pub(super) fn answered_takeover(&mut self, id: u16) {
        let open = self.questions.get_mut(&id).filter(|open| **open > 0);
        *open.expect("a question is answered once") -= 1;
    }

    pub(super) fn acknowledged(&self, epoch: u32, frame: u64, waiting: u16) {
        assert!(self.pictures.contains(&(epoch, frame)), "it never came");
        assert!(waiting <= 64, "more than it holds");
    }

    // What holds in the end of each step.

    /// Everything is told that could be.
    pub(super) fn is_told(&self, now: u64, counters: &Counters, hidden: bool) {
        let lost = self.skipped + u64::try_from(self.due.len()).expect("few");
        let most = counters.lost_events + self.unsure;
        assert!(lost <= most, "something wasn't told");
        let waits = self.picture.is_some() && self.unsure == 0;
        assert!(
            !waits || self.frozen == Some(Frozen::Asleep),
            "a picture waits"
        );
        let is_over = self.expires.is_some_and(|at| at <= now);
        assert!(
            !is_over || self.ended.is_some() || self.unsure > 0,
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
