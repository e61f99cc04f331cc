//! The viewer machine of protocol version 1.
//!
//! It answers the agent's keys, pairs the two messages of a frame, and seals input. It never changes
//! its own key, never sends input before the agent has that key, and holds a bounded amount of
//! everything, however late it is drained.
//!
//! ```text
//! Offline ──Connected──▶ Waiting ──agent's key──▶ Keyed ──▶ input flows
//!    ◀──────────────────Disconnected──────────────┘
//! ```

mod io;
#[cfg(test)]
mod tests;

use alloc::{borrow::ToOwned as _, collections::VecDeque, string::String, vec::Vec};
use core::time::Duration;

use bytes::Bytes;

use crate::{
    agent::io::Message,
    crypto::v1::ViewerChannel,
    generator::Generator,
    secret::Seed,
    time::Timestamp,
    wire::v1::{FrameMeta, Outgoing, ToViewer},
};

pub use io::{Counters, Ended, Event, Frame, Input, Output, Pacing, Request};

/// How long a gentle viewer waits after its key.
const FIRST_INPUT_AFTER: Duration = Duration::from_millis(300);

/// How long a gentle viewer waits after each event.
const INPUT_PACE: Duration = Duration::from_millis(10);

/// How many input events may wait.
const MAX_WAITING_INPUT: usize = 1_000;

/// How many bytes of input events may wait.
const MAX_WAITING_BYTES: usize = 256 * 1_024;

/// How many events may wait for the application, besides the newest frame and the end.
const MAX_WAITING_EVENTS: usize = 64;

/// The longest code of a notice, in bytes.
const MAX_NOTICE: usize = 64;

/// A viewer of one session.
///
/// Feed it with [`handle`](Self::handle), then drain it with [`poll`](Self::poll) until it says
/// [`Output::Idle`]. No `Debug`: it holds what the human types.
pub struct Viewer {
    generator: Generator,
    channel: ViewerChannel,
    pacing: Pacing,
    now: Timestamp,
    phase: Phase,
    link: Link,
    /// An agent's key waits for its answer; however many came, one is enough.
    owes_answer: bool,
    /// The frame announced by the last message.
    announced: Option<FrameMeta>,
    /// The newest frame, until it is fetched.
    frame: Option<Frame>,
    events: VecDeque<Event>,
    /// Plaintext input events.
    input: VecDeque<Vec<u8>>,
    input_bytes: usize,
    counters: Counters,
}

#[derive(Clone, Copy)]
enum Phase {
    Running,
    Ending(Ended),
    Over,
}

#[derive(Clone, Copy)]
enum Link {
    Offline,
    Waiting,
    /// The agent was sent our key; input flows from then on.
    Keyed(Timestamp),
}

impl Viewer {
    /// Starts a viewer.
    pub fn new(seed: Seed, pacing: Pacing) -> Self {
        let mut generator = Generator::new(seed);
        Self {
            channel: ViewerChannel::new(&mut generator),
            generator,
            pacing,
            now: Timestamp::default(),
            phase: Phase::Running,
            link: Link::Offline,
            owes_answer: false,
            announced: None,
            frame: None,
            events: VecDeque::new(),
            input: VecDeque::new(),
            input_bytes: 0,
            counters: Counters::default(),
        }
    }

    /// Takes in what happened.
    pub fn handle(&mut self, now: Timestamp, input: Input<'_>) {
        self.now = self.now.max(now);
        match self.phase {
            Phase::Running => {}
            Phase::Ending(_) | Phase::Over => return,
        }
        match input {
            Input::Connected => self.relink(Link::Waiting),
            Input::Disconnected => self.relink(Link::Offline),
            Input::Text(text) => match ToViewer::parse(text) {
                Some(message) => self.on_message(message),
                None => count(&mut self.counters.unknown_messages),
            },
            Input::Binary(jpeg) => self.on_picture(jpeg),
            Input::Request(Request::Send(event)) => self.enqueue(event.to_json()),
            Input::Tick => {}
        }
    }

