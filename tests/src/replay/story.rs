//! Tapes: a simulated agent written down as a test's trace and as a user's, and a story that writes its
//! trace when it fails.

use std::{
    any::Any,
    fs, io,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use authloop_core::{
    agent::{
        Agent,
        config::Config,
        io::{Input, Output},
    },
    time::Timestamp,
};
use authloop_trace::{
    Exact, Redactor,
    exact::Bound,
    line::{Line, Setup},
};

/// What an agent under a test seed took and wanted done. Clones are the same tape, which outlives a story
/// that fails.
#[derive(Clone, Default)]
pub struct Tape(Arc<Mutex<Option<Recording>>>);

struct Recording {
    exact: Exact,
    redactor: Redactor,
    bound: Bound,
    redacted: String,
}

impl Recording {
    fn add(&mut self, line: &Line) {
        self.redacted.extend(self.bound.write(line));
    }
}

impl Tape {
    /// Begins with what the agent is started with. `config` is for the user's trace: in a test's, the setup
    /// stands as it is.
    pub fn begin(&self, seed: u8, setup: Setup, config: &Config, start: Timestamp) {
        let mut redactor = Redactor::default();
        let mut bound = Bound::default();
        let header = redactor.header(config, start);
        *self.recording() = Some(Recording {
            exact: Exact::new(seed, setup, start),
            redactor,
            redacted: bound.write(&header).unwrap_or_default(),
            bound,
        });
    }

    /// Lets the agent take an input.
    pub fn take(&self, agent: &mut Agent, now: Timestamp, input: Input<'_>) {
        let mut recording = self.recording();
        let Some(recording) = recording.as_mut() else {
            return agent.handle(now, input);
        };
        recording.exact.input(now, &input);
        let reading = recording.redactor.input(now, &input);
        agent.handle(now, input);
        let line = recording.redactor.line(reading, agent.heard());
        recording.add(&line);
    }

    /// Notes what the agent wants done.
    pub fn note(&self, agent: &Agent, output: &Output) {
        if let Some(recording) = self.recording().as_mut() {
            recording.exact.output(agent, output);
            let line = recording.redactor.output(agent, output);
            recording.add(&line);
        }
    }

    /// Returns the test's trace.
    pub fn exact(&self) -> String {
        let recording = self.recording();
        recording
            .as_ref()
            .map_or_else(String::new, |recording| recording.exact.text().to_owned())
    }

    /// Returns the user's trace.
    pub fn redacted(&self) -> String {
        let recording = self.recording();
        recording
            .as_ref()
            .map_or_else(String::new, |recording| recording.redacted.clone())
    }

    /// Returns the trace of a test that failed.
    fn failed(&self, failure: &str, story: &str) -> String {
        let recording = self.recording();
        recording.as_ref().map_or_else(String::new, |recording| {
            recording.exact.failed(failure, story)
        })
    }

    fn recording(&self) -> MutexGuard<'_, Option<Recording>> {
        // A story that failed while it was held leaves whole lines.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Tells a story that goes the same way each time. Should it fail, it is told once more with a tape, and what
/// the agent took and did is written to a file: the failure names it, and how to replay it.
///
/// Of several failures under one name, as while a story is made smaller, the last one's file stays.
pub fn traced<T>(name: &str, story: &str, tell: impl Fn(Option<Tape>) -> T) -> T {
    let panic = match catch_unwind(AssertUnwindSafe(|| tell(None))) {
        Ok(told) => return told,
        Err(panic) => panic,
    };
    let tape = Tape::default();
    let again = catch_unwind(AssertUnwindSafe(|| tell(Some(tape.clone()))));
    let failure = match &again {
        Ok(_) => "it failed once, and not when told again".to_owned(),
        Err(again) => words(&**again),
    };
    match write(name, &tape.failed(&failure, story)) {
        Ok(path) => {
            let path = path.display();
            eprintln!(
                "What the agent did stands in {path}; see it again:\n  \
                 cargo run --package authloop-testkit --example replay -- {path}"
            );
        }
        Err(error) => eprintln!("The trace could not be written: {error}"),
    }
    resume_unwind(panic)
}

/// Returns where the trace of a story that fails is written.
pub fn place(name: &str) -> PathBuf {
    let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/traces");
    target.join(format!("{name}-{}.trace", std::process::id()))
}

fn write(name: &str, trace: &str) -> io::Result<PathBuf> {
    let path = place(name);
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(&path, trace)?;
    path.canonicalize()
}

/// Returns what a panic said.
fn words(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("a failure without words").to_owned()
}
