//! A viewer of version 2, between an honest agent with the right keys and a relay that does what it likes:
//! it shows what the agent sealed, in order and only while that is sure to be of now, and sends what the
//! human does, sealed, in order, at most once.
//!
//! Time stands still for a viewer whose clock goes back, and an application that asks for nothing for a
//! while loses nothing but older pictures.

mod agent;
mod step;
mod truth;

use std::collections::VecDeque;

use authloop_core::{
    crypto::v2::{SessionUrl, ViewerLink},
    input::InputEvent,
    secret::{Pin, Seed},
    time::Timestamp,
    viewer::v2::{
        Acks, Answer, Config, Ended, Event, FrameId, Input, Output, PROTOCOL, Request as Asked,
        Viewer,
    },
    wire::v2::{CloseReason, RefusalReason},
};

pub use self::step::{Line, Move, Rare, Reply, Request, Saying, Start, Step};
use self::{
    agent::{Agent, Heard, Verdict},
    truth::{Judged, Means, Sent, Truth},
};
use super::super::{
    Scenario,
    invariants::{never_spins, no_plaintext_leaves, the_end_is_the_end, time_may_go_back},
    machine::{Machine, Said},
    twin::{Company, Twin},
};
use crate::{
    mutation::{Mutation, same},
    script,
};

/// What the human types, which nobody between the two may read.
const TYPED: &str = "typed-in-secret";

/// How often a viewer is woken in one step: it wants to be each second.
const MOST_TICKS: usize = 64;

/// How many delivered records are kept to be delivered again.
const REMEMBERED: usize = 16;

const COMES: &str = r#"{"type":"agent_connected"}"#;
const GOES: &str = r#"{"type":"agent_disconnected"}"#;

impl Machine for Viewer {
    type Output = Output;

    // 256 messages, an answer, an acknowledgement and three sealed records; 64 events and the rest.
    const MOST_AT_ONCE: usize = 256 + 5 + 64 + 6;
    const MOST_WAITING: usize = Self::MOST_AT_ONCE;

    fn tick(&mut self, now: Timestamp) {
        self.handle(now, Input::Tick);
    }

    fn poll(&mut self) -> Said<Output> {
        let output = self.poll();
        if let Output::Idle(deadline) = output {
            Said::Idle(deadline)
        } else {
            Said::Output(output)
        }
    }

