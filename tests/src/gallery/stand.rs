//! A hand-off in which wall after wall is passed: the agent's browser, the real `authloop-mcp`, and a human
//! with a browser of their own.
//!
//! One stand serves many rows, because starting one takes longer than passing most walls. A row that fails
//! takes its stand along: the next one begins with a fresh one.

use std::{
    panic::{AssertUnwindSafe, resume_unwind},
    path::PathBuf,
    sync::atomic::{AtomicUsize, Ordering},
};

use futures::FutureExt as _;
use serde_json::{Value, json};
use tokio::{sync::Mutex, time::timeout};

use super::{
    Gallery, Visit,
    rows::{Pass, Row},
};
use crate::{
    browser::{Browser, Page},
    human::{Device, Human},
    mcp_client::McpClient,
    story::{order, session_url},
    wait::LIMIT,
};

/// By which the human tells that the picture is of the load that was asked for. All differ from each
/// other, from a wall's own colour and from that of a passed one.
const MARKS: [[u8; 3]; 6] = [
    [0xff, 0x00, 0x00],
    [0x00, 0x60, 0xff],
    [0xff, 0xb0, 0x00],
    [0xc0, 0x00, 0xc0],
    [0x00, 0xc8, 0xd8],
    [0x80, 0x50, 0x10],
];

/// A running hand-off of one browser tab, with a human at it.
pub struct Stand {
    pub(super) human: Human,
    pub(super) device: Device,
    pub(super) browser: Browser,
    pub(super) page: Page,
    gallery: Gallery,
    _agent: McpClient,
    visits: AtomicUsize,
}

impl Stand {
    /// Opens the gallery in an agent's browser, hands the tab over, and has a human take it.
    pub async fn with(device: Device) -> Self {
        let gallery = Gallery::start().await;
        let browser = Browser::start().await;
        let page = browser.open(&gallery.url("/")).await;
        let agent = McpClient::start(&[
            ("AUTHLOOP_CDP_URL", &browser.http_url()),
            // A day: the same stand may see every wall 20 times.
            ("AUTHLOOP_TTL", "86400"),
            // Shown when a row fails.
            ("DEBUG", "authloop:*"),
        ])
        .await;
        let handed = agent.call("authloop_to_human", order(page.url())).await;
        let human = Human::with(device).await;
        human.open(&session_url(&handed)).await;
        human.start().await;
        Self {
            human,
            device,
            browser,
            page,
            gallery,
            _agent: agent,
            visits: AtomicUsize::new(0),
        }
    }

    /// Brings the agent's tab to a wall, waits until the human sees it, and has them pass it.
    ///
    /// # Panics
    ///
    /// Fails the test if the human doesn't pass, or the wall was told otherwise than it should be.
    pub async fn pass(&self, wall: &str, pass: Pass) {
        let visit = self.visit(wall).await;
        pass(&visit).await;
    }

    /// What the viewer page says to the human, and what the wall's listeners heard.
    async fn told(&self) -> (String, Value) {
        let log = "JSON.stringify(globalThis.wall?.log?.map(({ type, on, value }) => ({ type, on, value })))";
        let heard = self.page.cdp().await.evaluate(log).await;
        (self.human.words().await, heard)
    }

    async fn visit(&self, wall: &str) -> Visit<'_> {
        let visit = self.visits.fetch_add(1, Ordering::Relaxed);
        let mark = MARKS
            .get(visit % MARKS.len())
            .copied()
            .expect("within bounds");
        let [red, green, blue] = mark;
        let address = format!("/walls/{wall}?mark={red:02x}{green:02x}{blue:02x}");
        let mut spectator = self.page.cdp().await;
        let to = json!({ "url": self.gallery.url(&address) });
        spectator.call("Page.navigate", to).await;
        self.human.hides_keyboard().await;
        Visit::at(self, spectator, &address, mark).await
    }
}

/// One stand for each kind of device, shared by all rows of a process.
pub struct Stands {
    desk: Mutex<Option<Stand>>,
    phone: Mutex<Option<Stand>>,
    pictures: PathBuf,
}

impl Stands {
    /// There are none yet; of a row that fails, what the human saw at last is kept in `pictures`.
    pub fn new(pictures: impl Into<PathBuf>) -> Self {
        Self {
            desk: Mutex::new(None),
            phone: Mutex::new(None),
            pictures: pictures.into(),
        }
    }

    /// Has a human pass a wall, at the stand that others have used before, if it was left whole. It is kept
    /// for the next one if this comes to its end and, as a row that is `alone`, doesn't change it for good.
    pub async fn pass(&self, device: Device, row: &Row, pass: Pass) {
        let place = match device {
            Device::Desktop => &self.desk,
            Device::Phone => &self.phone,
        };
        let mut place = place.lock().await;
        let stand = match place.take() {
            Some(stand) => stand,
            None => Stand::with(device).await,
        };
        let passing = AssertUnwindSafe(stand.pass(row.wall, pass));
        if let Err(panic) = passing.catch_unwind().await {
            // Best effort: the test fails with or without a picture of it.
            let name = format!("{device:?}-{}.png", row.name);
            let shot = stand.human.screenshot().await;
            let _written = std::fs::write(self.pictures.join(name), shot);
            let told = timeout(LIMIT, stand.told()).await;
            eprintln!("the human and the page were told {told:?}");
            resume_unwind(panic);
        }
        if !row.alone {
            *place = Some(stand);
        }
    }

    /// Ends all hand-offs.
    pub async fn clear(&self) {
        drop(self.desk.lock().await.take());
        drop(self.phone.lock().await.take());
    }
}
