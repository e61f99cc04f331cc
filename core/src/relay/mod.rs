//! The relay machine: one [`Room`] per session, where agent and viewer meet.
//!
//! A room decides who is admitted, who is told what, what is forwarded and when the session is
//! over. It never looks into what the two sides say beyond a message's `type` or a record's header,
//! never keeps a token (only hashes), and never holds more than a small queue for each socket and a
//! frame for each viewer.
//!
//! ```text
//! PENDING ──first viewer──▶ ACTIVE ──resolve──▶ RESOLVED ┐
//!    │                        │ ─────cancel───▶ CANCELLED├─5 s─▶ sockets closed ─1 h─▶ forgotten
//!    └──────── the same ──────┴ ─ttl / absence─▶ TIMEOUT │
//!                                                ERROR   ┘
//! ```

mod admission;
mod io;
mod life;
mod outbox;
#[cfg(test)]
mod tests;
mod v1;
mod v2;

use alloc::{
    collections::VecDeque,
    string::{String, ToString as _},
    vec::Vec,
};
use core::time::Duration;

pub use self::{
    admission::{Admission, Applicant, TokenHash, Version},
    io::{AlreadyEnded, Close, ConnectionId, Counts, Ending, Frame, Input, Item, Output, Role},
    life::{AGENT_ABSENCE, LINGER, RECORD_KEPT, RESOLVED_NOTICE},
    outbox::{MAX_CONTROL_BYTES, MAX_CONTROL_ENTRIES},
    v2::{LAST_WORDS, MAX_FROM_AGENT, MAX_FROM_VIEWER, MAX_VIEWERS, NUMBER_RESTS},
};
use self::{
    life::Timer,
    outbox::Outbox,
    v1::Kept,
    v2::{Channel, Switchboard},
};
use crate::{
    api::{Context, SessionRecord, SessionStatus},
    time::{Timestamp, WallTime},
    timer::Timers,
    wire::v1::Outgoing,
};

/// How many sockets may wait to be told that they are closed. Reached only by a caller that doesn't
/// drain; joining is refused then.
const MAX_CLOSES: usize = 32;

/// What a room is opened with.
///
/// The caller has checked the limits of the API ([`crate::api::CreateSession::validate`]).
#[derive(Clone, Debug)]
pub struct RoomConfig {
    /// The session's id, for its record.
    pub session_id: String,
    /// One line for humans.
    pub service: String,
    /// Where the agent stands, echoed as it was given.
    pub context: Option<Context>,
    /// How long the session may last.
    pub ttl: Duration,
    /// Admits the agent.
    pub stream_token: TokenHash,
    /// Admits viewers, and makes this a session of version 1 or 2.
    pub admission: Admission,
}

/// One session's room.
///
/// - Feed it: [`handle`](Self::handle), and the two requests that may be refused,
///   [`admit`](Self::admit) and [`end`](Self::end).
/// - Drain it: [`poll`](Self::poll) until [`Output::Idle`]. Draining late is harmless.
/// - Ask it: [`wants`](Self::wants), [`record`](Self::record),
///   [`admits_viewer`](Self::admits_viewer), [`counts`](Self::counts).
///
/// INVARIANT: at most one agent and one viewer have a seat, in version 2 [`MAX_VIEWERS`]; whoever lost
/// a seat gets exactly one [`Output::Close`], unless it left by itself.
pub struct Room {
    config: RoomConfig,
    created_at: WallTime,
    expires_at: WallTime,
    status: SessionStatus,
    now: Timestamp,
    agent: Option<Seat>,
    viewers: Vec<Viewer>,
    protocol: Protocol,
    closes: VecDeque<(ConnectionId, Close)>,
    timers: Timers<Timer, { Timer::COUNT }>,
    forget: bool,
    counts: Counts,
}

/// The agent's socket.
struct Seat {
    id: ConnectionId,
    outbox: Outbox,
}

/// A viewer's socket.
struct Viewer {
    id: ConnectionId,
    outbox: Outbox,
    /// Only version 2 tells one viewer from another.
    channel: Option<Channel>,
}

/// What a room remembers besides its sockets.
enum Protocol {
    V1(Kept),
    V2(Switchboard),
}

