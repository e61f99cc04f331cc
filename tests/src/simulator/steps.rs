//! One step of a random story, and how a whole story is run and judged.

use authloop_core::{
    input::{
        InputEvent,
        event::{Button, Point},
    },
    viewer::v2::{Answer, Request},
};

use super::{
    Simulation,
    malice::{How, Towards},
    relay::Party,
};
use crate::replay::story::{Tape, traced};

/// How many people a story has at most.
const MOST_PEOPLE: usize = 3;

/// Something that happens in a story. People are named by a number, modulo how many there are.
#[derive(Clone, Debug)]
pub enum Step {
    /// So many milliseconds pass.
    Pass(u16),
    /// The page changes its looks.
    Paint,
    /// The page goes on to another document.
    Navigate,
    /// Somebody types.
    Type(u8),
    /// Somebody clicks.
    Click(u8),
    /// Somebody opens the link.
    Open,
    /// Somebody opens another tab of the same browser.
    OpenTab(u8),
    /// Somebody's connection is lost.
    LosePerson(u8),
    /// The agent's connection is lost.
    LoseAgent,
    /// Somebody's connection stalls for so many milliseconds.
    Stall(u8, u16),
    /// Somebody's computer sleeps for so many milliseconds.
    Sleep(u8, u16),
    /// Somebody looks away, or back.
    Hide(u8, bool),
    /// Somebody answers a question for control.
    Answer(u8, bool),
    /// Somebody leaves.
    Leave(u8),
    /// The relay harms some messages: which way, of which kind, how many, and how.
    Attack(bool, u8, u8, Harm),
    /// The relay sends somebody a message that was sent before.
    Replay(u8, bool, u8),
    /// The relay stops harming anybody.
    Relent,
}

/// How a relay harms a message.
#[derive(Clone, Copy, Debug)]
pub enum Harm {
    /// It is dropped.
    Drop,
    /// It is late.
    Hold(u16),
    /// It arrives twice.
    Twice,
    /// It is overtaken.
    Overtaken,
    /// A bit of it is flipped.
    Flip(u16),
    /// It is cut.
    Cut(u8),
    /// It is another one.
    Swap(u8),
    /// It goes back.
    Reflect,
}

/// The kinds of records a relay may aim at; the last aims at all.
const KINDS: [Option<u8>; 8] = [
    Some(0x01),
    Some(0x02),
    Some(0x10),
    Some(0x11),
    Some(0x12),
    Some(0x13),
    Some(0x1F),
    None,
];

/// Runs a story. The oracle judges on the way; at the end the relay relents, and whoever then looks at
/// the page must see it as it is, or know why not.
///
/// If it fails, a trace is written ([`traced`]).
pub fn run(steps: &[Step]) -> Simulation {
    run_with(steps, |_| {})
}

/// The same with a simulation that was prepared.
pub fn run_with(steps: &[Step], prepare: impl Fn(&mut Simulation)) -> Simulation {
    let story = format!("{steps:?}");
    traced("any-story", &story, |tape| {
        run_on_tape(steps, tape, &prepare)
    })
}

/// The same with a tape on which the agent is recorded, from the first step to the last.
pub fn run_on_tape(
    steps: &[Step],
    tape: Option<Tape>,
    prepare: impl Fn(&mut Simulation),
) -> Simulation {
    let mut simulation = Simulation::on_tape(1, None, |_| {}, tape);
    prepare(&mut simulation);
    simulation.open_link();
    simulation.pass(1_000);
    for step in steps {
        simulation.step(step);
    }
    simulation.relay.malice.relent();
    simulation.paint();
    simulation.pass(90_000);
    let painted = simulation.browser.painted;
    for (place, person) in simulation.people.iter().enumerate() {
        if person.sees_live() {
            let shown = person.screen.map(|(number, _)| number);
            assert_eq!(
                shown,
                Some(painted),
                "person {place} sees the page as it is"
            );
        }
    }
    simulation
}

impl Simulation {
    /// Does one step.
    pub fn step(&mut self, step: &Step) {
        let people = self.people.len();
        let who = |number: &u8| usize::from(*number) % people;
        match step {
            Step::Pass(millis) => self.pass(u64::from(*millis)),
            Step::Paint => self.paint(),
            Step::Navigate => {
                self.browser.navigate(self.now);
                self.pass(0);
            }
            Step::Type(number) => _ = self.type_something(who(number)),
            Step::Click(number) => self.request(who(number), Request::Send(click())),
            Step::Open if people < MOST_PEOPLE => _ = self.open_link(),
            Step::OpenTab(number) if people < MOST_PEOPLE => _ = self.open_tab_of(who(number)),
            Step::Open | Step::OpenTab(_) => {}
            Step::LosePerson(number) => self.lose_person(who(number)),
            Step::LoseAgent => self.lose_agent(),
            Step::Stall(number, millis) => {
                let until = self.now + u64::from(*millis);
                self.people[who(number)].down.stall(until);
                self.people[who(number)].up.stall(until);
            }
            Step::Sleep(number, millis) => self.sleep_person(who(number), u64::from(*millis)),
            Step::Hide(number, hidden) => self.request(who(number), Request::Hide(*hidden)),
            Step::Answer(number, yes) => {
                let answer = if *yes { Answer::HandOver } else { Answer::Keep };
                if let Some(id) = self.people[who(number)].takeover.take() {
                    self.request(who(number), Request::Answer(id, answer));
                }
            }
            Step::Leave(number) => self.request(who(number), Request::Leave),
            Step::Attack(to_agent, kind, times, harm) => {
                let kind = KINDS[usize::from(*kind) % KINDS.len()];
                self.attack(
                    towards(*to_agent),
                    kind,
                    u32::from(*times % 8) + 1,
                    how(*harm),
                );
            }
            Step::Replay(number, to_agent, place) => {
                let side = towards(*to_agent);
                let old = self.relay.malice.remembered(side, usize::from(*place));
                let to = if *to_agent {
                    Party::Agent
                } else {
                    Party::Person(who(number))
                };
                if let Some(old) = old {
                    self.forge(to, old);
                }
            }
            Step::Relent => self.relay.malice.relent(),
        }
    }
}

/// A click into the page's middle.
pub fn click() -> InputEvent {
    InputEvent::Click {
        at: Point { x: 640.0, y: 360.0 },
        button: Button::Left,
        click_count: None,
    }
}

const fn towards(to_agent: bool) -> Towards {
    if to_agent {
        Towards::Agent
    } else {
        Towards::Viewers
    }
}

fn how(harm: Harm) -> How {
    match harm {
        Harm::Drop => How::Drop,
        Harm::Hold(millis) => How::Hold(u64::from(millis)),
        Harm::Twice => How::Twice,
        Harm::Overtaken => How::Overtaken,
        Harm::Flip(bit) => How::Flip(usize::from(bit)),
        Harm::Cut(length) => How::Cut(usize::from(length)),
        Harm::Swap(place) => How::Swap(usize::from(place)),
        Harm::Reflect => How::Reflect,
    }
}
