//! Writes a hand-off down: what the agent takes and what it wants done, redacted, in the order in which
//! both happen.
//!
//! Nothing of it runs unless [`Options::trace`](crate::Options::trace) is set: the loop then drives a
//! [`Recorded`] agent instead of the agent itself. What may be written is decided in `authloop-trace`.

mod file;
#[cfg(test)]
mod tests;

use authloop_core::{
    agent::{
        Agent, Counters,
        config::Config,
        io::{Input, Output, Peer},
    },
    time::Timestamp,
};
use authloop_trace::{Redactor, exact::Bound};
use tracing::warn;

pub use self::file::TraceFile;
use crate::machine::Machine;

/// How many bytes are gathered before they are written, unless the agent comes to rest before.
const BUFFER: usize = 64 << 10;

/// An agent that is written down.
pub(crate) struct Recorded {
    agent: Agent,
    recorder: Recorder,
}

impl Recorded {
    /// Writes down what an agent does from its beginning on.
    pub(crate) fn new(mut agent: Agent, recorder: Recorder) -> Self {
        agent.take_notes();
        Self { agent, recorder }
    }
}

impl Machine for Recorded {
    fn handle(&mut self, now: Timestamp, input: Input<'_>) {
        if !self.recorder.is_open() {
            self.agent.handle(now, input);
            return;
        }
        let reading = self.recorder.redactor.input(now, &input);
        self.agent.handle(now, input);
        let line = self.recorder.redactor.line(reading, self.agent.heard());
        self.recorder.add(&line);
    }

    fn poll(&mut self) -> Output {
        let output = self.agent.poll();
        if self.recorder.is_open() {
            let line = self.recorder.redactor.output(&self.agent, &output);
            self.recorder.add(&line);
            if matches!(output, Output::Idle(_)) {
                self.recorder.flush();
            }
        }
        output
    }

    fn wants(&self, peer: Peer) -> bool {
        self.agent.wants(peer)
    }

    fn counters(&self) -> Counters {
        self.agent.counters()
    }
}

/// Writes lines to a file, as long as there is room and the file takes them.
pub(crate) struct Recorder {
    file: Option<TraceFile>,
    redactor: Redactor,
    bound: Bound,
    buffer: String,
}

impl Recorder {
    /// Begins with what the agent is started with.
    pub(crate) fn begin(file: TraceFile, config: &Config, start: Timestamp) -> Self {
        let mut recorder = Self {
            file: Some(file),
            redactor: Redactor::default(),
            bound: Bound::default(),
            buffer: String::new(),
        };
        let header = recorder.redactor.header(config, start);
        recorder.buffer.extend(recorder.bound.write(&header));
        recorder
    }

    fn is_open(&self) -> bool {
        self.file.is_some()
    }

    fn add(&mut self, line: &authloop_trace::line::Line) {
        match self.bound.write(line) {
            Some(text) => self.buffer.push_str(&text),
            None => {
                self.flush();
                self.file = None;
            }
        }
        if self.buffer.len() >= BUFFER {
            self.flush();
        }
    }

    /// Writes what was gathered. A file that doesn't take it gets no more: a hand-off never fails for its
    /// trace.
    fn flush(&mut self) {
        let text = std::mem::take(&mut self.buffer);
        let written = self.file.as_ref().map(|file| file.append(&text));
        if let Some(Err(error)) = written {
            warn!(target: "authloop::session", kind = ?error.kind(), "The trace can't be written");
            self.file = None;
        }
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        self.flush();
    }
}
