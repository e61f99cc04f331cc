//! The relay machine: one [`Room`] per session, where agent and viewer meet.
//!
//! A room decides who is admitted, who is told what, what is forwarded and when the session is
//! over. It never looks into what the two sides say beyond a message's `type`, never keeps a token
//! (only hashes), and never holds more than two small queues and one frame.
//!
//! ```text
//! PENDING ──first viewer──▶ ACTIVE ──resolve──▶ RESOLVED ┐
//!    │                        │ ─────cancel───▶ CANCELLED├─5 s─▶ sockets closed ─1 h─▶ forgotten
//!    └──────── the same ──────┴ ─ttl / absence─▶ TIMEOUT │
//!                                                ERROR   ┘
//! ```

mod admission;
mod forward;
mod io;
mod life;
mod outbox;
#[cfg(test)]
mod tests;

use alloc::{
    collections::VecDeque,
    string::{String, ToString as _},
};
use core::time::Duration;

pub use self::{
    admission::TokenHash,
    io::{AlreadyEnded, Close, ConnectionId, Counts, Ending, Frame, Input, Item, Output, Role},
    life::{AGENT_ABSENCE, LINGER, RECORD_KEPT, RESOLVED_NOTICE},
    outbox::{MAX_CONTROL_BYTES, MAX_CONTROL_ENTRIES},
};
use self::{life::Timer, outbox::Outbox};
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
    /// Admits the agent, and viewers.
    pub stream_token: TokenHash,
    /// Admits viewers only: a holder of the link must not pose as the agent.
    pub viewer_token: TokenHash,
}

/// One session's room.
///
/// - Feed it: [`handle`](Self::handle), and the two requests that may be refused,
///   [`admit`](Self::admit) and [`end`](Self::end).
/// - Drain it: [`poll`](Self::poll) until [`Output::Idle`]. Draining late is harmless.
/// - Ask it: [`wants`](Self::wants), [`record`](Self::record), [`admits`](Self::admits),
///   [`counts`](Self::counts).
///
/// INVARIANT: at most one agent and one viewer have a seat; whoever lost a seat gets exactly one
/// [`Output::Close`], unless it left by itself.
pub struct Room {
    config: RoomConfig,
    created_at: WallTime,
    expires_at: WallTime,
    status: SessionStatus,
    now: Timestamp,
    agent: Option<Seat>,
    viewer: Option<Seat>,
    /// The agent's newest public key message, as it came.
    public_key: Option<String>,
    /// A frame's first half, waiting for its picture.
    frame_meta: Option<String>,
    closes: VecDeque<(ConnectionId, Close)>,
    timers: Timers<Timer, { Timer::COUNT }>,
    forget: bool,
    counts: Counts,
}

/// A socket that was admitted.
struct Seat {
    id: ConnectionId,
    outbox: Outbox,
}

impl Room {
    /// Opens a room. `wall` is the time of day at `now`.
    pub fn new(config: RoomConfig, now: Timestamp, wall: WallTime) -> Self {
        let mut timers = Timers::new();
        timers.set(Timer::Expiry, now + config.ttl);
        Self {
            created_at: wall,
            expires_at: wall + config.ttl,
            config,
            status: SessionStatus::Pending,
            now,
            agent: None,
            viewer: None,
            public_key: None,
            frame_meta: None,
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
            Input::Text(from, text) => match self.role_of(from) {
                Some(Role::Agent) => self.text_from_agent(text),
                Some(Role::Viewer) => self.forward_to_agent(Item::Text(text.to_string())),
                None => {}
            },
            Input::Binary(from, bytes) => match self.role_of(from) {
                Some(Role::Agent) => self.picture_from_agent(bytes),
                Some(Role::Viewer) => self.forward_to_agent(Item::Binary(bytes)),
                None => {}
            },
            Input::Written(by) => {
                if let Some(seat) = self.seats_mut().find(|seat| seat.id == by) {
                    seat.outbox.written();
                }
            }
            Input::Left(id) => match self.role_of(id) {
                Some(Role::Agent) => self.agent_left(),
                Some(Role::Viewer) => self.viewer_left(),
                None => {}
            },
            Input::Drain => self.close_everybody(Close::Restarting),
            Input::Tick => {}
        }
    }

    /// Gives a socket its seat, or says by which close code it is refused.
    ///
    /// The newest socket of a role wins; the one before is closed with [`Close::Replaced`].
    pub fn admit(
        &mut self,
        now: Timestamp,
        id: ConnectionId,
        role: Role,
        token: &str,
    ) -> Result<(), Close> {
        self.advance(now);
        if !self.admits(role, token) {
            return Err(Close::NotAdmitted);
        }
        if self.status.is_terminal() {
            return Err(self.farewell());
        }
        if self.closes.len() >= MAX_CLOSES {
            return Err(Close::Overflow);
        }
        match role {
            Role::Agent => self.agent_joined(id),
            Role::Viewer => self.viewer_joined(id),
        }
        Ok(())
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
        for seat in self.seats_mut() {
            if let Some(item) = seat.outbox.next() {
                return Output::Send(seat.id, item);
            }
        }
        if core::mem::take(&mut self.forget) {
            return Output::Forget;
        }
        Output::Idle(self.timers.next())
    }

    /// Tells whether to go on reading this socket: a viewer waits while the agent can't keep up.
    pub fn wants(&self, id: ConnectionId) -> bool {
        let is_viewer = self.viewer.as_ref().is_some_and(|seat| seat.id == id);
        !(is_viewer
            && self
                .agent
                .as_ref()
                .is_some_and(|seat| seat.outbox.is_congested()))
    }

    /// Tells whether a token would admit somebody to this role, in constant time. Changes nothing.
    pub fn admits(&self, role: Role, token: &str) -> bool {
        let presented = TokenHash::of(token);
        let is_stream_token = self.config.stream_token == presented;
        match role {
            Role::Agent => is_stream_token,
            Role::Viewer => is_stream_token | (self.config.viewer_token == presented),
        }
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
        let sits = |seat: &Option<Seat>| seat.as_ref().is_some_and(|seat| seat.id == id);
        if sits(&self.agent) {
            Some(Role::Agent)
        } else if sits(&self.viewer) {
            Some(Role::Viewer)
        } else {
            None
        }
    }

    fn seats_mut(&mut self) -> impl Iterator<Item = &mut Seat> {
        [&mut self.agent, &mut self.viewer].into_iter().flatten()
    }

    /// Tells one side something of the relay's own. Whoever can't even take that is closed.
    fn notify(&mut self, role: Role, notice: &Outgoing<'_>) {
        self.send_own(role, notice.to_text());
    }

    fn send_own(&mut self, role: Role, text: String) {
        let seat = match role {
            Role::Agent => &mut self.agent,
            Role::Viewer => &mut self.viewer,
        };
        let Some(seat) = seat else { return };
        if seat.outbox.push_own(text).is_err() {
            match role {
                Role::Agent => {
                    self.close(Role::Agent, Close::Overflow);
                    self.agent_left();
                }
                Role::Viewer => {
                    self.close(Role::Viewer, Close::Overflow);
                    self.viewer_left();
                }
            }
        }
    }

    /// Takes a seat away and closes its socket. Tells nobody.
    fn close(&mut self, role: Role, close: Close) {
        let seat = match role {
            Role::Agent => self.agent.take(),
            Role::Viewer => self.viewer.take(),
        };
        if let Some(seat) = seat {
            self.closes.push_back((seat.id, close));
        }
    }

    fn close_everybody(&mut self, close: Close) {
        self.close(Role::Agent, close);
        self.close(Role::Viewer, close);
    }
}
