//! A human of either version at the same page, so that both are measured by the same hands.

use std::time::Duration;

use serde_json::json;

use super::{
    page::Page,
    server::{Version, relay_of},
    watcher::Watcher,
};
use crate::viewer::Viewer;

/// A human who looks at a hand-off.
pub enum Human {
    /// With a viewer of version 1.
    V1(Box<Viewer>),
    /// With one of version 2, which decrypts and acknowledges every picture.
    V2(Watcher),
}

impl Human {
    /// Opens a link on this computer.
    pub async fn open(version: Version, link: &str, page: &Page) -> Self {
        match version {
            Version::V1 => {
                let viewer = Viewer::connect(&stream_url(link)).await;
                viewer.exchange_keys().await;
                Self::V1(Box::new(viewer))
            }
            Version::V2 => {
                let at_once = Duration::ZERO;
                let watcher = Watcher::open(link, relay_of(link), page.opened(), at_once);
                Self::V2(watcher)
            }
        }
    }

    /// Returns how many pictures were seen so far.
    pub fn frames(&self) -> usize {
        match self {
            Self::V1(viewer) => usize::try_from(viewer.seen().frames).expect("few"),
            Self::V2(watcher) => watcher.frames(),
        }
    }

    /// Waits for the next picture.
    pub async fn next_frame(&self) {
        match self {
            Self::V1(viewer) => {
                viewer.next_frame().await;
            }
            Self::V2(watcher) => watcher.next_frame().await,
        }
    }

    /// Clicks.
    pub async fn click(&self, x: f64) {
        match self {
            Self::V1(viewer) => {
                let click = json!({"type": "click", "x": x, "y": 300, "button": "left"});
                viewer.send(click).await;
            }
            Self::V2(watcher) => watcher.click(x),
        }
    }

    /// Leaves.
    pub async fn leave(self) {
        match self {
            Self::V1(viewer) => viewer.leave().await,
            Self::V2(watcher) => watcher.leave().await,
        }
    }
}

/// `http://host/s/{id}#1.{token}` → `ws://host/stream/{id}?token={token}&role=viewer`.
fn stream_url(link: &str) -> String {
    let (page, token) = link.split_once("#1.").expect("a link of version 1");
    let (_, id) = page.rsplit_once("/s/").expect("a session's page");
    let relay = relay_of(link);
    format!("ws://{relay}/stream/{id}?token={token}&role=viewer")
}
