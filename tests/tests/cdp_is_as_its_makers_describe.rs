//! Every command we send and everything we read of the browser, held against the description that its
//! makers publish (`tests/devtools-protocol/`).
//!
//! What `/json` answers is in no description; `any_browser_address_streams` tries it on real ones.

#[path = "../../core/tests/support/mod.rs"]
mod support;

use std::collections::BTreeSet;

use authloop_core::{
    agent::io::{Peer, Request},
    cdp::{
        codec::Incoming,
        dialog::HandleDialog,
        vocabulary::{Answer, Event, EventName, Method},
    },
    input::{
        Composing, KeyEvent, KeyEventKind, MouseEvent, MouseEventKind, TouchEvent, TouchEventKind,
        TouchPoint, event::Button,
    },
};
use authloop_testkit::described::{Optional, Protocol, Said};
use serde_json::{Value, json};
use support::{Story, sealed::Sealed};

#[test]
fn every_command_of_whole_hand_offs_is_described() {
    let protocol = Protocol::installed();
    let mut told = BTreeSet::new();
    for commands in [
        a_hand_off(),
        a_hand_off_of_a_page_alone(),
        a_sealed_hand_off(),
        a_hand_off_with_sheets(),
        a_hand_off_with_fields(),
        a_hand_off_with_files(false),
        a_hand_off_with_files(true),
    ] {
        for command in &commands {
            let method = command["method"].as_str().expect("commands name a method");
            assert_eq!(
                protocol.faults(method, &command["params"]),
                [""; 0],
                "{command}"
            );
            told.insert(method.to_owned());
        }
    }
    let all = Method::ALL.iter().map(|method| method.as_str().to_owned());
    assert_eq!(told, all.collect(), "whole hand-offs send all we can send");
}

/// Everything that version 1 has a human and a page do.
fn a_hand_off() -> Vec<Value> {
    let mut story = Story::attended();
    story.page_paints(b"picture");
    story.drained();
    let keys = [
        json!({"type": "keydown", "key": "A", "code": "KeyA", "shiftKey": true}),
        json!({"type": "keyup", "key": "A", "code": "KeyA"}),
        json!({"type": "keydown", "key": "Enter", "code": "NumpadEnter"}),
        json!({"type": "keydown", "key": "Control", "code": "ControlLeft", "ctrlKey": true}),
        json!({"type": "keydown", "key": "\u{e9}", "code": ""}),
    ];
    let rest = [
        json!({"type": "click", "x": 1.5, "y": 2, "button": "right"}),
        json!({"type": "scroll", "x": 1, "y": 2, "deltaX": -3, "deltaY": 40.25}),
        json!({"type": "paste", "text": "a longer text\nof two lines"}),
        json!({"type": "paste", "text": "123456"}),
        json!({"type": "back"}),
        json!({"type": "reload"}),
    ];
    for event in keys.into_iter().chain(rest) {
        story.viewer_does(&event);
        story.pass(1_000);
    }
    story.page_says("Page.javascriptDialogOpening", &json!({"type": "confirm"}));
    let target = json!({"targetId": "T-pop", "type": "page", "url": "", "openerId": "T-page"});
    story
        .browser_says(&json!({"method": "Target.targetCreated", "params": {"targetInfo": target}}));
    story.page_says("Inspector.targetCrashed", &json!({}));
    story.request(Request::Cancel);
    story.told_ever
}

/// Of a page's own socket, behind which there is no browser.
fn a_hand_off_of_a_page_alone() -> Vec<Value> {
    let mut story = Story::begin("ws://browser.test/devtools/page/p");
    story.refused.insert("Target.getTargetInfo");
    story.open(Peer::Browser);
    story.create();
    story.request(Request::Cancel);
    story.told_ever
}

