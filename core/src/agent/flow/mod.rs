//! Alive, late, credit: how one epoch's pictures, heartbeats and input keep up with each other (§6).
//!
//! Decides when a frame may be sealed and how good the cast's pictures should be, when the agent is
//! heard, and whether an event is still meant for the page that is there. Knows no socket, no key
//! and no page; only what it is told at which time.
//!
//! ```text
//! Chromium ─on_frame─▶ (frame waits) ─turn: Send─▶ sealed ─on_sealed─▶ viewer ─on_ack─▶ credit
//!                            ▲ turn: Wait, Refresh                       │
//!                            └──── poll: Show, Cast ◀── lost, back ──────┘
//! ```

mod clock;
mod credit;
mod document;
mod freshness;
mod gesture;
mod heart;
mod quality;
mod refresh;
mod rtt;
#[cfg(test)]
mod tests;
mod window;

use alloc::{collections::VecDeque, vec::Vec};

use serde::Serialize;

use self::{
    credit::Credit,
    document::Documents,
    freshness::{Judge, Kind},
    heart::Heart,
    quality::Ladder,
    refresh::Refresh,
    rtt::Rtt,
};
pub(in crate::agent) use self::{
    freshness::{Verdict, Why},
    refresh::Turn,
};
use crate::{
    cdp::frame::Quality,
    input::Stamped,
    time::Timestamp,
    wire::v2::{Ack, Control, Malformed},
};

/// How many control messages may wait to be sealed. More are counted, not told.
const MAX_WAITING: usize = 64;

/// What the agent takes beside version 1's events, as it tells each epoch's viewer: first of all, so that
/// nothing is done in an old way that could be done in a new one.
const TAKES: &[u8] = br#"{"type":"agent","takes":["pointer","compose","fields","files"]}"#;

/// The flow between the agent and the viewer that has control.
///
/// Fed by the `on_…` methods and [`judge`](Self::judge), drained by [`poll`](Self::poll) after each
/// of them and no later than [`deadline`](Self::deadline); then, if a frame waits,
/// [`turn`](Self::turn) says what becomes of it.
pub(super) struct Flow {
    now: Timestamp,
    /// An epoch's READY has verified, and it is not over.
    live: bool,
    heart: Heart,
    rtt: Rtt,
    credit: Credit,
    ladder: Ladder,
    documents: Documents,
    judge: Judge,
    refresh: Refresh,
    waiting: VecDeque<Vec<u8>>,
    /// The newest frame has to be sent now, whatever the credit.
    show: bool,
    /// A frame waits, which [`Self::turn`] turned away.
    held: bool,
    counters: FlowCounters,
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum FlowOrder {
    /// Seal this as CTRL and send it.
    Control(Vec<u8>),
    /// Seal the newest frame and send it, without asking [`Flow::turn`]: the one that waits, or else
    /// the last one sealed, marked as a repeat.
    Show,
    /// Start the cast anew, at this quality. The frame that waits may be forgotten.
    Cast(Quality),
}

/// What was dropped and lost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct FlowCounters {
    /// Events dropped as too old.
    pub(super) stale: u64,
    /// Events dropped as meant for another document.
    pub(super) navigated: u64,
    /// Times that the frames under way counted as lost.
    pub(super) lost: u64,
    /// Messages that found no room.
    pub(super) untold: u64,
}

impl Flow {
    pub(super) fn new() -> Self {
        Self {
            now: Timestamp::default(),
            live: false,
            heart: Heart::new(),
            rtt: Rtt::new(),
            credit: Credit::new(),
            ladder: Ladder::new(),
            documents: Documents::new(),
            judge: Judge::new(),
            refresh: Refresh::default(),
            waiting: VecDeque::new(),
            show: false,
            held: false,
            counters: FlowCounters::default(),
        }
    }

    /// Returns what a frame's `capture_ms` and a heartbeat's `clock` say at this time.
    pub(super) fn clock(now: Timestamp) -> u32 {
        clock::clock(now)
    }

    // From the viewer.

    /// READY of a new epoch verified: counters, credit and measurements start anew.
    pub(super) fn on_ready(&mut self, now: Timestamp) {
        self.pass(now);
        self.heart = Heart::new();
        self.rtt = Rtt::new();
        self.credit = Credit::new();
        self.ladder.on_epoch();
        self.judge.on_epoch();
        self.waiting.clear();
        self.tell(TAKES.to_vec());
        (self.live, self.show) = (true, true);
    }

