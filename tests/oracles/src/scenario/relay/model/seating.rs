//! Who comes and goes: one agent; one viewer in version 1, eight in version 2; the newest stays.

use authloop_core::{
    api::SessionStatus,
    relay::{AGENT_ABSENCE, Close, ConnectionId, MAX_VIEWERS, Role},
    wire::v2::CloseCode,
};

use super::{
    Budget, MOST_CLOSES, Model, Timer,
    seat::{Channel, Seat, Viewer},
    words::{AGENT_CONNECTED, AGENT_DISCONNECTED, RESOLVED},
};

impl Model {
    /// Lets somebody in, or says by which code not.
    pub(in crate::scenario::relay) fn joins(
        &mut self,
        id: ConnectionId,
        role: Role,
        refused: Option<Close>,
        address: u8,
    ) -> Result<(), Close> {
        if let Some(close) = refused {
            return Err(close);
        }
        if self.status.is_terminal() {
            return Err(self.farewell());
        }
        if self.closes.len() >= MOST_CLOSES {
            return Err(Close::Overflow);
        }
        match role {
            Role::Agent => self.agent_joins(id),
            Role::Viewer => self.viewer_joins(id, address)?,
        }
        Ok(())
    }

    fn agent_joins(&mut self, id: ConnectionId) {
        self.timers.remove(&Timer::AgentAbsent);
        if let Some(old) = self.agent.take() {
            self.closes.push_back((old.id, Close::Replaced));
            self.forget_what_was_shown();
            self.tell_viewers(AGENT_DISCONNECTED);
        }
        self.agent = Some(Seat::new(id));
        let arrivals: Vec<String> = self.viewers.iter().filter_map(Viewer::arrival).collect();
        for arrival in arrivals {
            self.tell_agent(arrival);
        }
        self.tell_viewers(AGENT_CONNECTED);
    }

    fn viewer_joins(&mut self, id: ConnectionId, address: u8) -> Result<(), Close> {
        let channel = if self.sealed {
            self.passes_the_door(address)?;
            self.numbers += 1;
            self.make_room();
            self.counts.viewers += 1;
            Some(Channel {
                number: self.numbers,
                heard: None,
                said: Budget::default(),
                leaving: None,
            })
        } else {
            if let Some(old) = self.viewers.first() {
                self.dismiss(old.seat.id, Close::Replaced);
            }
            None
        };
        if self.status == SessionStatus::Pending {
            self.status = SessionStatus::Active;
        }
        let viewer = Viewer {
            seat: Seat::new(id),
            channel,
        };
        let arrival = viewer.arrival();
        self.viewers.push(viewer);
        arrival.into_iter().for_each(|text| self.tell_agent(text));
        if self.agent.is_some() {
            self.tell_viewer(id, AGENT_CONNECTED);
        }
        if let Some(key) = self.key.clone() {
            self.tell_viewer(id, &key);
        }
        Ok(())
    }

    /// Of eight the one goes that is going anyway, or never said anything, or was silent longest.
    fn make_room(&mut self) {
        if self.viewers.len() < MAX_VIEWERS {
            return;
        }
        let least = self.viewers.iter().min_by_key(|viewer| {
            let channel = viewer.channel.as_ref();
            (
                viewer.leaving().is_none(),
                channel.and_then(|channel| channel.heard),
            )
        });
        let least = least.map(|viewer| (viewer.seat.id, viewer.leaving()));
        match least {
            Some((id, Some((close, _)))) => self.dismiss(id, close),
            Some((id, None)) => {
                self.counts.viewers_crowded_out += 1;
                self.dismiss(id, Close::Viewer(CloseCode::Busy));
            }
            None => {}
        }
    }

    /// A socket went by itself.
    pub(in crate::scenario::relay) fn left(&mut self, id: ConnectionId) {
        match self.role_of(id) {
            Some(Role::Agent) => self.agent_left(),
            Some(Role::Viewer) => self.viewer_left(id),
            None => {}
        }
    }

    pub(super) fn agent_left(&mut self) {
        self.agent = None;
        self.forget_what_was_shown();
        if self.timers.remove(&Timer::ResolvedNotice).is_some() {
            self.tell_viewers(RESOLVED);
        }
        self.tell_viewers(AGENT_DISCONNECTED);
        if !self.status.is_terminal() {
            self.timers
                .insert(Timer::AgentAbsent, self.now + AGENT_ABSENCE);
        }
    }

    fn viewer_left(&mut self, id: ConnectionId) {
        let Some(place) = self.viewers.iter().position(|viewer| viewer.seat.id == id) else {
            return;
        };
        let viewer = self.viewers.remove(place);
        if !self.status.is_terminal()
            && let Some(text) = viewer.departure()
        {
            self.tell_agent(text);
        }
    }

    pub(super) fn dismiss(&mut self, id: ConnectionId, close: Close) {
        self.closes.push_back((id, close));
        self.viewer_left(id);
    }

    pub(super) fn close_the_late(&mut self) {
        let now = self.now;
        while let Some(place) = self
            .viewers
            .iter()
            .position(|viewer| viewer.leaving().is_some_and(|(_, until)| until <= now))
        {
            let viewer = self.viewers.remove(place);
            let close = viewer.leaving().map(|(close, _)| (viewer.seat.id, close));
            self.closes.extend(close);
        }
    }

    /// Every socket is to be closed; those that were to be closed anyway, as they were to be.
    pub(in crate::scenario::relay) fn close_everybody(&mut self, close: Close) {
        let agent = self.agent.take().map(|agent| (agent.id, close));
        let viewers = self.viewers.drain(..).map(|viewer| {
            let close = viewer.leaving().map_or(close, |(close, _)| close);
            (viewer.seat.id, close)
        });
        self.closes.extend(agent.into_iter().chain(viewers));
    }
}
