//! Drags, fingers and compositions of protocol version 2: whole or not at all, and nothing stays down
//! when the viewer goes.

mod support;

use serde_json::{Value, json};
use support::sealed::Sealed;

fn mouse(kind: &str, x: i32) -> Value {
    json!({"type": kind, "x": x, "y": 5, "button": "left"})
}

fn finger(x: i32) -> Value {
    json!({"type": "touch", "touches": [{"id": 0, "x": x, "y": 5}]})
}

/// What the page was told by hand and input method.
fn told(sealed: &Sealed) -> Vec<String> {
    let input = |told: &Value| {
        let params = &told["params"];
        match told["method"].as_str()? {
            "Input.dispatchMouseEvent" | "Input.dispatchTouchEvent" => {
                Some(params["type"].as_str()?.to_owned())
            }
            "Input.imeSetComposition" => Some(format!("compose {}", params["text"].as_str()?)),
            "Input.insertText" => Some(format!("insert {}", params["text"].as_str()?)),
            _ => None,
        }
    };
    sealed.story.commands.iter().filter_map(input).collect()
}

#[test]
fn everything_half_done_is_let_go_of_when_the_viewer_goes() {
    let leaves: [fn(&mut Sealed); 3] = [
        |sealed| sealed.leaves(1),
        |sealed| sealed.disconnects(1),
        Sealed::loses_the_relay,
    ];
    for (place, leaves) in leaves.into_iter().enumerate() {
        let mut sealed = Sealed::watched();
        sealed.does(1, mouse("mousedown", 5));
        sealed.does(1, mouse("mousemove", 9));
        sealed.does(1, finger(5));
        sealed.does(1, json!({"type": "compose", "text": "ni"}));
        sealed.pass(100);
        leaves(&mut sealed);
        sealed.pass(100);
        let expected = [
            "mouseMoved",
            "mousePressed",
            "mouseMoved",
            "mouseMoved",
            "touchStart",
            "compose ni",
            "compose ",
            "touchCancel",
            "mouseReleased",
        ];
        assert_eq!(told(&sealed), expected, "{place}");
    }
}

#[test]
fn a_composition_reaches_the_page_as_it_grows_and_becomes_its_text() {
    let mut sealed = Sealed::watched();
    for event in [
        json!({"type": "compose", "text": "n", "start": 1, "end": 1}),
        json!({"type": "compose", "text": "ni", "start": 0, "end": 2}),
        json!({"type": "commit", "text": "你"}),
    ] {
        sealed.does(1, event);
        sealed.pass(50);
    }
    assert_eq!(told(&sealed), ["compose n", "compose ni", "insert 你"]);
}

#[test]
fn a_drag_across_a_navigation_ends_where_it_was_and_is_let_go_of() {
    let mut sealed = Sealed::watched();
    sealed.does(1, mouse("mousedown", 5));
    sealed.does(1, mouse("mousemove", 9));
    sealed.pass(50);
    sealed.document("another");
    sealed.does(1, mouse("mousemove", 20));
    sealed.does(1, mouse("mouseup", 20));
    sealed.pass(50);
    let expected = [
        "mouseMoved",
        "mousePressed",
        "mouseMoved",
        "mouseMoved",
        "mouseReleased",
    ];
    assert_eq!(told(&sealed), expected);
    // One word for each of many moves would be too many.
    assert!(sealed.guest(1).told("dropped").is_empty());
}

#[test]
fn a_press_on_a_page_that_is_gone_is_dropped_with_all_that_follows_it() {
    let mut sealed = Sealed::watched();
    sealed.document("another");
    for event in [
        mouse("mousedown", 5),
        mouse("mousemove", 9),
        mouse("mouseup", 9),
        finger(5),
        finger(9),
        json!({"type": "touch", "touches": []}),
    ] {
        sealed.does(1, event);
    }
    sealed.pass(50);
    assert_eq!(told(&sealed), [""; 0]);
    let dropped: Vec<_> = (sealed.guest(1).told("dropped").iter())
        .map(|told| told["kind"].clone())
        .collect();
    assert_eq!(dropped, ["mousedown", "mouseup", "touch"]);
}

#[test]
fn version_1_takes_no_more_than_it_did() {
    let mut story = support::Story::attended();
    for event in [
        mouse("mousedown", 5),
        mouse("mousemove", 9),
        finger(5),
        json!({"type": "commit", "text": "a"}),
        json!({"type": "release_all"}),
    ] {
        story.viewer_does(&event);
    }
    story.pass(100);
    assert_eq!(story.count("Input.dispatchMouseEvent"), 0);
    assert_eq!(story.count("Input.dispatchTouchEvent"), 0);
    assert_eq!(story.count("Input.insertText"), 0);
    assert_eq!(story.agent.counters().invalid_events, 5);
}