impl Room {
    /// Opens a room. `wall` is the time of day at `now`.
    pub fn new(config: RoomConfig, now: Timestamp, wall: WallTime) -> Self {
        let mut timers = Timers::new();
        timers.set(Timer::Expiry, now + config.ttl);
        let protocol = match config.admission.version() {
            Version::V1 => Protocol::V1(Kept::default()),
            Version::V2 => Protocol::V2(Switchboard::default()),
        };
        Self {
            created_at: wall,
            expires_at: wall + config.ttl,
            config,
            status: SessionStatus::Pending,
            now,
            agent: None,
            viewers: Vec::new(),
            protocol,
            closes: VecDeque::new(),
            timers,
            forget: false,
            counts: Counts::default(),
        }
    }

    /// Takes in what happened. Never fails: messages of sockets without a seat are ignored.
    pub fn handle(&mut self, now: Timestamp, input: Input<'_>) {
        self.advance(now);
        match input {
            Input::Text(from, text) => match (self.role_of(from), &self.protocol) {
                (Some(Role::Agent), Protocol::V1(_)) => self.plain_text_from_agent(text),
                (Some(Role::Agent), Protocol::V2(_)) => self.word_from_agent(text),
                (Some(Role::Viewer), Protocol::V1(_)) => {
                    self.plain_from_viewer(from, Item::Text(text.to_string()));
                }
                (Some(Role::Viewer), Protocol::V2(_)) => self.text_from_sealed_viewer(from),
                (None, _) => {}
            },
            Input::Binary(from, bytes) => match (self.role_of(from), &self.protocol) {
                (Some(Role::Agent), Protocol::V1(_)) => self.picture_from_agent(bytes),
                (Some(Role::Agent), Protocol::V2(_)) => self.record_from_agent(bytes),
                (Some(Role::Viewer), Protocol::V1(_)) => {
                    self.plain_from_viewer(from, Item::Binary(bytes));
                }
                (Some(Role::Viewer), Protocol::V2(_)) => self.record_from_viewer(from, bytes),
                (None, _) => {}
            },
            Input::Written(by) => {
                if let Some((_, outbox)) = self.outboxes().find(|(id, _)| *id == by) {
                    outbox.written();
                }
            }
            Input::Left(id) => match self.role_of(id) {
                Some(Role::Agent) => self.agent_left(),
                Some(Role::Viewer) => self.viewer_left(id),
                None => {}
            },
            Input::Drain => self.close_everybody(Close::Restarting),
            Input::Tick => {}
        }
    }

    /// Gives a socket its seat, or says by which close code it is refused.
    ///
    /// The newest agent wins, and in version 1 the newest viewer; the one before is closed with
    /// [`Close::Replaced`]. In version 2 viewers sit beside each other, up to [`MAX_VIEWERS`]: the
    /// agent arbitrates.
    pub fn admit(
        &mut self,
        now: Timestamp,
        id: ConnectionId,
        applicant: Applicant<'_>,
    ) -> Result<(), Close> {
        self.advance(now);
        applicant.check(&self.config.stream_token, &self.config.admission)?;
        if self.status.is_terminal() {
            return Err(self.farewell());
        }
        if self.closes.len() >= MAX_CLOSES {
            return Err(Close::Overflow);
        }
        match applicant.role() {
            Role::Agent => {
                self.agent_joined(id);
                Ok(())
            }
            Role::Viewer => self.viewer_joined(id, applicant),
        }
    }

    /// Ends the session by REST, or says that it has ended before.
    pub fn end(&mut self, now: Timestamp, ending: Ending) -> Result<(), AlreadyEnded> {
        self.advance(now);
        match self.status {
            SessionStatus::Pending | SessionStatus::Active => {}
            SessionStatus::Timeout => return Err(AlreadyEnded::Expired),
            SessionStatus::Resolved | SessionStatus::Cancelled | SessionStatus::Error => {
                return Err(AlreadyEnded::Terminal);
            }
        }
        self.finish(match ending {
            Ending::Resolve => SessionStatus::Resolved,
            Ending::Cancel => SessionStatus::Cancelled,
        });
        Ok(())
    }

