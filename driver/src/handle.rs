//! What an application holds of a running session: its state, and a way to ask for things.
//!
//! Nothing here needs a runtime. Whoever waits is woken on every way out, also when the driver's
//! future is dropped.

use authloop_core::agent::{
    event::{Event, Outcome, Status},
    io::Request,
};
use tokio::sync::{mpsc, watch};

/// How many requests may wait for the driver.
const MAX_REQUESTS: usize = 16;

/// A running session, as the application sees it. Clones speak of the same session.
#[derive(Clone)]
pub struct Handle {
    status: watch::Receiver<Status>,
    requests: mpsc::Sender<Request>,
}

/// A request that comes back: the session is over, or too many requests wait already.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the session does not take requests now")]
pub struct Refused(pub Request);

impl Handle {
    /// Asks for something.
    pub fn request(&self, request: Request) -> Result<(), Refused> {
        self.requests
            .try_send(request)
            .map_err(|error| match error {
                mpsc::error::TrySendError::Full(request)
                | mpsc::error::TrySendError::Closed(request) => Refused(request),
            })
    }

    /// Returns the state now.
    pub fn status(&self) -> Status {
        self.status.borrow().clone()
    }

    /// Waits until the state satisfies `enough`, or the session is over: then nothing changes any
    /// more, and [`Status::outcome`] says why.
    ///
    /// Dropping the driver's future ends the session too, as [`Outcome::Cancelled`].
    pub async fn wait_until(&self, mut enough: impl FnMut(&Status) -> bool) -> Status {
        let mut status = self.status.clone();
        let reached = status
            .wait_for(|status| status.outcome.is_some() || enough(status))
            .await
            .map(|status| status.clone());
        reached.unwrap_or_else(|_| self.status())
    }

    /// Waits until the driver is done: the session is over, everybody was told, every socket is
    /// closed. A process that is about to exit should wait for this.
    pub async fn finished(&self) -> Outcome {
        let mut status = self.status.clone();
        while status.changed().await.is_ok() {}
        let outcome = status.borrow().outcome.clone();
        outcome.unwrap_or(Outcome::Cancelled)
    }
}

/// The driver's end of a [`Handle`].
pub(crate) struct Reporter {
    status: watch::Sender<Status>,
    requests: mpsc::Receiver<Request>,
}

/// Makes both ends.
pub(crate) fn pair() -> (Handle, Reporter) {
    let (status, watching) = watch::channel(Status::default());
    let (requests, waiting) = mpsc::channel(MAX_REQUESTS);
    (
        Handle {
            status: watching,
            requests,
        },
        Reporter {
            status,
            requests: waiting,
        },
    )
}

impl Reporter {
    /// Adds one event to the state.
    pub(crate) fn report(&self, event: Event) {
        self.status.send_modify(|status| status.apply(event));
    }

    /// Returns where requests come in.
    pub(crate) fn requests(&mut self) -> &mut mpsc::Receiver<Request> {
        &mut self.requests
    }
}

impl Drop for Reporter {
    /// INVARIANT: when the driver is gone, the state has an outcome.
    fn drop(&mut self) {
        self.status.send_if_modified(|status| {
            let open = status.outcome.is_none();
            if open {
                status.apply(Event::Ended(Outcome::Cancelled));
            }
            open
        });
    }
}

#[cfg(test)]
mod tests {
    use futures::executor::block_on;

    use super::*;

    #[test]
    fn waiting_ends_when_the_state_is_reached() {
        let (handle, reporter) = pair();
        reporter.report(Event::ViewerJoined);
        let status = block_on(handle.wait_until(|status| status.viewer_present));
        assert!(status.viewer_seen && status.outcome.is_none());
    }

    #[test]
    fn waiting_ends_with_the_session_whatever_was_waited_for() {
        let (handle, reporter) = pair();
        reporter.report(Event::Ended(Outcome::Timeout));
        let status = block_on(handle.wait_until(|_| false));
        assert_eq!(status.outcome, Some(Outcome::Timeout));
    }

    #[test]
    fn a_dropped_driver_wakes_everyone_and_counts_as_cancelled() {
        let (handle, reporter) = pair();
        drop(reporter);
        let status = block_on(handle.wait_until(|_| false));
        assert_eq!(status.outcome, Some(Outcome::Cancelled));
        assert_eq!(block_on(handle.finished()), Outcome::Cancelled);
        assert_eq!(
            handle.request(Request::Cancel),
            Err(Refused(Request::Cancel))
        );
    }

    #[test]
    fn an_outcome_stays_what_it_was_when_the_driver_goes() {
        let (handle, reporter) = pair();
        reporter.report(Event::Ended(Outcome::Resolved));
        drop(reporter);
        assert_eq!(block_on(handle.finished()), Outcome::Resolved);
    }

    #[test]
    fn requests_beyond_the_bound_come_back() {
        let (handle, _reporter) = pair();
        for _ in 0..MAX_REQUESTS {
            assert_eq!(handle.request(Request::Cancel), Ok(()));
        }
        assert_eq!(
            handle.request(Request::Cancel),
            Err(Refused(Request::Cancel))
        );
    }
}
