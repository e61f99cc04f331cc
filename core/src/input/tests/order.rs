//! The one serial path: order, pace, the end, and what is still down then.

use super::*;

#[test]
fn everything_comes_out_in_the_order_it_came_in() {
    let mut bench = Bench::new();
    assert_eq!(bench.click(1, 1), Ok(()));
    assert_eq!(bench.paste("ab"), Ok(()));
    assert_eq!(bench.key("keydown", "Tab", "Tab", 0), Ok(()));
    assert_eq!(bench.key("keyup", "Tab", "Tab", 0), Ok(()));
    assert_eq!(bench.send(r#"{"type":"back"}"#), Ok(()));
    assert_eq!(bench.send(r#"{"type":"forward"}"#), Ok(()));
    assert_eq!(bench.send(r#"{"type":"reload"}"#), Ok(()));
    assert_eq!(bench.key("keypress", "z", "", 0), Ok(()));
    assert_eq!(bench.send(r#"{"type":"resolved"}"#), Ok(()));
    assert_eq!(
        bench.actions(),
        [
            "mouseMoved 1,1",
            "mousePressed 1,1 left x1",
            "mouseReleased 1,1 left x1",
            "keyDown a/KeyA 65 \"a\"",
            "keyUp a/KeyA 65",
            "keyDown b/KeyB 66 \"b\"",
            "keyUp b/KeyB 66",
            "rawKeyDown Tab/Tab 9",
            "keyUp Tab/Tab 9",
            "back",
            "forward",
            "reload",
            "keyDown z/ 90 \"z\"",
            "keyUp z/ 90",
            "resolved",
        ]
    );
}

#[test]
fn a_burst_of_44_characters_is_typed_10_ms_apart_and_none_is_lost() {
    let mut bench = Bench::new();
    for _ in 0..44 {
        assert_eq!(bench.key("keypress", "c", "KeyC", 0), Ok(()));
        assert_eq!(bench.key("keyup", "c", "KeyC", 0), Ok(()));
    }
    let times: Vec<String> = bench
        .drain()
        .into_iter()
        .filter_map(|line| {
            line.split_once(" keyDown")
                .map(|(time, _)| time.to_string())
        })
        .collect();
    let expected: Vec<String> = (0..44).map(|n| (n * 10).to_string()).collect();
    assert_eq!(times, expected);
}

#[test]
fn resolved_waits_for_its_turn_and_closes_the_queue() {
    let mut bench = Bench::new();
    assert_eq!(bench.paste("123456"), Ok(()));
    assert!(!bench.dispatcher.is_resolving());
    assert_eq!(bench.send(r#"{"type":"resolved"}"#), Ok(()));
    assert!(bench.dispatcher.is_resolving());
    assert_eq!(bench.click(1, 1), Err(Dropped::Finished));
    assert_eq!(bench.send(r#"{"type":"resolved"}"#), Err(Dropped::Finished));
    let lines = bench.drain();
    assert!(!bench.dispatcher.is_resolving());
    assert_eq!(lines.len(), 13);
    assert_eq!(lines.last().map(String::as_str), Some("500 resolved"));
    assert_eq!(bench.click(1, 1), Err(Dropped::Finished));
    assert_eq!(bench.dispatcher.dropped().finished, 3);
    assert!(bench.dispatcher.is_idle());
}

#[test]
fn cancelled_comes_first_and_discards_the_rest() {
    let mut bench = Bench::new();
    assert_eq!(bench.paste("123456"), Ok(()));
    assert_eq!(bench.click(1, 1), Ok(()));
    assert_eq!(bench.send(r#"{"type":"resolved"}"#), Ok(()));
    assert_eq!(bench.send(r#"{"type":"cancelled"}"#), Ok(()));
    assert!(!bench.dispatcher.is_idle());
    assert_eq!(bench.drain(), ["0 cancelled"]);
    assert_eq!(bench.click(1, 1), Err(Dropped::Finished));
}

#[test]
fn a_pressed_button_is_released_though_the_rest_is_discarded() {
    let mut bench = Bench::new();
    assert_eq!(bench.click(1, 1), Ok(()));
    assert!(
        bench
            .pop()
            .is_some_and(|action| show(&action) == "mouseMoved 1,1")
    );
    assert!(bench.pop().is_some());
    bench.dispatcher.clear();
    assert_eq!(bench.actions(), ["mouseReleased 1,1 left x1"]);
}

#[test]
fn clearing_discards_what_waits_and_lets_go_what_its_keyup_would_have() {
    let mut bench = Bench::new();
    assert_eq!(bench.key("keydown", "Shift", "ShiftLeft", 8), Ok(()));
    assert_eq!(bench.key("keydown", "Tab", "Tab", 8), Ok(()));
    bench.wait(10);
    assert_eq!(bench.due().len(), 1);
    assert_eq!(bench.key("keyup", "Shift", "ShiftLeft", 0), Ok(()));
    bench.dispatcher.clear();
    // Shift's keyup was among what waited; Tab was never pressed.
    assert_eq!(bench.actions(), ["keyUp Shift/ShiftLeft 16"]);
    assert_eq!(bench.key("keyup", "Tab", "Tab", 0), Err(Dropped::NotDown));
}

#[test]
fn what_was_done_makes_room_for_as_much_again() {
    let most = |bench: &mut Bench, event: &str| {
        let mut accepted = 0;
        while bench.send(event).is_ok() {
            accepted += 1;
            assert!(accepted <= limits::MAX_KEY_EVENTS, "without a bound");
        }
        accepted
    };
    for (event, bound) in [
        (
            r#"{"type":"keypress","key":"a"}"#,
            limits::MAX_KEY_EVENTS - 1,
        ),
        (r#"{"type":"click","x":1,"y":1}"#, limits::MAX_CLICKS),
        (r#"{"type":"paste","text":"x"}"#, limits::MAX_PASTES),
        (r#"{"type":"reload"}"#, limits::MAX_NAVIGATIONS),
    ] {
        let mut bench = Bench::new();
        for _ in 0..3 {
            assert_eq!(most(&mut bench, event), bound, "{event}");
            bench.actions();
        }
        assert_eq!(bench.dispatcher.dropped().overflowed(), 3);
    }
}

#[test]
fn a_cleared_resolution_reopens_the_queue() {
    let mut bench = Bench::new();
    assert_eq!(bench.send(r#"{"type":"resolved"}"#), Ok(()));
    bench.dispatcher.clear();
    assert_eq!(bench.click(1, 1), Ok(()));
    assert_eq!(bench.actions().len(), 3);
}

#[test]
fn release_all_lifts_the_button_then_keys_then_modifiers() {
    let mut bench = Bench::new();
    assert_eq!(bench.key("keydown", "Shift", "ShiftLeft", 8), Ok(()));
    assert_eq!(bench.key("keydown", "ArrowDown", "ArrowDown", 8), Ok(()));
    assert_eq!(bench.due().len(), 1);
    bench.wait(10);
    assert_eq!(bench.due().len(), 1);
    assert_eq!(bench.click(2, 2), Ok(()));
    assert!(bench.pop().is_some() && bench.pop().is_some());
    let released: Vec<String> = bench.dispatcher.release_all().iter().map(show).collect();
    assert_eq!(
        released,
        [
            "mouseReleased 2,2 left x1",
            "keyUp ArrowDown/ArrowDown 40 +8",
            "keyUp Shift/ShiftLeft 16",
        ]
    );
    assert!(bench.dispatcher.release_all().is_empty());
    assert_eq!(
        bench.key("keyup", "Shift", "ShiftLeft", 0),
        Err(Dropped::NotDown)
    );
    assert!(bench.dispatcher.is_idle());
}

#[test]
fn release_all_forgets_the_waiting_keyups_of_what_it_released() {
    let mut bench = Bench::new();
    assert_eq!(bench.key("keydown", "Tab", "Tab", 0), Ok(()));
    assert_eq!(bench.due().len(), 1);
    assert_eq!(bench.key("keydown", "Tab", "Tab", 0), Ok(()));
    assert_eq!(bench.key("keyup", "Tab", "Tab", 0), Ok(()));
    assert_eq!(bench.dispatcher.release_all().len(), 1);
    assert!(bench.dispatcher.is_idle());
    assert_eq!(bench.actions(), [""; 0]);
}

#[test]
fn at_most_16_navigations_wait() {
    let mut bench = Bench::new();
    for _ in 0..limits::MAX_NAVIGATIONS {
        assert_eq!(bench.send(r#"{"type":"back"}"#), Ok(()));
    }
    assert_eq!(
        bench.send(r#"{"type":"reload"}"#),
        Err(Dropped::Navigations)
    );
    assert_eq!(bench.dispatcher.dropped().overflowed(), 1);
}

#[test]
fn time_that_goes_back_is_ignored() {
    let mut bench = Bench::new();
    assert_eq!(bench.key("keypress", "a", "", 0), Ok(()));
    assert_eq!(bench.key("keypress", "b", "", 0), Ok(()));
    assert_eq!(bench.due().len(), 2);
    bench.now = 0;
    assert_eq!(bench.due(), [""; 0]);
    assert_eq!(
        bench.dispatcher.deadline(),
        Some(Timestamp::from_millis(1_010))
    );
}

#[test]
fn what_the_viewer_before_held_goes_up_behind_what_it_did_and_before_what_follows() {
    let mut bench = Bench::new();
    for (key, code) in [("Shift", "ShiftLeft"), ("ArrowUp", "ArrowUp")] {
        assert_eq!(bench.key("keydown", key, code, 0), Ok(()));
    }
    bench.dispatcher.change_hands();
    assert_eq!(bench.key("keypress", "x", "", 0), Ok(()));
    let late = bench.key("keyup", "Shift", "ShiftLeft", 0);
    assert_eq!(late, Err(Dropped::NotDown), "it is up already");
    let keys: Vec<_> = bench
        .actions()
        .iter()
        .filter_map(|action| action.split('/').next().map(String::from))
        .collect();
    assert_eq!(
        keys,
        [
            "rawKeyDown Shift",
            "rawKeyDown ArrowUp",
            "keyUp ArrowUp",
            "keyUp Shift",
            "keyDown x",
            "keyUp x"
        ]
    );
    assert!(bench.dispatcher.release_all().is_empty());
}

#[test]
fn a_click_of_the_viewer_before_is_no_half_of_a_double_click() {
    let mut bench = Bench::new();
    assert_eq!(bench.click(1, 2), Ok(()));
    bench.dispatcher.change_hands();
    assert_eq!(bench.click(1, 2), Ok(()));
    let second = bench
        .actions()
        .iter()
        .filter(|line| line.ends_with("x2"))
        .count();
    assert_eq!(second, 0);
}
