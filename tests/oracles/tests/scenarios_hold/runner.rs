//! Proptest over a scenario: the steps are read from random bytes as the fuzzer's are, and a failing
//! story shrinks to the steps that it takes.

use std::fmt;

use arbitrary::{Arbitrary, Unstructured};
use authloop_oracles::scenario::{self, Scenario};
use proptest::{
    prelude::*,
    test_runner::{Config, TestError, TestRunner},
};

/// How many stories each machine is told.
const CASES: u32 = 10_000;

/// How many steps each has.
const STEPS: usize = 50;

/// One story, printed as a list of its steps.
struct Story<S: Scenario> {
    start: S::Start,
    steps: Vec<S::Step>,
}

impl<S: Scenario> fmt::Debug for Story<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "it begins as {:?}, and then", self.start)?;
        for (number, step) in self.steps.iter().enumerate() {
            writeln!(f, "{:>4}. {step:?}", number + 1)?;
        }
        Ok(())
    }
}

/// Tells a machine its stories. `choose` makes the beginnings those of this machine.
pub(crate) fn hold<S: Scenario>(choose: fn(&mut S::Start)) {
    let config = Config {
        cases: CASES,
        failure_persistence: None,
        max_shrink_iters: 20_000,
        ..Config::default()
    };
    let told = TestRunner::new(config).run(&stories::<S>(choose), |story| {
        scenario::tell::<S>(&story.start, &story.steps);
        Ok(())
    });
    match told {
        Ok(()) => {}
        Err(TestError::Fail(why, story)) => unreachable!("{why}\n{story:?}"),
        Err(TestError::Abort(why)) => unreachable!("{why}"),
    }
}

fn stories<S: Scenario>(choose: fn(&mut S::Start)) -> impl Strategy<Value = Story<S>> {
    let start = any::<[u64; 2]>().prop_map(move |bytes| {
        let mut start = read(&bytes);
        choose(&mut start);
        start
    });
    // That a step is left out is what shrinking tries first; it is next to never told so.
    let step = prop_oneof![
        1 => Just(None),
        1_000_000 => any::<[u64; 4]>().prop_map(Some),
    ];
    let step = step.prop_map(|words| words.map(|words| read::<S::Step>(&words)));
    let steps = proptest::collection::vec(step, STEPS);
    (start, steps).prop_map(|(start, steps)| Story {
        start,
        steps: steps.into_iter().flatten().collect(),
    })
}

/// Reads a start or a step as the fuzzer does.
fn read<T: for<'a> Arbitrary<'a>>(words: &[u64]) -> T {
    let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
    T::arbitrary(&mut Unstructured::new(&bytes)).expect("what is missing is read as zeros")
}
