//! Version 2 while viewers come, go, take over and finish: whose input reaches the page, in which
//! order, what is let go of in between, and how everybody is told of the end.

mod support;

use authloop_core::{
    agent::{
        event::{Event, Outcome},
        io::{Input, Method, Peer, Request},
    },
    wire::v2::{CloseReason, RefusalReason},
};
use serde_json::{Value, json};
use support::sealed::{Heard, Sealed};

/// What became of the keys, in order: `down a`, `up a`.
fn keys(sealed: &Sealed) -> Vec<String> {
    let told = sealed.story.told("Input.dispatchKeyEvent");
    told.iter()
        .map(|told| {
            let down = told["params"]["type"] != "keyUp";
            let key = told["params"]["key"].as_str().expect("a key");
            format!("{} {key}", if down { "down" } else { "up" })
        })
        .collect()
}

fn key(kind: &str, key: &str, code: &str) -> Value {
    json!({"type": kind, "key": key, "code": code})
}

/// Lets channel 2 have what channel 1 holds, with its consent.
fn hands_over(sealed: &mut Sealed) {
    sealed.connects(2);
    sealed.asks(2, None, None);
    assert_eq!(sealed.guest(1).told("takeover").len(), 1);
    sealed.says(
        1,
        &json!({"type": "takeover", "id": 2, "answer": "hand_over"}),
    );
    sealed.asks(2, None, None);
}

fn told(sealed: &Sealed, what: impl Fn(&Event) -> bool) -> usize {
    sealed
        .story
        .events
        .iter()
        .filter(|event| what(event))
        .count()
}

#[test]
fn input_reaches_the_page_in_the_order_it_was_given() {
    let mut sealed = Sealed::watched();
    for letter in ["a", "b", "c", "d"] {
        sealed.does(1, key("keypress", letter, ""));
    }
    sealed.does(1, json!({"type": "click", "x": 5, "y": 5}));
    sealed.does(1, key("keypress", "e", ""));
    sealed.pass(1_000);
    let order: Vec<_> = sealed
        .story
        .commands
        .iter()
        .filter_map(|told| match told["method"].as_str()? {
            "Input.dispatchKeyEvent" if told["params"]["type"] != "keyUp" => {
                told["params"]["key"].as_str()
            }
            "Input.dispatchMouseEvent" if told["params"]["type"] == "mousePressed" => Some("click"),
            _ => None,
        })
        .collect();
    assert_eq!(order, ["a", "b", "c", "d", "click", "e"]);
}

#[test]
fn a_record_may_come_once_only_and_in_order() {
    let mut sealed = Sealed::controlled();
    let first = sealed.seals(1, &json!({"type": "back", "at": 1}));
    sealed.sends(1, first.clone());
    sealed.sends(1, first);
    assert_eq!(sealed.closes, [(1, 4400)], "replayed");
    let mut sealed = Sealed::controlled();
    let _skipped = sealed.seals(1, &json!({"type": "back", "at": 1}));
    let second = sealed.seals(1, &json!({"type": "resolved"}));
    sealed.sends(1, second);
    assert_eq!(sealed.closes, [(1, 4400)], "skipped");
    assert_eq!(sealed.story.outcome(), None);
    assert!(sealed.story.requests.is_empty());
}

#[test]
fn keys_that_are_held_are_let_go_of_when_the_viewer_is_gone() {
    let leaves: [fn(&mut Sealed); 4] = [
        |sealed| sealed.leaves(1),
        |sealed| sealed.disconnects(1),
        |sealed| sealed.loses_the_relay(),
        |sealed| sealed.sends(1, vec![0; 40]),
    ];
    for (place, leaves) in leaves.into_iter().enumerate() {
        let mut sealed = Sealed::watched();
        sealed.does(1, key("keydown", "Shift", "ShiftLeft"));
        sealed.does(1, key("keydown", "ArrowLeft", "ArrowLeft"));
        sealed.pass(100);
        leaves(&mut sealed);
        sealed.pass(100);
        let expected = ["down Shift", "down ArrowLeft", "up ArrowLeft", "up Shift"];
        assert_eq!(keys(&sealed), expected, "{place}");
        assert!(!sealed.story.status.viewer_present, "{place}");
    }
}

