//! A hand-off without sockets, latency or a relay's tricks: only the machines, and a scripted browser.

use std::{collections::VecDeque, net::IpAddr, time::Duration};

use authloop_core::{
    agent::{
        self, Agent,
        config::{Config, Encryption, EndToEnd},
        event::Event,
        io::{HttpId, HttpRequest, HttpResponse, Message, Method, Peer},
    },
    api::CreateSession,
    input::InputEvent,
    relay::{self, Admission, Applicant, ConnectionId, Ending, Item, Room, RoomConfig, TokenHash},
    secret::{ApiKey, Seed},
    time::{Timestamp, WallTime},
};
use serde_json::json;

use super::{
    party::{Heard, Said, Viewer},
    took::{Kind, Machine, Took},
};
use crate::{simulator::browser::Browser, story::Version};

const SESSION: &str = "sess_steps";
const STREAM_TOKEN: &str = "stream-token";
const VIEWER_TOKEN: &str = "viewer-token";

/// The size of a picture of a page full of text.
const PICTURE: usize = 100_000;

/// As long as a text may be, in bytes too, and full of what has to be escaped.
const WORST_PASTE: &str = "paste, the most awkward";

/// Longer than a hand-off here lasts, in seconds.
const TTL: u64 = 86_400;

/// How much may be said at one moment.
const MOST_AT_ONCE: usize = 10_000;

const AGENT: ConnectionId = ConnectionId(0);

/// The machines of one hand-off.
pub(super) struct World {
    version: Version,
    seed: u8,
    now: u64,
    took: Took,
    agent: Agent,
    room: Option<Room>,
    viewer: Option<Viewer>,
    browser: Browser,
    /// When agent, room and viewer want to be woken.
    deadlines: [Option<Timestamp>; 3],
    /// What was said and hasn't been heard yet.
    under_way: VecDeque<News>,
    /// The number of the human's socket; the next one has another.
    viewer_socket: u64,
    is_viewer_connected: bool,
    /// What the human did last.
    doing: &'static str,
    sees_the_page: bool,
    is_over: bool,
}

/// Something on its way to a machine.
enum News {
    BrowserOpened,
    RelayOpened,
    BrowserSaid(String),
    BrowserTookAll,
    Answered(HttpId, u16, String),
    ToAgent(Message),
    ToRoom(ConnectionId, Message),
    Written(ConnectionId),
    ToViewer(Message),
    ViewerConnected,
}

impl World {
    /// Begins a hand-off, and has a human open its link.
    pub(super) fn open(version: Version, seed: u8, took: Took) -> Self {
        let encryption = match version {
            Version::V1 => Encryption::V1,
            Version::V2 => Encryption::V2(EndToEnd {
                viewer_url: "https://relay.test".into(),
                pin: None,
            }),
        };
        let config = Config {
            cdp_url: "ws://browser.test/devtools/browser/b".into(),
            relay_url: "https://relay.test".into(),
            api_key: ApiKey::new("al_live_steps"),
            service: "Steps".into(),
            context: None,
            ttl: Some(TTL),
            max_frame_rate: None,
            encryption,
        };
        let now = 1_000;
        let mut world = Self {
            version,
            seed,
            now,
            took,
            agent: Agent::new(config, Seed::new([seed; 32]), Timestamp::from_millis(now)),
            room: None,
            viewer: None,
            browser: Browser::default(),
            deadlines: [None; 3],
            under_way: VecDeque::new(),
            viewer_socket: 1,
            is_viewer_connected: false,
            doing: "",
            sees_the_page: false,
            is_over: false,
        };
        world.browser.picture = PICTURE;
        world.tell_agent(Kind::quick("time passes"), agent::io::Input::Tick);
        world.settle();
        world
    }

    // What happens.

    /// The human does something.
    pub(super) fn does(&mut self, event: InputEvent) {
        let pasted = if let InputEvent::Paste(text) = &event {
            text.as_str()
        } else {
            ""
        };
        self.doing = if !pasted.is_ascii() {
            WORST_PASTE
        } else if pasted.len() > 100 {
            "paste of 10,000 letters"
        } else {
            event.kind()
        };
        let kind = self.kind_of_input("request: ");
        self.tell_viewer(kind, Heard::Asked(event));
        self.settle();
    }

    /// The page changes its looks.
    pub(super) fn paints(&mut self) {
        self.browser.paint(self.now);
        self.hear_browser();
        self.settle();
    }

    /// The page shows another document.
    pub(super) fn navigates(&mut self) {
        self.browser.navigate(self.now);
        self.hear_browser();
        self.settle();
    }

