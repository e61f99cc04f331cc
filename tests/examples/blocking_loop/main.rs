//! A hand-off without any async: one thread, `std::net`, and the agent machine itself.
//!
//! ```text
//! AUTHLOOP_API_KEY=… blocking_loop http://127.0.0.1:9222 http://127.0.0.1:8420 GitHub
//! ```
//!
//! It shows all that a machine asks of whoever drives it: do what [`Agent::poll`] says until it is
//! idle, tell [`Agent::handle`] what came of it, and the time. The price of one blocking thread: a
//! peer that is slow to take or to answer holds up the other. What `authloop-driver` has besides:
//! TLS, every address of a name instead of the first, and pings for a relay that fell silent.
#![forbid(unsafe_code)]
#![expect(clippy::print_stdout, reason = "a program with a terminal")]

#[path = "../shared/address.rs"]
mod address;
mod exchange;
mod socket;
#[path = "../shared/terminal.rs"]
mod terminal;

use std::{
    process::ExitCode,
    thread,
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

use crate::socket::{Incoming, Socket};

/// How long the loop listens to one peer before it turns to the other.
const PATIENCE: Duration = Duration::from_millis(5);

fn main() -> ExitCode {
    let Some(config) = terminal::configuration() else {
        return ExitCode::from(2);
    };
    terminal::end(&Loop::new(config).run())
}

/// One hand-off and its two sockets.
struct Loop {
    agent: Agent,
    start: Instant,
    browser: Option<Socket>,
    relay: Option<Socket>,
}

/// Where a turn has left the agent.
enum Rest {
    /// It wants to be ticked then.
    Until(Option<Timestamp>),
    /// It has ended.
    Over(Outcome),
}

impl Loop {
    fn new(config: Config) -> Self {
        let mut seed = [0; 32];
        getrandom::fill(&mut seed).expect("the operating system has random numbers");
        Self {
            agent: Agent::new(config, Seed::new(seed), Timestamp::default()),
            start: Instant::now(),
            browser: None,
            relay: None,
        }
    }

    fn run(mut self) -> Outcome {
        loop {
            let deadline = match self.drain() {
                Rest::Until(deadline) => deadline,
                Rest::Over(outcome) => return outcome,
            };
            let heard = [Peer::Browser, Peer::Relay].map(|peer| self.listen(peer));
            if heard == [false, false] {
                thread::sleep(PATIENCE);
            }
            if deadline.is_some_and(|deadline| deadline <= self.now()) {
                self.tell(Input::Tick);
            }
        }
    }

    /// Does what the agent wants done, until there is nothing more for now.
    fn drain(&mut self) -> Rest {
        let mut outcome = None;
        loop {
            match self.agent.poll() {
                Output::Connect(peer, connect) => match Socket::open(peer, &connect, PATIENCE) {
                    Ok(socket) => {
                        *self.socket(peer) = Some(socket);
                        self.tell(Input::Opened(peer));
                    }
                    Err(failure) => self.tell(Input::Closed(peer, Closed::Failed(failure))),
                },
                Output::Send(peer, message) => {
                    // What is sent to a socket that was lost is lost with it; the agent knows.
                    let sent = self.socket(peer).as_mut().map(|to| to.send(message));
                    if let Some(Err(closed)) = sent {
                        self.lose(peer, closed);
                    }
                }
                Output::Close(peer) => {
                    if let Some(socket) = self.socket(peer).take() {
                        socket.close();
                    }
                }
                Output::Http(id, request) => match exchange::exchange(request) {
                    Ok(answer) => self.tell(Input::Http(id, Ok(answer.as_response()))),
                    Err(failure) => self.tell(Input::Http(id, Err(failure))),
                },
                // This loop keeps no files, so the human is told that theirs can't be taken.
                Output::File(op) => {
                    if let Some(id) = op.awaited() {
                        self.tell(Input::File(id, Err(FileFailure::Broken)));
                    }
                }
                Output::Event(Event::Ended(ended)) => outcome = Some(ended),
                Output::Event(event) => terminal::show(&event),
                Output::Idle(deadline) => {
                    if let Some(outcome) = outcome {
                        return Rest::Over(outcome);
                    }
                    if !self.tell_drained() {
                        return Rest::Until(deadline);
                    }
                }
            }
        }
    }

    /// Blocking writes are flushed when they return, so whoever was sent something has it now.
    fn tell_drained(&mut self) -> bool {
        let mut told = false;
        for peer in [Peer::Browser, Peer::Relay] {
            if self.socket(peer).as_mut().is_some_and(Socket::take_sent) {
                self.tell(Input::Drained(peer));
                told = true;
            }
        }
        told
    }

    /// Listens to a peer for a moment; returns whether the agent wants to hear it at all.
    fn listen(&mut self, peer: Peer) -> bool {
        if !self.agent.wants(peer) {
            return false;
        }
        let Some(socket) = self.socket(peer) else {
            return false;
        };
        match socket.read() {
            Ok(Incoming::Text(text)) => self.tell(Input::Text(peer, &text)),
            Ok(Incoming::Binary(bytes)) => self.tell(Input::Binary(peer, &bytes)),
            Ok(Incoming::Nothing) => {}
            Err(closed) => self.lose(peer, closed),
        }
        true
    }

    fn lose(&mut self, peer: Peer, closed: Closed) {
        *self.socket(peer) = None;
        self.tell(Input::Closed(peer, closed));
    }

    fn tell(&mut self, input: Input<'_>) {
        self.agent.handle(self.now(), input);
    }

    fn now(&self) -> Timestamp {
        Timestamp::default() + self.start.elapsed()
    }

    fn socket(&mut self, peer: Peer) -> &mut Option<Socket> {
        match peer {
            Peer::Browser => &mut self.browser,
            Peer::Relay => &mut self.relay,
        }
    }
}
