//! From a click or a key to the picture that shows what it did: what Chromium itself needs, and what
//! somebody waits for who looks through a hand-off on this computer.
//!
//! The same page stands in two tabs, one of them handed over; they are measured by turns, so that what
//! else the computer does befalls both.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use tokio::time::{sleep, timeout};

use super::{
    figure::{Sorted, Table, millis},
    server::{Server, Version, relay_of},
    watcher::Watcher,
};
use crate::{
    browser::{Browser, Page},
    cdp::Cdp,
};

/// A page full of text that changes its colour at each press.
const HTML: &str = r#"<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Colours</title>
<pre id="text"></pre>
<script>
  const line = Array.from({ length: 200 }, (_, at) => String.fromCharCode(33 + (at * 37) % 90)).join("");
  document.getElementById("text").textContent = Array.from({ length: 60 }, () => line).join("\n");
  let presses = 0;
  function change() {
    presses += 1;
    document.body.style.background = presses % 2 ? "gold" : "white";
  }
  addEventListener("mousedown", change);
  addEventListener("keydown", change);
</script>
</html>"#;

/// How many clicks and how many keys each way has.
const TURNS: usize = 40;

/// How long the page stands still before each: what refines a picture is over by then.
const STILL: Duration = Duration::from_millis(700);

/// What is pressed.
#[derive(Clone, Copy)]
enum Press {
    Click,
    Key,
}

/// Measures both ways.
pub async fn measure(binary: &Path, table: &mut Table) {
    let browser = Browser::start().await;
    let mut direct = Direct::open(&browser).await;
    let (_tab, ws_url) = open(&browser).await;
    let mut server = Server::greeted(binary, Version::V2).await;
    let link = server.hand_over(&ws_url).await;
    let watcher = Watcher::open(&link, relay_of(&link), Instant::now(), Duration::ZERO);
    watcher.next_frame().await;

    for (press, name) in [(Press::Click, "click"), (Press::Key, "key")] {
        let (mut alone, mut through) = (Vec::new(), Vec::new());
        for _ in 0..TURNS {
            alone.push(direct.sees_change(press).await);
            through.push(sees_change(&watcher, press).await);
        }
        let (alone, through) = (Sorted::new(alone), Sorted::new(through));
        let more = through.percentile(50).saturating_sub(alone.percentile(50));
        table.add(
            format!("{name} to changed picture, over what Chromium needs, median"),
            "< 50 ms",
            format!("{}: {through}, Chromium alone {alone}", millis(more)),
        );
    }
    watcher.leave().await;
    server.hang_up().await;
}

/// Opens the page in a new tab.
async fn open(browser: &Browser) -> (Page, String) {
    let tab = browser.open("about:blank").await;
    let url = format!("data:text/html;base64,{}", STANDARD.encode(HTML));
    let mut behind = tab.cdp().await;
    behind.call("Page.navigate", json!({ "url": url })).await;
    let ws_url = tab.ws_url();
    (tab, ws_url)
}

async fn sees_change(watcher: &Watcher, press: Press) -> Duration {
    sleep(STILL).await;
    let pressed = Instant::now();
    match press {
        Press::Click => watcher.click(200.0),
        Press::Key => watcher.types('a'),
    }
    watcher.next_frame().await;
    pressed.elapsed()
}

/// Somebody at the browser itself.
struct Direct {
    _tab: Page,
    cdp: Cdp,
}

impl Direct {
    async fn open(browser: &Browser) -> Self {
        let (tab, _) = open(browser).await;
        let mut cdp = tab.cdp().await;
        // A tab that isn't in front paints, too, as the agent has it.
        let focus = json!({"enabled": true});
        cdp.call("Emulation.setFocusEmulationEnabled", focus).await;
        let cast = json!({
            "format": "jpeg", "quality": 60, "maxFramesInFlight": 2, "sendLastFrame": true
        });
        cdp.call("Page.startScreencast", cast).await;
        Self { _tab: tab, cdp }
    }

    async fn sees_change(&mut self, press: Press) -> Duration {
        // What still comes is taken, or no more would.
        while let Ok(frame) = timeout(STILL, self.cdp.event("Page.screencastFrame")).await {
            self.acknowledge(&frame).await;
        }
        let pressed = Instant::now();
        let commands = match press {
            Press::Click => ["mousePressed", "mouseReleased"].map(|kind| {
                let click = json!({
                    "type": kind, "x": 200, "y": 300, "button": "left", "clickCount": 1
                });
                ("Input.dispatchMouseEvent", click)
            }),
            Press::Key => ["keyDown", "keyUp"].map(|kind| {
                let text = if kind == "keyDown" { "a" } else { "" };
                let key = json!({
                    "type": kind, "key": "a", "code": "KeyA", "windowsVirtualKeyCode": 65, "text": text
                });
                ("Input.dispatchKeyEvent", key)
            }),
        };
        for (method, parameters) in commands {
            self.cdp.send(method, parameters).await;
        }
        let frame = self.cdp.event("Page.screencastFrame").await;
        let took = pressed.elapsed();
        self.acknowledge(&frame).await;
        took
    }

    async fn acknowledge(&mut self, frame: &Value) {
        let ack = json!({"sessionId": frame["sessionId"]});
        self.cdp.send("Page.screencastFrameAck", ack).await;
    }
}
