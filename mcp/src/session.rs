//! One hand-off as the tools see it: its status, who waits for it, and when it is given up.
//!
//! ```text
//! opened ──(hand-off's events)──▶ … ──outcome──▶ ended
//!    │  abandoned, nobody came back in time ──▶ cancel is asked for ──▶ …
//!    └─ time to live and a margin are over ───▶ ended as a time-out, whatever the hand-off says
//! ```
//!
//! INVARIANT: a session ends. Whoever waits for the end is bounded by that.
//! INVARIANT: with a PIN, nobody is given the link before the human was told it.

use std::{sync::Arc, time::Duration};

use authloop_core::{
    agent::{
        event::{Outcome, SessionInfo, Status},
        io::Request,
    },
    time::Timestamp,
};
use tokio::{
    sync::watch,
    time::{Instant, sleep_until},
};

use crate::{
    backend::{HandOff, Order, Reach, Started},
    pin::{PinError, PinNotice},
};

/// How long after its time to live a session without an end counts as timed out.
const MARGIN: Duration = Duration::from_secs(30);

/// One hand-off.
pub(crate) struct Session {
    page: Page,
    opened: Instant,
    ttl: Duration,
    reach: Reach,
    hand_off: Arc<dyn HandOff>,
    status: watch::Sender<Status>,
    /// The PIN that the human has to be told, if there is one.
    notice: Option<PinNotice>,
    /// How telling it went, once that is known.
    told: watch::Sender<Option<Result<(), PinError>>>,
    /// When it is cancelled unless somebody comes back.
    abandoned: watch::Sender<Option<Instant>>,
}

/// What makes two hand-offs the same.
#[derive(PartialEq, Eq)]
pub(crate) struct Page {
    cdp_url: String,
    url: Option<String>,
}

impl Page {
    pub(crate) fn of(order: &Order) -> Self {
        Self {
            cdp_url: order.cdp_url.clone(),
            url: order
                .context
                .as_ref()
                .and_then(|context| context.url.clone()),
        }
    }
}

impl Session {
    pub(crate) fn new(page: Page, ttl: u64, started: Started, notice: Option<PinNotice>) -> Self {
        Self {
            page,
            opened: Instant::now(),
            ttl: Duration::from_secs(ttl),
            reach: started.reach,
            hand_off: started.hand_off,
            status: watch::Sender::default(),
            notice,
            told: watch::Sender::default(),
            abandoned: watch::Sender::default(),
        }
    }

    pub(crate) fn is_about(&self, page: &Page) -> bool {
        self.page == *page
    }

    pub(crate) fn reach(&self) -> Reach {
        self.reach
    }

    pub(crate) fn status(&self) -> Status {
        self.status.borrow().clone()
    }

    pub(crate) fn subscribe(&self) -> watch::Receiver<Status> {
        self.status.subscribe()
    }

    /// The relay's name for it, once it has one.
    pub(crate) fn info(&self) -> Option<SessionInfo> {
        self.status.borrow().session.clone()
    }

    pub(crate) fn has_id(&self, id: &str) -> bool {
        self.status
            .borrow()
            .session
            .as_ref()
            .is_some_and(|session| session.session_id == id)
    }

    pub(crate) fn has_ended(&self) -> bool {
        self.status.borrow().outcome.is_some()
    }

    pub(crate) fn age(&self) -> Duration {
        self.opened.elapsed()
    }

    pub(crate) fn ttl(&self) -> Duration {
        self.ttl
    }

    pub(crate) fn remaining(&self) -> Duration {
        self.ends_at().saturating_duration_since(Instant::now())
    }

    /// When it ends by itself: as the relay says, whose word may be shorter than what was asked for.
    fn ends_at(&self) -> Instant {
        // The hand-off's time starts with it.
        let life = self
            .info()
            .map(|info| info.expires_at.since(Timestamp::default()));
        self.opened + life.unwrap_or(self.ttl)
    }

    pub(crate) fn request(&self, request: Request) {
        self.hand_off.request(request);
    }

    /// Tells whether the human is asked for a PIN.
    pub(crate) fn asks_for_pin(&self) -> bool {
        self.notice.is_some()
    }

    /// How telling the human the PIN went, once that is known.
    pub(crate) fn told(&self) -> Option<Result<(), PinError>> {
        *self.told.borrow()
    }

    /// Waits until its link may be shown, or it has ended without one.
    pub(crate) async fn ready(&self) -> Status {
        let status = self.created().await;
        if self.asks_for_pin() && status.outcome.is_none() {
            let mut told = self.told.subscribe();
            tokio::select! {
                _ = told.wait_for(Option::is_some) => {}
                _ = self.end() => {}
            }
        }
        self.status()
    }

    /// Waits until it has an id, or has ended without one.
    async fn created(&self) -> Status {
        self.reached(|status| status.session.is_some() || status.outcome.is_some())
            .await
    }

    /// Waits until it has ended: the relay knows.
    pub(crate) async fn end(&self) -> Status {
        self.reached(|status| status.outcome.is_some()).await
    }

    /// Waits until nothing of it runs any more.
    pub(crate) async fn finished(&self) {
        self.hand_off.finished().await;
    }

    async fn reached(&self, predicate: impl FnMut(&Status) -> bool) -> Status {
        let mut status = self.subscribe();
        match status.wait_for(predicate).await {
            Ok(status) => status.clone(),
            // The sender lives in `self`, so this can't come.
            Err(_) => self.status(),
        }
    }

    /// Cancels it after `grace`, unless [`Session::keep`] is called before.
    pub(crate) fn abandon(&self, grace: Duration) {
        self.abandoned.send_replace(Some(Instant::now() + grace));
    }

    /// Takes [`Session::abandon`] back.
    pub(crate) fn keep(&self) {
        self.abandoned.send_if_modified(|at| at.take().is_some());
    }

    /// Follows the hand-off to its end, and has the human told the PIN on the way.
    pub(crate) async fn follow(&self) {
        tokio::join!(self.follow_hand_off(), self.tell_pin());
    }

    /// Without the PIN the link is of no use, so a session whose human wasn't told it is cancelled.
    async fn tell_pin(&self) {
        let Some(notice) = &self.notice else { return };
        if self.created().await.outcome.is_some() {
            return;
        }
        let told = tokio::select! {
            told = notice.send() => told,
            _ = self.end() => return,
        };
        self.told.send_replace(Some(told));
        if told.is_err() {
            self.request(Request::Cancel);
        }
    }

    async fn follow_hand_off(&self) {
        let mut abandoned = self.abandoned.subscribe();
        while !self.has_ended() {
            let limit = self.ends_at() + MARGIN;
            let give_up_at = *abandoned.borrow_and_update();
            let deadline = give_up_at.map_or(limit, |at| at.min(limit));
            tokio::select! {
                status = self.hand_off.changed(self.status()) => {
                    self.status.send_replace(status);
                }
                _ = abandoned.changed() => {}
                () = sleep_until(deadline) => {
                    self.request(Request::Cancel);
                    self.keep();
                    if deadline == limit {
                        self.end_as(Outcome::Timeout);
                    }
                }
            }
        }
    }

    /// Ends it in the tools' eyes, unless it has ended already.
    pub(crate) fn end_as(&self, outcome: Outcome) {
        self.status.send_if_modified(|status| {
            let is_open = status.outcome.is_none();
            if is_open {
                status.viewer_present = false;
                status.outcome = Some(outcome);
            }
            is_open
        });
    }
}
