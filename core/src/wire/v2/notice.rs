//! The stream's text messages in protocol version 2: between the relay and each of the two others
//! (§2, §7). Nothing vouches for them.
//!
//! Each side's words are a type of their own, and none holds input: what isn't one of them is
//! [`None`], for its reader to count and drop.

use alloc::{format, string::String};
use core::num::NonZeroU16;

use serde::{Deserialize, Serialize};

/// What the relay tells the agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum RelayToAgent {
    /// A viewer's socket came.
    ViewerConnected {
        /// Its records' channel, until it goes.
        chan: NonZeroU16,
    },
    /// A viewer's socket went.
    ViewerDisconnected {
        /// The channel that was its own.
        chan: NonZeroU16,
    },
    /// The session's time ran out.
    SessionExpired,
    /// Somebody cancelled the session by REST.
    SessionCancelled,
    /// Somebody resolved the session by REST.
    SessionResolved,
}

/// What the relay tells a viewer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[expect(missing_docs, reason = "the same names as in `RelayToAgent`")]
pub enum RelayToViewer {
    /// The agent is there, or came back: time for a handshake.
    AgentConnected,
    AgentDisconnected,
    SessionExpired,
    SessionCancelled,
    SessionResolved,
}

/// What the agent tells the relay.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum AgentToRelay {
    /// Close a viewer's socket, after what was sent to it.
    CloseViewer {
        /// Its channel.
        chan: NonZeroU16,
        /// As what.
        code: CloseCode,
    },
}

/// The close codes that an agent may ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u16", into = "u16")]
pub enum CloseCode {
    /// 1000: nothing more is to be said.
    Done,
    /// 1012: come back, with a new handshake.
    ComeBack,
    /// 4400: damaged or tampered with.
    Damaged,
    /// 4403: somebody else is in control.
    Busy,
    /// 4408: somebody else took over.
    TakenOver,
}

impl CloseCode {
    /// Every code.
    pub const ALL: [Self; 5] = [
        Self::Done,
        Self::ComeBack,
        Self::Damaged,
        Self::Busy,
        Self::TakenOver,
    ];

    /// Returns the WebSocket close code.
    pub const fn get(self) -> u16 {
        match self {
            Self::Done => 1000,
            Self::ComeBack => 1012,
            Self::Damaged => 4400,
            Self::Busy => 4403,
            Self::TakenOver => 4408,
        }
    }
}

impl From<CloseCode> for u16 {
    fn from(code: CloseCode) -> Self {
        code.get()
    }
}

/// A close code that an agent must not ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected the close code 1000, 1012, 4400, 4403 or 4408")]
pub struct UnknownCloseCode;

impl TryFrom<u16> for CloseCode {
    type Error = UnknownCloseCode;

    fn try_from(code: u16) -> Result<Self, UnknownCloseCode> {
        Self::ALL
            .into_iter()
            .find(|known| known.get() == code)
            .ok_or(UnknownCloseCode)
    }
}

macro_rules! texts {
    ($($name:ident),*) => {
        $(impl $name {
            /// Reads one text message; `None` for anything else.
            pub fn parse(text: &str) -> Option<Self> {
                serde_json::from_str(text).ok()
            }

            fn serialise(self) -> String {
                // Serialising numbers and fixed names to a string can't fail.
                serde_json::to_string(&self).unwrap_or_default()
            }
        })*
    };
}

texts!(RelayToAgent, RelayToViewer, AgentToRelay);

impl RelayToAgent {
    /// Writes the message's text.
    pub fn to_text(self) -> String {
        match self {
            // Said whenever somebody comes or goes: not worked out anew.
            Self::ViewerConnected { chan } => {
                format!(r#"{{"type":"viewer_connected","chan":{chan}}}"#)
            }
            Self::ViewerDisconnected { chan } => {
                format!(r#"{{"type":"viewer_disconnected","chan":{chan}}}"#)
            }
            Self::SessionExpired | Self::SessionCancelled | Self::SessionResolved => {
                self.serialise()
            }
        }
    }
}

impl RelayToViewer {
    /// Writes the message's text.
    pub fn to_text(self) -> String {
        self.serialise()
    }
}

impl AgentToRelay {
    /// Writes the message's text.
    pub fn to_text(self) -> String {
        self.serialise()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chan(number: u16) -> NonZeroU16 {
        NonZeroU16::new(number).expect("not zero")
    }

    #[test]
    fn the_words_are_those_of_the_specification() {
        assert_eq!(
            RelayToAgent::ViewerConnected { chan: chan(7) }.to_text(),
            r#"{"type":"viewer_connected","chan":7}"#
        );
        assert_eq!(
            RelayToAgent::ViewerDisconnected { chan: chan(65535) }.to_text(),
            r#"{"type":"viewer_disconnected","chan":65535}"#
        );
        assert_eq!(
            RelayToViewer::AgentConnected.to_text(),
            r#"{"type":"agent_connected"}"#
        );
        for code in CloseCode::ALL {
            let asked = AgentToRelay::CloseViewer {
                chan: chan(2),
                code,
            };
            let number = code.get();
            assert_eq!(
                asked.to_text(),
                alloc::format!(r#"{{"type":"close_viewer","chan":2,"code":{number}}}"#)
            );
            assert_eq!(AgentToRelay::parse(&asked.to_text()), Some(asked));
        }
    }

    #[test]
    fn no_channel_is_zero_and_no_other_code_can_be_asked_for() {
        for text in [
            r#"{"type":"close_viewer","chan":0,"code":1000}"#,
            r#"{"type":"close_viewer","chan":65536,"code":1000}"#,
            r#"{"type":"close_viewer","chan":-1,"code":1000}"#,
            r#"{"type":"close_viewer","chan":"1","code":1000}"#,
            r#"{"type":"close_viewer","chan":1,"code":4401}"#,
            r#"{"type":"close_viewer","chan":1,"code":1006}"#,
            r#"{"type":"close_viewer","chan":1}"#,
            r#"{"type":"close_viewer"}"#,
            r#"{"type":"viewer_connected","chan":1}"#,
            "close_viewer",
            "",
        ] {
            assert_eq!(AgentToRelay::parse(text), None, "{text}");
        }
        assert_eq!(
            RelayToAgent::parse(r#"{"type":"viewer_connected","chan":0}"#),
            None
        );
        assert_eq!(
            RelayToAgent::parse(r#"{"type":"viewer_connected"}"#),
            None,
            "version 1 says it without a channel"
        );
    }

    #[test]
    fn version_1_messages_are_none_of_these_words() {
        for text in [
            r#"{"type":"pubkey","key":"x"}"#,
            r#"{"type":"encrypted","payload":{"iv":"","ciphertext":"","tag":""}}"#,
            r#"{"type":"click","x":1,"y":1}"#,
            r#"{"type":"resolved"}"#,
            r#"{"type":"frame","jpegSize":1}"#,
        ] {
            assert_eq!(RelayToAgent::parse(text), None, "{text}");
            assert_eq!(RelayToViewer::parse(text), None, "{text}");
            assert_eq!(AgentToRelay::parse(text), None, "{text}");
        }
    }
}
