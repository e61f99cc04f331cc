//! A whole hand-off of protocol version 2 in virtual time: the real agent, room and viewers, a scripted
//! browser, links with latency, and a relay that may do its worst.
//!
//! ```text
//! Browser ◀── CDP ──▶ Agent ◀── Link ──▶ Room + Malice ◀── Link ──▶ Viewer (Person)
//!                            every message the relay sees, and every effect ──▶ Oracle
//! ```
//!
//! Time jumps from one deadline to the next. After each, the [`Oracle`](oracle::Oracle) checks what must
//! hold whatever happened; a simulation that never stops talking fails.

pub mod browser;
pub mod link;
pub mod malice;
pub mod oracle;
pub mod person;
pub mod relay;
mod steps;

use authloop_core::{
    agent::{
        Agent,
        config::{Config, Encryption, EndToEnd},
        event::{Event, Outcome},
        io::{Closed, HttpResponse, Input, Message, Output, Peer, Request},
    },
    crypto::v2::{ResumeSecret, ViewerLink},
    input::InputEvent,
    relay::ConnectionId,
    secret::{ApiKey, Pin, Seed},
    time::Timestamp,
    viewer::v2::{Input as ToViewer, PROTOCOL, Request as Asked},
};

pub use self::steps::{Harm, Step, click, run};
use self::{
    browser::Browser,
    link::Link,
    malice::{Attack, How, Towards},
    oracle::Oracle,
    person::Person,
    relay::{BASE, Doing, Party, Relay},
};

/// How long a session lasts, in seconds.
pub const TTL: u64 = 7_200;

/// How much may happen at one moment.
const MOST_AT_ONCE: usize = 20_000;

/// How many moments may be stopped at in one passage of time.
const MOST_MOMENTS: usize = 200_000;

/// A hand-off in virtual time.
pub struct Simulation {
    /// The time, in milliseconds.
    pub now: u64,
    /// The agent's machine.
    pub agent: Agent,
    /// The browser with the page handed over.
    pub browser: Browser,
    /// The relay.
    pub relay: Relay,
    /// The humans, with their viewers.
    pub people: Vec<Person>,
    /// What checks it all.
    pub oracle: Oracle,
    /// How the session ended for the agent.
    pub outcome: Option<Outcome>,
    /// What the agent's application was told, in words.
    pub told: Vec<&'static str>,
    /// The human's link.
    pub link: String,
    agent_socket: Option<ConnectionId>,
    agent_up: Link,
    agent_down: Link,
    agent_closing: bool,
    agent_deadline: Option<u64>,
    agent_owes: [bool; 2],
}

impl Default for Simulation {
    fn default() -> Self {
        Self::new()
    }
}

impl Simulation {
    /// A session whose link is made, with nobody there yet.
    pub fn new() -> Self {
        Self::with(1, None, |_| {})
    }

    /// The same with a PIN, or a relay that is bad from the start.
    pub fn with(seed: u8, pin: Option<&str>, prepare: impl FnOnce(&mut Relay)) -> Self {
        let config = Config {
            cdp_url: "ws://browser.test/devtools/browser/b".into(),
            relay_url: BASE.into(),
            api_key: ApiKey::new("al_live_simulated"),
            service: "Simulation".into(),
            context: None,
            ttl: Some(TTL),
            max_frame_rate: None,
            encryption: Encryption::V2(EndToEnd {
                viewer_url: BASE.into(),
                pin: pin.map(|pin| Pin::parse(pin).expect("6 digits")),
            }),
        };
        let now = 1_000;
        let mut relay = Relay::default();
        prepare(&mut relay);
        let mut simulation = Self {
            now,
            agent: Agent::new(config, Seed::new([seed; 32]), Timestamp::from_millis(now)),
            browser: Browser::default(),
            relay,
            people: Vec::new(),
            oracle: Oracle::default(),
            outcome: None,
            told: Vec::new(),
            link: String::new(),
            agent_socket: None,
            agent_up: Link::default(),
            agent_down: Link::default(),
            agent_closing: false,
            agent_deadline: None,
            agent_owes: [false; 2],
        };
        simulation.settle();
        simulation.pass(1_000);
        simulation
    }

    /// A session with one human in control, who sees the page.
    pub fn attended() -> Self {
        Self::attended_from(1)
    }

    /// The same from another seed, with other keys.
    pub fn attended_from(seed: u8) -> Self {
        let mut simulation = Self::with(seed, None, |_| {});
        simulation.open_link();
        simulation.pass(2_000);
        assert!(simulation.people[0].is_in_control(), "a viewer has control");
        assert!(simulation.people[0].sees_live(), "it sees the page");
        simulation
    }

    // What people do.

