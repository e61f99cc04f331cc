//! The viewer machine of protocol version 2: end to end, against the relay too.
//!
//! It asks the agent for control, draws nothing that isn't verified, says what the human saw with all
//! they do, and knows when the picture can't be trusted to be of now. It never says or believes
//! anything of version 1, never sends input twice, and holds a bounded amount of everything.
//!
//! ```text
//!           ┌────────────── 250 ms … 8 s (dial.rs) ◀── lost, 4400 ─┐
//!           ▼                                                      │
//! Offline ─Connect─▶ Dialling ─Connected─▶ Open ─────Disconnected──┘
//!                                           │ agent_connected: HELLO1, HELLO2, READY (knock.rs)
//!                                           ▼
//!                     pictures, input, heartbeats (epochs.rs) ─CLOSE─▶ Ended
//! ```

mod alive;
mod deliver;
mod dial;
mod epochs;
mod io;
mod knock;
mod ledger;
mod line;
mod outbox;
mod read;
mod requests;
mod say;
mod screen;
mod sight;
#[cfg(test)]
mod tests;

use alloc::collections::VecDeque;
use core::time::Duration;

use self::{
    alive::Alive, dial::Dialler, epochs::Epochs, knock::Knock, outbox::Outbox, sight::Doubt,
};
use crate::{
    crypto::v2::{ResumeSecret, ViewerLink},
    generator::Generator,
    input::InputEvent,
    secret::Seed,
    time::Timestamp,
    timer::{TimerKind, Timers},
    wire::v2::Kind,
};

pub use self::io::{
    Acks, Answer, Config, Connect, Counters, Ended, Event, Frame, FrameId, Frozen, Input, Late,
    Output, PROTOCOL, Request, Secured,
};

/// How long an answer, and after it the first record, may take.
const ANSWER_WITHIN: Duration = Duration::from_secs(5);

/// How often a viewer wants to be woken while there is a picture, to notice a sleep.
const PULSE: Duration = Duration::from_secs(1);

/// How late a pulse may come.
const NAP: Duration = Duration::from_secs(3);

/// How long a question for a hand-over stands.
const PROMPT_FOR: Duration = Duration::from_secs(60);

/// How long after the session's time the agent may still say so.
const GRACE: Duration = Duration::from_secs(30);

const CONNECT_WITHIN: Duration = Duration::from_secs(15);

/// How many events may wait for the application, besides what keeps only the newest.
const MAX_WAITING_EVENTS: usize = 64;

/// A viewer of one session.
///
/// - Feed it: [`handle`](Self::handle). What the other side sends is never an error.
/// - Drain it: [`poll`](Self::poll) until [`Output::Idle`]. Draining late is harmless.
/// - Ask it: [`resume_secret`](Self::resume_secret), [`takes_input`](Self::takes_input),
///   [`counters`](Self::counters).
///
/// It dials as soon as it is made. No `Debug`: it holds keys and what the human types.
pub struct Viewer {
    link: ViewerLink,
    acks: Acks,
    generator: Generator,
    now: Timestamp,
    phase: Phase,
    socket: Socket,
    timers: Timers<Timer, { Timer::COUNT }>,
    dialler: Dialler,
    knock: Knock,
    epochs: Epochs,
    /// What proves that this viewer had control.
    resume: Option<ResumeSecret>,
    outbox: Outbox,
    alive: Alive,
    hidden: bool,
    doubt: Option<Doubt>,
    pings: u32,
    prompt: Option<u16>,
    /// What is sent anew in each epoch until the agent confirms.
    finishing: Option<InputEvent>,
    close: Option<u16>,
    frozen_told: Option<Frozen>,
    events: VecDeque<Event>,
    /// The newest picture, until it is fetched.
    frame: Option<Frame>,
    counters: Counters,
}

#[derive(Clone, Copy)]
enum Phase {
    Running,
    Ending(Ended),
    Over,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Socket {
    Offline,
    /// [`Output::Connect`] is due.
    Wanted,
    Dialling,
    Open,
}

#[derive(Clone, Copy)]
enum Timer {
    /// Dial again.
    Dial,
    /// HELLO2, or the new epoch's first record, is late.
    Answer,
    /// Ask again after `busy`.
    Ask,
    /// Notice a sleep.
    Pulse,
    /// No echo came in time.
    Ping,
    /// The takeover question is over.
    Prompt,
    /// The keys have to be given up.
    Keys,
    /// The session's time is over, and nobody said so.
    Expiry,
}

impl Timer {
    const COUNT: usize = 8;
}

impl TimerKind for Timer {
    const ALL: &'static [Self] = &[
        Self::Dial,
        Self::Answer,
        Self::Ask,
        Self::Pulse,
        Self::Ping,
        Self::Prompt,
        Self::Keys,
        Self::Expiry,
    ];