    /// The human's connection is lost.
    pub(super) fn loses_the_human(&mut self) {
        let left = relay::Input::Left(ConnectionId(self.viewer_socket));
        self.viewer_socket += 1;
        self.is_viewer_connected = false;
        self.sees_the_page = false;
        self.tell_room(Kind::quick("a viewer is gone"), left);
        self.tell_viewer(Kind::quick("the connection is lost"), Heard::Lost);
        self.settle();
    }

    /// Lets time pass, stopping at every deadline on the way.
    pub(super) fn pass(&mut self, millis: u64) {
        let end = self.now + millis;
        loop {
            let next = self.deadlines.iter().flatten().min();
            let next = next.map(|at| at.as_millis()).filter(|at| *at <= end);
            self.now = self.now.max(next.unwrap_or(end));
            let now = Timestamp::from_millis(self.now);
            let due = self.deadlines.map(|at| at.is_some_and(|at| at <= now));
            let kind = || Kind::quick("time passes");
            if due[0] {
                self.tell_agent(kind(), agent::io::Input::Tick);
            }
            if due[1] {
                self.tell_room(kind(), relay::Input::Tick);
            }
            if due[2] {
                self.tell_viewer(kind(), Heard::Tick);
            }
            self.settle();
            if next.is_none() {
                return;
            }
        }
    }

    // What became of it.

    pub(super) fn sees_the_page(&self) -> bool {
        self.sees_the_page
    }

    /// How many clicks have reached the page.
    pub(super) fn reached_the_page(&self) -> usize {
        self.browser.presses.len()
    }

    pub(super) fn is_over(&self) -> bool {
        self.is_over
    }

    pub(super) fn into_took(self) -> Took {
        self.took
    }

    // Steps.

    fn tell_agent(&mut self, kind: Kind, input: agent::io::Input<'_>) {
        let (agent, now) = (&mut self.agent, Timestamp::from_millis(self.now));
        let step = || {
            let mut said = Vec::with_capacity(64);
            agent.handle(now, input);
            loop {
                let output = agent.poll();
                if let agent::io::Output::Idle(deadline) = output {
                    return (said, deadline);
                }
                said.push(output);
            }
        };
        let version = self.version;
        let kind = |(said, _): &(Vec<_>, _)| {
            if said.iter().any(|output| makes_keys(version, output)) {
                Kind::heavy("keys are made for a session")
            } else {
                kind
            }
        };
        let (said, deadline) = self.took.step(Machine::Agent, kind, step);
        self.deadlines[0] = deadline;
        for output in said {
            self.agent_said(output);
        }
    }

    fn tell_room(&mut self, kind: Kind, input: relay::Input<'_>) {
        let Some(room) = &mut self.room else { return };
        let now = Timestamp::from_millis(self.now);
        let mut said = Vec::with_capacity(64);
        self.deadlines[1] = self.took.step(
            Machine::Room,
            |_| kind,
            || {
                room.handle(now, input);
                loop {
                    let output = room.poll();
                    if let relay::Output::Idle(deadline) = output {
                        return deadline;
                    }
                    said.push(output);
                }
            },
        );
        for output in said {
            self.room_said(output);
        }
    }

    fn tell_viewer(&mut self, kind: Kind, heard: Heard) {
        let Some(viewer) = &mut self.viewer else {
            return;
        };
        let now = Timestamp::from_millis(self.now);
        let mut said = Vec::with_capacity(64);
        self.deadlines[2] = self.took.step(
            Machine::Viewer,
            |_| kind,
            || viewer.step(now, heard, &mut said),
        );
        for said in said {
            self.viewer_said(said);
        }
    }

    // What they say.

    fn agent_said(&mut self, output: agent::io::Output) {
        use agent::io::Output;
        match output {
            Output::Connect(Peer::Browser, _) => self.under_way.push_back(News::BrowserOpened),
            Output::Connect(Peer::Relay, _) => {
                let token = STREAM_TOKEN;
                self.admit(AGENT, Applicant::Agent { token });
                self.under_way.push_back(News::RelayOpened);
            }
            Output::Send(Peer::Browser, Message::Text(text)) => {
                self.browser.told(self.now, &text);
                self.hear_browser();
                self.under_way.push_back(News::BrowserTookAll);
            }
            Output::Send(Peer::Browser, Message::Binary(_)) => unreachable!("CDP is text"),
            Output::Send(Peer::Relay, message) => {
                self.under_way.push_back(News::ToRoom(AGENT, message));
            }
            Output::Http(id, request) => {
                let (status, body) = self.rest(&request);
                self.under_way.push_back(News::Answered(id, status, body));
            }
            Output::Event(Event::Created(session)) => {
                let now = Timestamp::from_millis(self.now);
                let viewer = Viewer::open(self.version, &session.session_url, self.seed, now);
                self.viewer = Some(viewer);
                self.tell_viewer(Kind::quick("time passes"), Heard::Tick);
            }
            Output::Event(Event::Ended(_)) => self.is_over = true,
            Output::Event(_) | Output::Close(_) | Output::File(_) | Output::Idle(_) => {}
        }
    }

