//! The two viewers: they hold the link and the right keys, and do what a story says, allowed or not.

use std::collections::VecDeque;

use authloop_core::{
    crypto::{
        v1::ViewerChannel,
        v2::{
            Answered, FromAgent, Link, Offer, ResumeSecret, SessionId, ViewerEpoch, ViewerHandshake,
        },
    },
    generator::Generator,
    secret::{Pin, Seed},
    time::Timestamp,
    wire::{
        v1::{Outgoing, ToViewer},
        v2::{Ack, AgentToRelay, Header, Kind},
    },
};
use serde_json::{Value, json};

use super::{
    Deed, Version,
    sockets::ID,
    world::{Line, PIN, World},
};
use crate::{script, truth::Truth};

/// Keys that are held.
const KEYS: [[&str; 2]; 4] = [
    ["Shift", "ShiftLeft"],
    ["a", "KeyA"],
    ["Enter", "Enter"],
    ["Control", "ControlLeft"],
];

/// Events that are no press.
const OTHERS: [&str; 5] = [
    r#"{"type":"scroll","x":1,"y":1,"deltaX":0,"deltaY":9}"#,
    r#"{"type":"back"}"#,
    r#"{"type":"forward"}"#,
    r#"{"type":"reload"}"#,
    r#"{"type":"keyup","key":"q","code":"KeyQ"}"#,
];

/// What may be said besides input; the rest of the object is anything.
const CONTROLS: [&str; 6] = ["heartbeat", "takeover", "ping", "refresh", "ready", "x"];

/// One viewer: its socket at the relay, and its keys.
pub(super) struct Viewer {
    random: Generator,
    /// The channel of its socket; version 1 has one for all.
    pub(super) chan: Option<u16>,
    /// Version 1's keys, made when they are first needed.
    sealer: Option<ViewerChannel>,
    attempts: u64,
    asking: Option<ViewerHandshake>,
    epoch: Option<ViewerEpoch>,
    resume: Option<ResumeSecret>,
    /// Records on their way to the agent.
    outbox: VecDeque<Vec<u8>>,
    /// Answers heartbeats, acknowledges pictures.
    is_diligent: bool,
    is_hidden: bool,
    /// The newest picture in this epoch, by its counter and by what is painted on it.
    seen: Option<u64>,
    newest: u32,
    clock: Option<(u32, Timestamp)>,
}

impl Viewer {
    pub(super) fn new(seed: u8) -> Self {
        Self {
            random: Generator::new(Seed::new([seed; 32])),
            chan: None,
            sealer: None,
            attempts: 0,
            asking: None,
            epoch: None,
            resume: None,
            outbox: VecDeque::new(),
            is_diligent: true,
            is_hidden: false,
            seen: None,
            newest: 0,
            clock: None,
        }
    }

    fn disconnected(&mut self) {
        self.chan = None;
        self.attempts = 0;
        self.asking = None;
        self.epoch = None;
        self.outbox.clear();
        self.seen = None;
        self.clock = None;
    }

    /// Returns the newest picture that was seen.
    #[cfg(test)]
    pub(super) const fn newest(&self) -> u32 {
        self.newest
    }

    /// Begins a handshake, and returns its first message.
    fn ask(&mut self, link: &str, pin: Option<&str>, resume: bool) -> Option<Vec<u8>> {
        let link = Link::parse(&format!("2.{link}")).ok()?;
        let session = SessionId::parse(ID).ok()?;
        let offer = Offer {
            caps: Vec::new(),
            pin: pin.and_then(Pin::parse),
            resume: self.resume.as_ref().filter(|_| resume),
        };
        let (asking, hello) =
            ViewerHandshake::start(&link, &session, self.attempts, offer, &mut self.random).ok()?;
        self.attempts += 1;
        self.asking = Some(asking);
        Some(hello)
    }