    fn write(output: &Output, into: &mut Vec<u8>) {
        match output {
            Output::Connect(connect) => into.extend_from_slice(connect.token.expose().as_bytes()),
            Output::Send(record) => into.extend_from_slice(record),
            Output::Close(code) => into.extend_from_slice(&code.to_be_bytes()),
            Output::Event(Event::Frame(frame)) => into.extend_from_slice(&frame.jpeg),
            Output::Event(_) => into.push(1),
            Output::Idle(_) => {}
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Socket {
    Offline,
    Dialling,
    Open,
}

/// A record of the viewer's on its way.
struct FromViewer {
    record: Vec<u8>,
    sent: u64,
    /// The number of its wish, if it is one.
    wish: u64,
}

/// A viewer, the agent, the relay between them, and the truth.
pub struct World {
    viewer: Twin<Viewer>,
    says_drawn: bool,
    agent: Agent,
    truth: Truth,
    expires_in: u64,
    socket: Socket,
    clock: u64,
    /// What the viewer knows of the time.
    now: u64,
    deadline: Option<Timestamp>,
    held: bool,
    /// Something happened to the viewer that it wasn't asked about yet.
    was_held: bool,
    hidden: bool,
    withheld: bool,
    deaf: bool,
    to_viewer: VecDeque<Sent>,
    to_agent: VecDeque<FromViewer>,
    delivered: VecDeque<Sent>,
    pin: String,
    texts: u64,
    /// How many input records were sent.
    inputs: u64,
    closed: Option<u16>,
}

impl Scenario for World {
    type Start = Start;
    type Step = Step;

    fn begin(start: &Start) -> Self {
        let expires_in = if start.lasts { 7_200_000 } else { 600_000 };
        let agent = Agent::new(expires_in);
        let url = SessionUrl::new("https://relay.test", agent.id()).with(agent.link());
        let acks = if start.says_drawn {
            Acks::WhenDrawn
        } else {
            Acks::WhenTaken
        };
        let clock = 1_000;
        let make = || {
            let config = Config {
                link: ViewerLink::parse(&url).expect("a link"),
                resume: None,
                acks,
            };
            Viewer::new(config, Seed::new([1; 32]), Timestamp::from_millis(clock))
        };
        let company = if start.twin < 0x10 {
            Company::Twin
        } else {
            Company::Alone
        };
        let mut world = Self {
            viewer: Twin::new(company, make),
            says_drawn: start.says_drawn,
            agent,
            truth: Truth::new(),
            expires_in,
            socket: Socket::Offline,
            clock,
            now: clock,
            deadline: None,
            held: false,
            was_held: false,
            hidden: false,
            withheld: false,
            deaf: false,
            to_viewer: VecDeque::new(),
            to_agent: VecDeque::new(),
            delivered: VecDeque::new(),
            pin: String::new(),
            texts: 0,
            inputs: 0,
            closed: None,
        };
        world.drain();
        if start.joined >= 0x20 {
            world.line(Line::OpenAndJoin);
        }
        world
    }

    fn take(&mut self, step: &Step) {
        match step {
            Step::Agent(deed) => self.agent_does(deed),
            Step::Answer(reply) => self.answer(*reply),
            Step::Relay(play) => self.relay(play),
            Step::Do(request) => self.request(request),
            Step::Socket(line) => self.line(*line),
            Step::Pass(times) => self.pass(50 * u64::from(*times)),
            Step::Rarely(rare) => self.happens(rare),
        }
        self.drain();
    }

    fn check(&mut self) {
        if self.held {
            return;
        }
        let viewer = self.viewer.first();
        self.truth.is_told(self.now, viewer.counters(), self.hidden);
        if viewer.takes_input() {
            assert!(
                self.truth.may_send() && !self.hidden,
                "input is taken in vain"
            );
        }
        if let Some(Ended::Closed(_)) = self.truth.ended {
            assert!(
                viewer.resume_secret().is_none(),
                "a proof outlives its session"
            );
        }
    }

    /// Nobody answers any more: a viewer comes to its end, or dials for ever, and takes no input.
    fn end(mut self) {
        self.held = false;
        self.clock = self.now;
        self.drain();
        self.pass(7_000);
        self.check();
        assert!(!self.viewer.first().takes_input());
        if self.truth.ended.is_none() {
            self.handle(|| Input::Request(Asked::Leave));
            self.truth.may_end(Ended::Closed(CloseReason::Left));
            self.drain();
        }
        assert!(self.truth.ended.is_some(), "who leaves has left");
        self.handle(|| Input::Connected(Some(PROTOCOL)));
        self.handle(|| Input::Text(COMES));
        self.handle(|| Input::Request(Asked::Send(InputEvent::Back)));
        the_end_is_the_end(&self.viewer.drain());
    }
}

impl World {
    fn at(&self) -> Timestamp {
        Timestamp::from_millis(self.clock)
    }

    fn handle<'a>(&mut self, input: impl Fn() -> Input<'a>) {
        let now = self.at();
        self.now = self.now.max(self.clock);
        self.viewer.tell(|viewer| viewer.handle(now, input()));
    }

    // The agent.

    fn agent_does(&mut self, deed: &Saying) {
        let now = self.at();
        let sent = match deed {
            Saying::Beat => self.agent.beat(now),
            Saying::Frame(size) => self.agent.frame(now, *size),
            Saying::Echo => self.agent.echo(now),
            Saying::Takeover(id) => {
                let id = u16::from(*id % 4);
                let json = format!(r#"{{"type":"takeover","id":{id}}}"#);
                self.agent.control(now, &json, Means::Takeover(id))
            }
            Saying::Dropped(stale) => {
                let (word, why) = if *stale {
                    ("stale", authloop_core::viewer::v2::Late::Stale)
                } else {
                    ("navigated", authloop_core::viewer::v2::Late::Navigated)
                };
                let json = format!(r#"{{"type":"dropped","kind":"click","why":"{word}"}}"#);
                self.agent.control(now, &json, Means::Dropped(why))
            }
            Saying::Other(number) => {
                let json = format!(r#"{{"type":"notice","code":"{number}"}}"#);
                let means = Means::Other(json.clone().into_bytes());
                self.agent.control(now, &json, means)
            }
            Saying::Nonsense(which) => {
                let nonsense = [
                    r#"{"type":"heartbeat","last_frame":null,"got":"1","clock":1}"#,
                    r#"{"type":"ping","n":"1"}"#,
                    r#"{"type":"takeover","id":65536}"#,
                    r#"{"type":"dropped","kind":1,"why":"stale"}"#,
                ];
                let json = script::pick(&nonsense, *which).copied().unwrap_or_default();
                self.agent.control(now, json, Means::Nonsense)
            }
            Saying::Lie => {
                let json = r#"{"type":"heartbeat","last_frame":null,"got":4294967296,"clock":1}"#;
                self.agent.control(now, json, Means::Lies)
            }
            Saying::Round(size) => {
                for deed in [Saying::Echo, Saying::Frame(*size), Saying::Beat] {
                    self.agent_does(&deed);
                }
                None
            }
        };
        self.says(sent);
    }

    fn says(&mut self, sent: Option<Sent>) {
        let Some(sent) = sent else { return };
        self.to_viewer.push_back(sent);
        if !self.withheld {
            self.deliver_first(1);
        }
    }

    fn answer(&mut self, reply: Reply) {
        let Some(wish) = self.agent.wish() else {
            return;
        };
        let verdict = match reply {
            Reply::Accept => Verdict::Accept { resume: false },
            Reply::Resume => Verdict::Accept { resume: true },
            Reply::Refuse(which) => {
                let reasons = [RefusalReason::Busy, RefusalReason::Pin, RefusalReason::Pin];
                let reason = script::pick(&reasons, which % 16).copied();
                let closed = which >= 0xF0;
                let reason = reason.filter(|_| !closed);
                Verdict::Refuse(reason.unwrap_or(RefusalReason::Closed))
            }
        };
        let answer = self.agent.answer(self.at(), wish, verdict);
        self.says(Some(answer));
    }

    /// Reads what the viewer sent, as far as the relay lets it.
    fn agent_reads(&mut self) {
        while !self.deaf
            && let Some(FromViewer { record, sent, wish }) = self.to_agent.pop_front()
        {
            let epoch = u32::from_be_bytes([record[4], record[5], record[6], record[7]]);
            match self.agent.read(self.at(), wish, record) {
                Heard::Input(json) => {
                    self.truth
                        .arrived(self.at().max(self.latest()), epoch, &json)
                }
                Heard::Control(json) => self.heard(sent, &json),
                Heard::Ack { frame, waiting } => self.truth.acknowledged(epoch, frame, waiting),
                Heard::Hello | Heard::Ready | Heard::Left | Heard::Nothing => {}
            }
        }
    }

    fn latest(&self) -> Timestamp {
        Timestamp::from_millis(self.now)
    }

    fn heard(&mut self, sent: u64, json: &[u8]) {
        let said: serde_json::Value = serde_json::from_slice(json).expect("an object");
        if said["type"] == "ping" {
            let n = said["n"].as_u64().and_then(|n| u32::try_from(n).ok());
            self.truth.pinged(n.expect("a number"), sent);
        }
        if said["type"] == "takeover" {
            let id = said["id"].as_u64().and_then(|id| u16::try_from(id).ok());
            self.truth.answered_takeover(id.expect("a number"));
        }
    }

    // The relay.

    fn relay(&mut self, play: &Move) {
        match play {
            Move::Withhold(withheld) => {
                self.withheld = *withheld;
                if !withheld {
                    self.deliver_first(usize::MAX);
                }
            }
            Move::Deafen(deaf) => {
                self.deaf = *deaf;
                self.agent_reads();
            }
            Move::Deliver(most) => self.deliver_first((*most).into()),
            Move::Pick(which) => {
                if let Some(place) = self.kept(*which)
                    && let Some(sent) = self.to_viewer.remove(place)
                {
                    self.deliver(&sent, None);
                }
            }
            Move::Drop(which) => {
                if let Some(place) = self.kept(*which) {
                    self.to_viewer.remove(place);
                }
            }
            Move::Tamper(which, mutation) => {
                let kept = self.to_viewer.iter().chain(&self.delivered);
                let kept: Vec<&Sent> = kept.collect();
                if let Some(sent) = script::pick(&kept, *which) {
                    let sent = Sent::clone(sent);
                    self.deliver(&sent, Some(mutation));
                }
            }
            Move::Replay(which) => {
                let places: Vec<&Sent> = self.delivered.iter().collect();
                if let Some(sent) = script::pick(&places, *which) {
                    let sent = Sent::clone(sent);
                    self.deliver(&sent, None);
                }
            }
            Move::Forge(bytes) => self.forge(bytes.clone()),
            Move::Word(word) => self.word(*word),
            Move::Text(text) => {
                let text = format!("x{text}");
                self.handle(|| Input::Text(&text));
            }
        }
    }

    fn kept(&self, which: u8) -> Option<usize> {
        let places: Vec<usize> = (0..self.to_viewer.len()).collect();
        script::pick(&places, which).copied()
    }

    fn deliver_first(&mut self, most: usize) {
        for _ in 0..most {
            let Some(sent) = self.to_viewer.pop_front() else {
                return;
            };
            self.deliver(&sent, None);
        }
    }

    /// Delivers a record, changed or as it was sealed, and holds what becomes of it against the truth.
    fn deliver(&mut self, sent: &Sent, mutation: Option<&Mutation>) {
        let mut record = sent.record.clone();
        if let Some(mutation) = mutation {
            mutation.apply(&mut record);
        }
        let is_whole = same(&record, &sent.record);
        self.closed = None;
        let was_open = self.socket == Socket::Open && self.truth.ended.is_none();
        let is_due = self.deadline.is_some_and(|at| at <= self.at());
        self.handle(|| Input::Binary(record.clone()));
        let judged = if was_open && is_whole {
            self.truth.judge(self.now, sent, self.expires_in)
        } else {
            Judged::Dropped
        };
        self.drain();
        if !was_open || self.held {
        } else if is_whole {
            let closed = match judged {
                Judged::Good => self.closed.filter(|code| *code == 4400),
                // What is due comes after the record, and may close the socket.
                Judged::Dropped => self.closed.filter(|code| *code != 1000 || !is_due),
                Judged::Fatal => self
                    .closed
                    .filter(|code| *code != 4400)
                    .or(if self.closed.is_none() { Some(0) } else { None }),
                Judged::Old => self.closed.filter(|code| *code != 1000),
            };
            assert_eq!(closed, None, "a record that was {judged:?}");
        }
        if mutation.is_none() {
            self.delivered.push_back(sent.clone());
            if self.delivered.len() > REMEMBERED {
                self.delivered.pop_front();
            }
        }
    }

    /// Nobody sealed it: nothing may come of it.
    fn forge(&mut self, mut record: Vec<u8>) {
        if let Some(version) = record.first_mut() {
            *version = 2;
        }
        self.handle(|| Input::Binary(record.clone()));
    }

    fn word(&mut self, word: u8) {
        let word = match word % 32 {
            0..=9 => COMES,
            10..=15 => GOES,
            16..=20 => r#"{"type":"session_resolved"}"#,
            21..=30 => r#"{"type":"session_cancelled"}"#,
            _ => {
                if self.socket == Socket::Open {
                    self.truth.may_end(Ended::Refused(4410));
                }
                r#"{"type":"session_expired"}"#
            }
        };
        self.handle(|| Input::Text(word));
    }

    // The line.

    fn line(&mut self, line: Line) {
        match line {
            Line::Open => {
                if self.socket == Socket::Dialling {
                    self.socket = Socket::Open;
                }
                self.handle(|| Input::Connected(Some(PROTOCOL)));
            }
            Line::OpenAndJoin => {
                for line in [Line::Open, Line::AgentComes] {
                    self.line(line);
                    self.drain();
                }
                self.answer(Reply::Resume);
                self.agent_does(&Saying::Round(7));
            }
            Line::Lose(code) => self.lose(code),
            Line::AgentComes => self.handle(|| Input::Text(COMES)),
            Line::AgentGoes => self.handle(|| Input::Text(GOES)),
        }
    }

    fn lose(&mut self, code: u8) {
        let codes = [
            None,
            None,
            None,
            Some(1000),
            Some(1006),
            Some(1012),
            Some(1012),
            Some(4400),
            Some(4403),
            Some(4409),
        ];
        let last = [4401, 4404, 4408, 4410, 4426];
        let code = match code {
            0xF0.. => script::pick(&last, code).copied(),
            _ => script::pick(&codes, code).copied().flatten(),
        };
        let is_up = matches!(self.socket, Socket::Open | Socket::Dialling);
        match code {
            Some(4408) if is_up => self.truth.may_end(Ended::Closed(CloseReason::TakenOver)),
            Some(4403) if is_up => self.truth.may_end(Ended::Busy),
            Some(code @ (4401 | 4404 | 4410 | 4426)) if is_up => {
                self.truth.may_end(Ended::Refused(code));
            }
            Some(_) | None => {}
        }
        if is_up {
            self.hang_up();
        }
        self.handle(|| Input::Disconnected(code));
    }

    fn hang_up(&mut self) {
        self.socket = Socket::Offline;
        self.agent.hang_up();
        self.truth.hang_up();
        self.to_viewer.clear();
        self.to_agent.clear();
    }

    // The human.

    fn request(&mut self, request: &Request) {
        match request {
            Request::Paste => {
                self.texts += 1;
                let text = format!("{TYPED} {}", self.texts);
                self.send(Some(InputEvent::Paste(text)));
            }
            Request::Key(stroke, key, modifiers) => self.send(stroke.event(*key, *modifiers)),
            Request::Do(deed) => self.send(deed.event()),
            Request::Drawn => self.drawn(0, true),
            Request::Older(back, drawn) => self.drawn(u64::from(*back), *drawn),
            Request::Answer(hand_over) => {
                let answer = if *hand_over {
                    Answer::HandOver
                } else {
                    Answer::Keep
                };
                if let Some(id) = self.truth.prompt {
                    self.handle(|| Input::Request(Asked::Answer(id, answer)));
                }
            }
            Request::Pin(digit) => {
                self.pin = format!("{:06}", u32::from(*digit) * 3_571);
                let pin = self.pin.clone();
                let pin = || Pin::parse(&pin).expect("6 digits");
                self.handle(|| Input::Request(Asked::Pin(pin())));
            }
            Request::Hide(hidden) => {
                self.hidden = *hidden;
                self.handle(|| Input::Request(Asked::Hide(*hidden)));
            }
            Request::Woke => self.handle(|| Input::Request(Asked::Woke)),
        }
    }

    /// Asks for an event to be sent: it is, or is told not to be.
    fn send(&mut self, event: Option<InputEvent>) {
        let is_final =
            |event: &InputEvent| matches!(event, InputEvent::Resolved | InputEvent::Cancelled);
        let Some(event) = event.filter(|event| !is_final(event)) else {
            return;
        };
        let may = self.truth.may_send() && !self.hidden;
        let (inputs, not_sent) = (self.inputs, self.not_sent());
        self.truth.requested(event.clone());
        self.handle(|| Input::Request(Asked::Send(event.clone())));
        self.drain();
        if self.held || self.truth.ended.is_some() {
            return;
        }
        let (sent, dropped) = (self.inputs - inputs, self.not_sent() - not_sent);
        assert_eq!(sent + dropped, 1, "sent once, or told not to be");
        assert!(may || sent == 0, "sent by somebody who doesn't see");
    }

    fn not_sent(&self) -> u64 {
        self.viewer.first().counters().not_sent
    }

    fn drawn(&mut self, back: u64, drawn: bool) {
        let Some(newest) = self.truth.newest_shown() else {
            return;
        };
        let id = FrameId {
            counter: newest.counter.saturating_sub(back),
            ..newest
        };
        if !self.truth.came(id) {
        } else if drawn {
            self.truth.drew(id);
            self.handle(|| Input::Request(Asked::Drawn(id)));
        } else {
            self.handle(|| Input::Request(Asked::Undecodable(id)));
        }
    }

    fn happens(&mut self, rare: &Rare) {
        match *rare {
            Rare::PassLong(seconds) => self.pass(1_000 * u64::from(seconds % 1_024)),
            Rare::Sleep(millis) => self.clock += u64::from(millis),
            Rare::Back(millis) => self.go_back(millis.into()),
            Rare::Hold(held) => {
                self.held = held;
                self.was_held |= held;
            }
            Rare::Finish(resolved) => {
                let event = if resolved {
                    InputEvent::Resolved
                } else {
                    InputEvent::Cancelled
                };
                if self.truth.ended.is_none() {
                    self.truth.finishing.get_or_insert(event.clone());
                }
                self.handle(|| Input::Request(Asked::Send(event.clone())));
            }
            Rare::Leave => {
                self.truth.may_end(Ended::Closed(CloseReason::Left));
                self.handle(|| Input::Request(Asked::Leave));
            }
            Rare::Close(which) => {
                let reasons = [
                    CloseReason::Resolved,
                    CloseReason::Cancelled,
                    CloseReason::Timeout,
                    CloseReason::Error,
                    CloseReason::TakenOver,
                ];
                let reason = script::pick(&reasons, which).copied();
                let sent = reason.and_then(|reason| self.agent.close(self.at(), reason));
                self.says(sent);
            }
            Rare::OtherProtocol => {
                if self.socket == Socket::Dialling {
                    self.truth.may_end(Ended::OtherProtocol);
                    self.hang_up();
                }
                self.handle(|| Input::Connected(Some("authloop.v3")));
            }
        }
    }

    // Time.

    /// Wakes the viewer whenever it wants to be, so often at most; then it oversleeps the rest.
    fn pass(&mut self, millis: u64) {
        let end = self.clock + millis;
        for _ in 0..MOST_TICKS {
            let due = self.deadline.filter(|at| at.as_millis() <= end);
            let Some(at) = due.filter(|_| !self.held) else {
                break;
            };
            self.clock = self.clock.max(at.as_millis());
            self.tick();
            never_spins(self.latest(), self.deadline);
        }
        self.clock = end;
        self.tick();
    }

    fn tick(&mut self) {
        self.handle(|| Input::Tick);
        self.drain();
    }

    fn go_back(&mut self, millis: u64) {
        self.tick();
        self.clock = self.clock.saturating_sub(millis);
        if !self.held {
            self.handle(|| Input::Tick);
            time_may_go_back(self.deadline, &self.viewer.drain());
        }
    }

    // What the viewer does.

    fn drain(&mut self) {
        if self.held {
            return;
        }
        let drained = self.viewer.drain();
        if self.truth.ended.is_some() {
            the_end_is_the_end(&drained);
        }
        self.deadline = drained.deadline;
        for output in drained.said {
            match output {
                Output::Connect(connect) => {
                    assert_eq!(self.socket, Socket::Offline, "one socket at a time");
                    assert_eq!(connect.url, "wss://relay.test/stream/sess_1");
                    self.socket = Socket::Dialling;
                }
                Output::Send(record) => self.sends(record),
                Output::Close(code) => {
                    self.closed = Some(code);
                    self.agent_reads();
                    self.hang_up();
                    if self.was_held {
                        self.truth.had_hung_up();
                    }
                }
                Output::Event(event) => self.truth.told(self.now, &event, self.says_drawn),
                Output::Idle(_) => {}
            }
        }
        self.was_held = false;
        self.agent_reads();
    }

    fn sends(&mut self, record: Vec<u8>) {
        no_plaintext_leaves(&record, &[TYPED.as_bytes(), self.pin.as_bytes()]);
        if self.socket != Socket::Open {
            // Its last words may come too late, and only they.
            assert!(
                self.was_held && record[1] == 0x1F,
                "it says something to nobody"
            );
            return;
        }
        let epoch = u32::from_be_bytes([record[4], record[5], record[6], record[7]]);
        let counter = u64::from_be_bytes(record[8..16].try_into().expect("8 bytes"));
        let mut wish = 0;
        if record[1] == 0x01 {
            wish = self.truth.asked(counter);
            let ephemeral = record[16..81].to_vec();
            assert!(
                self.truth.ephemerals.insert(ephemeral),
                "a key is used once"
            );
        } else {
            self.truth.nonces.never_repeat(epoch, counter);
            self.inputs += u64::from(record[1] == 0x11);
        }
        let sent = self.now;
        self.to_agent.push_back(FromViewer { record, sent, wish });
    }
}