/// What version 2 does besides.
fn a_sealed_hand_off() -> Vec<Value> {
    let mut sealed = Sealed::watched();
    for button in ["left", "middle"] {
        sealed.does(
            1,
            json!({"type": "click", "x": 1, "y": 2, "button": button}),
        );
        sealed.paints(b"changed");
        sealed.pass(1_000);
    }
    for event in [
        json!({"type": "mousedown", "x": 1, "y": 2, "button": "left", "modifiers": 8}),
        json!({"type": "mousemove", "x": -1.5, "y": 2}),
        json!({"type": "touch", "touches": [{"id": 0, "x": 1, "y": 2}]}),
        json!({"type": "compose", "text": "ni"}),
        json!({"type": "commit", "text": "\u{4f60}"}),
        json!({"type": "release_all"}),
    ] {
        sealed.does(1, event);
        sealed.pass(100);
    }
    sealed.story.request(Request::Cancel);
    sealed.story.told_ever
}

/// What is done for a viewer that shows what is asked, and undone for one that doesn't.
fn a_hand_off_with_sheets() -> Vec<Value> {
    let mut sealed = Sealed::sees_sheets();
    let challenge = json!({"origin": "https://wall.test", "scheme": "basic", "realm": ""});
    for (request, credentials) in [("R-1", true), ("R-2", false)] {
        let paused = json!({"requestId": request});
        sealed.story.page_says("Fetch.requestPaused", &paused);
        let asked = json!({"requestId": request, "authChallenge": challenge});
        sealed.story.page_says("Fetch.authRequired", &asked);
        sealed.pass(200);
        let id = sealed.guest(1).told("auth").last().expect("a sheet")["id"].clone();
        let mut answer = json!({"type": "auth_answer", "id": id});
        if credentials {
            answer["username"] = json!("ann");
            answer["password"] = json!("secret");
        }
        sealed.does(1, answer);
    }
    let prompt = json!({"type": "prompt", "url": "https://wall.test/", "message": "?"});
    let opening = "Page.javascriptDialogOpening";
    sealed.story.page_says(opening, &prompt);
    sealed.deliver();
    sealed.pass(200);
    let id = sealed.guest(1).told("dialog").last().expect("a sheet")["id"].clone();
    let answer = json!({"type": "dialog_answer", "id": id, "accept": true, "text": "ann"});
    sealed.does(1, answer);
    let answers = sealed.story.told("Page.handleJavaScriptDialog");
    assert_eq!(
        answers.last().expect("an answer")["params"]["promptText"],
        "ann"
    );
    for event in [
        json!({"type": "mousedown", "x": 1, "y": 1, "button": "left", "clickCount": 1}),
        json!({"type": "mousemove", "x": 2, "y": 1}),
        json!({"type": "mouseup", "x": 2, "y": 1, "button": "left"}),
        json!({"type": "touch", "touches": [{"id": 1, "x": 1, "y": 1}]}),
        json!({"type": "touch", "touches": []}),
        json!({"type": "compose", "text": "ni", "start": 2, "end": 2}),
        json!({"type": "commit", "text": "\u{4f60}"}),
    ] {
        sealed.paints(b"changed");
        sealed.does(1, event);
        sealed.pass(500);
    }
    sealed.leaves(1);
    sealed.joins(2);
    sealed.story.request(Request::Cancel);
    sealed.story.told_ever
}

