//! Fingers on a page that is touched: what changed is told, in order, and nothing stays down.

use serde_json::{Value, json};

use super::*;
use crate::input::limits::{MAX_MOVES, MAX_PRESSES};

impl Bench {
    /// These fingers are down, by number and x.
    fn touch(&mut self, fingers: &[(u8, i32)]) -> Result<(), Dropped> {
        let touches: Vec<Value> = fingers
            .iter()
            .map(|(id, x)| json!({"id": id, "x": x, "y": 5}))
            .collect();
        self.send_second(&json!({"type": "touch", "touches": touches}))
    }
}

#[test]
fn a_tap_is_a_start_and_an_end() {
    let mut bench = Bench::new();
    assert_eq!(bench.touch(&[(0, 10)]), Ok(()));
    assert_eq!(bench.touch(&[]), Ok(()));
    assert_eq!(bench.touch(&[]), Err(Dropped::NotDown));
    assert_eq!(
        [bench.next_json(), bench.next_json()],
        [
            json!({"type": "touchStart", "touchPoints": [{"id": 0, "x": 10.0, "y": 5.0}]}),
            json!({"type": "touchEnd", "touchPoints": [{"id": 0, "x": 10.0, "y": 5.0}]}),
        ]
    );
    assert!(bench.dispatcher.is_idle());
}

#[test]
fn each_finger_that_comes_moves_or_goes_is_told_once() {
    let mut bench = Bench::new();
    for fingers in [
        &[(0, 10)][..],
        &[(0, 10), (1, 50)],
        &[(0, 20), (1, 50)],
        &[(1, 60)],
        &[(1, 60), (2, 90)],
        &[],
    ] {
        assert_eq!(bench.touch(fingers), Ok(()));
    }
    assert_eq!(
        bench.actions(),
        [
            "touchStart 0:10,5",
            "touchStart 1:50,5",
            "touchMove 0:20,5",
            "touchEnd 0:20,5",
            "touchMove 1:60,5",
            "touchStart 2:90,5",
            "touchEnd 1:60,5 2:90,5",
        ]
    );
}

#[test]
fn moves_beyond_the_room_end_where_the_finger_is() {
    let mut bench = Bench::new();
    let _ = bench.touch(&[(0, 0)]);
    for x in 1..1_000 {
        assert_eq!(bench.touch(&[(0, x)]), Ok(()));
    }
    let _ = bench.touch(&[]);
    let actions = bench.actions();
    assert_eq!(actions.len(), MAX_MOVES + 2);
    assert_eq!(
        actions.iter().rev().take(2).collect::<Vec<_>>(),
        ["touchEnd 0:999,5", "touchMove 0:999,5"]
    );
}

#[test]
fn fingers_are_taken_away_when_the_system_or_the_viewer_does() {
    let mut bench = Bench::new();
    let _ = bench.touch(&[(0, 1), (1, 2)]);
    assert_eq!(bench.send_second(&json!({"type": "touchcancel"})), Ok(()));
    assert_eq!(
        bench.send_second(&json!({"type": "touchcancel"})),
        Err(Dropped::NotDown)
    );
    let _ = bench.touch(&[(0, 1)]);
    let _ = bench.send_second(&json!({"type": "release_all"}));
    assert_eq!(
        bench.actions(),
        [
            "touchStart 0:1,5 1:2,5",
            "touchCancel",
            "touchStart 0:1,5",
            "touchCancel"
        ]
    );
    let _ = bench.touch(&[(0, 1)]);
    let _ = bench.due();
    let released: Vec<_> = bench.dispatcher.release_all().iter().map(show).collect();
    assert_eq!(released, ["touchCancel"]);
    // The finger that is still on the glass begins anew.
    let _ = bench.touch(&[(0, 7)]);
    assert_eq!(bench.due(), ["touchStart 0:7,5"]);
}

