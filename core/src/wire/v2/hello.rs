//! What a handshake's two messages carry (§4): the viewer's wishes, the agent's answer.
//!
//! Payloads are objects of at most 1 KiB; anything else ends the handshake.

use alloc::{string::String, vec::Vec};
use core::fmt;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{
    Deserialize, Deserializer, Serialize,
    de::{Error, Unexpected, Visitor},
};
use zeroize::Zeroizing;

use super::json::{Malformed, object, present};
use crate::secret::Pin;

/// The longest payload of a handshake message in bytes.
pub const MAX_HELLO_PAYLOAD: usize = 1_024;

/// What a viewer asks for.
///
/// No `Debug`: it can hold a PIN.
#[derive(Default)]
pub struct Hello1 {
    /// Kinds of records and the like that the viewer knows beyond this version's.
    pub caps: Vec<String>,
    /// The PIN the human was asked for.
    pub pin: Option<Pin>,
    /// The proof that the viewer held control before: an HMAC-SHA256.
    pub resume: Option<[u8; 32]>,
}

/// What the agent answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hello2 {
    /// The viewer may send READY.
    Accepted {
        /// The epoch of the new keys, at least 1.
        epoch: u32,
        /// Milliseconds until the session ends.
        expires_in: u64,
        /// How many of the viewer's records the agent accepted in `got_epoch`.
        got: Option<u64>,
        /// The epoch that `got` speaks of.
        got_epoch: Option<u32>,
    },
    /// The viewer may not, for now.
    Refused(RefusalReason),
}

/// Why the agent turned a viewer down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefusalReason {
    /// Another viewer holds the session.
    Busy,
    /// A PIN is asked for, and none or a wrong one came.
    Pin,
    /// The session takes nobody without a proof.
    Closed,
}

impl Hello1 {
    /// Reads the viewer's payload.
    ///
    /// # Errors
    /// Anything but an object of version 2 whose known members are of their types.
    pub fn parse(payload: &[u8]) -> Result<Self, Malformed> {
        let wish: Wish = hello(payload)?;
        if wish.v != 2 {
            return Err(Malformed::Version);
        }
        Ok(Self {
            caps: wish.caps,
            pin: wish.pin,
            resume: wish.resume,
        })
    }

    /// Writes the payload.
    ///
    /// # Errors
    /// More than 1 KiB of it.
    pub fn to_json(&self) -> Result<Zeroizing<Vec<u8>>, Malformed> {
        let resume = self.resume.map(|proof| URL_SAFE_NO_PAD.encode(proof));
        bounded(&WishOut {
            v: 2,
            caps: &self.caps,
            pin: self.pin.as_ref().map(Pin::expose),
            resume: resume.as_deref(),
        })
    }
}

impl Hello2 {
    /// Reads the agent's payload.
    ///
    /// # Errors
    /// Anything but an object with a whole answer, and epoch 0.
    pub fn parse(payload: &[u8]) -> Result<Self, Malformed> {
        let answer: Answer = hello(payload)?;
        let read = match answer {
            Answer {
                ok: true,
                epoch: Some(epoch @ 1..),
                expires_in: Some(expires_in),
                got,
                got_epoch,
                reason: _,
            } => Some(Self::Accepted {
                epoch,
                expires_in,
                got,
                got_epoch,
            }),
            Answer {
                ok: false,
                reason: Some(reason),
                ..
            } => Some(Self::Refused(reason)),
            Answer { .. } => None,
        };
        read.ok_or(Malformed::Body)
    }

    /// Writes the payload.
    ///
    /// # Errors
    /// None that these types allow.
    pub fn to_json(self) -> Result<Zeroizing<Vec<u8>>, Malformed> {
        bounded(&match self {
            Self::Accepted {
                epoch,
                expires_in,
                got,
                got_epoch,
            } => Answer {
                ok: true,
                epoch: Some(epoch),
                expires_in: Some(expires_in),
                got,
                got_epoch,
                reason: None,
            },
            Self::Refused(reason) => Answer {
                reason: Some(reason),
                ..Answer::default()
            },
        })
    }
}

/// The viewer's payload as it is read.
#[derive(Deserialize)]
struct Wish {
    v: u64,
    #[serde(default)]
    caps: Vec<String>,
    #[serde(default, deserialize_with = "pin")]
    pin: Option<Pin>,
    #[serde(default, deserialize_with = "proof")]
    resume: Option<[u8; 32]>,
}

