//! Traces of simulated hand-offs: a test's is replayed byte for byte, a user's to the same states, and a
//! story that fails leaves one behind.

use std::{
    fs,
    panic::{AssertUnwindSafe, catch_unwind},
};

use authloop_testkit::{
    replay::{Report, Unreadable, replay, story},
    simulator::{Harm, Simulation, Step, run_on_tape, run_with},
};

/// A story with most of what can happen in it.
fn eventful() -> Vec<Step> {
    vec![
        Step::Type(0),
        Step::Paint,
        Step::Click(0),
        Step::Pass(700),
        Step::Open,
        Step::Pass(3_000),
        Step::Answer(0, true),
        Step::Pass(10_000),
        Step::Type(1),
        Step::Navigate,
        Step::Click(1),
        Step::Attack(true, 4, 2, Harm::Flip(300)),
        Step::Type(1),
        Step::Pass(3_000),
        Step::Replay(0, true, 3),
        Step::LoseAgent,
        Step::Pass(9_000),
        Step::OpenTab(1),
        Step::Pass(9_000),
        Step::Sleep(1, 9_000),
        Step::Hide(1, true),
        Step::Pass(2_000),
        Step::Leave(1),
        Step::Pass(2_000),
    ]
}

fn told(trace: &str) -> Report {
    let mut differences = String::new();
    let report = replay(trace, |step| {
        if let Some(instead) = &step.instead {
            differences.push_str(&format!(
                "{}: {:?}\n   {instead:?}\n",
                step.place, step.line
            ));
        }
    });
    let report = report.expect("a whole trace");
    assert!(report.differences.is_empty(), "{differences}");
    report
}

#[test]
fn a_test_s_trace_is_replayed_byte_for_byte() {
    let tape = story::Tape::default();
    run_on_tape(&eventful(), Some(tape.clone()), |_| {});
    let report = told(&tape.exact());
    assert!(report.inputs > 200 && report.outputs > 300, "{report:?}");
    assert_eq!(report.stage, "live");
}

#[test]
fn a_user_s_trace_is_replayed_to_the_same_states_under_another_seed() {
    let tape = story::Tape::default();
    run_on_tape(&eventful(), Some(tape.clone()), |_| {});
    let exact = told(&tape.exact());
    let trace = tape.redacted();
    let report = told(&trace);
    assert_eq!(report, exact);
    for secret in [
        "TYPED",
        "browser.test",
        "relay.test",
        "T-page",
        "S-page",
        "secretPath",
    ] {
        assert!(!trace.contains(secret), "{secret}");
    }
    for heard in [
        "\"hello\"",
        "\"ready\"",
        "\"paste\"",
        "\"click\"",
        "\"left\"",
        "\"proof\"",
    ] {
        assert!(trace.contains(heard), "{heard}");
    }
}

#[test]
fn a_trace_that_is_bent_shows_where() {
    let tape = story::Tape::default();
    run_on_tape(&[Step::Type(0)], Some(tape.clone()), |_| {});
    let bent: Vec<_> = tape
        .exact()
        .lines()
        .map(|line| line.replace("\"stage\":\"creating\"", "\"stage\":\"live\""))
        .collect();
    let report = replay(&bent.join("\n"), |_| {}).expect("a whole trace");
    assert_eq!(report.differences.len(), 1, "{report:?}");
}

#[test]
fn what_is_no_trace_is_said_to_be_none() {
    let tape = story::Tape::default();
    drop(Simulation::on_tape(1, None, |_| {}, Some(tape.clone())));
    let trace = tape.exact();
    assert_eq!(replay("", |_| {}), Err(Unreadable::NoTrace));
    assert_eq!(replay("{}\n", |_| {}), Err(Unreadable::NoTrace));
    let newer = trace.replacen("\"trace\":1", "\"trace\":9", 1);
    assert_eq!(replay(&newer, |_| {}), Err(Unreadable::Version(9)));
    let torn = trace.get(..trace.len() - 9).expect("it is long");
    let last = trace.lines().count();
    assert_eq!(replay(torn, |_| {}), Err(Unreadable::Line(last)));
}

#[test]
fn a_story_that_fails_leaves_a_trace_that_shows_the_failure_again() {
    let steps = [
        Step::Type(0),
        Step::Pass(5_000),
        Step::Paint,
        Step::Pass(9_000),
    ];
    let broken = |simulation: &mut Simulation| simulation.oracle.broken_at = Some(9_500);
    let failed = catch_unwind(AssertUnwindSafe(|| run_with(&steps, broken)));
    assert!(failed.is_err(), "a promise was made to be broken");
    let path = story::place("any-story");
    let trace = fs::read_to_string(&path).expect("it was written");
    let report = told(&trace);
    assert_eq!(
        report.failure.as_deref(),
        Some("a promise made to be broken")
    );
    assert!(
        trace.contains("Type(0), Pass(5000), Paint"),
        "the story is told, too"
    );
    fs::remove_file(path).expect("it was there");
}
