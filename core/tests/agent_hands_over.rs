//! A live session: who may speak, what reaches the page, which page is shown.

mod support;

use authloop_core::agent::{
    event::{Event, Failure, Outcome},
    io::Closed,
    io::Peer,
};
use serde_json::json;
use support::Story;

#[test]
fn nothing_is_captured_while_nobody_watches() {
    let mut story = Story::waiting();
    story.pass(60_000);
    assert!(story.commands.is_empty());
    assert!(story.relayed.is_empty());
}

#[test]
fn the_first_viewer_gets_the_key_and_the_picture() {
    let mut story = Story::waiting();
    story.relay_says(&json!({"type": "viewer_connected"}));
    assert_eq!(story.texts_to_relay()[0]["type"], "pubkey");
    assert_eq!(
        story.methods(),
        [
            "Emulation.setFocusEmulationEnabled",
            "Page.getLayoutMetrics",
            "WebAuthn.enable",
            "Page.startScreencast",
        ]
    );
    let start = &story.told("Page.startScreencast")[0]["params"];
    assert_eq!(
        (&start["quality"], &start["sendLastFrame"]),
        (&json!(75), &json!(true))
    );
    assert!(story.status.viewer_present);
}

#[test]
fn a_page_that_can_not_tell_its_size_is_shown_all_the_same() {
    let mut story = Story::waiting();
    story.silent.insert("Page.getLayoutMetrics");
    story.relay_says(&json!({"type": "viewer_connected"}));
    assert_eq!(story.count("Page.startScreencast"), 0);
    story.pass(500);
    assert_eq!(
        story.told("Page.startScreencast")[0]["params"]["maxWidth"],
        2560
    );
}

#[test]
fn when_the_last_viewer_leaves_capture_stops() {
    let mut story = Story::attended();
    // A reload: the new page's socket opens before the old one closes.
    story.relay_says(&json!({"type": "viewer_connected"}));
    story.relay_says(&json!({"type": "viewer_disconnected"}));
    assert_eq!(story.count("Page.stopScreencast"), 0);
    story.relay_says(&json!({"type": "viewer_disconnected"}));
    assert_eq!(story.count("Page.stopScreencast"), 1);
    assert_eq!(
        story.told("Emulation.setFocusEmulationEnabled")[0]["params"]["enabled"],
        false
    );
    assert!(!story.status.viewer_present);
    assert!(story.status.viewer_seen);
}

#[test]
fn sealed_input_proves_that_somebody_is_there() {
    let mut story = Story::attended();
    story.relay_says(&json!({"type": "viewer_disconnected"}));
    assert!(!story.status.viewer_present);
    story.forget();
    story.viewer_does(&json!({"type": "click", "x": 1, "y": 1}));
    assert!(story.status.viewer_present);
    assert_eq!(story.count("Page.startScreencast"), 1);
    assert!(story.count("Input.dispatchMouseEvent") >= 2);
}

#[test]
fn plaintext_input_is_never_obeyed() {
    let mut story = Story::waiting();
    let forged = [
        json!({"type": "click", "x": 5, "y": 5}),
        json!({"type": "keydown", "key": "a", "code": "KeyA"}),
        json!({"type": "paste", "text": "x"}),
        json!({"type": "reload"}),
        json!({"type": "resolved"}),
        json!({"type": "cancelled"}),
    ];
    for message in &forged {
        story.relay_says(message);
    }
    story.viewer_joins();
    story.forget();
    for message in &forged {
        story.relay_says(message);
    }
    story.pass(5_000);
    assert!(story.commands.is_empty());
    assert!(story.outcome().is_none());
    assert_eq!(story.agent.counters().unknown_relay_messages, 12);
}

#[test]
fn a_click_reaches_the_page_and_a_replay_does_not() {
    let mut story = Story::attended();
    let sealed = story.seal(&json!({"type": "click", "x": 100, "y": 50}));
    story.relay_says(&sealed);
    let pressed = |story: &Story| {
        story
            .told("Input.dispatchMouseEvent")
            .iter()
            .filter(|command| command["params"]["type"] == "mousePressed")
            .count()
    };
    assert_eq!(pressed(&story), 1);
    assert_eq!(
        story.told("Input.dispatchMouseEvent")[0]["sessionId"],
        "S-page"
    );
    story.relay_says(&sealed);
    story.pass(1_000);
    assert_eq!(pressed(&story), 1);
    assert_eq!(story.agent.counters().refused_seals, 1);
}

