//! A scripted browser and relay around one agent, in virtual time: tests tell a story with it.
#![expect(
    dead_code,
    unreachable_pub,
    reason = "each test file uses its own part of the story"
)]
#![expect(clippy::panic, reason = "a story that can't go on fails its test")]

pub mod disk;
pub mod sealed;

use std::{collections::BTreeSet, time::Duration};

use authloop_core::{
    agent::{
        Agent,
        config::{Config, Encryption},
        event::{Event, Outcome, Status},
        io::{
            Closed, ConnectFailure, HttpId, HttpRequest, HttpResponse, Input, Message, Method,
            Output, Peer, Request,
        },
    },
    api::Context,
    crypto::v1::ViewerChannel,
    generator::Generator,
    secret::{ApiKey, Seed},
    time::Timestamp,
};
use serde_json::{Value, json};

use self::disk::Disk;

/// The id of the session every story is about.
pub const SESSION: &str = "sess_story";

/// One agent between a scripted browser and a scripted relay.
pub struct Story {
    pub agent: Agent,
    pub now: Timestamp,
    /// What the browser was told, in order.
    pub commands: Vec<Value>,
    /// The same from the beginning, whatever was forgotten.
    pub told_ever: Vec<Value>,
    /// What the relay was sent, in order.
    pub relayed: Vec<Message>,
    /// HTTP requests that wait for an answer.
    pub requests: Vec<(HttpId, HttpRequest)>,
    /// WebSockets asked for.
    pub dialled: Vec<(Peer, String)>,
    /// The longest message that was said to be taken, per WebSocket asked for.
    pub longest: Vec<(Peer, usize)>,
    pub closed: Vec<Peer>,
    pub events: Vec<Event>,
    pub status: Status,
    /// Whether the browser's socket was lost on the way.
    pub lost_browser: bool,
    pub deadline: Option<Timestamp>,
    /// Methods the browser never answers.
    pub silent: BTreeSet<&'static str>,
    /// Methods the browser refuses.
    pub refused: BTreeSet<&'static str>,
    /// Where a human's files go.
    pub disk: Disk,
    unanswered: Vec<Value>,
    viewer: ViewerChannel,
    viewer_has_key: bool,
    viewer_random: Generator,
}

impl Story {
    /// Begins with a browser at this address.
    pub fn begin(cdp_url: &str) -> Self {
        Self::configured(|config| config.cdp_url = cdp_url.into())
    }

    /// Begins with a changed configuration.
    pub fn configured(change: impl FnOnce(&mut Config)) -> Self {
        let mut config = Config {
            cdp_url: "ws://browser.test/devtools/browser/b".into(),
            relay_url: "https://relay.test".into(),
            api_key: ApiKey::new("al_live_key"),
            service: "Story".into(),
            context: Some(Context {
                url: Some("https://wall.test/login".into()),
                ..Context::default()
            }),
            ttl: Some(600),
            max_frame_rate: None,
            encryption: Encryption::V1,
        };
        change(&mut config);
        let now = Timestamp::from_millis(1_000);
        let mut viewer_random = Generator::new(Seed::new([2; 32]));
        let mut story = Self {
            agent: Agent::new(config, Seed::new([1; 32]), now),
            now,
            commands: Vec::new(),
            told_ever: Vec::new(),
            relayed: Vec::new(),
            requests: Vec::new(),
            dialled: Vec::new(),
            longest: Vec::new(),
            closed: Vec::new(),
            events: Vec::new(),
            status: Status::default(),
            lost_browser: false,
            deadline: None,
            silent: BTreeSet::new(),
            refused: BTreeSet::new(),
            disk: Disk::default(),
            unanswered: Vec::new(),
            viewer: ViewerChannel::new(&mut viewer_random),
            viewer_has_key: false,
            viewer_random,
        };
        story.drain();
        story
    }

    /// A session whose stream is open, with nobody there yet.
    pub fn waiting() -> Self {
        Self::waiting_with(|_| {})
    }

