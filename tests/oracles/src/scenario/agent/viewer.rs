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
        v2::{Ack, AgentToRelay, Cap, Header, Kind},
    },
};
use serde_json::Value;

use super::{
    Version,
    files::Place,
    picking::Choice,
    sheets::Screen,
    sockets::ID,
    world::{Line, PIN, World},
};
use crate::{scenario::invariants::Watch, truth::Truth};

/// One viewer: its socket at the relay, and its keys.
pub(super) struct Viewer {
    pub(super) random: Generator,
    /// The channel of its socket; version 1 has one for all.
    pub(super) chan: Option<u16>,
    /// Version 1's keys, made when they are first needed.
    pub(super) sealer: Option<ViewerChannel>,
    attempts: u64,
    asking: Option<ViewerHandshake>,
    pub(super) epoch: Option<ViewerEpoch>,
    resume: Option<ResumeSecret>,
    /// Records on their way to the agent.
    pub(super) outbox: VecDeque<Vec<u8>>,
    /// Answers heartbeats, acknowledges pictures.
    pub(super) is_diligent: bool,
    pub(super) is_hidden: bool,
    /// The newest picture in this epoch, by its counter and by what is painted on it.
    pub(super) seen: Option<u64>,
    newest: u32,
    /// What it can do, and what it said of that when it asked for control.
    can: Vec<Cap>,
    says_it_can: Vec<Cap>,
    /// What it shows beside the picture.
    pub(super) screen: Screen,
    pub(super) clock: Option<(u32, Timestamp)>,
}

/// What a viewer can't know of a record that it hears.
struct Heard<'a> {
    truth: &'a Truth,
    /// It answers what the relay sent once more, maybe changed: a wish for control that was no viewer's.
    answers_relay: bool,
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
            can: Vec::new(),
            says_it_can: Vec::new(),
            screen: Screen::default(),
            clock: None,
        }
    }

    fn disconnected(&mut self) {
        self.chan = None;
        self.attempts = 0;
        self.asking = None;
        self.epoch = None;
        self.outbox.clear();
        self.forgets();
    }

    /// What one epoch showed is nothing to the next.
    fn forgets(&mut self) {
        (self.seen, self.clock) = (None, None);
        self.screen.clear();
    }

    /// Returns the newest picture that was seen.
    #[cfg(test)]
    pub(super) const fn newest(&self) -> u32 {
        self.newest
    }

    /// Begins a handshake, and returns its first message.
    fn ask(
        &mut self,
        link: &str,
        pin: Option<&str>,
        resume: bool,
        caps: &[Cap],
    ) -> Option<Vec<u8>> {
        let link = Link::parse(&format!("2.{link}")).ok()?;
        let session = SessionId::parse(ID).ok()?;
        self.says_it_can = caps.to_vec();
        let offer = Offer {
            caps: caps.iter().map(|cap| cap.as_str().to_owned()).collect(),
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
    fn hears(&mut self, now: Timestamp, header: Header, record: &[u8], world: &Heard<'_>) -> bool {
        let mut record = record.to_vec();
        if header.kind == Kind::Hello2 {
            let answered = self.asking.take().map(|asking| asking.read(now, &record));
            let answered = answered.and_then(|answered| match answered {
                Err(_) if world.answers_relay => None,
                answered => Some(answered.expect("an honest agent's answer")),
            });
            return match answered {
                Some(Answered::Accepted(accepted)) => {
                    self.resume = Some(accepted.epoch.resume_secret().clone());
                    self.epoch = Some(accepted.epoch);
                    self.outbox.push_back(accepted.ready);
                    self.can.clone_from(&self.says_it_can);
                    self.forgets();
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
                let number = world.truth.picture(frame.frame.jpeg);
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
            FromAgent::Control(control) => {
                let said = self.screen.hears(&control.kind, control.json);
                self.says(now, said);
            }
            FromAgent::Close(_) => {}
        }
        false
    }

    fn says(&mut self, now: Timestamp, said: Option<String>) {
        let epoch = self.epoch.as_mut();
        let sealed = said
            .zip(epoch)
            .and_then(|(said, epoch)| epoch.seal_input(now, said.as_bytes()).ok());
        self.outbox.extend(sealed);
    }

    pub(super) fn acks(&mut self, now: Timestamp, frame: u64, waiting: u16) {
        let epoch = self.epoch.as_mut();
        let ack = epoch.and_then(|epoch| epoch.seal_ack(now, Ack { frame, waiting }).ok());
        self.outbox.extend(ack);
    }

    pub(super) fn beats(&mut self, now: Timestamp) {
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

    pub(super) fn controls(&mut self, now: Timestamp, json: &[u8]) {
        let epoch = self.epoch.as_mut();
        let said = epoch.and_then(|epoch| epoch.seal_control(now, json).ok());
        self.outbox.extend(said);
    }

    pub(super) fn can_seal(&self, version: Version) -> bool {
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

impl World {
    pub(super) fn join(&mut self, second: bool, pin: Option<bool>, resume: bool, caps: &[Cap]) {
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
                let hello = viewer.ask(&self.link, pin, resume, caps);
                viewer.outbox.extend(hello);
            }
        }
        self.work();
    }

    pub(super) fn disconnect(&mut self, second: bool) {
        let viewer = &mut self.viewers[usize::from(second)];
        let Some(chan) = viewer.chan else { return };
        viewer.disconnected();
        let word = match self.version {
            Version::V1 => r#"{"type":"viewer_disconnected"}"#.into(),
            Version::V2 => format!(r#"{{"type":"viewer_disconnected","chan":{chan}}}"#),
        };
        self.stream_says(&word);
    }

    /// Who is there, as far as an agent can know.
    pub(super) fn watch(&self) -> Watch {
        let agreed = self.viewers.iter().filter(|viewer| viewer.epoch.is_some());
        let can = |cap| agreed.clone().any(|viewer| viewer.can.contains(&cap));
        Watch {
            came: self.model.was_attended,
            is_there: match self.version {
                Version::V1 => self.model.is_attended,
                Version::V2 => agreed.clone().next().is_some(),
            },
            sees: can(Cap::Sheets),
            picks: can(Cap::Files),
            helps: can(Cap::Fields),
        }
    }

    /// The stream is gone, and with it all that is said over it.
    pub(super) fn disconnect_viewers(&mut self) {
        self.model.is_attended = false;
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
                let heard = Heard {
                    truth: &self.model.truth,
                    answers_relay: self.repeats,
                };
                for viewer in &mut self.viewers {
                    if viewer.chan == Some(header.chan) && viewer.hears(now, header, record, &heard)
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

/// What viewers picked that may be for this place, and said that all of it is there.
pub(super) fn picked_for<'a>(viewers: &'a [Viewer; 2], place: &Place) -> Vec<&'a Choice> {
    let finished = viewers.iter().flat_map(|viewer| &viewer.screen.finished);
    finished.filter(|choice| choice.is_for(place)).collect()
}
