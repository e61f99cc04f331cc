//! The browser's messages: read without a panic, and never as something they aren't.

use authloop_core::cdp::{
    codec::{CdpSession, Incoming, command},
    frame::{LayoutMetrics, StartScreencast, Viewport},
    vocabulary::{Answer, Event, EventName, Method},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, value::RawValue};

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
            for &method in Method::ALL {
                is_read_as_it_is(method, result, value.as_ref());
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
            for &name in EventName::ALL {
                tells_what_it_holds(name, params, text, value.as_ref());
            }
            writes(session, method);
        }
        None => {}
    }
    asks_for_a_bounded_picture(viewport(text));
}

/// Whatever the command was.
fn is_read_as_it_is(method: Method, result: Option<&RawValue>, value: Option<&Value>) {
    match Answer::parse(method, result) {
        Some(Answer::PageGetLayoutMetrics(metrics)) => {
            asks_for_a_bounded_picture(metrics.viewport());
        }
        Some(Answer::PageGetFrameTree(tree)) => {
            if let Some(value) = value {
                names_the_main_frame(
                    tree.main_frame().map(|frame| frame.loader),
                    &value["result"]["frameTree"],
                );
            }
        }
        _ => {}
    }
}

/// Whatever the event is called.
fn tells_what_it_holds(
    name: EventName,
    params: Option<&RawValue>,
    text: &str,
    value: Option<&Value>,
) {
    match Event::parse(name, params) {
        Some(Event::PageFrameNavigated(navigated)) => {
            if let Some(value) = value {
                names_the_main_frame(
                    navigated.main_frame().map(|frame| frame.loader),
                    &value["params"],
                );
            }
        }
        Some(Event::PageScreencastFrame(frame)) => {
            if let Some(frame) = frame.decode() {
                assert_eq!(frame.meta.jpeg_size, frame.jpeg.len());
                assert!(text.contains(&STANDARD.encode(&frame.jpeg)));
                let _outgrown = viewport(text).is_some_and(|at| at.is_outgrown_by(&frame.meta));
            }
        }
        _ => {}
    }
}

fn viewport(text: &str) -> Option<Viewport> {
    let metrics: LayoutMetrics = serde_json::from_str(text).ok()?;
    metrics.viewport()
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
fn writes(session: Option<&str>, params: &str) {
    let session = session.map(|name| CdpSession(name.to_owned()));
    let text = command(7, session.as_ref(), Method::PageEnable, &params);
    let value: Value = serde_json::from_str(&text).expect("a command is JSON");
    assert_eq!(value["method"], Method::PageEnable.as_str());
    assert_eq!(value["params"], params);
    assert_eq!(
        value["sessionId"].as_str(),
        session.as_ref().map(|session| session.0.as_str())
    );
}
