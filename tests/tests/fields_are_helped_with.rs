//! What Chromium doesn't paint of a page's fields, in a real one: it is told, and worked from afar, with the
//! browser's own events wherever it can be.

use authloop_testkit::{
    browser::browser, hand_off::HandOff, helped_viewer::HelpedViewer, lab::Lab, scene::Scene,
    story::Version, wait::eventually,
};
use serde_json::{Value, json};
use tokio::{
    sync::{Mutex, MutexGuard},
    time::{Duration, sleep},
};

/// A browser shows one list at a time: another tab that is clicked closes it.
static ALONE: Mutex<()> = Mutex::const_new(());

async fn helped() -> (MutexGuard<'static, ()>, Scene, HelpedViewer) {
    let alone = ALONE.lock().await;
    let scene = Scene::speaking(Version::V2, "/lab/fields").await;
    let viewer = HelpedViewer::join(scene.hand_off.session_url()).await;
    (alone, scene, viewer)
}

/// What a page's listeners heard of an element: the events' types, whether trusted, and the value after.
fn heard(lab: &Lab, target: &str) -> Vec<(String, bool, String)> {
    let of = lab.events_of(&["input", "change"]).into_iter();
    of.filter(|event| event.target == target)
        .map(|event| (event.kind, event.trusted, event.value.unwrap_or_default()))
        .collect()
}

fn once(value: &str, trusted: bool) -> Vec<(String, bool, String)> {
    ["input", "change"]
        .map(|kind| (kind.to_owned(), trusted, value.to_owned()))
        .into()
}

async fn answers(viewer: &HelpedViewer, picker: &Value, answer: (&str, Value)) {
    let mut event = json!({"type": "picker_answer", "id": picker["id"]});
    event[answer.0] = answer.1;
    viewer.does(event).await;
}

#[tokio::test]
async fn a_choice_is_one_trusted_change() {
    let (_alone, scene, mut viewer) = helped().await;
    let picker = viewer.opens(scene.at.of("country"), "select").await;
    assert_eq!(
        picker["options"],
        json!([{"text": "Austria", "selected": true}, {"text": "Iceland", "group": "Islands", "disabled": true},
            {"text": "Ireland", "group": "Islands"}, {"text": "Portugal"}])
    );
    assert_eq!(picker["label"], "Country");
    answers(&viewer, &picker, ("chosen", json!([2]))).await;
    scene.lab.value_is("country", "Ireland").await;
    let country = || (heard(&scene.lab, "country") == once("Ireland", true)).then_some(());
    scene.lab.until("one trusted change", |_| country()).await;
    let picker = viewer.opens(scene.at.of("country"), "select").await;
    viewer
        .does(json!({"type": "picker_answer", "id": picker["id"]}))
        .await;
    let picker = viewer.opens(scene.at.of("country"), "select").await;
    answers(&viewer, &picker, ("chosen", json!([3]))).await;
    scene.lab.value_is("country", "Portugal").await;
    scene.hand_off.finish().await;
}

#[tokio::test]
async fn a_list_that_another_tab_has_closed_is_chosen_from_all_the_same() {
    let (_alone, scene, mut viewer) = helped().await;
    let picker = viewer.opens(scene.at.of("country"), "select").await;
    let mut cdp = scene.page.cdp().await;
    let is_open = "country.matches(':open')";
    assert_eq!(cdp.evaluate(is_open).await, true);
    let other_tab = browser().await.open("about:blank").await;
    let mut other_tab = other_tab.cdp().await;
    for kind in ["mousePressed", "mouseReleased"] {
        let click = json!({"type": kind, "x": 5, "y": 5, "button": "left", "clickCount": 1});
        other_tab.call("Input.dispatchMouseEvent", click).await;
    }
    let is_closed = eventually("the list closed", async || {
        (scene.page.cdp().await.evaluate(is_open).await == false).then_some(())
    });
    is_closed.await;
    answers(&viewer, &picker, ("chosen", json!([2]))).await;
    let country = || (heard(&scene.lab, "country") == once("Ireland", true)).then_some(());
    scene.lab.until("one trusted change", |_| country()).await;
    scene.hand_off.finish().await;
}

