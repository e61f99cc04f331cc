//! Who comes and goes, and how a session ends.
//!
//! Joins and leaves are announced in either order, a leave always before the join that replaces it:
//! so a side that counts and one that doesn't both end up right. A terminal status never changes.

use core::time::Duration;

use super::{Close, ConnectionId, Role, Room, Seat, outbox::Outbox};
use crate::{api::SessionStatus, time::Timestamp, timer::TimerKind, wire::v1::Outgoing};

/// How long a session survives without the agent it once had.
pub const AGENT_ABSENCE: Duration = Duration::from_secs(30);

/// How long sockets stay open after the end, so that the sides close them by themselves.
pub const LINGER: Duration = Duration::from_secs(5);

/// How long after somebody's `resolve` an agent that is still there is told.
pub const RESOLVED_NOTICE: Duration = Duration::from_secs(2);

/// How long a session's record can be read after its end.
pub const RECORD_KEPT: Duration = Duration::from_secs(3_600);

/// What a room's deadlines are for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Timer {
    /// The session's time is up.
    Expiry,
    /// The agent stayed away too long.
    AgentAbsent,
    /// Tell those who are still there that the session was resolved.
    ResolvedNotice,
    /// Close the sockets that are still open after the end.
    Linger,
    /// Drop the record.
    Forget,
}

impl Timer {
    pub(super) const COUNT: usize = 5;
}

impl TimerKind for Timer {
    const ALL: &'static [Self] = &[
        Self::Expiry,
        Self::AgentAbsent,
        Self::ResolvedNotice,
        Self::Linger,
        Self::Forget,
    ];

    fn index(self) -> usize {
        match self {
            Self::Expiry => 0,
            Self::AgentAbsent => 1,
            Self::ResolvedNotice => 2,
            Self::Linger => 3,
            Self::Forget => 4,
        }
    }
}

impl Room {
    /// Lets time pass; time that goes back is ignored.
    pub(super) fn advance(&mut self, now: Timestamp) {
        self.now = self.now.max(now);
        while let Some(timer) = self.timers.expire(self.now) {
            match timer {
                Timer::Expiry => self.finish(SessionStatus::Timeout),
                Timer::AgentAbsent => self.finish(SessionStatus::Error),
                Timer::ResolvedNotice => self.tell_both(&Outgoing::SessionResolved),
                Timer::Linger => self.close_everybody(self.farewell()),
                Timer::Forget => self.forget = true,
            }
        }
    }

    pub(super) fn agent_joined(&mut self, id: ConnectionId) {
        self.timers.clear(Timer::AgentAbsent);
        self.frame_meta = None;
        if self.agent.is_some() {
            self.close(Role::Agent, Close::Replaced);
            self.notify(Role::Viewer, &Outgoing::AgentDisconnected);
        }
        self.agent = Some(Seat {
            id,
            outbox: Outbox::default(),
        });
        if self.viewer.is_some() {
            self.notify(Role::Agent, &Outgoing::ViewerConnected);
            self.notify(Role::Viewer, &Outgoing::AgentConnected);
        }
    }

    pub(super) fn viewer_joined(&mut self, id: ConnectionId) {
        if self.status == SessionStatus::Pending {
            self.status = SessionStatus::Active;
        }
        if self.viewer.is_some() {
            self.close(Role::Viewer, Close::Replaced);
            self.notify(Role::Agent, &Outgoing::ViewerDisconnected);
        }
        self.viewer = Some(Seat {
            id,
            outbox: Outbox::default(),
        });
        if self.agent.is_some() {
            self.notify(Role::Agent, &Outgoing::ViewerConnected);
            self.notify(Role::Viewer, &Outgoing::AgentConnected);
        }
        if let Some(key) = self.public_key.clone() {
            self.send_own(Role::Viewer, key);
        }
    }

    pub(super) fn agent_left(&mut self) {
        self.agent = None;
        self.frame_meta = None;
        if self.status == SessionStatus::Resolved && self.timers.is_set(Timer::ResolvedNotice) {
            self.timers.clear(Timer::ResolvedNotice);
            self.notify(Role::Viewer, &Outgoing::SessionResolved);
        }
        self.notify(Role::Viewer, &Outgoing::AgentDisconnected);
        if !self.status.is_terminal() {
            self.timers
                .set(Timer::AgentAbsent, self.now + AGENT_ABSENCE);
        }
    }

    pub(super) fn viewer_left(&mut self) {
        self.viewer = None;
        if !self.status.is_terminal() {
            self.notify(Role::Agent, &Outgoing::ViewerDisconnected);
        }
    }

    /// Ends the session. The sockets stay open for [`LINGER`], the record for [`RECORD_KEPT`].
    ///
    /// INVARIANT: called at most once, from a status that isn't terminal. Callers: REST, which asks
    /// first, and two timers that this clears.
    pub(super) fn finish(&mut self, status: SessionStatus) {
        self.status = status;
        self.timers.clear_all();
        self.timers.set(Timer::Linger, self.now + LINGER);
        self.timers.set(Timer::Forget, self.now + RECORD_KEPT);
        self.public_key = None;
        self.frame_meta = None;
        if let Some(agent) = &mut self.agent {
            agent.outbox.drop_all();
        }
        if let Some(viewer) = &mut self.viewer {
            viewer.outbox.drop_frame();
        }
        match status {
            SessionStatus::Timeout => self.tell_both(&Outgoing::SessionExpired),
            SessionStatus::Cancelled => self.tell_both(&Outgoing::SessionCancelled),
            SessionStatus::Resolved if self.agent.is_some() => {
                // The existing agent takes anything that comes now for an error.
                self.timers
                    .set(Timer::ResolvedNotice, self.now + RESOLVED_NOTICE);
            }
            SessionStatus::Resolved => self.notify(Role::Viewer, &Outgoing::SessionResolved),
            SessionStatus::Error => self.close_everybody(Close::Ended),
            SessionStatus::Pending | SessionStatus::Active => {}
        }
    }

    /// How whoever comes or stays after the end is closed.
    pub(super) fn farewell(&self) -> Close {
        if self.status == SessionStatus::Timeout {
            Close::Expired
        } else {
            Close::Ended
        }
    }

    fn tell_both(&mut self, notice: &Outgoing<'_>) {
        self.notify(Role::Agent, notice);
        self.notify(Role::Viewer, notice);
    }
}
