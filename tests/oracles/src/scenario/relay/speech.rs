//! What the sockets say, each thing unlike any other.

use authloop_core::{
    relay::{ConnectionId, Input, Item},
    wire::v2::CloseCode,
};
use bytes::Bytes;

use super::{FromAgent, FromViewer, World};
use crate::{foreign::Header, script};

/// As long as anything that is said.
const PADDING: &str = match str::from_utf8(&[b'x'; 80 * 1_024]) {
    Ok(padding) => padding,
    Err(_) => "",
};

impl World {
    pub(super) fn agent_says(&mut self, id: ConnectionId, said: &FromAgent) {
        match said {
            FromAgent::Say { chan, size, more } => {
                for _ in 0..more.count(*size) {
                    if self.sealed {
                        let record = self.record(0x12, (*chan).into(), size.bytes());
                        self.agent_sends(id, record);
                    } else {
                        let text = self.text(size.bytes());
                        self.agent_texts(id, &text, false, false);
                    }
                }
            }
            FromAgent::Show { chan, size } if self.sealed => {
                let record = self.record(0x10, (*chan).into(), size.bytes());
                self.agent_sends(id, record);
            }
            FromAgent::Show { size, .. } => {
                let (number, length) = (self.number(), size.bytes());
                let meta = format!(r#"{{"type":"frame","number":{number}}}"#);
                self.agent_texts(id, &meta, false, true);
                self.agent_sends(id, vec![7; length].into());
            }
            FromAgent::Announce { long } if !self.sealed => {
                let text = self.typed("frame", if *long { 4_096 } else { 0 });
                self.agent_texts(id, &text, false, !long);
            }
            FromAgent::Key { long } if !self.sealed => {
                let text = self.typed("pubkey", if *long { 1_024 } else { 0 });
                self.agent_texts(id, &text, !long, false);
            }
            FromAgent::Announce { .. } | FromAgent::Key { .. } => {}
            FromAgent::Close { chan, code } => {
                let code = script::pick(&CloseCode::ALL, *code).map_or(4_401, |code| code.get());
                let text = format!(r#"{{"type":"close_viewer","chan":{chan},"code":{code}}}"#);
                self.agent_texts(id, &text, false, false);
            }
            FromAgent::Text(text) => self.agent_texts(id, &format!("x{text}"), false, false),
            FromAgent::Junk(bytes) => self.agent_sends(id, Bytes::from(junk(bytes))),
        }
    }

    /// A text of the agent's; in version 1, whether it is a key or announces a frame.
    fn agent_texts(&mut self, id: ConnectionId, text: &str, is_key: bool, is_meta: bool) {
        let now = self.advance();
        self.tell(|room| room.handle(now, Input::Text(id, text)));
        if self.model.role_of(id).is_none() {
        } else if self.sealed {
            self.model.word_from_agent(close_of(text));
        } else {
            self.model.plain_text(text, is_key, is_meta);
        }
        self.drain();
    }

    fn agent_sends(&mut self, id: ConnectionId, bytes: Bytes) {
        let now = self.advance();
        self.tell(|room| room.handle(now, Input::Binary(id, bytes.clone())));
        if self.model.role_of(id).is_none() {
        } else if self.sealed {
            self.model.record_from_agent(&bytes);
        } else {
            self.model.plain_picture(bytes);
        }
        self.drain();
    }

    pub(super) fn viewer_says(&mut self, id: ConnectionId, said: &FromViewer) {
        match said {
            FromViewer::Say { size, more, rude } => {
                for _ in 0..more.count(*size) {
                    if !rude && !self.room.first().wants(id) {
                        break;
                    }
                    let was_over = self.model.ran_over(id);
                    if self.sealed {
                        let record = self.record(0x11, 9, size.bytes());
                        self.viewer_sends(id, record);
                    } else {
                        let text = self.text(size.bytes());
                        self.viewer_texts(id, &text);
                    }
                    let over = self.model.ran_over(id) && !was_over;
                    assert!(*rude || !over, "somebody was read, and closed for it");
                    self.drain();
                }
            }
            FromViewer::Bytes(size) => self.viewer_sends(id, vec![1; size.bytes()].into()),
            FromViewer::Text(text) => self.viewer_texts(id, text),
            FromViewer::Junk(bytes) => self.viewer_sends(id, Bytes::from(junk(bytes))),
        }
        self.drain();
    }

    fn viewer_texts(&mut self, id: ConnectionId, text: &str) {
        let now = self.advance();
        self.tell(|room| room.handle(now, Input::Text(id, text)));
        if self.model.role_of(id).is_none() {
        } else if self.sealed {
            if self.model.is_heard(id) {
                self.model.counts.texts_dropped += 1;
            }
        } else {
            self.model.plain_from_viewer(id, Item::Text(text.into()));
        }
    }

    fn viewer_sends(&mut self, id: ConnectionId, bytes: Bytes) {
        let now = self.advance();
        self.tell(|room| room.handle(now, Input::Binary(id, bytes.clone())));
        if self.model.role_of(id).is_none() {
        } else if self.sealed {
            self.model.record_from_viewer(id, &bytes);
        } else {
            self.model.plain_from_viewer(id, Item::Binary(bytes));
        }
    }

    // What is said.

    fn number(&mut self) -> u64 {
        self.numbers += 1;
        self.numbers
    }

    fn record(&mut self, kind: u8, chan: u16, more: usize) -> Bytes {
        let header = Header {
            kind,
            chan,
            epoch: 7,
            counter: self.number(),
        };
        let mut record = header.to_bytes();
        record.resize(32 + more, 0xAB);
        record.into()
    }

    fn text(&mut self, more: usize) -> String {
        format!("{}|{}", self.number(), padding(more))
    }

    fn typed(&mut self, kind: &str, length: usize) -> String {
        let (number, padding) = (self.number(), padding(length));
        format!(r#"{{"type":"{kind}","number":{number},"x":"{padding}"}}"#)
    }
}

fn padding(length: usize) -> &'static str {
    PADDING.get(..length).expect("nothing is longer")
}

/// What is no record: too short, or of another version.
fn junk(bytes: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    if let Some(version) = bytes.first_mut()
        && *version == 2
    {
        *version = 1;
    }
    bytes
}

/// Reads what an agent may tell the relay.
fn close_of(text: &str) -> Option<(u16, CloseCode)> {
    let word: serde_json::Value = serde_json::from_str(text).ok()?;
    let chan = u16::try_from(word["chan"].as_u64()?).ok()?;
    let code = word["code"].as_u64()?;
    let code = CloseCode::ALL
        .into_iter()
        .find(|one| u64::from(one.get()) == code)?;
    (chan > 0 && word["type"] == "close_viewer").then_some((chan, code))
}