#[tokio::test]
async fn dates_and_times_are_the_pages_by_trusted_events_and_colours_by_others() {
    let (_alone, scene, mut viewer) = helped().await;
    for (id, value) in [("date", "2027-02-28"), ("time", "23:45")] {
        let picker = viewer.opens(scene.at.of(id), id).await;
        answers(&viewer, &picker, ("value", json!(value))).await;
        scene.lab.value_is(id, value).await;
        let heard = heard(&scene.lab, id);
        assert!(heard.iter().all(|(_, trusted, _)| *trusted), "{heard:?}");
    }
    let picker = viewer.opens(scene.at.of("color"), "color").await;
    answers(&viewer, &picker, ("value", json!("#ff8800"))).await;
    scene.lab.value_is("color", "#ff8800").await;
    let picker = viewer.opens(scene.at.of("date"), "date").await;
    answers(&viewer, &picker, ("value", json!("2027-02-31"))).await;
    let told = viewer.hears("notice", 0, |told| told["code"] == "not_chosen");
    told.await;
    scene.hand_off.finish().await;
}

#[tokio::test]
async fn what_a_list_offers_is_filled_in() {
    let (_alone, scene, mut viewer) = helped().await;
    let picker = viewer.opens(scene.at.of("offered"), "datalist").await;
    assert_eq!(picker["options"], json!([{"text": "one"}, {"text": "two"}]));
    answers(&viewer, &picker, ("chosen", json!([1]))).await;
    scene.lab.value_is("offered", "two").await;
    scene.hand_off.finish().await;
}

#[tokio::test]
async fn what_is_selected_is_copied_but_no_password() {
    let (_alone, scene, mut viewer) = helped().await;
    viewer.focuses(scene.at.of("secret"), "password").await;
    let select_all = json!({"type": "keydown", "key": "a", "code": "KeyA", "ctrlKey": true});
    viewer.does(select_all.clone()).await;
    viewer.does(json!({"type": "copy"})).await;
    let is_refused = |told: &Value| told["code"] == "not_copied";
    viewer.hears("notice", 0, is_refused).await;
    viewer.clicks(scene.at.of("words")).await;
    viewer.does(select_all).await;
    viewer.does(json!({"type": "copy"})).await;
    let copied = viewer.hears("copied", 0, |_| true).await;
    let text = copied["text"].as_str().expect("a text");
    assert!(
        text.contains("Words.") && !text.contains("hunter2"),
        "{text}"
    );
    scene.hand_off.finish().await;
}

#[tokio::test]
async fn a_paste_is_a_real_one_where_nothing_else_would_do() {
    let (_alone, scene, mut viewer) = helped().await;
    viewer.focuses(scene.at.of("secret"), "password").await;
    viewer.clicks(scene.at.of("plain")).await;
    viewer
        .does(json!({"type": "paste", "text": "by \"hand\"\nand more"}))
        .await;
    let pasted = scene.lab.wait_for("pasted", 1).await;
    assert!(pasted[0].trusted);
    assert_eq!(pasted[0].value.as_deref(), Some("by \"hand\"\nand more"));
    viewer.focuses(scene.at.of("rich"), "rich").await;
    viewer
        .does(json!({"type": "paste", "text": "rich text"}))
        .await;
    viewer.does(json!({"type": "keypress", "key": "!"})).await;
    let mut cdp = scene.page.cdp().await;
    let text = eventually("the text", async || {
        let text = scene.page.cdp().await.evaluate("rich.textContent").await;
        (text == "rich text!").then_some(text)
    });
    text.await;
    assert_eq!(cdp.evaluate("document.hasFocus()").await, true);
    viewer.focuses(scene.at.of("secret"), "password").await;
    viewer.does(json!({"type": "paste", "text": "typed"})).await;
    scene.lab.value_is("secret", "hunter2typed").await;
    assert_eq!(
        scene.lab.events_of(&["paste"]).len(),
        2,
        "never a password's"
    );
    scene.hand_off.finish().await;
}

#[tokio::test]
async fn a_field_in_a_frame_of_another_site_is_helped_with_too() {
    let (_alone, scene, mut viewer) = helped().await;
    let within = scene.lab.shown("/lab/fields-within").await;
    let mut cdp = scene.page.cdp().await;
    let script =
        "(() => { const box = frame.getBoundingClientRect(); return [box.x + 8, box.y + 8]; })()";
    let origin = cdp.evaluate(script).await;
    let origin = (
        origin[0].as_f64().expect("x"),
        origin[1].as_f64().expect("y"),
    );
    let at = |id: &str| (origin.0 + within.of(id).0, origin.1 + within.of(id).1);
    // Nobody has looked into the frame before: what opens first is seen, too.
    let picker = viewer.opens(at("size"), "select").await;
    answers(&viewer, &picker, ("chosen", json!([2]))).await;
    let size = || (heard(&scene.lab, "size") == once("L", true)).then_some(());
    scene.lab.until("one trusted change", |_| size()).await;
    let field = viewer.focuses(at("code"), "text").await;
    assert_eq!(
        (
            &field["autocomplete"],
            &field["input_mode"],
            &field["max_length"],
            &field["label"]
        ),
        (
            &json!("one-time-code"),
            &json!("numeric"),
            &json!(6),
            &json!("Code")
        )
    );
    let middle = field["x"].as_f64().expect("x") + field["width"].as_f64().expect("width") / 2.0;
    assert!((middle - at("code").0).abs() < 2.0, "{field}");
    viewer.focuses(scene.at.of("secret"), "password").await;
    scene.hand_off.finish().await;
}

