//! What a viewer shows beside the picture: what pages ask, what can be chosen, and which pages there are.

use serde::Deserialize;

use super::picking::{Choice, Chooser, Picking};
use crate::truth::WORDS;

/// All of it, and what its human picked for a page.
#[derive(Default)]
pub(super) struct Screen {
    /// What the page asks.
    pub(super) sheets: Vec<Sheet>,
    /// The pages that it was told of.
    pub(super) tabs: Vec<u16>,
    /// Where the page waits for files.
    pub(super) choosers: Vec<Chooser>,
    /// What there is to be chosen from, by its number.
    pub(super) pickers: Vec<u32>,
    /// The files that were picked, on their way.
    pub(super) picking: Option<Picking>,
    /// What was picked, and said to be there, all of it.
    pub(super) finished: Vec<Choice>,
}

impl Screen {
    /// What was shown in one epoch is nothing to the next; what was picked goes on.
    pub(super) fn clear(&mut self) {
        self.sheets.clear();
        self.tabs.clear();
        self.choosers.clear();
        self.pickers.clear();
    }

    /// The agent says something. Returns what is said to that.
    pub(super) fn hears(&mut self, kind: &str, json: &[u8]) -> Option<String> {
        match kind {
            "dialog" | "auth" => {
                let sheet: Sheet = read(json);
                self.sheets.retain(|other| other.id != sheet.id);
                self.sheets.push(sheet);
            }
            "sheet_closed" => {
                let closed = read::<Sheet>(json).id;
                self.sheets.retain(|sheet| sheet.id != closed);
                self.choosers.retain(|chooser| chooser.id != closed);
                self.pickers.retain(|picker| *picker != closed);
                self.picking.take_if(|picking| picking.is_of(closed));
            }
            "tabs" => {
                let Tabs { tabs } = read(json);
                self.tabs = tabs.iter().map(|tab| tab.page).collect();
            }
            "picker" => {
                let shown = read::<Sheet>(json).id;
                self.pickers.retain(|picker| *picker != shown);
                self.pickers.push(shown);
            }
            "files" => return self.is_asked_for_files(read(json)),
            "file_got" => {
                let said = self.picking.as_mut()?.goes_on(&read(json));
                self.finishes_what_is_sent();
                return said;
            }
            "file_refused" => {
                let refused = read::<Sheet>(json).id;
                self.picking.take_if(|picking| picking.is_of(refused));
            }
            _ => {}
        }
        None
    }

    /// The page waits for files; what was picked for it already goes on.
    fn is_asked_for_files(&mut self, chooser: Chooser) -> Option<String> {
        let is_it = |picking: &&mut Picking| picking.is_of(chooser.id) || picking.awaits(&chooser);
        let picking = self.picking.as_mut().filter(is_it);
        let said = picking.map(|picking| picking.begins(&chooser));
        self.choosers.retain(|other| other.id != chooser.id);
        self.choosers.push(chooser);
        self.finishes_what_is_sent();
        said
    }

    fn finishes_what_is_sent(&mut self) {
        if self.picking.as_ref().is_some_and(Picking::is_sent) {
            self.finishes();
        }
    }

    /// It says that all that was picked is there.
    pub(super) fn finishes(&mut self) {
        let choice = self.picking.as_ref().map(|picking| picking.choice.clone());
        self.finished.extend(choice);
    }
}

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
struct Tabs {
    tabs: Vec<Tab>,
}

/// One of them.
#[derive(Deserialize)]
struct Tab {
    page: u16,
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
fn read<'a, T: Deserialize<'a>>(json: &'a [u8]) -> T {
    serde_json::from_slice(json).expect("what we write, we read")
}
