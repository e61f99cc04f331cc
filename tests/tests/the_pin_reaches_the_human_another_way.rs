//! The PIN's whole way, from the program's randomness over the human's command to the viewer page.

use std::fs;

use authloop_testkit::{
    browser::{Page, browser},
    human::{Device, Human},
    lab::Lab,
    mcp_client::McpClient,
    secrets,
    story::{order, session_url},
    wait::eventually,
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

/// A page handed over by an agent whose PINs are told in a file.
struct Scene {
    _lab: Lab,
    _page: Page,
    agent: McpClient,
    link: String,
    pin: String,
}

impl Scene {
    async fn new() -> Self {
        let lab = Lab::start().await;
        let page = browser().await.open(&lab.url("/")).await;
        let folder = TempDir::new().expect("a folder");
        let file = folder.path().join("pin");
        let agent = McpClient::start(&[
            ("AUTHLOOP_CDP_URL", &page.browser_http_url()),
            ("AUTHLOOP_PIN_COMMAND", &format!("tee {}", file.display())),
        ])
        .await;
        let handed = agent.call("authloop_to_human", order(page.url())).await;
        let pin = fs::read_to_string(file).expect("told before the link");
        Self {
            _lab: lab,
            _page: page,
            link: session_url(&handed),
            agent,
            pin: pin.trim_end().to_owned(),
        }
    }

    /// A PIN that isn't the one; each `number` under ten gives another.
    fn wrong(&self, number: u8) -> String {
        let (head, last) = self.pin.split_at(5);
        let last: u8 = last.parse().expect("a digit");
        format!("{head}{}", (last + number) % 10)
    }
}

/// Opens the link and presses Start, up to the question.
async fn is_asked(link: &str) -> Human {
    let human = Human::with(Device::Desktop).await;
    human.open(link).await;
    human.state_is("card").await;
    human.press("#start").await;
    sees(&human, "#pin-title", "Enter the PIN").await;
    human
}

async fn answers(human: &Human, pin: &str) {
    human.press("#pin").await;
    human.types(pin).await;
    human.press("#pin-send").await;
}

async fn sees(human: &Human, selector: &str, words: &str) {
    eventually(words, async || {
        human.reads(selector).await.contains(words).then_some(())
    })
    .await;
}

#[tokio::test]
async fn the_page_asks_for_the_pin_until_it_is_right() {
    let scene = Scene::new().await;
    let human = is_asked(&scene.link).await;
    answers(&human, &scene.wrong(1)).await;
    sees(&human, "#pin-problem", "That PIN was wrong").await;
    answers(&human, &scene.pin).await;
    human.state_is("live").await;
    human.sees_more_than(0).await;
    human.press("#done").await;
    assert_eq!(human.outcome().await, "resolved");
    let status = scene.agent.call("authloop_status", json!({})).await;
    assert_eq!(status.data["status"], "resolved", "{}", status.text);
    scene.agent.hang_up().await;
}

#[tokio::test]
async fn three_wrong_pins_end_the_session_and_the_agent_hears_why() {
    let scene = Scene::new().await;
    let stranger = is_asked(&scene.link).await;
    for number in 1..=3 {
        answers(&stranger, &scene.wrong(number)).await;
        if number < 3 {
            sees(&stranger, "#pin-problem", "That PIN was wrong").await;
        }
    }
    let status = scene.agent.call("authloop_status", json!({})).await;
    assert_eq!(status.data["status"], "error", "{}", status.text);
    assert!(status.text.contains("wrong PINs"), "{}", status.text);
    assert_eq!(status.data["viewer_seen"], false);
    scene.agent.hang_up().await;
}

#[tokio::test]
async fn a_reload_is_not_asked_again_because_its_proof_stands_for_the_pin() {
    let scene = Scene::new().await;
    let human = is_asked(&scene.link).await;
    answers(&human, &scene.pin).await;
    human.is_shown_the_page().await;
    human.reload_viewer().await;
    human.is_shown_the_page().await;
    human.press("#done").await;
    assert_eq!(human.outcome().await, "resolved");
    scene.agent.hang_up().await;
}

#[tokio::test]
async fn while_somebody_has_control_nobody_elses_pin_is_looked_at() {
    let (human, other) = Human::two(Device::Desktop, Device::Desktop).await;
    let scene = Scene::new().await;
    human.open(&scene.link).await;
    human.press("#start").await;
    sees(&human, "#pin-title", "Enter the PIN").await;
    answers(&human, &scene.pin).await;
    human.is_shown_the_page().await;

    other.open(&scene.link).await;
    other.press("#start").await;
    other.state_is("barred").await;
    other.is_told("Somebody is using this already").await;
    assert!(!other.can_press("#pin-send").await, "no PIN is asked for");
    // Handed over, it still has to know the PIN.
    eventually("the question", async || {
        human.can_press("#hand-over").await.then_some(())
    })
    .await;
    human.press("#hand-over").await;
    sees(&other, "#pin-title", "Enter the PIN").await;
    assert_eq!(human.state().await, "live", "control stays until then");
    answers(&other, &scene.pin).await;
    other.is_shown_the_page().await;
    assert_eq!(human.outcome().await, "elsewhere");
    scene.agent.hang_up().await;
}
