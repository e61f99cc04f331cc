//! A viewer of version 1: it answers every key of the agent's, pairs the two messages of a frame, shows the
//! newest, sends what the human does once, in order and sealed, and nothing after the end.
//!
//! The [`Viewer`] runs beside a reference that knows the one right answer to each step.

use std::{collections::VecDeque, time::Duration};

use arbitrary::Arbitrary;
use authloop_core::{
    agent::io::Message,
    crypto::v1::AgentChannel,
    generator::Generator,
    input::InputEvent,
    secret::Seed,
    time::Timestamp,
    viewer::v1::{Counters, Ended, Event, Frame, Input, Output, Pacing, Request, Viewer},
    wire::v1::{FrameMeta, Outgoing, ToAgent},
};

use super::super::{
    Scenario,
    dispatcher::{Deed, Stroke, Times},
    invariants::{memory_is_bounded, never_spins, the_end_is_the_end, time_may_go_back},
    machine::{Machine, Said},
    twin::{Company, Twin},
};

/// What may wait: input events, bytes of them, events for the application.
const MOST_INPUTS: usize = 1_000;
const MOST_BYTES: usize = 256 * 1_024;
const MOST_EVENTS: usize = 64;

impl Machine for Viewer {
    type Output = Output;

    const MOST_AT_ONCE: usize = MOST_INPUTS + MOST_EVENTS + 3;
    const MOST_WAITING: usize = Self::MOST_AT_ONCE;

    fn tick(&mut self, now: Timestamp) {
        self.handle(now, Input::Tick);
    }

    fn poll(&mut self) -> Said<Output> {
        let output = self.poll();
        if let Output::Idle(deadline) = output {
            Said::Idle(deadline)
        } else {
            Said::Output(output)
        }
    }

    fn write(output: &Output, into: &mut Vec<u8>) {
        match output {
            Output::Send(Message::Text(text)) => into.extend_from_slice(text.as_bytes()),
            Output::Send(Message::Binary(bytes)) => into.extend_from_slice(bytes),
            Output::Event(Event::Frame(frame)) => into.extend_from_slice(&frame.jpeg),
            Output::Event(Event::Notice(code)) => into.extend_from_slice(code.as_bytes()),
            Output::Event(_) => into.push(1),
            Output::Idle(_) => {}
        }
    }
}

/// Where a story begins.
#[derive(Arbitrary, Clone, Copy, Debug)]
pub struct Start {
    /// For other agents: slowly.
    pub gentle: bool,
    /// Whether a second viewer hears the same and has to do the same.
    pub twin: bool,
    /// Whether the keys are agreed on already.
    pub keyed: bool,
}

/// One thing that happens.
#[derive(Arbitrary, Clone, Debug)]
pub enum Step {
    /// The socket opens, or opens anew.
    Connected,
    /// The socket is gone.
    Disconnected,
    /// The agent's key comes.
    Key,
    /// Something comes that is no key.
    NoKey(String),
    /// The agent restarts, if this is small, with another key.
    Restart(u8),
    /// A frame comes.
    Frame(u8),
    /// The first half of a frame of this size comes.
    Announce(u8),
    /// A picture of this size comes.
    Picture(u8),
    /// The relay's own word.
    Word(u8),
    /// The agent has something to tell the human.
    Notice(String),
    /// A text that means nothing.
    Text(String),
    /// The human does something.
    Do(Deed),
    /// The human types.
    Type(Stroke, u8, u8),
    /// The human does the newest thing so many times more.
    Again(Times),
    /// Milliseconds pass.
    Pass(u16),
    /// The clock goes back.
    Back(u16),
    /// The driver asks for nothing from now on, or does again.
    Hold(bool),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Link {
    Offline,
    Waiting,
    /// Input flows from this time on.
    Keyed(Timestamp),
}

/// The reference.
struct Model {
    link: Link,
    owes_key: bool,
    announced: Option<FrameMeta>,
    frame: Option<Frame>,
    events: VecDeque<Event>,
    inputs: VecDeque<Vec<u8>>,
    ending: Option<Ended>,
    over: bool,
    counters: Counters,
}

/// A viewer, its reference, and the agent's end of the keys.
pub struct World {
    viewer: Twin<Viewer>,
    model: Model,
    pacing: Pacing,
    agent: AgentChannel,
    generator: Generator,
    clock: u64,
    now: Timestamp,
    held: bool,
    deadline: Option<Timestamp>,
    last: Option<InputEvent>,
}

impl Scenario for World {
    type Start = Start;
    type Step = Step;

