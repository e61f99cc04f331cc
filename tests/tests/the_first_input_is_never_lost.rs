//! A human may be faster than the key exchange: what comes right behind it counts.

use authloop_core::agent::event::Outcome;
use authloop_testkit::{
    scene::Scene,
    viewer::{Viewer, click},
};
use serde_json::json;

#[tokio::test]
async fn a_click_and_keys_right_behind_the_key_arrive() {
    let scene = Scene::of("/lab").await;
    let mut typed = String::new();
    for letter in 'a'..='j' {
        let viewer = Viewer::connect(&scene.hand_off.stream_url()).await;
        // Nothing is waited for between the key and the input.
        viewer.exchange_keys().await;
        viewer.click(scene.at.of("notes")).await;
        viewer.types(&letter.to_string()).await;
        typed.push(letter);
        scene
            .lab
            .until("the letter", |events| {
                let arrived = events
                    .iter()
                    .any(|event| event.kind == "keypress" && event.key == letter.to_string());
                arrived.then_some(())
            })
            .await;
        viewer.leave().await;
    }
    let keys: String = scene
        .lab
        .events_of(&["keypress"])
        .into_iter()
        .map(|event| event.key)
        .collect();
    assert_eq!(keys, typed);
    scene.hand_off.finish().await;
}

#[tokio::test]
async fn done_right_behind_the_key_ends_the_session() {
    let scene = Scene::of("/lab").await;
    let viewer = Viewer::connect(&scene.hand_off.stream_url()).await;
    viewer.exchange_keys().await;
    viewer.send(json!({"type": "resolved"})).await;
    assert_eq!(scene.hand_off.outcome().await, Outcome::Resolved);
    assert_eq!(scene.hand_off.record().await["status"], "RESOLVED");
    scene.hand_off.finish().await;
}

#[tokio::test]
async fn done_waits_for_what_was_typed_before_it() {
    let scene = Scene::of("/lab").await;
    let viewer = scene.hand_off.viewer().await;
    let text = "typed before Done was pressed";
    viewer.click(scene.at.of("notes")).await;
    viewer.types(text).await;
    viewer.send(json!({"type": "resolved"})).await;
    assert_eq!(scene.hand_off.outcome().await, Outcome::Resolved);
    scene.lab.value_is("notes", text).await;
    scene.hand_off.finish().await;
}

#[tokio::test]
async fn giving_up_discards_what_waits() {
    let scene = Scene::of("/lab").await;
    let viewer = scene.hand_off.viewer().await;
    // Two seconds of clicks at the pace they go on, then the human gives up.
    let places = [scene.at.of("plain"), scene.at.of("agree")];
    viewer
        .send_all(places.into_iter().cycle().take(20).map(click))
        .await;
    viewer.send(json!({"type": "cancelled"})).await;
    assert_eq!(scene.hand_off.outcome().await, Outcome::Cancelled);
    assert_eq!(scene.hand_off.record().await["status"], "CANCELLED");
    let clicks = scene.lab.events_of(&["click"]).len();
    assert!(clicks < 20, "{clicks} clicks went on");
    scene.hand_off.finish().await;
}
