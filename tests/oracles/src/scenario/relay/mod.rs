//! A session's room at the relay, versions 1 and 2: what each side is sent, in which order, by which code
//! it is closed and when, whoever comes, stalls, shouts or goes.
//!
//! The [`Room`] runs beside a reference that knows the one right answer to each step.

mod model;
mod step;

use std::{
    net::{IpAddr, Ipv4Addr},
    time::Duration,
};

use authloop_core::{
    crypto::v2::AdmissionHash,
    relay::{
        Admission, Applicant, Close, ConnectionId, Ending, Input, Item, MAX_CONTROL_BYTES,
        MAX_CONTROL_ENTRIES, MAX_VIEWERS, Output, Role, Room, RoomConfig, TokenHash,
    },
    time::{Timestamp, WallTime},
    wire::v2::CloseCode,
};
use bytes::Bytes;

use self::model::{MOST_CLOSES, Model, OWN_WORDS};
pub use self::step::{FromAgent, FromViewer, Knock, Rare, Size, Start, Step, Times, Token};
use super::{
    Scenario,
    invariants::{memory_is_bounded, never_spins, the_end_is_the_end, time_may_go_back},
    machine::{Machine, Said},
    twin::{Company, Twin},
};
use crate::{foreign::Header, script};

const AGENT: &str = "stream";
const PLAIN_VIEWER: &str = "viewer";
const SEALED_VIEWER: &str = "A9vUU3joHXxTePkmqtgnVw";
const TTL: Duration = Duration::from_secs(600);

impl Machine for Room {
    type Output = Output;

    // Nine sockets are sent one thing each, and the closes.
    const MOST_AT_ONCE: usize = 10 + MOST_CLOSES + 2 * MAX_VIEWERS;
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
            Output::Send(ConnectionId(to), item) => {
                into.extend_from_slice(&to.to_be_bytes());
                match item {
                    Item::Text(text) => into.extend_from_slice(text.as_bytes()),
                    Item::Binary(bytes) => into.extend_from_slice(bytes),
                    Item::Frame(frame) => {
                        let meta = frame.meta.as_deref().unwrap_or_default();
                        into.extend_from_slice(meta.as_bytes());
                        into.extend_from_slice(&frame.jpeg);
                    }
                }
            }
            Output::Close(ConnectionId(who), close) => {
                into.extend_from_slice(&who.to_be_bytes());
                into.extend_from_slice(&close.code().to_be_bytes());
            }
            Output::Forget => into.push(0xFF),
            Output::Idle(_) => {}
        }
    }
}

/// A socket that is open, as its own end knows.
struct Socket {
    id: ConnectionId,
    role: Role,
    stuck: bool,
}

/// A room, its reference, and the sockets.
pub struct World {
    sealed: bool,
    room: Twin<Room>,
    model: Model,
    clock: u64,
    sockets: Vec<Socket>,
    /// Those that left when they had lost their seat, before they were told so.
    gone_first: Vec<ConnectionId>,
    /// How many sockets there were.
    ids: u64,
    /// Numbers everything that is said, so that it is told apart.
    numbers: u64,
    held: bool,
    deadline: Option<Timestamp>,
}

/// Tells the story that these bytes are.
pub fn check(data: &[u8]) {
    super::check::<World>(data);
}

impl Scenario for World {
    type Start = Start;
    type Step = Step;

