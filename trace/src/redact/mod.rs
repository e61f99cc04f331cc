//! What of a hand-off may be written: one rule a kind of input, and for all that isn't known, its length.
//!
//! INVARIANT: everything is kept by a list of what may be, so what nobody thought of is left out.

mod address;
mod events;
mod json;
mod names;

use authloop_core::{
    agent::{
        Agent,
        config::{Config, Encryption},
        io::{HttpResponse, Input, Output, Peer},
        notes::Heard,
    },
    cdp::codec::Incoming,
    crypto::v1,
    time::{Timestamp, WallTime},
    wire::{
        v1::ToAgent,
        v2::{Cap, Direction, Header as RecordHead, Kind as RecordKind, RelayToAgent},
    },
};
use serde_json::{Value, json};

use self::{
    address::address,
    events::{Events, filler},
    json::json as redacted,
    names::{Names, What},
};
use crate::{
    VERSION,
    describe::describe,
    line::{Answer, Body, Header, In, Kind, Line, Record, RecordHeader, Said, Setup},
};

/// Where the ephemeral key of a handshake's first message lies.
const EPHEMERAL: core::ops::Range<usize> = 16..81;

/// The PIN of a replay, where one is asked for.
const FILLER_PIN: &str = "000000";

/// Writes a user's hand-off down. No `Debug`: it knows which keys are held.
#[derive(Default)]
pub struct Redactor {
    names: Names,
    events: Events,
    is_v1: bool,
}

/// An input as far as it can be told before the agent has taken it.
pub struct Reading {
    now: Timestamp,
    input: In,
    /// The number of the handshake that it begins, if it does.
    hello: Option<usize>,
}

impl Redactor {
    /// Returns the first line of a trace: what an agent made at `start` is started with.
    pub fn header(&mut self, config: &Config, start: Timestamp) -> Header {
        let page_url = config
            .context
            .as_ref()
            .and_then(|context| context.url.as_deref())
            .map(|url| address::foreign(&mut self.names, url));
        let (protocol, viewer_url, pin) = match &config.encryption {
            Encryption::V1 => (1, None, None),
            Encryption::V2(end_to_end) => {
                let viewer = address(&mut self.names, &end_to_end.viewer_url);
                let pin = end_to_end.pin.as_ref().map(|_| FILLER_PIN.to_owned());
                (2, Some(viewer), pin)
            }
        };
        self.is_v1 = protocol == 1;
        Header {
            trace: VERSION,
            product: env!("CARGO_PKG_VERSION").to_owned(),
            seed: None,
            start: start.as_millis(),
            config: Setup {
                protocol,
                cdp_url: address(&mut self.names, &config.cdp_url),
                relay_url: address(&mut self.names, &config.relay_url),
                viewer_url,
                pin,
                service: filler(&config.service),
                page_url,
                ttl: config.ttl,
                max_frame_rate: config.max_frame_rate,
            },
        }
    }

    /// Reads an input before the agent takes it.
    pub fn input(&mut self, now: Timestamp, input: &Input<'_>) -> Reading {
        let mut hello = None;
        let told = match input {
            Input::Http(id, Ok(answer)) => In::Http(id.get(), self.answer(answer)),
            Input::Text(Peer::Browser, text) => self.cdp(text),
            Input::Text(Peer::Relay, text) if self.is_v1 => self.v1(text),
            Input::Text(Peer::Relay, text) => match RelayToAgent::parse(text) {
                Some(word) => In::Relay(json!(word)),
                None => In::Nonsense(Peer::Relay.into(), text.len()),
            },
            Input::Binary(Peer::Relay, bytes) if !self.is_v1 => {
                let record = record(bytes);
                if record
                    .header
                    .is_some_and(|header| header.kind == Kind::Hello)
                {
                    let ephemeral = bytes.get(EPHEMERAL).unwrap_or_default();
                    hello = Some(self.names.number(What::Hello, ephemeral));
                }
                In::Record(record)
            }
            Input::Binary(peer, bytes) => In::Bytes((*peer).into(), bytes.len()),
            plain @ (Input::Opened(_)
            | Input::Drained(_)
            | Input::Closed(..)
            | Input::Http(_, Err(_))
            | Input::File(..)
            | Input::Request(_)
            | Input::Tick) => In::plain(plain).unwrap_or(In::Tick),
        };
        Reading {
            now,
            input: told,
            hello,
        }
    }

    /// Returns the line of an input that the agent has taken, with what it turned out to be.
    pub fn line(&mut self, reading: Reading, heard: Option<Heard>) -> Line {
        let Reading {
            now,
            mut input,
            hello,
        } = reading;
        if let Some(heard) = heard {
            let turned_out = self.said(now, heard, hello);
            if let In::Record(record) = &mut input {
                record.said = Some(turned_out);
            } else if let In::Key(_, said) | In::Sealed(said) = &mut input {
                *said = turned_out;
            }
        }
        Line::In {
            t: now.as_millis(),
            input,
        }
    }

