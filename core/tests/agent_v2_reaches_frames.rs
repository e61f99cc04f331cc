//! Frames of other sites get sessions while somebody is helped with them, and only then.

mod support;

use serde_json::{Value, json};
use support::sealed::Sealed;

fn helped() -> Sealed {
    let mut sealed = Sealed::waiting();
    sealed.joins_with(1, &["sheets", "fields"]);
    sealed
}

fn attached(sealed: &mut Sealed, parent: &str, session: &str, kind: &str) {
    let info = json!({"targetId": session.replace("S-", "F-"), "type": kind, "title": "",
        "url": "https://frame.test/", "attached": true, "canAccessOpener": false});
    let params = json!({"sessionId": session, "targetInfo": info, "waitingForDebugger": false});
    let event = json!({"method": "Target.attachedToTarget", "sessionId": parent, "params": params});
    sealed.story.browser_says(&event);
}

fn detached(sealed: &mut Sealed, parent: &str, session: &str) {
    let params = json!({"sessionId": session});
    let event =
        json!({"method": "Target.detachedFromTarget", "sessionId": parent, "params": params});
    sealed.story.browser_says(&event);
}

fn asked(sealed: &Sealed, method: &str) -> Vec<(String, Value)> {
    let told = sealed.story.told(method);
    let told = told.iter().map(|command| {
        let session = command["sessionId"].as_str().unwrap_or_default();
        (session.to_owned(), command["params"].clone())
    });
    told.collect()
}

fn frames_on() -> Value {
    json!({"autoAttach": true, "waitForDebuggerOnStart": false, "flatten": true,
        "filter": [{"type": "iframe"}]})
}

#[test]
fn frames_within_frames_are_reached_and_let_go_with_the_viewer() {
    let mut sealed = helped();
    assert_eq!(
        asked(&sealed, "Target.setAutoAttach"),
        [("S-page".to_owned(), frames_on())]
    );
    sealed.forget();
    attached(&mut sealed, "S-page", "S-outer", "iframe");
    attached(&mut sealed, "S-outer", "S-inner", "iframe");
    let both = ["S-outer", "S-inner"].map(|session| (session.to_owned(), frames_on()));
    assert_eq!(asked(&sealed, "Target.setAutoAttach"), both);
    let both = both.map(|(session, _)| (session, json!({})));
    assert_eq!(asked(&sealed, "Page.enable"), both);
    sealed.forget();
    sealed.leaves(1);
    let off = json!({"autoAttach": false, "waitForDebuggerOnStart": false, "flatten": true});
    assert_eq!(
        asked(&sealed, "Target.setAutoAttach"),
        [("S-page".to_owned(), off)]
    );
}

#[test]
fn nothing_but_frames_of_the_page_is_reached() {
    let mut sealed = helped();
    sealed.forget();
    attached(&mut sealed, "S-page", "S-worker", "worker");
    attached(&mut sealed, "S-foreign", "S-stray", "iframe");
    let event = json!({"method": "Target.attachedToTarget", "params": {"sessionId": "S-root",
        "targetInfo": {"targetId": "F-root", "type": "iframe", "url": ""}}});
    sealed.story.browser_says(&event);
    assert_eq!(sealed.story.methods(), [""; 0]);
}

#[test]
fn a_viewer_that_is_not_helped_with_fields_reaches_no_frame() {
    let mut sealed = Sealed::waiting();
    sealed.joins_with(1, &["sheets"]);
    assert_eq!(sealed.story.count("Target.setAutoAttach"), 0);
    sealed.leaves(1);
    assert_eq!(sealed.story.count("Target.setAutoAttach"), 0);
}

#[test]
fn what_a_frame_tells_is_not_the_page_s() {
    let mut sealed = helped();
    attached(&mut sealed, "S-page", "S-frame", "iframe");
    sealed.forget();
    let event = json!({"method": "Page.javascriptDialogOpening", "sessionId": "S-frame",
        "params": {"type": "confirm", "url": "https://frame.test/", "message": "?"}});
    sealed.story.browser_says(&event);
    let frame = json!({"frame": {"id": "F-frame", "loaderId": "L9", "url": "https://frame.test/"}});
    let event = json!({"method": "Page.frameNavigated", "sessionId": "S-frame", "params": frame});
    sealed.story.browser_says(&event);
    sealed.pass(500);
    assert_eq!(sealed.guest(1).told("dialog"), [&Value::Null; 0]);
    assert_eq!(sealed.guest(1).told("page"), [&Value::Null; 0]);
    detached(&mut sealed, "S-page", "S-frame");
    assert_eq!(sealed.story.outcome(), None);
}

#[test]
fn frames_are_bounded_and_those_that_go_make_room_with_what_is_in_them() {
    let mut sealed = helped();
    attached(&mut sealed, "S-page", "S-outer", "iframe");
    for number in 0..40 {
        attached(&mut sealed, "S-outer", &format!("S-{number}"), "iframe");
    }
    let surplus = asked(&sealed, "Target.detachFromTarget");
    assert_eq!(surplus.len(), 9);
    assert_eq!(
        surplus[0],
        ("S-outer".to_owned(), json!({"sessionId": "S-31"}))
    );
    detached(&mut sealed, "S-page", "S-outer");
    sealed.forget();
    for number in 50..90 {
        attached(&mut sealed, "S-page", &format!("S-{number}"), "iframe");
    }
    assert_eq!(asked(&sealed, "Page.enable").len(), 32);
}