    fn begin(start: &Start) -> Self {
        let clock = 1_000;
        let now = Timestamp::from_millis(clock);
        let wall = WallTime::from_rfc3339("2026-11-22T10:00:00Z").expect("a time");
        let admission = if start.sealed {
            Admission::V2 {
                admission_hash: AdmissionHash::of(SEALED_VIEWER),
            }
        } else {
            Admission::V1 {
                viewer_token: TokenHash::of(PLAIN_VIEWER),
            }
        };
        let config = RoomConfig {
            session_id: "sess_1".into(),
            service: "Story".into(),
            context: None,
            ttl: TTL,
            stream_token: TokenHash::of(AGENT),
            admission,
        };
        let company = if start.twin {
            Company::Twin
        } else {
            Company::Alone
        };
        let mut world = Self {
            sealed: start.sealed,
            room: Twin::new(company, || Room::new(config.clone(), now, wall)),
            model: Model::new(start.sealed, now, TTL),
            clock,
            sockets: Vec::new(),
            gone_first: Vec::new(),
            ids: 0,
            numbers: 0,
            held: false,
            deadline: None,
        };
        if start.viewers >= 0x80 {
            world.knock(Knock::Agent, Token::Right);
            for address in 0..start.viewers % 10 {
                world.knock(Knock::Viewer(address), Token::Right);
            }
        }
        world.drain();
        world
    }

    fn take(&mut self, step: &Step) {
        match step {
            Step::Join(knock, token) => self.knock(*knock, *token),
            Step::Agent(said) => {
                let newest = self.sockets.iter().rfind(|one| one.role == Role::Agent);
                if let Some(id) = newest.map(|one| one.id) {
                    self.agent_says(id, said);
                }
            }
            Step::Viewer(who, said) => {
                let viewers = self.sockets.iter().filter(|one| one.role == Role::Viewer);
                let viewers: Vec<_> = viewers.map(|one| one.id).collect();
                if let Some(id) = script::pick(&viewers, *who) {
                    self.viewer_says(*id, said);
                }
            }
            Step::Socket { who, stuck } => {
                if let Some(place) = self.place(*who) {
                    self.sockets[place].stuck = *stuck;
                }
            }
            Step::Pass(tenths) => self.pass(100 * u64::from(*tenths)),
            Step::Rarely(rare) => self.happens(rare),
        }
        self.drain();
    }

    fn check(&mut self) {
        let Self { room, model, .. } = self;
        let room = room.first();
        assert_eq!(room.status(), model.status, "the status");
        assert_eq!(room.counts(), model.counts, "what is dropped is counted");
        assert!(model.viewers.len() <= if self.sealed { MAX_VIEWERS } else { 1 });
        for seat in model.seats() {
            let (entries, bytes) = seat.waiting();
            memory_is_bounded("messages", entries, MAX_CONTROL_ENTRIES + OWN_WORDS);
            memory_is_bounded("bytes", bytes, MAX_CONTROL_BYTES + 64 * OWN_WORDS);
        }
        let closes = model.waiting_closes();
        memory_is_bounded("closes", closes, MOST_CLOSES + 2 * MAX_VIEWERS);
        if model.agent.as_ref().is_none_or(model::Seat::is_empty) {
            let read = self.sockets.iter().all(|socket| room.wants(socket.id));
            assert!(read, "nobody is kept waiting for an agent that waits");
        }
    }

    /// Nothing outlives its time, the farewell and the record kept.
    fn end(mut self) {
        self.held = false;
        for socket in &mut self.sockets {
            socket.stuck = false;
        }
        self.drain();
        self.pass(600_000 + 10_000);
        self.check();
        assert!(
            self.model.status.is_terminal(),
            "a session outlives its time"
        );
        assert!(self.sockets.is_empty(), "a socket outlives its session");
        self.pass(3_700_000);
        assert!(self.model.forgotten, "a record is kept for ever");
        self.clock += 3_700_000;
        self.tick();
        the_end_is_the_end(&self.room.drain());
    }
}

impl World {
    // What happens.