    fn index(self) -> usize {
        match self {
            Self::Dial => 0,
            Self::Answer => 1,
            Self::Ask => 2,
            Self::Pulse => 3,
            Self::Ping => 4,
            Self::Prompt => 5,
            Self::Keys => 6,
            Self::Expiry => 7,
        }
    }
}

impl Viewer {
    /// Starts a viewer, which dials at once.
    pub fn new(config: Config, seed: Seed, now: Timestamp) -> Self {
        Self {
            link: config.link,
            acks: config.acks,
            generator: Generator::new(seed),
            now,
            phase: Phase::Running,
            socket: Socket::Wanted,
            timers: Timers::new(),
            dialler: Dialler::default(),
            knock: Knock::default(),
            epochs: Epochs::default(),
            resume: config.resume,
            outbox: Outbox::default(),
            alive: Alive::default(),
            hidden: false,
            doubt: None,
            pings: 0,
            prompt: None,
            finishing: None,
            close: None,
            frozen_told: None,
            events: VecDeque::new(),
            frame: None,
            counters: Counters::default(),
        }
    }

    /// Takes in what happened.
    pub fn handle(&mut self, now: Timestamp, input: Input<'_>) {
        self.now = self.now.max(now);
        if !self.is_running() {
            return;
        }
        self.notice_sleep();
        match input {
            Input::Connected(protocol) => self.on_connected(protocol),
            Input::Disconnected(code) => self.on_disconnected(code),
            Input::Text(text) => self.on_text(text),
            Input::Binary(record) => self.on_record(record),
            Input::Request(request) => self.on_request(request),
            Input::Tick => {}
        }
        while self.is_running()
            && let Some(timer) = self.timers.expire(self.now)
        {
            self.on_timer(timer);
        }
        self.judge();
        self.set_pulse();
    }

    /// Returns what to do next.
    pub fn poll(&mut self) -> Output {
        if let Some(record) = self.next_record() {
            return Output::Send(record);
        }
        if let Some(code) = self.close.take() {
            return Output::Close(code);
        }
        if self.socket == Socket::Wanted && self.is_running() {
            self.socket = Socket::Dialling;
            return Output::Connect(Connect {
                url: self.link.stream_url.clone(),
                token: self.link.link.admission_token(),
                max_message: Kind::Frame.max_record(),
                timeout: CONNECT_WITHIN,
            });
        }
        if let Some(event) = self.next_event() {
            return Output::Event(event);
        }
        match self.phase {
            Phase::Running => Output::Idle(self.deadline()),
            Phase::Ending(how) => {
                self.phase = Phase::Over;
                Output::Event(Event::Ended(how))
            }
            Phase::Over => Output::Idle(None),
        }
    }

    /// Returns what could not be used so far.
    pub const fn counters(&self) -> &Counters {
        &self.counters
    }

    /// Lends what proves to the agent that this viewer had control.
    pub const fn resume_secret(&self) -> Option<&ResumeSecret> {
        self.resume.as_ref()
    }

    /// Tells whether input that is requested now is sent.
    pub fn takes_input(&self) -> bool {
        let has_keys = self
            .epochs
            .sending()
            .is_some_and(|epoch| epoch.keys.is_live() && epoch.ledger.has_room());
        let knows_when = self.alive.newest_clock().is_some();
        let looks = self.doubt.is_none() && !self.hidden;
        has_keys && knows_when && looks && self.finishing.is_none() && self.is_running()
    }

    fn jitter(&mut self) -> u8 {
        let [jitter] = self.generator.bytes();
        jitter
    }

    const fn is_running(&self) -> bool {
        match self.phase {
            Phase::Running => true,
            Phase::Ending(_) | Phase::Over => false,
        }
    }
}

fn count(counter: &mut u64) {
    *counter = counter.saturating_add(1);
}