    /// The same, with a changed configuration.
    pub fn waiting_with(change: impl FnOnce(&mut Config)) -> Self {
        let mut story = Self::configured(change);
        story.open(Peer::Browser);
        story.create();
        story.open(Peer::Relay);
        story.forget();
        story
    }

    /// A session with a viewer who has agreed on keys.
    pub fn attended() -> Self {
        let mut story = Self::waiting();
        story.viewer_joins();
        story.forget();
        story
    }

    /// Forgets what was said so far, so that a test sees only what follows.
    pub fn forget(&mut self) {
        self.commands.clear();
        self.relayed.clear();
        self.closed.clear();
        self.dialled.clear();
    }

    pub fn open(&mut self, peer: Peer) {
        self.input(Input::Opened(peer));
    }

    pub fn close(&mut self, peer: Peer, closed: Closed) {
        self.lost_browser |= peer == Peer::Browser;
        self.input(Input::Closed(peer, closed));
    }

    pub fn drained(&mut self) {
        self.input(Input::Drained(Peer::Relay));
    }

    pub fn request(&mut self, request: Request) {
        self.input(Input::Request(request));
    }

    pub fn browser_says(&mut self, message: &Value) {
        self.input(Input::Text(Peer::Browser, &message.to_string()));
    }

    /// An event of the page handed over.
    pub fn page_says(&mut self, method: &str, params: &Value) {
        self.browser_says(&json!({"method": method, "params": params, "sessionId": "S-page"}));
    }

    pub fn says(&mut self, peer: Peer, text: &str) {
        self.input(Input::Text(peer, text));
    }

    pub fn relay_says(&mut self, message: &Value) {
        self.input(Input::Text(Peer::Relay, &message.to_string()));
    }

    /// Connects a viewer, who agrees on keys if the agent greets it with one.
    pub fn viewer_joins(&mut self) {
        self.relay_says(&json!({"type": "viewer_connected"}));
        let greeting = self
            .texts_to_relay()
            .into_iter()
            .rfind(|text| text["type"] == "pubkey");
        let Some(greeting) = greeting else { return };
        let key = greeting["key"].as_str().expect("text");
        self.viewer.accept_key(key).expect("a good key");
        self.viewer_has_key = true;
        let key = self.viewer.public_key().to_owned();
        self.relay_says(&json!({"type": "pubkey", "key": key}));
    }

    /// A key of somebody who is not the viewer.
    pub fn attended_key() -> String {
        ViewerChannel::new(&mut Generator::new(Seed::new([9; 32])))
            .public_key()
            .to_owned()
    }

    /// Seals an event as the viewer does.
    pub fn seal(&mut self, event: &Value) -> Value {
        let sealed = self
            .viewer
            .seal(&mut self.viewer_random, event.to_string().as_bytes())
            .expect("the viewer has a key");
        json!({"type": "encrypted", "payload": sealed})
    }

    /// The viewer does something. One that has no key yet can't.
    pub fn viewer_does(&mut self, event: &Value) {
        if self.viewer_has_key {
            let sealed = self.seal(event);
            self.relay_says(&sealed);
        }
    }

    /// The page paints.
    pub fn page_paints(&mut self, jpeg: &[u8]) {
        self.browser_says(&picture(jpeg));
    }

    /// The page paints in a cast of another number.
    pub fn page_paints_in_cast(&mut self, cast: u32, jpeg: &[u8]) {
        let mut picture = picture(jpeg);
        picture["params"]["sessionId"] = json!(cast);
        self.browser_says(&picture);
    }

    /// The page paints, and nobody takes what the agent makes of it.
    pub fn page_paints_undrained(&mut self, jpeg: &[u8]) {
        let picture = picture(jpeg).to_string();
        let input = Input::Text(Peer::Browser, &picture);
        self.agent.handle(self.now, input);
    }

