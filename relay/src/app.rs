//! What every request handler shares.

use std::sync::Arc;

use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{address::Addresses, clock::Clock, config::Limits, keys::ApiKeys, registry::Registry};

/// What every request handler shares.
pub(crate) struct App {
    pub(crate) registry: Arc<Registry>,
    pub(crate) api_keys: ApiKeys,
    pub(crate) addresses: Addresses,
    pub(crate) check_host: bool,
    pub(crate) limits: Limits,
    /// Every connection and socket: what a shutdown waits for.
    pub(crate) tasks: TaskTracker,
    /// Cancelled: every task ends where it stands.
    pub(crate) kill: CancellationToken,
}

impl App {
    pub(crate) fn clock(&self) -> Clock {
        self.registry.clock()
    }

    /// Runs a task that a shutdown waits for, and ends if it must.
    pub(crate) fn spawn(&self, task: impl Future + Send + 'static) {
        let task = self.kill.clone().run_until_cancelled_owned(task);
        self.tasks.spawn(async move {
            task.await;
        });
    }
}
