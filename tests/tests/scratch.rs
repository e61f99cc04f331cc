//! x
use authloop_testkit::{browser::browser, lab::Lab};
use serde_json::json;
#[tokio::test]
async fn go() {
    let lab = Lab::start().await;
    let page = browser().await.open(&lab.url("/lab")).await;
    let at = lab.shown("/lab").await;
    println!("{at:?}");
    let mut cdp = page.cdp().await;
    let (x, y) = at.of("agree");
    cdp.call(
        "Input.dispatchMouseEvent",
        json!({"type":"mousePressed","x":x,"y":y,"button":"left","buttons":1,"clickCount":1}),
    )
    .await;
    cdp.call(
        "Input.dispatchMouseEvent",
        json!({"type":"mouseReleased","x":x,"y":y,"button":"left","buttons":0,"clickCount":1}),
    )
    .await;
    lab.value_is("agree", "on").await;
    println!("{:?}", lab.events_of(&["click", "change"]));
    println!("{:?}", browser().await.pages().await);
}
#[tokio::test]
async fn human() {
    let lab = Lab::start().await;
    for device in [
        authloop_testkit::human::Device::Desktop,
        authloop_testkit::human::Device::Phone,
    ] {
        let human = authloop_testkit::human::Human::with(device).await;
        human.open(&lab.url("/lab")).await;
        lab.shown("/lab").await;
        human.types("abc").await;
        lab.value_is("user", "abc").await;
        human.press("#agree").await;
        lab.value_is("agree", "on").await;
        lab.forget();
    }
}
