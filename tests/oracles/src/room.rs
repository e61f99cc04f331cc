//! A session's room at the relay, version 1: whatever sockets do, queues stay bounded, control keeps its
//! order, frames only get newer, a seat lost is a socket closed once, and the end is final.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use arbitrary::{Arbitrary, Unstructured};
use authloop_core::{
    relay::{
        Admission, Applicant, ConnectionId, Ending, Frame, Input, Item, Output, Role, Room,
        RoomConfig, TokenHash,
    },
    time::{Timestamp, WallTime},
};
use bytes::Bytes;

use crate::script;

#[derive(Arbitrary, Debug)]
enum Step {
    Join { agent: bool, token: u8 },
    Leave(u8),
    Say { who: u8, padding: u16 },
    Raw { who: u8, text: String },
    RawBinary { who: u8, length: u16 },
    Show(u8),
    Stick(u8),
    Flow(u8),
    End { resolve: bool },
    Drain,
    Pass(u16),
    PassLong(u16),
}

struct World {
    room: Room,
    now: u64,
    deadline: Option<Timestamp>,
    joined: Vec<(ConnectionId, Role)>,
    closed: BTreeSet<ConnectionId>,
    left: BTreeSet<ConnectionId>,
    stuck: BTreeSet<ConnectionId>,
    /// Sockets that were given something they haven't written yet.
    writing: BTreeSet<ConnectionId>,
    said: u32,
    shown: u32,
    heard: BTreeMap<ConnectionId, [u32; 2]>,
    ended: bool,
    forgotten: bool,
}

/// Tells the story.
pub fn check(data: &[u8]) {
    let now = Timestamp::from_millis(1_000);
    let wall = WallTime::from_rfc3339("2026-11-22T10:00:00Z").expect("a time");
    let config = RoomConfig {
        session_id: "sess_1".into(),
        service: "Story".into(),
        context: None,
        ttl: Duration::from_secs(600),
        stream_token: TokenHash::of("stream"),
        admission: Admission::V1 {
            viewer_token: TokenHash::of("viewer"),
        },
    };
    let mut world = World {
        room: Room::new(config, now, wall),
        now: now.as_millis(),
        deadline: None,
        joined: Vec::new(),
        closed: BTreeSet::new(),
        left: BTreeSet::new(),
        stuck: BTreeSet::new(),
        writing: BTreeSet::new(),
        said: 0,
        shown: 0,
        heard: BTreeMap::new(),
        ended: false,
        forgotten: false,
    };
    world.drain();
    for step in script::steps::<Step>(&mut Unstructured::new(data), 300) {
        world.take(step);
        world.drain();
        let terminal = world.room.status().is_terminal();
        assert!(terminal || !world.ended, "the end is final");
        world.ended = terminal;
    }
    // Nothing outlives its time, the farewell and the record kept.
    world.pass(600_000 + 10_000 + 3_700_000);
    assert!(world.ended && world.forgotten);
    let quiet = world.deadline.is_none();
    assert!(quiet, "a forgotten room sets no timer");
    for (id, _) in &world.joined {
        let gone = world.closed.contains(id) || world.left.contains(id);
        assert!(gone, "a socket outlives its session");
    }
}

