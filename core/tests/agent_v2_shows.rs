//! Version 2's pictures and heartbeats: what a viewer is given at READY, what a slow or congested
//! line costs, and what becomes of input that comes too late for what was seen.

mod support;

use serde_json::json;
use support::sealed::{Heard, Sealed};

const ACK: &str = "Page.screencastFrameAck";

fn pictures(sealed: &mut Sealed, chan: u16) -> Vec<(Vec<u8>, bool)> {
    let heard = &sealed.guest(chan).heard;
    heard
        .iter()
        .filter_map(|heard| {
            let Heard::Picture { jpeg, repeat, .. } = heard else {
                return None;
            };
            Some((jpeg.clone(), *repeat))
        })
        .collect()
}

#[test]
fn ready_is_answered_by_a_heartbeat_what_the_agent_takes_and_the_cached_picture_at_once() {
    let mut sealed = Sealed::watched();
    let secret = sealed.secret(1);
    sealed.disconnects(1);
    sealed.pass(10_000);
    sealed.connects(2);
    sealed.asks(2, None, Some(&secret));
    let heard = &sealed.guest(2).heard;
    let [
        Heard::Accepted { .. },
        Heard::Said(heartbeat),
        Heard::Said(agent),
        Heard::Picture { jpeg, repeat, .. },
    ] = &heard[..]
    else {
        panic!("{heard:?}");
    };
    assert_eq!(
        (
            &heartbeat["type"],
            &heartbeat["got"],
            &heartbeat["last_frame"]
        ),
        (&json!("heartbeat"), &json!(1), &json!(null))
    );
    let takes = json!({"type": "agent", "takes": ["pointer", "compose", "fields", "files"]});
    assert_eq!(*agent, takes);
    assert_eq!((jpeg.as_slice(), *repeat), (&b"first"[..], true));
}

#[test]
fn every_new_epoch_is_given_the_state_anew_though_nobody_left() {
    let mut sealed = Sealed::watched();
    let secret = sealed.secret(1);
    for chan in 2..5 {
        sealed.connects(chan);
        // The secret that let it in counts until the next epoch's has.
        sealed.asks(chan, None, Some(&secret));
        let beats = sealed.guest(chan).told("heartbeat");
        assert_eq!(beats.len(), 1);
        assert_eq!(beats[0]["last_frame"], json!(null));
        assert_eq!(pictures(&mut sealed, chan), [(b"first".to_vec(), true)]);
    }
}

#[test]
fn the_agent_is_heard_every_2_s_and_every_15_s_while_the_viewer_is_hidden() {
    let mut sealed = Sealed::watched();
    sealed.pass(20_100);
    let beats = sealed.guest(1).told("heartbeat").len();
    assert!((10..=20).contains(&beats), "{beats}");
    sealed.hides(1, true);
    sealed.forget();
    sealed.pass(60_000);
    let beats = sealed.guest(1).told("heartbeat").len();
    assert!((3..=4).contains(&beats), "{beats}");
}

#[test]
fn a_heartbeat_says_what_was_sent_and_what_was_accepted() {
    let mut sealed = Sealed::watched();
    sealed.guest(1).is_diligent = false;
    let before = sealed.guest(1).epoch.as_ref().expect("keys").sent();
    for n in 0..3 {
        sealed.says(1, &json!({"type": "ping", "n": n}));
    }
    sealed.pass(4_000);
    let heartbeat = sealed
        .guest(1)
        .told("heartbeat")
        .pop()
        .expect("one")
        .clone();
    assert_eq!(heartbeat["got"], json!(before + 3));
    assert_eq!(heartbeat["last_frame"], json!(0));
    let echoes: Vec<_> = sealed.guest(1).told("ping").into_iter().cloned().collect();
    assert_eq!(echoes[0], json!({"type": "ping", "n": 0}));
    assert_eq!(echoes.len(), 3);
}

#[test]
fn a_hidden_viewer_gets_no_pictures_and_the_newest_as_soon_as_it_looks() {
    let mut sealed = Sealed::watched();
    sealed.hides(1, true);
    for n in 0..5_u8 {
        sealed.paints(&[n]);
        sealed.pass(1_000);
    }
    assert!(pictures(&mut sealed, 1).is_empty());
    sealed.forget();
    sealed.hides(1, false);
    assert_eq!(sealed.guest(1).told("heartbeat").len(), 1);
    assert_eq!(pictures(&mut sealed, 1), [(vec![4], false)]);
}

