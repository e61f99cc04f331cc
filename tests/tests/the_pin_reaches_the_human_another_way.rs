//! The PIN's whole way, from the program's randomness to the human's command, with a real browser.

use std::fs;

use authloop_testkit::{
    browser::browser,
    lab::Lab,
    mcp_client::McpClient,
    secrets,
    story::{order, session_url},
};
use serde_json::json;
use tempfile::TempDir;

#[tokio::test]
async fn the_command_is_told_and_answers_logs_and_its_own_environment_hold_no_secret() {
    let lab = Lab::start().await;
    let page = browser().await.open(&lab.url("/")).await;
    let folder = TempDir::new().expect("a folder");
    let place = folder.path().display();
    let script = format!("env > {place}/environment; cat > {place}/pin");
    let agent = McpClient::start(&[
        ("AUTHLOOP_CDP_URL", &page.browser_http_url()),
        ("AUTHLOOP_E2EE", "v2"),
        ("AUTHLOOP_PIN_COMMAND", &format!("sh -c '{script}'")),
        ("DEBUG", "authloop:*"),
    ])
    .await;
    let handed = agent.call("authloop_to_human", order(page.url())).await;
    let link = session_url(&handed);
    assert_eq!(handed.data["asks_for_pin"], true);
    let pin = fs::read_to_string(folder.path().join("pin")).expect("told before the link");
    let pin = pin.trim_end();
    assert_eq!(pin.len(), 6);

    let environment = fs::read_to_string(folder.path().join("environment")).expect("written");
    assert!(environment.contains("PATH="), "{environment}");
    secrets::are_absent(&environment, [pin, "AUTHLOOP_"]);
    let status = agent.call("authloop_status", json!({"wait_seconds": 0}));
    let status = status.await;
    assert_eq!(status.data["status"], "pending", "{}", status.text);
    // The link's own digits may hold any six others.
    for answer in [handed, status] {
        let words = format!("{} {}", answer.text, answer.data);
        secrets::are_absent(&words.replace(&link, ""), [pin]);
    }
    for sign in agent.progress() {
        secrets::are_absent(&sign.to_string(), ["/s/sess_"]);
    }
    let log = agent.hang_up().await;
    assert!(log.contains("was told the PIN"), "{log}");
    let of_link = secrets::of_link(&link);
    secrets::are_absent(&log, of_link.iter().map(String::as_str));
    // A number of six digits may be in a log for another reason, but not as a word of its own.
    let is_pin = |word: &str| word.trim_matches(|c: char| !c.is_ascii_alphanumeric()) == pin;
    assert!(!log.split_whitespace().any(is_pin), "{log}");
}
