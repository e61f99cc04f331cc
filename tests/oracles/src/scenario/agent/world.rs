//! The machine, its peers' sockets, and the loop between them.

use std::{
    collections::{BTreeSet, VecDeque},
    num::NonZeroU32,
};

use authloop_core::{
    agent::{
        Agent,
        config::{Config, Encryption, EndToEnd},
        io::{HttpId, HttpRequest, Input, Peer, Request},
    },
    api::Context,
    secret::{ApiKey, Pin, Seed},
    time::Timestamp,
};

use super::{
    Asked, Deed, Page, Stage, Start, Version, files::Files, model::Model, scripts::Scripts,
    viewer::Viewer,
};
use crate::{
    chromium::{Chromium, PAGE},
    scenario::{
        invariants::{memory_is_bounded, never_spins, time_may_go_back},
        twin::Twin,
    },
};

/// How many calls a browser may leave unanswered before it forgets the oldest.
const MOST_UNANSWERED: usize = 200;

/// How many exchanges an agent may have under way.
const MOST_EXCHANGES: usize = 8;

/// The PIN of those who are asked for one.
pub(super) const PIN: &str = "012345";

/// An agent and everything around it.
pub struct World {
    pub(super) now: u64,
    /// What the clock shows less than the time.
    pub(super) behind: u64,
    pub(super) agent: Twin<Agent>,
    pub(super) deadline: Option<Timestamp>,
    pub(super) version: Version,
    pub(super) asks_for_pin: bool,
    helps_with_fields: bool,
    pub(super) model: Model,
    pub(super) browser: Line,
    pub(super) stream: Line,
    pub(super) chromium: Chromium,
    pub(super) files: Files,
    pub(super) scripts: Scripts,
    /// The targets that are there: a stranger's, the page handed over, and those that were opened.
    pub(super) pages: Vec<String>,
    /// The targets that the browser told of by its own events.
    pub(super) told_of: BTreeSet<&'static str>,
    /// The number of the target that was opened last.
    pub(super) opened: u32,
    /// Commands without an answer.
    pub(super) unanswered: VecDeque<String>,
    /// The browser answers nothing by itself.
    pub(super) is_silent: bool,
    pub(super) exchanges: VecDeque<(HttpId, HttpRequest)>,
    /// The relay takes nothing of what is written.
    pub(super) is_stuck: bool,
    /// Something was written to the stream, and nobody said yet that it was taken.
    pub(super) owes_drained: bool,
    pub(super) viewers: [Viewer; 2],
    /// The channel that was given last.
    pub(super) channels: u16,
    /// What viewers sent, for a relay to send again.
    pub(super) crossed: Vec<Vec<u8>>,
    /// The relay is sending one of them again.
    pub(super) repeats: bool,
    /// The link's digits, once there is a link.
    pub(super) link: String,
}

/// Where a WebSocket stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Line {
    /// Nobody asked for it, or it is gone.
    Down,
    /// The agent asked for it.
    Wanted,
    Up,
}

impl World {
    pub(super) fn new(start: Start) -> Self {
        let now = Timestamp::from_millis(1_000);
        let mut world = Self {
            now: now.as_millis(),
            behind: 0,
            agent: Twin::new(start.company, || {
                Agent::new(config(start), Seed::new([1; 32]), now)
            }),
            deadline: None,
            version: start.version,
            asks_for_pin: start.pin,
            helps_with_fields: start.fields,
            model: Model::new(start.version),
            browser: Line::Down,
            stream: Line::Down,
            chromium: Chromium::default(),
            files: Files::default(),
            scripts: Scripts::default(),
            pages: vec!["X".into(), PAGE.into()],
            told_of: BTreeSet::new(),
            opened: 100,
            unanswered: VecDeque::new(),
            is_silent: false,
            exchanges: VecDeque::new(),
            is_stuck: false,
            owes_drained: false,
            viewers: [Viewer::new(11), Viewer::new(12)],
            channels: 0,
            crossed: Vec::new(),
            repeats: false,
            link: String::new(),
        };
        world.drain();
        world.advance(start.stage);
        world
    }

    /// Lets an honest world bring the session to a stage.
    fn advance(&mut self, stage: Stage) {
        if stage >= Stage::Attached {
            while self.browser == Line::Down && self.end_exchange() {}
            self.open(Peer::Browser);
        }
        if stage >= Stage::Created {
            self.end_exchange();
        }
        if stage >= Stage::Waiting {
            self.open(Peer::Relay);
        }
        if stage >= Stage::Live {
            self.does(false, &self.honest_join());
            self.page(&Page::Paint);
        }
    }

    /// The time that the machine is told.
    pub(super) const fn at(&self) -> Timestamp {
        Timestamp::from_millis(self.now.saturating_sub(self.behind))
    }

    /// Tells the machine what happened, and does what it says until it says nothing more.
    pub(super) fn input(&mut self, input: impl Fn() -> Input<'static>) {
        self.hear(|agent, now| agent.handle(now, input()));
    }

    /// The same, for what holds a message.
    pub(super) fn hear(&mut self, tell: impl Fn(&mut Agent, Timestamp)) {
        self.tell(tell);
        self.work();
    }

    /// Tells the machine what happened, and drains it.
    pub(super) fn tell(&mut self, tell: impl Fn(&mut Agent, Timestamp)) {
        let at = self.at();
        self.agent.tell(|agent| tell(agent, at));
        self.drain();
    }

    /// Lets those answer who answer at once.
    pub(super) fn work(&mut self) {
        for _ in 0..5_000 {
            let goes_on = self.answer_next()
                || self.drain_stream()
                || self.serve_files()
                || self.serve_viewers();
            if !goes_on {
                return;
            }
        }
        unreachable!("drains_within_bound: the agent and its browser never stop talking");
    }

