//! The same page in a real Chromium: dense text, all of it other text in every frame, and the time of
//! its painting in how far it is scrolled.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use tokio::time::sleep;

use crate::{
    browser::{Browser, Page},
    cdp::Cdp,
};

/// `OPENED` stands for a time, in milliseconds since 1970.
const HTML: &str = r#"<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Motion</title>
<style>
  body { margin: 0; height: 10000000px; }
  pre { position: fixed; inset: 0; margin: 0; overflow: hidden; font: 12px/14px monospace; }
</style>
<pre id="text"></pre>
<script>
  const clicked = new Set();
  addEventListener("mousedown", ({ clientX }) => clicked.add(clientX));
  const text = document.getElementById("text");
  const line = Array.from({ length: 400 }, (_, at) => String.fromCharCode(33 + (at * 37) % 90)).join("");
  let painted = 0;
  function paint() {
    painted += 1;
    text.textContent = Array.from({ length: 60 }, (_, row) => line.slice((painted * 7 + row * 13) % 190).slice(0, 200)).join("\n");
    scrollTo(0, Math.round(performance.timeOrigin + performance.now() - OPENED));
    requestAnimationFrame(paint);
  }
  paint();
</script>
</html>"#;

/// The page, in a browser of its own.
pub struct RealPage {
    _browser: Browser,
    tab: Page,
    behind: Cdp,
    opened: Instant,
}

impl RealPage {
    /// Starts a browser and opens the page.
    pub async fn open() -> Self {
        let browser = Browser::start().await;
        let (opened, clock) = (Instant::now(), SystemTime::now());
        let since_1970 = clock.duration_since(UNIX_EPOCH).expect("after 1970");
        let html = HTML.replace("OPENED", &since_1970.as_millis().to_string());
        let url = format!("data:text/html;base64,{}", STANDARD.encode(html));
        let tab = browser.open("about:blank").await;
        let mut behind = tab.cdp().await;
        let navigate = serde_json::json!({ "url": url });
        behind.call("Page.navigate", navigate).await;
        let mut page = Self {
            _browser: browser,
            tab,
            behind,
            opened,
        };
        while page.painted().await == 0.0 {
            sleep(Duration::from_millis(50)).await;
        }
        page
    }

    /// Returns the address of the page's WebSocket.
    pub fn ws_url(&self) -> String {
        self.tab.ws_url()
    }

    /// Returns when the page was opened: a picture is scrolled by the milliseconds from then to its
    /// painting.
    pub fn opened(&self) -> Instant {
        self.opened
    }

    /// Returns how many clicks reached the page, each in another place.
    pub async fn clicked(&mut self) -> usize {
        let clicked = self.behind.evaluate("clicked.size").await;
        clicked
            .as_u64()
            .and_then(|count| usize::try_from(count).ok())
            .expect("the page counts")
    }

    /// Returns how many pictures the page paints a second.
    pub async fn rate(&mut self) -> f64 {
        let (started, before) = (Instant::now(), self.painted().await);
        sleep(Duration::from_secs(1)).await;
        (self.painted().await - before) / started.elapsed().as_secs_f64()
    }

    async fn painted(&mut self) -> f64 {
        // There is nothing before the page's script ran.
        let painted = self.behind.evaluate("painted").await;
        painted.as_f64().unwrap_or_default()
    }
}