#[test]
fn input_right_behind_the_key_exchange_is_not_lost() {
    let mut story = Story::waiting();
    story.viewer_joins();
    story.viewer_does(&json!({"type": "click", "x": 1, "y": 1}));
    story.viewer_does(&json!({"type": "resolved"}));
    assert!(story.count("Input.dispatchMouseEvent") >= 2);
    assert_eq!(
        story.requests[0].1.url,
        "https://relay.test/session/sess_story/resolve"
    );
}

#[test]
fn a_key_injected_in_mid_session_is_refused() {
    let mut story = Story::attended();
    let stranger = Story::attended_key();
    story.relay_says(&json!({"type": "pubkey", "key": stranger}));
    assert_eq!(story.agent.counters().refused_keys, 1);
    story.viewer_does(&json!({"type": "click", "x": 1, "y": 1}));
    assert!(
        story.count("Input.dispatchMouseEvent") >= 2,
        "the human isn't locked out"
    );
}

#[test]
fn a_slow_page_holds_input_back_without_losing_it() {
    let mut story = Story::attended();
    story.silent.insert("Input.dispatchKeyEvent");
    for _ in 0..100 {
        story.viewer_does(&json!({"type": "keypress", "key": "a"}));
    }
    story.pass(4_000);
    assert_eq!(story.count("Input.dispatchKeyEvent"), 64);
    story.silent.clear();
    story.pass(20_000);
    assert_eq!(story.count("Input.dispatchKeyEvent"), 200);
}

#[test]
fn pasted_digits_wait_for_a_page_that_is_busy() {
    let mut story = Story::attended();
    story.silent.insert("Input.dispatchKeyEvent");
    story.viewer_does(&json!({"type": "paste", "text": "314159"}));
    story.pass(1_000);
    assert_eq!(
        story.count("Input.dispatchKeyEvent"),
        2,
        "one key, down and up"
    );
    story.silent.clear();
    for id in 0..2 {
        let id = story.told("Input.dispatchKeyEvent")[id]["id"].clone();
        story.browser_says(&json!({"id": id, "result": {}}));
    }
    story.pass(1_000);
    assert_eq!(story.count("Input.dispatchKeyEvent"), 12);
}

#[test]
fn history_is_walked_by_its_entries_and_nothing_overtakes_it() {
    let mut story = Story::attended();
    story.silent.insert("Page.getNavigationHistory");
    story.viewer_does(&json!({"type": "back"}));
    story.viewer_does(&json!({"type": "click", "x": 1, "y": 1}));
    assert_eq!(story.methods(), ["Page.getNavigationHistory"]);
    let id = story.commands[0]["id"].clone();
    story.browser_says(
        &json!({"id": id, "result": {"currentIndex": 1, "entries": [{"id": 11}, {"id": 12}]}}),
    );
    assert_eq!(
        story.told("Page.navigateToHistoryEntry")[0]["params"]["entryId"],
        11
    );
    assert_eq!(story.methods()[2], "Input.dispatchMouseEvent");
}

#[test]
fn dialogs_are_answered_only_while_somebody_watches() {
    let confirm = json!({"type": "confirm", "message": "secret text", "url": "", "frameId": "F"});
    let mut story = Story::waiting();
    story.page_says("Page.javascriptDialogOpening", &confirm);
    assert!(story.commands.is_empty(), "it is the AI agent's own affair");
    story.viewer_joins();
    let answer = &story.told("Page.handleJavaScriptDialog")[0]["params"];
    assert_eq!(answer["accept"], false);
    story.forget();
    story.pass(1_000);

    story.page_says("Page.javascriptDialogOpening", &confirm);
    assert_eq!(
        story.told("Page.handleJavaScriptDialog")[0]["params"]["accept"],
        false
    );
    assert_eq!(
        story.texts_to_relay(),
        [json!({"type": "notice", "code": "confirm_dismissed"})],
        "no text of the page"
    );
    story.forget();
    story.page_says(
        "Page.javascriptDialogOpening",
        &json!({"type": "alert", "message": "x"}),
    );
    assert_eq!(
        story.told("Page.handleJavaScriptDialog")[0]["params"]["accept"],
        true
    );
    assert!(story.relayed.is_empty());
}

