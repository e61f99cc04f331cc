//! The relay: what it passes on, what it says of its own, and what it makes up.

use authloop_core::agent::io::{Input, Peer};
use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::{
    Relay, Version,
    world::{Line, World},
};
use crate::{mutation::Mutation, script};

/// What a relay of either version says; `C` stands for a channel.
const WORDS: [&str; 11] = [
    r#"{"type":"viewer_connected","chan":C}"#,
    r#"{"type":"viewer_disconnected","chan":C}"#,
    r#"{"type":"viewer_connected"}"#,
    r#"{"type":"viewer_disconnected"}"#,
    r#"{"type":"session_resolved"}"#,
    r#"{"type":"session_cancelled"}"#,
    r#"{"type":"session_expired"}"#,
    r#"{"type":"resolved"}"#,
    r#"{"type":"click","x":1,"y":1}"#,
    r#"{"type":"paste","text":"secret words"}"#,
    r#"{"type":"agent_connected"}"#,
];

/// How many messages the adversary remembers.
const MOST_REMEMBERED: usize = 200;

impl World {
    pub(super) fn relay(&mut self, relay: &Relay) {
        match relay {
            Relay::Word { word, chan } => {
                let word = script::pick(&WORDS, *word).copied().unwrap_or_default();
                self.stream_says(&word.replace('C', &chan.to_string()));
            }
            Relay::Text(text) => self.stream_says(text),
            Relay::Binary(bytes) => self.stream_sends(bytes),
            Relay::Again {
                which,
                chan,
                mutation,
            } => self.again(*which, *chan, mutation.as_ref()),
            Relay::Key(bytes) => {
                let key = STANDARD.encode(bytes);
                self.stream_says(&format!(r#"{{"type":"pubkey","key":"{key}"}}"#));
            }
            Relay::Stuck(stuck) => self.is_stuck = *stuck,
            Relay::Drained => {
                if self.stream == Line::Up {
                    self.drained();
                }
            }
        }
        self.work();
    }

    fn again(&mut self, which: u8, chan: Option<u8>, mutation: Option<&Mutation>) {
        let Some(message) = script::pick(&self.crossed, which) else {
            return;
        };
        let mut message = message.clone();
        if let Some(mutation) = mutation {
            mutation.apply(&mut message);
        }
        match self.version {
            Version::V1 => {
                if let Ok(text) = String::from_utf8(message) {
                    self.stream_says(&text);
                }
            }
            Version::V2 => {
                let place = message.get_mut(2..4);
                if let (Some(place), Some(chan)) = (place, chan) {
                    place.copy_from_slice(&u16::from(chan).to_be_bytes());
                }
                self.repeats = true;
                self.stream_sends(&message);
                self.repeats = false;
            }
        }
    }

    /// The stream brings text.
    pub(super) fn stream_says(&mut self, text: &str) {
        if self.stream != Line::Up {
            return;
        }
        self.model.relay_says(text);
        let is_presence = ["viewer", "pubkey", "encrypted", "\\"];
        if self.version == Version::V1 && is_presence.iter().any(|word| text.contains(word)) {
            self.model.somebody_came();
        }
        self.hear(|agent, now| agent.handle(now, Input::Text(Peer::Relay, text)));
    }

    /// The stream brings bytes.
    pub(super) fn stream_sends(&mut self, bytes: &[u8]) {
        if self.stream == Line::Up {
            self.tell(|agent, now| agent.handle(now, Input::Binary(Peer::Relay, bytes)));
        }
    }

    pub(super) fn remember(&mut self, message: &[u8]) {
        if self.stream == Line::Up && self.crossed.len() < MOST_REMEMBERED {
            self.crossed.push(message.to_vec());
        }
    }
}
