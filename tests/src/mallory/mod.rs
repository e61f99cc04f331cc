//! A relay that has turned against its users: ours, with somebody at its sockets.
//!
//! To the agent and to the human's browser it is the relay: its address stands in the link. Behind it
//! runs a real one. What a side says goes in as it is; what a side is told passes a [`Trick`] first,
//! message by message, so that everything a hostile relay can do on the wire can be done here: drop,
//! delay, repeat, reorder, shorten, change, invent, mix sessions up, cut the line.

mod sockets;
pub(crate) mod tricks;

use std::{
    collections::BTreeMap,
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use authloop_core::secret::ApiKey;
use authloop_relay::{ApiKeys, RelayConfig, RunningRelay, generate_api_key};
use tokio::{net::TcpListener, sync::mpsc, task::JoinHandle};
use tokio_tungstenite::tungstenite::{
    Message,
    protocol::{CloseFrame, frame::coding::CloseCode},
};

pub use self::tricks::{Trick, kind_of};

/// Who is told something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ear {
    /// The agent.
    Agent,
    /// The human's page: each of them, where there are several.
    Viewer,
}

/// One side of one session.
pub(crate) type Side = (String, Ear);

/// A running relay and whoever sits in it; dropped, its connections break.
pub struct Mallory {
    address: SocketAddr,
    key: ApiKey,
    relay: tokio::sync::Mutex<Option<RunningRelay>>,
    shared: Arc<Shared>,
    listening: JoinHandle<()>,
}

struct Shared {
    known: Mutex<Known>,
}

struct Known {
    /// Where the relay behind listens.
    upstream: SocketAddr,
    tricks: BTreeMap<Side, Trick>,
    /// The sockets there were, and what can be said on those that are still there.
    sockets: Vec<(Side, mpsc::UnboundedSender<Saying>)>,
    /// What waits for each side that is kept waiting, after any trick.
    held: BTreeMap<Side, Vec<Message>>,
    /// What came for each side, before any trick.
    heard: Vec<(Side, Message)>,
    /// Sides that can't connect.
    kept_out: Vec<Side>,
    /// Whether viewers aren't told which version of the protocol they are answered in.
    forgets_the_protocol: bool,
    /// What is answered to requests whose first line holds this.
    lies: Vec<(String, String)>,
}

/// What is said on a socket besides what passes.
enum Saying {
    This(Message),
    /// The line goes dead, without a word.
    Cut,
}

