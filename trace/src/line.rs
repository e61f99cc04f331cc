//! What a line holds. The first is a [`Header`], the others are [`Line`]s.
//!
//! Everything is read back from files of anybody's, so nothing here may be taken for granted by its reader.

use authloop_core::{
    agent::{
        config::{Config, Encryption, EndToEnd},
        file::{FileDone, FileFailure},
        io::{Closed, ConnectFailure, Input, Peer, Request},
    },
    api::Context,
    secret::{ApiKey, Pin},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The first line: what the agent was started with, and by which product.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// The format's version, [`crate::VERSION`].
    pub trace: u32,
    /// The product's version.
    pub product: String,
    /// The test seed: every byte of it has this value. Absent in users' traces.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed: Option<u8>,
    /// The time at which the agent was made, in milliseconds.
    pub start: u64,
    /// What it was started with.
    pub config: Setup,
}

/// What an agent was started with; in users' traces filler of the same shape.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Setup {
    /// The protocol's version: 1 or 2.
    pub protocol: u8,
    /// The browser's address.
    pub cdp_url: String,
    /// The relay's address.
    pub relay_url: String,
    /// The viewer page's address, in version 2.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub viewer_url: Option<String>,
    /// The PIN, where the human is asked for one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pin: Option<String>,
    /// The line for humans.
    pub service: String,
    /// Which page is handed over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page_url: Option<String>,
    /// Seconds the session may last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ttl: Option<u64>,
    /// Most frames a second.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_frame_rate: Option<core::num::NonZeroU32>,
}

/// A line behind the first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", untagged)]
pub enum Line {
    /// The agent took an input.
    In {
        /// When, in milliseconds.
        t: u64,
        /// What.
        #[serde(rename = "in")]
        input: In,
    },
    /// The agent was asked what to do, and said this ([`crate::describe`]).
    Out {
        /// What.
        out: String,
    },
    /// It was asked, and had nothing to do.
    Idle {
        /// When it wants to be woken.
        idle: Option<u64>,
        /// Where the session stands.
        stage: String,
        /// What was dropped so far; left out while nothing was.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        dropped: Option<String>,
    },
    /// The trace has reached its limit. Nothing follows.
    Cut {
        /// How many bytes it may have.
        cut: usize,
    },
    /// A test failed. Nothing follows.
    Failure {
        /// What it said.
        failure: String,
        /// What the test did, in its own words.
        story: String,
    },
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum In {
    /// A WebSocket is open.
    Opened(Who),
    /// A WebSocket has taken everything.
    Drained(Who),
    /// A WebSocket is gone.
    Closed(Who, Gone),
    /// Time passed.
    Tick,
    /// The application cancels.
    Cancel,
    /// The application ends, and gives the relay so many milliseconds.
    Shutdown(u64),
    /// A message of the browser's. Text is filler, except for what the agent decides by; see
    /// [`expand`] for what is too long to be written.
    Cdp(Value),
    /// A word of the relay's own.
    Relay(Value),
    /// A text of so many bytes that isn't of its protocol.
    Nonsense(Who, usize),
    /// A binary message of so many bytes, where none is expected.
    Bytes(Who, usize),
    /// A binary message of version 2.
    Record(Record),
    /// A viewer's public key of version 1: keys are numbered as they come.
    Key(usize, Said),
    /// A sealed message of version 1.
    Sealed(Said),
    /// The answer to an HTTP exchange.
    Http(u32, Answer),
    /// What the disk did for one of the human's files.
    File(u32, Disk),
    /// In a test's trace: a text message as it came.
    Text(Who, String),
    /// In a test's trace: a binary message as it came, in base64.
    Binary(Who, String),
}

/// A binary message of version 2.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// The channel that the relay named.
    pub chan: u16,
    /// What its header says, if it can be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub header: Option<RecordHeader>,
    /// Its length in bytes.
    pub len: usize,
    /// What it turned out to be. Without this, it didn't verify, or was of no use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub said: Option<Said>,
}

/// What a record's header says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordHeader {
    /// The record's kind.
    pub kind: Kind,
    /// Under which keys.
    pub epoch: u32,
    /// Its place under these keys.
    pub counter: u64,
}

/// A record's kind, of those that viewers send.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum Kind {
    Hello,
    Input,
    Control,
    Ack,
    Close,
}

