//! The machines, the wires between them, and the relay's will.

use std::collections::VecDeque;

use authloop_core::{
    agent::{
        Agent,
        config::{Config, Encryption, EndToEnd},
        event::Outcome,
        io::{Closed, HttpId, Input, Method, Peer, Request},
    },
    input::{
        InputEvent,
        event::{Button, Key, Point},
    },
    secret::{ApiKey, Pin, Seed},
    time::Timestamp,
    viewer::v2::{self as viewer, Answer},
};

use super::{Deed, Step, screen::Screen};
use crate::{
    chromium::{self, Chromium},
    script,
    truth::Truth,
};

/// The relay's words to the agent and to viewers; `C` stands for a channel.
pub(super) const WORDS: [&str; 10] = [
    r#"{"type":"viewer_connected","chan":C}"#,
    r#"{"type":"viewer_disconnected","chan":C}"#,
    r#"{"type":"agent_connected"}"#,
    r#"{"type":"agent_disconnected"}"#,
    r#"{"type":"session_resolved"}"#,
    r#"{"type":"session_cancelled"}"#,
    r#"{"type":"session_expired"}"#,
    r#"{"type":"resolved"}"#,
    r#"{"type":"viewer_connected"}"#,
    r#"{"type":"click","x":1,"y":1}"#,
];

const CODES: [u16; 10] = [1000, 1006, 1012, 4400, 4401, 4403, 4404, 4408, 4410, 4426];

const STATUSES: [&str; 4] = ["ACTIVE", "RESOLVED", "CANCELLED", "TIMEOUT"];

pub(super) struct World {
    pub(super) now: u64,
    pub(super) agent: Agent,
    pub(super) deadline: Option<Timestamp>,
    pub(super) browser: Chromium,
    pub(super) browser_is_open: bool,
    /// It went by itself, so that nothing more could be told it.
    browser_is_lost: bool,
    pub(super) relay_is_open: bool,
    pub(super) relay_is_wanted: bool,
    pub(super) requests: VecDeque<(HttpId, Method)>,
    pub(super) status: &'static str,
    pub(super) link: String,
    pub(super) screens: [Option<Screen>; 2],
    pub(super) channels: u16,
    /// Records on their end to the agent.
    pub(super) to_agent: VecDeque<Vec<u8>>,
    /// Records that crossed, for the adversary to use again.
    pub(super) crossed: Vec<Vec<u8>>,
    pub(super) truth: Truth,
    pub(super) outcome: Option<Outcome>,
}

impl World {
    /// A session that waits for its viewer.
    pub(super) fn new(asks_for_pin: bool) -> Self {
        let now = Timestamp::from_millis(1_000);
        let pin = asks_for_pin.then(|| Pin::parse("012345").expect("6 digits"));
        let config = Config {
            cdp_url: "ws://browser.test/devtools/browser/b".into(),
            relay_url: "https://relay.test".into(),
            api_key: ApiKey::new("al_live_key"),
            service: "Story".into(),
            context: None,
            ttl: Some(600),
            max_frame_rate: None,
            encryption: Encryption::V2(EndToEnd {
                viewer_url: "https://relay.test".into(),
                pin,
            }),
        };
        let mut world = Self {
            now: now.as_millis(),
            agent: Agent::new(config, Seed::new([1; 32]), now),
            deadline: None,
            browser: Chromium::default(),
            browser_is_open: false,
            browser_is_lost: false,
            relay_is_open: false,
            relay_is_wanted: false,
            requests: VecDeque::new(),
            status: "ACTIVE",
            link: String::new(),
            screens: [None, None],
            channels: 0,
            to_agent: VecDeque::new(),
            crossed: Vec::new(),
            truth: Truth::default(),
            outcome: None,
        };
        world.drain();
        world.settle();
        assert!(!world.link.is_empty() && world.relay_is_open);
        world
    }

    pub(super) fn at(&self) -> Timestamp {
        Timestamp::from_millis(self.now)
    }