    /// Hears a record that was sent on its channel. Returns whether it may take control now.
    fn hears(&mut self, now: Timestamp, header: Header, record: &[u8], truth: &Truth) -> bool {
        let mut record = record.to_vec();
        if header.kind == Kind::Hello2 {
            let answered = self.asking.take().map(|asking| asking.read(now, &record));
            let answered = answered.map(|answered| answered.expect("an honest agent's answer"));
            return match answered {
                Some(Answered::Accepted(accepted)) => {
                    self.resume = Some(accepted.epoch.resume_secret().clone());
                    self.epoch = Some(accepted.epoch);
                    self.outbox.push_back(accepted.ready);
                    (self.seen, self.clock) = (None, None);
                    true
                }
                Some(Answered::Outdated(asking)) => {
                    self.asking = Some(asking);
                    false
                }
                Some(Answered::Refused(_)) | None => false,
            };
        }
        let epoch = self.epoch.as_mut().filter(|epoch| epoch.is_live());
        let Some(epoch) = epoch.filter(|epoch| epoch.epoch() == header.epoch) else {
            return false;
        };
        if now >= epoch.until() {
            return false;
        }
        let said = epoch.open(now, &mut record);
        let said = said.expect("what the agent seals in order, its viewer opens");
        match said.into_inner() {
            FromAgent::Frame(frame) => {
                let number = truth.picture(frame.frame.jpeg);
                assert!(
                    number >= self.newest,
                    "newest_wins: an older picture came back"
                );
                self.newest = number;
                self.seen = Some(frame.counter);
                if self.is_diligent {
                    self.acks(now, frame.counter, 0);
                }
            }
            FromAgent::Control(control) if control.kind == "heartbeat" => {
                let beat: Value = serde_json::from_slice(control.json).expect("JSON");
                let clock = beat["clock"].as_u64().and_then(|at| u32::try_from(at).ok());
                self.clock = Some((clock.expect("a clock"), now));
                if self.is_diligent {
                    self.beats(now);
                }
            }
            FromAgent::Control(_) | FromAgent::Close(_) => {}
        }
        false
    }

    fn acks(&mut self, now: Timestamp, frame: u64, waiting: u16) {
        let epoch = self.epoch.as_mut();
        let ack = epoch.and_then(|epoch| epoch.seal_ack(now, Ack { frame, waiting }).ok());
        self.outbox.extend(ack);
    }