/// The viewer's payload as it is written.
#[derive(Serialize)]
struct WishOut<'a> {
    v: u64,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    caps: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    pin: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resume: Option<&'a str>,
}

/// The agent's payload.
#[derive(Default, Serialize, Deserialize)]
struct Answer {
    ok: bool,
    #[serde(default, deserialize_with = "present")]
    #[serde(skip_serializing_if = "Option::is_none")]
    epoch: Option<u32>,
    #[serde(default, deserialize_with = "present")]
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_in: Option<u64>,
    #[serde(default, deserialize_with = "present")]
    #[serde(skip_serializing_if = "Option::is_none")]
    got: Option<u64>,
    #[serde(default, deserialize_with = "present")]
    #[serde(skip_serializing_if = "Option::is_none")]
    got_epoch: Option<u32>,
    #[serde(default, deserialize_with = "present")]
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<RefusalReason>,
}

fn hello<'a, T: Deserialize<'a>>(payload: &'a [u8]) -> Result<T, Malformed> {
    if payload.len() > MAX_HELLO_PAYLOAD {
        return Err(Malformed::Length);
    }
    // What is skipped by the parser isn't checked by it.
    core::str::from_utf8(payload).map_err(|_| Malformed::Body)?;
    object(payload)
}

fn bounded(payload: &impl Serialize) -> Result<Zeroizing<Vec<u8>>, Malformed> {
    serde_json::to_vec(payload)
        .ok()
        .map(Zeroizing::new)
        .filter(|json| json.len() <= MAX_HELLO_PAYLOAD)
        .ok_or(Malformed::Length)
}

fn pin<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Pin>, D::Error> {
    deserializer
        .deserialize_str(Parsed("6 digits", Pin::parse))
        .map(Some)
}

fn proof<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<[u8; 32]>, D::Error> {
    fn decode(text: &str) -> Option<[u8; 32]> {
        if text.len() != 43 {
            return None;
        }
        URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()
    }
    deserializer
        .deserialize_str(Parsed("43 characters of base64url", decode))
        .map(Some)
}

/// A string that is parsed where it lies, and copied nowhere else.
struct Parsed<T>(&'static str, fn(&str) -> Option<T>);

impl<T> Visitor<'_> for Parsed<T> {
    type Value = T;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.0)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
        // The text may be a secret: the error doesn't hold it.
        (self.1)(text).ok_or_else(|| E::invalid_value(Unexpected::Other("another string"), &self))
    }
}

#[cfg(test)]
mod tests {
    use alloc::{format, string::ToString as _};

    use super::*;

    fn parsed(json: &str) -> Result<Hello1, Malformed> {
        Hello1::parse(json.as_bytes())
    }

