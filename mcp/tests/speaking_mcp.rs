//! The protocol: hand-shakes of every version, lists, and lines that are no messages.

mod support;

use serde_json::{Value, json};
use support::Client;

fn initialize(version: &str) -> Value {
    json!({
        "jsonrpc": "2.0", "id": "1", "method": "initialize",
        "params": {
            "protocolVersion": version, "capabilities": {},
            "clientInfo": { "name": "test", "version": "1" }
        }
    })
}

#[tokio::test(start_paused = true)]
async fn every_version_with_a_hand_shake_is_spoken() {
    for version in ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"] {
        let mut client = Client::connect(&[]);
        client.send(&initialize(version)).await;
        let result = client.answer("1").await;
        assert_eq!(result["protocolVersion"], version);
        assert_eq!(result["serverInfo"]["name"], "authloop");
        assert!(result["capabilities"]["tools"].is_object());
        let instructions = result["instructions"].as_str().expect("instructions");
        assert!(instructions.contains("call authloop_status again"));
        assert!(instructions.contains("Never ask for passwords"));
    }
}

#[tokio::test(start_paused = true)]
async fn a_version_nobody_knows_is_answered_with_one_that_is() {
    let mut client = Client::connect(&[]);
    client.send(&initialize("2099-01-01")).await;
    assert_eq!(client.answer("1").await["protocolVersion"], "2025-11-25");
}

#[tokio::test(start_paused = true)]
async fn the_version_without_a_hand_shake_is_spoken_too() {
    let mut client = Client::connect(&[]);
    let meta = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientInfo": { "name": "test", "version": "1" },
        "io.modelcontextprotocol/clientCapabilities": {}
    });
    client
        .send(&json!({
            "jsonrpc": "2.0", "id": "1", "method": "tools/list", "params": { "_meta": meta }
        }))
        .await;
    let result = client.answer("1").await;
    assert_eq!(
        result["tools"].as_array().map(Vec::len),
        Some(3),
        "{result}"
    );
}

#[tokio::test(start_paused = true)]
async fn the_three_tools_are_listed_with_schemas_and_annotations() {
    let mut client = Client::start(&[]).await;
    client
        .send(&json!({ "jsonrpc": "2.0", "id": "1", "method": "tools/list" }))
        .await;
    let result = client.answer("1").await;
    let tools = result["tools"].as_array().expect("tools");
    let names: Vec<_> = tools.iter().map(|tool| &tool["name"]).collect();
    assert_eq!(
        names,
        ["authloop_cancel", "authloop_status", "authloop_to_human"]
    );
    for tool in tools {
        assert_eq!(tool["inputSchema"]["type"], "object");
        assert_eq!(tool["outputSchema"]["type"], "object");
        assert!(tool["title"].is_string());
    }
    assert_eq!(tools[1]["annotations"]["readOnlyHint"], true);
    assert_eq!(tools[1]["annotations"]["idempotentHint"], true);
    assert_eq!(tools[2]["inputSchema"]["required"], json!(["service"]));
}

#[tokio::test(start_paused = true)]
async fn garbage_and_strays_do_not_end_the_server() {
    let mut client = Client::connect(&[]);
    for line in [
        "nonsense",
        "",
        "[]",
        "{",
        r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#,
        r#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":7}}"#,
        r#"{"jsonrpc":"2.0","id":99,"result":{}}"#,
    ] {
        client.send_line(line).await;
    }
    client.send(&initialize("2025-06-18")).await;
    assert!(client.answer("1").await["serverInfo"].is_object());
    client.send_line("nonsense").await;
    client.send_line(r#"{"jsonrpc":"2.0","id":"2"}"#).await;
    client
        .send(&json!({ "jsonrpc": "2.0", "id": "3", "method": "ping" }))
        .await;
    assert_eq!(client.answer("3").await, json!({}));
}

#[tokio::test(start_paused = true)]
async fn an_unknown_tool_is_a_protocol_error() {
    let mut client = Client::start(&[]).await;
    client.call("1", "authloop_nothing", json!({})).await;
    assert_eq!(client.answer("1").await["code"], -32602);
}

#[tokio::test(start_paused = true)]
async fn hanging_up_before_the_hand_shake_is_fine() {
    Client::connect(&[]).hang_up().await;
}

#[tokio::test(start_paused = true)]
async fn requests_right_before_the_end_of_input_are_answered() {
    let mut client = Client::connect(&[]);
    client.send(&initialize("2025-06-18")).await;
    client
        .send(&json!({ "jsonrpc": "2.0", "id": "2", "method": "tools/list" }))
        .await;
    client.shut_input().await;
    assert!(client.answer("1").await["serverInfo"].is_object());
    assert!(client.answer("2").await["tools"].is_array());
}
