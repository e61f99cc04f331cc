//! Nobody but the human's page can make the browser do anything: not the relay, not a stranger
//! on the stream, not a message seen before. In version 1, with a viewer of somebody else's making; what a
//! relay may do to version 2 is told in `a_relay_that_cheats_the_agent.rs`.

use authloop_core::agent::event::Outcome;
use authloop_testkit::{
    lab::Event,
    scene::Scene,
    viewer::{Viewer, click, stray_key},
};
use serde_json::{Value, json};

/// Everything a relay might make up, aimed at the page's button and its focused field.
fn forgeries(point: (f64, f64)) -> Vec<Value> {
    let (x, y) = point;
    vec![
        click(point),
        json!({"type": "dblclick", "x": x, "y": y}),
        json!({"type": "keypress", "key": "z"}),
        json!({"type": "keydown", "key": "z", "code": "KeyZ"}),
        json!({"type": "keyup", "key": "z", "code": "KeyZ"}),
        json!({"type": "scroll", "x": x, "y": y, "deltaX": 0, "deltaY": 50}),
        json!({"type": "paste", "text": "forged"}),
        json!({"type": "reload"}),
        json!({"type": "back"}),
        json!({"type": "resolved"}),
        json!({"type": "cancelled"}),
    ]
}

/// Types a letter in all honesty: once it has arrived, whatever was sent before it has been dealt
/// with. Then returns everything the page heard.
async fn events_after_an_honest_letter(scene: &Scene, viewer: &Viewer) -> Vec<Event> {
    viewer.click(scene.at.of("user")).await;
    viewer.types("h").await;
    scene.lab.value_is("user", "h").await;
    scene.lab.events()
}

#[tokio::test]
async fn plaintext_is_not_obeyed_before_the_keys_are_agreed() {
    let scene = Scene::of("/lab").await;
    let viewer = Viewer::connect(&scene.hand_off.stream_url()).await;
    for forgery in forgeries(scene.at.of("plain")) {
        viewer.send_text(forgery.to_string()).await;
    }
    viewer.exchange_keys().await;
    only_honest(&events_after_an_honest_letter(&scene, &viewer).await);
    assert_eq!(scene.hand_off.status().outcome, None);
    scene.hand_off.finish().await;
}

#[tokio::test]
async fn plaintext_is_not_obeyed_in_mid_session() {
    let scene = Scene::of("/lab").await;
    let viewer = scene.hand_off.viewer().await;
    for forgery in forgeries(scene.at.of("plain")) {
        viewer.send_text(forgery.to_string()).await;
    }
    only_honest(&events_after_an_honest_letter(&scene, &viewer).await);
    assert_eq!(scene.hand_off.status().outcome, None);
    scene.hand_off.finish().await;
}

/// The page heard of one load, one click into the field and one letter.
fn only_honest(events: &[Event]) {
    let ready = events.iter().filter(|event| event.kind == "ready");
    assert_eq!(ready.count(), 1, "nothing reloaded the page");
    for event in events {
        assert!(
            event.kind == "ready" || event.target == "user",
            "forged: {event:?}"
        );
        assert!(!matches!(event.key.as_str(), "z"), "forged: {event:?}");
    }
    let clicks = events.iter().filter(|event| event.kind == "click");
    assert_eq!(clicks.count(), 1);
}

#[tokio::test]
async fn a_message_seen_before_is_not_obeyed_again() {
    let scene = Scene::of("/lab").await;
    let viewer = scene.hand_off.viewer().await;
    viewer.click(scene.at.of("user")).await;
    let letter = viewer.seal(&json!({"type": "keypress", "key": "a"}));
    for _ in 0..3 {
        viewer.send_text(letter.clone()).await;
    }
    viewer.types("b").await;
    scene.lab.value_is("user", "ab").await;

    // Neither after the human reloaded their page.
    viewer.leave().await;
    let again = scene.hand_off.viewer().await;
    again.send_text(letter).await;
    again.types("c").await;
    scene.lab.value_is("user", "abc").await;
    scene.hand_off.finish().await;
}

#[tokio::test]
async fn a_tampered_message_is_not_obeyed() {
    let scene = Scene::of("/lab").await;
    let viewer = scene.hand_off.viewer().await;
    viewer.click(scene.at.of("user")).await;
    let mut message: Value =
        serde_json::from_str(&viewer.seal(&json!({"type": "keypress", "key": "a"}))).expect("JSON");
    message["payload"]["iv"] = json!("AAAAAAAAAAAAAAAA");
    viewer.send_text(message.to_string()).await;
    for malformed in [
        json!({"type": "encrypted"}),
        json!({"type": "encrypted", "payload": {"iv": "", "ciphertext": "", "tag": ""}}),
        json!({"type": "encrypted", "payload": {"iv": "%", "ciphertext": 5, "tag": null}}),
        json!({"type": "pubkey", "key": "AAAA"}),
    ] {
        viewer.send_text(malformed.to_string()).await;
    }
    viewer.types("b").await;
    scene.lab.value_is("user", "b").await;
    scene.hand_off.finish().await;
}

#[tokio::test]
async fn a_strangers_key_in_mid_session_changes_nothing() {
    let scene = Scene::of("/lab").await;
    let viewer = scene.hand_off.viewer().await;
    let stray = json!({"type": "pubkey", "key": stray_key()});
    viewer.send_text(stray.to_string()).await;
    viewer.click(scene.at.of("user")).await;
    viewer.types("still me").await;
    scene.lab.value_is("user", "still me").await;
    viewer.send(json!({"type": "resolved"})).await;
    assert_eq!(scene.hand_off.outcome().await, Outcome::Resolved);
    scene.hand_off.finish().await;
}

#[tokio::test]
async fn a_human_who_reloads_their_page_goes_on() {
    let scene = Scene::of("/lab").await;
    let first = scene.hand_off.viewer().await;
    first.click(scene.at.of("user")).await;
    first.types("one ").await;
    scene.lab.value_is("user", "one ").await;
    // The new page's connection comes before the old one's is gone.
    let second = scene.hand_off.viewer().await;
    second.types("two").await;
    scene.lab.value_is("user", "one two").await;
    scene.hand_off.finish().await;
}
