//! The relay of a simulation: the real room, sockets around it, REST, and what malice does between.

use std::{collections::BTreeMap, net::IpAddr, time::Duration};

use authloop_core::{
    agent::io::{HttpRequest, Message, Method},
    api::CreateSession,
    relay::{
        Admission, Applicant, Close, ConnectionId, Ending, Input, Item, Output, Room, RoomConfig,
        TokenHash,
    },
    time::{Timestamp, WallTime},
};
use serde_json::json;

use super::malice::{Malice, Towards};

/// The session's id.
pub const SESSION: &str = "sess_simulated";

/// Where the relay is.
pub const BASE: &str = "https://relay.test";

const STREAM_TOKEN: &str = "stream-token";

/// The agent's socket; viewers have the numbers above.
const FIRST: u64 = 1;

/// Somebody at a socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Party {
    /// The agent.
    Agent,
    /// The person of this place.
    Person(usize),
    /// Somebody without a viewer of ours.
    Stranger,
}

/// What the relay wants done.
pub enum Doing {
    /// Send somebody a message.
    Send(Party, ConnectionId, Message),
    /// Close somebody's socket.
    Close(Party, Close),
}

/// A relay with one session.
pub struct Relay {
    /// The session, once it was created.
    pub room: Option<Room>,
    /// What it does to messages.
    pub malice: Malice,
    /// It answers with another session's address.
    pub foreign_url: bool,
    /// It refuses every connection.
    pub is_down: bool,
    sockets: BTreeMap<ConnectionId, Party>,
    next: u64,
    held: Vec<(u64, Towards, Party, Message)>,
    deadline: Option<u64>,
}

impl Default for Relay {
    fn default() -> Self {
        Self {
            room: None,
            malice: Malice::default(),
            foreign_url: false,
            is_down: false,
            sockets: BTreeMap::new(),
            next: FIRST,
            held: Vec::new(),
            deadline: None,
        }
    }
}

impl Relay {
    /// Answers a REST call: the status and the body.
    pub fn answer(&mut self, now: u64, request: &HttpRequest) -> (u16, String) {
        let at = Timestamp::from_millis(now);
        if self.room.is_none() {
            return self.create(now, request);
        }
        let Some(room) = &mut self.room else {
            return (404, "{}".into());
        };
        match request.method {
            Method::Post => _ = room.end(at, Ending::Resolve),
            Method::Delete => _ = room.end(at, Ending::Cancel),
            Method::Get => room.handle(at, Input::Tick),
        }
        let record = serde_json::to_string(&room.record()).expect("plain members");
        (200, record)
    }

    fn create(&mut self, now: u64, request: &HttpRequest) -> (u16, String) {
        let body = request.body.as_deref().expect("a session is described");
        let create: CreateSession = serde_json::from_str(body).expect("a description");
        let hash = create.admission().expect("a good hash");
        let wall = wall(now);
        let ttl = Duration::from_secs(create.ttl.unwrap_or(600));
        let config = RoomConfig {
            session_id: SESSION.into(),
            service: create.service,
            context: None,
            ttl,
            stream_token: TokenHash::of(STREAM_TOKEN),
            admission: Admission::V2 {
                admission_hash: hash.expect("a session of version 2"),
            },
        };
        self.room = Some(Room::new(config, Timestamp::from_millis(now), wall));
        let host = if self.foreign_url {
            "https://evil.test"
        } else {
            BASE
        };
        let body = json!({
            "session_id": SESSION,
            "session_url": format!("{host}/s/{SESSION}"),
            "stream_token": STREAM_TOKEN,
            "stream_url": format!("wss://relay.test/stream/{SESSION}"),
            "expires_at": (wall + ttl).to_rfc3339(),
        });
        (201, body.to_string())
    }

    /// Lets the agent in.
    pub fn admit_agent(&mut self, now: u64) -> Result<ConnectionId, Close> {
        let applicant = Applicant::Agent {
            token: STREAM_TOKEN,
        };
        self.admit(now, Party::Agent, applicant)
    }

    /// Lets a viewer in.
    pub fn admit_viewer(
        &mut self,
        now: u64,
        party: Party,
        token: &str,
    ) -> Result<ConnectionId, Close> {
        let last = match party {
            Party::Person(place) => u8::try_from(place + 1).expect("few people"),
            Party::Agent | Party::Stranger => 99,
        };
        let applicant = Applicant::SealedViewer {
            token,
            address: IpAddr::from([192, 0, 2, last]),
        };
        self.admit(now, party, applicant)
    }

