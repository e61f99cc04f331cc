//! A machine that does what a test says and remembers what it heard.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard},
};

use authloop_core::{
    agent::{
        file::{FileDone, FileFailure, FileId},
        io::{Closed, ConnectFailure, HttpId, Input, Output, Peer, Request},
    },
    time::Timestamp,
};

use crate::machine::Machine;

/// What a machine heard, kept.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Seen {
    Opened(Peer),
    Text(Peer, String),
    Binary(Peer, Vec<u8>),
    Drained(Peer),
    Closed(Peer, Closed),
    Http(HttpId, Result<Answer, ConnectFailure>),
    /// What a file's operation brought: its path, nothing, or its bytes.
    File(FileId, Result<Vec<u8>, FileFailure>),
    Request(Request),
    Tick,
}

/// An HTTP answer, kept.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) date: Option<String>,
    pub(crate) retry_after: Option<u64>,
    pub(crate) body: Vec<u8>,
}

/// A scripted machine. Clones are the same machine: the test holds one, the driver another.
#[derive(Clone)]
pub(crate) struct Script(Arc<Mutex<State>>);

type Reaction = Box<dyn FnMut(&Seen) -> Vec<Output> + Send>;

struct State {
    outputs: VecDeque<Output>,
    deadline: Option<Timestamp>,
    deaf: Vec<Peer>,
    seen: Vec<(Timestamp, Seen)>,
    reaction: Reaction,
}

impl Script {
    /// Says what comes out at first.
    pub(crate) fn new(outputs: Vec<Output>) -> Self {
        Self(Arc::new(Mutex::new(State {
            outputs: outputs.into(),
            deadline: None,
            deaf: Vec::new(),
            seen: Vec::new(),
            reaction: Box::new(|_| Vec::new()),
        })))
    }

    /// Says what comes out in answer to what.
    pub(crate) fn react(self, reaction: impl FnMut(&Seen) -> Vec<Output> + Send + 'static) -> Self {
        self.lock().reaction = Box::new(reaction);
        self
    }

    /// Sets the deadline; a tick at or after it clears it.
    pub(crate) fn wake_at(self, deadline: Timestamp) -> Self {
        self.lock().deadline = Some(deadline);
        self
    }

    /// Tells whether a peer is to be read.
    pub(crate) fn listen_to(&self, peer: Peer, listen: bool) {
        let mut state = self.lock();
        state.deaf.retain(|deaf| *deaf != peer);
        if !listen {
            state.deaf.push(peer);
        }
    }

    /// Returns what was heard so far.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.lock()
            .seen
            .iter()
            .map(|(_, seen)| seen.clone())
            .collect()
    }

    /// Returns when something was heard first.
    pub(crate) fn when(&self, what: &Seen) -> Option<Timestamp> {
        let state = self.lock();
        let found = state.seen.iter().find(|(_, seen)| seen == what);
        found.map(|(at, _)| *at)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0
            .lock()
            .expect("no test panics while it holds a script")
    }
}

impl Machine for Script {
    fn handle(&mut self, now: Timestamp, input: Input<'_>) {
        let seen = match input {
            Input::Opened(peer) => Seen::Opened(peer),
            Input::Text(peer, text) => Seen::Text(peer, text.to_owned()),
            Input::Binary(peer, bytes) => Seen::Binary(peer, bytes.to_vec()),
            Input::Drained(peer) => Seen::Drained(peer),
            Input::Closed(peer, closed) => Seen::Closed(peer, closed),
            Input::Http(id, result) => Seen::Http(
                id,
                result.map(|response| Answer {
                    status: response.status,
                    date: response.date.map(str::to_owned),
                    retry_after: response.retry_after,
                    body: response.body.to_vec(),
                }),
            ),
            Input::File(id, answer) => Seen::File(
                id,
                answer.map(|done| match done {
                    FileDone::Created(path) => path.to_owned().into_bytes(),
                    FileDone::Appended => Vec::new(),
                    FileDone::Read(bytes) => bytes.to_vec(),
                }),
            ),
            Input::Request(request) => Seen::Request(request),
            Input::Tick => Seen::Tick,
        };
        let mut state = self.lock();
        if state.deadline.is_some_and(|deadline| deadline <= now) {
            state.deadline = None;
        }
        let outputs = (state.reaction)(&seen);
        state.outputs.extend(outputs);
        state.seen.push((now, seen));
    }

    fn poll(&mut self) -> Output {
        let mut state = self.lock();
        let idle = Output::Idle(state.deadline);
        state.outputs.pop_front().unwrap_or(idle)
    }

    fn wants(&self, peer: Peer) -> bool {
        !self.lock().deaf.contains(&peer)
    }
}