#[tokio::test]
async fn a_code_pasted_in_a_background_tab_fills_its_boxes_as_the_page_is_ready() {
    let _alone = ALONE.lock().await;
    let page_browser = browser().await;
    let lab = Lab::start().await;
    let page = page_browser.open(&lab.url("/lab/code")).await;
    let at = lab.shown("/lab/code").await;
    let _in_front = page_browser.open("about:blank").await;
    let hand_off = HandOff::speaking(Version::V2, &page).await;
    let mut viewer = HelpedViewer::join(hand_off.session_url()).await;
    let is_text = |told: &Value| told["field"]["kind"] == "text";
    viewer.clicks(at.of("box1")).await;
    viewer.hears("field", 0, is_text).await;
    viewer
        .does(json!({"type": "paste", "text": "314159"}))
        .await;
    for (index, digit) in "314159".chars().enumerate() {
        lab.value_is(&format!("box{}", index + 1), &digit.to_string())
            .await;
    }
    hand_off.finish().await;
}

#[tokio::test]
async fn who_comes_back_is_helped_again() {
    let (_alone, scene, mut viewer) = helped().await;
    viewer.focuses(scene.at.of("secret"), "password").await;
    viewer.leaves().await;
    let left = |status: &authloop_core::agent::event::Status| !status.viewer_present;
    scene.hand_off.until("the viewer's leave", left).await;
    let mut viewer = HelpedViewer::join(scene.hand_off.session_url()).await;
    viewer.opens(scene.at.of("country"), "select").await;
    scene.hand_off.finish().await;
}

#[tokio::test]
async fn a_passkey_box_from_before_the_hand_off_is_told_of_and_reloading_frees_the_page() {
    let _alone = ALONE.lock().await;
    let lab = Lab::start().await;
    // No address of numbers has passkeys.
    let address = lab.url("/lab/fields").replace("127.0.0.1", "localhost");
    let page = browser().await.open(&address).await;
    let at = lab.shown("/lab/fields").await;
    let mut cdp = page.cdp().await;
    cdp.call("Page.bringToFront", json!({})).await;
    let request =
        "void navigator.credentials.get({ publicKey: { challenge: new Uint8Array(16) } })";
    let request = json!({"expression": request, "userGesture": true});
    cdp.call("Runtime.evaluate", request).await;
    eventually("the box", async || {
        let has_focus = page.cdp().await.evaluate("document.hasFocus()").await;
        (has_focus == false).then_some(())
    })
    .await;
    let hand_off = HandOff::speaking(Version::V2, &page).await;
    let viewer = HelpedViewer::join(hand_off.session_url()).await;
    let is_it = |told: &Value| told["code"] == "keys_lost";
    viewer.clicks(at.of("secret")).await;
    eventually("the words", async || {
        viewer.does(json!({"type": "keypress", "key": "x"})).await;
        sleep(Duration::from_millis(200)).await;
        let told = viewer.told();
        told.iter().any(is_it).then_some(())
    })
    .await;
    assert!(lab.events_of(&["input"]).is_empty());
    lab.forget();
    viewer.does(json!({"type": "reload"})).await;
    lab.shown("/lab/fields").await;
    // A click on the picture from before is refused.
    let before = viewer.told().len();
    let is_field = |told: &Value| told["field"]["kind"] == "password";
    eventually("the field", async || {
        viewer.clicks(at.of("secret")).await;
        sleep(Duration::from_millis(200)).await;
        viewer
            .told()
            .iter()
            .skip(before)
            .any(is_field)
            .then_some(())
    })
    .await;
    viewer.does(json!({"type": "keypress", "key": "x"})).await;
    lab.value_is("secret", "hunter2x").await;
    hand_off.finish().await;
}
