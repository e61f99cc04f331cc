//! A session's room at the relay, version 2: a record reaches the one it is for or nobody, and whole;
//! channels are never mixed up, control keeps its order, no frame overtakes it, and nobody outlives
//! the session.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::{IpAddr, Ipv4Addr},
    time::Duration,
};

use arbitrary::{Arbitrary, Unstructured};
use authloop_core::{
    crypto::v2::AdmissionHash,
    relay::{
        Admission, Applicant, ConnectionId, Ending, Input, Item, MAX_VIEWERS, Output, Room,
        RoomConfig, TokenHash,
    },
    time::{Timestamp, WallTime},
    wire::v2::RelayToAgent,
};
use bytes::Bytes;

use crate::{foreign::Header, script};

const TOKEN: &str = "A9vUU3joHXxTePkmqtgnVw";

#[derive(Arbitrary, Debug)]
enum Step {
    Agent {
        token: bool,
    },
    Viewer {
        host: u8,
        token: bool,
    },
    OldViewer,
    Leave(u8),
    FromViewer {
        who: u8,
        kind: u8,
        length: u16,
    },
    FromAgent {
        chan: u8,
        is_frame: bool,
        length: u16,
    },
    Raw {
        who: u8,
        bytes: Vec<u8>,
    },
    Text {
        who: u8,
        text: String,
    },
    CloseViewer {
        chan: u8,
        code: u8,
    },
    Stick(u8),
    Flow(u8),
    End {
        resolve: bool,
    },
    Drain,
    Pass(u16),
}

/// What a socket is, and what it heard.
struct Socket {
    is_agent: bool,
    is_open: bool,
    stuck: bool,
    writing: bool,
    /// The newest control and the newest frame it heard, by their numbers.
    heard: [u64; 2],
}

struct World {
    room: Room,
    now: u64,
    deadline: Option<Timestamp>,
    sockets: Vec<Socket>,
    /// Every record that was sent, by its number: from whom, and its bytes but for the hop.
    sent: BTreeMap<u64, (usize, Vec<u8>)>,
    /// Whose each channel is, as the agent's present socket was told.
    channels: BTreeSet<u16>,
    /// Whose each channel is, as records showed.
    owners: BTreeMap<u16, usize>,
    number: u64,
    ended: bool,
    forgotten: bool,
}

/// Tells the story.
pub fn check(data: &[u8]) {
    let mut world = World::new();
    world.drain();
    for step in script::steps::<Step>(&mut Unstructured::new(data), 300) {
        world.take(step);
        world.drain();
        let open = world
            .sockets
            .iter()
            .filter(|socket| socket.is_open && !socket.is_agent);
        // Those who are to hear the rest stay a moment longer.
        assert!(open.count() <= 2 * MAX_VIEWERS + 32, "too many sockets");
    }
    world.pass(600_000 + 10_000 + 3_700_000);
    assert!(world.ended && world.forgotten && world.deadline.is_none());
    assert!(
        world.sockets.iter().all(|socket| !socket.is_open),
        "a socket outlives its session"
    );
}

impl World {
    fn new() -> Self {
        let wall = WallTime::from_rfc3339("2026-11-22T10:00:00Z").expect("a time");
        let config = RoomConfig {
            session_id: "sess_1".into(),
            service: "Story".into(),
            context: None,
            ttl: Duration::from_secs(600),
            stream_token: TokenHash::of("stream"),
            admission: Admission::V2 {
                admission_hash: AdmissionHash::of(TOKEN),
            },
        };
        Self {
            room: Room::new(config, Timestamp::from_millis(1_000), wall),
            now: 1_000,
            deadline: None,
            sockets: Vec::new(),
            sent: BTreeMap::new(),
            channels: BTreeSet::new(),
            owners: BTreeMap::new(),
            number: 0,
            ended: false,
            forgotten: false,
        }
    }