    fn happens(&mut self, rare: &Rare) {
        match *rare {
            Rare::Leave(who) => {
                if let Some(place) = self.place(who) {
                    let id = self.sockets.remove(place).id;
                    let now = self.advance();
                    if self.model.role_of(id).is_none() {
                        self.gone_first.push(id);
                    }
                    self.room.tell(|room| room.handle(now, Input::Left(id)));
                    self.model.left(id);
                }
            }
            Rare::PassLong(seconds) => self.pass(1_000 * u64::from(seconds % 1_024)),
            Rare::Back(millis) => self.go_back(millis.into()),
            Rare::End { resolve } => {
                let ending = if resolve {
                    Ending::Resolve
                } else {
                    Ending::Cancel
                };
                let now = self.advance();
                let ended = self.room.tell(|room| room.end(now, ending)).is_ok();
                assert_eq!(ended, self.model.ends(resolve), "it ends once");
            }
            Rare::Drain => {
                let now = self.advance();
                self.room.tell(|room| room.handle(now, Input::Drain));
                self.model.close_everybody(Close::Restarting);
            }
            Rare::Hold(held) => self.held = held,
            Rare::Crowd(viewers, address) => {
                for number in 0..viewers % 80 {
                    let address = address.wrapping_add(number / 8);
                    self.knock(Knock::Viewer(address), Token::Right);
                }
            }
        }
    }

    fn knock(&mut self, knock: Knock, token: Token) {
        let is_right = matches!(token, Token::Right | Token::AlsoRight);
        let own = if self.sealed {
            SEALED_VIEWER
        } else {
            PLAIN_VIEWER
        };
        let (right, other) = match knock {
            Knock::Agent => (AGENT, own),
            Knock::Viewer(_) | Knock::OtherViewer => (own, AGENT),
        };
        let token = match token {
            Token::Right | Token::AlsoRight => right,
            Token::Swapped => other,
            Token::Wrong => "wrong",
        };
        let host = match knock {
            Knock::Viewer(host) => host % 16,
            Knock::Agent | Knock::OtherViewer => 0,
        };
        let address = IpAddr::V4(Ipv4Addr::new(192, 0, 2, host));
        let is_sealed = self.sealed != matches!(knock, Knock::OtherViewer);
        let applicant = match knock {
            Knock::Agent => Applicant::Agent { token },
            Knock::Viewer(_) | Knock::OtherViewer if is_sealed => {
                Applicant::SealedViewer { token, address }
            }
            Knock::Viewer(_) | Knock::OtherViewer => Applicant::Viewer { token },
        };
        let refused = match knock {
            // In version 1 the stream token admits viewers, too.
            Knock::Agent if is_right => None,
            Knock::Viewer(_) if is_right || (!self.sealed && token == AGENT) => None,
            Knock::OtherViewer if self.sealed => Some(Close::TooOld),
            Knock::Agent | Knock::Viewer(_) | Knock::OtherViewer => Some(Close::NotAdmitted),
        };
        let (id, role) = (ConnectionId(self.ids), applicant.role());
        let now = self.advance();
        let admitted = self.room.tell(|room| room.admit(now, id, applicant));
        let expected = self.model.joins(id, role, refused, host);
        assert_eq!(
            admitted, expected,
            "who is let in, and how others are refused"
        );
        if admitted.is_ok() {
            self.ids += 1;
            let stuck = false;
            self.sockets.push(Socket { id, role, stuck });
        }
        self.drain();
    }

