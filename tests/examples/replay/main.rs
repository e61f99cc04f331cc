//! Plays a trace back: the agent of then, made again, and everybody it heard.
//!
//! ```text
//! replay session.trace
//! ```
//!
//! Prints each event with its time and what the agent made of it. Exit code 0 if all went as it is written
//! down, 1 if anything differs or the file is no trace, 2 if it can't be read.
#![forbid(unsafe_code)]
#![expect(clippy::print_stdout, reason = "a program with a terminal")]

use std::{env, fs, process::ExitCode};

use authloop_testkit::replay::{Step, replay};
use authloop_trace::line::Line;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [path] = arguments.as_slice() else {
        println!("expected: replay FILE");
        return ExitCode::from(2);
    };
    let trace = match fs::read_to_string(path) {
        Ok(trace) => trace,
        Err(error) => {
            println!("{path} can't be read: {error}");
            return ExitCode::from(2);
        }
    };
    let report = match replay(&trace, show) {
        Ok(report) => report,
        Err(error) => {
            println!("This is no trace: {error}");
            return ExitCode::FAILURE;
        }
    };
    let (inputs, outputs) = (report.inputs, report.outputs);
    println!(
        "{inputs} inputs, {outputs} outputs; the session is {}.",
        report.stage
    );
    if let Some(failure) = &report.failure {
        println!("The test failed here: {failure}");
    }
    match report.differences.as_slice() {
        [] => {
            println!("All as it was.");
            ExitCode::SUCCESS
        }
        [first, ..] => {
            println!("It differs from line {first} on.");
            ExitCode::FAILURE
        }
    }
}

/// Prints one step.
fn show(step: &Step<'_>) {
    let Step {
        place,
        now,
        line,
        instead,
    } = step;
    let (seconds, millis) = (now / 1_000, now % 1_000);
    println!("{place:>6} {seconds:>6}.{millis:03} {}", words(line));
    if let Some(instead) = instead {
        println!("{:>17} {}", "instead:", words(instead));
    }
}

fn words(line: &Line) -> String {
    match line {
        Line::In { input, .. } => {
            let input = serde_json::to_string(input).unwrap_or_default();
            format!("◀ {}", cut(&input))
        }
        Line::Out { out } => format!("  ▶ {out}"),
        Line::Idle {
            idle,
            stage,
            dropped,
        } => {
            let idle = idle.map_or("for ever".to_owned(), |at| format!("until {at}"));
            let dropped = dropped.as_deref().unwrap_or("nothing");
            format!("  · {stage}, rests {idle}; dropped: {dropped}")
        }
        Line::Cut { cut } => format!("The trace ends here: it has its {cut} bytes."),
        Line::Failure { failure, .. } => format!("✗ {failure}"),
    }
}

/// A test's trace holds whole pictures.
fn cut(text: &str) -> String {
    const MOST: usize = 240;
    let mut shown: String = text.chars().take(MOST).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    shown
}
