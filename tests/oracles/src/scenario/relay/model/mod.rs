//! What a room has to do: who sits where, what each of them has yet to be sent in which order, which
//! frame waits, who is to be closed and how, and what comes due when.
//!
//! The rules are the protocols' (version 1, §3; version 2, §2 and §10). There is one answer to everything.

mod door;
mod ending;
mod outcome;
mod plain;
mod sealed;
mod seat;
mod seating;
mod words;

use std::{
    collections::{BTreeMap, VecDeque},
    time::Duration,
};

use authloop_core::{
    api::SessionStatus,
    relay::{Close, ConnectionId, Counts, Role},
    time::Timestamp,
};

pub(super) use self::seat::Seat;
use self::{
    door::Budget,
    seat::{Channel, Viewer},
    words::RESOLVED,
};

/// How many of the relay's own words fit behind a full queue.
pub(super) const OWN_WORDS: usize = 64;

/// How many closes may wait for a driver that asks for nothing.
pub(super) const MOST_CLOSES: usize = 32;

/// What comes due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Timer {
    Expiry,
    AgentAbsent,
    ResolvedNotice,
    Linger,
    Forget,
}

/// The reference.
pub(super) struct Model {
    sealed: bool,
    pub(super) now: Timestamp,
    pub(super) status: SessionStatus,
    pub(super) agent: Option<Seat>,
    pub(super) viewers: Vec<Viewer>,
    closes: VecDeque<(ConnectionId, Close)>,
    timers: BTreeMap<Timer, Timestamp>,
    pub(super) forgotten: bool,
    forget: bool,
    pub(super) counts: Counts,
    // Version 1.
    key: Option<String>,
    meta: Option<String>,
    // Version 2.
    numbers: u16,
    door: BTreeMap<u8, Budget>,
    crowd: Budget,
}

impl Model {
    pub(super) fn new(sealed: bool, now: Timestamp, ttl: Duration) -> Self {
        Self {
            sealed,
            now,
            status: SessionStatus::Pending,
            agent: None,
            viewers: Vec::new(),
            closes: VecDeque::new(),
            timers: BTreeMap::from([(Timer::Expiry, now + ttl)]),
            forgotten: false,
            forget: false,
            counts: Counts::default(),
            key: None,
            meta: None,
            numbers: 0,
            door: BTreeMap::new(),
            crowd: Budget::default(),
        }
    }

    // Who sits where.

    pub(super) fn seats(&self) -> impl Iterator<Item = &Seat> {
        let viewers = self.viewers.iter().map(|viewer| &viewer.seat);
        self.agent.iter().chain(viewers)
    }

    fn seat(&mut self, id: ConnectionId) -> Option<&mut Seat> {
        let viewers = self.viewers.iter_mut().map(|viewer| &mut viewer.seat);
        self.agent
            .iter_mut()
            .chain(viewers)
            .find(|seat| seat.id == id)
    }

    pub(super) fn role_of(&self, id: ConnectionId) -> Option<Role> {
        if self.agent.as_ref().is_some_and(|agent| agent.id == id) {
            Some(Role::Agent)
        } else {
            let mut viewers = self.viewers.iter();
            viewers
                .any(|viewer| viewer.seat.id == id)
                .then_some(Role::Viewer)
        }
    }

    fn viewer(&mut self, id: ConnectionId) -> Option<&mut Viewer> {
        self.viewers.iter_mut().find(|viewer| viewer.seat.id == id)
    }

    fn channel(&mut self, id: ConnectionId) -> Option<&mut Channel> {
        self.viewer(id)?.channel.as_mut()
    }

    // Time.

    /// Lets time pass; it never goes back.
    pub(super) fn advance(&mut self, now: Timestamp) {
        self.now = self.now.max(now);
        self.close_the_late();
        while let Some(timer) = self.next_due() {
            self.timers.remove(&timer);
            match timer {
                Timer::Expiry => self.finish(SessionStatus::Timeout),
                Timer::AgentAbsent => self.finish(SessionStatus::Error),
                Timer::ResolvedNotice => self.tell_everybody(RESOLVED),
                Timer::Linger => self.close_everybody(self.farewell()),
                Timer::Forget => self.forget = true,
            }
        }
    }

    /// Of those that are due by now the first, in their order: when they were doesn't matter.
    fn next_due(&self) -> Option<Timer> {
        let mut timers = self.timers.iter();
        timers
            .find(|(_, at)| **at <= self.now)
            .map(|(timer, _)| *timer)
    }

    /// When there is something to do although nothing happens.
    pub(super) fn deadline(&self) -> Option<Timestamp> {
        let late = self
            .viewers
            .iter()
            .filter_map(|viewer| Some(viewer.leaving()?.1));
        late.chain(self.timers.values().copied()).min()
    }
}
