//! Who comes and goes, and how a session ends: the same in both versions, but that version 2 has
//! several viewers and names each to the agent by its channel.
//!
//! Joins and leaves are announced in either order, a leave always before the join that replaces it:
//! so a side that counts and one that doesn't both end up right. A terminal status never changes.

use alloc::string::String;
use core::time::Duration;

use super::{
    Applicant, Close, ConnectionId, Protocol, Room, Seat, Viewer,
    outbox::Outbox,
    v1::Kept,
    v2::{Channel, Leaving},
};
use crate::{
    api::SessionStatus, time::Timestamp, timer::TimerKind, wire::v1::Outgoing,
    wire::v2::RelayToAgent,
};

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
        self.close_the_late();
        while let Some(timer) = self.timers.expire(self.now) {
            match timer {
                Timer::Expiry => self.finish(SessionStatus::Timeout),
                Timer::AgentAbsent => self.finish(SessionStatus::Error),
                Timer::ResolvedNotice => self.tell_everybody(&Outgoing::SessionResolved),
                Timer::Linger => self.close_everybody(self.farewell()),
                Timer::Forget => self.forget = true,
            }
        }
    }

    /// Returns when there is something to do although nothing happens.
    pub(super) fn deadline(&self) -> Option<Timestamp> {
        let late = self
            .viewers
            .iter()
            .filter_map(|viewer| Some(viewer.leaving()?.until));
        late.chain(self.timers.next()).min()
    }

    pub(super) fn agent_joined(&mut self, id: ConnectionId) {
        self.timers.clear(Timer::AgentAbsent);
        if let Some(old) = self.agent.take() {
            self.closes.push_back((old.id, Close::Replaced));
            self.forget_what_was_being_shown();
            self.tell_viewers(&Outgoing::AgentDisconnected);
        }
        self.agent = Some(Seat {
            id,
            outbox: Outbox::default(),
        });
        for place in 0..self.viewers.len() {
            if let Some(text) = self.viewers.get(place).and_then(Viewer::arrival) {
                self.tell_agent(text);
            }
        }
        self.tell_viewers(&Outgoing::AgentConnected);
    }

    pub(super) fn viewer_joined(
        &mut self,
        id: ConnectionId,
        applicant: Applicant<'_>,
    ) -> Result<(), Close> {
        let channel = match applicant {
            Applicant::SealedViewer { address, .. } => Some(self.open_channel(address)?),
            Applicant::Viewer { .. } | Applicant::Agent { .. } => {
                if let Some(old) = self.viewers.first() {
                    self.dismiss(old.id, Close::Replaced);
                }
                None
            }
        };
        if self.status == SessionStatus::Pending {
            self.status = SessionStatus::Active;
        }
        let viewer = Viewer {
            id,
            outbox: Outbox::default(),
            channel,
        };
        let arrival = viewer.arrival();
        self.viewers.push(viewer);
        if self.agent.is_some() {
            arrival.into_iter().for_each(|text| self.tell_agent(text));
        }
        // The agent may have gone over that.
        if self.agent.is_some() {
            self.tell_viewer(id, &Outgoing::AgentConnected);
        }
        if let Some(key) = self.kept().and_then(|kept| kept.public_key.clone()) {
            self.send_own(id, key);
        }
        Ok(())
    }

    pub(super) fn agent_left(&mut self) {
        self.agent = None;
        self.forget_what_was_being_shown();
        if self.status == SessionStatus::Resolved && self.timers.is_set(Timer::ResolvedNotice) {
            self.timers.clear(Timer::ResolvedNotice);
            self.tell_viewers(&Outgoing::SessionResolved);
        }
        self.tell_viewers(&Outgoing::AgentDisconnected);
        if !self.status.is_terminal() {
            self.timers
                .set(Timer::AgentAbsent, self.now + AGENT_ABSENCE);
        }
    }

    pub(super) fn viewer_left(&mut self, id: ConnectionId) {
        let Some(place) = self.viewers.iter().position(|viewer| viewer.id == id) else {
            return;
        };
        let viewer = self.viewers.remove(place);
        if self.status.is_terminal() || viewer.leaving().is_some() {
            return;
        }
        match viewer.channel {
            Some(channel) => self.channel_closed(channel.number),
            None => self.tell_agent(Outgoing::ViewerDisconnected.to_text()),
        }
    }

    /// Takes a viewer's seat away and closes its socket.
    pub(super) fn dismiss(&mut self, id: ConnectionId, close: Close) {
        self.closes.push_back((id, close));
        self.viewer_left(id);
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
        if let Some(kept) = self.kept() {
            *kept = Kept::default();
        }
        if let Some(agent) = &mut self.agent {
            agent.outbox.drop_all();
        }
        for viewer in &mut self.viewers {
            viewer.outbox.drop_frame();
        }
        match status {
            SessionStatus::Timeout => self.tell_everybody(&Outgoing::SessionExpired),
            SessionStatus::Cancelled => self.tell_everybody(&Outgoing::SessionCancelled),
            SessionStatus::Resolved if self.agent.is_some() => {
                // The existing agent takes anything that comes now for an error.
                self.timers
                    .set(Timer::ResolvedNotice, self.now + RESOLVED_NOTICE);
            }
            SessionStatus::Resolved => self.tell_viewers(&Outgoing::SessionResolved),
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

    /// Closes every socket; those that were to be closed anyway, as they were to be.
    pub(super) fn close_everybody(&mut self, close: Close) {
        let agent = self.agent.take().map(|agent| (agent.id, close));
        let viewers = self.viewers.drain(..).map(|viewer| {
            let close = viewer.leaving().map_or(close, |leaving| leaving.close);
            (viewer.id, close)
        });
        self.closes.extend(agent.into_iter().chain(viewers));
    }

    /// What the agent was showing when it went is of no more use: in version 1 half a frame, in
    /// version 2 all of them, since its keys are gone with it.
    fn forget_what_was_being_shown(&mut self) {
        match &mut self.protocol {
            Protocol::V1(kept) => kept.frame_meta = None,
            Protocol::V2(_) => {
                for viewer in &mut self.viewers {
                    viewer.outbox.drop_frame();
                }
            }
        }
    }
}

impl Viewer {
    /// How it goes, if the agent wants it closed.
    pub(super) fn leaving(&self) -> Option<Leaving> {
        self.channel.as_ref().and_then(|channel| channel.leaving)
    }

    /// How the agent is told that it is there; `None` for one on its way out.
    fn arrival(&self) -> Option<String> {
        match &self.channel {
            None => Some(Outgoing::ViewerConnected.to_text()),
            Some(Channel {
                number,
                leaving: None,
                ..
            }) => Some(RelayToAgent::ViewerConnected { chan: *number }.to_text()),
            Some(_) => None,
        }
    }
}