    fn agent_says(&mut self, id: ConnectionId, said: &FromAgent) {
        match said {
            FromAgent::Say { chan, size, more } => {
                for _ in 0..more.count() {
                    if self.sealed {
                        let record = self.record(0x12, (*chan).into(), size.bytes());
                        self.agent_sends(id, record);
                    } else {
                        let text = self.text(size.bytes());
                        self.agent_texts(id, &text, false, false);
                    }
                }
            }
            FromAgent::Show { chan, size } if self.sealed => {
                let record = self.record(0x10, (*chan).into(), size.bytes());
                self.agent_sends(id, record);
            }
            FromAgent::Show { size, .. } => {
                let (number, length) = (self.number(), size.bytes());
                let meta = format!(r#"{{"type":"frame","number":{number}}}"#);
                self.agent_texts(id, &meta, false, true);
                self.agent_sends(id, vec![7; length].into());
            }
            FromAgent::Announce { long } if !self.sealed => {
                let text = self.typed("frame", if *long { 4_096 } else { 0 });
                self.agent_texts(id, &text, false, !long);
            }
            FromAgent::Key { long } if !self.sealed => {
                let text = self.typed("pubkey", if *long { 1_024 } else { 0 });
                self.agent_texts(id, &text, !long, false);
            }
            FromAgent::Announce { .. } | FromAgent::Key { .. } => {}
            FromAgent::Close { chan, code } => {
                let code = script::pick(&CloseCode::ALL, *code).map_or(4_401, |code| code.get());
                let text = format!(r#"{{"type":"close_viewer","chan":{chan},"code":{code}}}"#);
                self.agent_texts(id, &text, false, false);
            }
            FromAgent::Text(text) => self.agent_texts(id, &format!("x{text}"), false, false),
            FromAgent::Junk(bytes) => self.agent_sends(id, Bytes::from(junk(bytes))),
        }
    }

    /// A text of the agent's; in version 1, whether it is a key or announces a frame.
    fn agent_texts(&mut self, id: ConnectionId, text: &str, is_key: bool, is_meta: bool) {
        let now = self.advance();
        self.room
            .tell(|room| room.handle(now, Input::Text(id, text)));
        if self.model.role_of(id).is_none() {
        } else if self.sealed {
            self.model.word_from_agent(close_of(text));
        } else {
            self.model.plain_text(text, is_key, is_meta);
        }
        self.drain();
    }

    fn agent_sends(&mut self, id: ConnectionId, bytes: Bytes) {
        let now = self.advance();
        self.room
            .tell(|room| room.handle(now, Input::Binary(id, bytes.clone())));
        if self.model.role_of(id).is_none() {
        } else if self.sealed {
            self.model.record_from_agent(&bytes);
        } else {
            self.model.plain_picture(bytes);
        }
        self.drain();
    }

    fn viewer_says(&mut self, id: ConnectionId, said: &FromViewer) {
        match said {
            FromViewer::Say { size, more, rude } => {
                for _ in 0..more.count() {
                    if !rude && !self.room.first().wants(id) {
                        break;
                    }
                    let was_over = self.model.ran_over(id);
                    if self.sealed {
                        let record = self.record(0x11, 9, size.bytes());
                        self.viewer_sends(id, record);
                    } else {
                        let text = self.text(size.bytes());
                        self.viewer_texts(id, &text);
                    }
                    let over = self.model.ran_over(id) && !was_over;
                    assert!(*rude || !over, "somebody was read, and closed for it");
                    self.drain();
                }
            }
            FromViewer::Bytes(size) => self.viewer_sends(id, vec![1; size.bytes()].into()),
            FromViewer::Text(text) => self.viewer_texts(id, text),
            FromViewer::Junk(bytes) => self.viewer_sends(id, Bytes::from(junk(bytes))),
        }
        self.drain();
    }

    fn viewer_texts(&mut self, id: ConnectionId, text: &str) {
        let now = self.advance();
        self.room
            .tell(|room| room.handle(now, Input::Text(id, text)));
        if self.model.role_of(id).is_none() {
        } else if self.sealed {
            if self.model.is_heard(id) {
                self.model.counts.texts_dropped += 1;
            }
        } else {
            self.model.plain_from_viewer(id, Item::Text(text.into()));
        }
    }

    fn viewer_sends(&mut self, id: ConnectionId, bytes: Bytes) {
        let now = self.advance();
        self.room
            .tell(|room| room.handle(now, Input::Binary(id, bytes.clone())));
        if self.model.role_of(id).is_none() {
        } else if self.sealed {
            self.model.record_from_viewer(id, &bytes);
        } else {
            self.model.plain_from_viewer(id, Item::Binary(bytes));
        }
    }

    // What is said.

    fn number(&mut self) -> u64 {
        self.numbers += 1;
        self.numbers
    }

    fn record(&mut self, kind: u8, chan: u16, more: usize) -> Bytes {
        let header = Header {
            kind,
            chan,
            epoch: 7,
            counter: self.number(),
        };
        let mut record = header.to_bytes();
        record.resize(32 + more, 0xAB);
        record.into()
    }

    fn text(&mut self, more: usize) -> String {
        format!("{}|{}", self.number(), "x".repeat(more))
    }

    fn typed(&mut self, kind: &str, padding: usize) -> String {
        let (number, padding) = (self.number(), "x".repeat(padding));
        format!(r#"{{"type":"{kind}","number":{number},"x":"{padding}"}}"#)
    }

    fn place(&self, who: u8) -> Option<usize> {
        let places: Vec<usize> = (0..self.sockets.len()).collect();
        script::pick(&places, who).copied()
    }

    // Time.

    /// Tells the time that the next input comes with.
    fn advance(&mut self) -> Timestamp {
        let now = Timestamp::from_millis(self.clock);
        self.model.advance(now);
        now
    }

    fn tick(&mut self) {
        let now = self.advance();
        self.room.tell(|room| room.tick(now));
    }

    fn pass(&mut self, millis: u64) {
        let end = self.clock + millis;
        while !self.held
            && let Some(at) = self.deadline.filter(|at| at.as_millis() <= end)
        {
            self.clock = self.clock.max(at.as_millis());
            self.tick();
            self.drain();
            never_spins(self.model.now, self.deadline);
        }
        self.clock = end;
        self.tick();
        self.drain();
    }

    fn go_back(&mut self, millis: u64) {
        self.tick();
        self.drain();
        self.clock = self.clock.saturating_sub(millis);
        if !self.held {
            self.tick();
            time_may_go_back(self.deadline, &self.room.drain());
        }
    }

    // What the room does.

    fn drain(&mut self) {
        while !self.held {
            let drained = self.room.drain();
            self.deadline = drained.deadline;
            let did = !drained.said.is_empty();
            for output in drained.said {
                match output {
                    Output::Send(id, item) => self.model.sends(id, &item),
                    Output::Close(id, close) => {
                        self.model.closes(id, close);
                        let is_open = self.sockets.iter().any(|socket| socket.id == id);
                        let told_late = self.gone_first.contains(&id);
                        assert!(is_open || told_late, "closed twice, or after it left");
                        self.sockets.retain(|socket| socket.id != id);
                        self.gone_first.retain(|gone| *gone != id);
                    }
                    Output::Forget => self.model.forgets(),
                    Output::Idle(_) => {}
                }
            }
            assert!(self.model.is_idle(), "something waits that could go on");
            assert_eq!(self.deadline, self.model.deadline());
            if !did {
                break;
            }
            self.write();
        }
    }

    /// Whoever isn't stuck has written what it was sent.
    fn write(&mut self) {
        let now = Timestamp::from_millis(self.clock);
        for socket in self.sockets.iter().filter(|socket| !socket.stuck) {
            let id = socket.id;
            if self.model.seats().any(|seat| seat.id == id && seat.writing) {
                self.model.advance(now);
                self.room.tell(|room| room.handle(now, Input::Written(id)));
                self.model.wrote(id);
            }
        }
    }
}

/// What is no record: too short, or of another version.
fn junk(bytes: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    if let Some(version) = bytes.first_mut()
        && *version == 2
    {
        *version = 1;
    }
    bytes
}

/// Reads what an agent may tell the relay.
fn close_of(text: &str) -> Option<(u16, CloseCode)> {
    let word: serde_json::Value = serde_json::from_str(text).ok()?;
    let chan = u16::try_from(word["chan"].as_u64()?).ok()?;
    let code = word["code"].as_u64()?;
    let code = CloseCode::ALL
        .into_iter()
        .find(|one| u64::from(one.get()) == code)?;
    (chan > 0 && word["type"] == "close_viewer").then_some((chan, code))
}