    /// Returns the next thing to do.
    pub fn poll(&mut self) -> Output {
        if let Some((id, close)) = self.closes.pop_front() {
            return Output::Close(id, close);
        }
        for (id, outbox) in self.outboxes() {
            if let Some(item) = outbox.next() {
                return Output::Send(id, item);
            }
        }
        if let Some((id, close)) = self.next_departure() {
            return Output::Close(id, close);
        }
        if core::mem::take(&mut self.forget) {
            return Output::Forget;
        }
        Output::Idle(self.deadline())
    }

    /// Tells whether to go on reading this socket: a viewer waits while the agent can't keep up.
    pub fn wants(&self, id: ConnectionId) -> bool {
        let viewer = self.viewers.iter().find(|viewer| viewer.id == id);
        let (Some(viewer), Some(agent)) = (viewer, &self.agent) else {
            return true;
        };
        match &viewer.channel {
            Some(channel) => !agent.outbox.is_full_of(channel.number),
            None => !agent.outbox.is_congested(),
        }
    }

    /// Tells whether a token is the one of the session's link, whichever version it has, or in
    /// version 1 the stream token. Changes nothing.
    pub fn admits_viewer(&self, token: &str) -> bool {
        let RoomConfig {
            admission,
            stream_token,
            ..
        } = &self.config;
        admission.admits_viewer(token, stream_token)
    }

    /// Returns what `GET /session/{id}` answers. Feed [`Input::Tick`] first, so that it's of now.
    pub fn record(&self) -> SessionRecord {
        SessionRecord {
            session_id: self.config.session_id.clone(),
            status: self.status,
            service: self.config.service.clone(),
            context: self.config.context.clone(),
            created_at: self.created_at.to_rfc3339(),
            expires_at: self.expires_at.to_rfc3339(),
        }
    }

    /// Returns where the session stands.
    pub fn status(&self) -> SessionStatus {
        self.status
    }

    /// Returns what the room has forwarded and dropped so far.
    pub fn counts(&self) -> Counts {
        self.counts
    }

    fn role_of(&self, id: ConnectionId) -> Option<Role> {
        if self.agent.as_ref().is_some_and(|agent| agent.id == id) {
            Some(Role::Agent)
        } else if self.viewers.iter().any(|viewer| viewer.id == id) {
            Some(Role::Viewer)
        } else {
            None
        }
    }

    fn outboxes(&mut self) -> impl Iterator<Item = (ConnectionId, &mut Outbox)> {
        let agent = self.agent.iter_mut();
        let viewers = self.viewers.iter_mut();
        agent
            .map(|agent| (agent.id, &mut agent.outbox))
            .chain(viewers.map(|viewer| (viewer.id, &mut viewer.outbox)))
    }

    /// Tells the agent something of the relay's own. If it can't even take that, it is closed.
    fn tell_agent(&mut self, text: String) {
        if let Some(agent) = &mut self.agent
            && agent.outbox.push_own(text).is_err()
        {
            self.closes.push_back((agent.id, Close::Overflow));
            self.agent_left();
        }
    }

    fn tell_viewer(&mut self, id: ConnectionId, notice: &Outgoing<'_>) {
        self.send_own(id, notice.to_text());
    }

    fn tell_viewers(&mut self, notice: &Outgoing<'_>) {
        let ids: Vec<_> = self.viewers.iter().map(|viewer| viewer.id).collect();
        for id in ids {
            self.tell_viewer(id, notice);
        }
    }

    fn tell_everybody(&mut self, notice: &Outgoing<'_>) {
        self.tell_agent(notice.to_text());
        self.tell_viewers(notice);
    }

    /// Tells a viewer something of the relay's own, unless it is on its way out. Whoever can't even
    /// take that is closed.
    fn send_own(&mut self, id: ConnectionId, text: String) {
        let viewer = self.viewers.iter_mut().find(|viewer| viewer.id == id);
        if let Some(viewer) = viewer.filter(|viewer| viewer.leaving().is_none())
            && viewer.outbox.push_own(text).is_err()
        {
            self.dismiss(id, Close::Overflow);
        }
    }
}