    /// Returns the line of an output.
    pub fn output(&mut self, agent: &Agent, output: &Output) -> Line {
        let session = |id: &str| self.names.short(What::CdpSession, 'S', id);
        describe(agent, output, session, false)
    }

    fn cdp(&mut self, text: &str) -> In {
        let nonsense = In::Nonsense(Peer::Browser.into(), text.len());
        if Incoming::parse(text).is_none() {
            return nonsense;
        }
        serde_json::from_str::<Value>(text)
            .map_or(nonsense, |value| In::Cdp(redacted(&mut self.names, &value)))
    }

    fn v1(&mut self, text: &str) -> In {
        let word = |word: &str| In::Relay(json!({ "type": word }));
        match ToAgent::parse(text) {
            Some(ToAgent::ViewerConnected) => word("viewer_connected"),
            Some(ToAgent::ViewerDisconnected) => word("viewer_disconnected"),
            Some(ToAgent::SessionExpired) => word("session_expired"),
            Some(ToAgent::SessionCancelled) => word("session_cancelled"),
            Some(ToAgent::SessionResolved) => word("session_resolved"),
            Some(ToAgent::Pubkey { key }) => {
                let number = self.names.number(What::Key, key.as_bytes());
                In::Key(number, Said::Refused("Unheard".into()))
            }
            Some(ToAgent::Encrypted { .. }) => In::Sealed(Said::Refused("Unheard".into())),
            None => In::Nonsense(Peer::Relay.into(), text.len()),
        }
    }

    fn answer(&mut self, answer: &HttpResponse<'_>) -> Answer {
        let body = serde_json::from_slice::<Value>(answer.body);
        let date = answer.date.and_then(|date| {
            WallTime::from_http_date(date)?;
            // Of the fixed length and without comments, it holds a date and nothing else.
            let is_fixed = date.len() == 29 && date.ends_with(" GMT") && !date.contains('(');
            is_fixed.then(|| date.to_owned())
        });
        Answer::Status {
            status: answer.status,
            date,
            retry_after: answer.retry_after,
            body: match body {
                Ok(body) => Body::Json(redacted(&mut self.names, &body)),
                Err(_) => Body::Nonsense(answer.body.len()),
            },
        }
    }

    fn said(&mut self, now: Timestamp, heard: Heard, hello: Option<usize>) -> Said {
        match heard {
            Heard::Hello { caps, pin, proof } => Said::Hello {
                number: hello.unwrap_or_default(),
                caps: Cap::ALL
                    .into_iter()
                    .filter(|cap| caps.has(*cap))
                    .map(|cap| cap.as_str().to_owned())
                    .collect(),
                pin,
                proof,
            },
            Heard::Ready => {
                self.events.forget();
                Said::Ready
            }
            Heard::Control(json) => match serde_json::from_slice::<Value>(&json) {
                Ok(control) => Said::Control(redacted(&mut self.names, &control)),
                Err(_) => Said::Invalid("Control".into()),
            },
            Heard::Deed(json) => match serde_json::from_slice::<Value>(&json) {
                Ok(deed) => Said::Deed(redacted(&mut self.names, &deed)),
                Err(_) => Said::Invalid("UnknownType".into()),
            },
            Heard::Ack(ack) => Said::Ack(ack.frame, ack.waiting),
            Heard::Left => Said::Left,
            Heard::Input(Ok(stamped)) => {
                let told = self.events.redact(now, &stamped).to_json();
                serde_json::from_slice(&told).map_or(Said::Invalid("Json".into()), Said::Input)
            }
            Heard::Input(Err(invalid)) => Said::Invalid(format!("{invalid:?}")),
            Heard::Key(Ok(_)) => Said::Accepted,
            Heard::Key(Err(refused)) => Said::Refused(format!("{refused:?}")),
            Heard::Refused(v1::OpenError::Exhausted) => Said::Refused("Exhausted".into()),
            Heard::Refused(refused) => Said::Refused(format!("{refused:?}")),
        }
    }
}

fn record(bytes: &[u8]) -> Record {
    let header = RecordHead::read(bytes, Direction::ToAgent).ok();
    let header = header.and_then(|header| {
        let kind = match header.kind {
            RecordKind::Hello1 => Kind::Hello,
            RecordKind::Input => Kind::Input,
            RecordKind::Control => Kind::Control,
            RecordKind::Ack => Kind::Ack,
            RecordKind::Close => Kind::Close,
            RecordKind::Hello2 | RecordKind::Frame => return None,
        };
        Some(RecordHeader {
            kind,
            epoch: header.epoch,
            counter: header.counter,
        })
    });
    let hop = bytes.get(2..4).and_then(|hop| hop.try_into().ok());
    Record {
        chan: hop.map_or(0, u16::from_be_bytes),
        header,
        len: bytes.len(),
        said: None,
    }
}