    fn take(&mut self, step: Step) {
        match step {
            Step::Agent { token } => {
                let applicant = Applicant::Agent {
                    token: if token { "stream" } else { TOKEN },
                };
                if self.admit(applicant, token) {
                    self.channels.clear();
                }
            }
            Step::Viewer { host, token } => {
                let applicant = Applicant::SealedViewer {
                    token: if token { TOKEN } else { "stream" },
                    address: IpAddr::V4(Ipv4Addr::new(192, 0, 2, host % 8)),
                };
                self.admit(applicant, token);
            }
            Step::OldViewer => {
                self.admit(Applicant::Viewer { token: TOKEN }, false);
            }
            Step::Leave(who) => {
                if let Some(who) = self.socket(who) {
                    self.sockets[who].is_open = false;
                    self.room.handle(self.at(), Input::Left(id(who)));
                }
            }
            Step::FromViewer { who, kind, length } => {
                let Some(who) = self.socket(who).filter(|who| !self.sockets[*who].is_agent) else {
                    return;
                };
                if self.room.wants(id(who)) {
                    let kind = script::pick(&[0x01, 0x11, 0x12, 0x13, 0x1F], kind).copied();
                    let record = self.record(who, kind.unwrap_or(0x11), 0, length);
                    self.room.handle(self.at(), Input::Binary(id(who), record));
                }
            }
            Step::FromAgent {
                chan,
                is_frame,
                length,
            } => {
                let agent = self
                    .sockets
                    .iter()
                    .rposition(|socket| socket.is_agent && socket.is_open);
                if let Some(agent) = agent {
                    let kind = if is_frame { 0x10 } else { 0x12 };
                    let record = self.record(agent, kind, u16::from(chan), length);
                    self.room
                        .handle(self.at(), Input::Binary(id(agent), record));
                }
            }
            Step::Raw { who, mut bytes } => {
                // What looks like a record has to have a number of its own.
                bytes.truncate(31);
                if let Some(who) = self.socket(who) {
                    self.room
                        .handle(self.at(), Input::Binary(id(who), bytes.into()));
                }
            }
            Step::Text { who, text } => {
                if let Some(who) = self.socket(who) {
                    self.room.handle(self.at(), Input::Text(id(who), &text));
                }
            }
            Step::CloseViewer { chan, code } => {
                let code = script::pick(&[1000, 1012, 4400, 4403, 4408, 4401], code).copied();
                let code = code.unwrap_or(1000);
                let text = format!(r#"{{"type":"close_viewer","chan":{chan},"code":{code}}}"#);
                let agent = self
                    .sockets
                    .iter()
                    .rposition(|socket| socket.is_agent && socket.is_open);
                if let Some(agent) = agent {
                    self.room.handle(self.at(), Input::Text(id(agent), &text));
                }
            }
            Step::Stick(who) => {
                if let Some(who) = self.socket(who) {
                    self.sockets[who].stuck = true;
                }
            }
            Step::Flow(who) => {
                if let Some(who) = self.socket(who) {
                    self.sockets[who].stuck = false;
                    if core::mem::take(&mut self.sockets[who].writing) {
                        self.room.handle(self.at(), Input::Written(id(who)));
                    }
                }
            }
            Step::End { resolve } => {
                let ending = if resolve {
                    Ending::Resolve
                } else {
                    Ending::Cancel
                };
                assert_eq!(self.room.end(self.at(), ending).is_err(), self.ended);
            }
            Step::Drain => self.room.handle(self.at(), Input::Drain),
            Step::Pass(millis) => self.pass(u64::from(millis) * 4),
        }
    }

    fn admit(&mut self, applicant: Applicant<'_>, is_right: bool) -> bool {
        let is_agent = matches!(applicant, Applicant::Agent { .. });
        let admitted = self
            .room
            .admit(self.at(), id(self.sockets.len()), applicant)
            .is_ok();
        assert!(
            is_right || !admitted,
            "somebody was admitted without the token"
        );
        if admitted {
            assert!(!self.ended, "nobody joins after the end");
            self.sockets.push(Socket {
                is_agent,
                is_open: true,
                stuck: false,
                writing: false,
                heard: [0; 2],
            });
        }
        admitted
    }

    /// A record with a number of its own for a counter.
    fn record(&mut self, from: usize, kind: u8, chan: u16, length: u16) -> Bytes {
        self.number += 1;
        let header = Header {
            kind,
            chan,
            epoch: 7,
            counter: self.number,
        };
        let mut record = header.to_bytes();
        record.resize(32 + usize::from(length), 0xAB);
        self.sent.insert(self.number, (from, without_hop(&record)));
        record.into()
    }

    fn at(&self) -> Timestamp {
        Timestamp::from_millis(self.now)
    }

    fn socket(&self, who: u8) -> Option<usize> {
        let open: Vec<usize> = (0..self.sockets.len())
            .filter(|at| self.sockets[*at].is_open)
            .collect();
        script::pick(&open, who).copied()
    }

    fn pass(&mut self, millis: u64) {
        let until = Timestamp::from_millis(self.now + millis);
        while let Some(deadline) = self.deadline.filter(|deadline| *deadline <= until) {
            assert!(
                deadline > self.at(),
                "a deadline that has come was not acted on"
            );
            self.now = deadline.as_millis();
            self.room.handle(deadline, Input::Tick);
            self.drain();
        }
        self.now = until.as_millis();
        self.room.handle(until, Input::Tick);
        self.drain();
    }

    fn drain(&mut self) {
        for _ in 0..20_000 {
            match self.room.poll() {
                Output::Send(ConnectionId(to), item) => {
                    let to = usize::try_from(to).expect("few");
                    let socket = &mut self.sockets[to];
                    assert!(socket.is_open && !socket.writing, "one write at a time");
                    let stuck = socket.stuck;
                    socket.writing = stuck;
                    self.hear(to, item);
                    if !stuck {
                        self.room.handle(self.at(), Input::Written(id(to)));
                    }
                }
                Output::Close(ConnectionId(who), _) => {
                    let socket = &mut self.sockets[usize::try_from(who).expect("few")];
                    assert!(socket.is_open, "closed twice, or after it left");
                    socket.is_open = false;
                }
                Output::Forget => self.forgotten = true,
                Output::Idle(deadline) => {
                    self.deadline = deadline;
                    let terminal = self.room.status().is_terminal();
                    assert!(terminal || !self.ended, "the end is final");
                    self.ended = terminal;
                    return;
                }
            }
        }
        unreachable!("what waits is bounded");
    }

    fn hear(&mut self, to: usize, item: Item) {
        let is_agent = self.sockets[to].is_agent;
        let (bytes, is_frame) = match item {
            Item::Text(text) if is_agent => return self.told(&text),
            Item::Text(text) => {
                let own = [r#"{"type":"agent_"#, r#"{"type":"session_"#];
                assert!(own.iter().any(|own| text.starts_with(own)), "{text}");
                return;
            }
            Item::Binary(bytes) => (bytes, false),
            Item::Frame(frame) => {
                assert!(frame.meta.is_none() && !is_agent);
                (frame.jpeg, true)
            }
        };
        let array = |at: usize| {
            bytes
                .get(at..at + 8)
                .and_then(|bytes| bytes.try_into().ok())
        };
        let number = u64::from_be_bytes(array(8).expect("a record"));
        let chan = u16::from_be_bytes([bytes[2], bytes[3]]);
        let (from, sent) = self.sent.get(&number).expect("a record that somebody sent");
        assert_eq!(&without_hop(&bytes), sent, "a record was changed");
        assert_ne!(self.sockets[*from].is_agent, is_agent, "a record came back");
        let heard = &mut self.sockets[to].heard;
        if is_agent {
            assert!(
                self.channels.contains(&chan),
                "a channel the agent doesn't know"
            );
            let owner = *self.owners.entry(chan).or_insert(*from);
            assert_eq!(owner, *from, "two viewers on one channel");
        } else {
            assert_eq!(chan, 0);
            let [control, frame] = heard;
            let own = if is_frame { frame } else { control };
            assert!(number > *own, "out of order");
            *own = number;
            // Control that was sent before a frame has a smaller number, and was heard before.
            assert!(is_frame || heard[1] < number, "a frame overtook control");
        }
    }

    /// The relay told the agent something.
    fn told(&mut self, text: &str) {
        match RelayToAgent::parse(text).expect("the relay's own word") {
            RelayToAgent::ViewerConnected { chan } => {
                assert!(self.channels.insert(chan.get()), "told twice");
                let owner = self.owners.get(&chan.get());
                // A number is given again only when its viewer is long gone.
                if owner.is_some_and(|owner| !self.sockets[*owner].is_open) {
                    self.owners.remove(&chan.get());
                }
            }
            RelayToAgent::ViewerDisconnected { chan } => {
                assert!(self.channels.remove(&chan.get()), "it wasn't there");
            }
            RelayToAgent::SessionExpired
            | RelayToAgent::SessionCancelled
            | RelayToAgent::SessionResolved => {}
        }
    }
}

fn id(socket: usize) -> ConnectionId {
    ConnectionId(u64::try_from(socket).expect("few"))
}

fn without_hop(record: &[u8]) -> Vec<u8> {
    let (front, rest) = record.split_at(2);
    [front, &rest[2..]].concat()
}
