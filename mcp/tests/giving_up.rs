//! When a session ends early: cancelled calls, `authloop_cancel`, and the end of the process.

mod support;

use std::time::Duration;

use authloop_core::agent::{event::Outcome, io::Request};
use serde_json::json;
use support::{Client, Opening, settle};
use tokio::time::advance;

const PAGE: &str = "https://github.com/login";

async fn waiting_client(variables: &'static [(&'static str, &'static str)]) -> Client {
    let mut client = Client::start(variables).await;
    client.hand_over("1", PAGE).await;
    client.call("2", "authloop_status", json!({})).await;
    settle().await;
    client
}

async fn pass(seconds: u64) {
    advance(Duration::from_secs(seconds)).await;
    settle().await;
}

#[tokio::test(start_paused = true)]
async fn a_clients_time_out_leaves_the_session_alone() {
    for reason in [
        "McpError: MCP error -32001: Request timed out",
        "timed out after 60s",
    ] {
        let mut client = waiting_client(&[]).await;
        client.cancel("2", Some(reason)).await;
        pass(500).await;
        assert_eq!(client.stage.act(0).was_asked_for(), [], "{reason}");
        client.call("3", "authloop_status", json!({})).await;
        settle().await;
        client.stage.act(0).end(Outcome::Resolved);
        let result = client.answer("3").await;
        assert_eq!(result["structuredContent"]["status"], "resolved");
        assert!(
            !client.has_answer("2").await,
            "cancelled calls get no answer"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn any_other_cancellation_ends_the_session_after_the_grace() {
    for reason in [None, Some("User stopped the agent")] {
        let mut client = waiting_client(&[]).await;
        client.cancel("2", reason).await;
        settle().await;
        pass(58).await;
        assert_eq!(client.stage.act(0).was_asked_for(), []);
        pass(2).await;
        assert_eq!(client.stage.act(0).was_asked_for(), [Request::Cancel]);
    }
}

#[tokio::test(start_paused = true)]
async fn the_operator_sets_the_grace() {
    let mut client = waiting_client(&[("AUTHLOOP_CANCEL_GRACE", "0")]).await;
    client.cancel("2", None).await;
    settle().await;
    assert_eq!(client.stage.act(0).was_asked_for(), [Request::Cancel]);
}

#[tokio::test(start_paused = true)]
async fn another_status_call_within_the_grace_revives_the_session() {
    let mut client = waiting_client(&[]).await;
    client.cancel("2", None).await;
    pass(30).await;
    client
        .call("3", "authloop_status", json!({ "wait_seconds": 0 }))
        .await;
    client.answer("3").await;
    pass(300).await;
    assert_eq!(client.stage.act(0).was_asked_for(), []);
}

#[tokio::test(start_paused = true)]
async fn a_session_that_another_call_waits_for_is_not_given_up() {
    let mut client = waiting_client(&[]).await;
    client.call("3", "authloop_status", json!({})).await;
    settle().await;
    client.cancel("2", None).await;
    pass(300).await;
    assert_eq!(client.stage.act(0).was_asked_for(), []);
}

#[tokio::test(start_paused = true)]
async fn cancelling_a_hand_over_before_its_link_gives_it_up_too() {
    let mut client = Client::start(&[]).await;
    client.stage.opens_with(Opening::Silent);
    let arguments = json!({ "service": "x", "cdp_url": "http://127.0.0.1:9222" });
    client.call("1", "authloop_to_human", arguments).await;
    settle().await;
    client.cancel("1", None).await;
    settle().await;
    pass(60).await;
    assert_eq!(client.stage.act(0).was_asked_for(), [Request::Cancel]);
}

#[tokio::test(start_paused = true)]
async fn the_cancel_tool_ends_a_session_and_its_waiters_hear_it() {
    let mut client = waiting_client(&[]).await;
    client.call("3", "authloop_cancel", json!({})).await;
    for id in ["3", "2"] {
        let result = client.answer(id).await;
        assert_eq!(result["structuredContent"]["status"], "cancelled");
    }
    assert_eq!(client.stage.act(0).was_asked_for(), [Request::Cancel]);
}

#[tokio::test(start_paused = true)]
async fn the_cancel_tool_leaves_a_finished_session_as_it_is() {
    let mut client = waiting_client(&[]).await;
    client.stage.act(0).end(Outcome::Resolved);
    client.answer("2").await;
    client.call("3", "authloop_cancel", json!({})).await;
    let result = client.answer("3").await;
    assert_eq!(result["structuredContent"]["status"], "resolved");
    assert_eq!(client.stage.act(0).was_asked_for(), []);
}

#[tokio::test(start_paused = true)]
async fn the_end_of_input_ends_every_session_at_once() {
    let client = waiting_client(&[]).await;
    let stage = client.stage.clone();
    client.hang_up().await;
    let [Request::Shutdown { grace }] = stage.act(0).was_asked_for()[..] else {
        unreachable!("{:?}", stage.act(0).was_asked_for());
    };
    assert!(grace <= Duration::from_millis(1_500));
    assert!(*stage.closed.borrow(), "what they shared is let go");
}

#[tokio::test(start_paused = true)]
async fn a_hand_off_that_does_not_end_holds_the_process_for_two_seconds_at_most() {
    let client = waiting_client(&[]).await;
    client.stage.act(0).goes_deaf();
    let before = tokio::time::Instant::now();
    client.terminate().await;
    assert!(before.elapsed() <= Duration::from_secs(2));
}
