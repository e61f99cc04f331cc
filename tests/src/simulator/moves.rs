//! How a simulation moves: machines are drained, messages travel, and nothing goes on for ever.

use authloop_core::{
    agent::{
        event::Event,
        io::{Closed, HttpResponse, Input, Message, Output, Peer},
    },
    relay::ConnectionId,
    time::Timestamp,
    viewer::v2::{Input as ToViewer, PROTOCOL},
};

use super::{
    Simulation,
    relay::{Doing, Party},
};

/// How much may happen at one moment.
const MOST_AT_ONCE: usize = 20_000;

impl Simulation {
    pub(super) fn next_at(&self) -> Option<u64> {
        let own = [
            self.agent_deadline,
            self.agent_up.next_at(),
            self.agent_down.next_at(),
            self.relay.next_at(),
        ];
        let people = self
            .people
            .iter()
            .filter(|person| !person.asleep)
            .flat_map(|person| [person.deadline, person.up.next_at(), person.down.next_at()]);
        own.into_iter().chain(people).flatten().min()
    }

    /// Wakes whoever wanted to be woken by now.
    pub(super) fn tick(&mut self) {
        let due = |deadline: Option<u64>| deadline.is_some_and(|at| at <= self.now);
        if due(self.agent_deadline) {
            self.tell_agent(Input::Tick);
        }
        for place in 0..self.people.len() {
            let person = &self.people[place];
            if person.deadline.is_some_and(|at| at <= self.now) && !person.asleep {
                let now = Timestamp::from_millis(self.now);
                self.people[place].viewer.handle(now, ToViewer::Tick);
            }
        }
        self.relay.tick(self.now);
        self.settle();
    }

    /// Lets everything happen that happens now.
    pub(super) fn settle(&mut self) {
        for _ in 0..MOST_AT_ONCE {
            let moved = self.drain_agent()
                | self.drain_people()
                | self.drain_relay()
                | self.move_agents_messages()
                | self.move_peoples_messages();
            if !moved {
                let mut oracle = core::mem::take(&mut self.oracle);
                oracle.check(self);
                self.oracle = oracle;
                return;
            }
        }
        unreachable!("they never stop talking");
    }

    pub(super) fn tell_agent(&mut self, input: Input<'_>) {
        let now = Timestamp::from_millis(self.now);
        match &self.tape {
            None => self.agent.handle(now, input),
            Some(tape) => tape.take(&mut self.agent, now, input),
        }
    }

    fn drain_agent(&mut self) -> bool {
        let mut moved = false;
        loop {
            let output = self.agent.poll();
            if let Some(tape) = &self.tape {
                tape.note(&self.agent, &output);
            }
            match output {
                Output::Connect(Peer::Browser, _) => self.tell_agent(Input::Opened(Peer::Browser)),
                Output::Connect(Peer::Relay, _) => self.connect_agent(),
                Output::Send(Peer::Browser, message) => {
                    if let Message::Text(text) = message {
                        self.browser.told(self.now, &text);
                    }
                    self.agent_owes[0] = true;
                }
                Output::Send(Peer::Relay, message) => {
                    self.oracle.nothing_lies_open(&message);
                    self.agent_up.push(self.now, message);
                    self.agent_owes[1] = true;
                }
                Output::Close(Peer::Browser) => {}
                Output::Close(Peer::Relay) => self.agent_closing = true,
                Output::Http(id, request) => {
                    if let Some(body) = &request.body {
                        self.oracle.nothing_lies_open(&Message::Text(body.clone()));
                    }
                    let (status, body) = self.relay.answer(self.now, &request);
                    let response = HttpResponse {
                        status,
                        date: Some("Sun, 22 Nov 2026 10:00:01 GMT"),
                        retry_after: None,
                        body: body.as_bytes(),
                    };
                    self.tell_agent(Input::Http(id, Ok(response)));
                }
                // Nobody here picks files.
                Output::File(_) => {}
                Output::Event(event) => self.on_event(event),
                Output::Idle(deadline) => {
                    self.agent_deadline = deadline.map(Timestamp::as_millis);
                    break;
                }
            }
            moved = true;
        }
        for line in self.browser.says() {
            self.tell_agent(Input::Text(Peer::Browser, &line));
            moved = true;
        }
        if core::mem::take(&mut self.agent_owes[0]) {
            self.tell_agent(Input::Drained(Peer::Browser));
            moved = true;
        }
        moved
    }

    fn connect_agent(&mut self) {
        let admitted = if self.relay.is_down {
            None
        } else {
            Some(self.relay.admit_agent(self.now))
        };
        match admitted {
            Some(Ok(id)) => {
                self.agent_socket = Some(id);
                self.tell_agent(Input::Opened(Peer::Relay));
            }
            Some(Err(close)) => {
                self.tell_agent(Input::Closed(Peer::Relay, Closed::Code(close.code())));
            }
            None => self.tell_agent(Input::Closed(Peer::Relay, Closed::Lost)),
        }
    }

    fn on_event(&mut self, event: Event) {
        self.told.push(match event {
            Event::Attached { .. } => "attached",
            Event::Created(info) => {
                self.oracle.begin(&info.session_url);
                self.link = info.session_url;
                "created"
            }
            Event::ViewerJoined => "joined",
            Event::ViewerLeft => "left",
            Event::ViewerReplaced => "replaced",
            Event::Tampered => "tampered",
            Event::Ended(outcome) => {
                assert!(self.outcome.is_none(), "it ends once");
                self.outcome = Some(outcome);
                "ended"
            }
            _ => "something new",
        });
    }