    /// Returns what to do next.
    pub fn poll(&mut self) -> Output {
        if core::mem::take(&mut self.owes_answer) {
            let key = self.channel.public_key();
            return Output::Send(Message::Text(Outgoing::Pubkey { key }.to_text()));
        }
        if let Some(event) = self.events.pop_front() {
            return Output::Event(event);
        }
        if let Some(frame) = self.frame.take() {
            return Output::Event(Event::Frame(frame));
        }
        if let Phase::Ending(how) = self.phase {
            self.phase = Phase::Over;
            return Output::Event(Event::Ended(how));
        }
        match self.link {
            Link::Keyed(from) if from <= self.now => self
                .seal_next()
                .map_or(Output::Idle(None), |text| Output::Send(Message::Text(text))),
            Link::Keyed(from) if !self.input.is_empty() => Output::Idle(Some(from)),
            Link::Keyed(_) | Link::Waiting | Link::Offline => Output::Idle(None),
        }
    }

    /// Returns what could not be used so far.
    pub const fn counters(&self) -> &Counters {
        &self.counters
    }

    /// Tells whether input that is requested now can be sent.
    pub const fn is_keyed(&self) -> bool {
        match self.link {
            Link::Keyed(_) => true,
            Link::Waiting | Link::Offline => false,
        }
    }

    fn on_message(&mut self, message: ToViewer<'_>) {
        match message {
            ToViewer::AgentConnected => self.tell(Event::AgentJoined),
            ToViewer::AgentDisconnected => self.tell(Event::AgentLeft),
            ToViewer::SessionExpired => self.end(Ended::Expired),
            ToViewer::SessionCancelled => self.end(Ended::Cancelled),
            ToViewer::SessionResolved => self.end(Ended::Resolved),
            ToViewer::Pubkey { key } => self.on_key(&key),
            ToViewer::Frame(meta) => {
                if self.announced.replace(meta).is_some() {
                    count(&mut self.counters.mismatched_frames);
                }
            }
            ToViewer::Notice { code } if code.len() <= MAX_NOTICE => {
                self.tell(Event::Notice(code.as_ref().to_owned()));
            }
            ToViewer::Notice { .. } => count(&mut self.counters.unknown_messages),
        }
    }

    /// Every key is answered, a repeated one too: an agent that dialled again asks anew.
    fn on_key(&mut self, key: &str) {
        if matches!(self.link, Link::Offline) || self.channel.accept_key(key).is_err() {
            count(&mut self.counters.refused_keys);
            return;
        }
        self.owes_answer = true;
        self.link = Link::Keyed(match self.pacing {
            Pacing::Immediate => self.now,
            Pacing::Gentle => self.now + FIRST_INPUT_AFTER,
        });
    }

    fn on_picture(&mut self, jpeg: &[u8]) {
        match self.announced.take() {
            Some(meta) if meta.jpeg_size == jpeg.len() => {
                let jpeg = Bytes::copy_from_slice(jpeg);
                if self.frame.replace(Frame { meta, jpeg }).is_some() {
                    count(&mut self.counters.skipped_frames);
                }
            }
            Some(_) | None => count(&mut self.counters.mismatched_frames),
        }
    }

    fn relink(&mut self, link: Link) {
        self.link = link;
        self.owes_answer = false;
        self.announced = None;
    }

    fn end(&mut self, how: Ended) {
        self.relink(Link::Offline);
        self.phase = Phase::Ending(how);
        self.input.clear();
        self.input_bytes = 0;
    }

    fn tell(&mut self, event: Event) {
        if self.events.len() < MAX_WAITING_EVENTS {
            self.events.push_back(event);
        } else {
            count(&mut self.counters.lost_events);
        }
    }

    fn enqueue(&mut self, json: Vec<u8>) {
        let bytes = self.input_bytes + json.len();
        if self.input.len() < MAX_WAITING_INPUT && bytes <= MAX_WAITING_BYTES {
            self.input_bytes = bytes;
            self.input.push_back(json);
        } else {
            count(&mut self.counters.refused_input);
        }
    }

    fn seal_next(&mut self) -> Option<String> {
        let json = self.input.pop_front()?;
        self.input_bytes -= json.len();
        if self.pacing == Pacing::Gentle {
            self.link = Link::Keyed(self.now + INPUT_PACE);
        }
        let payload = self.channel.seal(&mut self.generator, &json).ok()?;
        Some(Outgoing::Encrypted { payload }.to_text())
    }
}

fn count(counter: &mut u64) {
    *counter = counter.saturating_add(1);
}
