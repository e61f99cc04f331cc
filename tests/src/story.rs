//! The whole hand-off, from an AI agent at a login to the agent going on: with the real
//! `authloop-mcp`, real browsers on both ends, and the real viewer page between them.
//!
//! The end-to-end tests and `make demo AUTO=1` tell the same story.

use authloop_mcp::demo::site::{PASSWORD, Stage, USER};
use fantoccini::key::Key;
use serde_json::{Value, json};

use crate::{
    browser::Browser,
    cdp::Cdp,
    human::{Device, Human},
    lab::Lab,
    mcp_client::{McpClient, ToolResult},
    relay_view::RelayView,
    replay::replay,
    secrets,
    tap::Tap,
    wait::eventually,
};

/// The protocol version a hand-off speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// What the human types is encrypted, the picture is not.
    V1,
    /// Encrypted end to end.
    V2,
}

impl Version {
    /// What is spoken with a relay of ours unless somebody says otherwise.
    pub const DEFAULT: Self = Self::V2;

    /// The value of `AUTHLOOP_E2EE`.
    pub fn setting(self) -> &'static str {
        match self {
            Self::V1 => "v1",
            Self::V2 => "v2",
        }
    }

    /// Reads it off a link, which is what the viewer goes by.
    ///
    /// # Panics
    ///
    /// Fails the test if this is no link.
    pub fn of(session_url: &str) -> Self {
        let (_, fragment) = session_url.split_once('#').expect("a link's secret part");
        match fragment.split_once('.') {
            Some(("1", _)) => Self::V1,
            Some(("2", _)) => Self::V2,
            Some(_) | None => unreachable!("a link of version 1 or 2"),
        }
    }
}

/// Makes a test in each version of the protocol out of each function that takes one.
#[macro_export]
macro_rules! in_both_versions {
    ($($story:ident),+ $(,)?) => {
        mod version_1 {
            $(#[tokio::test]
            async fn $story() {
                super::$story($crate::story::Version::V1).await;
            })+
        }
        mod version_2 {
            $(#[tokio::test]
            async fn $story() {
                super::$story($crate::story::Version::V2).await;
            })+
        }
    };
}

/// Tells the story with a human who holds `device`, in a version that was `chosen` or in the one that
/// is spoken by itself; `told` hears of each step once it is done. Returns the version.
///
/// # Panics
///
/// Fails where the story takes another turn.
pub async fn whole_hand_off(
    device: Device,
    chosen: Option<Version>,
    mut told: impl FnMut(&str),
) -> Version {
    let lab = Lab::start().await;
    let browser = Browser::start().await;
    let page = browser.open(&lab.url("/")).await;
    told("a headless Chromium stands at a login");

    let traces = tempfile::TempDir::new().expect("a folder");
    let trace = traces.path().join("trace");
    let trace = trace.to_string_lossy().into_owned();
    let agent = McpClient::start(&[
        ("AUTHLOOP_CDP_URL", &browser.http_url()),
        ("AUTHLOOP_E2EE", chosen.map_or("", Version::setting)),
        ("AUTHLOOP_TRACE", &trace),
        ("DEBUG", "authloop:*"),
    ])
    .await;
    told("the AI agent has started authloop-mcp and shaken hands");

    let handed = agent.call("authloop_to_human", order(page.url())).await;
    let session_url = session_url(&handed);
    let origin = handed.data["page_origin"].as_str().unwrap_or_default();
    assert_eq!(format!("{origin}/"), page.url());
    let version = Version::of(&session_url);
    assert_eq!(version, chosen.unwrap_or(Version::DEFAULT));
    told(&format!("authloop_to_human has returned {session_url}"));

    let tap = Tap::start().await;
    let human = Human::tapped(device, &tap).await;
    human.open(&session_url).await;
    human.state_is("card").await;
    let card = format!(
        "{}: {}",
        human.reads("#service").await,
        human.reads("#headline").await
    );
    assert_eq!(card, "Harbour Bank: Enter your password");
    told(&format!(
        "the human has opened it in a browser of their own and reads \"{card}\""
    ));

    let waiting = agent.call("authloop_status", json!({}));
    let helping = async {
        human.start().await;
        told("the human sees the agent's tab");

        let mut spectator = page.cdp().await;
        type_into(&human, &mut spectator, "#user", USER).await;
        let before = RelayView::of(&tap);
        type_into(&human, &mut spectator, "#password", PASSWORD).await;
        told(&RelayView::of(&tap).since(&before).tell(PASSWORD));
        human.key(Key::Return).await;
        let stage = lab
            .stage_is("the password", |stage| *stage != Stage::Password)
            .await;
        let Stage::Code(code) = stage else {
            unreachable!("a code comes after the password")
        };
        told("the human has typed user name and password; the code is on their phone");

        fill(&human, &mut spectator, "#code", &code).await;
        lab.stage_is("the code", |stage| *stage == Stage::SignedIn)
            .await;
        told("the human has typed the code");

        human.press("#done").await;
        assert_eq!(human.outcome().await, "resolved");
        let goodbye = human.reads("#ended-title").await;
        assert_eq!(goodbye, "Done. Thank you!");
        told(&format!(
            "the human has pressed Done and reads \"{goodbye}\""
        ));
        code
    };
    let (status, code) = futures::join!(waiting, helping);
    assert!(!status.is_error, "{}", status.text);
    assert_eq!(status.data["status"], "resolved", "{}", status.text);
    assert_eq!(status.data["session_id"], handed.data["session_id"]);
    told("authloop_status has returned: resolved");

    let place = page
        .cdp()
        .await
        .evaluate("`${location} ${document.title}`")
        .await;
    let account = format!("{} Harbour Bank: your account", lab.url("/account"));
    assert_eq!(place, account);
    told("the agent's tab is signed in");

    let log = agent.hang_up().await;
    assert!(log.contains("authloop::"), "it logs when asked to: {log}");
    let of_link = secrets::of_link(&session_url);
    let in_log = of_link.iter().map(String::as_str);
    secrets::are_absent(&log, in_log.chain([PASSWORD, &code, "token="]));
    told("authloop-mcp has ended with its client, and its log holds no secret");

    let trace = std::fs::read_to_string(&trace).expect("a trace");
    let texts = secrets::texts_of_trace(&trace);
    let of_page = [PASSWORD, "Harbour", "account", "al_", "#password"];
    secrets::are_absent(&texts, of_link.iter().map(String::as_str).chain(of_page));
    for word in [USER, &code] {
        assert!(!secrets::has_word(&texts, word), "{word} in: {texts}");
    }
    let report = replay(&trace, |_| {}).expect("a whole trace");
    assert_eq!(report.differences, [0; 0], "{report:?} of {trace}");
    assert_eq!(report.stage, "ended");
    told("the trace holds no secret, and tells the same again");

    let seen = RelayView::of(&tap);
    for word in ["keypress", "keydown", "\"text\""] {
        assert!(!seen.holds(word.as_bytes()), "{word} could be read");
    }
    assert_eq!(seen.is_sealed(), version == Version::V2);
    assert_eq!(seen.holds_a_picture(), version == Version::V1);
    told(match version {
        Version::V1 => "of all that passed it the relay could see the picture, and no key",
        Version::V2 => "of all that passed it the relay could see neither picture nor key",
    });
    version
}