impl Mallory {
    /// Starts on a free port, with a relay behind.
    pub async fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .await
            .expect("a free port");
        let address = listener.local_addr().expect("bound");
        let key = generate_api_key().expect("randomness");
        let relay = relay_behind(address, &key).await;
        let shared = Arc::new(Shared {
            known: Mutex::new(Known {
                upstream: relay.local_addr(),
                tricks: BTreeMap::new(),
                held: BTreeMap::new(),
                sockets: Vec::new(),
                heard: Vec::new(),
                kept_out: Vec::new(),
                forgets_the_protocol: false,
                lies: Vec::new(),
            }),
        });
        Self {
            address,
            key,
            relay: tokio::sync::Mutex::new(Some(relay)),
            listening: tokio::spawn(sockets::listen(listener, Arc::clone(&shared))),
            shared,
        }
    }

    /// Returns the relay's base URL, for agents and humans alike.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Returns an API key.
    pub fn key(&self) -> &ApiKey {
        &self.key
    }

    /// Plays a trick on all that a side is told from now on, instead of the one before.
    pub fn plays(&self, session: &str, ear: Ear, trick: Trick) {
        let mut known = self.shared.known();
        known.tricks.insert((session.to_owned(), ear), trick);
    }

    /// Keeps all that a side is told from now on to herself, for the time being.
    pub fn holds(&self, session: &str, ear: Ear) {
        let side = (session.to_owned(), ear);
        self.shared.known().held.entry(side).or_default();
    }

    /// Passes on what she has kept to herself, in order, and what comes.
    pub fn lets_go(&self, session: &str, ear: Ear) {
        let mut known = self.shared.known();
        let held = known.held.remove(&(session.to_owned(), ear));
        for message in held.unwrap_or_default() {
            known.say(session, ear, || Saying::This(message.clone()));
        }
    }

    /// Throws away what she has kept to herself; what comes is passed on.
    pub fn forgets(&self, session: &str, ear: Ear) {
        let mut known = self.shared.known();
        known.held.remove(&(session.to_owned(), ear));
    }

    /// Passes on what comes, from now on.
    pub fn is_honest(&self) {
        let mut known = self.shared.known();
        known.tricks.clear();
        known.kept_out.clear();
        known.forgets_the_protocol = false;
        known.lies.clear();
    }

    /// Says something to a side. What nobody is there to hear is lost.
    pub fn says(&self, session: &str, ear: Ear, message: Message) {
        self.shared
            .say(session, ear, || Saying::This(message.clone()));
    }

    /// Closes a side's sockets with a code, as a relay does.
    pub fn closes(&self, session: &str, ear: Ear, code: u16) {
        let frame = CloseFrame {
            code: CloseCode::from(code),
            reason: "".into(),
        };
        self.says(session, ear, Message::Close(Some(frame)));
    }

    /// Breaks a side's connections without a word.
    pub fn cuts(&self, session: &str, ear: Ear) {
        self.shared.say(session, ear, || Saying::Cut);
    }

    /// Breaks a side's connections, and lets none be made again.
    pub fn keeps_out(&self, session: &str, ear: Ear) {
        let side = (session.to_owned(), ear);
        self.shared.known().kept_out.push(side);
        self.cuts(session, ear);
    }

    /// Answers requests whose first line holds `part` with this JSON.
    pub fn lies(&self, part: &str, json: &str) {
        let lie = (part.to_owned(), json.to_owned());
        self.shared.known().lies.push(lie);
    }

    /// Leaves out of its answers which version of the protocol is spoken, from now on.
    pub fn forgets_the_protocol(&self) {
        self.shared.known().forgets_the_protocol = true;
    }

    /// Returns what has come for a side, before any trick, oldest first.
    pub fn heard(&self, session: &str, ear: Ear) -> Vec<Message> {
        let known = self.shared.known();
        let for_side = |((of, at), _): &&(Side, Message)| of == session && *at == ear;
        let heard = known.heard.iter().filter(for_side);
        heard.map(|(_, message)| message.clone()).collect()
    }

    /// Returns how many connections a side has made.
    pub fn connections(&self, session: &str, ear: Ear) -> usize {
        let known = self.shared.known();
        let of_side = |((of, at), _): &&(Side, _)| of == session && *at == ear;
        known.sockets.iter().filter(of_side).count()
    }

    /// Lets the relay behind restart, as a new version of it does: it keeps no sessions.
    pub async fn restarts_the_relay(&self) {
        let mut relay = self.relay.lock().await;
        if let Some(relay) = relay.take() {
            relay.shutdown(Duration::from_secs(1)).await;
        }
        let next = relay_behind(self.address, &self.key).await;
        self.shared.known().upstream = next.local_addr();
        *relay = Some(next);
    }
}

impl Drop for Mallory {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

impl Shared {
    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().expect("no test panics here")
    }

    fn say(&self, session: &str, ear: Ear, what: impl Fn() -> Saying) {
        self.known().say(session, ear, what);
    }
}

impl Known {
    fn say(&self, session: &str, ear: Ear, what: impl Fn() -> Saying) {
        for ((of, at), socket) in &self.sockets {
            if of == session && *at == ear {
                // It may be closed.
                let _said = socket.send(what());
            }
        }
    }
}

async fn relay_behind(address: SocketAddr, key: &ApiKey) -> RunningRelay {
    let listen = SocketAddr::from(([127, 0, 0, 1], 0));
    let mut config = RelayConfig::new(listen, ApiKeys::new([key]));
    config.public_url = Some(format!("http://{address}"));
    authloop_relay::start(config).await.expect("a free port")
}
