//! Replays a trace: makes an agent again, lets happen what happened, and compares what it wants done.
//!
//! A user's trace is replayed under a published seed. Viewers are made again that hold keys of that seed and
//! send what the trace tells at the times it tells (`sealed`, `v1`); what didn't verify then is filler
//! that doesn't verify now. A test's trace is replayed byte for byte under its own seed.
//!
//! A trace comes from anybody: one that can't be read or doesn't fit is an [`Unreadable`], never a panic.

mod inputs;
mod sealed;
pub mod story;
mod v1;

use authloop_core::{
    agent::{
        Agent,
        io::{Input, Output},
    },
    secret::Seed,
    time::Timestamp,
};
use authloop_trace::{
    PUBLISHED_SEED, VERSION,
    describe::describe,
    line::{Header, Line},
};

use self::inputs::Inputs;

/// How many differences are told before a replay gives up.
const MOST_DIFFERENCES: usize = 20;

/// What a replay did at a line.
pub struct Step<'a> {
    /// The line's place, from 1.
    pub place: usize,
    /// The time, in milliseconds.
    pub now: u64,
    /// The line.
    pub line: &'a Line,
    /// What came instead, if it was something else.
    pub instead: Option<Line>,
}

/// How a replay went.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// How many inputs the agent took.
    pub inputs: usize,
    /// How many of its outputs, states included, were compared.
    pub outputs: usize,
    /// At which lines it did something else, the first ones.
    pub differences: Vec<usize>,
    /// The test failed so, when the trace was written.
    pub failure: Option<String>,
    /// Where the session stood at the end.
    pub stage: String,
}

/// A trace that can't be replayed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// The first line isn't a header.
    #[error("it does not begin like a trace")]
    NoTrace,
    /// The format is another.
    #[error("it is of version {0} of the format, expected {VERSION}")]
    Version(u32),
    /// A line isn't one.
    #[error("line {0} can't be read")]
    Line(usize),
}

/// Replays a trace, and tells each step.
///
/// # Errors
///
/// If it isn't a whole trace.
pub fn replay(trace: &str, mut tell: impl FnMut(&Step<'_>)) -> Result<Report, Unreadable> {
    let mut lines = trace
        .lines()
        .enumerate()
        .map(|(index, line)| (index + 1, line));
    let first = lines.next().map_or("", |(_, line)| line);
    let header: Header = serde_json::from_str(first).map_err(|_| Unreadable::NoTrace)?;
    if header.trace != VERSION {
        return Err(Unreadable::Version(header.trace));
    }
    let mut replay = Replay::new(&header);
    for (place, text) in lines {
        let line: Line = serde_json::from_str(text).map_err(|_| Unreadable::Line(place))?;
        let instead = replay.step(&line).ok_or(Unreadable::Line(place))?;
        if instead.is_some() {
            replay.report.differences.push(place);
        }
        let now = replay.now;
        tell(&Step {
            place,
            now,
            line: &line,
            instead,
        });
        if replay.report.differences.len() >= MOST_DIFFERENCES {
            break;
        }
    }
    Ok(replay.report)
}

struct Replay {
    agent: Agent,
    now: u64,
    /// It is a test's trace.
    exact: bool,
    inputs: Inputs,
    report: Report,
}

impl Replay {
    fn new(header: &Header) -> Self {
        let seed = header.seed.unwrap_or(PUBLISHED_SEED);
        let start = Timestamp::from_millis(header.start);
        Self {
            agent: Agent::new(header.config.config(), Seed::new([seed; 32]), start),
            now: header.start,
            exact: header.seed.is_some(),
            inputs: Inputs::of(&header.config),
            report: Report::default(),
        }
    }

    /// Does what a line tells. Returns what came instead, if that was something else; nothing at all if the
    /// line doesn't belong into such a trace.
    #[expect(
        clippy::option_option,
        reason = "no such line, no difference, a difference"
    )]
    fn step(&mut self, line: &Line) -> Option<Option<Line>> {
        match line {
            Line::In { t, input } => {
                self.now = *t;
                self.report.inputs += 1;
                let now = Timestamp::from_millis(*t);
                let agent = &mut self.agent;
                let take = |input: Input<'_>| agent.handle(now, input);
                self.inputs.make(now, input, take)?;
                Some(None)
            }
            Line::Out { .. } | Line::Idle { .. } => {
                self.report.outputs += 1;
                let output = self.agent.poll();
                let came = describe(&self.agent, &output, ToOwned::to_owned, self.exact);
                if let Line::Idle { stage, .. } = &came {
                    stage.clone_into(&mut self.report.stage);
                }
                self.listen(&output);
                Some(Some(came).filter(|came| came != line))
            }
            Line::Failure { failure, .. } => {
                self.report.failure = Some(failure.clone());
                Some(None)
            }
            Line::Cut { .. } => Some(None),
        }
    }

    fn listen(&mut self, output: &Output) {
        if !self.exact {
            self.inputs.listen(Timestamp::from_millis(self.now), output);
        }
    }
}
