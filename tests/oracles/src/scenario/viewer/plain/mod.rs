//! A viewer of version 1: it answers every key of the agent's, pairs the two messages of a frame, shows the
//! newest, sends what the human does once, in order and sealed, and nothing after the end.
//!
//! The [`Viewer`] runs beside a reference that knows the one right answer to each step.

mod inputs;
mod machine;
mod model;
mod outcome;
mod step;

use authloop_core::{
    crypto::v1::AgentChannel,
    generator::Generator,
    input::InputEvent,
    secret::Seed,
    time::Timestamp,
    viewer::v1::{Event, Input, Pacing, Viewer},
    wire::v1::Outgoing,
};

use self::model::{Link, MOST_BYTES, MOST_EVENTS, MOST_INPUTS, Model};
pub use self::step::{Start, Step};
use super::super::{
    Scenario,
    invariants::{memory_is_bounded, the_end_is_the_end, time_may_go_back},
    twin::{Company, Twin},
};

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
