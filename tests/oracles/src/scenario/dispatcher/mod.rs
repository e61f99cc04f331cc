//! From a viewer's events to what the browser is told, at any pace: each accepted event is done once, in
//! its turn and whole, what is dropped is counted, and after the end nothing is down.
//!
//! The [`Dispatcher`] runs beside a reference that knows the one right answer to each step.

mod keys;
mod model;
mod step;

use authloop_core::{
    input::{Dispatcher, Geometry, InputEvent, Platform, event::Key, limits},
    time::Timestamp,
};

use self::model::Model;
pub use self::step::{Deed, Mouse, Place, Rare, Step, Stroke, Times};
use super::{
    Scenario,
    invariants::{memory_is_bounded, never_spins},
};
use crate::opener;

/// How long anything may have to wait that waits for time alone: input for the page.
const LONGEST_WAIT: core::time::Duration = limits::ANSWER_WAIT;

/// The most actions that can wait: 1,000 key events, three for a click, four for a press and for fingers,
/// three for a move of theirs, a typed paste's 128, and scrolls.
const MOST_ACTIONS: usize = 1_000 + 20 * 3 + 64 * 4 + 64 * 3 + 64 * 129 + 64 + 16;

/// A dispatcher and its reference.
pub struct World {
    dispatcher: Dispatcher,
    model: Model,
    /// What the clock says, which may go back.
    clock: u64,
    last: Option<InputEvent>,
}

/// Tells the story that these bytes are.
pub fn check(data: &[u8]) {
    super::check::<World>(data);
}

impl Scenario for World {
    type Start = ();
    type Step = Step;

    fn begin((): &()) -> Self {
        Self {
            dispatcher: Dispatcher::new(Platform::default()),
            model: Model::new(),
            clock: 1_000,
            last: None,
        }
    }

    fn take(&mut self, step: &Step) {
        match step {
            Step::Key(stroke, key, modifiers) => self.arrives(stroke.event(*key, *modifiers)),
            Step::Mouse(mouse, place, modifiers) => self.arrives(mouse.event(*place, *modifiers)),
            Step::Touch(down, elsewhere, place) => {
                self.arrives(Some(step::touch(*down, *elsewhere, *place)));
            }
            Step::Do(deed) => self.arrives(deed.event()),
            Step::Wait(pause) => self.clock += 3 * u64::from(*pause),
            Step::Pop(most) => {
                for _ in 0..*most {
                    if !self.pop() {
                        break;
                    }
                }
            }
            Step::Run(pause) => self.run(4 * u64::from(*pause)),
            Step::Rarely(rare) => self.happens(rare),
        }
    }

    fn check(&mut self) {
        assert_eq!(*self.dispatcher.dropped(), self.model.drops);
        assert_eq!(self.dispatcher.is_idle(), self.model.is_done());
        match self.dispatcher.deadline() {
            Some(at) => assert!(
                at.since(self.model.now) <= LONGEST_WAIT,
                "nothing waits for long"
            ),
            None => assert!(
                self.model.is_done() || self.model.waits_for_the_page(),
                "nobody would come for what waits"
            ),
        }
    }

    /// Lets it all run out, and lifts every finger.
    fn end(mut self) {
        self.come_to_rest();
        let mut turns = 0;
        while let Some(at) = self.dispatcher.deadline() {
            self.clock = self.clock.max(at.as_millis());
            assert!(self.pop(), "a deadline brings something");
            turns += 1;
            memory_is_bounded("actions", turns, MOST_ACTIONS);
        }
        assert!(self.model.is_done(), "something accepted was lost");
        self.release_all();
        self.check();
    }
}

impl World {
    fn happens(&mut self, rare: &Rare) {
        match *rare {
            Rare::Again(times) => {
                if let Some(event) = self.last.clone() {
                    for _ in 0..times.count() {
                        self.push(event.clone());
                    }
                }
            }
            Rare::ManyKeys(keys) => {
                for number in 0..keys.count() {
                    let code = format!("Key{number}");
                    self.push(InputEvent::KeyDown(Key::new("Escape", &code)));
                }
            }
            Rare::Back(millis) => self.clock = self.clock.saturating_sub(millis.into()),
            Rare::Busy => {
                self.dispatcher.page_is_busy();
                self.model.set_busy(true);
            }
            Rare::Rest => self.come_to_rest(),
            Rare::Clear => {
                self.dispatcher.clear();
                self.model.clear();
            }
            Rare::ChangeHands => {
                self.dispatcher.change_hands();
                self.model.change_hands();
            }
            Rare::ReleaseAll => self.release_all(),
            Rare::Mac(mac) => {
                let platform = if mac { Platform::Mac } else { Platform::Other };
                self.dispatcher.set_platform(platform);
                self.model.platform = platform;
            }
            Rare::Geometry { offset, zoom } => {
                let geometry = Geometry {
                    offset_top: offset.into(),
                    page_scale_factor: f64::from(zoom) / 4.0,
                };
                self.dispatcher.set_geometry(geometry);
                self.model.geometry = geometry;
            }
            Rare::Resolve => self.arrives(Some(InputEvent::Resolved)),
            Rare::Cancel => self.arrives(Some(InputEvent::Cancelled)),
        }
    }

    fn arrives(&mut self, event: Option<InputEvent>) {
        if let Some(event) = event {
            self.push(event.clone());
            self.last = Some(event);
        }
    }

    fn push(&mut self, event: InputEvent) {
        let now = self.tell_time();
        let expected = self.model.push(&event);
        let taken = self.dispatcher.push(now, opener::vouched(event));
        assert_eq!(taken, expected, "only what is over a bound is dropped");
    }

    fn pop(&mut self) -> bool {
        let now = self.tell_time();
        let action = self.dispatcher.pop(now);
        if let Some(action) = &action {
            self.model.did(action);
        }
        action.is_some()
    }

    /// Pops at each deadline.
    fn run(&mut self, millis: u64) {
        let end = self.clock + millis;
        loop {
            while self.pop() {}
            match self.dispatcher.deadline().map(Timestamp::as_millis) {
                Some(at) if at <= end => {
                    never_spins(self.model.now, Some(Timestamp::from_millis(at)));
                    self.clock = at;
                }
                Some(_) | None => break,
            }
        }
        self.clock = end;
    }

    fn come_to_rest(&mut self) {
        let now = self.tell_time();
        self.dispatcher.page_is_at_rest(now);
        self.model.set_busy(false);
    }

    fn release_all(&mut self) {
        let actions = self.dispatcher.release_all();
        self.model.released_all(&actions);
    }

    fn tell_time(&mut self) -> Timestamp {
        let now = Timestamp::from_millis(self.clock);
        self.model.now = self.model.now.max(now);
        now
    }
}
