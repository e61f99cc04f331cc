//! From an AI agent at a login to the agent going on, with everything real in between.

use std::time::Duration;

use authloop_testkit::{
    browser::browser,
    hand_off::start_relay,
    http,
    human::{Device, Human},
    lab::Lab,
    mcp_client::McpClient,
    story::{Version, order, session_url, whole_hand_off},
    viewer::Viewer,
    wait::eventually,
};
use futures::join;
use hyper::Method;
use serde_json::{Value, json};

#[tokio::test]
async fn a_human_at_a_desk_passes_the_wall() {
    whole_hand_off(Device::Desktop, None, |_| {}).await;
}

#[tokio::test]
async fn a_human_with_a_phone_passes_the_wall() {
    whole_hand_off(Device::Phone, None, |_| {}).await;
}

#[tokio::test]
async fn a_human_passes_the_wall_in_version_1() {
    whole_hand_off(Device::Desktop, Some(Version::V1), |_| {}).await;
}

#[tokio::test]
async fn two_waits_get_the_same_answer_and_progress() {
    let lab = Lab::start().await;
    let page = browser().await.open(&lab.url("/")).await;
    let agent = McpClient::start(&[("AUTHLOOP_CDP_URL", &page.browser_http_url())]).await;
    let handed = agent.call("authloop_to_human", order(page.url())).await;
    let human = Human::with(Device::Desktop).await;
    human.open(&session_url(&handed)).await;
    let helping = async {
        human.start().await;
        human.press("#done").await;
    };
    let (first, second, ()) = join!(
        agent.call("authloop_status", json!({})),
        agent.call("authloop_status", json!({})),
        helping,
    );
    for status in [first, second] {
        assert_eq!(status.data["status"], "resolved", "{}", status.text);
    }
    let progress = agent.progress();
    assert!(
        progress.iter().any(|step| step["progress"].is_number()),
        "{progress:?}"
    );
    agent.hang_up().await;
}

#[tokio::test]
async fn a_human_who_gives_up_is_heard() {
    let lab = Lab::start().await;
    let page = browser().await.open(&lab.url("/")).await;
    let agent = McpClient::start(&[("AUTHLOOP_CDP_URL", &page.browser_http_url())]).await;
    let handed = agent.call("authloop_to_human", order(page.url())).await;
    let human = Human::with(Device::Phone).await;
    human.open(&session_url(&handed)).await;
    let giving_up = async {
        human.start().await;
        human.press("#cancel").await;
        human.press("#confirm-cancel").await;
        assert_eq!(human.outcome().await, "cancelled");
    };
    let (status, ()) = join!(agent.call("authloop_status", json!({})), giving_up);
    assert_eq!(status.data["status"], "cancelled", "{}", status.text);
    agent.hang_up().await;
}

#[tokio::test]
async fn a_client_that_goes_away_ends_the_session_at_the_relay() {
    let (relay, key) = start_relay().await;
    let lab = Lab::start().await;
    let page = browser().await.open(&lab.url("/")).await;
    let agent = McpClient::start(&[
        ("AUTHLOOP_CDP_URL", &page.browser_http_url()),
        ("AUTHLOOP_BASE_URL", relay.base_url()),
        // The viewer below is of somebody else's making.
        ("AUTHLOOP_E2EE", "v1"),
        ("AUTHLOOP_API_KEY", key.expose()),
    ])
    .await;
    let handed = agent.call("authloop_to_human", order(page.url())).await;
    let url = session_url(&handed);
    let id = handed.data["session_id"].as_str().expect("an id");
    let (_, token) = url.split_once("#1.").expect("a link of version 1");
    let stream = format!(
        "ws://{}/stream/{id}?token={token}&role=viewer",
        relay.local_addr()
    );
    let viewer = Viewer::connect(&stream).await;
    viewer.exchange_keys().await;
    viewer.next_frame().await;

    agent.hang_up().await;
    let record = format!("{}/session/{id}", relay.base_url());
    let answer = http::request(Method::GET, &record, Some(key.expose()), None).await;
    assert_eq!(answer.json["status"], Value::from("CANCELLED"));
    viewer
        .until("the end", |seen| seen.has("session_cancelled"))
        .await;
    relay.shutdown(Duration::from_secs(1)).await;
}

#[tokio::test]
async fn a_second_call_for_the_same_page_returns_the_same_link() {
    let lab = Lab::start().await;
    let page = browser().await.open(&lab.url("/")).await;
    let agent = McpClient::start(&[("AUTHLOOP_CDP_URL", &page.browser_http_url())]).await;
    let first = agent.call("authloop_to_human", order(page.url())).await;
    let second = agent.call("authloop_to_human", order(page.url())).await;
    assert_eq!(session_url(&first), session_url(&second));

    let cancelled = agent.call("authloop_cancel", json!({})).await;
    assert!(!cancelled.is_error, "{}", cancelled.text);
    eventually("the end", || async {
        let status = agent
            .call("authloop_status", json!({"wait_seconds": 0}))
            .await;
        (status.data["status"] == "cancelled").then_some(())
    })
    .await;
    agent.hang_up().await;
}
