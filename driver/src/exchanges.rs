//! The HTTP exchanges under way, each with its time limit.
//!
//! INVARIANT: every exchange that was begun is answered exactly once.

use std::task::{Context, Poll};

use authloop_core::{
    agent::io::{ConnectFailure, HttpId, Input},
    time::Timestamp,
};
use futures::{FutureExt as _, future::BoxFuture};

use crate::{http::Answer, machine::Machine};

/// The most exchanges at a time. One more counts as a relay that can't be reached.
const MAX_EXCHANGES: usize = 16;

/// An exchange that is being done.
pub(crate) type Exchanging = BoxFuture<'static, Result<Answer, ConnectFailure>>;

/// The exchanges under way.
#[derive(Default)]
pub(crate) struct Exchanges {
    exchanges: Vec<Exchange>,
}

struct Exchange {
    id: HttpId,
    exchanging: Exchanging,
    until: Timestamp,
}

impl Exchanges {
    /// Begins one.
    pub(crate) fn begin(&mut self, id: HttpId, exchanging: Exchanging, until: Timestamp) {
        let exchanging = if self.exchanges.len() < MAX_EXCHANGES {
            exchanging
        } else {
            Box::pin(async { Err(ConnectFailure::Unreachable) })
        };
        self.exchanges.push(Exchange {
            id,
            exchanging,
            until,
        });
    }

    /// Moves all on; returns whether any came to its end.
    pub(crate) fn poll(
        &mut self,
        cx: &mut Context<'_>,
        now: Timestamp,
        machine: &mut impl Machine,
    ) -> bool {
        let before = self.exchanges.len();
        self.exchanges.retain_mut(|exchange| {
            let result = match exchange.exchanging.poll_unpin(cx) {
                Poll::Ready(result) => result,
                Poll::Pending if now < exchange.until => return true,
                Poll::Pending => Err(ConnectFailure::TimedOut),
            };
            let result = result.as_ref().map(Answer::as_response);
            machine.handle(
                now,
                Input::Http(exchange.id, result.map_err(|failure| *failure)),
            );
            false
        });
        self.exchanges.len() != before
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.exchanges.is_empty()
    }

    /// Returns when the first one's time is over.
    pub(crate) fn deadline(&self) -> Option<Timestamp> {
        self.exchanges.iter().map(|exchange| exchange.until).min()
    }
}
