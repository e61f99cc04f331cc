//! The browser's messages: read without a panic, and never as something they aren't.

use authloop_core::cdp::{
    codec::{CdpSession, Incoming, command, payload},
    frame::{ScreencastFrame, StartScreencast, Viewport},
    navigation::{FrameNavigated, FrameTree},
    target::{SessionRef, TargetGone, Targets, WithTargetInfo},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::Value;

/// Reads the bytes as a message.
pub fn check(data: &[u8]) {
    let Ok(text) = core::str::from_utf8(data) else {
        return;
    };
    let value: Option<Value> = serde_json::from_str(text).ok();
    match Incoming::parse(text) {
        Some(Incoming::Answer { id, result }) => {
            if let Some(value) = &value {
                assert_eq!(value["id"], id);
            }
            if let Some(raw) = result {
                let viewport = Viewport::from_layout_metrics(raw.get());
                asks_for_a_bounded_picture(viewport);
            }
            let _targets: Option<Targets<'_>> = payload(result);
            let _target: Option<WithTargetInfo<'_>> = payload(result);
            let _session: Option<SessionRef> = payload(result);
            let tree: Option<FrameTree<'_>> = payload(result);
            if let (Some(tree), Some(value)) = (&tree, &value) {
                names_the_main_frame(tree.main_frame_loader(), &value["result"]["frameTree"]);
            }
        }
        Some(Incoming::Event {
            session,
            method,
            params,
        }) => {
            if let Some(value) = &value {
                assert_eq!(value["method"], method);
                assert!(value["id"].is_null());
            }
            let _target: Option<WithTargetInfo<'_>> = payload(params);
            let _gone: Option<TargetGone<'_>> = payload(params);
            let navigated: Option<FrameNavigated<'_>> = payload(params);
            if let (Some(navigated), Some(value)) = (&navigated, &value) {
                names_the_main_frame(navigated.main_frame_loader(), &value["params"]);
            }
            let frame: Option<ScreencastFrame<'_>> = payload(params);
            if let Some(frame) = frame.and_then(|frame| frame.decode()) {
                assert_eq!(frame.meta.jpeg_size, frame.jpeg.len());
                assert!(text.contains(&STANDARD.encode(&frame.jpeg)));
                let viewport = Viewport::from_layout_metrics(text);
                let _outgrown = viewport.is_some_and(|at| at.is_outgrown_by(&frame.meta));
            }
            writes(session, method);
        }
        None => asks_for_a_bounded_picture(Viewport::from_layout_metrics(text)),
    }
}

/// A frame within the page never passes for the page.
fn names_the_main_frame(loader: Option<&str>, of: &Value) {
    let frame = &of["frame"];
    let expected = frame["loaderId"]
        .as_str()
        .filter(|_| frame["parentId"].is_null());
    assert_eq!(loader, expected);
}

fn asks_for_a_bounded_picture(viewport: Option<Viewport>) {
    let asked = serde_json::to_value(StartScreencast::of(viewport)).expect("it serialises");
    let within = |name: &str, most: u64| {
        let size = asked[name].as_u64().unwrap_or_default();
        assert!((1..=most).contains(&size), "{name}");
    };
    within("maxWidth", 2_560);
    within("maxHeight", 1_440);
}

/// Whatever a session is called, a command that names it is one JSON object.
fn writes(session: Option<&str>, method: &str) {
    let session = session.map(|name| CdpSession(name.to_owned()));
    let text = command(7, session.as_ref(), "Page.enable", &method);
    let value: Value = serde_json::from_str(&text).expect("a command is JSON");
    assert_eq!(value["params"], method);
    assert_eq!(
        value["sessionId"].as_str(),
        session.as_ref().map(|session| session.0.as_str())
    );
}
