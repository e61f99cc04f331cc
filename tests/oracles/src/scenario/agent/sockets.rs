//! What the agent says, done or noted, and sockets and exchanges that end in every way.

use authloop_core::agent::{
    event::Event,
    io::{
        Closed, ConnectFailure, HttpId, HttpRequest, HttpResponse, Input, Message, Method, Output,
        Peer,
    },
};

use super::{
    Http, Socket,
    viewer::picked_for,
    world::{Line, World},
};
use crate::{chromium::Command, scenario::invariants::the_end_is_the_end, script};

/// The session's id.
pub(super) const ID: &str = "sess_1";

/// The codes a socket is closed with.
const CODES: [u16; 10] = [1000, 1006, 1012, 4400, 4401, 4403, 4404, 4408, 4410, 4426];

const FAILURES: [ConnectFailure; 7] = [
    ConnectFailure::Unreachable,
    ConnectFailure::TimedOut,
    ConnectFailure::Status(500),
    ConnectFailure::Status(401),
    ConnectFailure::Protocol,
    ConnectFailure::Tls,
    ConnectFailure::TooLarge,
];

const STATUSES: [u16; 8] = [200, 201, 204, 302, 401, 404, 429, 500];

const CREATED: &str = r#"{"session_id":"sess_1","session_url":"https://relay.test/s/sess_1","stream_token":"token","stream_url":"wss://relay.test/stream/sess_1","expires_at":"2026-11-22T10:10:00Z"}"#;

const BODIES: [&str; 10] = [
    CREATED,
    r#"{"session_id":"sess_1","status":"ACTIVE"}"#,
    r#"{"session_id":"sess_1","status":"RESOLVED"}"#,
    r#"{"session_id":"sess_1","status":"CANCELLED"}"#,
    r#"{"session_id":"sess_1","status":"TIMEOUT"}"#,
    r#"{"session_id":"sess_1","status":"ERROR"}"#,
    r#"{"session_id":"sess_1","session_url":"https://other.test/s/sess_1","stream_token":"t","stream_url":"wss://other.test/","expires_at":"2026-11-22T10:10:00Z"}"#,
    r#"{"error":{"code":"quota"}}"#,
    "[]",
    "<",
];

const LIST: &str = r#"[{"id":"T","type":"page","url":"https://wall.test/login","webSocketDebuggerUrl":"ws://127.0.0.1:9222/devtools/page/T"}]"#;

const BROWSER: &str = r#"{"webSocketDebuggerUrl":"ws://127.0.0.1:9222/devtools/browser/B"}"#;

impl World {
    /// Takes out all that the machine wants done.
    pub(super) fn drain(&mut self) {
        let drained = self.agent.drain();
        self.deadline = drained.deadline;
        if self.model.outcome.is_some() {
            the_end_is_the_end(&drained);
        }
        for output in drained.said {
            self.hear_agent(output);
        }
        if self.model.outcome.is_some() {
            self.model.at_the_end(self.deadline);
        }
    }

    fn hear_agent(&mut self, output: Output) {
        match output {
            Output::Connect(peer, _) => {
                let line = core::mem::replace(self.line(peer), Line::Wanted);
                self.model.dials(line);
                if peer == Peer::Browser {
                    self.unanswered.clear();
                    self.chromium.sessions.clear();
                    self.model.browser_dialled();
                    self.files.browser_dialled();
                    self.scripts.browser_dialled();
                }
            }
            Output::Send(peer, message) => {
                let line = *self.line(peer);
                self.model.writes(line);
                self.send(peer, message);
            }
            Output::Close(peer) => *self.line(peer) = Line::Down,
            Output::Http(id, request) => {
                if request.peer == Peer::Relay {
                    let body = request.body.as_deref().unwrap_or_default();
                    self.model.crosses(body.as_bytes(), &self.link);
                }
                self.exchanges.push_back((id, request));
            }
            Output::Event(event) => self.event(event),
            Output::File(op) => self.files.wants(op),
            Output::Idle(_) => {}
        }
    }