    /// Somebody opens the link. Returns their place.
    pub fn open_link(&mut self) -> usize {
        let link = self.link.clone();
        self.open(&link, None)
    }

    /// Somebody opens the link with the secret of somebody who has or had control, as another tab of
    /// the same browser does.
    pub fn open_tab_of(&mut self, place: usize) -> usize {
        let secret = self.people[place].viewer.resume_secret().cloned();
        let link = self.link.clone();
        self.open(&link, secret)
    }

    /// Somebody opens a link of their own.
    pub fn open(&mut self, link: &str, resume: Option<ResumeSecret>) -> usize {
        let place = self.people.len();
        let name = char::from(b'A' + u8::try_from(place).expect("few people"));
        self.people.push(Person::open(name, link, resume, self.now));
        self.settle();
        place
    }

    /// Somebody types a text of their own; tells whether their viewer took it.
    pub fn type_something(&mut self, place: usize) -> Option<String> {
        let text = self.people[place].type_something(self.now)?;
        self.oracle
            .note_typed(place, &self.people[place], text.clone());
        self.settle();
        Some(text)
    }

    /// Somebody asks something of their viewer.
    pub fn request(&mut self, place: usize, request: Asked) {
        match &request {
            Asked::Send(InputEvent::Resolved) => self.oracle.finished[0] = true,
            Asked::Send(InputEvent::Cancelled) => self.oracle.finished[1] = true,
            _ => {}
        }
        self.people[place].request(self.now, request);
        self.settle();
    }

    /// Tells whether what somebody types now arrives within a second.
    pub fn typing_arrives(&mut self, place: usize) -> bool {
        let Some(text) = self.type_something(place) else {
            return false;
        };
        self.pass(1_000);
        self.browser.inserted.last() == Some(&text)
    }

    // What happens to them.

    /// The page changes its looks.
    pub fn paint(&mut self) {
        self.browser.paint(self.now);
        self.settle();
    }

    /// Somebody loses their connection.
    pub fn lose_person(&mut self, place: usize) {
        if let Some(id) = self.people[place].socket {
            self.relay.left(self.now, ConnectionId(id));
            self.people[place].lose(self.now, None);
            self.settle();
        }
    }

    /// The agent loses its connection to the relay.
    pub fn lose_agent(&mut self) {
        if let Some(id) = self.agent_socket.take() {
            self.relay.left(self.now, id);
            self.agent_up.lose();
            self.agent_down.lose();
            self.tell_agent(Input::Closed(Peer::Relay, Closed::Lost));
            self.settle();
        }
    }

    /// The relay begins to harm messages.
    pub fn attack(&mut self, towards: Towards, kind: Option<u8>, times: u32, how: How) {
        self.relay.malice.begin(Attack {
            towards,
            kind,
            times,
            how,
        });
    }

    /// The relay makes a message up, for somebody.
    pub fn forge(&mut self, to: Party, message: Message) {
        let doing = match to {
            Party::Agent => self.agent_socket.map(|id| Doing::Send(to, id, message)),
            Party::Person(_) => self.relay.socket(to).map(|id| Doing::Send(to, id, message)),
            Party::Stranger => None,
        };
        if let Some(doing) = doing {
            self.does(doing);
        }
        self.settle();
    }

    /// Somebody who has the admission token and nothing else connects, and sends messages.
    pub fn stranger_sends(&mut self, messages: Vec<Message>) {
        let link = ViewerLink::parse(&self.link).expect("a link");
        let token = link.link.admission_token();
        let admitted = self
            .relay
            .admit_viewer(self.now, Party::Stranger, token.expose());
        if let Ok(id) = admitted {
            for message in messages {
                self.relay.give_room(self.now, id, message);
                self.settle();
            }
        }
    }

    /// Lets time pass, stopping at whatever happens on the way.
    pub fn pass(&mut self, millis: u64) {
        let end = self.now + millis;
        for _ in 0..MOST_MOMENTS {
            let next = self.next_at().filter(|at| *at <= end);
            let Some(next) = next else {
                self.now = end;
                return self.tick();
            };
            self.now = self.now.max(next);
            self.tick();
        }
        unreachable!("deadlines never end");
    }

    /// Lets somebody's computer sleep for a while; what was sent to it arrives when it wakes.
    pub fn sleep_person(&mut self, place: usize, millis: u64) {
        self.people[place].asleep = true;
        self.pass(millis);
        self.people[place].asleep = false;
        self.tick();
    }

    fn next_at(&self) -> Option<u64> {
        let own = [
            self.agent_deadline,
            self.agent_up.next_at(),
            self.agent_down.next_at(),
            self.relay.next_at(),
        ];
        let people = self
            .people
            .iter()
            .filter(|person| !person.asleep)
            .flat_map(|person| [person.deadline, person.up.next_at(), person.down.next_at()]);
        own.into_iter().chain(people).flatten().min()
    }