/// What a viewer's message turned out to be.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Said {
    /// A handshake's first message.
    Hello {
        /// Handshakes are numbered as they come; a copy has its original's number.
        number: usize,
        /// What the viewer can do.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        caps: Vec<String>,
        /// Whether the PIN it brought was right, if it brought one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pin: Option<bool>,
        /// The epoch whose secret proved that the viewer had control.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        proof: Option<u32>,
    },
    /// A handshake's last message.
    Ready,
    /// A control message.
    Control(Value),
    /// An acknowledgement: the frame, and how many wait.
    Ack(u64, u16),
    /// The viewer leaves.
    Left,
    /// An input event, with filler for keys, texts and places.
    Input(Value),
    /// An input that isn't aimed at the page, with filler for texts.
    Deed(Value),
    /// What was no input event, and why.
    Invalid(String),
    /// The key was accepted.
    Accepted,
    /// The key, or the sealed message, was refused, and why.
    Refused(String),
}

/// One of the two peers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum Who {
    Browser,
    Relay,
}

/// How a WebSocket went.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Gone {
    /// Closed with this code.
    Code(u16),
    /// Closed without one.
    Lost,
    /// It never opened.
    Failed(Failed),
}

/// Why a connection or an exchange failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names of `ConnectFailure`")]
pub enum Failed {
    InvalidUrl,
    Unresolved,
    Forbidden,
    Unreachable,
    TimedOut,
    Tls,
    Status(u16),
    Protocol,
    TooLarge,
}

/// How an HTTP exchange went.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// Without an answer.
    Failed(Failed),
    /// With one.
    Status {
        /// The status.
        status: u16,
        /// The `Date` header, if it is one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        date: Option<String>,
        /// The `Retry-After` header.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        retry_after: Option<u64>,
        /// The body.
        body: Body,
    },
}

/// What the disk did for a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Disk {
    /// The file is there.
    Created,
    /// In a test's trace: there, at this path.
    CreatedAt(String),
    /// The bytes are written.
    Appended,
    /// So many bytes were read.
    Read(usize),
    /// In a test's trace: these were, in base64.
    ReadExactly(String),
    /// The disk is full.
    NoRoom,
    /// The disk failed, or there is none.
    Broken,
}

/// An answer's body.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Body {
    /// JSON, as far as the agent decides by it.
    Json(Value),
    /// So many bytes of anything else.
    Nonsense(usize),
    /// In a test's trace: as it came, in base64.
    Exact(String),
}

impl In {
    /// Returns what is written of an input that holds no message.
    pub(crate) fn plain(input: &Input<'_>) -> Option<Self> {
        Some(match input {
            Input::Opened(peer) => Self::Opened((*peer).into()),
            Input::Drained(peer) => Self::Drained((*peer).into()),
            Input::Closed(peer, closed) => Self::Closed((*peer).into(), (*closed).into()),
            Input::Tick => Self::Tick,
            Input::Request(Request::Cancel) => Self::Cancel,
            Input::Request(Request::Shutdown { grace }) => {
                Self::Shutdown(u64::try_from(grace.as_millis()).unwrap_or(u64::MAX))
            }
            Input::Http(id, Err(failure)) => {
                Self::Http(id.get(), Answer::Failed((*failure).into()))
            }
            Input::File(id, done) => Self::File(id.get(), Disk::of(done)),
            Input::Text(..) | Input::Binary(..) | Input::Http(_, Ok(_)) => return None,
        })
    }
}

impl Disk {
    /// Returns what may be told of it: neither a name nor a byte.
    fn of(done: &Result<FileDone<'_>, FileFailure>) -> Self {
        match done {
            Ok(FileDone::Created(_)) => Self::Created,
            Ok(FileDone::Appended) => Self::Appended,
            Ok(FileDone::Read(bytes)) => Self::Read(bytes.len()),
            Err(FileFailure::NoRoom) => Self::NoRoom,
            Err(FileFailure::Broken) => Self::Broken,
        }
    }
}

impl Setup {
    /// Makes the configuration again. The relay's key isn't part of it: nothing depends on that.
    pub fn config(&self) -> Config {
        let context = self.page_url.clone().map(|url| Context {
            url: Some(url),
            ..Context::default()
        });
        let viewer_url = self.viewer_url.clone().unwrap_or_default();
        Config {
            cdp_url: self.cdp_url.clone(),
            relay_url: self.relay_url.clone(),
            api_key: ApiKey::new("al_live_replayed"),
            service: self.service.clone(),
            context,
            ttl: self.ttl,
            max_frame_rate: self.max_frame_rate,
            encryption: match self.protocol {
                1 => Encryption::V1,
                _ => Encryption::V2(EndToEnd {
                    viewer_url,
                    pin: self.pin.as_deref().and_then(Pin::parse),
                }),
            },
        }
    }
}

impl From<Peer> for Who {
    fn from(peer: Peer) -> Self {
        match peer {
            Peer::Browser => Self::Browser,
            Peer::Relay => Self::Relay,
        }
    }
}

