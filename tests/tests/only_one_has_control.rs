//! Two people with one link, each with a browser of their own, or one with two tabs: who has control,
//! who is asked, and who comes back.

use authloop_core::agent::event::Outcome;
use authloop_testkit::{
    human::{Device, Human},
    scene::Scene,
    story::Version,
    stranger::Stranger,
    wait::eventually,
};

/// A tab handed over, somebody who has control, and somebody else who has opened the link.
async fn two() -> (Scene, Human, Human) {
    let (desk, phone) = Human::two(Device::Desktop, Device::Phone).await;
    let scene = Scene::speaking(Version::V2, "/lab").await;
    desk.open(scene.hand_off.session_url()).await;
    desk.start().await;
    desk.click(scene.at.of("user")).await;
    desk.types("mine").await;
    scene.lab.value_is("user", "mine").await;
    phone.open(scene.hand_off.session_url()).await;
    (scene, desk, phone)
}

/// Presses Start, and is told that somebody else is there.
async fn asks(challenger: &Human) {
    challenger.press("#start").await;
    challenger.state_is("barred").await;
    challenger.is_told("Somebody is using this already").await;
}

/// Gives control away, once the button takes a press.
async fn hands_over(controller: &Human) {
    eventually("the question", async || {
        controller.can_press("#hand-over").await.then_some(())
    })
    .await;
    controller.press("#hand-over").await;
}

#[tokio::test]
async fn who_comes_second_asks_and_is_kept_out() {
    let (scene, desk, phone) = two().await;
    asks(&phone).await;
    desk.press("#keep").await;
    // The page under control hears nothing of it all.
    desk.types(" still").await;
    scene.lab.value_is("user", "mine still").await;
    assert_eq!(phone.state().await, "barred");
    assert_eq!(phone.pictures().await, 0, "it has seen nothing");
    assert!(!phone.can_press("#done").await);
    assert_eq!(scene.hand_off.status().viewers_replaced, 0);
    desk.press("#done").await;
    assert_eq!(desk.outcome().await, "resolved");
    assert_eq!(scene.hand_off.outcome().await, Outcome::Resolved);
    // It is told that there is nothing any more, never that the human was done: nobody proved it.
    assert_ne!(phone.outcome().await, "resolved");
    scene.hand_off.finish().await;
}

#[tokio::test]
async fn who_is_handed_control_has_it_and_the_other_stays_away() {
    let (scene, desk, phone) = two().await;
    asks(&phone).await;
    hands_over(&desk).await;
    phone.is_shown_the_page().await;
    assert_eq!(desk.outcome().await, "elsewhere");
    desk.is_told("You handed it over").await;
    phone.click(scene.at.of("notes")).await;
    phone.types("mine now").await;
    scene.lab.value_is("notes", "mine now").await;
    assert_eq!(scene.hand_off.status().viewers_replaced, 1);
    assert_eq!(desk.state().await, "ended", "it never comes back by itself");

    // It may ask as anybody else: what it was proves nothing any more.
    desk.press("#ended-action").await;
    desk.state_is("barred").await;
    desk.is_told("Somebody is using this already").await;
    hands_over(&phone).await;
    desk.is_shown_the_page().await;
    assert_eq!(phone.outcome().await, "elsewhere");
    assert_eq!(scene.hand_off.status().viewers_replaced, 2);
    scene.hand_off.finish().await;
}

#[tokio::test]
async fn a_second_tab_of_the_same_browser_takes_over_by_its_proof_and_so_comes_the_first_back() {
    let human = Human::with(Device::Desktop).await;
    let scene = Scene::speaking(Version::V2, "/lab").await;
    human.open(scene.hand_off.session_url()).await;
    human.start().await;
    human.opens_a_tab().await;
    human.open(scene.hand_off.session_url()).await;
    human.start().await;
    human.click(scene.at.of("user")).await;
    human.types("two").await;
    scene.lab.value_is("user", "two").await;

    human.goes_to_tab(0).await;
    assert_eq!(human.outcome().await, "elsewhere");
    human.is_told("Open in another place").await;
    assert_eq!(human.picture_is().await, "hidden");
    human.press("#ended-action").await;
    human.is_shown_the_page().await;
    human.types(" one").await;
    scene.lab.value_is("user", "two one").await;
    human.goes_to_tab(1).await;
    assert_eq!(human.outcome().await, "elsewhere");
    scene.hand_off.finish().await;
}

#[tokio::test]
async fn a_reload_goes_on_by_its_proof_and_the_address_holds_no_secret() {
    let human = Human::with(Device::Desktop).await;
    let scene = Scene::speaking(Version::V2, "/lab").await;
    let (bare, _) = scene
        .hand_off
        .session_url()
        .split_once('#')
        .expect("a link");
    human.open(scene.hand_off.session_url()).await;
    human.state_is("card").await;
    assert_eq!(human.address().await, bare);
    human.start().await;
    for turn in ["once", "twice"] {
        human.reload_viewer().await;
        human.is_shown_the_page().await;
        assert_eq!(human.address().await, bare, "{turn}");
    }
    assert_eq!(scene.hand_off.status().viewers_replaced, 0);
    human.press("#done").await;
    assert_eq!(human.outcome().await, "resolved");
    scene.hand_off.finish().await;
}

#[tokio::test]
async fn a_stranger_with_the_token_alone_never_gets_control() {
    let scene = Scene::speaking(Version::V2, "/lab").await;
    let link = scene.hand_off.session_url();
    for fill in [0, 7] {
        assert_eq!(Stranger::at(link).await.knocks(fill).await, 4400);
    }
    assert!(!scene.hand_off.status().viewer_seen);

    let human = Human::with(Device::Desktop).await;
    human.open(scene.hand_off.session_url()).await;
    human.start().await;
    assert_eq!(Stranger::at(link).await.knocks(9).await, 4400);
    assert!(
        !human.can_press("#keep").await,
        "the human isn't even asked"
    );
    human.click(scene.at.of("user")).await;
    human.types("mine").await;
    scene.lab.value_is("user", "mine").await;
    assert_eq!(scene.hand_off.status().viewers_replaced, 0);
    scene.hand_off.finish().await;
}
