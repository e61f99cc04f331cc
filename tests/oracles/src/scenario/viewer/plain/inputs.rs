//! What comes to the viewer: the socket, the agent's key and pictures, the relay's words, the human.

use std::time::Duration;

use authloop_core::{
    input::InputEvent,
    time::Timestamp,
    viewer::v1::{Ended, Event, Frame, Input, Pacing, Request},
    wire::v1::{FrameMeta, Outgoing},
};

use super::{
    World,
    model::{Link, MOST_BYTES, MOST_INPUTS},
};

impl World {
    pub(super) fn handle<'a>(&mut self, input: impl Fn() -> Input<'a>) {
        self.now = self.now.max(Timestamp::from_millis(self.clock));
        let now = Timestamp::from_millis(self.clock);
        self.viewer.tell(|viewer| viewer.handle(now, input()));
    }

    pub(super) fn text(&mut self, message: &Outgoing<'_>) {
        let text = message.to_text();
        self.handle(|| Input::Text(&text));
    }

    pub(super) fn tick(&mut self) {
        self.handle(|| Input::Tick);
    }

    pub(super) fn relink(&mut self, link: Link) {
        self.handle(|| match link {
            Link::Offline => Input::Disconnected,
            Link::Waiting | Link::Keyed(_) => Input::Connected,
        });
        if self.model.is_running() {
            self.model.relink(link);
        }
    }

    pub(super) fn key(&mut self) {
        let key = String::from(self.agent.public_key());
        self.text(&Outgoing::Pubkey { key: &key });
        if self.model.link == Link::Offline {
            return self.model.counts(|counters| &mut counters.refused_keys);
        }
        self.model.owes_key = true;
        self.model.link = Link::Keyed(match self.pacing {
            Pacing::Immediate => self.now,
            Pacing::Gentle => self.now + Duration::from_millis(300),
        });
    }

    pub(super) fn announce(&mut self, size: u8) {
        let meta = FrameMeta {
            device_width: f64::from(size),
            device_height: 720.0,
            offset_top: 0.0,
            page_scale_factor: 1.0,
            scroll_offset_x: 0.0,
            scroll_offset_y: 0.0,
            jpeg_size: size.into(),
        };
        self.text(&Outgoing::Frame(meta));
        if self.model.is_running() && self.model.announced.replace(meta).is_some() {
            self.model
                .counts(|counters| &mut counters.mismatched_frames);
        }
    }

    pub(super) fn picture(&mut self, size: u8) {
        let jpeg = vec![size; size.into()];
        self.handle(|| Input::Binary(&jpeg));
        if !self.model.is_running() {
            return;
        }
        match self.model.announced.take() {
            Some(meta) if meta.jpeg_size == jpeg.len() => {
                let jpeg = jpeg.into();
                if self.model.frame.replace(Frame { meta, jpeg }).is_some() {
                    self.model.counts(|counters| &mut counters.skipped_frames);
                }
            }
            Some(_) | None => self
                .model
                .counts(|counters| &mut counters.mismatched_frames),
        }
    }

    pub(super) fn word(&mut self, word: u8) {
        let said = match word % 16 {
            3 => Outgoing::SessionResolved,
            5 => Outgoing::SessionCancelled,
            7 => Outgoing::SessionExpired,
            even if even % 2 == 0 => Outgoing::AgentConnected,
            _ => Outgoing::AgentDisconnected,
        };
        self.text(&said);
        match word % 16 {
            3 => self.model.end(Ended::Resolved),
            5 => self.model.end(Ended::Cancelled),
            7 => self.model.end(Ended::Expired),
            even if even % 2 == 0 => self.model.tell(Event::AgentJoined),
            _ => self.model.tell(Event::AgentLeft),
        }
    }

    pub(super) fn request(&mut self, event: Option<InputEvent>) {
        let Some(event) = event else { return };
        self.handle(|| Input::Request(Request::Send(event.clone())));
        let json = event.to_json();
        self.last = Some(event);
        if !self.model.is_running() {
            return;
        }
        let fits = self.model.inputs.len() < MOST_INPUTS
            && self.model.waiting_bytes() + json.len() <= MOST_BYTES;
        if fits {
            self.model.inputs.push_back(json);
        } else {
            self.model.counts(|counters| &mut counters.refused_input);
        }
        // What is asked for in one step is sent in one.
        if self.model.inputs.len() > MOST_INPUTS / 2 {
            self.drain();
        }
    }
}
