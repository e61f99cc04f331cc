//! Stories told to one machine, step by step, with every promise checked after each step.
//!
//! A scenario is a step enum, a small model, and one `check`. It is total: every step may be taken in
//! every state, and one that makes no sense there does nothing. Three runners tell it: proptest
//! (`tests/scenarios_hold.rs`), the fuzzer, and the replay of the committed corpora, both by [`check`].
//!
//! What is promised stands in [`invariants`], one function for each name of `ARCHITECTURE.md`.

pub mod agent;
pub mod dispatcher;
pub mod invariants;
pub mod machine;
pub mod relay;
pub mod twin;
pub mod viewer;

use core::fmt::Debug;

use arbitrary::{Arbitrary, Unstructured};

/// How many steps a story of the fuzzer has at most.
const MOST_STEPS: usize = 80;

/// A machine in a scripted world.
pub trait Scenario: Sized {
    /// Where the story begins: how far the session is, who is there, what is compared.
    type Start: for<'a> Arbitrary<'a> + Debug;

    /// What happens next.
    type Step: for<'a> Arbitrary<'a> + Debug;

    /// Makes the world.
    fn begin(start: &Self::Start) -> Self;

    /// Takes a step. A senseless one does nothing.
    fn take(&mut self, step: &Self::Step);

    /// Checks every promise; called after each step.
    fn check(&mut self);

    /// Lets time run out, and checks what holds at the end.
    fn end(self);
}

/// Tells one story.
pub fn tell<'s, S: Scenario>(start: &S::Start, steps: impl IntoIterator<Item = &'s S::Step>)
where
    S::Step: 's,
{
    let mut world = S::begin(start);
    world.check();
    for step in steps {
        world.take(step);
        world.check();
    }
    world.end();
}

/// Tells the story that these bytes are: how it begins, then its steps.
pub fn check<S: Scenario>(data: &[u8]) {
    let mut script = Unstructured::new(data);
    let Ok(start) = S::Start::arbitrary(&mut script) else {
        return;
    };
    let steps = crate::script::steps::<S::Step>(&mut script, MOST_STEPS);
    tell::<S>(&start, &steps);
}