/// What is looked at and done in the page's own worlds.
fn a_hand_off_with_fields() -> Vec<Value> {
    let mut sealed = Sealed::waiting();
    let waits = [
        "Page.getFrameTree",
        "Page.createIsolatedWorld",
        "Runtime.evaluate",
        "DOM.describeNode",
    ];
    sealed.story.silent.extend(waits);
    sealed.joins_with(1, &["sheets", "fields"]);
    let target = json!({"targetId": "F-inner", "type": "iframe", "url": ""});
    let attached =
        json!({"sessionId": "S-inner", "targetInfo": target, "waitingForDebugger": false});
    sealed.story.page_says("Target.attachedToTarget", &attached);
    let value = |value: Value| json!({"result": {"type": "object", "value": value}});
    let seen = json!({"field": null, "frame": {"serial": 1, "x": 0, "y": 0}, "cursor": "text", "touch": false,
        "view": {"x": 0, "y": 0, "scale": 1}});
    let alone = json!({"field": null, "frame": null, "cursor": "text", "touch": false,
        "view": {"x": 0, "y": 0, "scale": 1}});
    let tree = json!({"frameTree": {"frame": {"id": "F-main", "loaderId": "L1", "url": ""}}});
    for (ends, result) in [
        ("getFrameTree", tree),
        ("createIsolatedWorld", json!({"executionContextId": 1})),
        ("next()", value(seen)),
        (
            "frame()",
            json!({"result": {"type": "object", "objectId": "O1"}}),
        ),
        ("describeNode", json!({"node": {"frameId": "F-inner"}})),
        ("createIsolatedWorld", json!({"executionContextId": 2})),
        ("next()", value(alone)),
    ] {
        let told = sealed.story.told_ever.iter().rev();
        let is_it = |command: &&Value| {
            let expression = command["params"]["expression"].as_str();
            let name = command["method"].as_str().unwrap_or_default();
            expression.unwrap_or(name).ends_with(ends)
        };
        let id = told.clone().find(is_it).expect(ends)["id"].clone();
        sealed
            .story
            .browser_says(&json!({"id": id, "result": result}));
        sealed.pass(10);
    }
    sealed.does(1, json!({"type": "copy"}));
    sealed.leaves(1);
    sealed.story.request(Request::Cancel);
    sealed.story.told_ever
}

/// Files that are picked and dropped, where the browser can read the agent's disk and where it can't.
fn a_hand_off_with_files(is_elsewhere: bool) -> Vec<Value> {
    let mut sealed = Sealed::waiting();
    sealed.story.disk.is_elsewhere = is_elsewhere;
    sealed.joins_with(1, &["sheets", "files"]);
    sealed.paints(b"first");
    sealed.pass(50);
    let opened = json!({"frameId": "F", "mode": "selectSingle", "backendNodeId": 5});
    sealed.story.page_says("Page.fileChooserOpened", &opened);
    gives_a_file(&mut sealed, 1);
    let drop = json!({"type": "files_drop", "choice": 2, "x": 1, "y": 1});
    sealed.does(1, drop);
    gives_a_file(&mut sealed, 2);
    sealed.leaves(1);
    sealed.story.request(Request::Cancel);
    sealed.story.told_ever
}

fn gives_a_file(sealed: &mut Sealed, choice: u32) {
    sealed.deliver();
    sealed.pass(50);
    let sheet = sealed.guest(1).told("files");
    let id = sheet.last().expect("a sheet")["id"].clone();
    for event in [
        json!({"type": "file", "id": id, "n": 0, "of": 1, "choice": choice, "name": "a.txt",
            "mime": "text/plain", "size": 3}),
        json!({"type": "file_chunk", "id": id, "n": 0, "offset": 0, "data": "YWJj"}),
        json!({"type": "files_done", "id": id}),
    ] {
        sealed.does(1, event);
    }
}

