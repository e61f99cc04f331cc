//! The real viewer page in a browser of the human's own, driven by WebDriver, in both versions of the
//! protocol.

use authloop_core::agent::event::Outcome;
use authloop_testkit::{
    browser::browser,
    hand_off::HandOff,
    human::{Device, Human},
    in_both_versions,
    lab::Lab,
    scene::Scene,
    story::Version,
};
use fantoccini::key::Key;

in_both_versions!(
    nothing_happens_before_start,
    mouse_and_keyboard_work_at_a_desk,
    finger_and_soft_keyboard_work_on_a_phone,
    the_pages_own_buttons_work_the_history,
    a_reload_of_the_viewer_page_loses_nothing,
    the_end_of_time_is_told_on_both_sides,
    a_link_without_its_secret_opens_nothing,
);

async fn nothing_happens_before_start(version: Version) {
    let scene = Scene::speaking(version, "/lab").await;
    let human = Human::with(Device::Desktop).await;
    human.open(scene.hand_off.session_url()).await;
    human.state_is("card").await;
    assert_eq!(human.reads("#service").await, "Lab");
    assert!(!scene.hand_off.status().viewer_seen);
    assert_eq!(scene.hand_off.record().await["status"], "PENDING");
    human.start().await;
    assert_eq!(scene.hand_off.record().await["status"], "ACTIVE");
    scene.hand_off.finish().await;
}

async fn mouse_and_keyboard_work_at_a_desk(version: Version) {
    let scene = Scene::speaking(version, "/lab").await;
    let human = Human::with(Device::Desktop).await;
    human.open(scene.hand_off.session_url()).await;
    human.start().await;

    human.click(scene.at.of("user")).await;
    human.types("Ada Lovelace, 1815!").await;
    scene.lab.value_is("user", "Ada Lovelace, 1815!").await;
    human.chord(Key::Control, 'a').await;
    human.types("again").await;
    scene.lab.value_is("user", "again").await;
    human.key(Key::Tab).await;
    human.types("secret").await;
    human.key(Key::Return).await;
    scene.lab.wait_for("submit", 1).await;
    scene.lab.value_is("secret", "secret").await;

    human.click(scene.at.of("agree")).await;
    scene.lab.value_is("agree", "on").await;
    human.double_click(scene.at.of("word")).await;
    let double = scene.lab.wait_for("dblclick", 1).await;
    assert!(
        double
            .iter()
            .all(|event| event.selection.trim() == "handover")
    );
    human.scroll(scene.at.of("plain"), 200).await;
    let wheel = scene.lab.wait_for("wheel", 1).await;
    assert!(wheel.iter().all(|event| event.delta_y > 0.0));
    let events = scene.lab.events();
    let forged = events
        .iter()
        .find(|event| !event.trusted && event.kind != "ready");
    assert_eq!(forged, None);

    human.press("#done").await;
    assert_eq!(human.outcome().await, "resolved");
    assert_eq!(scene.hand_off.outcome().await, Outcome::Resolved);
    scene.hand_off.finish().await;
}

async fn finger_and_soft_keyboard_work_on_a_phone(version: Version) {
    let scene = Scene::speaking(version, "/lab").await;
    let human = Human::with(Device::Phone).await;
    human.open(scene.hand_off.session_url()).await;
    human.start().await;
    human.click(scene.at.of("agree")).await;
    scene.lab.value_is("agree", "on").await;
    human.click(scene.at.of("notes")).await;
    human.types("on the go").await;
    scene.lab.value_is("notes", "on the go").await;
    human.press("#done").await;
    assert_eq!(human.outcome().await, "resolved");
    scene.hand_off.finish().await;
}

async fn the_pages_own_buttons_work_the_history(version: Version) {
    let scene = Scene::speaking(version, "/lab").await;
    let human = Human::with(Device::Desktop).await;
    human.open(scene.hand_off.session_url()).await;
    human.start().await;
    human.click(scene.at.of("second")).await;
    scene.lab.shown("/lab/second").await;
    for (button, path) in [
        ("#back", "/lab"),
        ("#forward", "/lab/second"),
        ("#reload", "/lab/second"),
    ] {
        scene.lab.forget();
        human.press(button).await;
        scene.lab.shown(path).await;
    }
    scene.hand_off.finish().await;
}

async fn a_reload_of_the_viewer_page_loses_nothing(version: Version) {
    let scene = Scene::speaking(version, "/lab").await;
    let human = Human::with(Device::Desktop).await;
    human.open(scene.hand_off.session_url()).await;
    human.start().await;
    human.click(scene.at.of("user")).await;
    human.types("before ").await;
    scene.lab.value_is("user", "before ").await;
    human.reload_viewer().await;
    match version {
        Version::V1 => human.start().await,
        // Who has pressed Start goes on by what the browser has kept.
        Version::V2 => human.is_shown_the_page().await,
    }
    human.click(scene.at.of("notes")).await;
    human.types("after").await;
    scene.lab.value_is("notes", "after").await;
    scene.hand_off.finish().await;
}

#[tokio::test]
async fn in_version_1_the_link_opened_elsewhere_takes_over_and_says_so() {
    let scene = Scene::speaking(Version::V1, "/lab").await;
    let desk = Human::with(Device::Desktop).await;
    desk.open(scene.hand_off.session_url()).await;
    desk.start().await;
    let elsewhere = scene.hand_off.viewer().await;
    assert_eq!(desk.outcome().await, "elsewhere");
    elsewhere.click(scene.at.of("user")).await;
    elsewhere.types("mine now").await;
    scene.lab.value_is("user", "mine now").await;
    scene.hand_off.finish().await;
}

async fn the_end_of_time_is_told_on_both_sides(version: Version) {
    let lab = Lab::start().await;
    let page = browser().await.open(&lab.url("/lab")).await;
    lab.shown("/lab").await;
    let human = Human::with(Device::Phone).await;
    let hand_off = HandOff::lasting(version, &page, 5).await;
    human.open(hand_off.session_url()).await;
    assert_eq!(hand_off.outcome().await, Outcome::Timeout);
    assert_eq!(hand_off.record().await["status"], "TIMEOUT");
    assert_eq!(human.outcome().await, "expired");
    hand_off.finish().await;
}

async fn a_link_without_its_secret_opens_nothing(version: Version) {
    let scene = Scene::speaking(version, "/lab").await;
    let human = Human::with(Device::Desktop).await;
    let link = scene.hand_off.session_url();
    let (bare, _) = link.split_once('#').expect("a link with a secret");
    for broken in [bare.to_owned(), format!("{bare}#1.AAAA")] {
        human.open("about:blank").await;
        human.open(&broken).await;
        human.state_is("error").await;
    }
    assert!(!scene.hand_off.status().viewer_seen);
    scene.hand_off.finish().await;
}
