//! What the human types arrives as from a real keyboard, whole and in order.
//!
//! The page's own listeners are the oracle.

use authloop_testkit::{scene::Scene, viewer::Viewer};
use serde_json::{Value, json};

/// A key of a hardware keyboard, pressed or released.
fn key(kind: &str, key: &str, code: &str, held: &[&str]) -> Value {
    json!({
        "type": kind, "key": key, "code": code,
        "altKey": held.contains(&"alt"), "ctrlKey": held.contains(&"ctrl"),
        "metaKey": held.contains(&"meta"), "shiftKey": held.contains(&"shift"),
    })
}

async fn chord(viewer: &Viewer, held: &[&str], name: &str, code: &str) {
    viewer.send(key("keydown", name, code, held)).await;
    viewer.send(key("keyup", name, code, held)).await;
}

#[tokio::test]
async fn a_letter_is_a_whole_key_press() {
    let scene = Scene::of("/lab").await;
    let viewer = scene.hand_off.viewer().await;
    viewer.click(scene.at.of("user")).await;
    viewer.send(key("keypress", "q", "KeyQ", &[])).await;
    viewer.send(key("keyup", "q", "KeyQ", &[])).await;

    scene.lab.wait_for("keyup", 1).await;
    let events = scene
        .lab
        .events_of(&["keydown", "keypress", "input", "keyup"]);
    let kinds: Vec<_> = events.iter().map(|event| event.kind.as_str()).collect();
    assert_eq!(kinds, ["keydown", "keypress", "input", "keyup"]);
    assert!(events.iter().all(|event| event.trusted), "{events:?}");
    let down = events.first().expect("it is there");
    assert_eq!((down.key.as_str(), down.code.as_str()), ("q", "KeyQ"));
    assert_eq!(down.key_code, 81, "the key's number, not the character's");
    scene.hand_off.finish().await;
}

#[tokio::test]
async fn enter_submits_the_form() {
    let scene = Scene::of("/lab").await;
    let viewer = scene.hand_off.viewer().await;
    viewer.click(scene.at.of("secret")).await;
    viewer.types("open").await;
    viewer.key("Enter", "Enter").await;
    let submitted = scene.lab.wait_for("submit", 1).await;
    assert!(submitted.iter().all(|event| event.trusted));
    scene.hand_off.finish().await;
}

#[tokio::test]
async fn enter_starts_a_new_line_in_a_text_area() {
    let scene = Scene::of("/lab").await;
    let viewer = scene.hand_off.viewer().await;
    viewer.click(scene.at.of("notes")).await;
    viewer.types("a").await;
    viewer.key("Enter", "Enter").await;
    viewer.types("b").await;
    scene.lab.value_is("notes", "a\nb").await;
    scene.hand_off.finish().await;
}

#[tokio::test]
async fn enter_and_space_press_buttons_and_space_ticks_a_box() {
    let scene = Scene::of("/lab").await;
    let viewer = scene.hand_off.viewer().await;
    // By keyboard alone, as a screen reader's user would: from the notes to the box and the button.
    viewer.click(scene.at.of("notes")).await;
    viewer.key("Tab", "Tab").await;
    viewer.key(" ", "Space").await;
    scene.lab.value_is("agree", "on").await;
    viewer.key("Tab", "Tab").await;
    viewer.key("Enter", "Enter").await;
    viewer.key(" ", "Space").await;
    scene
        .lab
        .until("two presses of the button", |events| {
            let presses = events
                .iter()
                .filter(|event| event.kind == "click" && event.target == "plain");
            (presses.count() == 2).then_some(())
        })
        .await;
    scene.hand_off.finish().await;
}

#[tokio::test]
async fn emoji_and_accents_arrive() {
    let scene = Scene::of("/lab").await;
    let viewer = scene.hand_off.viewer().await;
    viewer.click(scene.at.of("user")).await;
    for text in ["é", "ß", "日", "👍", "👩‍👩‍👧"] {
        viewer.send(json!({"type": "keypress", "key": text})).await;
    }
    scene.lab.value_is("user", "éß日👍👩‍👩‍👧").await;
    scene.hand_off.finish().await;
}

#[tokio::test]
async fn characters_made_with_alt_gr_arrive_as_text() {
    let scene = Scene::of("/lab").await;
    let viewer = scene.hand_off.viewer().await;
    viewer.click(scene.at.of("user")).await;
    chord(&viewer, &["ctrl", "alt"], "@", "KeyQ").await;
    chord(&viewer, &["ctrl", "alt"], "€", "KeyE").await;
    viewer.types("x").await;
    scene.lab.value_is("user", "@€x").await;
    scene.hand_off.finish().await;
}

#[tokio::test]
async fn a_macs_command_key_works_in_a_linux_browser() {
    let scene = Scene::of("/lab").await;
    let viewer = scene.hand_off.viewer().await;
    viewer.click(scene.at.of("user")).await;
    viewer.types("wrong").await;
    chord(&viewer, &["meta"], "a", "KeyA").await;
    viewer.types("right").await;
    scene.lab.value_is("user", "right").await;
    scene.hand_off.finish().await;
}

#[tokio::test]
async fn a_burst_of_keys_stays_in_order() {
    const TEXT: &str = "the quick brown fox jumps over the lazy dog, and 0123456789 more!";
    let scene = Scene::of("/lab").await;
    let viewer = scene.hand_off.viewer().await;
    viewer.click(scene.at.of("notes")).await;
    viewer.types(TEXT).await;
    scene.lab.value_is("notes", TEXT).await;
    scene.hand_off.finish().await;
}

#[tokio::test]
async fn keys_stay_behind_a_click_and_behind_a_long_paste() {
    let scene = Scene::of("/lab").await;
    let viewer = scene.hand_off.viewer().await;
    let long = "0123456789 ".repeat(500);
    viewer.click(scene.at.of("user")).await;
    viewer.types("a").await;
    viewer.click(scene.at.of("notes")).await;
    viewer.types("b").await;
    viewer.send(json!({"type": "paste", "text": long})).await;
    viewer.types("c").await;
    scene.lab.value_is("notes", &format!("b{long}c")).await;
    scene.lab.value_is("user", "a").await;
    scene.hand_off.finish().await;
}
