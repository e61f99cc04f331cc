//! What a wall's own listeners were told, in order.

use serde::Deserialize;

/// One line of a wall's log: an event, or something the wall found out.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Entry {
    /// The event's type, such as `keydown`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The id of the element it was for.
    pub on: String,
    /// Whether the browser vouches that a human did it; absent if it isn't an event.
    pub trusted: Option<bool>,
    /// The key's meaning.
    pub key: String,
    /// The key's place on the keyboard.
    pub code: String,
    /// The key's number.
    pub key_code: u32,
    /// Whether the key was held.
    pub repeat: bool,
    /// How many clicks in a row.
    pub detail: u32,
    /// Which button of the mouse.
    pub button: i32,
    /// How hard a pointer presses, from 0 to 1.
    pub pressure: f64,
    /// How many CSS pixels the wheel turned downwards.
    pub delta_y: f64,
    /// What the field holds by then.
    pub value: Option<String>,
    /// What was done to the field's text, such as `insertText`.
    pub input_type: Option<String>,
    /// Of another site's frame: where that comes from.
    pub origin: String,
}

/// A wall's log.
#[derive(Clone, Debug)]
pub struct Log(pub Vec<Entry>);

impl Log {
    /// Returns the entries of one type, in order.
    pub fn of(&self, kind: &str) -> Vec<&Entry> {
        self.0.iter().filter(|entry| entry.kind == kind).collect()
    }

    /// Returns the types of all entries, in order.
    pub fn kinds(&self) -> Vec<&str> {
        self.0.iter().map(|entry| entry.kind.as_str()).collect()
    }

    /// Fails the test unless these types are in the log in this order, whatever is between them.
    ///
    /// # Panics
    ///
    /// Then it tells what there is instead.
    pub fn has_in_order(&self, wanted: &[&str]) {
        let kinds = self.kinds();
        let mut rest = kinds.iter();
        let missing = wanted.iter().find(|kind| !rest.any(|seen| seen == *kind));
        assert_eq!(missing, None, "the page saw {kinds:?}");
    }

    /// Fails the test if the page was told anything that the browser doesn't vouch for.
    ///
    /// # Panics
    ///
    /// Then it shows the first such event.
    pub fn is_trusted(&self) {
        // Chromium itself vouches for the end of no composition, whoever composes: a blur's neither.
        let is_forged =
            |entry: &&Entry| entry.trusted == Some(false) && entry.kind != "compositionend";
        let forged = self.0.iter().find(is_forged);
        assert!(forged.is_none(), "{forged:?}");
    }
}