    fn room_said(&mut self, output: relay::Output) {
        let relay::Output::Send(id, item) = output else {
            return;
        };
        let messages = match item {
            Item::Text(text) => [Some(Message::Text(text)), None],
            Item::Binary(bytes) => [Some(Message::Binary(bytes)), None],
            Item::Frame(frame) => [
                frame.meta.map(Message::Text),
                Some(Message::Binary(frame.jpeg)),
            ],
        };
        for message in messages.into_iter().flatten() {
            if id == AGENT {
                self.under_way.push_back(News::ToAgent(message));
            } else if id == ConnectionId(self.viewer_socket) {
                self.under_way.push_back(News::ToViewer(message));
            }
        }
        self.under_way.push_back(News::Written(id));
    }

    fn viewer_said(&mut self, said: Said) {
        match said {
            Said::Dial(token) => {
                let token = token.as_str();
                let applicant = match self.version {
                    Version::V1 => Applicant::Viewer { token },
                    Version::V2 => Applicant::SealedViewer {
                        token,
                        address: IpAddr::from([192, 0, 2, 1]),
                    },
                };
                // The viewer hears that it is connected before it hears anything else.
                self.under_way.push_back(News::ViewerConnected);
                self.is_viewer_connected = true;
                self.admit(ConnectionId(self.viewer_socket), applicant);
            }
            Said::Send(message) if self.is_viewer_connected => {
                let from = ConnectionId(self.viewer_socket);
                self.under_way.push_back(News::ToRoom(from, message));
            }
            Said::Send(_) => {}
            Said::Picture => self.sees_the_page = true,
        }
    }

    fn hear_browser(&mut self) {
        let said = self.browser.says();
        self.under_way
            .extend(said.into_iter().map(News::BrowserSaid));
    }

    // How it travels.

    fn settle(&mut self) {
        for _ in 0..MOST_AT_ONCE {
            let Some(news) = self.under_way.pop_front() else {
                return;
            };
            self.deliver(news);
        }
        unreachable!("they never stop talking");
    }

    fn deliver(&mut self, news: News) {
        use agent::io::Input;
        match news {
            News::BrowserOpened => {
                self.tell_agent(Kind::quick("browser opened"), Input::Opened(Peer::Browser));
            }
            News::RelayOpened => {
                self.tell_agent(Kind::quick("relay opened"), Input::Opened(Peer::Relay));
            }
            News::BrowserSaid(text) => {
                let kind = if text.contains("Page.screencastFrame") {
                    Kind::heavy("browser: picture of 100 kB")
                } else if text.contains("Page.frameNavigated") {
                    Kind::quick("browser: another document")
                } else {
                    Kind::quick("browser: answer")
                };
                self.tell_agent(kind, Input::Text(Peer::Browser, &text));
            }
            News::BrowserTookAll => {
                self.tell_agent(
                    Kind::quick("browser drained"),
                    Input::Drained(Peer::Browser),
                );
            }
            News::Answered(id, status, body) => {
                let response = HttpResponse {
                    status,
                    date: Some("Sun, 22 Nov 2026 10:00:01 GMT"),
                    retry_after: None,
                    body: body.as_bytes(),
                };
                self.tell_agent(Kind::quick("REST answer"), Input::Http(id, Ok(response)));
            }
            News::ToAgent(message) => {
                let kind = self.kind_of("relay: ", &message);
                match &message {
                    Message::Text(text) => self.tell_agent(kind, Input::Text(Peer::Relay, text)),
                    Message::Binary(bytes) => {
                        self.tell_agent(kind, Input::Binary(Peer::Relay, bytes));
                    }
                }
            }
            News::ToRoom(from, message) => {
                let way = if from == AGENT {
                    "to viewer: "
                } else {
                    "to agent: "
                };
                let kind = self.kind_of(way, &message);
                match message {
                    Message::Text(text) => self.tell_room(kind, relay::Input::Text(from, &text)),
                    Message::Binary(bytes) => {
                        self.tell_room(kind, relay::Input::Binary(from, bytes));
                    }
                }
                if from == AGENT && self.under_way.iter().all(|news| !news.is_from_agent()) {
                    self.tell_agent(
                        Kind::heavy("relay drained: next picture"),
                        Input::Drained(Peer::Relay),
                    );
                }
            }
            News::Written(id) => self.tell_room(Kind::quick("written"), relay::Input::Written(id)),
            News::ToViewer(message) => {
                let kind = self.kind_of("", &message);
                self.tell_viewer(kind, Heard::Message(message));
            }
            News::ViewerConnected => self.tell_viewer(Kind::quick("connected"), Heard::Connected),
        }
    }

