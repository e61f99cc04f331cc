//! A whole hand-off, with a real browser and TLS to the relay, on each runtime with an adapter.

use authloop_core::agent::event::Outcome;
use authloop_testkit::{
    browser::{Page, browser},
    hand_off::HandOff,
    human::{Device, Human},
    lab::{Lab, Places},
    on_every_runtime,
    runtimes::Adapter,
    story::Version,
    tls_client::TlsClient,
    viewer::Viewer,
};
use serde_json::json;

on_every_runtime!(
    a_human_passes_the_wall_in_version_1,
    a_human_passes_the_wall_in_version_2,
    a_foreign_viewer_passes_the_wall,
    a_human_gives_up,
    the_program_takes_the_tab_back,
);

async fn a_human_passes_the_wall_in_version_1<A: Adapter>() {
    a_human_passes_the_wall::<A>(Version::V1).await;
}

async fn a_human_passes_the_wall_in_version_2<A: Adapter>() {
    a_human_passes_the_wall::<A>(Version::V2).await;
}

async fn a_human_passes_the_wall<A: Adapter>(version: Version) {
    let lab = Lab::start().await;
    let page = browser().await.open(&lab.url("/lab")).await;
    let at = lab.shown("/lab").await;
    let hand_off = HandOff::secure::<A>(version, &page).await;
    let human = Human::with(Device::Desktop).await;
    human.open(hand_off.session_url()).await;
    human.start().await;
    human.click(at.of("user")).await;
    human.types("open sesame").await;
    lab.value_is("user", "open sesame").await;

    human.press("#done").await;
    assert_eq!(human.outcome().await, "resolved");
    assert_eq!(hand_off.outcome().await, Outcome::Resolved);
    hand_off.finish().await;
}

async fn a_foreign_viewer_passes_the_wall<A: Adapter>() {
    let story = Story::on::<A>().await;
    let frames = story.viewer.seen().frames;
    story.viewer.click(story.at.of("user")).await;
    story.viewer.types("open sesame").await;
    story.lab.value_is("user", "open sesame").await;
    story
        .viewer
        .until("a newer picture", |seen| seen.frames > frames)
        .await;

    story.viewer.send(json!({"type": "resolved"})).await;
    assert_eq!(story.hand_off.outcome().await, Outcome::Resolved);
    story.hand_off.finish().await;
}

async fn a_human_gives_up<A: Adapter>() {
    let story = Story::on::<A>().await;
    story.viewer.send(json!({"type": "cancelled"})).await;
    assert_eq!(story.hand_off.outcome().await, Outcome::Cancelled);
    story.hand_off.finish().await;
}

async fn the_program_takes_the_tab_back<A: Adapter>() {
    let story = Story::on::<A>().await;
    story.hand_off.finish().await;
    story
        .viewer
        .until("the end", |seen| seen.has("session_cancelled"))
        .await;
}

/// A lab page, handed over by TLS, and somebody who looks at it with a viewer of their own making.
struct Story {
    lab: Lab,
    at: Places,
    hand_off: HandOff,
    viewer: Viewer,
    _page: Page,
    _tls: TlsClient,
}

impl Story {
    async fn on<A: Adapter>() -> Self {
        let lab = Lab::start().await;
        let page = browser().await.open(&lab.url("/lab")).await;
        let at = lab.shown("/lab").await;
        let hand_off = HandOff::secure::<A>(Version::V1, &page).await;
        assert!(hand_off.session_url().starts_with("https://"));
        let certificate = hand_off.certificate().expect("it speaks TLS");
        let tls = TlsClient::of(hand_off.relay_address(), certificate).await;
        let viewer = Viewer::connect(&hand_off.stream_url_at(tls.address())).await;
        viewer.exchange_keys().await;
        viewer
            .until("the first picture", |seen| seen.frames > 0)
            .await;
        Self {
            lab,
            at,
            hand_off,
            viewer,
            _page: page,
            _tls: tls,
        }
    }
}
