//! A session's room at the relay, versions 1 and 2: what each side is sent, in which order, by which code
//! it is closed and when, whoever comes, stalls, shouts or goes.
//!
//! The [`Room`] runs beside a reference that knows the one right answer to each step.

mod clock;
mod machine;
mod model;
mod sockets;
mod speech;
mod step;

use std::time::Duration;

use authloop_core::{
    crypto::v2::AdmissionHash,
    relay::{
        Admission, ConnectionId, MAX_CONTROL_BYTES, MAX_CONTROL_ENTRIES, MAX_VIEWERS, Role, Room,
        RoomConfig, TokenHash,
    },
    time::{Timestamp, WallTime},
};

use self::model::{MOST_CLOSES, Model, OWN_WORDS};
pub use self::step::{Crowd, FromAgent, FromViewer, Knock, Rare, Size, Start, Step, Times, Token};
use super::{
    Scenario,
    invariants::{memory_is_bounded, the_end_is_the_end},
    twin::{Company, Twin},
};
use crate::script;

const AGENT: &str = "stream";
const PLAIN_VIEWER: &str = "viewer";
const SEALED_VIEWER: &str = "A9vUU3joHXxTePkmqtgnVw";
const TTL: Duration = Duration::from_secs(600);

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
    /// How many more may come in crowds: one that the door turns back is enough for a story.
    newcomers: u8,
    /// Numbers everything that is said, so that it is told apart.
    numbers: u64,
    held: bool,
    /// Whether the room was told something since it was drained.
    undrained: bool,
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
        let company = if start.twin < 0x20 {
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
            newcomers: 72,
            numbers: 0,
            held: false,
            undrained: true,
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
                    self.undrained = true;
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
        self.undrained = true;
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
