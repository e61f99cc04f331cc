//! Which document a page shows: the main frame's `loaderId`, which every navigation to another
//! document changes and a step within one doesn't. And the documents before and after it.

use alloc::{borrow::Cow, vec::Vec};

use serde::{Deserialize, Serialize};

/// The parameters of the event `Page.frameNavigated`: a frame has committed another document.
#[derive(Deserialize)]
pub struct FrameNavigated<'a> {
    #[serde(borrow)]
    frame: Frame<'a>,
}

/// The result of `Page.getFrameTree`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FrameTree<'a> {
    #[serde(borrow)]
    frame_tree: Tree<'a>,
}

#[derive(Deserialize)]
struct Tree<'a> {
    #[serde(borrow)]
    frame: Frame<'a>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Frame<'a> {
    #[serde(borrow, default)]
    id: Cow<'a, str>,
    #[serde(default)]
    parent_id: Option<serde::de::IgnoredAny>,
    #[serde(borrow)]
    loader_id: Cow<'a, str>,
    #[serde(borrow, default)]
    url: Cow<'a, str>,
    /// Absent before Chromium 83.
    #[serde(borrow, default)]
    domain_and_registry: Cow<'a, str>,
}

/// The document a page shows.
pub struct MainFrame<'a> {
    /// What tells it from the others.
    pub loader: &'a str,
    /// Its address, of what is there and not of what is on its way.
    pub url: &'a str,
    /// The registrable domain of that address; empty if it has none, as `localhost`.
    pub registrable_domain: &'a str,
}

impl FrameNavigated<'_> {
    /// Returns which frame it is.
    pub fn frame_id(&self) -> &str {
        &self.frame.id
    }

    /// Returns the document; `None` if the frame is one within the page.
    pub fn main_frame(&self) -> Option<MainFrame<'_>> {
        self.frame.main_frame()
    }
}

impl FrameTree<'_> {
    /// Returns the id of the frame at the tree's root.
    pub fn frame_id(&self) -> &str {
        &self.frame_tree.frame.id
    }

    /// Returns the page's document; `None` if the tree is one of a frame within a page.
    pub fn main_frame(&self) -> Option<MainFrame<'_>> {
        self.frame_tree.frame.main_frame()
    }
}

impl Frame<'_> {
    fn main_frame(&self) -> Option<MainFrame<'_>> {
        match self.parent_id {
            None => Some(MainFrame {
                loader: &self.loader_id,
                url: &self.url,
                registrable_domain: &self.domain_and_registry,
            }),
            Some(_) => None,
        }
    }
}

/// The result of `Page.getNavigationHistory`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct History {
    current_index: i32,
    entries: Vec<HistoryEntry>,
}

#[derive(Deserialize)]
struct HistoryEntry {
    id: i64,
}

impl History {
    /// Returns where `by` steps from the current entry lead; `None` beyond either end.
    pub fn step(&self, by: i32) -> Option<NavigateToHistoryEntry> {
        let index = usize::try_from(self.current_index.checked_add(by)?).ok()?;
        let entry = self.entries.get(index)?;
        Some(NavigateToHistoryEntry { entry_id: entry.id })
    }
}

/// The parameters of `Page.navigateToHistoryEntry`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NavigateToHistoryEntry {
    entry_id: i64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_s_own_document_is_told_from_one_of_a_frame_within() {
        let main = r#"{"frame":{"id":"F","loaderId":"L1","url":"https://a.example/","domainAndRegistry":"a.example","securityOrigin":"https://a.example","mimeType":"text/html","adFrameStatus":{"adFrameType":"none"},"secureContextType":"Secure","crossOriginIsolatedContextType":"NotIsolated","gatedAPIFeatures":[]},"type":"Navigation"}"#;
        let inner = r#"{"frame":{"id":"G","parentId":"F","loaderId":"L2","url":"https://b.example/"},"type":"Navigation"}"#;
        let navigated: FrameNavigated<'_> = serde_json::from_str(main).expect("well formed");
        let document = navigated.main_frame().expect("a page's own");
        assert_eq!(
            [document.loader, document.url, document.registrable_domain],
            ["L1", "https://a.example/", "a.example"]
        );
        let navigated: FrameNavigated<'_> = serde_json::from_str(inner).expect("well formed");
        assert!(navigated.main_frame().is_none());
    }

    #[test]
    fn the_document_there_already_is_found_in_the_tree() {
        let json = r#"{"frameTree":{"frame":{"id":"F","loaderId":"L1","url":"https://a.example/"},"childFrames":[{"frame":{"id":"G","parentId":"F","loaderId":"L2","url":"about:blank"}}]}}"#;
        let tree: FrameTree<'_> = serde_json::from_str(json).expect("well formed");
        let document = tree.main_frame().expect("a page's own");
        assert_eq!(document.loader, "L1");
    }
}