#[test]
fn fingers_lie_where_the_picture_shows_the_page() {
    let mut bench = Bench::new();
    bench.dispatcher.set_geometry(Geometry {
        offset_top: 1.0,
        page_scale_factor: 2.0,
    });
    let _ = bench.touch(&[(3, 100)]);
    assert_eq!(bench.due(), ["touchStart 3:50,2"]);
}

#[test]
fn fingers_that_come_and_moves_are_bounded_and_lifting_is_never_refused() {
    let mut bench = Bench::new();
    let _ = bench.send_second(&json!({"type": "mousedown", "x": 1, "y": 1}));
    for _ in 1..MAX_PRESSES / 2 {
        assert_eq!(bench.touch(&[(0, 1)]), Ok(()));
        assert_eq!(bench.touch(&[]), Ok(()));
    }
    assert_eq!(bench.touch(&[(0, 1)]), Ok(()));
    assert_eq!(bench.touch(&[(0, 1), (1, 2)]), Err(Dropped::Pointer));
    assert_eq!(bench.touch(&[]), Ok(()));
    assert_eq!(bench.touch(&[(0, 1)]), Err(Dropped::Pointer));

    let mut bench = Bench::new();
    let _ = bench.touch(&[(0, 0)]);
    let mut taken = 0;
    while bench.touch(&[(0, taken + 1)]).is_ok() {
        taken += 1;
        assert!(taken <= 64, "without a bound");
        // What waits behind a move keeps the next one from taking its place.
        let _ = bench.key("keypress", "a", "", 0);
    }
    assert_eq!(taken, 64);
}

#[test]
fn a_touch_that_waits_keeps_its_finger_when_all_is_released() {
    let mut bench = Bench::new();
    let _ = bench.touch(&[(0, 1)]);
    assert!(bench.dispatcher.release_all().is_empty());
    assert_eq!(bench.touch(&[]), Ok(()));
    assert_eq!(bench.actions(), ["touchStart 0:1,5", "touchEnd 0:1,5"]);
}

#[test]
fn giving_up_takes_the_fingers_away_and_forgets_the_rest() {
    let mut bench = Bench::new();
    let _ = bench.touch(&[(0, 1)]);
    assert_eq!(bench.due().len(), 1);
    let _ = bench.touch(&[(0, 9)]);
    bench.dispatcher.clear();
    assert_eq!(bench.actions(), ["touchCancel"]);
    assert_eq!(bench.touch(&[]), Err(Dropped::NotDown));
}

#[test]
fn fingers_after_a_first_that_found_no_room_are_dropped_with_it() {
    let mut bench = Bench::new();
    for _ in 0..MAX_PRESSES / 2 {
        assert_eq!(bench.touch(&[(0, 1)]), Ok(()));
        assert_eq!(bench.touch(&[]), Ok(()));
    }
    assert_eq!(bench.touch(&[(1, 5)]), Err(Dropped::Pointer));
    let _ = bench.actions();
    // There is room again, but this finger would begin somewhere else.
    assert_eq!(bench.touch(&[(1, 50)]), Err(Dropped::Pointer));
    assert_eq!(bench.touch(&[(1, 50), (2, 9)]), Err(Dropped::Pointer));
    assert_eq!(bench.touch(&[]), Err(Dropped::NotDown));
    assert_eq!(bench.dispatcher.dropped().pointer, 3);
    assert_eq!(bench.touch(&[(1, 50)]), Ok(()));
    assert_eq!(bench.actions(), ["touchStart 1:50,5"]);
}

#[test]
fn a_finger_that_comes_while_others_are_taken_away_begins_anew() {
    let mut bench = Bench::new();
    let _ = bench.touch(&[(0, 5)]);
    let _ = bench.due();
    bench.dispatcher.clear();
    assert_eq!(bench.touch(&[(0, 5)]), Ok(()));
    assert_eq!(bench.actions(), ["touchCancel", "touchStart 0:5,5"]);
}
