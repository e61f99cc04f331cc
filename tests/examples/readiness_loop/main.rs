//! A hand-off in a readiness loop: one thread that never waits for anybody in particular, and no
//! async runtime.
//!
//! ```text
//! AUTHLOOP_API_KEY=… readiness_loop http://127.0.0.1:9222 http://127.0.0.1:8420 GitHub
//! ```
//!
//! This is how an agent lives in an event loop that is there already: a game's, a GUI's, a proxy's.
//! All sockets are non-blocking, and the only place where the thread sleeps is [`Poll::poll`]: until
//! one of them is ready, or the agent wants to be ticked.
//!
//! | file | what it is |
//! | --- | --- |
//! | `main.rs` | the loop: what the agent wants done, what came of it, when to sleep |
//! | `wire.rs` | a TCP connection and what the operating system says of it |
//! | `socket.rs` | a WebSocket on a wire |
//! | `exchange.rs` | an HTTP exchange on a wire |
//!
//! What `authloop-driver` has besides: TLS, every address of a name instead of the first, names that
//! are resolved without waiting, and pings for a relay that fell silent.
#![forbid(unsafe_code)]
#![expect(clippy::print_stdout, reason = "a program with a terminal")]

#[path = "../shared/address.rs"]
mod address;
mod exchange;
mod socket;
#[path = "../shared/terminal.rs"]
mod terminal;
mod wire;

use std::{
    io::{self, ErrorKind},
    mem,
    process::ExitCode,
    rc::Rc,
    time::{Duration, Instant},
};

use authloop_core::{
    agent::{
        Agent,
        config::Config,
        event::{Event, Outcome},
        file::FileFailure,
        io::{Closed, Input, Output, Peer},
    },
    secret::Seed,
    time::Timestamp,
};
use mio::{Events, Poll, Registry, Token};

use crate::{
    exchange::Exchange,
    socket::{News, Parting, Socket},
    wire::Wire,
};

/// How long a peer may take to say goodbye.
const PART_WITHIN: Duration = Duration::from_secs(5);

fn main() -> io::Result<ExitCode> {
    let Some(config) = terminal::configuration() else {
        return Ok(ExitCode::from(2));
    };
    let outcome = Loop::new(config)?.run()?;
    Ok(terminal::end(&outcome))
}

/// One hand-off, and everything it has open.
struct Loop {
    agent: Agent,
    start: Instant,
    poll: Poll,
    registry: Rc<Registry>,
    /// How many wires there were: each has a number of its own.
    wires: usize,
    browser: Option<Socket>,
    relay: Option<Socket>,
    partings: Vec<Parting>,
    exchanges: Vec<Exchange>,
    outcome: Option<Outcome>,
}

impl Loop {
    fn new(config: Config) -> io::Result<Self> {
        let mut seed = [0; 32];
        getrandom::fill(&mut seed).expect("the operating system has random numbers");
        let poll = Poll::new()?;
        Ok(Self {
            agent: Agent::new(config, Seed::new(seed), Timestamp::default()),
            start: Instant::now(),
            registry: Rc::new(poll.registry().try_clone()?),
            poll,
            wires: 0,
            browser: None,
            relay: None,
            partings: Vec::new(),
            exchanges: Vec::new(),
            outcome: None,
        })
    }

    fn run(mut self) -> io::Result<Outcome> {
        let mut events = Events::with_capacity(64);
        loop {
            let deadline = self.drain();
            let moved = self.serve();
            if let Some(outcome) = self.outcome.take_if(|_| self.partings.is_empty()) {
                return Ok(outcome);
            }
            // While anything moves there may be more; but the others' news must not wait for that.
            let wait = if moved {
                Some(Duration::ZERO)
            } else {
                self.wait(deadline)
            };
            match self.poll.poll(&mut events, wait) {
                Err(error) if error.kind() != ErrorKind::Interrupted => return Err(error),
                Ok(()) | Err(_) => {}
            }
            for event in &events {
                for wire in self.wires_in_use() {
                    wire.note(event)?;
                }
            }
            if deadline.is_some_and(|deadline| deadline <= self.now()) {
                self.tell(Input::Tick);
            }
        }
    }