    fn beats(&mut self, now: Timestamp) {
        let clock = self
            .clock
            .map_or(String::new(), |(clock, _)| format!(r#","clock":{clock}"#));
        let last = self
            .seen
            .map_or_else(|| "null".into(), |seen| seen.to_string());
        let hidden = self.is_hidden;
        let beat =
            format!(r#"{{"type":"heartbeat","last_frame":{last},"hidden":{hidden}{clock}}}"#);
        self.controls(now, beat.as_bytes());
    }

    fn controls(&mut self, now: Timestamp, json: &[u8]) {
        let epoch = self.epoch.as_mut();
        let said = epoch.and_then(|epoch| epoch.seal_control(now, json).ok());
        self.outbox.extend(said);
    }
}

impl World {
    pub(super) fn does(&mut self, second: bool, deed: &Deed) {
        let now = self.at();
        let viewer = &mut self.viewers[usize::from(second)];
        match deed {
            Deed::Join { pin, resume } => return self.join(second, *pin, *resume),
            Deed::Disconnect => return self.disconnect(second),
            Deed::Control(bytes) => {
                let (kind, rest) = bytes.split_first().unwrap_or((&0, &[]));
                let kind = script::pick(&CONTROLS, *kind).copied().unwrap_or_default();
                let rest = String::from_utf8_lossy(rest);
                viewer.controls(now, format!(r#"{{"type":"{kind}"{rest}}}"#).as_bytes());
            }
            Deed::Ack { frame, waiting } => {
                viewer.acks(now, u64::from(*frame), u16::from(*waiting));
            }
            Deed::Hide(hidden) => {
                viewer.is_hidden = *hidden;
                viewer.beats(now);
            }
            Deed::Diligent(diligent) => viewer.is_diligent = *diligent,
            Deed::Leave => {
                let epoch = viewer.epoch.as_mut();
                let left = epoch.and_then(|epoch| epoch.seal_left(now).ok());
                viewer.outbox.extend(left);
            }
            Deed::Nonsense(bytes) => {
                // What has no type is no event, however it is spelt.
                if !bytes.contains(&b'\\') && memchr::memmem::find(bytes, b"type").is_none() {
                    self.seal(second, bytes);
                }
            }
            Deed::Click { .. }
            | Deed::Type
            | Deed::Hold { .. }
            | Deed::Paste
            | Deed::Other(_)
            | Deed::Finish { .. } => self.act(second, deed),
        }
        self.work();
    }

    /// An event, noted as done before it is sealed.
    fn act(&mut self, second: bool, deed: &Deed) {
        if !self.viewers[usize::from(second)].can_seal(self.version) {
            return;
        }
        let truth = &mut self.model.truth;
        let mut event = match deed {
            Deed::Click { double } => {
                let x = truth.presses(second, 1 + u8::from(*double));
                let kind = if *double { "dblclick" } else { "click" };
                json!({"type": kind, "x": x, "y": 5})
            }
            Deed::Type => {
                truth.keys += 1;
                json!({"type": "keypress", "key": "a", "code": "KeyA"})
            }
            Deed::Hold { key, down } => {
                let [key, code] = script::pick(&KEYS, *key).copied().unwrap_or_default();
                truth.keys += u32::from(*down);
                let kind = if *down { "keydown" } else { "keyup" };
                json!({"type": kind, "key": key, "code": code})
            }
            Deed::Paste => json!({"type": "paste", "text": truth.paste(second)}),
            Deed::Other(number) => {
                let event = script::pick(&OTHERS, *number).copied().unwrap_or_default();
                serde_json::from_str(event).expect("JSON")
            }
            Deed::Finish { resolved: true } => {
                truth.asked_to_resolve = true;
                json!({"type": "resolved"})
            }
            Deed::Finish { resolved: false } => {
                truth.asked_to_cancel = true;
                json!({"type": "cancelled"})
            }
            Deed::Join { .. }
            | Deed::Nonsense(_)
            | Deed::Control(_)
            | Deed::Ack { .. }
            | Deed::Hide(_)
            | Deed::Diligent(_)
            | Deed::Leave
            | Deed::Disconnect => return,
        };
        let now = self.at();
        let viewer = &self.viewers[usize::from(second)];
        if let Some(seen) = viewer.seen {
            event["seen"] = seen.into();
        }
        if let Some((clock, then)) = viewer.clock {
            let since = u32::try_from(now.since(then).as_millis()).unwrap_or(u32::MAX);
            event["at"] = clock.wrapping_add(since).into();
        }
        self.seal(second, event.to_string().as_bytes());
    }

    /// Seals a viewer's words as input, and sends them.
    fn seal(&mut self, second: bool, json: &[u8]) {
        let now = self.at();
        let viewer = &mut self.viewers[usize::from(second)];
        match self.version {
            Version::V1 => {
                let random = &mut viewer.random;
                let sealer = viewer.sealer.as_ref();
                let Some(payload) = sealer.and_then(|sealer| sealer.seal(random, json).ok()) else {
                    return;
                };
                if viewer.chan.is_some() {
                    let text = Outgoing::Encrypted { payload }.to_text();
                    self.remember(text.as_bytes());
                    self.stream_says(&text);
                }
            }
            Version::V2 => {
                let epoch = viewer.epoch.as_mut();
                let sealed = epoch.and_then(|epoch| epoch.seal_input(now, json).ok());
                viewer.outbox.extend(sealed);
            }
        }
    }

    fn join(&mut self, second: bool, pin: Option<bool>, resume: bool) {
        if self.stream != Line::Up {
            return;
        }
        let who = usize::from(second);
        let is_new = self.viewers[who].chan.is_none();
        if is_new {
            self.channels = self.channels.wrapping_add(1).max(1);
            self.viewers[who].chan = Some(self.channels);
            let word = match self.version {
                Version::V1 => r#"{"type":"viewer_connected"}"#.into(),
                Version::V2 => {
                    format!(r#"{{"type":"viewer_connected","chan":{}}}"#, self.channels)
                }
            };
            self.stream_says(&word);
        }
        let viewer = &mut self.viewers[who];
        match self.version {
            Version::V1 => {
                let sealer = viewer.sealer(true).filter(|sealer| sealer.is_keyed());
                let key = sealer.map(|sealer| {
                    let key = sealer.public_key();
                    Outgoing::Pubkey { key }.to_text()
                });
                if let Some(key) = key {
                    self.stream_says(&key);
                }
            }
            Version::V2 => {
                let pin = pin.map(|right| if right { PIN } else { "999999" });
                let hello = viewer.ask(&self.link, pin, resume);
                viewer.outbox.extend(hello);
            }
        }
        self.work();
    }

    fn disconnect(&mut self, second: bool) {
        let viewer = &mut self.viewers[usize::from(second)];
        let Some(chan) = viewer.chan else { return };
        viewer.disconnected();
        let word = match self.version {
            Version::V1 => r#"{"type":"viewer_disconnected"}"#.into(),
            Version::V2 => format!(r#"{{"type":"viewer_disconnected","chan":{chan}}}"#),
        };
        self.stream_says(&word);
    }

    /// The stream is gone, and with it all that is said over it.
    pub(super) fn disconnect_viewers(&mut self) {
        for viewer in &mut self.viewers {
            viewer.disconnected();
        }
    }

    /// The relay passes on what the agent said in text.
    pub(super) fn viewers_hear_text(&mut self, text: &str) {
        match self.version {
            Version::V1 => {
                let said = ToViewer::parse(text).expect("what we write, viewers read");
                if let ToViewer::Pubkey { key } = said {
                    for viewer in &mut self.viewers {
                        let here = viewer.chan.is_some();
                        if let Some(sealer) = viewer.sealer(here) {
                            sealer.accept_key(&key).expect("an honest agent's key");
                        }
                    }
                }
            }
            Version::V2 => {
                let said = AgentToRelay::parse(text).expect("version 2's agent says nothing else");
                let AgentToRelay::CloseViewer { chan, .. } = said;
                for viewer in &mut self.viewers {
                    if viewer.chan == Some(chan.get()) {
                        viewer.disconnected();
                    }
                }
            }
        }
    }

    /// The relay passes on what the agent said in bytes.
    pub(super) fn viewers_hear(&mut self, record: &[u8]) {
        let now = self.at();
        match self.version {
            Version::V1 => self.model.shows(record),
            Version::V2 => {
                let header = self.model.seals(record);
                for viewer in &mut self.viewers {
                    if viewer.chan == Some(header.chan)
                        && viewer.hears(now, header, record, &self.model.truth)
                    {
                        self.model.was_attended = true;
                    }
                }
            }
        }
    }

    /// Hands on the oldest record of a viewer; tells whether there was one.
    pub(super) fn serve_viewers(&mut self) -> bool {
        for who in [0, 1] {
            let viewer = &mut self.viewers[who];
            let Some(mut record) = viewer.outbox.pop_front() else {
                continue;
            };
            let chan = viewer.chan.unwrap_or_default();
            if let Some(place) = record.get_mut(2..4) {
                place.copy_from_slice(&chan.to_be_bytes());
            }
            self.remember(&record);
            self.stream_sends(&record);
            return true;
        }
        false
    }
}

impl Viewer {
    fn can_seal(&self, version: Version) -> bool {
        self.chan.is_some()
            && match version {
                Version::V1 => self.sealer.as_ref().is_some_and(ViewerChannel::is_keyed),
                Version::V2 => self.epoch.as_ref().is_some_and(ViewerEpoch::is_live),
            }
    }

    /// Lends version 1's keys, made if they are `needed` and not there yet.
    fn sealer(&mut self, needed: bool) -> Option<&mut ViewerChannel> {
        if needed && self.sealer.is_none() {
            self.sealer = Some(ViewerChannel::new(&mut self.random));
        }
        self.sealer.as_mut().filter(|_| needed)
    }
}
