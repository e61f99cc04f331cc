//! Pop-ups, new tabs, crashes and closed pages: the human follows, or hears the end of it.

use authloop_core::agent::event::{Failure, Outcome};
use authloop_testkit::{browser::Browser, scene::Scene, viewer::Viewer};
use serde_json::{Value, json};

/// Waits until the viewer sees a page whose picture's metadata has this value.
async fn sees(viewer: &Viewer, what: &str, member: &str, value: impl Fn(f64) -> bool) {
    viewer
        .until(what, |seen| seen.frame[member].as_f64().is_some_and(&value))
        .await;
}

#[tokio::test]
async fn a_sign_in_pop_up_is_followed_and_its_opener_returns() {
    let scene = Scene::of("/lab").await;
    let viewer = scene.hand_off.viewer().await;
    viewer.click(scene.at.of("pop-up")).await;
    let at = scene.lab.shown("/lab/consent").await;
    sees(&viewer, "the pop-up", "deviceWidth", |width| width < 1000.0).await;
    viewer.click(at.of("allow")).await;
    scene
        .lab
        .until("consent", |events| {
            let allowed = events
                .iter()
                .any(|event| event.kind == "click" && event.target == "allow" && event.trusted);
            allowed.then_some(())
        })
        .await;
    sees(&viewer, "the opener", "deviceWidth", |width| width > 1000.0).await;
    viewer.click(scene.at.of("user")).await;
    viewer.types("back home").await;
    scene.lab.value_is("user", "back home").await;
    scene.hand_off.finish().await;
}

#[tokio::test]
async fn a_link_in_a_new_tab_is_followed_and_its_opener_returns() {
    let scene = Scene::of("/lab").await;
    let viewer = scene.hand_off.viewer().await;
    viewer.click(scene.at.of("blank")).await;
    let at = scene.lab.shown("/lab/second").await;
    // The second page is scrolled a little, which tells it apart.
    sees(&viewer, "the new tab", "scrollOffsetY", |offset| {
        offset > 0.0
    })
    .await;
    viewer.click(at.of("here")).await;
    scene
        .lab
        .until("a click in the new tab", |events| {
            let clicked = events
                .iter()
                .any(|event| event.kind == "click" && event.target == "here");
            clicked.then_some(())
        })
        .await;
    viewer.click(at.of("close")).await;
    sees(&viewer, "the opener", "scrollOffsetY", |offset| {
        offset == 0.0
    })
    .await;
    viewer.click(scene.at.of("user")).await;
    viewer.types("back home").await;
    scene.lab.value_is("user", "back home").await;
    scene.hand_off.finish().await;
}

#[tokio::test]
async fn another_tab_is_never_shown() {
    let browser = Browser::start().await;
    let scene = Scene::of_page_in(&browser, "/lab").await;
    let viewer = scene.hand_off.viewer().await;
    // Somebody opens their mail; it is scrolled, which would show.
    let _mail = browser.open(&scene.lab.url("/lab/second")).await;
    scene.lab.shown("/lab/second").await;
    viewer.click(scene.at.of("user")).await;
    viewer.types("mine").await;
    scene.lab.value_is("user", "mine").await;
    assert_eq!(viewer.seen().frame["scrollOffsetY"].as_f64(), Some(0.0));
    let elsewhere = scene.lab.events();
    assert!(
        elsewhere
            .iter()
            .all(|event| event.page == "/lab" || event.kind == "ready"),
        "{elsewhere:?}"
    );
    scene.hand_off.finish().await;
}

#[tokio::test]
async fn a_crashed_page_comes_back_once() {
    let scene = Scene::of("/lab").await;
    let viewer = scene.hand_off.viewer().await;
    scene.lab.forget();
    let mut saboteur = scene.page.cdp().await;
    saboteur.send("Page.crash", json!({})).await;
    scene.lab.shown("/lab").await;
    viewer.next_frame().await;
    viewer.click(scene.at.of("user")).await;
    viewer.types("again").await;
    scene.lab.value_is("user", "again").await;

    let mut saboteur = scene.page.cdp().await;
    saboteur.send("Page.crash", json!({})).await;
    assert_eq!(
        scene.hand_off.outcome().await,
        Outcome::Failed(Failure::PageCrashed)
    );
    assert_eq!(
        scene.hand_off.record().await["status"],
        Value::from("CANCELLED")
    );
    scene.hand_off.finish().await;
}

#[tokio::test]
async fn a_closed_page_ends_the_session() {
    let scene = Scene::of("/lab").await;
    let _viewer = scene.hand_off.viewer().await;
    scene.page.close();
    assert_eq!(
        scene.hand_off.outcome().await,
        Outcome::Failed(Failure::PageClosed)
    );
    scene.hand_off.finish().await;
}

#[tokio::test]
async fn a_lost_browser_ends_the_session() {
    let browser = Browser::start().await;
    let scene = Scene::of_page_in(&browser, "/lab").await;
    let viewer = scene.hand_off.viewer().await;
    drop(browser);
    assert_eq!(
        scene.hand_off.outcome().await,
        Outcome::Failed(Failure::BrowserLost)
    );
    viewer
        .until("the end", |seen| {
            seen.has("session_cancelled") || seen.has("agent_disconnected") || seen.closed.is_some()
        })
        .await;
    scene.hand_off.finish().await;
}
