//! Clicks and the wheel: counting, pace, geometry, bounds.

use super::*;

#[test]
fn a_click_moves_presses_and_releases_as_a_real_mouse() {
    let mut bench = Bench::new();
    assert_eq!(
        bench.send(r#"{"type":"click","x":70.5,"y":45,"button":"right"}"#),
        Ok(())
    );
    assert_eq!(
        bench.next_json(),
        serde_json::json!({"type": "mouseMoved", "x": 70.5, "y": 45.0, "buttons": 0})
    );
    assert_eq!(
        bench.next_json(),
        serde_json::json!({
            "type": "mousePressed", "x": 70.5, "y": 45.0, "button": "right", "buttons": 2,
            "clickCount": 1, "force": 0.5
        })
    );
    assert_eq!(
        bench.next_json(),
        serde_json::json!({
            "type": "mouseReleased", "x": 70.5, "y": 45.0, "button": "right", "buttons": 0,
            "clickCount": 1
        })
    );
    assert!(bench.dispatcher.is_idle());
}

#[test]
fn two_clicks_and_their_dblclick_are_one_double_click() {
    let mut bench = Bench::new();
    assert_eq!(bench.click(10, 10), Ok(()));
    bench.wait(150);
    assert_eq!(bench.click(12, 12), Ok(()));
    assert_eq!(
        bench.send(r#"{"type":"dblclick","x":12,"y":12}"#),
        Err(Dropped::Repeated)
    );
    assert_eq!(
        bench.actions(),
        [
            "mouseMoved 10,10",
            "mousePressed 10,10 left x1",
            "mouseReleased 10,10 left x1",
            "mouseMoved 12,12",
            "mousePressed 12,12 left x2",
            "mouseReleased 12,12 left x2",
        ]
    );
}

#[test]
fn a_third_click_selects_a_paragraph() {
    let mut bench = Bench::new();
    for _ in 0..4 {
        assert_eq!(bench.click(10, 10), Ok(()));
    }
    let presses: Vec<String> = bench
        .actions()
        .into_iter()
        .filter(|line| line.starts_with("mousePressed"))
        .collect();
    assert_eq!(
        presses,
        [1, 2, 3, 3].map(|count| format!("mousePressed 10,10 left x{count}"))
    );
}

#[test]
fn a_click_that_is_late_far_or_of_another_button_begins_anew() {
    let second = |pause: u64, event: &str| {
        let mut bench = Bench::new();
        let _ = bench.click(10, 10);
        bench.wait(pause);
        let _ = bench.send(event);
        bench
            .actions()
            .into_iter()
            .filter(|line| line.starts_with("mousePressed"))
            .nth(1)
    };
    for (pause, event, count) in [
        (500, r#"{"type":"click","x":14,"y":10}"#, 2),
        (501, r#"{"type":"click","x":10,"y":10}"#, 1),
        (0, r#"{"type":"click","x":15,"y":10}"#, 1),
        (0, r#"{"type":"click","x":13,"y":13}"#, 1),
        (0, r#"{"type":"click","x":10,"y":10,"button":"right"}"#, 1),
        (501, r#"{"type":"click","x":10,"y":10,"clickCount":2}"#, 2),
        (0, r#"{"type":"click","x":10,"y":10,"clickCount":1}"#, 2),
    ] {
        let line = second(pause, event).unwrap_or_default();
        assert!(line.ends_with(&format!("x{count}")), "{event}: {line}");
    }
}

#[test]
fn a_dblclick_alone_is_a_whole_double_click() {
    let mut bench = Bench::new();
    assert_eq!(bench.send(r#"{"type":"dblclick","x":5,"y":6}"#), Ok(()));
    assert_eq!(
        bench.drain(),
        [
            "0 mouseMoved 5,6",
            "0 mousePressed 5,6 left x1",
            "0 mouseReleased 5,6 left x1",
            "100 mouseMoved 5,6",
            "100 mousePressed 5,6 left x2",
            "100 mouseReleased 5,6 left x2",
        ]
    );
}

#[test]
fn a_dblclick_later_than_500_ms_after_a_pair_is_one_of_its_own() {
    let mut bench = Bench::new();
    let _ = (bench.click(5, 5), bench.click(5, 5));
    bench.wait(501);
    assert_eq!(bench.send(r#"{"type":"dblclick","x":5,"y":5}"#), Ok(()));
}

#[test]
fn at_most_10_clicks_a_second_none_lost() {
    let mut bench = Bench::new();
    for x in 0..20 {
        assert_eq!(bench.click(x * 50, 1), Ok(()));
    }
    assert_eq!(bench.click(1, 1), Err(Dropped::Clicks));
    assert_eq!(bench.dispatcher.dropped().clicks, 1);
    let times: Vec<u64> = bench
        .drain()
        .iter()
        .filter(|line| line.contains("mousePressed"))
        .filter_map(|line| line.split_once(' '))
        .filter_map(|(time, _)| time.parse().ok())
        .collect();
    assert_eq!(times, (0..20).map(|n| n * 100).collect::<Vec<u64>>());
}

#[test]
fn a_dblclick_finds_room_for_both_its_clicks_or_none() {
    let mut bench = Bench::new();
    for x in 0..19 {
        assert_eq!(bench.click(x * 50, 1), Ok(()));
    }
    assert_eq!(
        bench.send(r#"{"type":"dblclick","x":5,"y":500}"#),
        Err(Dropped::Clicks)
    );
}

#[test]
fn the_last_frames_geometry_is_applied() {
    let mut bench = Bench::new();
    bench.dispatcher.set_geometry(Geometry {
        offset_top: 80.0,
        page_scale_factor: 2.0,
    });
    assert_eq!(bench.click(140, 170), Ok(()));
    // What is queued keeps the geometry it was aimed by.
    bench.dispatcher.set_geometry(Geometry::default());
    assert_eq!(
        bench.due().first().map(String::as_str),
        Some("mouseMoved 70,45")
    );
}

#[test]
fn a_geometry_that_makes_no_sense_is_ignored() {
    for page_scale_factor in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let mut bench = Bench::new();
        bench.dispatcher.set_geometry(Geometry {
            offset_top: f64::NAN,
            page_scale_factor,
        });
        assert_eq!(bench.click(3, 4), Ok(()));
        assert_eq!(
            bench.due().first().map(String::as_str),
            Some("mouseMoved 3,4")
        );
    }
}

#[test]
fn waiting_scrolls_are_summed_at_the_newest_place() {
    let mut bench = Bench::new();
    for y in 1..=100 {
        let scroll = format!(r#"{{"type":"scroll","x":1,"y":{y},"deltaX":1,"deltaY":-2.5}}"#);
        assert_eq!(bench.send(&scroll), Ok(()));
    }
    assert_eq!(bench.drain(), ["0 mouseWheel 1,100 by 100,-250"]);
}

#[test]
fn scrolls_go_on_once_a_frame_and_never_overtake_a_click() {
    let mut bench = Bench::new();
    let scroll = r#"{"type":"scroll","x":1,"y":1,"deltaY":5}"#;
    assert_eq!(bench.send(scroll), Ok(()));
    assert_eq!(bench.due(), ["mouseWheel 1,1 by 0,5"]);
    assert_eq!(bench.send(scroll), Ok(()));
    assert_eq!(bench.click(9, 9), Ok(()));
    assert_eq!(bench.send(scroll), Ok(()));
    assert_eq!(
        bench.drain(),
        [
            "16 mouseWheel 1,1 by 0,5",
            "16 mouseMoved 9,9",
            "16 mousePressed 9,9 left x1",
            "16 mouseReleased 9,9 left x1",
            "32 mouseWheel 1,1 by 0,5",
        ]
    );
}

#[test]
fn a_double_click_waits_as_two_clicks() {
    for (before, sent) in [
        (limits::MAX_CLICKS - 2, Ok(())),
        (limits::MAX_CLICKS - 1, Err(Dropped::Clicks)),
    ] {
        let mut bench = Bench::new();
        for _ in 0..before {
            assert_eq!(bench.click(1, 1), Ok(()));
        }
        let double = bench.send(r#"{"type":"dblclick","x":900,"y":900}"#);
        assert_eq!(double, sent);
    }
}
