//! Attaching: the right page, by whatever address, and a clear word when there is none.

mod support;

use authloop_core::agent::{
    event::{Event, Failure, Outcome},
    io::{Closed, ConnectFailure, HostHeader, Peer},
};
use serde_json::json;
use support::Story;

const LIST: &str = r#"[
    {"id":"T-mail","type":"page","url":"https://mail.test/","webSocketDebuggerUrl":"ws://localhost:9222/devtools/page/T-mail"},
    {"id":"T-page","type":"page","url":"https://wall.test/login","webSocketDebuggerUrl":"ws://localhost:9222/devtools/page/T-page"}]"#;
const VERSION: &str =
    r#"{"Browser":"Chrome/156","webSocketDebuggerUrl":"ws://localhost:9222/devtools/browser/b"}"#;

#[test]
fn a_browser_socket_leads_to_the_page_the_context_names() {
    let mut story = Story::configured(|_| {});
    assert_eq!(
        story.dialled,
        [(Peer::Browser, "ws://browser.test/devtools/browser/b".into())]
    );
    story.open(Peer::Browser);
    assert_eq!(
        story.told("Target.attachToTarget")[0]["params"]["targetId"],
        "T-page"
    );
    assert!(
        matches!(&story.events[..], [Event::Attached { origin }] if origin == "https://wall.test")
    );
    assert_eq!(
        story.requests.len(),
        1,
        "the session is created after the page is attached"
    );
    assert!(!story.methods().contains(&"Runtime.enable"));
}

#[test]
fn a_page_socket_is_used_without_a_session_of_its_own() {
    let mut story = Story::begin("ws://browser.test/devtools/page/T-page");
    story.silent.insert("Target.getTargetInfo");
    story.open(Peer::Browser);
    story.silent.clear();
    story.browser_says(&json!({"id": 1, "result": {"targetInfo":
        {"targetId": "T-page", "type": "page", "url": "https://wall.test/login"}}}));
    let enable = story.told("Page.enable");
    assert_eq!(enable.len(), 1);
    assert!(enable[0].get("sessionId").is_none());
    assert_eq!(story.requests.len(), 1);
}

#[test]
fn an_http_endpoint_is_asked_and_the_browser_socket_preferred() {
    let mut story = Story::configured(|config| {
        config.cdp_url = "https://browser.test/pre/?token=t".into();
    });
    assert_eq!(
        story.requests[0].1.url,
        "https://browser.test/pre/json?token=t"
    );
    story.answer(200, LIST);
    assert_eq!(
        story.requests[0].1.url,
        "https://browser.test/pre/json/version?token=t"
    );
    story.answer(200, VERSION);
    assert_eq!(
        story.dialled,
        [(
            Peer::Browser,
            "wss://browser.test/pre/devtools/browser/b?token=t".into()
        )]
    );
    story.open(Peer::Browser);
    assert_eq!(story.methods()[0], "Target.attachToTarget");
    assert_eq!(story.commands[0]["params"]["targetId"], "T-page");
}

#[test]
fn without_a_browser_socket_the_page_s_own_is_dialled() {
    let mut story = Story::configured(|config| {
        config.cdp_url = "127.0.0.1:9222".into();
    });
    story.answer(200, LIST);
    story.answer(404, "");
    assert_eq!(
        story.dialled,
        [(
            Peer::Browser,
            "ws://127.0.0.1:9222/devtools/page/T-page".into()
        )]
    );
}

#[test]
fn without_a_list_the_browser_socket_is_dialled() {
    let mut story = Story::begin("http://127.0.0.1:9222");
    story.answer(404, "not here");
    story.answer(200, VERSION);
    assert_eq!(story.dialled.len(), 1);
    story.open(Peer::Browser);
    assert_eq!(
        story.methods()[..2],
        ["Target.getTargetInfo", "Target.getTargets"]
    );
}

#[test]
fn a_refused_host_name_is_tried_by_address() {
    let mut story = Story::begin("http://browser:9222");
    assert_eq!(story.requests[0].1.host, HostHeader::Name);
    story.answer(
        500,
        "Host header is specified and is not an IP address or localhost.",
    );
    assert_eq!(story.requests[0].1.host, HostHeader::Address);
    story.answer(500, "");
    story.answer(500, "");
    assert!(matches!(
        story.outcome(),
        Some(Outcome::Failed(Failure::NotCdp(_)))
    ));

    let mut story = Story::begin("ws://browser:9222/devtools/browser/b");
    story.close(Peer::Browser, Closed::Failed(ConnectFailure::Status(500)));
    assert_eq!(story.dialled.len(), 2);
    story.close(Peer::Browser, Closed::Failed(ConnectFailure::Status(500)));
    assert_eq!(story.dialled.len(), 2, "only once");
    assert!(matches!(
        story.outcome(),
        Some(Outcome::Failed(Failure::BrowserUnreachable(_)))
    ));
}

#[test]
fn what_is_not_a_browser_is_named() {
    for (status, body) in [(200, "<html>"), (404, ""), (200, "{}"), (301, "")] {
        let mut story = Story::begin("http://127.0.0.1:1");
        story.answer(status, body);
        if story.outcome().is_none() {
            story.answer(status, body);
        }
        assert!(
            matches!(story.outcome(), Some(Outcome::Failed(Failure::NotCdp(_)))),
            "{status} {body}"
        );
    }
    let mut story = Story::begin("http://127.0.0.1:1");
    story.fail_request(ConnectFailure::Unreachable);
    assert_eq!(
        story.outcome(),
        Some(&Outcome::Failed(Failure::BrowserUnreachable(
            ConnectFailure::Unreachable
        )))
    );
    let story = Story::begin("gopher://x");
    assert!(matches!(
        story.outcome(),
        Some(Outcome::Failed(Failure::BrowserAddress(_)))
    ));
}

#[test]
fn a_browser_without_a_page_says_so() {
    let mut story = Story::begin("http://127.0.0.1:1");
    story.answer(200, "[]");
    story.answer(404, "");
    assert_eq!(story.outcome(), Some(&Outcome::Failed(Failure::NoPage)));
}

#[test]
fn a_socket_that_never_answers_is_given_up() {
    let mut story = Story::begin("ws://127.0.0.1:1/");
    story.silent.extend([
        "Target.getTargetInfo",
        "Page.enable",
        "Target.setDiscoverTargets",
        "Browser.getVersion",
    ]);
    story.open(Peer::Browser);
    story.pass(20_000);
    assert!(matches!(
        story.outcome(),
        Some(Outcome::Failed(Failure::NotCdp(_)))
    ));
    assert_eq!(story.closed, [Peer::Browser]);
}

#[test]
fn a_page_behind_an_old_dialog_is_unresponsive() {
    let mut story = Story::begin("ws://127.0.0.1:1/");
    story.silent.insert("Page.enable");
    story.open(Peer::Browser);
    story.pass(6_000);
    assert_eq!(
        story.outcome(),
        Some(&Outcome::Failed(Failure::PageUnresponsive))
    );
    assert!(story.requests.is_empty(), "no session is made for it");
}
