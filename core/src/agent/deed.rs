//! What a human does beside the picture: the INPUT of version 2 that isn't aimed at the page (§6).
//!
//! Each names what it answers by its number, so it can't go to anything that came after, and no age
//! makes it wrong. No `Debug`: it holds what they typed.

use alloc::string::String;

use serde::Deserialize;
use zeroize::Zeroizing;

use super::board::SheetId;
use crate::input::InvalidEvent;

/// The longest text of an answer, in UTF-16 units.
pub(super) const MAX_ANSWER_UNITS: usize = 10_000;

/// One deed.
pub(super) enum Deed {
    /// The answer to a JavaScript dialog.
    Dialog(DialogAnswer),
}

/// The answer to a JavaScript dialog.
pub(super) struct DialogAnswer {
    pub(super) sheet: SheetId,
    pub(super) accept: bool,
    /// What a prompt is answered with.
    pub(super) text: Option<Zeroizing<String>>,
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
        let Kind { kind } = serde_json::from_slice(json).map_err(|_| InvalidEvent::UnknownType)?;
        match kind {
            "dialog_answer" => {
                let answer: Dialog =
                    serde_json::from_slice(json).map_err(|_| InvalidEvent::Json)?;
                let text = answer.text.map(Zeroizing::new);
                let length = text.as_ref().map_or(0, |text| text.encode_utf16().count());
                if length > MAX_ANSWER_UNITS {
                    return Err(InvalidEvent::Text);
                }
                Ok(Self::Dialog(DialogAnswer {
                    sheet: answer.id,
                    accept: answer.accept,
                    text,
                }))
            }
            _ => Err(InvalidEvent::UnknownType),
        }
    }
}