    /// The epoch is over.
    pub(super) fn on_gone(&mut self) {
        self.waiting.clear();
        (self.live, self.show) = (false, false);
    }

    /// A verified acknowledgement.
    pub(super) fn on_ack(&mut self, now: Timestamp, ack: Ack) {
        self.pass(now);
        let rtt = self.rtt.for_credit(now).unwrap_or_default();
        if let Some(transfer) = self.credit.acknowledged(now, ack, rtt) {
            self.ladder
                .on_transfer(now, transfer.counter, transfer.took);
        }
    }

    /// A verified control message. Returns whether it was a heartbeat or a ping.
    ///
    /// # Errors
    /// One of those that isn't well formed: fatal.
    pub(super) fn on_control(
        &mut self,
        now: Timestamp,
        control: &Control<'_>,
    ) -> Result<bool, Malformed> {
        self.pass(now);
        match control.kind.as_ref() {
            "heartbeat" => {
                let heard = self.heart.read(now, control)?;
                if let Some((rtt, quiet)) = heard.rtt {
                    self.rtt.measured(now, rtt, quiet);
                }
                if heard.is_back {
                    // What was under way was hidden, whether it came or not.
                    self.credit.lose();
                    self.show = true;
                }
                Ok(true)
            }
            "ping" => {
                let echo = heart::echo(control)?;
                self.tell(echo);
                Ok(true)
            }
            _ => Ok(false),
        }
    }

    /// Judges a verified input event. What is dropped is counted, and told unless it is one of the many
    /// steps of a gesture.
    pub(super) fn judge(&mut self, now: Timestamp, stamped: &Stamped) -> Verdict {
        self.pass(now);
        let rtt = self.rtt.for_ages(now);
        let shown = self.documents.shown();
        let is_step = self.judge.is_step(&stamped.event);
        let verdict = self.judge.judge(now, rtt, shown, stamped);
        match verdict {
            // A pointer passes over much that doesn't move.
            Verdict::Take if is_step => {}
            Verdict::Take => self.ladder.on_motion(now),
            Verdict::Drop(why) => {
                self.count(why);
                if !is_step {
                    self.tell_dropped(stamped, why);
                }
            }
        }
        verdict
    }

    /// Tells whether the viewer's page is hidden: it gets no frames.
    pub(super) const fn is_hidden(&self) -> bool {
        self.heart.is_hidden()
    }

    // From the browser.

    /// Another page is shown, or the first one; `page` is its number in the frames' metadata.
    pub(super) fn on_page_shown(&mut self, now: Timestamp, page: u16) {
        self.pass(now);
        self.documents.on_shown(page);
        self.ladder.on_motion(now);
    }

    /// The browser told which document a page shows: its main frame's `loaderId`, from
    /// `Page.frameNavigated` or `Page.getFrameTree`.
    pub(super) fn on_document(&mut self, now: Timestamp, page: u16, loader: &str) {
        self.pass(now);
        if self.documents.on_document(now, page, loader) {
            self.ladder.on_motion(now);
        }
    }

    /// Chromium sent a picture of the shown page, which now waits to be sealed.
    pub(super) fn on_frame(&mut self, now: Timestamp) {
        self.pass(now);
        let document = self.documents.on_frame(now);
        self.judge.on_frame(now, document);
        self.ladder.on_frame(now);
        self.refresh.on_frame(now);
    }

    // The frame that waits.

    /// Says what becomes of the newest frame, which waits and would be a record of this many bytes.
    /// `stalled` if Chromium waits for an acknowledgement. To be asked again after each
    /// [`Self::poll`] that has nothing more.
    pub(super) fn turn(&mut self, now: Timestamp, bytes: usize, stalled: bool) -> Turn {
        self.pass(now);
        let turn = if self.may_send(bytes) {
            self.refresh.turn(self.now, stalled)
        } else {
            Turn::Wait
        };
        self.held = turn != Turn::Send;
        turn
    }

    /// The newest frame was sealed, as a record of this many bytes.
    pub(super) fn on_sealed(&mut self, now: Timestamp, counter: u64, bytes: usize) {
        self.pass(now);
        self.credit.sent(now, counter, bytes);
        self.ladder.on_sealed(counter);
        self.judge.on_sealed(counter);
        self.refresh.on_sealed();
        self.held = false;
    }

