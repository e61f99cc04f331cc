//! The viewers of version 2 in a replay: their handshakes, their keys, and what they seal.
//!
//! A handshake is made of its number, so that it can be made again for each answer: a relay may have copied
//! its first message, and only one of the answers was taken.

use std::collections::BTreeMap;

use authloop_core::{
    crypto::v2::{Accepted, Answered, Offer, ViewerEpoch, ViewerHandshake, ViewerLink},
    generator::Generator,
    secret::{Pin, Seed},
    time::Timestamp,
    wire::v2::{Ack, Direction, Header, Kind as RecordKind},
};
use authloop_trace::line::{Kind, Record, RecordHeader, Said, expand};

/// The longest record that is made of nothing, in bytes: one that is too long stays too long.
const LONGEST: usize = 1 << 20;

/// All viewers of a session.
pub(super) struct Sealed {
    pin: Option<Pin>,
    link: Option<ViewerLink>,
    handshakes: BTreeMap<usize, Handshake>,
    /// The handshake that was begun last on each channel.
    begun: BTreeMap<u16, usize>,
    epochs: BTreeMap<u32, Epoch>,
}

/// What a viewer brought to a handshake.
struct Handshake {
    caps: Vec<String>,
    pin: Option<bool>,
    proof: Option<u32>,
}

struct Epoch {
    keys: ViewerEpoch,
    ready: Vec<u8>,
}

impl Sealed {
    pub(super) fn new(pin: Option<&str>) -> Self {
        Self {
            pin: pin.and_then(Pin::parse),
            link: None,
            handshakes: BTreeMap::new(),
            begun: BTreeMap::new(),
            epochs: BTreeMap::new(),
        }
    }

    /// The session's link, which viewers need.
    pub(super) fn given(&mut self, session_url: &str) {
        self.link = ViewerLink::parse(session_url).ok();
    }

    /// Hears a record of the agent's.
    pub(super) fn listen(&mut self, now: Timestamp, record: &[u8]) {
        let Ok(header) = Header::read(record, Direction::ToViewer) else {
            return;
        };
        if header.kind != RecordKind::Hello2 {
            return;
        }
        let begun = self.begun.get(&header.chan).copied();
        let Some((handshake, _)) = begun.and_then(|number| self.handshake(number, header.counter))
        else {
            return;
        };
        if let Ok(Answered::Accepted(Accepted { epoch, ready, .. })) = handshake.read(now, record) {
            let keys = epoch;
            self.epochs.insert(keys.epoch(), Epoch { keys, ready });
        }
    }

    /// Makes the record that a trace tells of; nothing if it tells what can't be.
    pub(super) fn record(&mut self, now: Timestamp, told: &Record) -> Option<Vec<u8>> {
        let Some(header) = told.header else {
            return Some(nothing(told, [0; 16]));
        };
        let made = match &told.said {
            Some(said) => self.said(now, told.chan, header, said)?,
            None => nothing(told, head(told.chan, header).to_bytes()),
        };
        Some(on_channel(made, told.chan))
    }

    fn said(
        &mut self,
        now: Timestamp,
        chan: u16,
        header: RecordHeader,
        said: &Said,
    ) -> Option<Vec<u8>> {
        if let Said::Hello {
            number,
            caps,
            pin,
            proof,
        } = said
        {
            let (caps, pin, proof) = (caps.clone(), *pin, *proof);
            self.handshakes
                .entry(*number)
                .or_insert(Handshake { caps, pin, proof });
            self.begun.insert(chan, *number);
            return self
                .handshake(*number, header.counter)
                .map(|(_, hello)| hello);
        }
        let epoch = self.epochs.get_mut(&header.epoch)?;
        let keys = &mut epoch.keys;
        let sealed = match said {
            Said::Ready => return Some(epoch.ready.clone()),
            Said::Control(value) => keys.seal_control(now, value.to_string().as_bytes()),
            Said::Ack(frame, waiting) => {
                let (frame, waiting) = (*frame, *waiting);
                keys.seal_ack(now, Ack { frame, waiting })
            }
            Said::Left => keys.seal_left(now),
            Said::Input(value) => keys.seal_input(now, value.to_string().as_bytes()),
            Said::Deed(value) => {
                let mut value = value.clone();
                expand(&mut value);
                keys.seal_input(now, value.to_string().as_bytes())
            }
            Said::Invalid(why) => keys.seal_input(now, invalid(why).as_bytes()),
            Said::Hello { .. } | Said::Accepted | Said::Refused(_) => return None,
        };
        sealed.ok()
    }

    /// Makes a handshake and its first message, alike each time.
    fn handshake(&self, number: usize, attempt: u64) -> Option<(ViewerHandshake, Vec<u8>)> {
        let link = self.link.as_ref()?;
        let Handshake { caps, pin, proof } = self.handshakes.get(&number)?;
        let pin = match pin {
            None => None,
            Some(true) => self.pin.clone(),
            Some(false) => Pin::parse("999999"),
        };
        let resume = match proof {
            None => None,
            Some(epoch) => Some(self.epochs.get(epoch)?.keys.resume_secret()),
        };
        let offer = Offer {
            caps: caps.clone(),
            pin,
            resume,
        };
        let mut seed = [0; 32];
        for (place, byte) in seed.iter_mut().zip(number.to_be_bytes()) {
            *place = byte;
        }
        let mut generator = Generator::new(Seed::new(seed));
        ViewerHandshake::start(&link.link, &link.session, attempt, offer, &mut generator).ok()
    }
}

/// An input event that is refused for the same reason.
pub(super) fn invalid(why: &str) -> &'static str {
    match why {
        "UnknownType" => r#"{"type":"x"}"#,
        "Coordinates" => r#"{"type":"click"}"#,
        "Delta" => r#"{"type":"scroll","x":1,"y":1,"deltaX":1e6}"#,
        "ClickCount" => r#"{"type":"click","x":1,"y":1,"clickCount":9999}"#,
        "Key" => r#"{"type":"keydown"}"#,
        "Code" => r#"{"type":"keydown","key":"x","code":"?"}"#,
        "Text" => r#"{"type":"paste"}"#,
        _ => "?",
    }
}

/// A record that doesn't verify, with this header.
fn nothing(told: &Record, header: [u8; 16]) -> Vec<u8> {
    let mut record = header.to_vec();
    record.resize(told.len.min(LONGEST), 0);
    on_channel(record, told.chan)
}

fn head(chan: u16, header: RecordHeader) -> Header {
    let RecordHeader {
        kind,
        epoch,
        counter,
    } = header;
    Header {
        kind: match kind {
            Kind::Hello => RecordKind::Hello1,
            Kind::Input => RecordKind::Input,
            Kind::Control => RecordKind::Control,
            Kind::Ack => RecordKind::Ack,
            Kind::Close => RecordKind::Close,
        },
        chan,
        epoch,
        counter,
    }
}

fn on_channel(mut record: Vec<u8>, chan: u16) -> Vec<u8> {
    for (place, byte) in record.iter_mut().skip(2).zip(chan.to_be_bytes()) {
        *place = byte;
    }
    record
}