    fn answer_next(&mut self) -> bool {
        if self.is_silent || self.browser != Line::Up {
            return false;
        }
        let Some(command) = self.unanswered.pop_front() else {
            return false;
        };
        if let Some(answer) = self.answer_to(&command) {
            self.tell(|agent, now| agent.handle(now, Input::Text(Peer::Browser, &answer)));
        }
        true
    }

    fn drain_stream(&mut self) -> bool {
        let drains = self.stream == Line::Up && !self.is_stuck && self.owes_drained;
        if drains {
            self.drained();
        }
        drains
    }

    /// The stream has taken everything.
    pub(super) fn drained(&mut self) {
        self.owes_drained = false;
        self.model.on_drained();
        self.tell(|agent, now| agent.handle(now, Input::Drained(Peer::Relay)));
    }

    /// Lets everybody be honest until all is quiet; who was there comes back.
    pub(super) fn settle(&mut self) {
        self.is_silent = false;
        self.is_stuck = false;
        self.disk_is_quick();
        self.come_to_rest();
        if self.model.was_attended && !self.viewers[0].can_seal(self.version) {
            self.does(false, &self.honest_join());
            self.come_to_rest();
        }
    }

    /// Asks for control as a viewer does who opens the link, maybe once more.
    fn honest_join(&self) -> Deed {
        Deed::Join {
            pin: self.asks_for_pin.then_some(true),
            resume: true,
            sheets: true,
            files: true,
            fields: self.helps_with_fields,
        }
    }

    fn come_to_rest(&mut self) {
        for _ in 0..200 {
            self.work();
            let opened = [Peer::Browser, Peer::Relay]
                .into_iter()
                .any(|peer| *self.line(peer) == Line::Wanted && self.open(peer));
            if !opened && !self.end_exchange() {
                return;
            }
        }
        unreachable!("drains_within_bound: the agent never stops asking");
    }

    /// Lets time pass, stopping at every deadline.
    pub(super) fn pass(&mut self, millis: u64) {
        let end = self.now + millis;
        for _ in 0..10_000 {
            let next = self.deadline.map(|at| at.as_millis() + self.behind);
            self.now = next.map_or(end, |at| at.clamp(self.now, end));
            self.input(|| Input::Tick);
            never_spins(self.at(), self.deadline);
            if self.now == end {
                return;
            }
        }
        unreachable!("never_spins: deadlines never end");
    }

    /// Lets time pass at once.
    pub(super) fn sleep(&mut self, millis: u64) {
        self.now += millis;
        self.input(|| Input::Tick);
    }

    /// The clock goes back.
    pub(super) fn turn_back(&mut self, millis: u64) {
        self.behind = self.behind.saturating_add(millis).min(self.now);
    }

    pub(super) fn asked(&mut self, asked: Asked) {
        let request = match asked {
            Asked::Cancel => Request::Cancel,
            Asked::Shutdown(millis) => Request::Shutdown {
                grace: core::time::Duration::from_millis(u64::from(millis)),
            },
        };
        self.model.truth.asked_to_cancel = true;
        self.input(|| Input::Request(request));
    }

    pub(super) const fn line(&mut self, peer: Peer) -> &mut Line {
        match peer {
            Peer::Browser => &mut self.browser,
            Peer::Relay => &mut self.stream,
        }
    }

    /// Opens a socket that the agent asked for.
    pub(super) fn open(&mut self, peer: Peer) -> bool {
        let opens = *self.line(peer) == Line::Wanted;
        if opens {
            *self.line(peer) = Line::Up;
            self.input(|| Input::Opened(peer));
        }
        opens
    }

    /// Checks what holds after every step.
    pub(super) fn hold(&mut self) {
        self.input(|| Input::Tick);
        never_spins(self.at(), self.deadline);
        let at = Timestamp::from_millis(self.at().as_millis() / 2);
        self.agent.tell(|agent| agent.handle(at, Input::Tick));
        let drained = self.agent.drain();
        time_may_go_back(self.deadline, &drained);
        memory_is_bounded("exchanges", self.exchanges.len(), MOST_EXCHANGES);
        self.files.hold(self.pages.len());
        while self.unanswered.len() > MOST_UNANSWERED {
            self.unanswered.pop_front();
        }
    }

    /// Whatever happened, the session's time is over some day, and then nothing moves any more.
    pub(super) fn run_out(mut self) {
        self.behind = 0;
        // A session that is created only now has its time, too, and the goodbye its own.
        for millis in [640_000, 640_000, 60_000] {
            self.sleep(millis);
            self.settle();
            self.hold();
        }
        self.agent.settle(self.deadline);
        self.model.at_the_end(self.deadline);
        self.files.at_the_end();
    }
}

fn config(start: Start) -> Config {
    let address = if start.listed {
        "http://127.0.0.1:9222"
    } else {
        "ws://browser.test/devtools/browser/b"
    };
    Config {
        cdp_url: address.into(),
        relay_url: "https://relay.test".into(),
        api_key: ApiKey::new(super::model::API_KEY),
        service: "Story".into(),
        context: Some(Context {
            url: Some("https://wall.test/login".into()),
            ..Context::default()
        }),
        ttl: Some(600),
        max_frame_rate: start.paced.then(|| NonZeroU32::new(10)).flatten(),
        encryption: match start.version {
            Version::V1 => Encryption::V1,
            Version::V2 => Encryption::V2(EndToEnd {
                viewer_url: "https://relay.test".into(),
                pin: start.pin.then(|| Pin::parse(PIN)).flatten(),
            }),
        },
    }
}
