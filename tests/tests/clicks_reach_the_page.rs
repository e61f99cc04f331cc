//! What the human clicks arrives as from a real mouse: none lost, none mixed up.

use authloop_testkit::{scene::Scene, viewer::click};
use serde_json::json;

#[tokio::test]
async fn quick_clicks_are_all_there_and_never_overlap() {
    let scene = Scene::of("/lab").await;
    let viewer = scene.hand_off.viewer().await;
    // Two places in turn, so that none counts as a double click.
    let places = [scene.at.of("plain"), scene.at.of("agree")];
    viewer
        .send_all(places.into_iter().cycle().take(20).map(click))
        .await;

    scene.lab.wait_for("click", 20).await;
    let events = scene.lab.events_of(&["mousedown", "mouseup", "click"]);
    let kinds: Vec<_> = events.iter().map(|event| event.kind.as_str()).collect();
    assert_eq!(kinds, ["mousedown", "mouseup", "click"].repeat(20));
    assert!(events.iter().all(|event| event.trusted));
    let targets: Vec<_> = scene
        .lab
        .events_of(&["click"])
        .into_iter()
        .map(|event| event.target)
        .collect();
    assert_eq!(targets, ["plain", "agree"].repeat(10));
    scene.hand_off.finish().await;
}

#[tokio::test]
async fn a_double_click_selects_a_word_and_happens_once() {
    let scene = Scene::of("/lab").await;
    let viewer = scene.hand_off.viewer().await;
    let (x, y) = scene.at.of("word");
    // What a page sends whose listeners hear of both clicks before they hear of the double one.
    viewer.send_all([click((x, y)), click((x, y))]).await;
    viewer
        .send(json!({"type": "dblclick", "x": x, "y": y}))
        .await;
    viewer.click(scene.at.of("plain")).await;

    scene
        .lab
        .until("the click behind", |events| {
            let behind = events
                .iter()
                .find(|event| event.kind == "click" && event.target == "plain");
            behind.map(drop)
        })
        .await;
    let double = scene.lab.events_of(&["dblclick"]);
    assert_eq!(double.len(), 1, "{double:?}");
    assert!(
        double
            .iter()
            .all(|event| event.selection.trim() == "handover"),
        "{double:?}"
    );
    scene.hand_off.finish().await;
}

#[tokio::test]
async fn a_lone_double_click_is_a_whole_one() {
    let scene = Scene::of("/lab").await;
    let viewer = scene.hand_off.viewer().await;
    let (x, y) = scene.at.of("word");
    viewer
        .send(json!({"type": "dblclick", "x": x, "y": y}))
        .await;
    let double = scene.lab.wait_for("dblclick", 1).await;
    assert_eq!(double.len(), 1, "{double:?}");
    assert_eq!(scene.lab.events_of(&["click"]).len(), 2);
    scene.hand_off.finish().await;
}

#[tokio::test]
async fn the_right_button_and_the_wheel_arrive() {
    let scene = Scene::of("/lab").await;
    let viewer = scene.hand_off.viewer().await;
    let (x, y) = scene.at.of("plain");
    viewer
        .send(json!({"type": "click", "x": x, "y": y, "button": "right"}))
        .await;
    let menu = scene.lab.wait_for("contextmenu", 1).await;
    assert!(menu.iter().all(|event| event.target == "plain"));

    viewer
        .send(json!({"type": "scroll", "x": x, "y": y, "deltaX": 0, "deltaY": 120}))
        .await;
    let wheel = scene.lab.wait_for("wheel", 1).await;
    assert!(
        wheel
            .iter()
            .all(|event| event.trusted && event.delta_y > 0.0)
    );
    viewer
        .until("a picture of the page further down", |seen| {
            seen.frame["scrollOffsetY"].as_f64() > Some(0.0)
        })
        .await;
    scene.hand_off.finish().await;
}

#[tokio::test]
async fn history_goes_back_and_forward_and_reloads() {
    let scene = Scene::of("/lab").await;
    let viewer = scene.hand_off.viewer().await;
    viewer.click(scene.at.of("second")).await;
    scene.lab.shown("/lab/second").await;

    for (event, path) in [
        ("back", "/lab"),
        ("forward", "/lab/second"),
        ("reload", "/lab/second"),
    ] {
        scene.lab.forget();
        viewer.send(json!({"type": event})).await;
        scene.lab.shown(path).await;
    }
    scene.hand_off.finish().await;
}
