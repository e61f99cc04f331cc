//! The room's rules by name, in virtual time.

mod channels;
mod ending;
mod forwarding;
mod joining;
mod records;
mod sealed_ending;

use alloc::{string::String, vec::Vec};
use core::{net::IpAddr, time::Duration};

use bytes::Bytes;

use super::*;
use crate::{
    crypto::v2::AdmissionHash,
    wire::v2::{AgentToRelay, CloseCode, Header, Kind, RelayToAgent},
};

const STREAM_TOKEN: &str = "stream";
const VIEWER_TOKEN: &str = "viewer";
const ADMISSION_TOKEN: &str = "A9vUU3joHXxTePkmqtgnVw";
const TTL: Duration = Duration::from_secs(600);

/// A room, its time, and sockets that write at once unless they are stuck.
struct Scene {
    room: Room,
    now: Timestamp,
    next_id: u64,
    stuck: Vec<ConnectionId>,
    sent: Vec<(ConnectionId, Item)>,
    closed: Vec<(ConnectionId, Close)>,
    forgotten: bool,
    deadline: Option<Timestamp>,
}

impl Scene {
    fn new() -> Self {
        Self::with(Admission::V1 {
            viewer_token: TokenHash::of(VIEWER_TOKEN),
        })
    }

    /// A session of version 2.
    fn sealed() -> Self {
        Self::with(Admission::V2 {
            admission_hash: AdmissionHash::of(ADMISSION_TOKEN),
        })
    }

    fn with(admission: Admission) -> Self {
        let now = Timestamp::from_millis(1_000);
        let wall = WallTime::from_rfc3339("2026-11-22T10:00:00Z").expect("valid");
        let config = RoomConfig {
            session_id: "sess_1".into(),
            service: "GitHub".into(),
            context: None,
            ttl: TTL,
            stream_token: TokenHash::of(STREAM_TOKEN),
            admission,
        };
        let mut scene = Self {
            room: Room::new(config, now, wall),
            now,
            next_id: 0,
            stuck: Vec::new(),
            sent: Vec::new(),
            closed: Vec::new(),
            forgotten: false,
            deadline: None,
        };
        scene.drain();
        scene
    }

    fn join(&mut self, role: Role, token: &str) -> Result<ConnectionId, Close> {
        self.knock(match role {
            Role::Agent => Applicant::Agent { token },
            Role::Viewer => Applicant::Viewer { token },
        })
    }

    fn knock(&mut self, applicant: Applicant<'_>) -> Result<ConnectionId, Close> {
        self.next_id += 1;
        let id = ConnectionId(self.next_id);
        let admitted = self.room.admit(self.now, id, applicant);
        self.drain();
        admitted.map(|()| id)
    }

    fn agent(&mut self) -> ConnectionId {
        self.join(Role::Agent, STREAM_TOKEN).expect("admitted")
    }

    fn viewer(&mut self) -> ConnectionId {
        self.join(Role::Viewer, VIEWER_TOKEN).expect("admitted")
    }

    fn sealed_viewer_from(&mut self, address: &str) -> Result<ConnectionId, Close> {
        self.knock(Applicant::SealedViewer {
            token: ADMISSION_TOKEN,
            address: address.parse().expect("an address"),
        })
    }

    /// A viewer of version 2, from an address of its own.
    fn sealed_viewer(&mut self) -> ConnectionId {
        let address = alloc::format!("192.0.2.{}", self.next_id % 250);
        self.sealed_viewer_from(&address).expect("admitted")
    }

    fn sends(&mut self, from: ConnectionId, record: Bytes) {
        self.room.handle(self.now, Input::Binary(from, record));
        self.drain();
    }

    fn asks_to_close(&mut self, agent: ConnectionId, chan: u16, code: CloseCode) {
        let chan = chan.try_into().expect("not zero");
        let asked = AgentToRelay::CloseViewer { chan, code };
        self.says(agent, &asked.to_text());
    }

    fn says(&mut self, from: ConnectionId, text: &str) {
        self.room.handle(self.now, Input::Text(from, text));
        self.drain();
    }

    fn shows(&mut self, agent: ConnectionId, number: u8) {
        self.says(agent, &meta(number));
        self.room.handle(
            self.now,
            Input::Binary(agent, Bytes::copy_from_slice(&[number])),
        );
        self.drain();
    }

    fn leaves(&mut self, id: ConnectionId) {
        self.room.handle(self.now, Input::Left(id));
        self.drain();
    }

    fn ends(&mut self, ending: Ending) -> Result<(), AlreadyEnded> {
        let ended = self.room.end(self.now, ending);
        self.drain();
        ended
    }

