//! What a human does beside the picture: the INPUT of version 2 that isn't aimed at the page (§6).
//!
//! Each names what it answers by its number, so it can't go to anything that came after, and no age
//! makes it wrong. No `Debug`: it holds what they typed.

use alloc::{string::String, vec::Vec};

use serde::Deserialize;
use zeroize::Zeroizing;

use super::{board::SheetId, upload::FileDeed};
use crate::input::{Choice, Errand, InvalidEvent};

/// The longest text of an answer, in UTF-16 units.
pub(super) const MAX_ANSWER_UNITS: usize = 10_000;

/// How many options may be chosen at once.
const MAX_CHOSEN: usize = 1_000;

/// The longest date, time or colour, in bytes.
const MAX_VALUE: usize = 100;

/// One deed.
pub(super) enum Deed {
    /// The answer to a JavaScript dialog.
    Dialog(DialogAnswer),
    /// The answer to a server that asks who is there.
    Auth(AuthAnswer),
    /// Another page shall be shown, by its number.
    Tab(u16),
    /// Something said of files.
    Files(FileDeed),
    /// Something that has its turn among the events.
    InTurn(Errand),
}

/// The answer to a JavaScript dialog.
pub(super) struct DialogAnswer {
    pub(super) sheet: SheetId,
    pub(super) accept: bool,
    /// What a prompt is answered with.
    pub(super) text: Option<Zeroizing<String>>,
}

/// The answer to a server that asks who is there.
pub(super) struct AuthAnswer {
    pub(super) sheet: SheetId,
    /// Without any the human declines.
    pub(super) credentials: Option<Credentials>,
}

/// A name and its password.
pub(super) struct Credentials {
    pub(super) username: Zeroizing<String>,
    pub(super) password: Zeroizing<String>,
}

impl Deed {
    /// Reads one.
    ///
    /// # Errors
    /// [`InvalidEvent::UnknownType`] for what is no deed, [`InvalidEvent::Json`] for a member that is
    /// missing or of the wrong type, [`InvalidEvent::Text`] for a text that is too long.
    pub(super) fn parse(json: &[u8]) -> Result<Self, InvalidEvent> {
        #[derive(Deserialize)]
        struct Kind<'a> {
            #[serde(rename = "type", borrow)]
            kind: &'a str,
        }
        #[derive(Deserialize)]
        struct Dialog {
            id: SheetId,
            accept: bool,
            #[serde(default)]
            text: Option<String>,
        }
        #[derive(Deserialize)]
        struct Auth {
            id: SheetId,
            #[serde(default)]
            username: Option<String>,
            #[serde(default)]
            password: Option<String>,
        }
        #[derive(Deserialize)]
        struct Tab {
            page: u16,
        }
        #[derive(Deserialize)]
        struct Picker {
            id: SheetId,
            #[serde(default)]
            chosen: Option<Vec<u32>>,
            #[serde(default)]
            value: Option<String>,
        }
        let Kind { kind } = serde_json::from_slice(json).map_err(|_| InvalidEvent::UnknownType)?;
        match kind {
            "dialog_answer" => {
                let answer: Dialog =
                    serde_json::from_slice(json).map_err(|_| InvalidEvent::Json)?;
                Ok(Self::Dialog(DialogAnswer {
                    sheet: answer.id,
                    accept: answer.accept,
                    text: answer.text.map(check_text).transpose()?,
                }))
            }
            "auth_answer" => {
                let answer: Auth = serde_json::from_slice(json).map_err(|_| InvalidEvent::Json)?;
                let credentials = match (answer.username, answer.password) {
                    (Some(username), Some(password)) => Some(Credentials {
                        username: check_text(username)?,
                        password: check_text(password)?,
                    }),
                    (None, None) => None,
                    (Some(_), None) | (None, Some(_)) => return Err(InvalidEvent::Json),
                };
                Ok(Self::Auth(AuthAnswer {
                    sheet: answer.id,
                    credentials,
                }))
            }
            "tab" => {
                let Tab { page } = serde_json::from_slice(json).map_err(|_| InvalidEvent::Json)?;
                Ok(Self::Tab(page))
            }
            "picker_answer" => {
                let answer: Picker =
                    serde_json::from_slice(json).map_err(|_| InvalidEvent::Json)?;
                let choice = match (answer.chosen, answer.value) {
                    (Some(options), None) if options.len() <= MAX_CHOSEN => {
                        Choice::Options(options)
                    }
                    (None, Some(value)) if value.len() <= MAX_VALUE => Choice::Value(value),
                    (None, None) => Choice::Nothing,
                    (Some(_), None) | (None, Some(_)) => return Err(InvalidEvent::Text),
                    (Some(_), Some(_)) => return Err(InvalidEvent::Json),
                };
                Ok(Self::InTurn(Errand::Answer {
                    sheet: answer.id.number(),
                    choice,
                }))
            }
            "copy" => Ok(Self::InTurn(Errand::Copy)),
            "open_picker" => Ok(Self::InTurn(Errand::Offer)),
            kind => FileDeed::parse(kind, json).map(Self::Files),
        }
    }
}

fn check_text(text: String) -> Result<Zeroizing<String>, InvalidEvent> {
    let text = Zeroizing::new(text);
    if text.encode_utf16().count() > MAX_ANSWER_UNITS {
        return Err(InvalidEvent::Text);
    }
    Ok(text)
}
