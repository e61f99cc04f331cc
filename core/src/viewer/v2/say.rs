//! The control messages of version 2 as the viewer writes and reads them (§6, §7).
//!
//! What it doesn't know it hands on; a known member of the wrong type is refused.

use alloc::{borrow::Cow, string::String, vec::Vec};

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::io::{Answer, Late};
use crate::{
    input::InputEvent,
    wire::v2::{Control, Malformed},
};

/// The longest `kind` of a dropped event that is told, in bytes.
const MAX_KIND: usize = 32;

/// The agent's heartbeat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub(super) struct Heartbeat {
    /// The newest frame it sealed.
    pub(super) last_frame: Option<u64>,
    /// How many of this viewer's records it accepted.
    pub(super) got: u64,
    /// Its clock.
    pub(super) clock: u32,
}

/// What the agent said.
pub(super) enum Said {
    Heartbeat(Heartbeat),
    Echo(u32),
    Takeover(u16),
    Dropped(String, Late),
    Other(String, Vec<u8>),
}

impl Said {
    pub(super) fn read(control: &Control<'_>) -> Result<Self, Malformed> {
        #[derive(Deserialize)]
        struct Ping {
            n: u32,
        }
        #[derive(Deserialize)]
        struct Takeover {
            id: u16,
        }
        #[derive(Deserialize)]
        struct Dropped<'a> {
            #[serde(borrow)]
            kind: Cow<'a, str>,
            #[serde(borrow)]
            why: Cow<'a, str>,
        }
        let other = || Self::Other(control.kind.clone().into_owned(), control.json.to_vec());
        Ok(match control.kind.as_ref() {
            "heartbeat" => Self::Heartbeat(body(control)?),
            "ping" => Self::Echo(body::<Ping>(control)?.n),
            "takeover" => Self::Takeover(body::<Takeover>(control)?.id),
            "dropped" => {
                let Dropped { kind, why } = body(control)?;
                let why = match why.as_ref() {
                    "stale" => Some(Late::Stale),
                    "navigated" => Some(Late::Navigated),
                    _ => None,
                };
                match why {
                    Some(why) if kind.len() <= MAX_KIND => Self::Dropped(kind.into_owned(), why),
                    Some(_) | None => other(),
                }
            }
            _ => other(),
        })
    }
}

/// Reads the object that a control message was found to be.
fn body<'a, T: Deserialize<'a>>(control: &Control<'a>) -> Result<T, Malformed> {
    serde_json::from_slice(control.json).map_err(|_| Malformed::Body)
}

/// The viewer's own messages.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Saying {
    Heartbeat {
        last_frame: Option<u64>,
        hidden: bool,
        clock: u32,
    },
    Ping {
        n: u32,
    },
    Takeover {
        id: u16,
        answer: &'static str,
    },
}

impl Saying {
    pub(super) const fn answer(id: u16, answer: Answer) -> Self {
        let answer = match answer {
            Answer::HandOver => "hand_over",
            Answer::Keep => "keep",
        };
        Self::Takeover { id, answer }
    }

    pub(super) fn to_json(&self) -> Vec<u8> {
        // Serialising plain members to a vector can't fail.
        serde_json::to_vec(self).unwrap_or_default()
    }
}

/// Writes an input event with what the human saw, and when.
pub(super) fn input(event: &InputEvent, seen: Option<u64>, at: Option<u32>) -> Zeroizing<Vec<u8>> {
    #[derive(Serialize)]
    struct Seen {
        #[serde(skip_serializing_if = "Option::is_none")]
        seen: Option<u64>,
        #[serde(skip_serializing_if = "Option::is_none")]
        at: Option<u32>,
    }
    let event = Zeroizing::new(event.to_json());
    let when = serde_json::to_vec(&Seen { seen, at }).unwrap_or_default();
    // INVARIANT: an event's JSON is an object with a member, its type.
    let (Some((b'}', event)), Some((b'{', when))) = (event.split_last(), when.split_first()) else {
        return Zeroizing::default();
    };
    let mut json = Zeroizing::new(Vec::with_capacity(event.len() + when.len() + 1));
    json.extend_from_slice(event);
    if seen.is_some() || at.is_some() {
        json.push(b',');
    }
    json.extend_from_slice(when);
    json
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<Said, Malformed> {
        Said::read(&Control::parse(json.as_bytes())?)
    }

    #[test]
    fn an_event_says_what_was_seen_and_when() {
        let json = |seen, at| input(&InputEvent::Back, seen, at);
        assert_eq!(json(None, None).as_slice(), br#"{"type":"back"}"#);
        assert_eq!(
            json(Some(7), Some(9)).as_slice(),
            br#"{"type":"back","seen":7,"at":9}"#
        );
        assert_eq!(json(None, Some(9)).as_slice(), br#"{"type":"back","at":9}"#);
        assert_eq!(
            json(Some(7), None).as_slice(),
            br#"{"type":"back","seen":7}"#
        );
    }

    #[test]
    fn a_known_member_of_the_wrong_type_is_refused() {
        assert!(read(r#"{"type":"heartbeat","last_frame":null,"got":1,"clock":2}"#).is_ok());
        assert!(read(r#"{"type":"heartbeat","last_frame":5,"got":1,"clock":2,"x":[]}"#).is_ok());
        for json in [
            r#"{"type":"heartbeat"}"#,
            r#"{"type":"heartbeat","last_frame":"5","got":1,"clock":2}"#,
            r#"{"type":"heartbeat","last_frame":5,"got":-1,"clock":2}"#,
            r#"{"type":"heartbeat","last_frame":5,"got":1,"clock":4294967296}"#,
            r#"{"type":"heartbeat","last_frame":5,"got":1.5,"clock":2}"#,
            r#"{"type":"ping","n":"1"}"#,
            r#"{"type":"ping"}"#,
            r#"{"type":"takeover","id":65536}"#,
            r#"{"type":"takeover","id":null}"#,
            r#"{"type":"dropped","kind":1,"why":"stale"}"#,
            r#"{"type":"dropped","kind":"click","why":7}"#,
        ] {
            assert_eq!(read(json).err(), Some(Malformed::Body), "{json}");
        }
    }

    #[test]
    fn unknown_messages_are_handed_on() {
        for json in [
            r#"{"type":"url","url":"https://a.example/"}"#,
            r#"{"type":"dropped","kind":"click","why":"bored"}"#,
            r#"{"type":"dropped","kind":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","why":"stale"}"#,
        ] {
            assert!(matches!(read(json), Ok(Said::Other(_, _))), "{json}");
        }
    }
}
