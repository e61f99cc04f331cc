//! The PIN: made here, told to the human by a command, and to nobody else.

#![cfg(unix)]

mod support;

use std::{fs, path::Path};

use authloop_core::agent::{event::Outcome, io::Request};
use authloop_mcp::settings::Protocol;
use serde_json::Value;
use support::{Client, Opening, settle, text};

const PAGE: &str = "https://github.com/login";

/// A server whose PIN command is this script.
async fn server(script: &str) -> Client {
    let command = format!("/bin/sh -c \"{script}\"");
    Client::start(&[("AUTHLOOP_E2EE", "v2"), ("AUTHLOOP_PIN_COMMAND", &command)]).await
}

/// A script that keeps what it is told.
fn keeper(folder: &Path) -> String {
    format!(
        "cat > {}/told.new && mv {0}/told.new {0}/told",
        folder.display()
    )
}

fn refusal(result: &Value) -> &str {
    assert_eq!(result["isError"], true, "{result}");
    assert!(
        !result.to_string().contains("/s/sess_"),
        "no link: {result}"
    );
    text(result)
}

#[tokio::test]
async fn the_command_is_told_the_pin_that_the_agent_asks_for_and_the_answer_never_holds_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut client = server(&keeper(folder.path())).await;
    let result = client.hand_over("1", PAGE).await;
    assert_eq!(result["isError"], false, "{result}");
    let told = fs::read_to_string(folder.path().join("told")).expect("before the link");
    let pin = told.strip_suffix('\n').expect("a line");
    assert_eq!(pin.len(), 6);
    {
        let orders = client.stage.orders.lock().expect("no test panics here");
        let asked = orders[0].pin.as_ref().expect("the agent asks for one");
        assert_eq!(asked.expose(), pin);
    }
    assert_eq!(result["structuredContent"]["asks_for_pin"], true);
    assert!(text(&result).contains("never ask for it in the chat"));
    assert!(!result.to_string().contains(pin), "{result}");
    let again = client.hand_over("2", PAGE).await;
    assert_eq!(again["structuredContent"]["already_open"], true);
    assert_eq!(again["structuredContent"]["asks_for_pin"], true);
    assert_eq!(client.stage.count(), 1);
}

#[tokio::test]
async fn no_call_gets_the_link_before_the_human_was_told_the_pin() {
    let folder = tempfile::tempdir().expect("a folder");
    let gate = folder.path().join("gate");
    let wait = format!(
        "while [ ! -e {} ]; do sleep 0.02; done; {}",
        gate.display(),
        keeper(folder.path())
    );
    let mut client = server(&wait).await;
    let arguments = serde_json::json!({ "service": "x", "cdp_url": "http://127.0.0.1:9222" });
    for id in ["1", "2"] {
        client
            .call(id, "authloop_to_human", arguments.clone())
            .await;
    }
    while client.stage.count() == 0 {
        settle().await;
    }
    assert!(!client.has_answer("1").await && !client.has_answer("2").await);
    client
        .call("3", "authloop_status", serde_json::json!({}))
        .await;
    assert!(refusal(&client.answer("3").await).contains("no hand-off yet"));
    fs::write(&gate, "").expect("writable");
    for id in ["1", "2"] {
        assert_eq!(client.answer(id).await["isError"], false);
        assert!(folder.path().join("told").exists());
    }
}

#[tokio::test]
async fn a_pin_that_does_not_reach_the_human_cancels_the_hand_off() {
    let mut client = server("cat; exit 1").await;
    let result = client.hand_over("1", PAGE).await;
    let words = refusal(&result);
    assert!(words.contains("the PIN could not be delivered"), "{words}");
    assert!(words.contains("AUTHLOOP_PIN_COMMAND"), "{words}");
    assert_eq!(client.stage.act(0).was_asked_for(), [Request::Cancel]);
    client
        .call("2", "authloop_status", serde_json::json!({}))
        .await;
    assert!(refusal(&client.answer("2").await).contains("no hand-off yet"));
}

#[tokio::test(start_paused = true)]
async fn a_command_that_does_not_end_cancels_the_hand_off() {
    let mut client = server("exec sleep 600").await;
    let result = client.hand_over("1", PAGE).await;
    assert!(refusal(&result).contains("did not end within 20 s"));
    assert_eq!(client.stage.act(0).was_asked_for(), [Request::Cancel]);
}

#[tokio::test]
async fn a_hand_off_that_ends_meanwhile_gives_no_link() {
    let mut client = server("exec sleep 600").await;
    let arguments = serde_json::json!({ "service": "x", "cdp_url": "http://127.0.0.1:9222" });
    client.call("1", "authloop_to_human", arguments).await;
    while client.stage.count() == 0 {
        settle().await;
    }
    client.stage.act(0).end(Outcome::Cancelled);
    // Had it waited for the command, the command's time would be over.
    let answer = client.answer("1").await;
    assert!(refusal(&answer).contains("cancelled before there was a link"));
}

#[tokio::test]
async fn a_hand_off_that_fails_needs_no_pin() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut client = server(&keeper(folder.path())).await;
    client.stage.opens_with(Opening::Ended(Outcome::Timeout));
    refusal(&client.hand_over("1", PAGE).await);
    assert!(!folder.path().join("told").exists());
}

#[tokio::test(start_paused = true)]
async fn without_a_command_nobody_is_asked() {
    let mut client = Client::start(&[("AUTHLOOP_E2EE", "v2")]).await;
    let result = client.hand_over("1", PAGE).await;
    assert!(result["structuredContent"].get("asks_for_pin").is_none());
    assert!(!text(&result).contains("PIN"));
    let orders = client.stage.orders.lock().expect("no test panics here");
    assert!(orders[0].pin.is_none());
    assert!(matches!(orders[0].protocol, Protocol::V2(_)));
}

#[tokio::test(start_paused = true)]
async fn version_1_has_no_pin_and_says_so() {
    let variables = [
        ("AUTHLOOP_E2EE", "v1"),
        ("AUTHLOOP_PIN_COMMAND", "notify S3CRET"),
    ];
    let mut client = Client::start(&variables).await;
    let result = client.hand_over("1", PAGE).await;
    let words = refusal(&result);
    assert!(words.contains("AUTHLOOP_PIN_COMMAND") && words.contains("version 1"));
    assert!(!words.contains("S3CRET"));
    assert_eq!(client.stage.count(), 0);
}

#[tokio::test(start_paused = true)]
async fn the_hosted_service_with_version_2_is_refused_and_never_downgraded() {
    let variables = [("AUTHLOOP_E2EE", "v2"), ("AUTHLOOP_API_KEY", "al_live_x")];
    let mut client = Client::start(&variables).await;
    let result = client.hand_over("1", PAGE).await;
    assert!(refusal(&result).contains("the hosted service speaks no other version"));
    assert_eq!(client.stage.count(), 0);
}
