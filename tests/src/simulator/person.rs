//! A human with a viewer: what they see, what they do, and what they were told.

use authloop_core::{
    agent::io::Message,
    crypto::v2::{ResumeSecret, ViewerLink},
    input::InputEvent,
    secret::Seed,
    time::Timestamp,
    viewer::v2::{
        Acks, Answer, Config, Connect, Ended, Event, FrameId, Frozen, Input, Output, Request,
        Secured, Viewer,
    },
};

use super::{browser, link::Link};

/// Stands in every text that is typed, so that one that lies open is found.
pub const IN_EVERY_TEXT: &str = "TYPED-";

/// A human with a viewer.
pub struct Person {
    /// The viewer they use.
    pub viewer: Viewer,
    /// When the viewer wants to be woken.
    pub deadline: Option<u64>,
    /// The way to the relay.
    pub up: Link,
    /// The way from the relay.
    pub down: Link,
    /// The relay's number for the open socket.
    pub socket: Option<u64>,
    /// The viewer dials.
    pub dialling: Option<Connect>,
    /// Whether the socket is to be closed after what was sent.
    pub closing: bool,
    /// What is on screen: the picture's number in the browser, and its name.
    pub screen: Option<(u64, FrameId)>,
    /// Why the picture is shown as out of date.
    pub frozen: Option<Frozen>,
    /// The connection is lost: the picture is shown as out of date.
    pub lost: bool,
    /// The newest keys.
    pub secured: Option<Secured>,
    /// Since when those are in use, or they look again after something else.
    pub looks_since: u64,
    /// How it ended.
    pub ended: Option<Ended>,
    /// They look at something else.
    pub hidden: bool,
    /// Their computer sleeps.
    pub asleep: bool,
    /// Somebody asks for control.
    pub takeover: Option<u16>,
    /// All that was told, in words.
    pub told: Vec<String>,
    /// Texts the viewer took, in order.
    pub typed: Vec<String>,
    /// What the viewer couldn't use was a picture of another's.
    pub forged: u64,
    name: char,
    serial: u64,
}

impl Person {
    /// A human who opens a link.
    pub fn open(name: char, link: &str, resume: Option<ResumeSecret>, now: u64) -> Self {
        let config = Config {
            link: ViewerLink::parse(link).expect("a link"),
            resume,
            acks: Acks::WhenTaken,
        };
        let byte = u8::try_from(name).expect("a plain letter");
        let seed = Seed::new([byte; 32]);
        Self {
            viewer: Viewer::new(config, seed, Timestamp::from_millis(now)),
            deadline: None,
            up: Link::default(),
            down: Link::default(),
            socket: None,
            dialling: None,
            closing: false,
            screen: None,
            frozen: None,
            lost: false,
            secured: None,
            looks_since: 0,
            ended: None,
            hidden: false,
            asleep: false,
            takeover: None,
            told: Vec::new(),
            typed: Vec::new(),
            forged: 0,
            name,
            serial: 0,
        }
    }

    /// Tells whether they are shown a picture as live.
    pub fn sees_live(&self) -> bool {
        let knows_better = self.frozen.is_some() || self.lost || self.ended.is_some();
        self.screen.is_some() && !knows_better && !self.hidden && !self.asleep
    }

    /// Tells whether their viewer would take input.
    pub fn is_in_control(&self) -> bool {
        self.viewer.takes_input()
    }

    /// Types a text nobody typed before, if the viewer takes it. Returns it.
    pub fn type_something(&mut self, now: u64) -> Option<String> {
        self.serial += 1;
        let text = format!("{IN_EVERY_TEXT}{}{:06};", self.name, self.serial);
        let refused = self.viewer.counters().not_sent;
        self.request(now, Request::Send(InputEvent::Paste(text.clone())));
        if self.viewer.counters().not_sent > refused {
            return None;
        }
        self.typed.push(text.clone());
        Some(text)
    }

    /// Asks something of the viewer.
    pub fn request(&mut self, now: u64, request: Request) {
        if let Request::Hide(hidden) = &request {
            if self.hidden && !hidden {
                self.looks_since = now;
            }
            self.hidden = *hidden;
        }
        self.viewer
            .handle(Timestamp::from_millis(now), Input::Request(request));
    }

    /// Answers whoever asks for control.
    pub fn answer(&mut self, now: u64, answer: Answer) {
        let id = self.takeover.take().expect("somebody asks");
        self.request(now, Request::Answer(id, answer));
    }

    /// Loses the connection, as far as they can tell.
    pub fn lose(&mut self, now: u64, code: Option<u16>) {
        self.up.lose();
        self.down.lose();
        self.socket = None;
        self.dialling = None;
        self.closing = false;
        self.viewer
            .handle(Timestamp::from_millis(now), Input::Disconnected(code));
    }

    /// Takes a message from the relay.
    pub fn hear(&mut self, now: u64, message: Message) {
        let now = Timestamp::from_millis(now);
        match message {
            Message::Text(text) => self.viewer.handle(now, Input::Text(&text)),
            Message::Binary(bytes) => self.viewer.handle(now, Input::Binary(bytes.to_vec())),
        }
    }

    /// Does what the viewer wants done; tells whether there was anything.
    pub fn drain(&mut self, now: u64) -> bool {
        let mut moved = false;
        if self.asleep {
            return false;
        }
        loop {
            match self.viewer.poll() {
                Output::Connect(connect) => self.dialling = Some(connect),
                Output::Send(record) => self.up.push(now, Message::Binary(record.into())),
                Output::Close(_) => self.closing = true,
                Output::Event(event) => self.notice(now, event),
                Output::Idle(deadline) => {
                    self.deadline = deadline.map(Timestamp::as_millis);
                    return moved;
                }
            }
            moved = true;
        }
    }

    fn notice(&mut self, now: u64, event: Event) {
        let words = match event {
            Event::Frame(frame) => {
                match browser::number(&frame.jpeg) {
                    Some(number) => self.screen = Some((number, frame.id)),
                    None => self.forged += 1,
                }
                return;
            }
            Event::Secured(secured) => {
                self.secured = Some(secured);
                self.looks_since = now;
                self.lost = false;
                format!("secured {}", secured.epoch)
            }
            Event::Frozen(why) => {
                self.frozen = Some(why);
                format!("frozen {why:?}")
            }
            Event::Thawed => {
                self.frozen = None;
                "thawed".into()
            }
            Event::Lost(_) => {
                self.lost = true;
                "lost".into()
            }
            Event::Takeover(id) => {
                self.takeover = Some(id);
                "takeover".into()
            }
            Event::TakeoverOver(_) => {
                self.takeover = None;
                "takeover over".into()
            }
            Event::Ended(how) => {
                assert!(self.ended.is_none(), "it ends once");
                self.ended = Some(how);
                format!("ended {how:?}")
            }
            Event::AgentJoined => "agent here".into(),
            Event::AgentLeft => "agent gone".into(),
            Event::Busy(_) => "busy".into(),
            Event::PinNeeded { wrong } => format!("pin, wrong {wrong}"),
            Event::Dropped(kind, why) => format!("dropped {kind} {why:?}"),
            Event::NotSent(inputs) => format!("not sent {inputs}"),
            // What the agent takes is told to everyone, in each epoch.
            Event::Told(kind, _) if kind == "agent" => return,
            Event::Told(kind, _) => format!("told {kind}"),
            _ => "something new".into(),
        };
        self.told.push(words);
    }
}