/// What an AI agent asks for at the login.
pub fn order(url: &str) -> Value {
    json!({
        "service": "Harbour Bank",
        "context": {
            "url": url,
            "blocker_type": "password",
            "hint": "Sign in, then press Done.",
        },
    })
}

/// Reads the link out of the tool's answer.
///
/// # Panics
///
/// Fails the test if there is none, in the data or in the text for the model.
pub fn session_url(handed: &ToolResult) -> String {
    assert!(!handed.is_error, "{}", handed.text);
    let url = handed.data["session_url"].as_str().expect("a link");
    assert!(handed.text.contains(url), "{}", handed.text);
    url.to_owned()
}

/// Clicks into a field, types, and presses Enter.
async fn fill(human: &Human, spectator: &mut Cdp, selector: &str, text: &str) {
    type_into(human, spectator, selector, text).await;
    human.key(Key::Return).await;
}

/// Clicks into a field and types, seeing each have its effect before going on, as people do.
async fn type_into(human: &Human, spectator: &mut Cdp, selector: &str, text: &str) {
    let point = place_of(spectator, selector).await;
    human.click(point).await;
    let field = format!("document.querySelector('{selector}')");
    comes_true(spectator, &format!("document.activeElement === {field}")).await;
    human.types(text).await;
    comes_true(spectator, &format!("{field}.value === '{text}'")).await;
}

/// Waits until something is true in the agent's page.
async fn comes_true(spectator: &mut Cdp, script: &str) {
    let spectator = tokio::sync::Mutex::new(spectator);
    eventually(script, || async {
        let value = spectator.lock().await.evaluate(script).await;
        (value == true).then_some(())
    })
    .await;
}

/// Waits for an element of the agent's page, once that is laid out for good, and returns its
/// middle, in CSS pixels.
async fn place_of(spectator: &mut Cdp, selector: &str) -> (f64, f64) {
    let spectator = tokio::sync::Mutex::new(spectator);
    let script = format!(
        "(() => {{
            if (document.readyState !== 'complete') return null;
            const box = document.querySelector('{selector}')?.getBoundingClientRect();
            return box && [box.x + box.width / 2, box.y + box.height / 2];
        }})()"
    );
    eventually(selector, || async {
        let place = spectator.lock().await.evaluate(&script).await;
        Some((place[0].as_f64()?, place[1].as_f64()?))
    })
    .await
}