#[test]
fn without_credit_the_newest_picture_waits_and_chromium_is_not_acknowledged() {
    let mut sealed = Sealed::waiting();
    sealed.connects(1);
    sealed.guest(1).is_diligent = false;
    sealed.asks(1, None, None);
    sealed.paints(b"first");
    assert_eq!(sealed.guest(1).pictures(), [b"first"]);
    // It is under way, and nothing is measured: no credit.
    sealed.forget();
    for _ in 0..10 {
        sealed.paints(b"more");
        sealed.pass(100);
    }
    assert!(sealed.guest(1).pictures().is_empty());
    assert!(sealed.story.count(ACK) < 10, "the newest is owed");
}

#[test]
fn pictures_all_lost_in_flight_are_sealed_again_after_4_s() {
    let mut sealed = Sealed::watched();
    sealed.guest(1).is_diligent = false;
    sealed.paints(b"second");
    sealed.forget();
    sealed.pass(3_900);
    assert!(pictures(&mut sealed, 1).is_empty());
    sealed.pass(200);
    assert_eq!(pictures(&mut sealed, 1), [(b"second".to_vec(), true)]);
    assert_eq!(sealed.story.agent.counters().lost_frames, 1);
}

#[test]
fn a_congested_socket_is_given_no_more_pictures_whatever_is_asked_for() {
    let mut sealed = Sealed::watched();
    sealed.is_congested = true;
    sealed.paints(&[1; 100_000]);
    assert!(sealed.unwritten.len() <= 2);
    let held: usize = sealed.unwritten.iter().map(Vec::len).sum();
    // Lost after 4 s, looked away and back again, painted all the while.
    for n in 0..50_u8 {
        sealed.hides(1, n % 2 == 0);
        sealed.story.page_paints(&[n; 100_000]);
        sealed.pass(500);
    }
    let more: usize = sealed.unwritten.iter().map(Vec::len).sum::<usize>() - held;
    assert!(more < 100_000, "{more} bytes wait behind one picture");
    sealed.hides(1, false);
    sealed.forget();
    sealed.clears();
    let newest = pictures(&mut sealed, 1).pop().map(|(jpeg, _)| jpeg);
    assert_eq!(
        newest,
        Some(vec![49; 100_000]),
        "the newest goes as soon as it can"
    );
}

#[test]
fn a_newcomer_on_a_congested_socket_is_shown_the_page_once_it_clears() {
    let mut sealed = Sealed::watched();
    let secret = sealed.secret(1);
    sealed.connects(2);
    let hello = sealed.hello(2, None, Some(&secret));
    sealed.sends(2, hello);
    let ready = sealed.guest(2).ready();
    sealed.is_congested = true;
    sealed.sends(2, ready);
    assert!(sealed.unwritten.iter().all(|record| record[1] != 0x10));
    sealed.clears();
    assert_eq!(pictures(&mut sealed, 2), [(b"first".to_vec(), true)]);
    assert_eq!(sealed.guest(2).told("heartbeat").len(), 1);
}

#[test]
fn a_delayed_click_across_a_navigation_is_dropped_counted_and_told() {
    let mut sealed = Sealed::watched();
    sealed.document("L2");
    sealed.does(1, json!({"type": "click", "x": 5, "y": 5}));
    assert_eq!(sealed.story.count("Input.dispatchMouseEvent"), 0);
    let dropped = json!({"type": "dropped", "kind": "click", "why": "navigated"});
    assert_eq!(sealed.guest(1).told("dropped"), [&dropped]);
    assert_eq!(sealed.story.agent.counters().navigated_events, 1);
    // On a picture of the new document it lands.
    sealed.pass(200);
    sealed.paints(b"new");
    sealed.does(1, json!({"type": "click", "x": 5, "y": 5}));
    sealed.pass(200);
    assert_eq!(sealed.story.count("Input.dispatchMouseEvent"), 3);
}

#[test]
fn a_click_on_another_tabs_picture_is_dropped() {
    let mut sealed = Sealed::watched();
    let secret = sealed.secret(1);
    // The picture is of a page that is left before the viewer is back.
    sealed.disconnects(1);
    sealed.document("L2");
    sealed.resumes(2, &secret);
    assert_eq!(pictures(&mut sealed, 2), [(b"first".to_vec(), true)]);
    sealed.does(2, json!({"type": "click", "x": 5, "y": 5}));
    assert_eq!(sealed.story.count("Input.dispatchMouseEvent"), 0);
    assert_eq!(sealed.story.agent.counters().navigated_events, 1);
}