    /// Lets a socket's writes stay pending from now on.
    fn sticks(&mut self, id: ConnectionId) {
        self.stuck.push(id);
    }

    /// Lets a stuck socket write what it was given, and everything after.
    fn flows(&mut self, id: ConnectionId) {
        self.stuck.retain(|stuck| *stuck != id);
        self.room.handle(self.now, Input::Written(id));
        self.drain();
    }

    /// Lets time pass, waking the room exactly when it asked for it.
    fn after(&mut self, wait: Duration) {
        let until = self.now + wait;
        while let Some(deadline) = self.deadline.filter(|deadline| *deadline <= until) {
            assert!(deadline > self.now, "a room must not ask for the past");
            self.now = deadline;
            self.room.handle(self.now, Input::Tick);
            self.drain();
        }
        self.now = until;
        self.room.handle(self.now, Input::Tick);
        self.drain();
    }

    fn drain(&mut self) {
        for _ in 0..10_000 {
            match self.room.poll() {
                Output::Send(id, item) => {
                    self.sent.push((id, item));
                    if !self.stuck.contains(&id) {
                        self.room.handle(self.now, Input::Written(id));
                    }
                }
                Output::Close(id, close) => self.closed.push((id, close)),
                Output::Forget => self.forgotten = true,
                Output::Idle(deadline) => {
                    self.deadline = deadline;
                    return;
                }
            }
        }
        unreachable!("the room never stops");
    }

    /// Takes what was sent to one socket, text by text: `jpeg N` stands for a picture, and records are
    /// told by [`told`] and [`shown`].
    fn heard(&mut self, id: ConnectionId) -> Vec<String> {
        let (to_it, rest) = core::mem::take(&mut self.sent)
            .into_iter()
            .partition(|(to, _)| *to == id);
        self.sent = rest;
        let to_it: Vec<(ConnectionId, Item)> = to_it;
        to_it
            .into_iter()
            .flat_map(|(_, item)| match item {
                Item::Text(text) => [Some(text), None],
                Item::Binary(bytes) => [Some(describe(&bytes)), None],
                Item::Frame(Frame { meta: None, jpeg }) if jpeg.len() >= 32 => {
                    [Some(describe(&jpeg)), None]
                }
                Item::Frame(Frame { meta, jpeg }) => [
                    meta,
                    Some(alloc::format!("jpeg {}", jpeg.first().expect("one"))),
                ],
            })
            .flatten()
            .collect()
    }

    fn closes(&mut self) -> Vec<(ConnectionId, Close)> {
        core::mem::take(&mut self.closed)
    }

    fn status(&self) -> SessionStatus {
        self.room.status()
    }
}

fn meta(number: u8) -> String {
    alloc::format!(r#"{{"type":"frame","jpegSize":1,"deviceWidth":{number}}}"#)
}

fn notice(kind: &str) -> String {
    alloc::format!(r#"{{"type":"{kind}"}}"#)
}

const KEY: &str = r#"{"type":"pubkey","key":"first"}"#;
const NEWER_KEY: &str = r#"{"type":"pubkey","key":"second"}"#;

fn connected(chan: u16) -> String {
    let chan = chan.try_into().expect("not zero");
    RelayToAgent::ViewerConnected { chan }.to_text()
}

fn disconnected(chan: u16) -> String {
    let chan = chan.try_into().expect("not zero");
    RelayToAgent::ViewerDisconnected { chan }.to_text()
}

/// A record with a number in its counter and nothing but zeros behind its header.
fn record(kind: Kind, chan: u16, number: u64) -> Bytes {
    sized_record(kind, chan, number, 48)
}

fn sized_record(kind: Kind, chan: u16, number: u64, length: usize) -> Bytes {
    let header = Header {
        kind,
        chan,
        epoch: 1,
        counter: number,
    };
    let mut bytes = header.to_bytes().to_vec();
    bytes.resize(length, 0);
    bytes.into()
}

/// How [`Scene::heard`] tells of a control record.
fn told(chan: u16, number: u64) -> String {
    alloc::format!("control {number} on {chan}")
}

/// How [`Scene::heard`] tells of a frame's record.
fn shown(chan: u16, number: u64) -> String {
    alloc::format!("frame {number} on {chan}")
}

fn describe(bytes: &Bytes) -> String {
    let chan = u16::from_be_bytes(bytes[2..4].try_into().expect("two bytes"));
    let number = u64::from_be_bytes(bytes[8..16].try_into().expect("eight bytes"));
    if bytes[1] == 0x10 {
        shown(chan, number)
    } else {
        told(chan, number)
    }
}
