//! A story of protocol version 2: one agent, and viewers that hold its link, each on a channel of
//! its own. They do what a test tells them, whether a viewer may do it or not.

use std::{collections::BTreeMap, time::Duration};

use authloop_core::{
    agent::{
        config::{Encryption, EndToEnd},
        io::{Closed, Input, Message, Peer},
    },
    crypto::v2::{
        Answered, FromAgent, Offer, ResumeSecret, SessionId, ViewerEpoch, ViewerHandshake,
        ViewerLink,
    },
    generator::Generator,
    secret::{Pin, Seed},
    time::Timestamp,
    wire::v2::{Ack, CloseReason, RefusalReason},
};
use serde_json::{Value, json};

use super::Story;

/// How often viewers look after their heartbeats and pictures while time passes.
const STEP: u64 = 50;

/// What a viewer heard of the agent, in order.
#[derive(Clone, Debug, PartialEq)]
pub enum Heard {
    /// It may send READY.
    Accepted { got: Option<u64> },
    /// It may not.
    Refused(RefusalReason),
    /// A control message.
    Said(Value),
    /// A picture.
    Picture {
        counter: u64,
        repeat: bool,
        jpeg: Vec<u8>,
    },
    /// The end.
    Closed(CloseReason),
}

/// One viewer's socket, and whoever sits at it.
pub struct Guest {
    chan: u16,
    attempts: u64,
    asking: Option<ViewerHandshake>,
    /// READY, if it was not sent yet.
    ready: Option<Vec<u8>>,
    pub epoch: Option<ViewerEpoch>,
    pub secret: Option<ResumeSecret>,
    pub heard: Vec<Heard>,
    /// Answers heartbeats and acknowledges pictures.
    pub is_diligent: bool,
    pub hidden: bool,
    seen: Option<u64>,
    clock: Option<(u32, Timestamp)>,
    owes_heartbeat: bool,
    owes_ack: bool,
    /// What its handshakes say it knows.
    pub caps: Vec<String>,
}

/// An agent, the relay before it, and viewers.
pub struct Sealed {
    pub story: Story,
    pub guests: BTreeMap<u16, Guest>,
    /// What the agent asked the relay to close, and with which code, in order.
    pub closes: Vec<(u64, u64)>,
    /// The agent's socket to the relay takes nothing more.
    pub is_congested: bool,
    /// Records that wait in that socket.
    pub unwritten: Vec<Vec<u8>>,
    link: String,
    random: Generator,
}

impl Sealed {
    /// A session whose stream is open, with nobody there yet.
    pub fn waiting() -> Self {
        Self::with_pin(None)
    }

    pub fn with_pin(pin: Option<&str>) -> Self {
        let story = Story::waiting_with(|config| config.encryption = sealed(pin));
        Self::of(story)
    }

    /// Goes on with a story whose session is there.
    pub fn of(story: Story) -> Self {
        let session = story.status.session.as_ref().expect("a session");
        let mut sealed = Self {
            link: session.session_url.clone(),
            story,
            guests: BTreeMap::new(),
            closes: Vec::new(),
            is_congested: false,
            unwritten: Vec::new(),
            random: Generator::new(Seed::new([3; 32])),
        };
        sealed.document("L1");
        sealed
    }

    /// A session with a viewer in control on channel 1, who has heard the first heartbeat.
    pub fn controlled() -> Self {
        let mut sealed = Self::waiting();
        sealed.joins(1);
        sealed.forget();
        sealed
    }

    /// The same, with a viewer that shows sheets.
    pub fn sees_sheets() -> Self {
        let mut sealed = Self::waiting();
        sealed.joins_with(1, &["sheets"]);
        sealed.forget();
        sealed
    }

    /// The same as [`Self::controlled`], with a picture on the viewer's screen.
    pub fn watched() -> Self {
        let mut sealed = Self::controlled();
        sealed.paints(b"first");
        sealed.forget();
        sealed
    }

    pub fn link(&self) -> ViewerLink {
        ViewerLink::parse(&self.link).expect("the agent's link is one")
    }

    // The relay.

    pub fn connects(&mut self, chan: u16) -> &mut Guest {
        self.guests.insert(chan, Guest::on(chan));
        self.relay_says(&json!({"type": "viewer_connected", "chan": chan}));
        self.guest(chan)
    }

