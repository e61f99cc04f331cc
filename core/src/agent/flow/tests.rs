//! The whole flow, in virtual time.

mod link;
mod simulation;

use alloc::{string::String, vec::Vec};
use core::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::input::event::{Button, Finger, InputEvent, Key, Modifiers, Point};

fn at(millis: u64) -> Timestamp {
    Timestamp::from_millis(millis)
}

fn click(seen: Option<u64>, at: Option<u32>) -> Stamped {
    Stamped {
        event: InputEvent::Click {
            at: Point { x: 1.0, y: 1.0 },
            button: Button::Left,
            click_count: None,
        },
        seen,
        at,
    }
}

fn text(order: Option<FlowOrder>) -> String {
    match order {
        Some(FlowOrder::Control(json)) => String::from_utf8(json).expect("text"),
        other => alloc::format!("{other:?}"),
    }
}

fn hear(flow: &mut Flow, now: u64, json: &str) -> Result<bool, Malformed> {
    flow.on_control(at(now), &Control::parse(json.as_bytes())?)
}

fn drain(flow: &mut Flow, now: u64) -> Vec<FlowOrder> {
    let orders: Vec<_> = core::iter::from_fn(|| flow.poll(at(now), 0))
        .take(100)
        .collect();
    assert!(orders.len() < 100, "endless chatter");
    orders
}

/// A flow whose viewer has frame 0 and answered the first heartbeat after 100 ms.
fn started() -> Flow {
    let mut flow = Flow::new();
    flow.on_page_shown(at(0), 1);
    flow.on_frame(at(0));
    flow.on_ready(at(0));
    drain(&mut flow, 0);
    flow.on_sealed(at(0), 0, 100_000);
    let answer = r#"{"type":"heartbeat","last_frame":null,"hidden":false,"clock":0}"#;
    assert_eq!(hear(&mut flow, 100, answer), Ok(true));
    let ack = Ack {
        frame: 0,
        waiting: 0,
    };
    flow.on_ack(at(300), ack);
    // The first picture told that the link carries better ones.
    assert!(matches!(drain(&mut flow, 300)[..], [FlowOrder::Cast(_)]));
    flow
}

#[test]
fn ready_brings_a_heartbeat_what_the_agent_takes_and_the_newest_frame_at_once_in_this_order() {
    let mut flow = Flow::new();
    assert_eq!(flow.poll(at(5), 0), None);
    assert_eq!(flow.deadline(), None);
    flow.on_ready(at(5));
    assert_eq!(
        text(flow.poll(at(5), 1)),
        r#"{"type":"heartbeat","last_frame":null,"got":1,"clock":5}"#
    );
    assert_eq!(
        text(flow.poll(at(5), 1)),
        r#"{"type":"agent","takes":["pointer","compose","fields","files"]}"#
    );
    assert_eq!(flow.poll(at(5), 1), Some(FlowOrder::Show));
    assert_eq!(flow.poll(at(5), 1), None);
    assert_eq!(flow.deadline(), Some(at(2_005)));
}

#[test]
fn nothing_is_sent_without_an_epoch() {
    let mut flow = started();
    flow.on_frame(at(400));
    flow.on_gone();
    assert_eq!(flow.turn(at(400), 1, false), Turn::Wait);
    assert_eq!(flow.poll(at(60_000), 0), None);
    assert_eq!(flow.deadline(), None);
}

#[test]
fn a_new_epoch_starts_with_one_frame_again() {
    let mut flow = started();
    flow.on_ready(at(500));
    assert_eq!(
        text(flow.poll(at(500), 0)),
        r#"{"type":"heartbeat","last_frame":null,"got":0,"clock":500}"#
    );
    drain(&mut flow, 500);
    flow.on_sealed(at(500), 0, 1_000);
    flow.on_frame(at(510));
    assert_eq!(flow.turn(at(510), 1, false), Turn::Wait);
    assert_eq!(
        flow.judge(at(520), &click(Some(1), Some(520))),
        Verdict::Drop(Why::Stale)
    );
}