impl World {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.now)
    }

    fn take(&mut self, step: Step) {
        match step {
            Step::Join { agent, token } => {
                let role = if agent { Role::Agent } else { Role::Viewer };
                let token = script::pick(&["stream", "viewer", "", "wrong"], token).copied();
                let token = token.unwrap_or_default();
                let id = ConnectionId(u64::try_from(self.joined.len()).expect("few"));
                let applicant = match role {
                    Role::Agent => Applicant::Agent { token },
                    Role::Viewer => Applicant::Viewer { token },
                };
                let right = token == "stream" || (token == "viewer" && !agent);
                let admitted = self.room.admit(self.now(), id, applicant);
                assert!(
                    right || admitted.is_err(),
                    "somebody was admitted without the token"
                );
                if admitted.is_ok() {
                    assert!(!self.ended, "nobody joins after the end");
                    self.joined.push((id, role));
                }
            }
            Step::Leave(who) => {
                if let Some(id) = self.socket(who) {
                    self.left.insert(id);
                    self.room.handle(self.now(), Input::Left(id));
                }
            }
            Step::Say { who, padding } => {
                if let Some(id) = self.socket(who).filter(|id| self.room.wants(*id)) {
                    self.said += 1;
                    let text = format!("{}|{}", self.said, "x".repeat(usize::from(padding)));
                    self.room.handle(self.now(), Input::Text(id, &text));
                }
            }
            Step::Raw { who, text } => {
                // Those that `Say` numbers have to stay its own.
                if let Some(id) = self.socket(who).filter(|_| !text.contains('|')) {
                    self.room.handle(self.now(), Input::Text(id, &text));
                }
            }
            Step::RawBinary { who, length } => {
                if let Some(id) = self.socket(who).filter(|id| self.role(*id) == Role::Viewer) {
                    let bytes = Bytes::from(vec![0; usize::from(length)]);
                    self.room.handle(self.now(), Input::Binary(id, bytes));
                }
            }
            Step::Show(who) => {
                if let Some(id) = self.socket(who).filter(|id| self.role(*id) == Role::Agent) {
                    self.shown += 1;
                    let meta = format!(r#"{{"type":"frame","number":{}}}"#, self.shown);
                    let jpeg = Bytes::copy_from_slice(&self.shown.to_be_bytes());
                    self.room.handle(self.now(), Input::Text(id, &meta));
                    self.room.handle(self.now(), Input::Binary(id, jpeg));
                }
            }
            Step::Stick(who) => {
                self.stuck.extend(self.socket(who));
            }
            Step::Flow(who) => {
                if let Some(id) = self.socket(who) {
                    self.stuck.remove(&id);
                    if self.writing.remove(&id) {
                        self.room.handle(self.now(), Input::Written(id));
                    }
                }
            }
            Step::End { resolve } => {
                let ending = if resolve {
                    Ending::Resolve
                } else {
                    Ending::Cancel
                };
                let refused = self.room.end(self.now(), ending).is_err();
                assert_eq!(refused, self.ended);
            }
            Step::Drain => self.room.handle(self.now(), Input::Drain),
            Step::Pass(millis) => self.pass(u64::from(millis)),
            Step::PassLong(seconds) => self.pass(u64::from(seconds) * 1_000),
        }
    }

    /// One that joined, even if it lost its seat since: what it says then has to be ignored.
    fn socket(&self, who: u8) -> Option<ConnectionId> {
        let id = script::pick(&self.joined, who)?.0;
        (!self.left.contains(&id)).then_some(id)
    }

    fn role(&self, id: ConnectionId) -> Role {
        let joined = self.joined.iter().find(|(joined, _)| *joined == id);
        joined.map_or(Role::Viewer, |(_, role)| *role)
    }

    fn pass(&mut self, millis: u64) {
        let until = Timestamp::from_millis(self.now + millis);
        while let Some(deadline) = self.deadline.filter(|deadline| *deadline <= until) {
            assert!(
                deadline > self.now(),
                "a deadline that has come was not acted on"
            );
            self.now = deadline.as_millis();
            self.room.handle(deadline, Input::Tick);
            self.drain();
            self.ended |= self.room.status().is_terminal();
        }
        self.now = until.as_millis();
        self.room.handle(until, Input::Tick);
        self.drain();
        self.ended |= self.room.status().is_terminal();
    }

    fn drain(&mut self) {
        for _ in 0..2_000 {
            match self.room.poll() {
                Output::Send(id, item) => {
                    assert!(!self.closed.contains(&id) && !self.left.contains(&id));
                    assert!(self.writing.insert(id), "one write at a time");
                    self.hear(id, item);
                    if !self.stuck.contains(&id) {
                        self.writing.remove(&id);
                        self.room.handle(self.now(), Input::Written(id));
                    }
                }
                Output::Close(id, _) => {
                    assert!(!self.left.contains(&id), "who left isn't closed");
                    assert!(self.closed.insert(id), "closed twice");
                }
                Output::Forget => self.forgotten = true,
                Output::Idle(deadline) => {
                    self.deadline = deadline;
                    return;
                }
            }
        }
        unreachable!("what waits is bounded");
    }

    fn hear(&mut self, id: ConnectionId, item: Item) {
        let [said, shown] = self.heard.entry(id).or_default();
        match item {
            Item::Text(text) => {
                if let Some((number, _)) = text.split_once('|') {
                    let number = number.parse().expect("a number");
                    assert!(number > *said, "control keeps its order");
                    *said = number;
                }
            }
            Item::Binary(_) => {}
            Item::Frame(Frame { meta, jpeg }) => {
                let number = u32::from_be_bytes(jpeg.as_ref().try_into().expect("four bytes"));
                assert!(number > *shown, "frames only get newer");
                *shown = number;
                let meta = meta.expect("it was announced");
                assert_eq!(meta, format!(r#"{{"type":"frame","number":{number}}}"#));
            }
        }
    }
}
