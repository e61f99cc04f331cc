//! The stream's text messages in protocol version 1 (§2 of its description).
//!
//! Parsing borrows. A message this module doesn't know is [`None`]: its reader counts and drops it.

use alloc::{borrow::Cow, string::String};

use serde::{Deserialize, Serialize};

/// What the relay, or the viewer through it, sends the agent.
///
/// There is no variant for an input event in plaintext: such a message reads as unknown.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ToAgent<'a> {
    /// A viewer came.
    ViewerConnected,
    /// A viewer went.
    ViewerDisconnected,
    /// The session's time ran out.
    SessionExpired,
    /// Somebody cancelled the session by REST.
    SessionCancelled,
    /// Somebody resolved the session by REST.
    SessionResolved,
    /// The viewer's public key: standard base64 of 65 bytes.
    Pubkey {
        /// The key.
        #[serde(borrow)]
        key: Cow<'a, str>,
    },
    /// A sealed input event.
    Encrypted {
        /// Its parts.
        #[serde(borrow)]
        payload: Sealed<'a>,
    },
}

/// What the relay, or the agent through it, sends the viewer.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ToViewer<'a> {
    /// The agent came.
    AgentConnected,
    /// The agent went.
    AgentDisconnected,
    /// The session's time ran out.
    SessionExpired,
    /// Somebody cancelled the session by REST.
    SessionCancelled,
    /// Somebody resolved the session by REST.
    SessionResolved,
    /// The agent's public key: standard base64 of 65 bytes.
    Pubkey {
        /// The key.
        #[serde(borrow)]
        key: Cow<'a, str>,
    },
    /// Announces the JPEG in the next message, which is binary.
    Frame(FrameMeta),
    /// The agent answered a dialog that the viewer can't show.
    Notice {
        /// What happened, such as `confirm_dismissed`.
        #[serde(borrow)]
        code: Cow<'a, str>,
    },
}

/// One sealed input event: standard base64 of a 12-byte IV, the ciphertext and the 16-byte tag.
#[derive(Serialize, Deserialize)]
pub struct Sealed<'a> {
    /// The IV.
    #[serde(borrow)]
    pub iv: Cow<'a, str>,
    /// The ciphertext.
    #[serde(borrow)]
    pub ciphertext: Cow<'a, str>,
    /// The tag.
    #[serde(borrow)]
    pub tag: Cow<'a, str>,
}

/// The geometry of a frame: Chromium's screencast metadata, in CSS pixels of the device.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FrameMeta {
    /// The viewport's width.
    pub device_width: f64,
    /// The viewport's height.
    pub device_height: f64,
    /// How far the page's top lies below the picture's.
    pub offset_top: f64,
    /// The page's pinch zoom.
    pub page_scale_factor: f64,
    /// How far the page is scrolled.
    pub scroll_offset_x: f64,
    /// How far the page is scrolled.
    pub scroll_offset_y: f64,
    /// The JPEG's length in bytes.
    pub jpeg_size: usize,
}

impl<'a> ToAgent<'a> {
    /// Reads one text message; `None` for anything this module doesn't know.
    pub fn parse(text: &'a str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }
}

impl<'a> ToViewer<'a> {
    /// Reads one text message; `None` for anything this module doesn't know.
    pub fn parse(text: &'a str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }
}

/// A message to write. The relay writes the notices, each side its own.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[expect(missing_docs, reason = "the same names as in `ToAgent` and `ToViewer`")]
pub enum Outgoing<'a> {
    ViewerConnected,
    ViewerDisconnected,
    AgentConnected,
    AgentDisconnected,
    SessionExpired,
    SessionCancelled,
    SessionResolved,
    Pubkey { key: &'a str },
    Frame(FrameMeta),
    Notice { code: &'a str },
    Encrypted { payload: Sealed<'a> },
}

impl Outgoing<'_> {
    /// Writes the message's text.
    pub fn to_text(&self) -> String {
        // A relay says hardly anything else, to everybody who comes: nothing of it is worked out anew.
        let notice = match self {
            Self::ViewerConnected => r#"{"type":"viewer_connected"}"#,
            Self::ViewerDisconnected => r#"{"type":"viewer_disconnected"}"#,
            Self::AgentConnected => r#"{"type":"agent_connected"}"#,
            Self::AgentDisconnected => r#"{"type":"agent_disconnected"}"#,
            Self::SessionExpired => r#"{"type":"session_expired"}"#,
            Self::SessionCancelled => r#"{"type":"session_cancelled"}"#,
            Self::SessionResolved => r#"{"type":"session_resolved"}"#,
            Self::Pubkey { .. } | Self::Frame(_) | Self::Notice { .. } | Self::Encrypted { .. } => {
                // Serialising these types to a string can't fail: no maps with odd keys, no I/O, and
                // a number that isn't finite is written as null.
                return serde_json::to_string(self).unwrap_or_default();
            }
        };
        notice.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plaintext_input_is_no_message_at_all() {
        for text in [
            r#"{"type":"click","x":1,"y":2}"#,
            r#"{"type":"resolved"}"#,
            r#"{"type":"cancelled"}"#,
            r#"{"type":"paste","text":"x"}"#,
            "nonsense",
            "[]",
            "",
        ] {
            assert!(ToAgent::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn a_notice_is_written_as_the_others_are() {
        for notice in [
            Outgoing::ViewerConnected,
            Outgoing::ViewerDisconnected,
            Outgoing::AgentConnected,
            Outgoing::AgentDisconnected,
            Outgoing::SessionExpired,
            Outgoing::SessionCancelled,
            Outgoing::SessionResolved,
        ] {
            let serialised = serde_json::to_string(&notice).expect("a name");
            assert_eq!(notice.to_text(), serialised);
        }
    }

    #[test]
    fn a_frame_is_written_as_the_existing_viewers_read_it() {
        let meta = FrameMeta {
            device_width: 1280.0,
            device_height: 720.0,
            offset_top: 0.0,
            page_scale_factor: 1.0,
            scroll_offset_x: 0.0,
            scroll_offset_y: 12.5,
            jpeg_size: 4096,
        };
        let text = Outgoing::Frame(meta).to_text();
        assert_eq!(
            text,
            r#"{"type":"frame","deviceWidth":1280.0,"deviceHeight":720.0,"offsetTop":0.0,"pageScaleFactor":1.0,"scrollOffsetX":0.0,"scrollOffsetY":12.5,"jpegSize":4096}"#
        );
        assert!(matches!(ToViewer::parse(&text), Some(ToViewer::Frame(read)) if read == meta));
    }

    #[test]
    fn unknown_members_are_ignored() {
        assert!(matches!(
            ToAgent::parse(r#"{"type":"viewer_connected","at":5}"#),
            Some(ToAgent::ViewerConnected)
        ));
    }
}