    /// Does what the agent wants done, until there is nothing more for now; returns when it wants to
    /// be ticked.
    fn drain(&mut self) -> Option<Timestamp> {
        loop {
            let now = self.now();
            match self.agent.poll() {
                Output::Connect(peer, connect) => {
                    let token = self.next_token();
                    match Socket::open(&self.registry, token, now, peer, &connect) {
                        Ok(socket) => *self.socket(peer) = Some(socket),
                        Err(failure) => self.tell(Input::Closed(peer, Closed::Failed(failure))),
                    }
                }
                Output::Send(peer, message) => {
                    // What is sent to a socket that was lost is lost with it; the agent knows.
                    let sent = self.socket(peer).as_mut().map(|to| to.send(message));
                    if let Some(Err(closed)) = sent {
                        *self.socket(peer) = None;
                        self.tell(Input::Closed(peer, closed));
                    }
                }
                Output::Close(peer) => self.part(peer),
                Output::Http(id, request) => {
                    let token = self.next_token();
                    match Exchange::begin(&self.registry, token, now, id, request) {
                        Ok(exchange) => self.exchanges.push(exchange),
                        Err(failure) => self.tell(Input::Http(id, Err(failure))),
                    }
                }
                // This loop keeps no files, so the human is told that theirs can't be taken.
                Output::File(op) => {
                    if let Some(id) = op.awaited() {
                        self.tell(Input::File(id, Err(FileFailure::Broken)));
                    }
                }
                Output::Event(Event::Ended(outcome)) => {
                    self.outcome = Some(outcome);
                    self.part(Peer::Browser);
                    self.part(Peer::Relay);
                }
                Output::Event(event) => terminal::show(&event),
                Output::Idle(deadline) => return deadline,
            }
        }
    }

    /// Lets everybody have one turn; returns whether that brought anything. Nobody gets a second
    /// turn before the others had theirs, so a flood from one side delays neither the other nor time.
    fn serve(&mut self) -> bool {
        let mut moved = false;
        for peer in [Peer::Browser, Peer::Relay] {
            moved |= self.serve_socket(peer);
        }
        moved |= self.serve_exchanges();
        let now = self.now();
        self.partings.retain_mut(|parting| {
            let turn = parting.turn(now);
            moved |= turn.unwrap_or(true);
            turn.is_some()
        });
        moved
    }

    fn serve_socket(&mut self, peer: Peer) -> bool {
        let (now, wanted) = (self.now(), self.agent.wants(peer));
        let Some(socket) = self.socket(peer).take() else {
            return false;
        };
        let news = match socket.turn(now, wanted) {
            Ok((socket, news)) => {
                *self.socket(peer) = Some(socket);
                news
            }
            Err(closed) => {
                self.tell(Input::Closed(peer, closed));
                return true;
            }
        };
        match &news {
            Some(News::Opened) => self.tell(Input::Opened(peer)),
            Some(News::Drained) => self.tell(Input::Drained(peer)),
            Some(News::Text(text)) => self.tell(Input::Text(peer, text)),
            Some(News::Binary(bytes)) => self.tell(Input::Binary(peer, bytes)),
            Some(News::Control) | None => {}
        }
        news.is_some()
    }

    fn serve_exchanges(&mut self) -> bool {
        let mut exchanges = mem::take(&mut self.exchanges);
        let before = exchanges.len();
        exchanges.retain_mut(|exchange| {
            match exchange.turn(self.now()) {
                Ok(None) => return true,
                Ok(Some(answer)) => self.tell(Input::Http(exchange.id, Ok(answer.as_response()))),
                Err(failure) => self.tell(Input::Http(exchange.id, Err(failure))),
            }
            false
        });
        self.exchanges = exchanges;
        self.exchanges.len() != before
    }

    fn part(&mut self, peer: Peer) {
        let until = self.now() + PART_WITHIN;
        let socket = self.socket(peer).take();
        self.partings
            .extend(socket.and_then(|socket| socket.part(until)));
    }

    fn tell(&mut self, input: Input<'_>) {
        self.agent.handle(self.now(), input);
    }

    /// Returns how long to sleep if nobody has news: until the agent or somebody's patience is due.
    fn wait(&self, deadline: Option<Timestamp>) -> Option<Duration> {
        let sockets = [&self.browser, &self.relay].into_iter().flatten();
        let due = sockets
            .filter_map(Socket::deadline)
            .chain(self.partings.iter().map(|parting| parting.until))
            .chain(self.exchanges.iter().map(|exchange| exchange.until))
            .chain(deadline)
            .min()?;
        // The agent's time is rounded down to milliseconds: a sleep by it would end too late, not early.
        Some(due.since(self.now()))
    }

    /// Returns the agent's time: milliseconds since the start.
    fn now(&self) -> Timestamp {
        Timestamp::default() + self.start.elapsed()
    }

    fn next_token(&mut self) -> Token {
        self.wires += 1;
        Token(self.wires)
    }

    fn wires_in_use(&mut self) -> impl Iterator<Item = &mut Wire> {
        let sockets = [&mut self.browser, &mut self.relay].into_iter().flatten();
        sockets
            .map(Socket::wire)
            .chain(self.partings.iter_mut().map(Parting::wire))
            .chain(self.exchanges.iter_mut().map(Exchange::wire))
    }

    fn socket(&mut self, peer: Peer) -> &mut Option<Socket> {
        match peer {
            Peer::Browser => &mut self.browser,
            Peer::Relay => &mut self.relay,
        }
    }
}
