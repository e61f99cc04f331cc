//! Whatever the peers do, in whatever order: no panic, no spin, no end after the end.

mod support;

use std::time::Duration;

use authloop_core::agent::io::{Closed, ConnectFailure, Method, Peer, Request};
use proptest::{collection::vec, prelude::*, sample::select};
use serde_json::{Value, json};
use support::{Story, created, record};

#[derive(Clone, Debug)]
enum Step {
    Opened(Peer),
    Lost(Peer),
    Code(u16),
    Drained,
    Answered(u16, String),
    Unanswered,
    Relay(Value),
    Browser(Value),
    Garbage(Peer, String),
    Paint(Vec<u8>),
    Does(Value),
    Silent(&'static str),
    Speaking,
    Asked(Request),
    Pass(u64),
}

fn steps() -> impl Strategy<Value = Step> {
    let peer = || select(vec![Peer::Browser, Peer::Relay]);
    let notices = vec![
        "viewer_connected",
        "viewer_disconnected",
        "session_expired",
        "session_cancelled",
        "session_resolved",
        "resolved",
        "click",
    ];
    let events = vec![
        json!({"method": "Target.targetCreated", "params": {"targetInfo": {"targetId": "T-pop", "type": "page", "openerId": "T-page"}}}),
        json!({"method": "Target.targetDestroyed", "params": {"targetId": "T-pop"}}),
        json!({"method": "Target.targetDestroyed", "params": {"targetId": "T-page"}}),
        json!({"method": "Target.targetCrashed", "params": {"targetId": "T-page"}}),
        json!({"method": "Target.detachedFromTarget", "params": {"sessionId": "S-pop"}}),
        json!({"method": "Inspector.detached", "params": {"reason": "target_closed"}}),
        json!({"method": "Page.javascriptDialogOpening", "sessionId": "S-page", "params": {"type": "confirm"}}),
        json!({"method": "Page.javascriptDialogClosed", "sessionId": "S-page", "params": {}}),
        json!({"id": 3, "result": {"sessionId": "S-x"}}),
        json!({"id": 5, "error": {}}),
    ];
    let deeds = vec![
        json!({"type": "click", "x": 5, "y": 6}),
        json!({"type": "dblclick", "x": 5, "y": 6}),
        json!({"type": "keypress", "key": "a", "code": "KeyA"}),
        json!({"type": "keydown", "key": "Enter", "code": "Enter"}),
        json!({"type": "keyup", "key": "Enter", "code": "Enter"}),
        json!({"type": "paste", "text": "one\ntwo"}),
        json!({"type": "scroll", "x": 1, "y": 1, "deltaX": 0, "deltaY": 9}),
        json!({"type": "back"}),
        json!({"type": "reload"}),
        json!({"type": "resolved"}),
        json!({"type": "cancelled"}),
        json!({"type": "click", "x": -1, "y": 1e9}),
    ];
    let bodies = vec![
        created().to_string(),
        record("ACTIVE"),
        record("RESOLVED"),
        "[]".into(),
        "<".into(),
    ];
    let requests = vec![
        Request::Cancel,
        Request::Shutdown {
            grace: Duration::from_millis(1_500),
        },
    ];
    prop_oneof![
        4 => peer().prop_map(Step::Opened),
        1 => peer().prop_map(Step::Lost),
        1 => select(vec![1000, 1012, 4401, 4404, 4408]).prop_map(Step::Code),
        6 => Just(Step::Drained),
        4 => (select(vec![200_u16, 201, 404, 410, 500]), select(bodies)).prop_map(|(status, body)| Step::Answered(status, body)),
        1 => Just(Step::Unanswered),
        6 => select(notices).prop_map(|kind| Step::Relay(json!({"type": kind}))),
        6 => select(events).prop_map(Step::Browser),
        2 => (peer(), ".{0,40}").prop_map(|(peer, text)| Step::Garbage(peer, text)),
        6 => vec(any::<u8>(), 0..9).prop_map(Step::Paint),
        12 => select(deeds).prop_map(Step::Does),
        1 => select(vec!["Input.dispatchKeyEvent", "Input.dispatchMouseEvent", "Page.enable", "Target.attachToTarget", "Page.getNavigationHistory"]).prop_map(Step::Silent),
        1 => Just(Step::Speaking),
        1 => select(requests).prop_map(Step::Asked),
        8 => (0_u64..8_000).prop_map(Step::Pass),
    ]
}

fn perform(story: &mut Story, step: Step) {
    match step {
        Step::Opened(peer) => story.open(peer),
        Step::Lost(peer) => story.close(peer, Closed::Lost),
        Step::Code(code) => story.close(Peer::Relay, Closed::Code(code)),
        Step::Drained => story.drained(),
        Step::Answered(status, body) if !story.requests.is_empty() => story.answer(status, &body),
        Step::Unanswered if !story.requests.is_empty() => {
            story.fail_request(ConnectFailure::TimedOut);
        }
        Step::Answered(..) | Step::Unanswered => {}
        Step::Relay(message) if message["type"] == "viewer_connected" => {
            story.viewer_joins();
        }
        Step::Relay(message) => story.relay_says(&message),
        Step::Browser(message) => story.browser_says(&message),
        Step::Garbage(peer, text) => story.says(peer, &text),
        Step::Paint(jpeg) => story.page_paints(&jpeg),
        Step::Does(event) => story.viewer_does(&event),
        Step::Silent(method) => {
            story.silent.insert(method);
        }
        Step::Speaking => story.silent.clear(),
        Step::Asked(request) => story.request(request),
        // `Story::pass` checks that a deadline that has come is acted on, and `Story::drain` that
        // nothing follows the end.
        Step::Pass(millis) => story.pass(millis),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn an_attended_session_survives_anything(steps in vec(steps(), 1..60)) {
        let mut story = Story::attended();
        for step in steps {
            perform(&mut story, step);
        }
        // Nothing lasts longer than the session's time, its margin, and the time to say goodbye.
        story.pass(700_000);
        prop_assert!(story.outcome().is_some());
        prop_assert_eq!(story.deadline, None);
    }

    #[test]
    fn a_session_that_comes_to_be_survives_anything(steps in vec(steps(), 1..60)) {
        let mut story = Story::begin("http://127.0.0.1:9222");
        for step in steps {
            perform(&mut story, step);
        }
        story.request(Request::Shutdown { grace: Duration::from_millis(100) });
        story.pass(100);
        prop_assert!(story.outcome().is_some(), "a shutdown keeps to its grace");
    }

    #[test]
    fn what_is_pressed_is_released_at_the_end(steps in vec(steps(), 1..40)) {
        let mut story = Story::attended();
        for step in steps {
            perform(&mut story, step);
        }
        let browser_is_there = story.outcome().is_none() && !story.closed.contains(&Peer::Browser);
        story.request(Request::Cancel);
        let mut down = 0_i64;
        for command in story.told("Input.dispatchKeyEvent") {
            match command["params"]["type"].as_str() {
                Some("keyDown" | "rawKeyDown") if command["params"]["autoRepeat"] != true => down += 1,
                Some("keyUp") => down -= 1,
                _ => {}
            }
        }
        if browser_is_there && !story.lost_browser {
            prop_assert_eq!(down, 0);
        }
        prop_assert!(story.requests.iter().filter(|(_, request)| request.method == Method::Delete).count() <= 1);
    }
}