    pub fn disconnects(&mut self, chan: u16) {
        self.relay_says(&json!({"type": "viewer_disconnected", "chan": chan}));
    }

    pub fn relay_says(&mut self, word: &Value) {
        self.story.relay_says(word);
        self.deliver();
    }

    /// Gives the agent bytes as if they came on this channel.
    pub fn sends(&mut self, chan: u16, mut record: Vec<u8>) {
        if let Some(hop) = record.get_mut(2..4) {
            hop.copy_from_slice(&chan.to_be_bytes());
        }
        self.story.input(Input::Binary(Peer::Relay, &record));
        self.deliver();
    }

    pub fn loses_the_relay(&mut self) {
        self.story.close(Peer::Relay, Closed::Lost);
        self.deliver();
    }

    /// The relay says that the session goes on, and takes the agent back.
    pub fn finds_the_relay_again(&mut self) {
        self.story.answer(200, &super::record("ACTIVE"));
        self.story.open(Peer::Relay);
        self.deliver();
    }

    // Viewers.

    pub fn guest(&mut self, chan: u16) -> &mut Guest {
        self.guests.get_mut(&chan).expect("somebody is on it")
    }

    /// Makes a HELLO1 without sending it.
    pub fn hello(
        &mut self,
        chan: u16,
        pin: Option<&str>,
        resume: Option<&ResumeSecret>,
    ) -> Vec<u8> {
        let link = self.link();
        let guest = self.guests.get_mut(&chan).expect("somebody is on it");
        let offer = Offer {
            caps: guest.caps.clone(),
            pin: pin.and_then(Pin::parse),
            resume,
        };
        let (asking, hello) = ViewerHandshake::start(
            &link.link,
            &link.session,
            guest.attempts,
            offer,
            &mut self.random,
        )
        .expect("a small offer");
        guest.attempts += 1;
        guest.asking = Some(asking);
        hello
    }

    /// Asks for control, and sends READY if it is let in.
    pub fn asks(&mut self, chan: u16, pin: Option<&str>, resume: Option<&ResumeSecret>) {
        let hello = self.hello(chan, pin, resume);
        self.sends(chan, hello);
        self.confirms(chan);
    }

    /// Sends READY, if there is one to send.
    pub fn confirms(&mut self, chan: u16) {
        if let Some(ready) = self.guest(chan).ready.take() {
            self.sends(chan, ready);
        }
    }

    /// Comes and takes control.
    pub fn joins(&mut self, chan: u16) {
        self.connects(chan);
        self.asks(chan, None, None);
        assert!(self.guest(chan).epoch.is_some(), "it is let in");
        self.pass(STEP);
    }

    /// Comes and takes control, and says what it knows.
    pub fn joins_with(&mut self, chan: u16, caps: &[&str]) {
        self.connects(chan).caps = caps.iter().map(ToString::to_string).collect();
        self.asks(chan, None, None);
        assert!(self.guest(chan).epoch.is_some(), "it is let in");
        self.pass(STEP);
    }

    /// Comes back with the proof that it had control.
    pub fn resumes(&mut self, chan: u16, secret: &ResumeSecret) {
        self.connects(chan);
        self.asks(chan, None, Some(secret));
        self.pass(STEP);
    }

    pub fn secret(&mut self, chan: u16) -> ResumeSecret {
        self.guest(chan).secret.clone().expect("it had control")
    }

    /// Does something, with what was seen and when.
    pub fn does(&mut self, chan: u16, event: Value) {
        let now = self.story.now;
        let guest = self.guest(chan);
        let mut event = event;
        if let Some(seen) = guest.seen {
            event["seen"] = json!(seen);
        }
        if let Some((clock, then)) = guest.clock {
            let since = u32::try_from(now.since(then).as_millis()).expect("short");
            event["at"] = json!(clock.wrapping_add(since));
        }
        let record = self.seals(chan, &event);
        self.sends(chan, record);
    }