    #[test]
    fn an_error_says_what_was_expected_and_not_what_came() {
        let mut json = serde_json::Deserializer::from_str(r#""54321""#);
        let error = json.deserialize_str(Parsed("6 digits", Pin::parse)).err();
        let said = error.map(|error| error.to_string()).unwrap_or_default();
        assert!(
            said.contains("6 digits") && !said.contains("54321"),
            "{said}"
        );
    }

    #[test]
    fn a_viewer_may_ask_for_nothing_but_the_version() {
        let hello = parsed(r#"{"v":2}"#).expect("a hello");
        assert!(hello.caps.is_empty() && hello.pin.is_none() && hello.resume.is_none());
        let json = Hello1::default().to_json().expect("small");
        assert_eq!(json.as_slice(), br#"{"v":2}"#);
    }

    #[test]
    fn all_a_viewer_asks_for_reads_back() {
        let hello = Hello1 {
            caps: ["a".into(), "b".into()].into(),
            pin: Pin::parse("012345"),
            resume: Some([0xFE; 32]),
        };
        let json = hello.to_json().expect("small");
        let read = Hello1::parse(&json).expect("a hello");
        assert_eq!(read.caps, hello.caps);
        assert!(read.pin.is_some_and(|pin| pin.expose() == "012345"));
        assert_eq!(read.resume, hello.resume);
    }

    #[test]
    fn unknown_members_of_a_hello_are_ignored() {
        assert!(parsed(r#"{"v":2,"w":{"pin":5},"x":null}"#).is_ok());
        let answer = Hello2::parse(br#"{"ok":false,"reason":"pin","why":[1]}"#);
        assert_eq!(answer, Ok(Hello2::Refused(RefusalReason::Pin)));
    }

    #[test]
    fn a_known_member_of_the_wrong_type_is_refused() {
        let proof = "A".repeat(43);
        assert!(parsed(&format!(r#"{{"v":2,"resume":"{proof}"}}"#)).is_ok());
        for json in [
            "",
            "{}",
            "2",
            "[2]",
            r#"[2,[],"012345"]"#,
            r#"{"v":"2"}"#,
            r#"{"v":1}"#,
            r#"{"v":2.0}"#,
            r#"{"v":2,"v":2}"#,
            r#"{"v":2,"caps":null}"#,
            r#"{"v":2,"caps":[1]}"#,
            r#"{"v":2,"pin":null}"#,
            r#"{"v":2,"pin":123456}"#,
            r#"{"v":2,"pin":"12345"}"#,
            r#"{"v":2,"pin":"1234567"}"#,
            r#"{"v":2,"pin":"12345a"}"#,
            r#"{"v":2,"pin":"\u0661\u0662\u0663"}"#,
            r#"{"v":2,"resume":null}"#,
            r#"{"v":2,"resume":"AAAA"}"#,
            r#"{"v":2,"resume":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA+"}"#,
            r#"{"v":2,"resume":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB"}"#,
        ] {
            assert!(parsed(json).is_err(), "{json}");
        }
        assert!(Hello1::parse(b"{\"v\":2,\"x\":\"\xFF\"}").is_err());
    }

    #[test]
    fn a_pin_may_be_escaped_like_any_string() {
        let hello = parsed(r#"{"v":2,"pin":"\u00312345\u0036"}"#).ok();
        assert!(hello.is_some_and(|hello| hello.pin.is_some_and(|pin| pin.expose() == "123456")));
    }

    #[test]
    fn an_answer_is_whole_or_none() {
        let accepted = Hello2::Accepted {
            epoch: 7,
            expires_in: 600_000,
            got: Some(3),
            got_epoch: Some(6),
        };
        let json = accepted.to_json().expect("small");
        assert_eq!(
            json.as_slice(),
            br#"{"ok":true,"epoch":7,"expires_in":600000,"got":3,"got_epoch":6}"#
        );
        assert_eq!(Hello2::parse(&json), Ok(accepted));
        for (reason, text) in [
            (RefusalReason::Busy, &br#"{"ok":false,"reason":"busy"}"#[..]),
            (RefusalReason::Pin, br#"{"ok":false,"reason":"pin"}"#),
            (RefusalReason::Closed, br#"{"ok":false,"reason":"closed"}"#),
        ] {
            let json = Hello2::Refused(reason).to_json().expect("small");
            assert_eq!(json.as_slice(), text);
            assert_eq!(Hello2::parse(text), Ok(Hello2::Refused(reason)));
        }
        for json in [
            "{}",
            r#"[true,1,1]"#,
            r#"{"ok":true}"#,
            r#"{"ok":true,"epoch":1}"#,
            r#"{"ok":true,"epoch":0,"expires_in":1}"#,
            r#"{"ok":true,"epoch":4294967296,"expires_in":1}"#,
            r#"{"ok":true,"epoch":1,"expires_in":null}"#,
            r#"{"ok":true,"epoch":1,"expires_in":1,"got":null}"#,
            r#"{"ok":1,"epoch":1,"expires_in":1}"#,
            r#"{"ok":false}"#,
            r#"{"ok":false,"reason":"rain"}"#,
        ] {
            assert_eq!(
                Hello2::parse(json.as_bytes()),
                Err(Malformed::Body),
                "{json}"
            );
        }
    }

    #[test]
    fn a_payload_is_at_most_one_kibibyte_both_ways() {
        let with = |length: usize| Hello1 {
            caps: ["x".repeat(length)].into(),
            ..Hello1::default()
        };
        let frame = r#"{"v":2,"caps":[""]}"#.len();
        let most = with(MAX_HELLO_PAYLOAD - frame).to_json().expect("fits");
        assert_eq!(most.len(), MAX_HELLO_PAYLOAD);
        assert!(Hello1::parse(&most).is_ok());
        let more = with(MAX_HELLO_PAYLOAD - frame + 1).to_json();
        assert_eq!(more.err(), Some(Malformed::Length));
        let padded = [b"{\"v\":2}".as_slice(), &[b' '; 1_018]].concat();
        assert_eq!(Hello1::parse(&padded).err(), Some(Malformed::Length));
    }
}