    /// Wakes whoever wanted to be woken by now.
    fn tick(&mut self) {
        let due = |deadline: Option<u64>| deadline.is_some_and(|at| at <= self.now);
        if due(self.agent_deadline) {
            self.tell_agent(Input::Tick);
        }
        for place in 0..self.people.len() {
            let person = &self.people[place];
            if person.deadline.is_some_and(|at| at <= self.now) && !person.asleep {
                let now = Timestamp::from_millis(self.now);
                self.people[place].viewer.handle(now, ToViewer::Tick);
            }
        }
        self.relay.tick(self.now);
        self.settle();
    }

    /// Lets everything happen that happens now.
    fn settle(&mut self) {
        for _ in 0..MOST_AT_ONCE {
            let moved = self.drain_agent()
                | self.drain_people()
                | self.drain_relay()
                | self.move_agents_messages()
                | self.move_peoples_messages();
            if !moved {
                let mut oracle = core::mem::take(&mut self.oracle);
                oracle.check(self);
                self.oracle = oracle;
                return;
            }
        }
        unreachable!("they never stop talking");
    }

    fn tell_agent(&mut self, input: Input<'_>) {
        self.agent.handle(Timestamp::from_millis(self.now), input);
    }

    fn drain_agent(&mut self) -> bool {
        let mut moved = false;
        loop {
            match self.agent.poll() {
                Output::Connect(Peer::Browser, _) => self.tell_agent(Input::Opened(Peer::Browser)),
                Output::Connect(Peer::Relay, _) => self.connect_agent(),
                Output::Send(Peer::Browser, message) => {
                    if let Message::Text(text) = message {
                        self.browser.told(self.now, &text);
                    }
                    self.agent_owes[0] = true;
                }
                Output::Send(Peer::Relay, message) => {
                    self.oracle.nothing_lies_open(&message);
                    self.agent_up.push(self.now, message);
                    self.agent_owes[1] = true;
                }
                Output::Close(Peer::Browser) => {}
                Output::Close(Peer::Relay) => self.agent_closing = true,
                Output::Http(id, request) => {
                    if let Some(body) = &request.body {
                        self.oracle.nothing_lies_open(&Message::Text(body.clone()));
                    }
                    let (status, body) = self.relay.answer(self.now, &request);
                    let response = HttpResponse {
                        status,
                        date: Some("Sun, 22 Nov 2026 10:00:01 GMT"),
                        retry_after: None,
                        body: body.as_bytes(),
                    };
                    self.tell_agent(Input::Http(id, Ok(response)));
                }
                Output::Event(event) => self.on_event(event),
                Output::Idle(deadline) => {
                    self.agent_deadline = deadline.map(Timestamp::as_millis);
                    break;
                }
            }
            moved = true;
        }
        for line in self.browser.says() {
            self.tell_agent(Input::Text(Peer::Browser, &line));
            moved = true;
        }
        if core::mem::take(&mut self.agent_owes[0]) {
            self.tell_agent(Input::Drained(Peer::Browser));
            moved = true;
        }
        moved
    }

    fn connect_agent(&mut self) {
        let admitted = if self.relay.is_down {
            None
        } else {
            Some(self.relay.admit_agent(self.now))
        };
        match admitted {
            Some(Ok(id)) => {
                self.agent_socket = Some(id);
                self.tell_agent(Input::Opened(Peer::Relay));
            }
            Some(Err(close)) => {
                self.tell_agent(Input::Closed(Peer::Relay, Closed::Code(close.code())));
            }
            None => self.tell_agent(Input::Closed(Peer::Relay, Closed::Lost)),
        }
    }

    fn on_event(&mut self, event: Event) {
        self.told.push(match event {
            Event::Attached { .. } => "attached",
            Event::Created(info) => {
                self.oracle.begin(&info.session_url);
                self.link = info.session_url;
                "created"
            }
            Event::ViewerJoined => "joined",
            Event::ViewerLeft => "left",
            Event::ViewerReplaced => "replaced",
            Event::Tampered => "tampered",
            Event::Ended(outcome) => {
                assert!(self.outcome.is_none(), "it ends once");
                self.outcome = Some(outcome);
                "ended"
            }
            _ => "something new",
        });
    }

    fn drain_people(&mut self) -> bool {
        let mut moved = false;
        for place in 0..self.people.len() {
            let person = &mut self.people[place];
            moved |= person.drain(self.now);
            if let Some(connect) = person.dialling.take() {
                assert!(!connect.url.contains('?'), "tokens are in no URL");
                self.connect_person(place, connect.token.expose());
                moved = true;
            }
            let person = &mut self.people[place];
            if person.closing && !person.asleep && person.up.next_at().is_none() {
                person.closing = false;
                person.down.lose();
                if let Some(id) = person.socket.take() {
                    self.relay.left(self.now, ConnectionId(id));
                }
                moved = true;
            }
        }
        moved
    }