impl From<Who> for Peer {
    fn from(who: Who) -> Self {
        match who {
            Who::Browser => Self::Browser,
            Who::Relay => Self::Relay,
        }
    }
}

impl From<Closed> for Gone {
    fn from(closed: Closed) -> Self {
        match closed {
            Closed::Code(code) => Self::Code(code),
            Closed::Lost => Self::Lost,
            Closed::Failed(failure) => Self::Failed(failure.into()),
        }
    }
}

impl From<&Gone> for Closed {
    fn from(gone: &Gone) -> Self {
        match gone {
            Gone::Code(code) => Self::Code(*code),
            Gone::Lost => Self::Lost,
            Gone::Failed(failed) => Self::Failed((*failed).into()),
        }
    }
}

impl From<ConnectFailure> for Failed {
    fn from(failure: ConnectFailure) -> Self {
        match failure {
            ConnectFailure::InvalidUrl => Self::InvalidUrl,
            ConnectFailure::Unresolved => Self::Unresolved,
            ConnectFailure::Forbidden => Self::Forbidden,
            ConnectFailure::TimedOut => Self::TimedOut,
            ConnectFailure::Tls => Self::Tls,
            ConnectFailure::Status(status) => Self::Status(status),
            ConnectFailure::Protocol => Self::Protocol,
            ConnectFailure::TooLarge => Self::TooLarge,
            ConnectFailure::Unreachable | _ => Self::Unreachable,
        }
    }
}

impl From<Failed> for ConnectFailure {
    fn from(failed: Failed) -> Self {
        match failed {
            Failed::InvalidUrl => Self::InvalidUrl,
            Failed::Unresolved => Self::Unresolved,
            Failed::Forbidden => Self::Forbidden,
            Failed::Unreachable => Self::Unreachable,
            Failed::TimedOut => Self::TimedOut,
            Failed::Tls => Self::Tls,
            Failed::Status(status) => Self::Status(status),
            Failed::Protocol => Self::Protocol,
            Failed::TooLarge => Self::TooLarge,
        }
    }
}

/// The longest text that [`expand`] makes: what a browser's message may have.
const LONGEST: usize = 64 << 20;

/// How a text of `len` characters of base64 is written, `padding` of them at its end.
pub fn shorten(len: usize, padding: usize) -> String {
    let padding: String = core::iter::repeat_n('=', padding).collect();
    format!("~{len}{padding}")
}

/// Writes out what [`shorten`] has shortened, wherever it stands in a value. What is too long for any
/// message stays short.
pub fn expand(value: &mut Value) {
    let mut waiting = vec![value];
    while let Some(value) = waiting.pop() {
        match value {
            Value::String(text) => {
                if let Some(long) = expanded(text) {
                    *text = long;
                }
            }
            Value::Array(items) => waiting.extend(items),
            Value::Object(members) => waiting.extend(members.values_mut()),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
}

fn expanded(text: &str) -> Option<String> {
    let short = text.strip_prefix('~')?;
    let digits = short.trim_end_matches('=');
    let len: usize = digits.parse().ok().filter(|len| *len <= LONGEST)?;
    let padding = short.len() - digits.len();
    let mut long = "A".repeat(len.checked_sub(padding)?);
    long.push_str(short.get(digits.len()..)?);
    Some(long)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_was_shortened_comes_back_in_its_length() {
        let mut value = json!({"data": [shorten(8, 2), "~x", "~99999999999", "S1"], "n": 1});
        expand(&mut value);
        let expected = json!({"data": ["AAAAAA==", "~x", "~99999999999", "S1"], "n": 1});
        assert_eq!(value, expected);
    }

    #[test]
    fn lines_are_read_as_they_were_written() {
        let lines = [
            Line::In {
                t: 5,
                input: In::Closed(Who::Relay, Gone::Failed(Failed::Status(500))),
            },
            Line::In {
                t: 6,
                input: In::Record(Record {
                    chan: 3,
                    header: Some(RecordHeader {
                        kind: Kind::Hello,
                        epoch: 0,
                        counter: 1,
                    }),
                    len: 200,
                    said: Some(Said::Hello {
                        number: 0,
                        caps: vec!["sheets".into()],
                        pin: Some(true),
                        proof: None,
                    }),
                }),
            },
            Line::Out { out: "x".into() },
            Line::Idle {
                idle: None,
                stage: "ended".into(),
                dropped: None,
            },
            Line::Cut { cut: 7 },
        ];
        for line in lines {
            let text = serde_json::to_string(&line).expect("plain members");
            let read: Line = serde_json::from_str(&text).expect("a line");
            assert_eq!(read, line, "{text}");
        }
    }
}