    /// Seals an event just as it is.
    pub fn seals(&mut self, chan: u16, event: &Value) -> Vec<u8> {
        let now = self.story.now;
        let epoch = self.guest(chan).epoch.as_mut().expect("it has keys");
        epoch
            .seal_input(now, event.to_string().as_bytes())
            .expect("it fits")
    }

    /// Says something in a control message.
    pub fn says(&mut self, chan: u16, message: &Value) {
        let now = self.story.now;
        let epoch = self.guest(chan).epoch.as_mut().expect("it has keys");
        let record = epoch.seal_control(now, message.to_string().as_bytes());
        self.sends(chan, record.expect("it fits"));
    }

    pub fn leaves(&mut self, chan: u16) {
        let now = self.story.now;
        let epoch = self.guest(chan).epoch.as_mut().expect("it has keys");
        let record = epoch.seal_left(now).expect("it has keys");
        self.sends(chan, record);
    }

    pub fn hides(&mut self, chan: u16, hidden: bool) {
        let guest = self.guest(chan);
        guest.hidden = hidden;
        let clock = guest.clock.expect("a heartbeat came").0;
        let last_frame = guest.seen;
        let message = json!({"type": "heartbeat", "last_frame": last_frame, "hidden": hidden, "clock": clock});
        self.says(chan, &message);
    }

    // The page and the time.

    /// The page paints, and whoever looks acknowledges it.
    pub fn paints(&mut self, jpeg: &[u8]) {
        self.story.page_paints(jpeg);
        self.deliver();
        self.serve();
    }

    /// The page shows another document.
    pub fn document(&mut self, loader: &str) {
        let frame = json!({"frame": {"id": "F", "loaderId": loader, "url": "https://wall.test/"}});
        self.story.page_says("Page.frameNavigated", &frame);
        self.deliver();
    }

    pub fn pass(&mut self, millis: u64) {
        let end = self.story.now + Duration::from_millis(millis);
        while self.story.now < end {
            let left = end.since(self.story.now);
            let step = left.min(Duration::from_millis(STEP));
            self.story
                .pass(u64::try_from(step.as_millis()).expect("short"));
            self.deliver();
            self.serve();
        }
    }

    /// The congested socket takes everything.
    pub fn clears(&mut self) {
        self.is_congested = false;
        for record in std::mem::take(&mut self.unwritten) {
            self.guest_hears(&record);
        }
        self.story.drained();
        self.deliver();
        self.serve();
    }

    pub fn forget(&mut self) {
        self.story.forget();
        self.closes.clear();
        for guest in self.guests.values_mut() {
            guest.heard.clear();
        }
    }

    /// Hands what the agent said to those it was meant for, until it says nothing more.
    pub fn deliver(&mut self) {
        loop {
            let relayed = std::mem::take(&mut self.story.relayed);
            if relayed.is_empty() {
                return;
            }
            for message in relayed {
                match message {
                    Message::Text(text) => self.relay_hears(&text),
                    Message::Binary(record) if self.is_congested => {
                        self.unwritten.push(record.to_vec());
                    }
                    Message::Binary(record) => self.guest_hears(&record),
                }
            }
            if !self.is_congested {
                self.story.drained();
            }
        }
    }

    fn relay_hears(&mut self, text: &str) {
        let word: Value = serde_json::from_str(text).expect("JSON");
        assert_eq!(word["type"], "close_viewer", "the agent's only word");
        let number = |member: &str| word[member].as_u64().expect("a number");
        self.closes.push((number("chan"), number("code")));
    }

    fn guest_hears(&mut self, record: &[u8]) {
        let (now, chan) = (self.story.now, u16::from_be_bytes([record[2], record[3]]));
        assert_ne!(chan, 0, "every record names its channel");
        if let Some(guest) = self.guests.get_mut(&chan) {
            guest.hears(now, record.to_vec());
        }
    }