#[test]
fn a_page_that_asks_without_end_does_not_flood_the_viewer() {
    let mut story = Story::attended();
    for _ in 0..300 {
        story.page_says(
            "Page.javascriptDialogOpening",
            &json!({"type": "confirm", "message": "x"}),
        );
        story.pass(10);
    }
    assert_eq!(story.count("Page.handleJavaScriptDialog"), 300);
    assert_eq!(story.texts_to_relay().len(), 3, "once a second in 3 s");
}

fn popup(opener: &str, id: &str) -> serde_json::Value {
    json!({"method": "Target.targetCreated", "params": {"targetInfo":
        {"targetId": id, "type": "page", "url": "", "openerId": opener}}})
}

#[test]
fn a_popup_is_followed_and_its_opener_returns() {
    let mut story = Story::attended();
    story.browser_says(&popup("T-page", "T-oauth"));
    assert_eq!(
        story.told("Target.attachToTarget")[0]["params"]["targetId"],
        "T-oauth"
    );
    assert_eq!(
        story.told("Page.startScreencast")[0]["sessionId"],
        "S-oauth"
    );
    story.viewer_does(&json!({"type": "click", "x": 1, "y": 1}));
    assert_eq!(
        story.told("Input.dispatchMouseEvent")[0]["sessionId"],
        "S-oauth"
    );
    story.forget();
    story.browser_says(
        &json!({"method": "Target.targetDestroyed", "params": {"targetId": "T-oauth"}}),
    );
    assert_eq!(story.told("Page.startScreencast")[0]["sessionId"], "S-page");
    assert!(story.outcome().is_none());
}

#[test]
fn a_page_behind_its_pop_up_is_not_captured_and_left_as_it_was_found() {
    let mut story = Story::attended();
    story.browser_says(&popup("T-page", "T-oauth"));
    let is_stopped = |story: &Story| {
        let mut stops = story.told("Page.stopScreencast").into_iter();
        stops.any(|told| told["sessionId"] == "S-page")
    };
    assert!(is_stopped(&story));
    story.forget();
    story.relay_says(&json!({"type": "viewer_disconnected"}));
    let released: Vec<_> = story
        .told("Emulation.setFocusEmulationEnabled")
        .iter()
        .map(|told| (&told["sessionId"], &told["params"]["enabled"]))
        .collect();
    let off = json!(false);
    assert_eq!(
        released,
        [(&json!("S-page"), &off), (&json!("S-oauth"), &off)]
    );
}

#[test]
fn only_pop_ups_of_the_page_are_followed() {
    let mut story = Story::attended();
    story.browser_says(&popup("T-mail", "T-stranger"));
    story.browser_says(
        &json!({"method": "Target.targetCreated", "params": {"targetInfo":
        {"targetId": "T-worker", "type": "worker", "url": "", "openerId": "T-page"}}}),
    );
    assert!(story.commands.is_empty());
}

#[test]
fn the_newest_of_two_pop_ups_is_shown() {
    let mut story = Story::attended();
    story.silent.insert("Target.attachToTarget");
    story.browser_says(&popup("T-page", "T-one"));
    story.browser_says(&popup("T-page", "T-two"));
    let ids: Vec<_> = story
        .told("Target.attachToTarget")
        .iter()
        .map(|told| told["id"].clone())
        .collect();
    story.browser_says(&json!({"id": ids[0], "result": {"sessionId": "S-one"}}));
    story.browser_says(&json!({"id": ids[1], "result": {"sessionId": "S-two"}}));
    let shown: Vec<_> = story.told("Page.startScreencast");
    assert_eq!(shown.last().expect("a cast")["sessionId"], "S-two");
}