    /// Names what a message is: in version 2 by its record's kind, in version 1 by its type.
    fn kind_of(&self, way: &str, message: &Message) -> Kind {
        let quick = |name: &str| Kind::quick(format!("{way}{name}"));
        let heavy = |name: &str| Kind::heavy(format!("{way}{name}"));
        match message {
            Message::Text(text) if text.contains(r#""pubkey""#) => heavy("key"),
            Message::Text(text) if text.contains(r#""agent_connected""#) => heavy("agent is here"),
            Message::Text(text) if text.contains(r#""viewer_connected""#) => {
                heavy("viewer is here")
            }
            Message::Text(text) if text.contains(r#""encrypted""#) => {
                self.kind_of_input(&format!("{way}input: "))
            }
            Message::Text(_) => quick("other words"),
            Message::Binary(_) if self.version == Version::V1 => heavy("picture of 100 kB"),
            Message::Binary(record) => match record.get(1) {
                Some(0x01) => heavy("HELLO1"),
                Some(0x02) => heavy("HELLO2"),
                Some(0x10) => heavy("picture of 100 kB"),
                Some(0x11) => self.kind_of_input(&format!("{way}input: ")),
                Some(0x13) => quick("acknowledgement"),
                Some(0x1f) => quick("end"),
                _ => quick("control"),
            },
        }
    }

    /// Names what the human did last.
    fn kind_of_input(&self, way: &str) -> Kind {
        let name = format!("{way}{}", self.doing);
        if self.doing == WORST_PASTE {
            Kind::heavy(name)
        } else {
            Kind::quick(name)
        }
    }

    // The relay around its room.

    fn admit(&mut self, id: ConnectionId, applicant: Applicant<'_>) {
        let now = Timestamp::from_millis(self.now);
        let Some(room) = &mut self.room else { return };
        let admitted = self.took.step(
            Machine::Room,
            |_| Kind::quick("admit"),
            || room.admit(now, id, applicant),
        );
        assert_eq!(admitted, Ok(()), "the token opens it");
        self.tell_room(Kind::quick("after admit"), relay::Input::Tick);
    }

    fn rest(&mut self, request: &HttpRequest) -> (u16, String) {
        let now = Timestamp::from_millis(self.now);
        let Some(room) = &mut self.room else {
            return self.create(request);
        };
        match request.method {
            Method::Post => _ = room.end(now, Ending::Resolve),
            Method::Delete => _ = room.end(now, Ending::Cancel),
            Method::Get => {}
        }
        let record = serde_json::to_string(&room.record()).expect("plain members");
        self.tell_room(Kind::quick("time passes"), relay::Input::Tick);
        (200, record)
    }

    fn create(&mut self, request: &HttpRequest) -> (u16, String) {
        let body = request.body.as_deref().expect("a session is described");
        let create: CreateSession = serde_json::from_str(body).expect("a description");
        let admission_hash = create.admission().expect("a good hash");
        let (admission, fragment) = match admission_hash {
            Some(admission_hash) => (Admission::V2 { admission_hash }, String::new()),
            None => {
                let viewer_token = TokenHash::of(VIEWER_TOKEN);
                (Admission::V1 { viewer_token }, format!("#1.{VIEWER_TOKEN}"))
            }
        };
        let wall = WallTime::from_rfc3339("2026-11-22T10:00:00Z").expect("a time");
        let ttl = Duration::from_secs(TTL);
        let config = RoomConfig {
            session_id: SESSION.into(),
            service: create.service,
            context: None,
            ttl,
            stream_token: TokenHash::of(STREAM_TOKEN),
            admission,
        };
        self.room = Some(Room::new(config, Timestamp::from_millis(self.now), wall));
        let body = json!({
            "session_id": SESSION,
            "session_url": format!("https://relay.test/s/{SESSION}{fragment}"),
            "stream_token": STREAM_TOKEN,
            "stream_url": format!("wss://relay.test/stream/{SESSION}"),
            "expires_at": (wall + ttl).to_rfc3339(),
        });
        (201, body.to_string())
    }
}

/// Version 1's agent makes its keys to dial its stream, version 2's to ask for a session.
fn makes_keys(version: Version, output: &agent::io::Output) -> bool {
    use agent::io::Output;
    match (version, output) {
        (Version::V1, Output::Connect(Peer::Relay, _)) => true,
        (Version::V2, Output::Http(_, request)) => request.body.is_some(),
        _ => false,
    }
}

impl News {
    fn is_from_agent(&self) -> bool {
        matches!(self, Self::ToRoom(from, _) if *from == AGENT)
    }
}
