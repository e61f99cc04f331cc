//! A whole hand-off of protocol version 2 in virtual time: the real agent, room and viewers, a scripted
//! browser, links with latency, and a relay that may do its worst.
//!
//! ```text
//! Browser ◀── CDP ──▶ Agent ◀── Link ──▶ Room + Malice ◀── Link ──▶ Viewer (Person)
//!                            every message the relay sees, and every effect ──▶ Oracle
//! ```
//!
//! Time jumps from one deadline to the next. After each, the [`Oracle`] checks what must
//! hold whatever happened; a simulation that never stops talking fails.

pub mod browser;
pub mod link;
pub mod malice;
mod moves;
pub mod oracle;
pub mod person;
pub mod relay;
mod steps;

use authloop_core::{
    agent::{
        Agent,
        event::Outcome,
        io::{Closed, Input, Message, Peer, Request},
    },
    crypto::v2::{ResumeSecret, ViewerLink},
    input::InputEvent,
    relay::ConnectionId,
    secret::Seed,
    time::Timestamp,
    viewer::v2::Request as Asked,
};
use authloop_trace::line::Setup;

pub use self::steps::{Harm, Step, click, run, run_on_tape, run_with};
use self::{
    browser::Browser,
    link::{Link, Pace},
    malice::{Attack, How, Towards},
    oracle::Oracle,
    person::Person,
    relay::{BASE, Doing, Party, Relay},
};
use crate::replay::story::Tape;

/// How long a session lasts, in seconds.
pub const TTL: u64 = 7_200;

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
    tape: Option<Tape>,
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
        Self::on_tape(seed, pin, prepare, None)
    }

    /// The same with a tape on which the agent is recorded.
    pub fn on_tape(
        seed: u8,
        pin: Option<&str>,
        prepare: impl FnOnce(&mut Relay),
        tape: Option<Tape>,
    ) -> Self {
        let setup = Setup {
            protocol: 2,
            cdp_url: "ws://browser.test/devtools/browser/b".into(),
            relay_url: BASE.into(),
            viewer_url: Some(BASE.into()),
            pin: pin.map(str::to_owned),
            service: "Simulation".into(),
            page_url: None,
            ttl: Some(TTL),
            max_frame_rate: None,
        };
        let now = 1_000;
        let mut relay = Relay::default();
        prepare(&mut relay);
        let start = Timestamp::from_millis(now);
        let mut agent = Agent::new(setup.config(), Seed::new([seed; 32]), start);
        if let Some(tape) = &tape {
            agent.take_notes();
            tape.begin(seed, setup.clone(), &setup.config(), start);
        }
        let mut simulation = Self {
            now,
            agent,
            tape,
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
        if let Asked::Send(event) = &request {
            self.oracle.finished[0] |= *event == InputEvent::Resolved;
            self.oracle.finished[1] |= *event == InputEvent::Cancelled;
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

    /// Somebody's connection gets another pace.
    pub fn pace(&mut self, place: usize, pace: Pace) {
        self.people[place].up = Link::new(pace);
        self.people[place].down = Link::new(pace);
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

    /// Ends the session as its application would.
    pub fn cancel(&mut self) {
        self.oracle.finished[1] = true;
        self.tell_agent(Input::Request(Request::Cancel));
        self.settle();
    }
}