    fn begin(start: &Start) -> Self {
        let pacing = if start.gentle {
            Pacing::Gentle
        } else {
            Pacing::Immediate
        };
        let company = if start.twin {
            Company::Twin
        } else {
            Company::Alone
        };
        let mut generator = Generator::new(Seed::new([2; 32]));
        let mut world = Self {
            viewer: Twin::new(company, || Viewer::new(Seed::new([1; 32]), pacing)),
            model: Model::new(),
            pacing,
            agent: AgentChannel::new(&mut generator),
            generator,
            clock: 1_000,
            now: Timestamp::default(),
            held: false,
            deadline: None,
            last: None,
        };
        if start.keyed {
            world.take(&Step::Connected);
            world.take(&Step::Key);
        }
        world
    }

    fn take(&mut self, step: &Step) {
        match step {
            Step::Connected => self.relink(Link::Waiting),
            Step::Disconnected => self.relink(Link::Offline),
            Step::Key => self.key(),
            Step::NoKey(key) => {
                self.text(&Outgoing::Pubkey { key });
                self.model.counts(|counters| &mut counters.refused_keys);
            }
            Step::Restart(0x20..) => {}
            Step::Restart(_) => {
                self.agent = AgentChannel::new(&mut self.generator);
                self.key();
            }
            Step::Frame(size) => {
                self.announce(*size);
                self.picture(*size);
            }
            Step::Announce(size) => self.announce(*size),
            Step::Picture(size) => self.picture(*size),
            Step::Word(word) => self.word(*word),
            Step::Notice(code) => {
                self.text(&Outgoing::Notice { code });
                if code.len() <= 64 {
                    self.model.tell(Event::Notice(code.clone()));
                } else {
                    self.model.counts(|counters| &mut counters.unknown_messages);
                }
            }
            Step::Text(text) => {
                let text = format!("x{text}");
                self.handle(|| Input::Text(&text));
                self.model.counts(|counters| &mut counters.unknown_messages);
            }
            Step::Do(deed) => self.request(deed.event()),
            Step::Type(stroke, key, modifiers) => self.request(stroke.event(*key, *modifiers)),
            Step::Again(times) => {
                for _ in 0..times.count() {
                    self.request(self.last.clone());
                }
            }
            Step::Pass(millis) => self.pass((*millis).into()),
            Step::Back(millis) => {
                self.tick();
                self.drain();
                self.clock = self.clock.saturating_sub((*millis).into());
                if !self.held {
                    self.tick();
                    time_may_go_back(self.deadline, &self.viewer.drain());
                }
            }
            Step::Hold(held) => self.held = *held,
        }
        self.drain();
    }

    fn check(&mut self) {
        let viewer = self.viewer.first();
        assert_eq!(*viewer.counters(), self.model.counters);
        let is_keyed = matches!(self.model.link, Link::Keyed(_));
        assert_eq!(viewer.is_keyed(), is_keyed);
        memory_is_bounded("inputs", self.model.inputs.len(), MOST_INPUTS);
        memory_is_bounded("bytes", self.model.waiting_bytes(), MOST_BYTES);
        memory_is_bounded("events", self.model.events.len(), MOST_EVENTS);
    }

    fn end(mut self) {
        self.held = false;
        self.clock = self.now.as_millis();
        self.drain();
        self.pass(20_000);
        if matches!(self.model.link, Link::Keyed(_)) {
            assert!(self.model.inputs.is_empty(), "something was never sent");
        }
        self.word(3);
        self.drain();
        self.key();
        self.request(Some(InputEvent::Back));
        self.tick();
        the_end_is_the_end(&self.viewer.drain());
    }
}

impl World {
    fn handle<'a>(&mut self, input: impl Fn() -> Input<'a>) {
        self.now = self.now.max(Timestamp::from_millis(self.clock));
        let now = Timestamp::from_millis(self.clock);
        self.viewer.tell(|viewer| viewer.handle(now, input()));
    }

    fn text(&mut self, message: &Outgoing<'_>) {
        let text = message.to_text();
        self.handle(|| Input::Text(&text));
    }

    fn tick(&mut self) {
        self.handle(|| Input::Tick);
    }

