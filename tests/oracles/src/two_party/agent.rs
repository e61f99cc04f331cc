//! The agent at its sockets: what it says is done at once, and held against the truth.

use std::collections::VecDeque;

use authloop_core::{
    agent::{
        event::Event,
        io::{Input, Message, Output, Peer},
    },
    wire::v2::AgentToRelay,
};

use super::{relay::remember, world::World};
use crate::chromium::Command;

impl World {
    pub(super) fn browser_says(&mut self, event: &str) {
        if self.browser_is_open {
            self.handle(Input::Text(Peer::Browser, event));
        }
    }

    pub(super) fn handle(&mut self, input: Input<'_>) {
        self.agent.handle(self.at(), input);
        self.drain();
    }

    pub(super) fn drain(&mut self) {
        let mut commands = VecDeque::new();
        let mut wrote = false;
        for _ in 0..20_000 {
            match self.agent.poll() {
                Output::Connect(Peer::Browser, _) => {
                    self.browser_is_open = true;
                    self.agent.handle(self.at(), Input::Opened(Peer::Browser));
                }
                Output::Connect(Peer::Relay, _) => self.relay_is_wanted = true,
                Output::Send(Peer::Browser, message) => commands.push_back(text_of(message)),
                Output::Send(Peer::Relay, message) => {
                    wrote = true;
                    self.agent_says(message);
                }
                Output::Close(Peer::Browser) => self.browser_is_open = false,
                Output::Close(Peer::Relay) => {
                    self.relay_is_open = false;
                    self.relay_is_wanted = false;
                }
                Output::Http(id, request) => {
                    let body = request.body.unwrap_or_default();
                    self.truth.crossed(body.as_bytes(), self.secret());
                    self.requests.push_back((id, request.method));
                }
                // Nobody here picks files.
                Output::File(_) => {}
                Output::Event(event) => self.hear(event),
                Output::Idle(deadline) => {
                    self.deadline = deadline;
                    if let Some(command) = commands.pop_front() {
                        self.command(&command);
                    } else if core::mem::take(&mut wrote) && self.relay_is_open {
                        self.agent.handle(self.at(), Input::Drained(Peer::Relay));
                    } else {
                        return;
                    }
                }
            }
        }
        unreachable!("the agent never stops talking");
    }

    fn command(&mut self, command: &str) {
        let command = Command::parse(command);
        self.truth.told(&command.method, &command.params());
        let answer = self.browser.answer(&command);
        if self.browser_is_open {
            self.agent
                .handle(self.at(), Input::Text(Peer::Browser, &answer));
        }
    }

    fn agent_says(&mut self, message: Message) {
        assert!(self.relay_is_open, "said to nobody");
        match message {
            Message::Text(text) => {
                let word = AgentToRelay::parse(&text);
                let Some(AgentToRelay::CloseViewer { chan, code }) = word else {
                    unreachable!("version 2's agent says nothing else in text");
                };
                for who in [0, 1] {
                    let screen = self.screens[who].as_ref();
                    if screen.is_some_and(|screen| screen.chan == Some(chan.get())) {
                        self.close_viewer(who, code.get());
                    }
                }
            }
            Message::Binary(record) => {
                self.truth.crossed(&record, self.secret());
                remember(&mut self.crossed, &record);
                let chan = record
                    .get(2..4)
                    .map(|chan| u16::from_be_bytes([chan[0], chan[1]]));
                for screen in self.screens.iter_mut().flatten() {
                    if screen.chan == chan {
                        screen.inbox.push_back(record.to_vec());
                    }
                }
            }
        }
    }

    fn hear(&mut self, event: Event) {
        assert!(self.outcome.is_none(), "something follows the end");
        if let Event::Created(info) = event {
            self.link = info.session_url;
        } else if let Event::Ended(outcome) = event {
            self.outcome = Some(outcome);
        }
    }

    /// The link's digits; text that is nowhere before there is a link.
    fn secret(&self) -> &str {
        self.link
            .split_once("#2.")
            .map_or("no link yet", |(_, digits)| digits)
    }
}

fn text_of(message: Message) -> String {
    match message {
        Message::Text(text) => text,
        Message::Binary(_) => unreachable!("CDP is text"),
    }
}
