//! A socket's place in a session, given back however the socket's task ends.

use std::{sync::Arc, task::Waker};

use authloop_core::relay::{Applicant, Close, ConnectionId, Input};

use crate::{
    mailbox::{Mailbox, Post},
    registry::{Registry, Session},
};

/// A socket's place in a session. Dropping it tells the room that the socket is gone.
pub(super) struct Seat {
    registry: Arc<Registry>,
    session: Arc<Session>,
    mailbox: Arc<Mailbox>,
    id: ConnectionId,
}

impl Seat {
    pub(super) fn claim(
        registry: &Arc<Registry>,
        session: Arc<Session>,
        applicant: Applicant<'_>,
    ) -> Result<Self, Close> {
        let (id, mailbox) = registry.admit(&session, applicant)?;
        Ok(Self {
            registry: Arc::clone(registry),
            session,
            mailbox,
            id,
        })
    }

    pub(super) fn register(&self, waker: &Waker) {
        self.mailbox.register(waker);
    }

    pub(super) fn take(&self) -> Option<Post> {
        self.mailbox.take()
    }

    pub(super) fn is_wanted(&self) -> bool {
        self.mailbox.is_wanted()
    }

    pub(super) fn text(&self, text: &str) {
        self.registry
            .feed(&self.session, Input::Text(self.id, text));
    }

    pub(super) fn binary(&self, bytes: bytes::Bytes) {
        self.registry
            .feed(&self.session, Input::Binary(self.id, bytes));
    }

    pub(super) fn written(&self) {
        self.registry.feed(&self.session, Input::Written(self.id));
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.registry.leave(&self.session, self.id);
    }
}
