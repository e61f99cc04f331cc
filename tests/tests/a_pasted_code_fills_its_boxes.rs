//! A code pasted into boxes that pass the focus on arrives whole, whatever tab is in front.
//!
//! By itself, since what it proves is a pace: so many browsers at once as other tests start would
//! hold the page's timers back for longer than a human's computer does.

use authloop_testkit::{browser::Browser, scene::Scene};
use serde_json::json;

#[tokio::test]
async fn a_pasted_code_fills_six_boxes() {
    let browser = Browser::start().await;
    paste_a_code(Scene::of_page_in(&browser, "/lab/code").await).await;
}

#[tokio::test]
async fn a_pasted_code_fills_six_boxes_in_a_background_tab() {
    // These boxes pass the focus on by a timer, and Chromium holds timers back in such a tab.
    let browser = Browser::start().await;
    let scene = Scene::of_page_in(&browser, "/lab/code").await;
    let _in_front = browser.open("about:blank").await;
    paste_a_code(scene).await;
}

async fn paste_a_code(scene: Scene) {
    let viewer = scene.hand_off.viewer().await;
    viewer.click(scene.at.of("box1")).await;
    viewer
        .send(json!({"type": "paste", "text": "314159\n"}))
        .await;
    for (index, digit) in "314159".chars().enumerate() {
        scene
            .lab
            .value_is(&format!("box{}", index + 1), &digit.to_string())
            .await;
    }
    assert_eq!(
        scene.lab.events_of(&["submit"]),
        [],
        "a paste never submits"
    );
    scene.hand_off.finish().await;
}
