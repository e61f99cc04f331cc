//! How most stories begin: a lab page in the agent's browser, handed over.

use crate::{
    browser::{Browser, Page, browser},
    hand_off::HandOff,
    lab::{Lab, Places},
    story::Version,
};

/// A lab page in the agent's browser, handed over.
pub struct Scene {
    /// The web site.
    pub lab: Lab,
    /// The tab.
    pub page: Page,
    /// Where the page's elements are.
    pub at: Places,
    /// The hand-off.
    pub hand_off: HandOff,
}

impl Scene {
    /// Opens a lab page in the shared browser and hands it over.
    pub async fn of(path: &str) -> Self {
        Self::of_page_in(browser().await, path).await
    }

    /// Opens a lab page in a browser and hands it over.
    pub async fn of_page_in(browser: &Browser, path: &str) -> Self {
        Self::spoken(Version::V1, browser, path).await
    }

    /// Opens a lab page in the shared browser and hands it over in a version of the protocol.
    pub async fn speaking(version: Version, path: &str) -> Self {
        Self::spoken(version, browser().await, path).await
    }

    async fn spoken(version: Version, browser: &Browser, path: &str) -> Self {
        let lab = Lab::start().await;
        let page = browser.open(&lab.url(path)).await;
        let at = lab.shown(path).await;
        let hand_off = HandOff::speaking(version, &page).await;
        Self {
            lab,
            page,
            at,
            hand_off,
        }
    }
}