#[test]
fn a_pop_up_that_is_entered_late_does_not_cover_a_newer_one() {
    let mut story = Story::attended();
    story.silent.insert("Target.attachToTarget");
    story.browser_says(&popup("T-page", "T-one"));
    story.browser_says(&popup("T-page", "T-two"));
    let ids: Vec<_> = story
        .told("Target.attachToTarget")
        .iter()
        .map(|told| told["id"].clone())
        .collect();
    story.browser_says(&json!({"id": ids[1], "result": {"sessionId": "S-two"}}));
    story.browser_says(&json!({"id": ids[0], "result": {"sessionId": "S-one"}}));
    let shown: Vec<_> = story.told("Page.startScreencast");
    assert_eq!(shown.len(), 1);
    assert_eq!(shown[0]["sessionId"], "S-two");
    story.browser_says(
        &json!({"method": "Target.targetDestroyed", "params": {"targetId": "T-two"}}),
    );
    let shown: Vec<_> = story.told("Page.startScreencast");
    assert_eq!(shown.last().expect("a cast")["sessionId"], "S-one");
}

#[test]
fn a_closed_page_ends_the_session() {
    let mut story = Story::attended();
    story.browser_says(
        &json!({"method": "Target.targetDestroyed", "params": {"targetId": "T-page"}}),
    );
    assert_eq!(
        story.requests[0].1.url,
        "https://relay.test/session/sess_story"
    );
    story.answer(200, r#"{"cancelled":true}"#);
    assert_eq!(story.outcome(), Some(&Outcome::Failed(Failure::PageClosed)));
}

#[test]
fn a_pop_up_handed_over_gives_way_to_its_opener() {
    let mut story = Story::configured(|_| {});
    story.silent.insert("Target.getTargets");
    story.open(Peer::Browser);
    let id = story.told("Target.getTargets")[0]["id"].clone();
    story.browser_says(&json!({"id": id, "result": {"targetInfos": [
        {"targetId": "T-popup", "type": "page", "url": "https://sso.test/", "openerId": "T-site"}]}}));
    story.create();
    story.open(Peer::Relay);
    story.viewer_joins();
    story.forget();
    story.browser_says(
        &json!({"method": "Target.targetDestroyed", "params": {"targetId": "T-popup"}}),
    );
    assert_eq!(
        story.told("Target.attachToTarget")[0]["params"]["targetId"],
        "T-site"
    );
    assert_eq!(story.told("Page.startScreencast")[0]["sessionId"], "S-site");
    assert!(story.outcome().is_none());
}

#[test]
fn a_crashed_page_is_reloaded_once() {
    let crash = json!({"method": "Target.targetCrashed", "params": {"targetId": "T-page", "status": "crashed", "errorCode": 5}});
    let mut story = Story::attended();
    story.silent.insert("Page.reload");
    story.browser_says(&crash);
    story.page_says("Inspector.targetCrashed", &json!({}));
    assert_eq!(story.count("Page.reload"), 1, "one crash, told twice");
    let id = story.told("Page.reload")[0]["id"].clone();
    story.browser_says(&json!({"id": id, "result": {}}));
    story.browser_says(&crash);
    story.answer(200, "{}");
    assert_eq!(
        story.outcome(),
        Some(&Outcome::Failed(Failure::PageCrashed))
    );
}

#[test]
fn a_lost_browser_ends_the_session_as_an_error() {
    let mut story = Story::attended();
    story.close(Peer::Browser, Closed::Lost);
    assert!(story.commands.is_empty(), "nobody is there to be told");
    story.answer(200, "{}");
    assert_eq!(
        story.outcome(),
        Some(&Outcome::Failed(Failure::BrowserLost))
    );
}

#[test]
fn garbage_from_either_side_is_counted_and_harmless() {
    let mut story = Story::attended();
    for message in [
        json!(null),
        json!([]),
        json!({"type": 5}),
        json!({"type": "frame"}),
    ] {
        story.relay_says(&message);
        story.browser_says(&message);
    }
    story.relay_says(
        &json!({"type": "encrypted", "payload": {"iv": "!", "ciphertext": "", "tag": ""}}),
    );
    story.page_says("Page.screencastFrame", &json!({"data": 5}));
    story.page_says("Page.javascriptDialogOpening", &json!({}));
    story.browser_says(&json!({"method": "Target.targetDestroyed"}));
    let counters = story.agent.counters();
    assert_eq!(counters.unknown_relay_messages, 4);
    assert_eq!(counters.unknown_browser_messages, 4);
    assert_eq!((counters.refused_seals, counters.broken_frames), (1, 1));
    assert!(story.commands.is_empty());
    assert!(
        !story
            .events
            .iter()
            .any(|event| matches!(event, Event::Ended(_)))
    );
}
