//! Links that lost a part on their way, and relays that point a link elsewhere: each has words, and
//! nothing is contacted but the page itself.

use authloop_core::agent::event::{Failure, Outcome};
use authloop_testkit::{
    browser::browser,
    fake_relay::FakeRelay,
    hand_off::fails_sealed,
    human::{Device, Human},
    mcp_client::McpClient,
    scene::Scene,
    story::{Version, order},
};

/// What a relay answers that would like the human somewhere else.
const FOREIGN: &str = r#"{
    "session_id": "sess_0123456789abcdef0123456789abcdef",
    "session_url": "https://relay.elsewhere.example/s/sess_0123456789abcdef0123456789abcdef",
    "stream_url": "wss://relay.elsewhere.example/stream/sess_0123456789abcdef0123456789abcdef",
    "stream_token": "0123456789abcdefghijkl",
    "expires_at": "2100-01-01T00:00:00Z"
}"#;

#[tokio::test]
async fn each_broken_link_has_its_own_words_and_connects_nowhere() {
    let scene = Scene::speaking(Version::V2, "/lab").await;
    let human = Human::with(Device::Desktop).await;
    let link = scene.hand_off.session_url();
    let (bare, fragment) = link.split_once("#2.").expect("a link of version 2");
    let part = |length: usize| fragment.get(..length).expect("66 digits");
    // The first byte says which half of the curve the key is on: 2 or 3, never 7.
    let off_curve = format!("Bw{}", fragment.get(2..).expect("66 digits"));
    let other_secret = format!("{}AAAAAAAAAAAAAAAAAAAAAA", part(44));
    for (broken, words) in [
        (bare.to_owned(), "This link is incomplete"),
        (format!("{bare}#"), "This link is incomplete"),
        (format!("{bare}#2."), "This link is incomplete"),
        (format!("{bare}#2.{}", part(65)), "This link is incomplete"),
        (format!("{link}A"), "This link is damaged"),
        (format!("{link}."), "This link is damaged"),
        (format!("{bare}#2.{}+", part(65)), "This link is damaged"),
        (format!("{bare}#2.{off_curve}"), "This link is damaged"),
        (
            format!("{bare}#3.{fragment}"),
            "This link is too new for this page",
        ),
        (format!("{bare}#2.{other_secret}"), "This link isn’t valid"),
        (format!("{bare}#1.{}", part(43)), "This link isn’t valid"),
        (
            format!("{bare}%232.{fragment}"),
            "This link can’t be used any more",
        ),
    ] {
        human.open("about:blank").await;
        human.open(&broken).await;
        human.state_is("error").await;
        assert_eq!(human.reads("#ended-title").await, words, "{broken}");
    }
    assert!(!scene.hand_off.status().viewer_seen);
    assert_eq!(scene.hand_off.record().await["status"], "PENDING");
    // The whole link still works.
    human.open(link).await;
    human.start().await;
    scene.hand_off.finish().await;
}

#[tokio::test]
async fn a_relay_that_answers_a_foreign_address_makes_no_link() {
    let relay = FakeRelay::refusing(201, FOREIGN).await;
    let browser = browser().await;
    let page = browser.open("about:blank").await;
    let outcome = fails_sealed(&page.browser_http_url(), &relay.url()).await;
    assert_eq!(outcome, Outcome::Failed(Failure::ForeignLink));
}

#[tokio::test]
async fn a_relay_that_answers_a_foreign_address_is_a_tool_error_in_words() {
    let relay = FakeRelay::refusing(201, FOREIGN).await;
    let page = browser().await.open("about:blank").await;
    let agent = McpClient::start(&[
        ("AUTHLOOP_CDP_URL", &page.browser_http_url()),
        ("AUTHLOOP_BASE_URL", &relay.url()),
        ("AUTHLOOP_API_KEY", "al_live_test"),
    ])
    .await;
    let refused = agent.call("authloop_to_human", order(page.url())).await;
    assert!(refused.is_error, "{}", refused.text);
    let words = "the relay puts the session at another address than the viewer page's";
    assert!(refused.text.contains(words), "{}", refused.text);
    assert!(
        !refused.text.contains("elsewhere.example"),
        "{}",
        refused.text
    );
    agent.hang_up().await;
}
