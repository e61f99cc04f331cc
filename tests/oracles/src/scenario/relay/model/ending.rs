//! How a session ends: by REST, by its time, or without an agent; and what is still said then.

use std::collections::BTreeMap;

use authloop_core::{
    api::SessionStatus,
    relay::{Close, LINGER, RECORD_KEPT, RESOLVED_NOTICE},
};

use super::{
    Model, Timer,
    words::{CANCELLED, EXPIRED, RESOLVED},
};

impl Model {
    /// REST ends it; `false` if it had ended.
    pub(in crate::scenario::relay) fn ends(&mut self, resolve: bool) -> bool {
        let ends = !self.status.is_terminal();
        if ends {
            self.finish(if resolve {
                SessionStatus::Resolved
            } else {
                SessionStatus::Cancelled
            });
        }
        ends
    }

    pub(super) fn finish(&mut self, status: SessionStatus) {
        self.status = status;
        self.timers = BTreeMap::from([
            (Timer::Linger, self.now + LINGER),
            (Timer::Forget, self.now + RECORD_KEPT),
        ]);
        (self.key, self.meta) = (None, None);
        if let Some(agent) = &mut self.agent {
            agent.forget_control();
        }
        for viewer in &mut self.viewers {
            viewer.seat.frame = None;
        }
        match status {
            SessionStatus::Timeout => self.tell_everybody(EXPIRED),
            SessionStatus::Cancelled => self.tell_everybody(CANCELLED),
            // The existing agent takes anything that comes now for an error.
            SessionStatus::Resolved if self.agent.is_some() => {
                self.timers
                    .insert(Timer::ResolvedNotice, self.now + RESOLVED_NOTICE);
            }
            SessionStatus::Resolved => self.tell_viewers(RESOLVED),
            SessionStatus::Error => self.close_everybody(Close::Ended),
            SessionStatus::Pending | SessionStatus::Active => {}
        }
    }

    pub(super) fn farewell(&self) -> Close {
        if self.status == SessionStatus::Timeout {
            Close::Expired
        } else {
            Close::Ended
        }
    }
}