    pub(super) fn take(&mut self, step: Step) {
        match step {
            Step::Paint => {
                let truth = &mut self.truth;
                if let Some(event) = self.browser.paint(|| truth.paint()) {
                    self.browser_says(&event);
                }
            }
            Step::Navigate => {
                let event = self.browser.navigate();
                self.browser_says(&event);
            }
            Step::Event(number) => {
                let event = script::pick(&chromium::EVENTS, number).copied();
                self.browser_says(event.unwrap_or_default());
            }
            // Only what is painted is a picture here.
            Step::Browser(text) if text.contains("screencast") => {}
            Step::Browser(text) => self.browser_says(&text),
            Step::Quit => {
                if core::mem::take(&mut self.browser_is_open) {
                    self.browser_is_lost = true;
                    self.handle(Input::Closed(Peer::Browser, Closed::Lost));
                }
            }
            Step::Does { second, deed } => self.does(second, &deed),
            Step::Settle => self.settle(),
            Step::Pass(millis) => self.pass(u64::from(millis), true),
            Step::Hang(millis) => self.pass(u64::from(millis), false),
            Step::Next(end) => {
                if let Some(record) = self.pull(end) {
                    self.deliver(end, record);
                }
            }
            Step::Lose(end) => {
                self.pull(end);
            }
            Step::Any {
                which,
                to,
                mutation,
            } => {
                if let Some(record) = script::pick(&self.crossed, which) {
                    let mut record = record.clone();
                    if let Some(mutation) = mutation {
                        mutation.apply(&mut record);
                    }
                    self.deliver(to, record);
                }
            }
            Step::Raw { to, bytes } => self.deliver(to, bytes),
            Step::Word { to, word, chan } => {
                let word = script::pick(&WORDS, word).copied().unwrap_or_default();
                self.say(to, &word.replace('C', &chan.to_string()));
            }
            Step::Text { to, text } => self.say(to, &text),
            Step::Hangup { second, code } => {
                let code = script::pick(&CODES, code).copied();
                self.hang_up(usize::from(second), code);
            }
            Step::Cut { code } => self.cut(script::pick(&CODES, code).copied().unwrap_or(1006)),
            Step::Lie(status) => {
                self.status = script::pick(&STATUSES, status).copied().unwrap_or("ACTIVE");
            }
            Step::Cancel => {
                self.truth.asked_to_cancel = true;
                self.handle(Input::Request(Request::Cancel));
            }
        }
    }

    /// Whatever happened, the session's time is over some day, and then nothing moves any more.
    pub(super) fn end(&mut self) {
        self.pass(640_000, false);
        self.settle();
        // The goodbye has its time, too.
        self.pass(60_000, true);
        let outcome = self.outcome.as_ref().expect("a session ends");
        assert!(
            self.deadline.is_none(),
            "{outcome:?}: a timer after the end"
        );
        self.truth.ended(outcome, !self.browser_is_lost);
    }

    pub(super) fn does(&mut self, second: bool, deed: &Deed) {
        let (now, who) = (self.at(), usize::from(second));
        if matches!(deed, Deed::Start) {
            if self.screens[who].is_none() {
                let seed = if second { 12 } else { 11 };
                let mut screen = Screen::open(&self.link, seed, now);
                screen.drain(&self.truth);
                self.screens[who] = Some(screen);
            }
            return;
        }
        let Some(screen) = &mut self.screens[who] else {
            return;
        };
        let truth = &mut self.truth;
        let event = match deed {
            Deed::Click => InputEvent::Click {
                at: Point {
                    x: f64::from(truth.click(second)),
                    y: 5.0,
                },
                button: Button::Left,
                click_count: None,
            },
            Deed::Type => {
                truth.keys += 1;
                InputEvent::KeyPress(Key::new("a", "KeyA"))
            }
            Deed::Paste => InputEvent::Paste(truth.paste(second)),
            Deed::Resolve => {
                truth.asked_to_resolve = true;
                InputEvent::Resolved
            }
            Deed::Cancel => {
                truth.asked_to_cancel = true;
                InputEvent::Cancelled
            }
            Deed::Hide(hidden) => {
                return screen.request(now, viewer::Request::Hide(*hidden), truth);
            }
            Deed::Wake => return screen.request(now, viewer::Request::Woke, truth),
            Deed::Leave => return screen.request(now, viewer::Request::Leave, truth),
            Deed::Pin { right } => return screen.pin(now, *right, truth),
            Deed::Answer { hand_over } => {
                let answer = if *hand_over {
                    Answer::HandOver
                } else {
                    Answer::Keep
                };
                if let Some(chan) = screen.prompt.take() {
                    screen.request(now, viewer::Request::Answer(chan, answer), truth);
                }
                return;
            }
            Deed::Start => return,
        };
        screen.request(now, viewer::Request::Send(event), truth);
    }

    pub(super) fn pass(&mut self, millis: u64, behaves: bool) {
        let end = self.now + millis;
        if behaves {
            self.settle();
        }
        for _ in 0..20_000 {
            let viewers = self
                .screens
                .iter()
                .flatten()
                .filter_map(|screen| screen.deadline);
            let next = viewers.chain(self.deadline).min().map(Timestamp::as_millis);
            let Some(next) = next.filter(|next| *next <= end) else {
                self.now = end;
                return self.tick();
            };
            self.now = self.now.max(next);
            self.tick();
            if behaves {
                self.settle();
            }
        }
        unreachable!("deadlines never end");
    }

    fn tick(&mut self) {
        let now = self.at();
        self.handle(Input::Tick);
        assert!(self.deadline.is_none_or(|at| at > now), "the agent spins");
        for screen in self.screens.iter_mut().flatten() {
            screen.handle(now, viewer::Input::Tick, &self.truth);
            assert!(screen.deadline.is_none_or(|at| at > now), "a viewer spins");
        }
    }
}