#[test]
fn a_click_that_says_nothing_of_what_was_seen_or_when_is_dropped_as_stale() {
    let mut sealed = Sealed::watched();
    for stamps in [
        json!({}),
        json!({"seen": 0}),
        json!({"at": 2_000}),
        json!({"seen": 99, "at": 2_000}),
    ] {
        let mut click = json!({"type": "click", "x": 5, "y": 5});
        for (name, value) in stamps.as_object().expect("an object") {
            click[name] = value.clone();
        }
        let record = sealed.seals(1, &click);
        sealed.sends(1, record);
    }
    assert_eq!(sealed.story.count("Input.dispatchMouseEvent"), 0);
    assert_eq!(sealed.story.agent.counters().stale_events, 4);
    assert_eq!(sealed.guest(1).told("dropped").len(), 4);
    assert!(sealed.closes.is_empty(), "nothing of it is fatal");
}

#[test]
fn a_click_that_was_withheld_is_dropped_and_done_never_is() {
    let mut sealed = Sealed::watched();
    let now = sealed.story.now.as_millis();
    let click = sealed.seals(
        1,
        &json!({"type": "click", "x": 5, "y": 5, "seen": 0, "at": now}),
    );
    let key = sealed.seals(1, &json!({"type": "keypress", "key": "a", "at": now}));
    let done = sealed.seals(1, &json!({"type": "resolved", "seen": 0, "at": now}));
    sealed.guest(1).is_diligent = false;
    sealed.pass(60_000);
    sealed.sends(1, click);
    sealed.sends(1, key);
    assert_eq!(sealed.story.agent.counters().stale_events, 2);
    assert_eq!(sealed.story.count("Input.dispatchKeyEvent"), 0);
    sealed.sends(1, done);
    assert!(sealed.story.requests[0].1.url.ends_with("/resolve"));
}

#[test]
fn json_whose_known_member_is_of_the_wrong_type_is_fatal_to_its_channel_only() {
    for bad in [
        json!({"type": "click", "x": "5", "y": 5}),
        json!({"type": "resolved", "at": null}),
        json!({"type": "resolved", "seen": -1}),
        json!({"type": 7}),
        json!(["resolved"]),
    ] {
        let mut sealed = Sealed::controlled();
        let record = sealed.seals(1, &bad);
        sealed.sends(1, record);
        assert_eq!(sealed.closes, [(1, 4400)], "{bad}");
        assert!(sealed.story.requests.is_empty(), "{bad}");
        assert!(!sealed.story.status.viewer_present, "{bad}");
    }
    for bad in [
        json!({"type": "heartbeat", "hidden": 1, "clock": 1}),
        json!({"type": "ping", "n": "1"}),
        json!({"type": "takeover", "id": 2, "answer": "perhaps"}),
    ] {
        let mut sealed = Sealed::controlled();
        sealed.says(1, &bad);
        assert_eq!(sealed.closes, [(1, 4400)], "{bad}");
    }
}

#[test]
fn an_unknown_event_or_control_is_ignored_and_nothing_ends() {
    let mut sealed = Sealed::controlled();
    let record = sealed.seals(1, &json!({"type": "wave", "x": 1, "at": 1}));
    sealed.sends(1, record);
    sealed.says(1, &json!({"type": "wave", "n": [1]}));
    assert!(sealed.closes.is_empty());
    assert_eq!(sealed.story.agent.counters().invalid_events, 1);
}

#[test]
fn keys_are_given_up_after_an_hour_with_1012_and_the_viewer_comes_back_by_its_proof() {
    let mut sealed = Sealed::of({
        let mut story = support::Story::configured(|config| {
            config.encryption = support::sealed::sealed(None);
            config.ttl = Some(7_200);
        });
        story.open(authloop_core::agent::io::Peer::Browser);
        let mut answer = support::created();
        answer["expires_at"] = json!("2026-11-22T12:00:00Z");
        story.answer_dated(
            201,
            &answer.to_string(),
            Some("Sun, 22 Nov 2026 10:00:00 GMT"),
        );
        story.open(authloop_core::agent::io::Peer::Relay);
        story.forget();
        story
    });
    sealed.joins(1);
    sealed.paints(b"first");
    let secret = sealed.secret(1);
    sealed.hides(1, true);
    sealed.pass(3_599_000);
    assert!(sealed.closes.is_empty());
    sealed.pass(2_000);
    assert_eq!(sealed.closes, [(1, 1012)]);
    sealed.resumes(2, &secret);
    assert!(sealed.story.status.viewer_present);
    assert_eq!(pictures(&mut sealed, 2), [(b"first".to_vec(), true)]);
}
