//! Random stories of version 2 with a relay that does whatever it can: the oracle judges on the way.

use authloop_testkit::{
    replay::{replay, story::Tape},
    simulator::{Harm, Simulation, Step, run, run_on_tape},
};
use proptest::prelude::*;

fn harm() -> impl Strategy<Value = Harm> {
    prop_oneof![
        Just(Harm::Drop),
        (0..20_000_u16).prop_map(Harm::Hold),
        Just(Harm::Twice),
        Just(Harm::Overtaken),
        (0..3_000_u16).prop_map(Harm::Flip),
        (0..80_u8).prop_map(Harm::Cut),
        any::<u8>().prop_map(Harm::Swap),
        Just(Harm::Reflect),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let who = 0..3_u8;
    prop_oneof![
        6 => (0..4_000_u16).prop_map(Step::Pass),
        2 => (4_000..40_000_u16).prop_map(Step::Pass),
        4 => Just(Step::Paint),
        1 => Just(Step::Navigate),
        5 => who.clone().prop_map(Step::Type),
        2 => who.clone().prop_map(Step::Click),
        2 => Just(Step::Open),
        1 => who.clone().prop_map(Step::OpenTab),
        1 => who.clone().prop_map(Step::LosePerson),
        1 => Just(Step::LoseAgent),
        1 => (who.clone(), 0..15_000_u16).prop_map(|(who, millis)| Step::Stall(who, millis)),
        1 => (who.clone(), 0..15_000_u16).prop_map(|(who, millis)| Step::Sleep(who, millis)),
        1 => (who.clone(), any::<bool>()).prop_map(|(who, hidden)| Step::Hide(who, hidden)),
        1 => (who.clone(), any::<bool>()).prop_map(|(who, yes)| Step::Answer(who, yes)),
        1 => who.clone().prop_map(Step::Leave),
        4 => (any::<bool>(), any::<u8>(), any::<u8>(), harm())
            .prop_map(|(to_agent, kind, times, harm)| Step::Attack(to_agent, kind, times, harm)),
        2 => (who, any::<bool>(), 0..64_u8)
            .prop_map(|(who, to_agent, place)| Step::Replay(who, to_agent, place)),
        1 => Just(Step::Relent),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_the_oracle_finds_no_fault(steps in prop::collection::vec(step(), 0..60)) {
        run(&steps);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_its_traces_tell_it_again(steps in prop::collection::vec(step(), 0..60)) {
        let tape = Tape::default();
        run_on_tape(&steps, Some(tape.clone()), |_| {});
        for trace in [tape.exact(), tape.redacted()] {
            let report = replay(&trace, |_| {}).expect("a whole trace");
            prop_assert!(report.differences.is_empty(), "{:?}", report);
        }
    }
}

#[test]
fn who_looks_again_sees_what_was_painted_meanwhile_at_once() {
    let mut simulation = Simulation::on_tape(1, None, |_| {}, None);
    simulation.open_link();
    simulation.pass(1_000);
    // While they sleep nothing is acknowledged, so that Chromium keeps its newest picture to itself.
    for step in [
        Step::Sleep(0, 4_622),
        Step::Paint,
        Step::Paint,
        Step::Hide(0, true),
        Step::Pass(30_000),
        Step::Hide(0, false),
        Step::Pass(500),
    ] {
        simulation.step(&step);
    }
    let person = simulation.people.first().expect("who opened the link");
    assert!(person.sees_live());
    assert_eq!(
        person.screen.map(|(number, _)| number),
        Some(simulation.browser.painted)
    );
}
