//! Traces of simulated hand-offs: a test's is replayed byte for byte, a user's to the same states, and a
//! story that fails leaves one behind.

use std::{
    fs,
    panic::{AssertUnwindSafe, catch_unwind},
};

use authloop_testkit::{
    program::Program,
    replay::{Report, Unreadable, replay, story},
    simulator::{Harm, Simulation, Step, run_on_tape, run_with},
};
use tempfile::TempDir;

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

/// Writes another state into a trace's last line that tells one, and returns that line's place.
fn bent(trace: &str) -> (String, usize) {
    let mut lines: Vec<_> = trace.lines().map(str::to_owned).collect();
    let state = "\"stage\":\"live\"";
    let last = lines.iter().rposition(|line| line.contains(state));
    let last = last.expect("the session is live");
    lines[last] = lines[last].replace(state, "\"stage\":\"ended\"");
    (lines.join("\n"), last + 1)
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
    let (trace, place) = bent(&tape.exact());
    let report = replay(&trace, |_| {}).expect("a whole trace");
    assert_eq!(report.differences, [place], "{report:?}");
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

#[tokio::test]
async fn the_example_shows_a_trace_and_says_where_it_differs() {
    let tape = story::Tape::default();
    run_on_tape(&[Step::Type(0)], Some(tape.clone()), |_| {});
    let folder = TempDir::new().expect("a folder");
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).expect("a new file");
        path.to_string_lossy().into_owned()
    };
    let good = write("good", &tape.redacted());
    let mut program = Program::example("replay", &[&good], "").await;
    program.says("All as it was.").await;
    assert!(program.ends_well().await);

    let (trace, place) = bent(&tape.redacted());
    let mut program = Program::example("replay", &[&write("bent", &trace)], "").await;
    let from = program.says("It differs from line ").await;
    assert_eq!(from, format!("{place} on."));
    assert!(!program.ends_well().await);

    let mut program = Program::example("replay", &[&write("none", "[]")], "").await;
    let why = program.says("This is no trace: ").await;
    assert_eq!(why, "it does not begin like a trace");
    assert!(!program.ends_well().await);
}
