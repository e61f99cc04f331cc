//! A page's dialogs are answered for the human, who is told of it, and the page goes on.

use authloop_testkit::scene::Scene;

#[tokio::test]
async fn an_alert_is_accepted() {
    let scene = Scene::of("/lab").await;
    let viewer = scene.hand_off.viewer().await;
    viewer.click(scene.at.of("alert")).await;
    scene.lab.wait_for("answer", 1).await;
    viewer.click(scene.at.of("user")).await;
    viewer.types("on it goes").await;
    scene.lab.value_is("user", "on it goes").await;
    scene.hand_off.finish().await;
}

#[tokio::test]
async fn a_question_is_answered_with_no_and_the_human_is_told() {
    let scene = Scene::of("/lab").await;
    let viewer = scene.hand_off.viewer().await;
    viewer.click(scene.at.of("confirm")).await;
    let answers = scene.lab.wait_for("answer", 1).await;
    assert!(answers.iter().all(|event| event.answer == Some(false)));
    let seen = viewer.until("the notice", |seen| seen.has("notice")).await;
    let notice = seen
        .messages
        .iter()
        .find(|message| message["type"] == "notice");
    let notice = notice.expect("it came");
    assert_eq!(notice["code"], "confirm_dismissed");
    assert!(!notice.to_string().contains("Really"), "no page text");
    viewer.click(scene.at.of("user")).await;
    viewer.types("on it goes").await;
    scene.lab.value_is("user", "on it goes").await;
    scene.hand_off.finish().await;
}
