//! The hand-offs of this process: at most eight at work, the last sixteen results kept.
//!
//! Decides which session a call means and how long a session outlives the calls that wait for it.
//! A call that ends says nothing about the human, so it never ends a session by itself.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use authloop_core::agent::io::Request;
use futures::future::join_all;
use rmcp::model::RequestId;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::{
    backend::{Backend, Order, StartError},
    pin::{PinError, PinNotice},
    session::{Page, Session},
    texts,
};

/// Most hand-offs at work beside each other.
const MAX_RUNNING: usize = 8;
/// How many results are kept.
const MAX_FINISHED: usize = 16;
/// How long the end of the process waits for a hand-off that is just being started.
const START_PATIENCE: Duration = Duration::from_millis(200);
/// How long sockets may take to close at the end of the process.
const GOODBYE_PATIENCE: Duration = Duration::from_millis(100);

/// The hand-offs of this process.
pub(crate) struct Sessions {
    backend: Arc<dyn Backend>,
    lists: Mutex<Lists>,
    /// Held while one is started, so that two calls for one page can't both start one.
    opening: tokio::sync::Mutex<()>,
    /// The calls that wait, by their JSON-RPC ids.
    waits: Mutex<HashMap<RequestId, Arc<Session>>>,
    closing: CancellationToken,
}

#[derive(Default)]
struct Lists {
    /// Oldest first.
    running: Vec<Arc<Session>>,
    /// Oldest first; each has an id.
    finished: VecDeque<Arc<Session>>,
    /// The newest that ever had an id, while it is in one of the lists.
    latest: Option<Arc<Session>>,
}

/// What [`Sessions::open`] brought.
pub(crate) enum Opened {
    /// A new hand-off.
    New(Arc<Session>),
    /// One of the same page was at work already.
    Existing(Arc<Session>),
}