    fn send(&mut self, peer: Peer, message: Message) {
        match (peer, message) {
            (Peer::Browser, Message::Text(text)) => {
                let watch = self.watch();
                let command = Command::parse(&text);
                self.model.told(watch, &command);
                let viewers = &self.viewers;
                self.files
                    .told(|place| picked_for(viewers, place), &command);
                self.unanswered.push_back(text);
            }
            (Peer::Browser, Message::Binary(_)) => unreachable!("CDP is text"),
            (Peer::Relay, message) => {
                self.owes_drained = true;
                let bytes = match &message {
                    Message::Text(text) => text.as_bytes(),
                    Message::Binary(bytes) => bytes,
                };
                self.model.crosses(bytes, &self.link);
                match message {
                    Message::Text(text) => self.viewers_hear_text(&text),
                    Message::Binary(bytes) => self.viewers_hear(&bytes),
                }
            }
        }
    }

    fn event(&mut self, event: Event) {
        if let Event::Created(info) = event {
            if let Some((_, digits)) = info.session_url.split_once("#2.") {
                self.link = digits.to_owned();
            }
        } else if let Event::Ended(outcome) = event {
            self.model.ends(outcome);
        }
    }

    pub(super) fn socket(&mut self, browser: bool, becomes: Socket) {
        let peer = if browser { Peer::Browser } else { Peer::Relay };
        let closed = match becomes {
            Socket::Opened => {
                if !self.open(peer) {
                    self.model.is_senseless = true;
                    self.input(|| Input::Opened(peer));
                }
                return;
            }
            Socket::Lost => Closed::Lost,
            Socket::Closed(code) => {
                Closed::Code(script::pick(&CODES, code).copied().unwrap_or(1006))
            }
            Socket::Failed(how) => Closed::Failed(failure(how)),
        };
        let line = core::mem::replace(self.line(peer), Line::Down);
        self.model.is_senseless |= line == Line::Down;
        self.model.lost_browser |= browser;
        if peer == Peer::Relay {
            self.owes_drained = false;
            self.disconnect_viewers();
        }
        self.input(|| Input::Closed(peer, closed));
    }

    /// Ends the exchange that is under way longest as it should; tells whether there was one.
    pub(super) fn end_exchange(&mut self) -> bool {
        let Some((id, request)) = self.exchanges.pop_front() else {
            return false;
        };
        let (status, body) = honest(&request);
        self.answer(id, status, body.as_bytes());
        true
    }

    pub(super) fn http(&mut self, which: u8, ends: &Http) {
        let place = usize::from(which).checked_rem(self.exchanges.len());
        let Some((id, request)) = place.and_then(|place| self.exchanges.remove(place)) else {
            return;
        };
        match ends {
            Http::Well => {
                let (status, body) = honest(&request);
                self.answer(id, status, body.as_bytes());
            }
            Http::Oddly { status, body } => {
                let status = script::pick(&STATUSES, *status).copied().unwrap_or(200);
                let body = script::pick(&BODIES, *body).copied().unwrap_or_default();
                self.model.relay_says(body);
                self.answer(id, status, body.as_bytes());
            }
            Http::Raw(status, body) => {
                self.model.relay_says(&String::from_utf8_lossy(body));
                self.answer(id, *status, body);
            }
            Http::Failed(how) => {
                let failure = failure(*how);
                self.input(|| Input::Http(id, Err(failure)));
            }
        }
    }

    fn answer(&mut self, id: HttpId, status: u16, body: &[u8]) {
        let response = HttpResponse {
            status,
            date: Some("Sun, 22 Nov 2026 10:00:00 GMT"),
            retry_after: Some(7),
            body,
        };
        self.hear(|agent, now| agent.handle(now, Input::Http(id, Ok(response))));
    }
}

fn failure(number: u8) -> ConnectFailure {
    script::pick(&FAILURES, number)
        .copied()
        .unwrap_or(ConnectFailure::TimedOut)
}

/// What an honest peer answers.
fn honest(request: &HttpRequest) -> (u16, &'static str) {
    match request.peer {
        Peer::Browser if request.url.ends_with("/json") => (200, LIST),
        Peer::Browser => (200, BROWSER),
        Peer::Relay if request.method == Method::Post && request.body.is_some() => (201, CREATED),
        Peer::Relay => (200, BODIES[1]),
    }
}
