//! What `authloop_to_human` answers.

mod support;

use authloop_core::agent::{
    event::{Failure, Outcome},
    io::{ConnectFailure, Request},
};
use serde_json::json;
use support::{Client, Opening, settle, text};

const PAGE: &str = "https://github.com/login";

#[tokio::test(start_paused = true)]
async fn the_link_comes_at_once_and_says_where_it_opens() {
    let mut client = Client::start(&[]).await;
    let result = client.hand_over("1", PAGE).await;
    assert_eq!(result["isError"], false);
    let data = &result["structuredContent"];
    assert_eq!(data["session_id"], "sess_0");
    assert_eq!(data["page_origin"], "https://github.com");
    assert_eq!(data["opens_on"], "this_computer");
    assert_eq!(data["already_open"], false);
    assert_eq!(data["expires_in_seconds"], 600);
    assert!(text(&result).contains(data["session_url"].as_str().expect("a link")));
    assert!(text(&result).contains("this computer only"));
}

#[tokio::test(start_paused = true)]
async fn a_second_call_for_the_same_page_returns_the_same_session() {
    let mut client = Client::start(&[]).await;
    client.hand_over("1", PAGE).await;
    let result = client.hand_over("2", PAGE).await;
    assert_eq!(result["structuredContent"]["session_id"], "sess_0");
    assert_eq!(result["structuredContent"]["already_open"], true);
    assert!(text(&result).contains("already"));
    assert_eq!(client.stage.count(), 1);
}

#[tokio::test(start_paused = true)]
async fn two_calls_for_one_page_in_the_same_instant_share_a_session() {
    let mut client = Client::start(&[]).await;
    let arguments = json!({ "service": "x", "cdp_url": "http://127.0.0.1:9222" });
    client.stage.opens_with(Opening::Silent);
    for id in ["1", "2"] {
        client
            .call(id, "authloop_to_human", arguments.clone())
            .await;
    }
    settle().await;
    assert_eq!(client.stage.count(), 1);
    client.stage.act(0).create();
    for id in ["1", "2"] {
        let result = client.answer(id).await;
        assert_eq!(result["structuredContent"]["session_id"], "sess_0");
    }
}

#[tokio::test(start_paused = true)]
async fn a_finished_session_is_not_given_out_again() {
    let mut client = Client::start(&[]).await;
    client.hand_over("1", PAGE).await;
    client.stage.act(0).end(Outcome::Resolved);
    let result = client.hand_over("2", PAGE).await;
    assert_eq!(result["structuredContent"]["session_id"], "sess_1");
}

#[tokio::test(start_paused = true)]
async fn eight_sessions_run_beside_each_other_and_no_more() {
    let mut client = Client::start(&[]).await;
    for number in 0..8 {
        let url = format!("https://github.com/{number}");
        assert_eq!(client.hand_over("1", &url).await["isError"], false);
    }
    let result = client.hand_over("2", "https://github.com/8").await;
    assert_eq!(result["isError"], true);
    assert!(text(&result).contains("8 hand-offs"));
    client.stage.act(3).end(Outcome::Resolved);
    let result = client.hand_over("3", "https://github.com/8").await;
    assert_eq!(result["isError"], false);
}

#[tokio::test(start_paused = true)]
async fn a_dead_browser_is_told_at_once_and_leaves_no_session_behind() {
    let mut client = Client::start(&[]).await;
    let failure = Failure::BrowserUnreachable(ConnectFailure::Unreachable);
    client
        .stage
        .opens_with(Opening::Ended(Outcome::Failed(failure)));
    let result = client.hand_over("1", PAGE).await;
    assert_eq!(result["isError"], true);
    assert!(result.get("structuredContent").is_none());
    assert!(text(&result).contains("nothing accepts connections there"));
    client.call("2", "authloop_status", json!({})).await;
    let result = client.answer("2").await;
    assert!(text(&result).contains("no hand-off yet"));
}

#[tokio::test(start_paused = true)]
async fn a_hand_off_that_never_gets_a_link_is_given_up() {
    let mut client = Client::start(&[]).await;
    client.stage.opens_with(Opening::Silent);
    let result = client.hand_over("1", PAGE).await;
    assert_eq!(result["isError"], true);
    assert_eq!(client.stage.act(0).was_asked_for(), [Request::Cancel]);
}

#[tokio::test(start_paused = true)]
async fn a_fault_inside_is_an_answer_too_and_the_server_lives_on() {
    let mut client = Client::start(&[]).await;
    client.stage.opens_with(Opening::Fault);
    let result = client.hand_over("1", PAGE).await;
    assert_eq!(result["isError"], true);
    assert!(!text(&result).contains("the test asked for"));
    client.stage.opens_with(Opening::Created);
    assert_eq!(client.hand_over("2", PAGE).await["isError"], false);
}

#[tokio::test(start_paused = true)]
async fn wrong_settings_are_tool_errors_that_name_the_variable() {
    let mut client = Client::start(&[("AUTHLOOP_TTL", "5")]).await;
    let result = client.hand_over("1", PAGE).await;
    assert_eq!(result["isError"], true);
    assert!(text(&result).contains("AUTHLOOP_TTL"));
    let mut client = Client::start(&[("AUTHLOOP_BASE_URL", "https://relay.example.com")]).await;
    assert!(text(&client.hand_over("1", PAGE).await).contains("AUTHLOOP_API_KEY"));
    let mut client = Client::start(&[]).await;
    client
        .call("1", "authloop_to_human", json!({ "service": "GitHub" }))
        .await;
    assert!(text(&client.answer("1").await).contains("AUTHLOOP_CDP_URL"));
}

#[tokio::test(start_paused = true)]
async fn wrong_arguments_are_tool_errors_in_words() {
    let mut client = Client::start(&[]).await;
    for (id, tool, arguments, word) in [
        ("1", "authloop_to_human", json!({}), "service"),
        ("2", "authloop_to_human", json!({ "service": 5 }), "string"),
        (
            "3",
            "authloop_to_human",
            json!({ "service": "a\nb", "cdp_url": "localhost:1" }),
            "control characters",
        ),
        (
            "4",
            "authloop_to_human",
            json!({ "service": "x", "cdp_url": "ftp://localhost" }),
            "cdp_url",
        ),
        (
            "5",
            "authloop_status",
            json!({ "wait_seconds": -1 }),
            "wait_seconds",
        ),
        (
            "6",
            "authloop_cancel",
            json!({ "session_id": "sess_9" }),
            "session_id",
        ),
    ] {
        client.call(id, tool, arguments).await;
        let result = client.answer(id).await;
        assert_eq!(result["isError"], true, "{tool}");
        assert!(text(&result).contains(word), "{}", text(&result));
    }
    assert_eq!(client.stage.count(), 0);
}
