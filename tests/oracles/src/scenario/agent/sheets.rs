//! What a viewer is told to show beside the picture: what pages ask, and which pages there are.

use serde::Deserialize;

use crate::truth::WORDS;

/// A question that a viewer shows, or one that is shown no more.
#[derive(Deserialize)]
pub(super) struct Sheet {
    pub(super) id: u32,
    /// A dialog's words, which end in the question's number.
    text: Option<String>,
    /// A server's words, which are the question's number behind a letter.
    realm: Option<String>,
}

/// The pages there are.
#[derive(Deserialize)]
pub(super) struct Tabs {
    pub(super) tabs: Vec<Tab>,
}

/// One of them.
#[derive(Deserialize)]
pub(super) struct Tab {
    pub(super) page: u16,
}

impl Sheet {
    /// Tells whether a server asks, and no dialog.
    pub(super) const fn is_auth(&self) -> bool {
        self.realm.is_some()
    }

    /// The number of the question; none of one that is no page's of this story.
    pub(super) fn question(&self) -> Option<u32> {
        let realm = self
            .realm
            .as_deref()
            .and_then(|realm| realm.strip_prefix('R'));
        let dialog = self
            .text
            .as_deref()
            .and_then(|text| text.strip_prefix(WORDS));
        realm.or(dialog)?.trim().parse().ok()
    }
}

/// Reads what an agent told a viewer.
pub(super) fn read<'a, T: Deserialize<'a>>(json: &'a [u8]) -> T {
    serde_json::from_slice(json).expect("what we write, we read")
}
