//! x
#![expect(clippy::print_stdout, reason = "x")]
use authloop_testkit::{browser::browser, hand_off::HandOff, human::*, lab::Lab};
use serde_json::json;
#[tokio::test]
async fn raw() {
    let lab = Lab::start().await;
    let page = browser().await.open(&lab.url("/lab")).await;
    let at = lab.shown("/lab").await;
    let hand_off = HandOff::of(&page).await;
    println!("{}", hand_off.session_url());
    let viewer = hand_off.viewer().await;
    println!("{:?}", viewer.seen().frame);
    viewer.click(at.of("user")).await;
    viewer.types("hello").await;
    viewer.key("Enter", "Enter").await;
    lab.wait_for("submit", 1).await;
    println!(
        "{:#?}",
        lab.events()
            .iter()
            .map(|e| (e.kind.clone(), e.key.clone(), e.trusted))
            .collect::<Vec<_>>()
    );
    viewer.send(json!({"type":"resolved"})).await;
    println!("{:?}", hand_off.outcome().await);
    println!("{:?}", hand_off.record().await);
    hand_off.finish().await;
}
#[tokio::test]
async fn human() {
    let lab = Lab::start().await;
    let page = browser().await.open(&lab.url("/lab")).await;
    let at = lab.shown("/lab").await;
    for device in [Device::Desktop, Device::Phone] {
        let hand_off = HandOff::of(&page).await;
        let human = Human::with(device).await;
        human.open(hand_off.session_url()).await;
        human.start().await;
        std::fs::write("/tmp/kit/shot.png", human.screenshot().await).unwrap();
        human.click(at.of("user")).await;
        human.types("abc").await;
        lab.value_is("user", "abc").await;
        human.click(at.of("agree")).await;
        lab.value_is("agree", "on").await;
        human.press("#done").await;
        println!("{:?}", human.outcome().await);
        println!("{:?}", hand_off.outcome().await);
        lab.forget();
        return;
    }
}