    /// Lets diligent viewers answer heartbeats and acknowledge pictures.
    fn serve(&mut self) {
        let chans: Vec<_> = self.guests.keys().copied().collect();
        for chan in chans {
            let now = self.story.now;
            let guest = self.guest(chan);
            if !guest.is_diligent || guest.epoch.as_ref().is_none_or(|epoch| !epoch.is_live()) {
                continue;
            }
            let (seen, hidden, clock) = (guest.seen, guest.hidden, guest.clock);
            let ack = std::mem::take(&mut guest.owes_ack)
                .then_some(seen)
                .flatten();
            if let Some(frame) = ack {
                let epoch = guest.epoch.as_mut().expect("it has keys");
                let ack = epoch.seal_ack(now, Ack { frame, waiting: 0 });
                self.sends(chan, ack.expect("it fits"));
            }
            if std::mem::take(&mut self.guest(chan).owes_heartbeat) {
                let clock = clock.expect("a heartbeat came").0;
                let answer = json!({"type": "heartbeat", "last_frame": seen, "hidden": hidden, "clock": clock});
                self.says(chan, &answer);
            }
        }
    }
}

impl Guest {
    fn on(chan: u16) -> Self {
        Self {
            chan,
            attempts: 0,
            asking: None,
            ready: None,
            epoch: None,
            secret: None,
            heard: Vec::new(),
            is_diligent: true,
            hidden: false,
            seen: None,
            clock: None,
            owes_heartbeat: false,
            caps: Vec::new(),
            owes_ack: false,
        }
    }

    fn hears(&mut self, now: Timestamp, mut record: Vec<u8>) {
        if record[1] == 0x02 {
            let asking = self.asking.take().expect("it asked");
            match asking.read(now, &record).expect("a good answer") {
                Answered::Accepted(accepted) => {
                    self.heard.push(Heard::Accepted { got: accepted.got });
                    self.secret = Some(accepted.epoch.resume_secret().clone());
                    self.ready = Some(accepted.ready);
                    self.epoch = Some(accepted.epoch);
                    (self.seen, self.clock) = (None, None);
                    (self.owes_heartbeat, self.owes_ack) = (false, false);
                }
                Answered::Refused(reason) => self.heard.push(Heard::Refused(reason)),
                Answered::Outdated(_) => panic!("it asks once at a time"),
            }
            return;
        }
        let chan = self.chan;
        let epoch = self.epoch.as_mut().expect("it has keys");
        let said = epoch.open(now, &mut record);
        let said = said.unwrap_or_else(|error| panic!("channel {chan}: {error}"));
        let heard = match said.into_inner() {
            FromAgent::Frame(received) => {
                self.seen = Some(received.counter);
                self.owes_ack = true;
                Heard::Picture {
                    counter: received.counter,
                    repeat: received.frame.meta.repeat,
                    jpeg: received.frame.jpeg.to_vec(),
                }
            }
            FromAgent::Control(control) => {
                let said: Value = serde_json::from_slice(control.json).expect("JSON");
                if said["type"] == "heartbeat" {
                    let clock = said["clock"].as_u64().expect("a clock");
                    self.clock = Some((u32::try_from(clock).expect("32 bits"), now));
                    self.owes_heartbeat = true;
                }
                Heard::Said(said)
            }
            FromAgent::Close(reason) => Heard::Closed(reason),
        };
        self.heard.push(heard);
    }

    /// Takes the READY that it is about to send.
    pub fn ready(&mut self) -> Vec<u8> {
        self.ready.take().expect("it was let in")
    }

    /// The control messages of one type that it heard.
    pub fn told(&self, kind: &str) -> Vec<&Value> {
        self.heard
            .iter()
            .filter_map(|heard| {
                let Heard::Said(said) = heard else {
                    return None;
                };
                (said["type"] == kind).then_some(said)
            })
            .collect()
    }

    /// The pictures that it was sent.
    pub fn pictures(&self) -> Vec<&[u8]> {
        self.heard
            .iter()
            .filter_map(|heard| {
                let Heard::Picture { jpeg, .. } = heard else {
                    return None;
                };
                Some(jpeg.as_slice())
            })
            .collect()
    }

    pub fn has_heard(&self, what: &Heard) -> bool {
        self.heard.contains(what)
    }
}

/// The configuration of version 2, with the viewer page at the relay.
pub fn sealed(pin: Option<&str>) -> Encryption {
    Encryption::V2(EndToEnd {
        viewer_url: "https://relay.test".into(),
        pin: pin.and_then(Pin::parse),
    })
}

/// The id of the session every story is about.
pub fn session_id() -> SessionId {
    SessionId::parse(super::SESSION).expect("an id")
}