    fn drain_people(&mut self) -> bool {
        let mut moved = false;
        for place in 0..self.people.len() {
            let person = &mut self.people[place];
            moved |= person.drain(self.now);
            if let Some(connect) = person.dialling.take() {
                assert!(!connect.url.contains('?'), "tokens are in no URL");
                self.connect_person(place, connect.token.expose());
                moved = true;
            }
            let person = &mut self.people[place];
            if person.closing && !person.asleep && person.up.next_at().is_none() {
                person.closing = false;
                person.down.lose();
                if let Some(id) = person.socket.take() {
                    self.relay.left(self.now, ConnectionId(id));
                }
                moved = true;
            }
        }
        moved
    }

    fn connect_person(&mut self, place: usize, token: &str) {
        let admitted = if self.relay.is_down {
            None
        } else {
            let party = Party::Person(place);
            Some(self.relay.admit_viewer(self.now, party, token))
        };
        let person = &mut self.people[place];
        let now = Timestamp::from_millis(self.now);
        match admitted {
            Some(Ok(id)) => {
                person.socket = Some(id.0);
                person
                    .viewer
                    .handle(now, ToViewer::Connected(Some(PROTOCOL)));
            }
            Some(Err(close)) => {
                // Refusals come by code after a good upgrade.
                person
                    .viewer
                    .handle(now, ToViewer::Connected(Some(PROTOCOL)));
                person.lose(self.now, Some(close.code()));
            }
            None => person.lose(self.now, None),
        }
    }

    fn drain_relay(&mut self) -> bool {
        let mut moved = false;
        while let Some(doings) = self.relay.poll(self.now) {
            for doing in doings {
                self.does(doing);
            }
            moved = true;
        }
        moved
    }

    pub(super) fn does(&mut self, doing: Doing) {
        match doing {
            Doing::Send(Party::Agent, _, message) => self.agent_down.push(self.now, message),
            Doing::Send(Party::Person(place), id, message) => {
                let person = &mut self.people[place];
                if person.socket == Some(id.0) {
                    person.down.push(self.now, message);
                }
            }
            Doing::Close(Party::Agent, close) => {
                self.agent_socket = None;
                self.agent_up.lose();
                self.agent_down.lose();
                self.tell_agent(Input::Closed(Peer::Relay, Closed::Code(close.code())));
            }
            Doing::Close(Party::Person(place), close) => {
                // What was sent before arrives before.
                let now = self.now;
                let person = &mut self.people[place];
                while let Some(message) = {
                    person.down.hurry(now);
                    person.down.next_arrived(now)
                } {
                    person.hear(now, message);
                }
                person.lose(now, Some(close.code()));
            }
            Doing::Send(Party::Stranger, id, _) => self.relay.written(self.now, id),
            Doing::Close(Party::Stranger, _) => {}
        }
    }

    fn move_agents_messages(&mut self) -> bool {
        let mut moved = false;
        while self.agent_up.next_written(self.now) {
            moved = true;
        }
        if self.agent_owes[1] && self.agent_up.is_drained() {
            self.agent_owes[1] = false;
            self.tell_agent(Input::Drained(Peer::Relay));
            moved = true;
        }
        while let Some(message) = self.agent_up.next_arrived(self.now) {
            if let Some(id) = self.agent_socket {
                self.relay.take(self.now, id, message);
            }
            moved = true;
        }
        if self.agent_closing && self.agent_up.next_at().is_none() {
            self.agent_closing = false;
            if let Some(id) = self.agent_socket.take() {
                self.relay.left(self.now, id);
            }
            moved = true;
        }
        while self.agent_down.next_written(self.now) {
            if let Some(id) = self.agent_socket {
                self.relay.written(self.now, id);
            }
            moved = true;
        }
        while let Some(message) = self.agent_down.next_arrived(self.now) {
            match message {
                Message::Text(text) => self.tell_agent(Input::Text(Peer::Relay, &text)),
                Message::Binary(bytes) => self.tell_agent(Input::Binary(Peer::Relay, &bytes)),
            }
            moved = true;
        }
        moved
    }

    fn move_peoples_messages(&mut self) -> bool {
        let mut moved = false;
        for place in 0..self.people.len() {
            let now = self.now;
            if self.people[place].asleep {
                continue;
            }
            while self.people[place].up.next_written(now) {
                moved = true;
            }
            while let Some(message) = self.people[place].up.next_arrived(now) {
                self.oracle.nothing_lies_open(&message);
                moved = true;
                let Some(id) = self.people[place].socket else {
                    continue;
                };
                for back in self.relay.take(now, ConnectionId(id), message) {
                    self.people[place].down.push(now, back);
                }
            }
            while self.people[place].down.next_written(now) {
                if let Some(id) = self.people[place].socket {
                    self.relay.written(now, ConnectionId(id));
                }
                moved = true;
            }
            while let Some(message) = self.people[place].down.next_arrived(now) {
                self.people[place].hear(now, message);
                self.people[place].drain(now);
                moved = true;
            }
        }
        moved
    }
}