    fn relink(&mut self, link: Link) {
        self.handle(|| match link {
            Link::Offline => Input::Disconnected,
            Link::Waiting | Link::Keyed(_) => Input::Connected,
        });
        if self.model.is_running() {
            self.model.relink(link);
        }
    }

    fn key(&mut self) {
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

    fn announce(&mut self, size: u8) {
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

    fn picture(&mut self, size: u8) {
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

    fn word(&mut self, word: u8) {
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

    fn request(&mut self, event: Option<InputEvent>) {
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

    fn pass(&mut self, millis: u64) {
        let end = self.clock + millis;
        while !self.held
            && let Some(at) = self.deadline.filter(|at| at.as_millis() <= end)
        {
            self.clock = self.clock.max(at.as_millis());
            self.tick();
            self.drain();
            never_spins(self.now, self.deadline);
        }
        self.clock = end;
        self.tick();
        self.drain();
    }

    fn drain(&mut self) {
        if self.held {
            return;
        }
        let drained = self.viewer.drain();
        self.deadline = drained.deadline;
        for output in drained.said {
            match output {
                Output::Send(Message::Text(text)) => self.sent(&text),
                Output::Send(Message::Binary(_)) => unreachable!("a viewer says it in text"),
                Output::Event(event) => {
                    let expected = self.model.next_event().expect("nothing was to be told");
                    assert!(event == expected, "another event");
                }
                Output::Idle(_) => {}
            }
        }
        assert!(self.model.next_event().is_none(), "something wasn't told");
        let due = match self.model.link {
            Link::Keyed(from) if !self.model.inputs.is_empty() => Some(from),
            Link::Keyed(_) | Link::Waiting | Link::Offline => None,
        };
        assert!(due.is_none_or(|at| at > self.now), "something wasn't sent");
        assert_eq!(self.deadline, due);
    }

    /// Plays the agent, which has the keys.
    fn sent(&mut self, text: &str) {
        match ToAgent::parse(text) {
            Some(ToAgent::Pubkey { key }) => {
                assert!(core::mem::take(&mut self.model.owes_key), "nobody asked");
                self.agent.viewer_connected();
                assert!(self.agent.accept_key(&key).is_ok(), "its key never changes");
            }
            Some(ToAgent::Encrypted { payload }) => {
                assert!(!self.model.owes_key, "input before the key");
                let Link::Keyed(from) = self.model.link else {
                    unreachable!("input without keys");
                };
                assert!(from <= self.now, "input goes too fast");
                if self.pacing == Pacing::Gentle {
                    self.model.link = Link::Keyed(self.now + Duration::from_millis(10));
                }
                let opened = self
                    .agent
                    .open(&payload)
                    .expect("sealed once, for this agent");
                let expected = self.model.inputs.pop_front();
                assert_eq!(Some(opened.into_inner()), expected, "once and in order");
            }
            Some(_) | None => unreachable!("a viewer says nothing else"),
        }
    }
}

impl Model {
    fn new() -> Self {
        Self {
            link: Link::Offline,
            owes_key: false,
            announced: None,
            frame: None,
            events: VecDeque::new(),
            inputs: VecDeque::new(),
            ending: None,
            over: false,
            counters: Counters::default(),
        }
    }

    const fn is_running(&self) -> bool {
        self.ending.is_none() && !self.over
    }

    fn counts(&mut self, counter: impl Fn(&mut Counters) -> &mut u64) {
        if self.is_running() {
            *counter(&mut self.counters) += 1;
        }
    }

    fn tell(&mut self, event: Event) {
        if !self.is_running() {
        } else if self.events.len() < MOST_EVENTS {
            self.events.push_back(event);
        } else {
            self.counters.lost_events += 1;
        }
    }

    fn relink(&mut self, link: Link) {
        self.link = link;
        self.owes_key = false;
        self.announced = None;
    }

    fn end(&mut self, how: Ended) {
        if self.is_running() {
            self.relink(Link::Offline);
            self.inputs.clear();
            self.ending = Some(how);
        }
    }

    /// What is told next: what happened, then the newest frame, then the end.
    fn next_event(&mut self) -> Option<Event> {
        let event = self.events.pop_front();
        event
            .or_else(|| self.frame.take().map(Event::Frame))
            .or_else(|| {
                let how = self.ending.take()?;
                self.over = true;
                Some(Event::Ended(how))
            })
    }

    fn waiting_bytes(&self) -> usize {
        self.inputs.iter().map(Vec::len).sum()
    }
}