#[test]
fn what_has_optional_members_is_described_with_all_of_them() {
    let protocol = Protocol::installed();
    let answer = HandleDialog {
        accept: true,
        prompt_text: Some("text"),
    };
    let params = serde_json::to_value(answer).expect("it serialises");
    assert_eq!(params.as_object().expect("an object").len(), 2);
    let method = Method::PageHandleJavaScriptDialog.as_str();
    assert_eq!(protocol.faults(method, &params), [""; 0]);
    for kind in [
        KeyEventKind::KeyDown,
        KeyEventKind::RawKeyDown,
        KeyEventKind::KeyUp,
    ] {
        // Nothing may be left out here: what is added is checked.
        let event = KeyEvent {
            kind,
            modifiers: 15,
            text: Some("a".into()),
            key: "a".into(),
            code: "KeyA".into(),
            windows_virtual_key_code: 65,
            auto_repeat: true,
            is_keypad: true,
            location: 3,
            commands: &["selectAll"],
        };
        let params = serde_json::to_value(event).expect("it serialises");
        assert_eq!(params.as_object().expect("an object").len(), 10);
        let method = Method::InputDispatchKeyEvent.as_str();
        assert_eq!(protocol.faults(method, &params), [""; 0]);
    }
    for (kind, button) in [
        (MouseEventKind::MouseMoved, Button::Left),
        (MouseEventKind::MousePressed, Button::Right),
        (MouseEventKind::MouseReleased, Button::Middle),
        (MouseEventKind::MouseWheel, Button::Left),
    ] {
        let event = MouseEvent {
            kind,
            x: 0.5,
            y: 1.0,
            modifiers: 15,
            button: Some(button),
            buttons: Some(7),
            click_count: Some(2),
            force: Some(0.5),
            delta_x: Some(-1.5),
            delta_y: Some(1.5),
        };
        let params = serde_json::to_value(event).expect("it serialises");
        assert_eq!(params.as_object().expect("an object").len(), 10);
        let method = Method::InputDispatchMouseEvent.as_str();
        assert_eq!(protocol.faults(method, &params), [""; 0]);
    }
    for kind in [
        TouchEventKind::TouchStart,
        TouchEventKind::TouchMove,
        TouchEventKind::TouchEnd,
        TouchEventKind::TouchCancel,
    ] {
        let (id, x, y) = (3, 0.5, 1.0);
        let touch_points = [TouchPoint { id, x, y }].into();
        let event = TouchEvent { kind, touch_points };
        let params = serde_json::to_value(event).expect("it serialises");
        let method = Method::InputDispatchTouchEvent.as_str();
        assert_eq!(protocol.faults(method, &params), [""; 0]);
    }
    let composing = Composing {
        text: "ni".into(),
        selection_start: 1,
        selection_end: 2,
    };
    let params = serde_json::to_value(composing).expect("it serialises");
    let method = Method::InputImeSetComposition.as_str();
    assert_eq!(protocol.faults(method, &params), [""; 0]);
}

#[test]
fn every_answer_is_read_as_described() {
    let protocol = Protocol::installed();
    for &method in Method::ALL {
        for optional in [Optional::There, Optional::LeftOut] {
            let name = method.as_str();
            let said = Said::answer(&protocol, name, optional).expect("a described command");
            let read = Answer::read(method, said).map(drop);
            assert_eq!(read, Ok(()), "{name}, what is optional {optional:?}");

            let message = json!({"id": 1, "result": sample(said)}).to_string();
            let Some(Incoming::Answer { id: 1, result }) = Incoming::parse(&message) else {
                unreachable!("{message} is an answer");
            };
            assert!(Answer::parse(method, result).is_some(), "{message}");
        }
    }
}

#[test]
fn every_event_is_read_as_described() {
    let protocol = Protocol::installed();
    for &event in EventName::ALL {
        for optional in [Optional::There, Optional::LeftOut] {
            let name = event.as_str();
            let said = Said::event(&protocol, name, optional).expect("a described event");
            let read = Event::read(event, said).map(drop);
            assert_eq!(read, Ok(()), "{name}, what is optional {optional:?}");

            let message = json!({"method": name, "params": sample(said)}).to_string();
            let Some(Incoming::Event { method, params, .. }) = Incoming::parse(&message) else {
                unreachable!("{message} is an event");
            };
            assert_eq!(EventName::parse(method), Some(event));
            assert!(Event::parse(event, params).is_some(), "{message}");
        }
    }
}

/// Makes the JSON of what is said.
fn sample(said: Said<'_>) -> Value {
    serde::Deserialize::deserialize(said).expect("JSON can say anything")
}
