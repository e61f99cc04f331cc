//! The relay: the wires, and how an honest one would use them.

use authloop_core::{
    agent::io::{Closed, HttpId, HttpResponse, Input, Method, Peer},
    viewer::v2::{self as viewer, PROTOCOL},
    wire::v2::RelayToAgent,
};
use serde_json::json;

use super::{End, world::World};

const ID: &str = "sess_1";

/// How many records the adversary remembers.
const REMEMBERED: usize = 200;

impl World {
    /// Lets an honest relay work until nothing is on its end.
    pub(super) fn settle(&mut self) {
        for _ in 0..5_000 {
            if !self.settle_once() {
                return;
            }
        }
        unreachable!("both ends never stop talking");
    }

    fn settle_once(&mut self) -> bool {
        if let Some((id, method)) = self.requests.pop_front() {
            self.answer(id, method);
            return true;
        }
        if self.relay_is_wanted {
            self.relay_is_wanted = false;
            self.relay_is_open = true;
            self.handle(Input::Opened(Peer::Relay));
            for who in [0, 1] {
                if let Some(chan) = self.screens[who].as_ref().and_then(|screen| screen.chan) {
                    self.say(End::Agent, &connected(chan));
                    self.say_to(who, r#"{"type":"agent_connected"}"#);
                }
            }
            return true;
        }
        for who in [0, 1] {
            if self.screens[who]
                .as_ref()
                .is_some_and(|screen| screen.dialling)
            {
                self.admit(who);
                return true;
            }
        }
        for end in [End::Agent, End::First, End::Second] {
            if let Some(record) = self.pull(end) {
                self.deliver(end, record);
                return true;
            }
        }
        false
    }

    fn admit(&mut self, who: usize) {
        self.channels = self.channels.wrapping_add(1).max(1);
        let (now, chan) = (self.at(), self.channels);
        if let Some(screen) = &mut self.screens[who] {
            screen.dialling = false;
            screen.chan = Some(chan);
            screen.handle(now, viewer::Input::Connected(Some(PROTOCOL)), &self.truth);
        }
        if self.relay_is_open {
            self.say(End::Agent, &connected(chan));
            self.say_to(who, r#"{"type":"agent_connected"}"#);
        }
    }

    /// Takes the oldest record off a wire. What a viewer sent gets its channel here.
    pub(super) fn pull(&mut self, end: End) -> Option<Vec<u8>> {
        for screen in self.screens.iter_mut().flatten() {
            let chan = screen.chan.unwrap_or_default();
            for mut record in screen.outbox.drain(..) {
                if let Some(place) = record.get_mut(2..4) {
                    place.copy_from_slice(&chan.to_be_bytes());
                }
                remember(&mut self.crossed, &record);
                self.to_agent.push_back(record);
            }
        }
        match end {
            End::Agent => self.to_agent.pop_front(),
            End::First => self.screens[0].as_mut()?.inbox.pop_front(),
            End::Second => self.screens[1].as_mut()?.inbox.pop_front(),
        }
    }

    pub(super) fn deliver(&mut self, end: End, record: Vec<u8>) {
        let now = self.at();
        let who = match end {
            End::Agent if self.relay_is_open => {
                return self.handle(Input::Binary(Peer::Relay, &record));
            }
            End::Agent => return,
            End::First => 0,
            End::Second => 1,
        };
        if let Some(screen) = self.screens[who]
            .as_mut()
            .filter(|screen| screen.chan.is_some())
        {
            screen.handle(now, viewer::Input::Binary(record), &self.truth);
        }
    }

    pub(super) fn say(&mut self, end: End, text: &str) {
        match end {
            End::Agent if self.relay_is_open => self.handle(Input::Text(Peer::Relay, text)),
            End::Agent => {}
            End::First => self.say_to(0, text),
            End::Second => self.say_to(1, text),
        }
    }

    pub(super) fn say_to(&mut self, who: usize, text: &str) {
        let now = self.at();
        if let Some(screen) = self.screens[who]
            .as_mut()
            .filter(|screen| screen.chan.is_some())
        {
            screen.handle(now, viewer::Input::Text(text), &self.truth);
        }
    }

    pub(super) fn hang_up(&mut self, who: usize, code: Option<u16>) {
        let now = self.at();
        let Some(screen) = &mut self.screens[who] else {
            return;
        };
        let chan = screen.chan;
        if chan.is_some() || screen.dialling {
            screen.lost(now, code, &self.truth);
        }
        if let Some(chan) = chan.and_then(|chan| chan.try_into().ok()) {
            self.say(
                End::Agent,
                &RelayToAgent::ViewerDisconnected { chan }.to_text(),
            );
        }
    }

    pub(super) fn cut(&mut self, code: u16) {
        if core::mem::take(&mut self.relay_is_open) {
            self.to_agent.clear();
            self.handle(Input::Closed(Peer::Relay, Closed::Code(code)));
        }
    }

    /// Hands over what is on its end, then closes, as an honest relay does.
    pub(super) fn close_viewer(&mut self, who: usize, code: u16) {
        let now = self.at();
        let truth = &self.truth;
        let Some(screen) = &mut self.screens[who] else {
            return;
        };
        while let Some(record) = screen.inbox.pop_front() {
            screen.handle(now, viewer::Input::Binary(record), truth);
        }
        if screen.chan.is_some() {
            screen.lost(now, Some(code), truth);
        }
    }

    pub(super) fn answer(&mut self, id: HttpId, method: Method) {
        let (status, body) = match method {
            Method::Post if self.link.is_empty() => (
                201,
                json!({
                "session_id": ID,
                "session_url": format!("https://relay.test/s/{ID}"),
                "stream_token": "token",
                "stream_url": format!("wss://relay.test/stream/{ID}"),
                "expires_at": "2026-11-22T10:10:00Z"}),
            ),
            Method::Get | Method::Post | Method::Delete => (
                200,
                json!({
                "session_id": ID, "status": self.status, "service": "Story",
                "created_at": "2026-11-22T10:00:00Z", "expires_at": "2026-11-22T10:10:00Z"}),
            ),
        };
        let body = body.to_string();
        let response = HttpResponse {
            status,
            date: Some("Sun, 22 Nov 2026 10:00:00 GMT"),
            retry_after: None,
            body: body.as_bytes(),
        };
        self.handle(Input::Http(id, Ok(response)));
    }
}

fn connected(chan: u16) -> String {
    let chan = chan.try_into().expect("from 1");
    RelayToAgent::ViewerConnected { chan }.to_text()
}

pub(super) fn remember(crossed: &mut Vec<Vec<u8>>, record: &[u8]) {
    if crossed.len() < REMEMBERED {
        crossed.push(record.to_vec());
    }
}
