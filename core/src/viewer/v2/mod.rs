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
mod dial;
mod epochs;
mod io;
mod knock;
mod ledger;
mod outbox;
mod read;
mod requests;
mod say;
mod screen;
#[cfg(test)]
mod tests;

use alloc::{collections::VecDeque, vec::Vec};
use core::time::Duration;

use self::{
    alive::Alive,
    dial::{Dialler, Next},
    epochs::Epochs,
    knock::Knock,
    outbox::{Draft, Outbox},
    say::Saying,
};
use crate::{
    crypto::v2::{ResumeSecret, SealError, ViewerLink},
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
    /// The number of the ping whose echo ends a sleep.
    asleep: Option<u32>,
    pings: u32,
    prompt: Option<u16>,
    /// What is sent anew in each epoch until the agent confirms.
    finishing: Option<InputEvent>,
    close: Option<u16>,
    frozen: Option<Frozen>,
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
    /// The takeover question is over.
    Prompt,
    /// The keys have to be given up.
    Keys,
    /// The session's time is over, and nobody said so.
    Expiry,
}

impl Timer {
    const COUNT: usize = 7;
}

impl TimerKind for Timer {
    const ALL: &'static [Self] = &[
        Self::Dial,
        Self::Answer,
        Self::Ask,
        Self::Pulse,
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
            Self::Prompt => 4,
            Self::Keys => 5,
            Self::Expiry => 6,
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
            asleep: None,
            pings: 0,
            prompt: None,
            finishing: None,
            close: None,
            frozen: None,
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
        let looks = self.frozen.is_none() && self.asleep.is_none() && !self.hidden;
        has_keys && knows_when && looks && self.finishing.is_none() && self.is_running()
    }

    fn on_connected(&mut self, protocol: Option<&str>) {
        if self.socket != Socket::Dialling {
            return;
        }
        if protocol == Some(PROTOCOL) {
            self.socket = Socket::Open;
        } else {
            self.close = Some(1000);
            self.end(Ended::OtherProtocol);
        }
    }

    fn on_disconnected(&mut self, code: Option<u16>) {
        if matches!(self.socket, Socket::Open | Socket::Dialling) {
            let jitter = self.jitter();
            let next = self.dialler.after(self.now, code, jitter);
            if code == Some(4400) {
                count(&mut self.counters.damages);
            }
            self.hang_up(next);
        }
    }

    fn on_timer(&mut self, timer: Timer) {
        match timer {
            Timer::Dial => self.socket = Socket::Wanted,
            Timer::Answer if self.knock.may_retry() => self.ask(),
            Timer::Answer => {
                self.close = Some(1000);
                self.end(Ended::Unanswered);
            }
            Timer::Ask => self.ask(),
            // Only `notice_sleep` looks at it.
            Timer::Pulse => {}
            Timer::Prompt => self.drop_prompt(),
            Timer::Keys => self.renew_keys(),
            Timer::Expiry => {
                self.close = Some(1000);
                self.end(Ended::Expired);
            }
        }
    }

    /// Sends HELLO1, if the agent is there.
    fn ask(&mut self) {
        self.timers.clear(Timer::Ask);
        self.timers.clear(Timer::Answer);
        let resume = self.resume.as_ref();
        if let Some(hello) = self.knock.ask(&self.link, resume, &mut self.generator) {
            self.outbox.hello(hello);
            self.timers.set(Timer::Answer, self.now + ANSWER_WITHIN);
        }
    }

    /// Gives up keys that were used as long as they may be, and comes back for new ones.
    fn renew_keys(&mut self) {
        self.close = Some(1000);
        self.hang_up(Next::Dial(self.now));
    }

    /// Ends a connection that was damaged or tampered with: one path for every cause.
    fn damaged(&mut self) {
        count(&mut self.counters.damages);
        self.close = Some(4400);
        let jitter = self.jitter();
        let next = self.dialler.damaged(self.now, jitter);
        self.hang_up(next);
    }

    /// Forgets the socket and its keys.
    fn hang_up(&mut self, next: Next) {
        self.wipe();
        match next {
            Next::Dial(at) => {
                self.timers.set(Timer::Dial, at);
                self.tell(Event::Lost(at));
            }
            Next::Never(how) => self.end(how),
        }
    }

    fn wipe(&mut self) {
        self.socket = Socket::Offline;
        self.epochs.wipe();
        self.knock.disconnected();
        let dropped = self.outbox.clear();
        self.not_sent(dropped);
        self.drop_prompt();
        for timer in [Timer::Answer, Timer::Ask, Timer::Pulse, Timer::Keys] {
            self.timers.clear(timer);
        }
    }

    fn end(&mut self, how: Ended) {
        self.wipe();
        self.timers.clear_all();
        self.phase = Phase::Ending(how);
        self.finishing = None;
        self.frame = None;
        if matches!(how, Ended::Closed(_)) {
            self.resume = None;
        }
    }

    /// Blanks the picture after a time in which nobody was awake, until the agent answers.
    fn fall_asleep(&mut self) {
        self.pings = self.pings.wrapping_add(1);
        self.asleep = Some(self.pings);
        self.ping();
    }

    fn ping(&mut self) {
        if let Some(n) = self.asleep
            && self.epochs.sending().is_some()
        {
            self.outbox.say(&Saying::Ping { n });
        }
    }

    fn notice_sleep(&mut self) {
        let pulse = self.timers.get(Timer::Pulse);
        if pulse.is_some_and(|at| self.now > at + NAP) {
            self.fall_asleep();
        }
    }

    fn set_pulse(&mut self) {
        if self.is_running() && self.epochs.used().is_some() && !self.hidden {
            self.timers.set(Timer::Pulse, self.now + PULSE);
        } else {
            self.timers.clear(Timer::Pulse);
        }
    }

    /// Finds out whether the picture is still of now.
    fn judge(&mut self) {
        let unheard = self.unheard_since();
        self.frozen = match self.asleep {
            Some(_) => Some(Frozen::Asleep),
            None if self.hidden => self.frozen,
            None => self.alive.judge(self.now, unheard),
        };
    }

    fn unheard_since(&self) -> Option<Timestamp> {
        let used = self.epochs.used()?;
        used.ledger.unheard_since()
    }

    fn deadline(&self) -> Option<Timestamp> {
        let unheard = self.unheard_since();
        let freeze = match self.asleep {
            None if !self.hidden => self.alive.deadline(self.now, unheard),
            None | Some(_) => None,
        };
        self.timers.next().into_iter().chain(freeze).min()
    }

    /// Returns what goes out next.
    fn next_record(&mut self) -> Option<Vec<u8>> {
        if let Some(record) = self.outbox.next_sealed() {
            return Some(record);
        }
        loop {
            let draft = self.next_draft()?;
            let is_input = matches!(draft, Draft::Input(_));
            let epoch = self.epochs.sending_mut()?;
            let sealed = match (draft, epoch.screen.ack()) {
                (Draft::Control(json), _) => epoch.keys.seal_control(self.now, &json),
                (Draft::Input(json), _) => epoch.keys.seal_input(self.now, &json),
                (Draft::Ack, Some(ack)) => epoch.keys.seal_ack(self.now, ack),
                (Draft::Ack, None) => continue,
            };
            match sealed {
                Ok(record) => {
                    epoch.ledger.sent(self.now, is_input);
                    return Some(record);
                }
                Err(SealError::Exhausted) => {
                    self.not_sent(is_input.into());
                    self.renew_keys();
                    return None;
                }
                Err(SealError::Malformed(_) | SealError::Over) => self.not_sent(is_input.into()),
            }
        }
    }

    fn next_draft(&mut self) -> Option<Draft> {
        let Some(clock) = self.outbox.next_heartbeat() else {
            return self.outbox.next_draft();
        };
        let saying = Saying::Heartbeat {
            last_frame: self.epochs.sending()?.screen.shown(),
            hidden: self.hidden,
            clock,
        };
        Some(Draft::Control(saying.to_json()))
    }

    /// Returns the next event. A frozen picture is told before any picture is handed out.
    fn next_event(&mut self) -> Option<Event> {
        if let Some(event) = self.events.pop_front() {
            return Some(event);
        }
        if self.frozen_told != self.frozen {
            self.frozen_told = self.frozen;
            return Some(self.frozen.map_or(Event::Thawed, Event::Frozen));
        }
        if self.asleep.is_some() {
            return None;
        }
        let frame = self.frame.take()?;
        if self.acks == Acks::WhenTaken {
            self.drawn(frame.id);
        }
        Some(Event::Frame(frame))
    }

    fn tell(&mut self, event: Event) {
        if self.events.len() < MAX_WAITING_EVENTS {
            self.events.push_back(event);
        } else {
            count(&mut self.counters.lost_events);
        }
    }

    fn not_sent(&mut self, inputs: u64) {
        if inputs > 0 {
            self.counters.not_sent = self.counters.not_sent.saturating_add(inputs);
            self.tell(Event::NotSent(inputs));
        }
    }

    fn drop_prompt(&mut self) {
        self.timers.clear(Timer::Prompt);
        if let Some(id) = self.prompt.take() {
            self.tell(Event::TakeoverOver(id));
        }
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
