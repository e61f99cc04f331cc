//! Without a viewer nothing is captured; with one on a slow line, nothing piles up.
//!
//! Progress is counted in frames that the page has painted, never in seconds.

use authloop_testkit::{
    browser::{Browser, Page},
    hand_off::HandOff,
    lab::Lab,
    proxy::Proxy,
    story::Version,
    stranger::Stranger,
    viewer::Viewer,
    wait::eventually,
};
use serde_json::json;

/// A page full of motion, in a browser of its own, so that nothing else moves.
struct Motion {
    _lab: Lab,
    page: Page,
    browser: Browser,
}

impl Motion {
    async fn start() -> Self {
        let lab = Lab::start().await;
        let browser = Browser::start().await;
        let page = browser.open(&lab.url("/lab/animation")).await;
        lab.shown("/lab/animation").await;
        Self {
            _lab: lab,
            page,
            browser,
        }
    }

    /// Returns how many frames the page has painted, once they are `more` than now.
    async fn painted(&self, more: u64) -> u64 {
        let script = format!(
            "new Promise((tell) => {{
                const goal = painted + {more};
                const look = () => painted >= goal ? tell(painted) : requestAnimationFrame(look);
                look();
            }})"
        );
        let parameters = json!({"expression": script, "awaitPromise": true, "returnByValue": true});
        let mut clock = self.page.cdp().await;
        let told = clock.call("Runtime.evaluate", parameters).await;
        told["result"]["value"].as_u64().expect("the page counts")
    }
}

#[tokio::test]
async fn nothing_is_captured_without_a_viewer() {
    let motion = Motion::start().await;
    let proxy = Proxy::to(([127, 0, 0, 1], motion.browser.port()).into()).await;
    let cdp_url = format!("http://{}", proxy.address());
    let hand_off = HandOff::with(&cdp_url, Some(motion.page.url())).await;

    let before = proxy.delivered();
    motion.painted(60).await;
    let idle = proxy.delivered() - before;
    assert!(idle < 10_000, "{idle} bytes while nobody had come");

    let viewer = hand_off.viewer().await;
    viewer.until("motion", |seen| seen.frames > 10).await;
    viewer.leave().await;
    hand_off
        .until("the viewer's leaving", |status| !status.viewer_present)
        .await;
    // What was on its way arrives; from then on nothing does.
    eventually("silence from the browser", || async {
        let before = proxy.delivered();
        motion.painted(30).await;
        (proxy.delivered() - before < 10_000).then_some(())
    })
    .await;
    assert_eq!(hand_off.status().outcome, None);
    hand_off.finish().await;
}

#[tokio::test]
async fn nothing_is_captured_for_somebody_who_can_not_prove_the_link() {
    let motion = Motion::start().await;
    let proxy = Proxy::to(([127, 0, 0, 1], motion.browser.port()).into()).await;
    let cdp_url = format!("http://{}", proxy.address());
    let hand_off = HandOff::with_in(Version::V2, &cdp_url, Some(motion.page.url())).await;
    let _stranger = Stranger::at(hand_off.session_url()).await;

    let before = proxy.delivered();
    motion.painted(60).await;
    let idle = proxy.delivered() - before;
    assert!(idle < 10_000, "{idle} bytes for a stranger");
    assert!(!hand_off.status().viewer_seen);
    hand_off.finish().await;
}

#[tokio::test]
async fn a_slow_line_shows_the_present() {
    /// 2 Mbit/s.
    const RATE: u64 = 250_000;
    let motion = Motion::start().await;
    let hand_off = HandOff::of(&motion.page).await;
    let line = Proxy::slow(hand_off.relay_address(), RATE).await;
    let viewer = Viewer::connect(&hand_off.stream_url_at(line.address())).await;
    viewer.exchange_keys().await;
    viewer.next_frame().await;

    let first = motion.painted(0).await;
    let seen = viewer
        .until("3 MB of motion", |seen| seen.frame_bytes > 3_000_000)
        .await;
    // The page is scrolled by one pixel a frame, so a picture's metadata tells its age.
    let shown = seen.frame["scrollOffsetY"].as_f64().expect("metadata");
    let now = motion.painted(0).await;
    let elapsed = f64_of(now - first);
    let age = f64_of(now) - shown;
    assert!(
        age < elapsed / 3.0,
        "the picture is {age} frames old, after {elapsed} frames"
    );
    let pictures = f64_of(seen.frames);
    assert!(
        pictures < elapsed / 2.0,
        "{pictures} pictures of {elapsed} frames"
    );
    hand_off.finish().await;
}

fn f64_of(count: u64) -> f64 {
    u32::try_from(count).map(f64::from).expect("a small count")
}