    /// Answers the request that has waited longest.
    pub fn answer(&mut self, status: u16, body: &str) {
        self.answer_dated(status, body, None);
    }

    pub fn answer_dated(&mut self, status: u16, body: &str, date: Option<&str>) {
        let (id, _) = self.requests.remove(0);
        let body = body.as_bytes();
        let response = HttpResponse {
            status,
            date,
            retry_after: Some(7),
            body,
        };
        self.input(Input::Http(id, Ok(response)));
    }

    pub fn fail_request(&mut self, failure: ConnectFailure) {
        let (id, _) = self.requests.remove(0);
        self.input(Input::Http(id, Err(failure)));
    }

    /// Lets the relay create the session.
    pub fn create(&mut self) {
        let (_, request) = &self.requests[0];
        assert_eq!(
            (request.method, request.url.as_str()),
            (Method::Post, "https://relay.test/session")
        );
        self.answer_dated(
            201,
            &created().to_string(),
            Some("Sun, 22 Nov 2026 10:00:00 GMT"),
        );
    }

    /// Lets time pass, stopping at every deadline on the way.
    pub fn pass(&mut self, millis: u64) {
        let end = self.now + Duration::from_millis(millis);
        for _ in 0..10_000 {
            match self.deadline {
                Some(at) if at <= end => {
                    self.now = self.now.max(at);
                    self.input(Input::Tick);
                    assert!(
                        self.deadline.is_none_or(|next| next > self.now),
                        "a deadline that has come is acted on"
                    );
                }
                _ => {
                    self.now = end;
                    self.input(Input::Tick);
                    return;
                }
            }
        }
        panic!("deadlines never end");
    }

    pub fn input(&mut self, input: Input<'_>) {
        self.agent.handle(self.now, input);
        self.drain();
    }

    fn drain(&mut self) {
        loop {
            match self.agent.poll() {
                Output::Connect(peer, connect) => {
                    self.longest.push((peer, connect.max_message));
                    self.dialled.push((peer, connect.url));
                }
                Output::Send(Peer::Browser, Message::Text(text)) => {
                    let command: Value = serde_json::from_str(&text).expect("commands are JSON");
                    self.commands.push(command.clone());
                    self.told_ever.push(command.clone());
                    self.unanswered.push(command);
                }
                Output::Send(Peer::Browser, Message::Binary(_)) => panic!("CDP is text"),
                Output::Send(Peer::Relay, message) => self.relayed.push(message),
                Output::Close(peer) => self.closed.push(peer),
                Output::Http(id, request) => self.requests.push((id, request)),
                Output::File(op) => self.disk.asked(op),
                Output::Event(event) => {
                    assert!(self.status.outcome.is_none(), "nothing follows the end");
                    self.status.apply(event.clone());
                    self.events.push(event);
                }
                Output::Idle(deadline) => {
                    self.deadline = deadline;
                    break;
                }
            }
        }
        while !self.unanswered.is_empty() {
            let command = self.unanswered.remove(0);
            if let Some(answer) = self.browser_answer(&command) {
                self.browser_says(&answer);
            }
        }
        self.hear_disk();
    }

    /// Lets the disk answer what it was asked, if it does at all.
    fn hear_disk(&mut self) {
        while let Some(answer) = self.disk.answers() {
            self.agent.handle(self.now, answer.input());
            self.drain();
        }
    }