    /// Returns the quality for a cast that starts now.
    pub(super) fn quality(&self) -> Quality {
        self.ladder.quality()
    }

    // What is to be done.

    /// Returns the next thing to do; `got` is how many of the epoch's records were accepted.
    pub(super) fn poll(&mut self, now: Timestamp, got: u64) -> Option<FlowOrder> {
        self.pass(now);
        if !self.live {
            return None;
        }
        if self.beats() {
            let quiet = self.credit.is_quiet();
            if quiet {
                self.rtt.set_out(self.now);
            }
            let newest = self.credit.newest();
            let beat = self.heart.beat(self.now, newest, got, quiet);
            return Some(FlowOrder::Control(beat));
        }
        if let Some(told) = self.waiting.pop_front() {
            return Some(FlowOrder::Control(told));
        }
        if self.lost().is_some_and(|at| at <= self.now) {
            self.counters.lost += 1;
            self.credit.lose();
            self.ladder.on_lost(self.now);
            self.show = true;
        }
        if core::mem::take(&mut self.show) && !self.is_hidden() {
            return Some(FlowOrder::Show);
        }
        let doubtful = self.documents.needs_cast(self.now);
        let idle = self.is_idle();
        let cast = self.ladder.poll(self.now, idle);
        let cast = cast.or_else(|| doubtful.then(|| self.ladder.quality()))?;
        self.held = false;
        Some(FlowOrder::Cast(cast))
    }

    /// Returns when [`Self::poll`] or [`Self::turn`] has to be asked again at the latest.
    pub(super) fn deadline(&self) -> Option<Timestamp> {
        if !self.live {
            return None;
        }
        let beat = self.heart.deadline().unwrap_or(self.now);
        [
            Some(beat),
            self.lost(),
            self.documents.deadline(),
            self.refresh.deadline(self.now).filter(|_| self.held),
            self.ladder.deadline(self.now, self.is_idle()),
        ]
        .into_iter()
        .flatten()
        .min()
    }

    /// Returns what was dropped so far.
    pub(super) const fn counters(&self) -> FlowCounters {
        self.counters
    }

    fn may_send(&self, bytes: usize) -> bool {
        // A round trip is measured only when no frame is under way: now and then they pause.
        let pauses = !self.credit.is_idle() && self.rtt.needs_quiet(self.now);
        self.live
            && !self.is_hidden()
            && !self.beats()
            && !pauses
            && self.ladder.allows(self.now)
            && (self.credit).allows(self.now, bytes, self.rtt.for_credit(self.now))
    }

    /// Whether a heartbeat is due. INVARIANT: it goes before the next frame, not behind it.
    fn beats(&self) -> bool {
        let early = self.credit.is_quiet() && self.rtt.welcomes_quiet(self.now);
        self.heart.is_due(self.now, early && !self.is_hidden())
    }

    /// Returns when the frames under way count as lost.
    fn lost(&self) -> Option<Timestamp> {
        let deadline = self.credit.deadline(self.rtt.for_ages(self.now));
        deadline.filter(|_| !self.is_hidden())
    }

    /// Whether the link carries no picture and none waits.
    fn is_idle(&self) -> bool {
        self.credit.is_idle() && !self.held && !self.is_hidden()
    }

    fn count(&mut self, why: Why) {
        match why {
            Why::Stale => self.counters.stale += 1,
            Why::Navigated => self.counters.navigated += 1,
        }
    }

    fn tell_dropped(&mut self, stamped: &Stamped, why: Why) {
        #[derive(Serialize)]
        struct Dropped {
            r#type: &'static str,
            kind: &'static str,
            why: &'static str,
        }
        if why == Why::Stale && Kind::of(&stamped.event) == Kind::Pointer && stamped.seen.is_some()
        {
            self.ladder.on_stale(self.now);
        }
        // Serialising plain members to a vector can't fail.
        let told = serde_json::to_vec(&Dropped {
            r#type: "dropped",
            kind: stamped.event.kind(),
            why: why.as_str(),
        });
        self.tell(told.unwrap_or_default());
    }

    fn tell(&mut self, json: Vec<u8>) {
        if self.waiting.len() < MAX_WAITING {
            self.waiting.push_back(json);
        } else {
            self.counters.untold += 1;
        }
    }

    fn pass(&mut self, now: Timestamp) {
        self.now = self.now.max(now);
    }
}