#[test]
fn without_credit_the_newest_frame_waits() {
    let mut flow = started();
    flow.on_frame(at(300));
    assert_eq!(flow.turn(at(300), 100_000, false), Turn::Send);
    flow.on_sealed(at(300), 1, 100_000);
    flow.on_frame(at(310));
    // 100 kB in 200 ms, of which 100 ms hold 50 kB, and a quarter more.
    assert_eq!(flow.turn(at(310), 1, false), Turn::Wait);
    let ack = Ack {
        frame: 1,
        waiting: 0,
    };
    flow.on_ack(at(600), ack);
    assert_eq!(flow.turn(at(600), 1, false), Turn::Send);
}

#[test]
fn a_heartbeat_never_waits_behind_a_frame() {
    let mut flow = started();
    flow.on_frame(at(2_000));
    assert_eq!(flow.turn(at(2_000), 1, false), Turn::Wait);
    assert!(text(flow.poll(at(2_000), 0)).starts_with(r#"{"type":"heartbeat","last_frame":0"#));
    assert_eq!(flow.turn(at(2_000), 1, false), Turn::Send);
}

#[test]
fn frames_in_flight_count_as_lost_after_4_seconds_and_the_newest_is_sent_again() {
    let mut flow = started();
    flow.on_frame(at(1_000));
    assert_eq!(flow.turn(at(1_000), 9, false), Turn::Send);
    flow.on_sealed(at(1_000), 1, 9);
    assert!(!drain(&mut flow, 4_999).contains(&FlowOrder::Show));
    assert_eq!(flow.deadline(), Some(at(5_000)));
    assert!(drain(&mut flow, 5_000).contains(&FlowOrder::Show));
    assert_eq!(flow.counters().lost, 1);
    // Once, until it was sent again.
    assert!(!drain(&mut flow, 20_000).contains(&FlowOrder::Show));
    flow.on_sealed(at(20_000), 2, 9);
    assert!(drain(&mut flow, 24_000).contains(&FlowOrder::Show));
}

#[test]
fn frames_after_a_lost_one_do_not_wait_for_a_round_trip_to_be_measured() {
    let mut flow = started();
    flow.on_sealed(at(1_000), 1, 9);
    // Heartbeats went out meanwhile, none of them quiet; now nothing is under way that counts.
    for now in [2_000, 4_000, 6_000, 8_000] {
        drain(&mut flow, now);
    }
    assert_eq!(flow.counters().lost, 1);
    flow.on_frame(at(8_100));
    assert_eq!(flow.turn(at(8_100), 9, false), Turn::Send);
}

#[test]
fn pictures_follow_each_other_but_pause_now_and_then_for_a_quiet_round_trip() {
    let mut flow = started();
    let (mut sent, mut beats) = (0, Vec::new());
    let mut pauses = Vec::new();
    for now in (400..9_000).step_by(100) {
        for order in drain(&mut flow, now) {
            if let FlowOrder::Control(json) = order {
                let json = String::from_utf8(json).expect("text");
                assert!(json.contains("heartbeat"), "{json}");
                beats.push(now);
            }
        }
        flow.on_frame(at(now));
        // The one before is still under way, and acknowledged soon after.
        if flow.turn(at(now), 1_000, false) == Turn::Send {
            sent += 1;
            flow.on_sealed(at(now), sent, 1_000);
        } else {
            pauses.push(now);
        }
        let frame = if pauses.last() == Some(&now) {
            sent
        } else {
            sent - 1
        };
        flow.on_ack(at(now + 50), Ack { frame, waiting: 0 });
    }
    assert_eq!(pauses, [7_000], "{beats:?}");
    assert_eq!(beats, [2_000, 4_000, 6_000, 7_100]);
}

#[test]
fn a_hidden_viewer_gets_no_frames_and_loses_none() {
    let mut flow = started();
    flow.on_frame(at(400));
    flow.on_sealed(at(400), 1, 9);
    let hidden = r#"{"type":"heartbeat","last_frame":0,"hidden":true,"clock":0}"#;
    assert_eq!(hear(&mut flow, 500, hidden), Ok(true));
    assert!(flow.is_hidden());
    let ack = Ack {
        frame: 1,
        waiting: 0,
    };
    flow.on_ack(at(600), ack);
    flow.on_frame(at(700));
    assert_eq!(flow.turn(at(700), 1, false), Turn::Wait);
    flow.on_sealed(at(700), 2, 9);
    assert_eq!(flow.deadline(), Some(at(15_000)));
    for order in drain(&mut flow, 600_000) {
        assert!(matches!(order, FlowOrder::Control(_)), "{order:?}");
    }
    assert_eq!(flow.counters().lost, 0);
}

#[test]
fn a_viewer_that_is_visible_again_gets_a_heartbeat_and_the_newest_frame_at_once() {
    let mut flow = started();
    for (now, hidden) in [(400, true), (500, false)] {
        let told =
            alloc::format!(r#"{{"type":"heartbeat","last_frame":0,"hidden":{hidden},"clock":0}}"#);
        assert_eq!(hear(&mut flow, now, &told), Ok(true));
        if hidden {
            flow.on_sealed(at(now), 1, 100_000);
            assert_eq!(drain(&mut flow, now), []);
        }
    }
    let orders = drain(&mut flow, 500);
    assert!(matches!(
        orders.as_slice(),
        [FlowOrder::Control(_), FlowOrder::Show]
    ));
    flow.on_frame(at(510));
    assert_eq!(flow.turn(at(510), 100_000, false), Turn::Send);
}

#[test]
fn an_answer_is_never_answered() {
    let mut flow = started();
    let answer = r#"{"type":"heartbeat","last_frame":0,"hidden":false,"clock":0}"#;
    for now in 300..1_300 {
        assert_eq!(hear(&mut flow, now, answer), Ok(true));
        assert_eq!(drain(&mut flow, now), []);
    }
}

#[test]
fn a_ping_is_echoed_and_what_is_unknown_is_left_to_others() {
    let mut flow = started();
    let ping = r#"{"type":"ping","n":7}"#;
    assert_eq!(hear(&mut flow, 400, ping), Ok(true));
    assert_eq!(text(flow.poll(at(400), 0)), ping);
    assert_eq!(
        hear(&mut flow, 400, r#"{"type":"takeover","n":null}"#),
        Ok(false)
    );
    assert_eq!(flow.poll(at(400), 0), None);
}

#[test]
fn a_known_member_of_the_wrong_type_is_fatal_and_changes_nothing() {
    let mut flow = started();
    for bad in [
        r#"{"type":"ping","n":null}"#,
        r#"{"type":"heartbeat","hidden":1,"clock":0}"#,
    ] {
        assert_eq!(hear(&mut flow, 400, bad), Err(Malformed::Body));
    }
    assert_eq!(drain(&mut flow, 400), []);
}

#[test]
fn each_drop_is_counted_and_told() {
    let mut flow = started();
    flow.on_document(at(300), 1, "L1");
    assert_eq!(
        flow.judge(at(5_000), &click(None, Some(5_000))),
        Verdict::Drop(Why::Stale)
    );
    flow.on_document(at(5_000), 1, "L2");
    assert_eq!(
        flow.judge(at(5_000), &click(Some(0), Some(5_000))),
        Verdict::Drop(Why::Navigated)
    );
    let key = Stamped {
        event: InputEvent::KeyDown(Key::new("x", "KeyX")),
        seen: Some(0),
        at: None,
    };
    assert_eq!(flow.judge(at(5_000), &key), Verdict::Drop(Why::Stale));
    let told: Vec<_> = drain(&mut flow, 5_000)
        .into_iter()
        .map(|order| text(Some(order)))
        .filter(|json| json.contains("dropped"))
        .collect();
    assert_eq!(
        told,
        [
            r#"{"type":"dropped","kind":"click","why":"stale"}"#,
            r#"{"type":"dropped","kind":"click","why":"navigated"}"#,
            r#"{"type":"dropped","kind":"keydown","why":"stale"}"#,
        ]
    );
    let FlowCounters {
        stale, navigated, ..
    } = flow.counters();
    assert_eq!((stale, navigated), (2, 1));
}

#[test]
fn only_stale_clicks_on_a_picture_tell_that_pictures_are_too_slow() {
    let key = |seen| Stamped {
        event: InputEvent::KeyDown(Key::new("x", "KeyX")),
        seen,
        at: Some(300),
    };
    for (stamped, lowers) in [
        (click(Some(0), Some(300)), true),
        // Without a picture it tells nothing of pictures; a key isn't aimed at one.
        (click(None, Some(300)), false),
        (key(Some(0)), false),
    ] {
        let mut flow = started();
        let before = flow.quality();
        for _ in 0..2 {
            assert_eq!(flow.judge(at(20_000), &stamped), Verdict::Drop(Why::Stale));
        }
        assert_eq!(flow.quality() != before, lowers);
    }
    let mut flow = started();
    let before = flow.quality();
    flow.on_document(at(300), 1, "L1");
    flow.on_document(at(400), 1, "L2");
    for _ in 0..2 {
        assert_eq!(
            flow.judge(at(500), &click(Some(0), Some(500))),
            Verdict::Drop(Why::Navigated)
        );
    }
    assert_eq!(flow.quality(), before);
}

/// Where everything in these tests happens.
const HERE: Point = Point { x: 1.0, y: 1.0 };

fn touch(fingers: u8) -> InputEvent {
    InputEvent::Touch((0..fingers).map(|id| Finger { id, at: HERE }).collect())
}

#[test]
fn of_a_gesture_that_is_dropped_only_the_first_step_is_told() {
    let mut flow = started();
    let hover = InputEvent::MouseMove {
        at: HERE,
        modifiers: Modifiers::default(),
    };
    let press = InputEvent::KeyDown(Key::new("x", "KeyX"));
    for event in [hover, touch(1), touch(2), press, touch(0)] {
        let stamped = Stamped {
            event,
            seen: Some(0),
            at: Some(300),
        };
        let verdict = flow.judge(at(20_000), &stamped);
        assert_eq!(verdict, Verdict::Drop(Why::Stale));
    }
    assert_eq!(flow.counters().stale, 5);
    let told: Vec<_> = drain(&mut flow, 20_000)
        .into_iter()
        .map(|order| text(Some(order)))
        .filter(|json| json.contains("dropped"))
        .collect();
    assert_eq!(
        told,
        [
            r#"{"type":"dropped","kind":"touch","why":"stale"}"#,
            r#"{"type":"dropped","kind":"keydown","why":"stale"}"#,
        ]
    );
}

#[test]
fn a_pointer_passing_over_a_sharp_picture_leaves_it_and_a_click_does_not() {
    let hover = Stamped {
        event: InputEvent::MouseMove {
            at: HERE,
            modifiers: Modifiers::default(),
        },
        ..click(Some(1), Some(1_300))
    };
    for (stamped, scale) in [(hover, 100), (click(Some(1), Some(1_300)), 75)] {
        let mut flow = started();
        flow.on_frame(at(400));
        flow.on_sealed(at(400), 1, 100_000);
        let ack = Ack {
            frame: 1,
            waiting: 0,
        };
        flow.on_ack(at(800), ack);
        assert!(drain(&mut flow, 1_300).contains(&FlowOrder::Cast(Quality::NORMAL)));
        assert_eq!(flow.judge(at(1_300), &stamped), Verdict::Take);
        assert_eq!(flow.quality().scale, scale);
    }
}

#[test]
fn frames_and_heartbeats_go_by_one_clock_that_starts_over_after_49_days() {
    let mut flow = started();
    let now = (1 << 32) + 5;
    let beat = drain(&mut flow, now)
        .into_iter()
        .map(|order| text(Some(order)))
        .find(|json| json.contains("heartbeat"));
    assert!(beat.is_some_and(|json| json.ends_with(r#""clock":5}"#)));
    assert_eq!(Flow::clock(at(now)), 5);
}

#[test]
fn messages_that_wait_are_bounded() {
    let mut flow = started();
    for _ in 0..1_000 {
        flow.judge(at(400), &click(None, None));
    }
    let told = drain(&mut flow, 400);
    assert_eq!(told.len(), MAX_WAITING);
    let counters = flow.counters();
    assert_eq!((counters.stale, counters.untold), (1_000, 936));
}

#[test]
fn a_navigation_whose_first_picture_came_too_soon_brings_a_new_cast() {
    let mut flow = started();
    flow.on_document(at(300), 1, "L1");
    flow.on_document(at(1_000), 1, "L2");
    flow.on_frame(at(1_010));
    assert_eq!(flow.turn(at(1_010), 9, false), Turn::Send);
    flow.on_sealed(at(1_010), 1, 9);
    assert_eq!(flow.deadline(), Some(at(1_150)));
    assert_eq!(drain(&mut flow, 1_150), [FlowOrder::Cast(flow.quality())]);
}

proptest! {
    #[test]
    fn a_deadline_that_has_come_is_acted_on(
        steps in proptest::collection::vec((0_u8..12, 0_u64..6_000, any::<u32>()), 1..200),
    ) {
        let mut flow = Flow::new();
        let (mut now, mut counter, mut waits) = (0_u64, 0_u64, false);
        for (step, pause, pick) in steps {
            now += pause;
            match step {
                0 => {
                    flow.on_ready(at(now));
                    counter = 0;
                }
                1 if pick % 8 == 0 => flow.on_gone(),
                2..=4 => {
                    flow.on_frame(at(now));
                    waits = true;
                }
                5 | 6 if counter > 0 => {
                    let frame = counter - 1;
                    flow.on_ack(at(now), Ack { frame, waiting: u16::from(pick % 3 == 0) });
                }
                7 | 8 => {
                    let hidden = pick % 2 == 0;
                    let clock = now - u64::from(pick % 3_000).min(now);
                    let json = alloc::format!(
                        r#"{{"type":"heartbeat","last_frame":null,"hidden":{hidden},"clock":{clock}}}"#
                    );
                    prop_assert_eq!(hear(&mut flow, now, &json), Ok(true));
                }
                9 => flow.on_document(at(now), 1, if pick % 2 == 0 { "A" } else { "B" }),
                10 => flow.on_page_shown(at(now), u16::from(pick % 2 == 0)),
                _ => {
                    flow.judge(at(now), &click(Some(u64::from(pick % 20)), Some(pick)));
                }
            }
            for order in drain(&mut flow, now) {
                if order == FlowOrder::Show {
                    flow.on_sealed(at(now), counter, 50_000);
                    counter += 1;
                    waits = false;
                }
            }
            prop_assert_eq!(drain(&mut flow, now), []);
            if waits && flow.turn(at(now), 50_000, pick % 2 == 0) == Turn::Send {
                flow.on_sealed(at(now), counter, 50_000);
                counter += 1;
                waits = false;
            }
            if let Some(deadline) = flow.deadline() {
                prop_assert!(deadline > at(now), "{:?} at {}", deadline, now);
                prop_assert!(deadline <= at(now) + Duration::from_secs(15));
            }
        }
    }
}
