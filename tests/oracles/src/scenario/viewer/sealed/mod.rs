//! A viewer of version 2, between an honest agent with the right keys and a relay that does what it likes:
//! it shows what the agent sealed, in order and only while that is sure to be of now, and sends what the
//! human does, sealed, in order, at most once.
//!
//! Time stands still for a viewer whose clock goes back, and an application that asks for nothing for a
//! while loses nothing but older pictures.

mod agent;
mod clock;
mod human;
mod line;
mod machine;
mod rare;
mod relay;
mod speech;
mod step;
mod truth;

use std::collections::VecDeque;

use authloop_core::{
    crypto::v2::{SessionUrl, ViewerLink},
    input::InputEvent,
    secret::Seed,
    time::Timestamp,
    viewer::v2::{Acks, Config, Ended, Input, PROTOCOL, Request as Asked, Viewer},
    wire::v2::CloseReason,
};

pub use self::step::{Line, Move, Rare, Reply, Request, Saying, Start, Step};
use self::{
    agent::Agent,
    truth::{Sent, Truth},
};
use super::super::{
    Scenario,
    invariants::the_end_is_the_end,
    twin::{Company, Twin},
};

/// What the human types, which nobody between the two may read.
const TYPED: &str = "typed-in-secret";

/// How often a viewer is woken in one step: it wants to be each second.
const MOST_TICKS: usize = 64;

/// How many delivered records are kept to be delivered again.
const REMEMBERED: usize = 16;

const COMES: &str = r#"{"type":"agent_connected"}"#;
const GOES: &str = r#"{"type":"agent_disconnected"}"#;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Socket {
    Offline,
    Dialling,
    Open,
}

/// A record of the viewer's on its way.
struct FromViewer {
    record: Vec<u8>,
    sent: u64,
    /// The number of its wish, if it is one.
    wish: u64,
}

/// A viewer, the agent, the relay between them, and the truth.
pub struct World {
    viewer: Twin<Viewer>,
    says_drawn: bool,
    agent: Agent,
    truth: Truth,
    expires_in: u64,
    socket: Socket,
    clock: u64,
    /// What the viewer knows of the time.
    now: u64,
    deadline: Option<Timestamp>,
    hidden: bool,
    withheld: bool,
    deaf: bool,
    to_viewer: VecDeque<Sent>,
    to_agent: VecDeque<FromViewer>,
    delivered: VecDeque<Sent>,
    pin: String,
    texts: u64,
    /// How many input records were sent.
    inputs: u64,
    closed: Option<u16>,
}

impl Scenario for World {
    type Start = Start;
    type Step = Step;

    fn begin(start: &Start) -> Self {
        let expires_in = if start.lasts { 7_200_000 } else { 600_000 };
        let agent = Agent::new(expires_in);
        let url = SessionUrl::new("https://relay.test", agent.id()).with(agent.link());
        let acks = if start.says_drawn {
            Acks::WhenDrawn
        } else {
            Acks::WhenTaken
        };
        let clock = 1_000;
        let make = || {
            let config = Config {
                link: ViewerLink::parse(&url).expect("a link"),
                resume: None,
                acks,
            };
            Viewer::new(config, Seed::new([1; 32]), Timestamp::from_millis(clock))
        };
        let company = if start.twin < 0x10 {
            Company::Twin
        } else {
            Company::Alone
        };
        let mut world = Self {
            viewer: Twin::new(company, make),
            says_drawn: start.says_drawn,
            agent,
            truth: Truth::new(),
            expires_in,
            socket: Socket::Offline,
            clock,
            now: clock,
            deadline: None,
            hidden: false,
            withheld: false,
            deaf: false,
            to_viewer: VecDeque::new(),
            to_agent: VecDeque::new(),
            delivered: VecDeque::new(),
            pin: String::new(),
            texts: 0,
            inputs: 0,
            closed: None,
        };
        world.drain();
        if start.joined >= 0x20 {
            world.line(Line::OpenAndJoin);
        }
        world
    }

    fn take(&mut self, step: &Step) {
        match step {
            Step::Agent(deed) => self.agent_does(deed),
            Step::Answer(reply) => self.answer(*reply),
            Step::Relay(play) => self.relay(play),
            Step::Do(request) => self.request(request),
            Step::Socket(line) => self.line(*line),
            Step::Pass(times) => self.pass(50 * u64::from(*times)),
            Step::Rarely(rare) => self.happens(rare),
        }
        self.drain();
    }

    fn check(&mut self) {
        let viewer = self.viewer.first();
        self.truth.is_told(self.now, viewer.counters(), self.hidden);
        if viewer.takes_input() {
            assert!(
                self.truth.may_send() && !self.hidden,
                "input is taken in vain"
            );
        }
        if let Some(Ended::Closed(_)) = self.truth.ended {
            assert!(
                viewer.resume_secret().is_none(),
                "a proof outlives its session"
            );
        }
    }

    /// Nobody answers any more: a viewer comes to its end, or dials for ever, and takes no input.
    fn end(mut self) {
        self.clock = self.now;
        self.drain();
        self.pass(7_000);
        self.check();
        assert!(!self.viewer.first().takes_input());
        if self.truth.ended.is_none() {
            self.handle(|| Input::Request(Asked::Leave));
            self.truth.may_end(Ended::Closed(CloseReason::Left));
            self.drain();
        }
        assert!(self.truth.ended.is_some(), "who leaves has left");
        self.handle(|| Input::Connected(Some(PROTOCOL)));
        self.handle(|| Input::Text(COMES));
        self.handle(|| Input::Request(Asked::Send(InputEvent::Back)));
        the_end_is_the_end(&self.viewer.drain());
    }
}

impl World {
    fn at(&self) -> Timestamp {
        Timestamp::from_millis(self.clock)
    }

    fn handle<'a>(&mut self, input: impl Fn() -> Input<'a>) {
        let now = self.at();
        self.now = self.now.max(self.clock);
        self.viewer.tell(|viewer| viewer.handle(now, input()));
    }
    fn latest(&self) -> Timestamp {
        Timestamp::from_millis(self.now)
    }
}