    fn connect_person(&mut self, place: usize, token: &str) {
        let admitted = if self.relay.is_down {
            None
        } else {
            let party = Party::Person(place);
            Some(self.relay.admit_viewer(self.now, party, token))
        };
        let person = &mut self.people[place];
        let now = Timestamp::from_millis(self.now);
        match admitted {
            Some(Ok(id)) => {
                person.socket = Some(id.0);
                person
                    .viewer
                    .handle(now, ToViewer::Connected(Some(PROTOCOL)));
            }
            Some(Err(close)) => {
                // Refusals come by code after a good upgrade.
                person
                    .viewer
                    .handle(now, ToViewer::Connected(Some(PROTOCOL)));
                person.lose(self.now, Some(close.code()));
            }
            None => person.lose(self.now, None),
        }
    }

    fn drain_relay(&mut self) -> bool {
        let mut moved = false;
        while let Some(doings) = self.relay.poll(self.now) {
            for doing in doings {
                self.does(doing);
            }
            moved = true;
        }
        moved
    }

    fn does(&mut self, doing: Doing) {
        match doing {
            Doing::Send(Party::Agent, _, message) => self.agent_down.push(self.now, message),
            Doing::Send(Party::Person(place), id, message) => {
                let person = &mut self.people[place];
                if person.socket == Some(id.0) {
                    person.down.push(self.now, message);
                }
            }
            Doing::Close(Party::Agent, close) => {
                self.agent_socket = None;
                self.agent_up.lose();
                self.agent_down.lose();
                self.tell_agent(Input::Closed(Peer::Relay, Closed::Code(close.code())));
            }
            Doing::Close(Party::Person(place), close) => {
                // What was sent before arrives before.
                let now = self.now;
                let person = &mut self.people[place];
                while let Some(message) = {
                    person.down.hurry(now);
                    person.down.next_arrived(now)
                } {
                    person.hear(now, message);
                }
                person.lose(now, Some(close.code()));
            }
            Doing::Send(Party::Stranger, id, _) => self.relay.written(self.now, id),
            Doing::Close(Party::Stranger, _) => {}
        }
    }

    fn move_agents_messages(&mut self) -> bool {
        let mut moved = false;
        while self.agent_up.next_written(self.now) {
            moved = true;
        }
        if self.agent_owes[1] && self.agent_up.is_drained() {
            self.agent_owes[1] = false;
            self.tell_agent(Input::Drained(Peer::Relay));
            moved = true;
        }
        while let Some(message) = self.agent_up.next_arrived(self.now) {
            if let Some(id) = self.agent_socket {
                self.relay.take(self.now, id, message);
            }
            moved = true;
        }
        if self.agent_closing && self.agent_up.next_at().is_none() {
            self.agent_closing = false;
            if let Some(id) = self.agent_socket.take() {
                self.relay.left(self.now, id);
            }
            moved = true;
        }
        while self.agent_down.next_written(self.now) {
            if let Some(id) = self.agent_socket {
                self.relay.written(self.now, id);
            }
            moved = true;
        }
        while let Some(message) = self.agent_down.next_arrived(self.now) {
            match message {
                Message::Text(text) => self.tell_agent(Input::Text(Peer::Relay, &text)),
                Message::Binary(bytes) => self.tell_agent(Input::Binary(Peer::Relay, &bytes)),
            }
            moved = true;
        }
        moved
    }

    fn move_peoples_messages(&mut self) -> bool {
        let mut moved = false;
        for place in 0..self.people.len() {
            let now = self.now;
            if self.people[place].asleep {
                continue;
            }
            while self.people[place].up.next_written(now) {
                moved = true;
            }
            while let Some(message) = self.people[place].up.next_arrived(now) {
                self.oracle.nothing_lies_open(&message);
                moved = true;
                let Some(id) = self.people[place].socket else {
                    continue;
                };
                for back in self.relay.take(now, ConnectionId(id), message) {
                    self.people[place].down.push(now, back);
                }
            }
            while self.people[place].down.next_written(now) {
                if let Some(id) = self.people[place].socket {
                    self.relay.written(now, ConnectionId(id));
                }
                moved = true;
            }
            while let Some(message) = self.people[place].down.next_arrived(now) {
                self.people[place].hear(now, message);
                self.people[place].drain(now);
                moved = true;
            }
        }
        moved
    }

    /// Ends the session as its application would.
    pub fn cancel(&mut self) {
        self.oracle.finished[1] = true;
        self.tell_agent(Input::Request(Request::Cancel));
        self.settle();
    }
}