#[test]
fn keys_the_old_controller_held_are_let_go_of_before_the_new_ones_input() {
    let mut sealed = Sealed::watched();
    sealed.does(1, key("keydown", "Shift", "ShiftLeft"));
    sealed.does(1, key("keydown", "ArrowLeft", "ArrowLeft"));
    sealed.pass(100);
    hands_over(&mut sealed);
    sealed.pass(100);
    sealed.does(2, key("keypress", "x", ""));
    sealed.pass(100);
    let expected = [
        "down Shift",
        "down ArrowLeft",
        "up ArrowLeft",
        "up Shift",
        "down x",
        "up x",
    ];
    assert_eq!(keys(&sealed), expected);
}

#[test]
fn what_the_old_controller_did_comes_before_the_new_ones_input_and_leaves_nothing_down() {
    let mut sealed = Sealed::watched();
    sealed.story.silent.insert("Input.dispatchKeyEvent");
    for _ in 0..3 {
        for letter in ["a", "b"] {
            sealed.does(1, key("keypress", letter, ""));
        }
    }
    sealed.does(1, key("keydown", "Control", "ControlLeft"));
    hands_over(&mut sealed);
    sealed.pass(50);
    sealed.does(2, key("keypress", "x", ""));
    sealed.pass(1_000);
    let keys = keys(&sealed);
    let place = |what: &str| keys.iter().position(|key| key == what);
    assert!(place("down Control").is_some());
    assert!(place("up Control") < place("down x"), "{keys:?}");
    let downs = keys.iter().filter(|key| key.starts_with("down")).count();
    assert_eq!(keys.len(), 2 * downs, "{keys:?}");
}

#[test]
fn keys_held_by_a_page_that_was_reloaded_are_let_go_of() {
    let mut sealed = Sealed::watched();
    sealed.does(1, key("keydown", "Shift", "ShiftLeft"));
    sealed.pass(100);
    let secret = sealed.secret(1);
    // The relay hasn't noticed that the old page is gone.
    sealed.resumes(2, &secret);
    sealed.pass(100);
    assert_eq!(keys(&sealed), ["down Shift", "up Shift"]);
}

#[test]
fn two_clicks_of_two_viewers_are_no_double_click() {
    let mut sealed = Sealed::watched();
    sealed.does(1, json!({"type": "click", "x": 5, "y": 5}));
    hands_over(&mut sealed);
    sealed.pass(50);
    sealed.does(2, json!({"type": "click", "x": 5, "y": 5}));
    sealed.pass(500);
    let counts: Vec<_> = sealed
        .story
        .told("Input.dispatchMouseEvent")
        .iter()
        .filter(|told| told["params"]["type"] == "mousePressed")
        .map(|told| told["params"]["clickCount"].as_u64())
        .collect();
    assert_eq!(counts, [Some(1), Some(1)]);
}

#[test]
fn after_a_hand_over_the_old_controller_is_told_closed_and_heard_no_more() {
    let mut sealed = Sealed::watched();
    hands_over(&mut sealed);
    let late = sealed.seals(1, &json!({"type": "resolved"}));
    let taken_over = Heard::Closed(CloseReason::TakenOver);
    assert_eq!(sealed.guest(1).heard.last(), Some(&taken_over));
    assert_eq!(sealed.closes, [(1, 4408)]);
    sealed.sends(1, late);
    assert_eq!(sealed.story.outcome(), None);
    assert!(sealed.story.requests.is_empty());
    let replaced = told(&sealed, |event| matches!(event, Event::ViewerReplaced));
    assert_eq!(replaced, 1);
    assert_eq!(sealed.story.status.viewers_replaced, 1);
}

#[test]
fn the_old_controllers_close_goes_out_before_the_relay_is_asked_to_close_it() {
    let mut sealed = Sealed::watched();
    sealed.is_congested = true;
    let secret = sealed.secret(1);
    sealed.connects(2);
    let hello = sealed.hello(2, None, Some(&secret));
    sealed.sends(2, hello);
    sealed.clears();
    let ready = sealed.guest(2).ready();
    sealed.is_congested = true;
    sealed.story.relayed.clear();
    let mut ready = ready;
    ready[2..4].copy_from_slice(&2_u16.to_be_bytes());
    sealed.story.input(Input::Binary(Peer::Relay, &ready));
    let order: Vec<_> = sealed
        .story
        .relayed
        .iter()
        .map(|message| match message {
            authloop_core::agent::io::Message::Text(_) => "close_viewer".to_owned(),
            authloop_core::agent::io::Message::Binary(record) => {
                format!("{:#x} to {}", record[1], record[3])
            }
        })
        .collect();
    assert_eq!(order[..3], ["0x1f to 1", "close_viewer", "0x12 to 2"]);
}