    fn admit(
        &mut self,
        now: u64,
        party: Party,
        applicant: Applicant<'_>,
    ) -> Result<ConnectionId, Close> {
        let room = self.room.as_mut().ok_or(Close::Unknown)?;
        let id = ConnectionId(self.next);
        room.admit(Timestamp::from_millis(now), id, applicant)?;
        self.next += 1;
        self.sockets.insert(id, party);
        Ok(id)
    }

    /// Takes a message from a socket, and does its worst. Returns what goes back to the sender.
    pub fn take(&mut self, now: u64, from: ConnectionId, message: Message) -> Vec<Message> {
        let Some(party) = self.sockets.get(&from).copied() else {
            return Vec::new();
        };
        if party == Party::Agent {
            // On this way malice strikes behind the room, where it is clear whose a message is.
            self.give_room(now, from, message);
            return Vec::new();
        }
        let fate = self.malice.judge(Towards::Agent, message);
        for (millis, message) in fate.later {
            self.held
                .push((now + millis, Towards::Agent, party, message));
        }
        for message in fate.forward {
            self.give_room(now, from, message);
        }
        fate.back
    }

    /// Gives the room a message as if it came from somebody.
    pub fn give_room(&mut self, now: u64, from: ConnectionId, message: Message) {
        let at = Timestamp::from_millis(now);
        if let Some(room) = &mut self.room {
            match message {
                Message::Text(text) => room.handle(at, Input::Text(from, &text)),
                Message::Binary(bytes) => room.handle(at, Input::Binary(from, bytes)),
            }
        }
    }

    /// Notes that a message left for somebody.
    pub fn written(&mut self, now: u64, to: ConnectionId) {
        if let Some(room) = &mut self.room {
            room.handle(Timestamp::from_millis(now), Input::Written(to));
        }
    }

    /// Notes that somebody's socket is gone.
    pub fn left(&mut self, now: u64, id: ConnectionId) {
        self.sockets.remove(&id);
        if let Some(room) = &mut self.room {
            room.handle(Timestamp::from_millis(now), Input::Left(id));
        }
    }

    /// Returns somebody's open socket.
    pub fn socket(&self, party: Party) -> Option<ConnectionId> {
        let mut sockets = self.sockets.iter();
        sockets.find(|(_, held)| **held == party).map(|(id, _)| *id)
    }

    /// Lets time pass.
    pub fn tick(&mut self, now: u64) {
        if let Some(room) = &mut self.room {
            room.handle(Timestamp::from_millis(now), Input::Tick);
        }
    }

    /// Returns the next thing to do.
    pub fn poll(&mut self, now: u64) -> Option<Vec<Doing>> {
        if let Some(place) = self.held.iter().position(|(at, ..)| *at <= now) {
            let (_, towards, party, message) = self.held.remove(place);
            let id = self.socket(party)?;
            return Some(match towards {
                Towards::Agent => {
                    self.give_room(now, id, message);
                    Vec::new()
                }
                Towards::Viewers => vec![Doing::Send(party, id, message)],
            });
        }
        match self.room.as_mut()?.poll() {
            Output::Send(id, item) => Some(self.send(now, id, item)),
            Output::Close(id, close) => {
                let party = self.sockets.remove(&id)?;
                Some(vec![Doing::Close(party, close)])
            }
            Output::Forget => Some(Vec::new()),
            Output::Idle(deadline) => {
                self.deadline = deadline.map(Timestamp::as_millis);
                None
            }
        }
    }

    fn send(&mut self, now: u64, id: ConnectionId, item: Item) -> Vec<Doing> {
        let message = match item {
            Item::Text(text) => Message::Text(text),
            Item::Binary(bytes) => Message::Binary(bytes),
            Item::Frame(frame) => Message::Binary(frame.jpeg),
        };
        let Some(party) = self.sockets.get(&id).copied() else {
            return Vec::new();
        };
        if party == Party::Agent {
            return vec![Doing::Send(party, id, message)];
        }
        let fate = self.malice.judge(Towards::Viewers, message);
        for (millis, message) in fate.later {
            self.held
                .push((now + millis, Towards::Viewers, party, message));
        }
        if fate.forward.is_empty() {
            self.written(now, id);
        }
        for message in fate.back {
            if let Some(agent) = self.socket(Party::Agent) {
                return vec![Doing::Send(Party::Agent, agent, message)];
            }
        }
        let send = |message| Doing::Send(party, id, message);
        fate.forward.into_iter().map(send).collect()
    }

    /// Returns when something happens here next.
    pub fn next_at(&self) -> Option<u64> {
        let held = self.held.iter().map(|(at, ..)| *at);
        held.chain(self.deadline).min()
    }
}

fn wall(now: u64) -> WallTime {
    let start = WallTime::from_rfc3339("2026-11-22T10:00:00Z").expect("a time");
    start + Duration::from_millis(now)
}