/// Why no hand-off was opened.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OpenError {
    #[error(
        "{MAX_RUNNING} hand-offs are open already; wait for one with authloop_status, or end one \
         with authloop_cancel"
    )]
    TooMany,
    #[error("this server is stopping")]
    Stopping,
    #[error(transparent)]
    Start(#[from] StartError),
    #[error("{}", texts::pin_not_told(*.0))]
    Pin(#[from] PinError),
}

impl Sessions {
    pub(crate) fn new(backend: Arc<dyn Backend>) -> Arc<Self> {
        Arc::new(Self {
            backend,
            lists: Mutex::default(),
            opening: tokio::sync::Mutex::new(()),
            waits: Mutex::default(),
            closing: CancellationToken::new(),
        })
    }

    /// Opens a hand-off, or returns the one that is at work on the same page.
    pub(crate) async fn open(self: &Arc<Self>, mut order: Order) -> Result<Opened, OpenError> {
        let _opening = self.opening.lock().await;
        let page = Page::of(&order);
        {
            let lists = self.lists();
            let mut running = lists.running.iter().filter(|session| !session.has_ended());
            if let Some(session) = running.clone().find(|session| session.is_about(&page)) {
                return Ok(Opened::Existing(session.clone()));
            }
            if running.by_ref().count() >= MAX_RUNNING {
                return Err(OpenError::TooMany);
            }
        }
        if self.closing.is_cancelled() {
            return Err(OpenError::Stopping);
        }
        let ttl = order.ttl;
        let notice = match order.protocol.pin_command() {
            Some(command) => Some(PinNotice::new(command.clone())?),
            None => None,
        };
        order.pin = notice.as_ref().map(PinNotice::pin);
        let started = self.backend.start(order).await?;
        let session = Arc::new(Session::new(page, ttl, started, notice));
        self.lists().running.push(session.clone());
        tokio::spawn({
            let (sessions, session) = (self.clone(), session.clone());
            async move {
                session.follow().await;
                sessions.retire(&session);
            }
        });
        Ok(Opened::New(session))
    }

    /// Returns the session of this id, or the newest.
    pub(crate) fn find(&self, id: Option<&str>) -> Option<Arc<Session>> {
        let lists = self.lists();
        let mut newest_first = lists
            .running
            .iter()
            .rev()
            .chain(lists.finished.iter().rev());
        match id {
            Some(id) => newest_first.find(|session| session.has_id(id)).cloned(),
            None => lists.latest.clone(),
        }
    }

    /// Notes that a session has an id, so that calls without an id mean it.
    pub(crate) fn note_ready(&self, session: &Arc<Session>) {
        self.lists().latest = Some(session.clone());
    }

    /// Notes that a call waits for a session. Whoever waits takes an abandonment back.
    ///
    /// `cancelled` is the call's own token: the note of a cancelled call outlives it, because the
    /// cancellation's reason comes right behind ([`Sessions::on_cancelled`]).
    pub(crate) fn wait(
        self: &Arc<Self>,
        session: &Arc<Session>,
        call: RequestId,
        cancelled: CancellationToken,
    ) -> Wait {
        session.keep();
        self.waits().insert(call.clone(), session.clone());
        Wait {
            sessions: self.clone(),
            call,
            cancelled,
        }
    }

    /// Decides what becomes of a session whose waiting call the client has cancelled.
    ///
    /// A client that lost patience will ask again, and the human is still busy: the session stays.
    /// Any other reason, or none, gives it up after `grace`, unless another call waits for it.
    pub(crate) fn on_cancelled(&self, call: &RequestId, reason: Option<&str>, grace: Duration) {
        let mut waits = self.waits();
        let Some(session) = waits.remove(call) else {
            return;
        };
        let is_awaited = waits.values().any(|other| Arc::ptr_eq(other, &session));
        drop(waits);
        if !is_awaited && !reason.is_some_and(says_time_out) {
            tracing::info!(target: "authloop::mcp", "a wait was cancelled; its session is given up soon");
            session.abandon(grace);
        }
    }

    /// Ends every session at once, and returns when the relays know it or `grace` is over.
    pub(crate) async fn shutdown(&self, grace: Duration) {
        self.closing.cancel();
        // A failure only means that the start takes longer than anyone may wait for it.
        let _started = timeout(START_PATIENCE, self.opening.lock()).await;
        let sessions: Vec<_> = {
            let lists = self.lists();
            let both = lists.running.iter().chain(&lists.finished);
            both.cloned().collect()
        };
        for session in &sessions {
            session.request(Request::Shutdown { grace });
        }
        let ends = join_all(sessions.iter().map(|session| session.end()));
        if timeout(grace, ends).await.is_err() {
            tracing::warn!(target: "authloop::mcp", "a relay was not told in time");
        }
        // Sockets deserve a goodbye, but nobody is hurt without one.
        let goodbyes = join_all(sessions.iter().map(|session| session.finished()));
        let _in_time = timeout(GOODBYE_PATIENCE, goodbyes).await;
        self.backend.close().await;
    }

    fn retire(&self, session: &Arc<Session>) {
        let mut lists = self.lists();
        lists.running.retain(|other| !Arc::ptr_eq(other, session));
        if session.info().is_none() {
            return;
        }
        lists.finished.push_back(session.clone());
        if lists.finished.len() > MAX_FINISHED {
            lists.finished.pop_front();
        }
    }

    fn lists(&self) -> MutexGuard<'_, Lists> {
        self.lists.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn waits(&self) -> MutexGuard<'_, HashMap<RequestId, Arc<Session>>> {
        self.waits.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The note that a call waits; taken back when dropped, except by a cancelled call.
pub(crate) struct Wait {
    sessions: Arc<Sessions>,
    call: RequestId,
    cancelled: CancellationToken,
}

impl Drop for Wait {
    fn drop(&mut self) {
        if !self.cancelled.is_cancelled() {
            self.sessions.waits().remove(&self.call);
        }
    }
}

/// Tells whether a cancellation's reason is that the client's time for one call is over.
fn says_time_out(reason: &str) -> bool {
    let reason = reason.to_ascii_lowercase();
    ["timed out", "time out", "timedout", "timeout", "-32001"]
        .iter()
        .any(|sign| reason.contains(sign))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reasons_clients_give_for_a_time_out_are_known() {
        for reason in [
            "McpError: MCP error -32001: Request timed out",
            "timed out after 0.6s",
            "Request Timeout",
            "time out",
        ] {
            assert!(says_time_out(reason), "{reason}");
        }
        for reason in [
            "caller cancelled",
            "operation cancelled",
            "",
            "User stopped",
        ] {
            assert!(!says_time_out(reason), "{reason}");
        }
    }
}
