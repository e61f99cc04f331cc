//! Whatever address of a browser the agent is given, the right page streams.

use authloop_testkit::{browser::browser, hand_off::HandOff, lab::Lab, proxy::Proxy};

/// Hands `/lab` over by an address, clicks in it, and checks that it was that page.
async fn streams(cdp_url: impl FnOnce(&str, &str, u16) -> String) {
    let browser = browser().await;
    let lab = Lab::start().await;
    let page = browser.open(&lab.url("/lab")).await;
    let at = lab.shown("/lab").await;
    let address = cdp_url(&browser.browser_url(), &page.ws_url(), browser.port());
    let hand_off = HandOff::with(&address, Some(page.url())).await;
    let origin = hand_off.status().origin.expect("a page is attached");
    assert!(page.url().starts_with(&origin), "{origin}");
    let viewer = hand_off.viewer().await;
    viewer.click(at.of("plain")).await;
    lab.wait_for("click", 1).await;
    hand_off.finish().await;
}

#[tokio::test]
async fn the_devtools_http_address() {
    streams(|_, _, port| format!("http://127.0.0.1:{port}")).await;
}

#[tokio::test]
async fn the_devtools_http_address_with_a_slash() {
    streams(|_, _, port| format!("http://127.0.0.1:{port}/")).await;
}

#[tokio::test]
async fn the_devtools_address_by_name() {
    streams(|_, _, port| format!("http://localhost:{port}")).await;
}

#[tokio::test]
async fn host_and_port_without_a_scheme() {
    streams(|_, _, port| format!("127.0.0.1:{port}")).await;
}

#[tokio::test]
async fn a_pages_websocket() {
    streams(|_, page, _| page.to_owned()).await;
}

#[tokio::test]
async fn the_browsers_own_websocket() {
    streams(|browser, _, _| browser.to_owned()).await;
}

#[tokio::test]
async fn behind_a_proxy_and_never_with_compression() {
    let browser = browser().await;
    let lab = Lab::start().await;
    let page = browser.open(&lab.url("/lab")).await;
    lab.shown("/lab").await;
    let proxy = Proxy::to(([127, 0, 0, 1], browser.port()).into()).await;
    let address = format!("http://{}", proxy.address());
    let hand_off = HandOff::with(&address, Some(page.url())).await;
    let viewer = hand_off.viewer().await;
    assert!(viewer.seen().frames > 0);

    let openings = proxy.openings();
    let upgrades: Vec<_> = openings
        .iter()
        .map(|opening| opening.to_ascii_lowercase())
        .filter(|opening| opening.contains("upgrade: websocket"))
        .collect();
    assert_eq!(
        upgrades.len(),
        1,
        "one connection to the browser: {openings:?}"
    );
    for upgrade in upgrades {
        assert!(!upgrade.contains("permessage-deflate"), "{upgrade}");
        assert!(
            !upgrade.contains("\r\norigin:"),
            "Chromium refuses strangers' origins: {upgrade}"
        );
    }
    hand_off.finish().await;
}
