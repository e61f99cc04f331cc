//! How a call waits: for a status, for the client's cancellation, for the end of the process,
//! and with signs of life on the way.
//!
//! A progress notification is always sent whole before the call's answer, and its numbers rise.

use std::time::Duration;

use authloop_core::agent::event::Status;
use rmcp::{
    Peer, RoleServer,
    model::{ProgressNotificationParam, ProgressToken, RequestId},
    service::RequestContext,
};
use tokio::time::{Instant, sleep_until, timeout};
use tokio_util::sync::CancellationToken;

use crate::{session::Session, texts};

/// Clients count 15 s or more without a sign of life as silence.
const HEARTBEAT: Duration = Duration::from_secs(10);
/// How long a client may leave a sign of life unread before the call goes on without it.
const HEARTBEAT_PATIENCE: Duration = Duration::from_secs(1);

/// What a tool needs to know of the call it serves.
pub(crate) struct Call {
    pub(crate) id: RequestId,
    pub(crate) cancelled: CancellationToken,
    peer: Peer<RoleServer>,
    progress: Option<ProgressToken>,
}

/// The client or the process doesn't want an answer any more.
#[derive(Debug)]
pub(crate) struct Interrupted;

impl Call {
    pub(crate) fn new(context: &RequestContext<RoleServer>) -> Self {
        Self {
            id: context.id.clone(),
            cancelled: context.ct.clone(),
            peer: context.peer.clone(),
            progress: context.meta.get_progress_token(),
        }
    }

    /// Waits for `goal`; `None` if it didn't come within `patience`.
    pub(crate) async fn wait(
        &self,
        session: &Session,
        goal: impl Future<Output = Status>,
        patience: Duration,
        gone: &CancellationToken,
    ) -> Result<Option<Status>, Interrupted> {
        let deadline = Instant::now() + patience;
        let mut beat_at = Instant::now();
        let mut status = session.subscribe();
        let mut last = 0.0;
        tokio::pin!(goal);
        loop {
            tokio::select! {
                biased;
                reached = &mut goal => return Ok(Some(reached)),
                () = gone.cancelled() => return Err(Interrupted),
                () = self.cancelled.cancelled() => return Err(Interrupted),
                () = sleep_until(deadline) => return Ok(None),
                _ = status.changed() => {}
                () = sleep_until(beat_at) => {}
            }
            self.beat(session, &mut last).await;
            beat_at = Instant::now() + HEARTBEAT;
        }
    }

    async fn beat(&self, session: &Session, last: &mut f64) {
        let Some(token) = &self.progress else { return };
        let seconds = session.age().as_secs_f64().max(*last + 0.001);
        *last = seconds;
        let progress = ProgressNotificationParam::new(token.clone(), seconds)
            .with_total(session.ttl().as_secs_f64().max(seconds))
            .with_message(texts::progress(&session.status(), session.remaining()));
        // A client that doesn't read, or has gone, is noticed where its answer is written.
        let _sent = timeout(HEARTBEAT_PATIENCE, self.peer.notify_progress(progress)).await;
    }
}
