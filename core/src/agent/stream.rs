//! The agent's WebSocket to the relay: dialled, lost, asked about, dialled again.
//!
//! ```text
//! Dialing ──opened──▶ Up ──lost──▶ Asking ──still alive──▶ Dialing
//!    │                └──lost again at once──┐
//!    └────failed────▶ Pausing ◀──────────────┘
//!                        └──backoff──▶ Asking ──over──▶ (the session ends)
//! ```
//!
//! Never gives a session up for one lost connection, and never goes on for ever: 30 s without a
//! connection that lasts end it.

use core::time::Duration;

use serde::Deserialize;
use url::Url;

use crate::{
    agent::{
        context::{Context, Timer},
        event::{Failure, Outcome},
        io::{Closed, Connect, ConnectFailure, HostHeader, HttpId, HttpResponse, Method, Peer},
    },
    api::SessionStatus,
};

/// How long connecting may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(15);

/// How long a session may be without a connection.
const GIVE_UP: Duration = Duration::from_secs(30);

/// How long a connection must last to count as one.
const STEADY: Duration = Duration::from_secs(5);

/// The first pause between two tries; it doubles.
const FIRST_PAUSE: Duration = Duration::from_millis(250);

/// The longest pause between two tries.
const LONGEST_PAUSE: Duration = Duration::from_secs(4);

/// "Taken over": another agent uses this session's stream.
const CODE_TAKEN_OVER: u16 = 4408;

/// The connection to the relay.
pub(super) struct Stream {
    /// With the token that admits us.
    url: Url,
    /// `GET` tells how the session is.
    record: Url,
    max_message: usize,
    state: State,
    pause: Duration,
    /// Whether a connection was lost since one has lasted.
    shaky: bool,
    /// Whether a connection made at the last moment was given the time to show that it lasts.
    reprieved: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Dialing,
    Up,
    Asking(HttpId),
    Pausing,
}

impl Stream {
    /// Dials. No message of the relay may be longer than this many bytes.
    pub(super) fn dial(cx: &mut Context, url: Url, record: Url, max_message: usize) -> Self {
        let mut stream = Self {
            url,
            record,
            max_message,
            state: State::Dialing,
            pause: FIRST_PAUSE,
            shaky: false,
            reprieved: false,
        };
        cx.start(Timer::GiveUp, GIVE_UP);
        stream.connect(cx);
        stream
    }

    /// Tells whether messages can be sent.
    pub(super) fn is_up(&self) -> bool {
        self.state == State::Up
    }

    /// The connection is open. Of one that isn't being made, nothing is believed.
    pub(super) fn on_opened(&mut self, cx: &mut Context) {
        if self.state == State::Dialing {
            self.state = State::Up;
            cx.start(Timer::Steady, STEADY);
        }
    }

    /// [`Timer::Steady`] fired.
    pub(super) fn on_steady(&mut self, cx: &mut Context) {
        cx.timers.clear(Timer::GiveUp);
        self.pause = FIRST_PAUSE;
        (self.shaky, self.reprieved) = (false, false);
    }

    /// [`Timer::GiveUp`] fired. Returns whether the relay is lost: a connection that was made in time
    /// may still show that it lasts, once.
    pub(super) fn on_give_up(&mut self, cx: &mut Context) -> bool {
        if !self.is_up() || self.reprieved {
            return true;
        }
        self.reprieved = true;
        cx.start(Timer::GiveUp, STEADY + FIRST_PAUSE);
        false
    }

    /// The connection is gone, or couldn't be made. Returns how the session ends if that says so. Where
    /// there is none, none is lost: the relay would be asked once more, beside what it is asked already.
    pub(super) fn on_closed(&mut self, cx: &mut Context, closed: Closed) -> Option<Outcome> {
        if !matches!(self.state, State::Dialing | State::Up) {
            return None;
        }
        cx.timers.clear(Timer::Steady);
        if closed == Closed::Code(CODE_TAKEN_OVER) {
            return Some(Outcome::Failed(Failure::Replaced));
        }
        if !cx.timers.is_set(Timer::GiveUp) {
            cx.start(Timer::GiveUp, GIVE_UP);
        }
        // The first loss is asked about at once; a relay that goes on hanging up isn't hurried.
        if self.state == State::Up && !core::mem::replace(&mut self.shaky, true) {
            self.ask(cx);
        } else {
            self.rest(cx);
        }
        None
    }

    /// [`Timer::Redial`] fired.
    pub(super) fn on_redial(&mut self, cx: &mut Context) {
        if self.state == State::Pausing {
            self.ask(cx);
        }
    }

    /// The relay told how the session is. Returns how it ends, if it does.
    pub(super) fn on_record(
        &mut self,
        cx: &mut Context,
        id: HttpId,
        answer: Result<HttpResponse<'_>, ConnectFailure>,
    ) -> Option<Outcome> {
        if self.state != State::Asking(id) {
            return None;
        }
        let Ok(answer) = answer else {
            self.rest(cx);
            return None;
        };
        let status = match answer.status {
            404 | 410 => return Some(Outcome::Timeout),
            200 => serde_json::from_slice(answer.body)
                .ok()
                .map(|record: Standing| record.status),
            _ => None,
        };
        match status {
            Some(SessionStatus::Resolved) => return Some(Outcome::Resolved),
            Some(SessionStatus::Cancelled) => return Some(Outcome::Cancelled),
            Some(SessionStatus::Timeout) => return Some(Outcome::Timeout),
            Some(SessionStatus::Error) => return Some(Outcome::Failed(Failure::EndedByRelay)),
            Some(SessionStatus::Pending | SessionStatus::Active) => self.connect(cx),
            None => self.rest(cx),
        }
        None
    }

    fn connect(&mut self, cx: &mut Context) {
        self.state = State::Dialing;
        cx.connect(
            Peer::Relay,
            Connect {
                url: self.url.as_str().into(),
                host: HostHeader::Name,
                max_message: self.max_message,
                timeout: CONNECT_TIMEOUT,
            },
        );
    }

    fn ask(&mut self, cx: &mut Context) {
        self.state = State::Asking(cx.rest(Method::Get, self.record.clone(), None));
    }

    fn rest(&mut self, cx: &mut Context) {
        self.state = State::Pausing;
        cx.start(Timer::Redial, self.pause);
        self.pause = (self.pause * 2).min(LONGEST_PAUSE);
    }
}

/// What is read of the answer to `GET /session/{id}`: nothing else may make it unreadable.
#[derive(Deserialize)]
struct Standing {
    status: SessionStatus,
}
