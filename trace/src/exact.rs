//! A test's trace: what came in as it came, and a digest of what went out.
//!
//! It holds everything, so it is for test seeds only: a byte repeated, which no user's session starts from.

use authloop_core::{
    agent::{
        Agent,
        file::FileDone,
        io::{HttpResponse, Input, Output},
    },
    time::Timestamp,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::Serialize;

use crate::{
    MAX_BYTES, VERSION,
    describe::describe,
    line::{Answer, Body, Disk, Header, In, Line, Setup},
};

/// Bounds a trace: lines up to [`MAX_BYTES`], then one that says so, then none.
#[derive(Debug, Default)]
pub struct Bound {
    bytes: usize,
    is_cut: bool,
}

impl Bound {
    /// Writes a line, with its end; `None` if there is no room for it.
    pub fn write(&mut self, line: &impl Serialize) -> Option<String> {
        if self.is_cut {
            return None;
        }
        let mut text = serde_json::to_string(line).ok()?;
        if self.bytes + text.len() >= MAX_BYTES {
            self.is_cut = true;
            text = serde_json::to_string(&Line::Cut { cut: MAX_BYTES }).ok()?;
        }
        text.push('\n');
        self.bytes += text.len();
        Some(text)
    }
}

/// Writes a test's hand-off down.
pub struct Exact {
    text: String,
    bound: Bound,
}

impl Exact {
    /// Begins with what an agent is started with, under a test seed.
    pub fn new(seed: u8, config: Setup, start: Timestamp) -> Self {
        let header = Header {
            trace: VERSION,
            product: env!("CARGO_PKG_VERSION").to_owned(),
            seed: Some(seed),
            start: start.as_millis(),
            config,
        };
        let mut exact = Self {
            text: String::new(),
            bound: Bound::default(),
        };
        exact.add(&header);
        exact
    }

    /// Adds an input that the agent takes.
    pub fn input(&mut self, now: Timestamp, input: &Input<'_>) {
        let told = match input {
            Input::Text(peer, text) => In::Text((*peer).into(), (*text).to_owned()),
            Input::Binary(peer, bytes) => In::Binary((*peer).into(), STANDARD.encode(bytes)),
            Input::Http(id, Ok(answer)) => In::Http(id.get(), exact(answer)),
            Input::File(id, Ok(FileDone::Created(path))) => {
                In::File(id.get(), Disk::CreatedAt((*path).to_owned()))
            }
            Input::File(id, Ok(FileDone::Read(bytes))) => {
                In::File(id.get(), Disk::ReadExactly(STANDARD.encode(bytes)))
            }
            plain @ (Input::Opened(_)
            | Input::Drained(_)
            | Input::Closed(..)
            | Input::Http(_, Err(_))
            | Input::File(..)
            | Input::Request(_)
            | Input::Tick) => In::plain(plain).unwrap_or(In::Tick),
        };
        let t = now.as_millis();
        self.add(&Line::In { t, input: told });
    }

    /// Adds an output that the agent gave.
    pub fn output(&mut self, agent: &Agent, output: &Output) {
        let line = describe(agent, output, ToOwned::to_owned, true);
        self.add(&line);
    }

    /// Returns the whole trace of a test that failed, with what it said and did.
    pub fn failed(&self, failure: &str, story: &str) -> String {
        let line = Line::Failure {
            failure: failure.to_owned(),
            story: story.to_owned(),
        };
        // Behind the bound: without it the trace would be of no use.
        let line = serde_json::to_string(&line).unwrap_or_default();
        format!("{}{line}\n", self.text)
    }

    /// Returns the trace so far.
    pub fn text(&self) -> &str {
        &self.text
    }

    fn add(&mut self, line: &impl Serialize) {
        self.text.extend(self.bound.write(line));
    }
}

fn exact(answer: &HttpResponse<'_>) -> Answer {
    Answer::Status {
        status: answer.status,
        date: answer.date.map(str::to_owned),
        retry_after: answer.retry_after,
        body: Body::Exact(STANDARD.encode(answer.body)),
    }
}
