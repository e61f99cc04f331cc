//! A whole hand-off with a PIN, every program at its most talkative: what opens the session and what the
//! human types is in no log, no answer, no command line, no child's environment, and nowhere on the wire
//! but where it is meant to be.

use std::fs;

use authloop_mcp::demo::site::{PASSWORD, Stage, USER};
use authloop_testkit::{
    browser::browser,
    human::{Device, Human},
    lab::Lab,
    mcp_client::McpClient,
    proxy::Proxy,
    relay_program::RelayProgram,
    relay_view::RelayView,
    replay::replay,
    secrets,
    story::{order, session_url},
    tap::Tap,
};
use fantoccini::key::Key;
use serde_json::{Value, json};
use tempfile::TempDir;

#[tokio::test]
async fn a_whole_hand_off_with_a_pin_leaves_none() {
    let lab = Lab::start().await;
    let page = browser().await.open(&lab.url("/")).await;
    let relay = RelayProgram::start().await;
    let at = relay.url().strip_prefix("http://").expect("plain");
    let rest = Proxy::to(at.parse().expect("an address")).await;
    let folder = TempDir::new().expect("a folder");
    let place = folder.path().display();
    let script = format!(
        "cat > {place}/pin; env > {place}/environment; cat /proc/$$/cmdline > {place}/arguments"
    );
    let trace = format!("{place}/trace");
    let agent = McpClient::start(&[
        ("AUTHLOOP_CDP_URL", &page.browser_http_url()),
        ("AUTHLOOP_BASE_URL", &format!("http://{}", rest.address())),
        ("AUTHLOOP_VIEWER_URL", relay.url()),
        ("AUTHLOOP_API_KEY", relay.key().expose()),
        ("AUTHLOOP_TRACE", &trace),
        ("AUTHLOOP_PIN_COMMAND", &format!("sh -c '{script}'")),
        ("DEBUG", "authloop:*"),
    ])
    .await;
    let handed = agent.call("authloop_to_human", order(page.url())).await;
    let link = session_url(&handed);
    let read = |name: &str| fs::read_to_string(folder.path().join(name)).expect("written");
    let pin = read("pin").trim_end().to_owned();

    let tap = Tap::start().await;
    let human = Human::tapped(Device::Desktop, &tap).await;
    human.open(&link).await;
    human.press("#start").await;
    human.state_is("barred").await;
    human.enters("#pin", &pin).await;
    human.press("#pin-send").await;
    human.is_shown_the_page().await;
    human.types(USER).await;
    human.key(Key::Tab).await;
    human.types(PASSWORD).await;
    human.key(Key::Enter).await;
    lab.stage_is("the password", |stage| *stage != Stage::Password)
        .await;
    human.reload_viewer().await;
    human.is_shown_the_page().await;
    let key = relay.key().expose().to_owned();
    let commands = [agent.process_id(), relay.process_id()].map(|id| {
        let path = format!("/proc/{id}/cmdline");
        String::from_utf8_lossy(&fs::read(path).expect("it runs")).into_owned()
    });
    human.press("#done").await;
    assert_eq!(human.outcome().await, "resolved");
    let status = agent.call("authloop_status", json!({})).await;
    assert_eq!(status.data["status"], "resolved", "{}", status.text);

    let rest = String::from_utf8_lossy(&rest.passed()).into_owned();
    let (_, stream_token) = rest.split_once("\"stream_token\":\"").expect("the answer");
    let (stream_token, _) = stream_token.split_once('"').expect("a text");
    let keys = [key.as_str(), stream_token, "token="];
    let of_link = secrets::of_link(&link);
    let of_link: Vec<&str> = of_link.iter().map(String::as_str).collect();
    let typed = [PASSWORD];

    // Nobody but the human is told the link, and nobody is told what they type.
    let progress = Value::from(agent.progress()).to_string();
    let answers = format!("{} {} {}", handed.text, handed.data, status.text);
    let answers = format!("{answers} {} {progress}", status.data).replace(&link, "");
    let logs = [agent.hang_up().await, relay.end().await];
    for log in &logs {
        assert!(log.contains("DEBUG authloop::"), "it is talkative: {log}");
    }
    let [agent_log, relay_log] = &logs;
    let [agent_command, relay_command] = &commands;
    let (environment, arguments) = (read("environment"), read("arguments"));
    let trace = read("trace");
    let trace_texts = secrets::texts_of_trace(&trace);
    let report = replay(&trace, |_| {}).expect("a whole trace");
    assert_eq!(report.differences, [0; 0], "{report:?} of {trace}");
    for text in [
        agent_log,
        relay_log,
        agent_command,
        relay_command,
        &answers,
        &environment,
        &arguments,
        &trace_texts,
    ] {
        secrets::are_absent(text, of_link.iter().chain(&keys).chain(&typed).copied());
        assert!(!secrets::has_word(text, &pin), "the PIN in: {text}");
    }
    // What the agent tells the relay by REST: the key and no more.
    secrets::are_absent(&rest, of_link.iter().chain(&typed).copied());
    assert!(!secrets::has_word(&rest, &pin), "the PIN in: {rest}");
    // On the wire the token admits to the relay, outside any address. The rest is sealed.
    let wire = tap.bytes();
    let wire = String::from_utf8_lossy(&wire);
    let requests = wire.lines().filter(|line| line.ends_with(" HTTP/1.1"));
    let requests = requests.collect::<Vec<_>>().join("\n");
    assert!(requests.contains("GET /stream/"), "{requests}");
    secrets::are_absent(&requests, of_link.iter().copied());
    let view = RelayView::of(&tap);
    assert!(view.is_sealed() && !view.holds_a_picture());
    for secret in of_link.iter().chain(&typed).chain([&pin.as_str()]) {
        assert!(!view.holds(secret.as_bytes()), "a secret is on the wire");
    }
}