    fn browser_answer(&self, command: &Value) -> Option<Value> {
        let method = command["method"].as_str().expect("commands name a method");
        let gives =
            !command["params"]["backendNodeId"].is_null() && method == "DOM.setFileInputFiles";
        if self.silent.contains(method) || (gives && self.disk.gives_in_silence) {
            return None;
        }
        if self.refused.contains(method) {
            return Some(json!({"id": command["id"], "error": {"code": -32000, "message": "no"}}));
        }
        let result = match method {
            "Target.getTargetInfo" => {
                json!({"targetInfo": {"targetId": "B", "type": "browser", "url": ""}})
            }
            "Target.getTargets" => json!({"targetInfos": [
                {"targetId": "T-mail", "type": "page", "url": "https://mail.test/"},
                {"targetId": "T-page", "type": "page", "url": "https://wall.test/login"},
            ]}),
            "Target.attachToTarget" => {
                let target = command["params"]["targetId"].as_str().expect("a target");
                json!({"sessionId": target.replace("T-", "S-")})
            }
            "DOM.describeNode" => json!({"node": {"attributes": self.disk.input}}),
            "DOM.resolveNode" => json!({"object": {"objectId": "input"}}),
            "Page.createIsolatedWorld" => json!({"executionContextId": 7}),
            "Runtime.evaluate" => json!({"result": {"objectId": "probe"}}),
            "Runtime.callFunctionOn" => json!({"result": {"value": self.disk.seen_by_browser()}}),
            "Browser.getVersion" => json!({"userAgent": "Mozilla/5.0 (X11; Linux x86_64)"}),
            "Page.getLayoutMetrics" => {
                json!({"cssLayoutViewport": {"pageX": 0, "pageY": 0, "clientWidth": 1280, "clientHeight": 720}})
            }
            "Page.getNavigationHistory" => json!({"currentIndex": 1, "entries": [
                {"id": 11, "url": "a"}, {"id": 12, "url": "b"}]}),
            _ => json!({}),
        };
        Some(json!({"id": command["id"], "result": result}))
    }

    // What was said.

    /// The methods the browser was told since the last [`Self::forget`].
    pub fn methods(&self) -> Vec<&str> {
        self.commands
            .iter()
            .filter_map(|command| command["method"].as_str())
            .collect()
    }

    pub fn count(&self, method: &str) -> usize {
        self.methods()
            .iter()
            .filter(|told| **told == method)
            .count()
    }

    /// The commands of one method.
    pub fn told(&self, method: &str) -> Vec<&Value> {
        self.commands
            .iter()
            .filter(|command| command["method"] == method)
            .collect()
    }

    pub fn texts_to_relay(&self) -> Vec<Value> {
        self.relayed
            .iter()
            .filter_map(|message| match message {
                Message::Text(text) => Some(serde_json::from_str(text).expect("JSON")),
                Message::Binary(_) => None,
            })
            .collect()
    }

    /// The pictures sent to the relay.
    pub fn pictures(&self) -> Vec<&[u8]> {
        self.relayed
            .iter()
            .filter_map(|message| match message {
                Message::Binary(bytes) => Some(&bytes[..]),
                Message::Text(_) => None,
            })
            .collect()
    }

    pub fn outcome(&self) -> Option<&Outcome> {
        self.status.outcome.as_ref()
    }
}

/// A picture of the page handed over, as Chromium sends it.
fn picture(jpeg: &[u8]) -> Value {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    let params = json!({
        "data": STANDARD.encode(jpeg),
        "metadata": {"offsetTop": 0, "pageScaleFactor": 1, "deviceWidth": 1280,
            "deviceHeight": 720, "scrollOffsetX": 0, "scrollOffsetY": 0},
        "sessionId": 1,
    });
    json!({"method": "Page.screencastFrame", "params": params, "sessionId": "S-page"})
}

/// The answer to `POST /session`.
pub fn created() -> Value {
    json!({
        "session_id": SESSION,
        "session_url": "https://relay.test/s/sess_story#1.v",
        "stream_token": "tok/en+&",
        "stream_url": "wss://relay.test/stream/sess_story",
        "expires_at": "2026-11-22T10:10:00Z",
    })
}

/// The answer to `GET /session/{id}`.
pub fn record(status: &str) -> String {
    json!({
        "session_id": SESSION,
        "status": status,
        "service": "Story",
        "created_at": "2026-11-22T10:00:00Z",
        "expires_at": "2026-11-22T10:10:00Z",
    })
    .to_string()
}