#[test]
fn takeover_after_silence_needs_120_s_without_proof_and_none_with_it() {
    let mut sealed = Sealed::watched();
    let secret = sealed.secret(1);
    sealed.guest(1).is_diligent = false;
    sealed.says(1, &json!({"type": "ping", "n": 1}));
    sealed.connects(2);
    sealed.pass(119_000);
    sealed.asks(2, None, None);
    let busy = Heard::Refused(RefusalReason::Busy);
    assert!(sealed.guest(2).has_heard(&busy));
    sealed.pass(1_000);
    sealed.asks(2, None, None);
    assert_eq!(sealed.closes, [(1, 4408)]);
    // The displaced controller comes back: its proof still counts.
    sealed.pass(1_000);
    sealed.closes.clear();
    sealed.resumes(3, &secret);
    assert_eq!(sealed.closes, [(2, 4408)]);
    sealed.does(3, json!({"type": "resolved"}));
    assert_eq!(sealed.story.requests[0].1.method, Method::Post);
}

#[test]
fn who_may_take_control_is_asked_again_at_ready() {
    let mut sealed = Sealed::waiting();
    sealed.connects(1);
    sealed.connects(2);
    for chan in [1, 2] {
        let hello = sealed.hello(chan, None, None);
        sealed.sends(chan, hello);
    }
    sealed.confirms(1);
    sealed.confirms(2);
    assert_eq!(sealed.closes, [(2, 4403)]);
    assert_eq!(
        told(&sealed, |event| matches!(event, Event::ViewerReplaced)),
        0
    );
    sealed.does(1, json!({"type": "resolved"}));
    assert_eq!(sealed.story.requests[0].1.method, Method::Post);
}

#[test]
fn a_viewer_that_comes_and_goes_is_told_once_each() {
    let mut sealed = Sealed::watched();
    let secret = sealed.secret(1);
    sealed.disconnects(1);
    sealed.resumes(2, &secret);
    sealed.leaves(2);
    let events = |what: fn(&Event) -> bool| told(&sealed, what);
    assert_eq!(events(|event| matches!(event, Event::ViewerJoined)), 2);
    assert_eq!(events(|event| matches!(event, Event::ViewerLeft)), 2);
    assert_eq!(events(|event| matches!(event, Event::ViewerReplaced)), 0);
    assert_eq!(
        sealed.closes.last(),
        Some(&(2, 1000)),
        "after its CLOSE left"
    );
}

#[test]
fn done_ends_with_close_resolved_and_counts_once() {
    let mut sealed = Sealed::watched();
    sealed.does(1, json!({"type": "resolved"}));
    assert_eq!(
        sealed.guest(1).heard.last(),
        Some(&Heard::Closed(CloseReason::Resolved))
    );
    let request = &sealed.story.requests[0].1;
    assert!(request.method == Method::Post && request.url.ends_with("/resolve"));
    sealed.story.answer(200, "{}");
    assert_eq!(sealed.story.outcome(), Some(&Outcome::Resolved));
    assert!(sealed.story.requests.is_empty());
}

#[test]
fn done_said_twice_and_in_two_epochs_is_done_once() {
    let mut sealed = Sealed::watched();
    let secret = sealed.secret(1);
    for _ in 0..100 {
        sealed.does(1, key("keypress", "a", ""));
    }
    sealed.does(1, json!({"type": "resolved"}));
    sealed.does(1, json!({"type": "resolved"}));
    assert!(
        sealed.story.requests.is_empty(),
        "what was typed comes first"
    );
    // A new epoch: the viewer has seen no CLOSE, and says it again.
    sealed.resumes(2, &secret);
    sealed.does(2, json!({"type": "resolved"}));
    sealed.pass(6_000);
    assert_eq!(sealed.story.requests.len(), 1);
    assert_eq!(sealed.story.requests[0].1.method, Method::Post);
    assert!(
        sealed
            .guest(2)
            .has_heard(&Heard::Closed(CloseReason::Resolved))
    );
}

