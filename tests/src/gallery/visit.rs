//! A human at one wall: does what people do there, and looks at what came of it.
//!
//! Places are asked of the page behind the agent's back, as eyes would find them in the picture.

use serde_json::{Value, json};
use tokio::{
    sync::Mutex,
    time::{Duration, timeout},
};

use super::{Entry, Log, Stand};
use crate::{
    cdp::Cdp,
    human::{Device, Human},
    wait::eventually,
};

/// In the strip that shows by its colour how far a wall is.
const MARK: (f64, f64) = (40.0, 12.0);
/// That strip's colours, before and after.
const PLAIN: [u8; 3] = [0x14, 0x21, 0x3d];
const PASSED: [u8; 3] = [0x0a, 0x7d, 0x3c];
/// How long a wall may take to see that it is passed.
const PATIENCE: Duration = Duration::from_secs(20);

/// A human at one wall.
pub struct Visit<'a> {
    stand: &'a Stand,
    spectator: Mutex<Cdp>,
    /// The colour of its strip at first.
    mark: [u8; 3],
}

impl<'a> Visit<'a> {
    /// Waits until the page is at an address that ends so, and its strip is seen in a colour.
    pub(super) async fn at(stand: &'a Stand, spectator: Cdp, address: &str, mark: [u8; 3]) -> Self {
        let visit = Self {
            stand,
            spectator: Mutex::new(spectator),
            mark,
        };
        let is_there = format!("location.href.endsWith('{address}')");
        visit.comes_true(&is_there).await;
        visit.sees_itself_again().await;
        visit
    }

    /// Returns who is at it.
    pub fn human(&self) -> &'a Human {
        &self.stand.human
    }

    /// Returns what they hold.
    pub fn device(&self) -> Device {
        self.stand.device
    }

    /// Has them at another page that came up, a pop-up or a new tab, once they see it.
    pub async fn at_new_page(&self, path: &str) -> Visit<'a> {
        let spectator = self.stand.browser.cdp_of(path).await;
        Self::at(self.stand, spectator, path, PLAIN).await
    }

    /// Waits until they see this wall's strip in a colour.
    async fn sees_mark(&self, colour: [u8; 3]) {
        self.human().sees_at(MARK, colour).await;
    }

    /// Waits until they see the strip of a wall that is at its beginning, and nobody has marked.
    pub async fn sees_fresh_wall(&self) {
        self.sees_mark(PLAIN).await;
    }

    /// Waits until they see the wall again that they began with, after another page or a crash.
    pub async fn sees_itself_again(&self) {
        self.comes_true("document.readyState === 'complete'").await;
        self.sees_mark(self.mark).await;
    }

    /// Returns a point of an element, by parts of its width and height, in CSS pixels of the viewport.
    pub async fn point(&self, selector: &str, across: f64, down: f64) -> (f64, f64) {
        let script = format!(
            "(() => {{
                const box = document.querySelector('{selector}')?.getBoundingClientRect();
                return box?.width ? [box.x + box.width * {across}, box.y + box.height * {down}] : null;
            }})()"
        );
        eventually(selector, || async {
            let place = self.spectator.lock().await.evaluate(&script).await;
            Some((place[0].as_f64()?, place[1].as_f64()?))
        })
        .await
    }

    /// Returns an element's middle.
    pub async fn middle(&self, selector: &str) -> (f64, f64) {
        self.point(selector, 0.5, 0.5).await
    }

    /// Clicks or taps an element.
    pub async fn clicks(&self, selector: &str) {
        self.human().hides_keyboard().await;
        self.human().click(self.middle(selector).await).await;
    }

    /// Clicks or taps a field, and sees that it has the focus.
    pub async fn goes_into(&self, selector: &str) {
        self.clicks(selector).await;
        let focused = format!("document.activeElement === document.querySelector('{selector}')");
        self.comes_true(&focused).await;
    }

    /// Goes into a field, types there, and sees the text arrive.
    pub async fn fills(&self, selector: &str, text: &str) {
        self.goes_into(selector).await;
        self.human().types_quickly(text).await;
        let arrived = format!("document.querySelector('{selector}').value === '{text}'");
        self.comes_true(&arrived).await;
    }

    /// Presses Tab until an element has the focus, as people without a mouse do.
    pub async fn tabs_to(&self, id: &str) {
        for _ in 0..10 {
            let remember = "(globalThis.atLast = document.activeElement) !== null";
            self.comes_true(remember).await;
            self.human().tabs_on().await;
            self.comes_true("document.activeElement !== globalThis.atLast")
                .await;
            if self.focused().await == id {
                return;
            }
        }
        assert_eq!(self.focused().await, id, "Tab never came there");
    }

    async fn focused(&self) -> String {
        let id = self.evaluate("document.activeElement.id").await;
        id.as_str().unwrap_or_default().to_owned()
    }

    /// Waits until something is true in the page.
    ///
    /// # Panics
    ///
    /// Fails the test if it never is, and shows what the page was told.
    pub async fn comes_true(&self, script: &str) {
        let arrived = eventually(script, || async {
            let value = self.evaluate(script).await;
            (value == true).then_some(())
        });
        let in_time = timeout(PATIENCE, arrived).await.is_ok();
        assert!(
            in_time,
            "{script} never came true; the page was told {:?}, the human {:?}",
            self.log().await.kinds(),
            self.human().words().await
        );
    }

    /// Waits until the wall is passed, the human sees that, and everything the wall was told by then was
    /// the browser's own word. Returns that.
    pub async fn passes(&self) -> Log {
        let log = self.passes_somehow().await;
        log.is_trusted();
        log
    }

    /// The same of a wall where the browser vouches for nothing: no key or click does what the human wants.
    pub async fn passes_somehow(&self) -> Log {
        self.comes_true("globalThis.wall?.passed === true").await;
        self.sees_mark(PASSED).await;
        self.log().await
    }

    /// Returns what the wall was told so far.
    pub async fn log(&self) -> Log {
        let log = self.evaluate("globalThis.wall?.log ?? []").await;
        Log(serde_json::from_value::<Vec<Entry>>(log).expect("entries"))
    }

    /// Evaluates an expression in the page, behind the agent's back.
    pub async fn evaluate(&self, script: &str) -> Value {
        self.spectator.lock().await.evaluate(script).await
    }

    /// Has the agent's browser show the page as on a touch screen, as agents do that pass for a phone. Ends
    /// with the visit.
    pub async fn is_made_for_fingers(&self) {
        let touch = json!({ "enabled": true, "maxTouchPoints": 2 });
        let mut spectator = self.spectator.lock().await;
        spectator
            .call("Emulation.setTouchEmulationEnabled", touch)
            .await;
        drop(spectator);
        self.comes_true("matchMedia('(pointer: coarse)').matches")
            .await;
    }

    /// Has the page's process crash, and waits until the page is loaded anew.
    pub async fn crashes(&self) {
        let loaded = "performance.timeOrigin";
        let before = self.evaluate(loaded).await.as_f64();
        let mut spectator = self.spectator.lock().await;
        spectator.send("Page.crash", json!({})).await;
        *spectator = eventually("the page after its crash", async || {
            // A connection that asked while there was nobody to answer may never hear.
            let mut fresh = self.stand.page.cdp().await;
            let now = timeout(Duration::from_secs(2), fresh.evaluate(loaded)).await;
            (now.ok()?.as_f64()? > before?).then_some(fresh)
        })
        .await;
    }
}