#[test]
fn done_pressed_while_the_link_drops_is_done_once_it_is_said_again() {
    let mut sealed = Sealed::watched();
    let secret = sealed.secret(1);
    // Sealed, and lost with the link.
    let _lost = sealed.seals(1, &json!({"type": "resolved"}));
    sealed.loses_the_relay();
    assert_eq!(sealed.story.outcome(), None);
    sealed.finds_the_relay_again();
    sealed.resumes(1, &secret);
    let Some(Heard::Accepted { got: Some(1..) }) = sealed.guest(1).heard.first() else {
        panic!("it learns what arrived");
    };
    sealed.does(1, json!({"type": "resolved"}));
    assert!(
        sealed
            .guest(1)
            .has_heard(&Heard::Closed(CloseReason::Resolved))
    );
}

#[test]
fn done_that_arrived_is_done_although_the_link_drops_right_after() {
    let mut sealed = Sealed::watched();
    sealed.story.silent.insert("Input.dispatchKeyEvent");
    sealed.does(1, key("keypress", "a", ""));
    sealed.does(1, json!({"type": "resolved"}));
    sealed.loses_the_relay();
    sealed.pass(6_000);
    let resolves = sealed.story.requests.iter();
    let resolves = resolves.filter(|(_, request)| request.url.ends_with("/resolve"));
    assert_eq!(resolves.count(), 1);
}

#[test]
fn giving_up_ends_with_close_cancelled() {
    let mut sealed = Sealed::watched();
    sealed.does(1, json!({"type": "cancelled"}));
    assert_eq!(
        sealed.guest(1).heard.last(),
        Some(&Heard::Closed(CloseReason::Cancelled))
    );
    assert_eq!(sealed.story.requests[0].1.method, Method::Delete);
}

#[test]
fn the_agents_own_end_is_told_by_close_too() {
    let mut sealed = Sealed::watched();
    sealed.story.request(Request::Cancel);
    sealed.deliver();
    let cancelled = Heard::Closed(CloseReason::Cancelled);
    assert_eq!(sealed.guest(1).heard.last(), Some(&cancelled));
    let mut sealed = Sealed::watched();
    sealed
        .story
        .page_says("Inspector.detached", &json!({"reason": "target_closed"}));
    sealed
        .story
        .close(Peer::Browser, authloop_core::agent::io::Closed::Lost);
    sealed.deliver();
    let failed = Heard::Closed(CloseReason::Error);
    assert_eq!(sealed.guest(1).heard.last(), Some(&failed));
}

#[test]
fn expiry_is_told_by_close_timeout_and_only_once() {
    let mut sealed = Sealed::watched();
    sealed.pass(610_000);
    assert_eq!(sealed.story.outcome(), Some(&Outcome::Timeout));
    let heard = &sealed.guest(1).heard;
    let closes = heard
        .iter()
        .filter(|heard| matches!(heard, Heard::Closed(_)));
    assert_eq!(
        closes.collect::<Vec<_>>(),
        [&Heard::Closed(CloseReason::Timeout)]
    );
}

#[test]
fn after_close_nothing_follows() {
    let mut sealed = Sealed::watched();
    let late = sealed.seals(1, &json!({"type": "back"}));
    sealed.does(1, json!({"type": "cancelled"}));
    sealed.forget();
    sealed.sends(1, late);
    sealed.relay_says(&json!({"type": "viewer_connected", "chan": 9}));
    sealed.paints(b"late");
    sealed.pass(30_000);
    assert!(sealed.guest(1).heard.is_empty());
    assert!(sealed.closes.is_empty());
}

#[test]
fn an_agent_that_lost_the_relay_ends_every_epoch_and_takes_its_viewer_back() {
    let mut sealed = Sealed::watched();
    let secret = sealed.secret(1);
    let late = sealed.seals(1, &json!({"type": "resolved"}));
    sealed.loses_the_relay();
    sealed.finds_the_relay_again();
    sealed.connects(1);
    sealed.sends(1, late);
    assert_eq!(sealed.story.outcome(), None, "its epoch is over");
    sealed.connects(2);
    sealed.asks(2, None, None);
    let busy = Heard::Refused(RefusalReason::Busy);
    assert_eq!(sealed.guest(2).heard, [busy], "the slot is still held");
    sealed.asks(1, None, Some(&secret));
    assert!(sealed.story.status.viewer_present);
}
