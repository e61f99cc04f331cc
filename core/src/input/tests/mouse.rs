//! The mouse of version 2: drags, buttons, hovering, and what is let go of when nobody holds it.

use serde_json::json;

use super::*;
use crate::input::limits::{ANSWER_WAIT, MAX_MOVES, MAX_PRESSES, MAX_SCROLLS};

impl Bench {
    fn down(&mut self, x: i32, y: i32) -> Result<(), Dropped> {
        self.send_second(&json!({"type": "mousedown", "x": x, "y": y, "button": "left"}))
    }

    fn moves(&mut self, x: i32, y: i32) -> Result<(), Dropped> {
        self.send_second(&json!({"type": "mousemove", "x": x, "y": y}))
    }

    /// The page answers, or has had its time for that.
    fn wait_for_drag(&mut self, answers: bool) {
        let now = Timestamp::from_millis(self.now);
        assert_eq!(self.dispatcher.deadline(), Some(now + ANSWER_WAIT));
        if answers {
            self.dispatcher.page_is_at_rest(now);
            self.wait(10);
        } else {
            self.wait(500);
        }
    }

    fn up(&mut self, x: i32, y: i32) -> Result<(), Dropped> {
        self.send_second(&json!({"type": "mouseup", "x": x, "y": y, "button": "left"}))
    }
}

#[test]
fn a_drag_is_pressed_moved_and_released_with_its_button() {
    let mut bench = Bench::new();
    assert_eq!(bench.moves(5, 5), Ok(()));
    assert_eq!(bench.down(5, 5), Ok(()));
    assert_eq!(bench.moves(9, 5), Ok(()));
    assert_eq!(bench.up(12, -3), Ok(()));
    let told: Vec<_> = core::iter::from_fn(|| {
        bench.wait(10);
        Some(bench.next_json()).filter(|json| !json.is_null())
    })
    .take(MANY)
    .collect();
    assert_eq!(
        told,
        [
            json!({"type": "mouseMoved", "x": 5.0, "y": 5.0, "buttons": 0}),
            json!({
                "type": "mousePressed", "x": 5.0, "y": 5.0, "button": "left", "buttons": 1,
                "clickCount": 1, "force": 0.5
            }),
            json!({
                "type": "mouseMoved", "x": 5.5, "y": 5.0, "button": "left", "buttons": 1,
                "force": 0.5
            }),
            json!({
                "type": "mouseMoved", "x": 9.0, "y": 5.0, "button": "left", "buttons": 1,
                "force": 0.5
            }),
            json!({
                "type": "mouseReleased", "x": 12.0, "y": -3.0, "button": "left", "buttons": 0,
                "clickCount": 1
            }),
        ]
    );
    assert!(bench.dispatcher.is_idle());
}

#[test]
fn a_drag_goes_a_small_step_first_and_on_once_the_page_knows_or_has_had_its_time() {
    for answers in [true, false] {
        let mut bench = Bench::new();
        let _ = bench.moves(5, 5);
        let _ = bench.down(5, 5);
        let _ = bench.moves(9, 5);
        let _ = bench.moves(12, 5);
        let _ = bench.up(12, 5);
        assert_eq!(
            bench.due().len(),
            2,
            "there and pressed: moves keep their pace"
        );
        bench.dispatcher.page_is_busy();
        bench.wait(10);
        assert_eq!(bench.due(), ["mouseMoved 5.5,5 with 1"]);
        bench.wait_for_drag(answers);
        assert_eq!(bench.due(), ["mouseMoved 9,5 with 1"]);
        bench.dispatcher.page_is_busy();
        bench.wait(10);
        assert_eq!(
            bench.due(),
            ["mouseMoved 12,5 with 1"],
            "once it has begun it flows"
        );
        bench.wait_for_drag(answers);
        assert_eq!(bench.due(), ["mouseReleased 12,5 left x1"]);
    }
}

#[test]
fn what_begins_no_drag_of_the_pages_own_takes_no_step_first() {
    let mut bench = Bench::new();
    let _ = bench.down(5, 5);
    let _ = bench.up(5, 5);
    let _ = bench.moves(60, 60);
    assert_eq!(
        bench.actions().last().map(String::as_str),
        Some("mouseMoved 60,60"),
        "it hovers"
    );
}

#[test]
fn a_click_is_released_however_busy_the_page_is() {
    let mut bench = Bench::new();
    let _ = bench.down(5, 5);
    let _ = bench.up(5, 5);
    bench.dispatcher.page_is_busy();
    assert_eq!(bench.due().len(), 3);
}

#[test]
fn a_press_somewhere_else_moves_there_first() {
    let mut bench = Bench::new();
    let _ = bench.moves(5, 5);
    let _ = bench.down(60, 5);
    let _ = bench.up(60, 5);
    assert_eq!(
        bench.actions(),
        [
            "mouseMoved 5,5",
            "mouseMoved 60,5",
            "mousePressed 60,5 left x1",
            "mouseReleased 60,5 left x1",
        ]
    );
}

#[test]
fn of_hovering_only_the_newest_place_waits() {
    let mut bench = Bench::new();
    for x in 0..1_000 {
        assert_eq!(bench.moves(x, 1), Ok(()));
    }
    assert_eq!(bench.actions(), ["mouseMoved 999,1"]);
}

#[test]
fn a_drag_keeps_its_way_as_far_as_there_is_room_and_always_its_end() {
    let mut bench = Bench::new();
    let _ = bench.down(0, 0);
    for x in 1..=1_000 {
        assert_eq!(bench.moves(x, 0), Ok(()));
    }
    let _ = bench.up(1_000, 0);
    let actions = bench.actions();
    // Moved there, pressed, a first step, and released.
    assert_eq!(actions.len(), MAX_MOVES + 4);
    assert_eq!(
        actions.get(3).map(String::as_str),
        Some("mouseMoved 1,0 with 1")
    );
    assert_eq!(
        actions.iter().rev().take(2).collect::<Vec<_>>(),
        ["mouseReleased 1000,0 left x1", "mouseMoved 1000,0 with 1"]
    );
}

#[test]
fn moves_never_pass_a_press_or_a_release() {
    let mut bench = Bench::new();
    let _ = bench.moves(1, 1);
    let _ = bench.down(1, 1);
    let _ = bench.moves(2, 1);
    let _ = bench.up(2, 1);
    let _ = bench.moves(3, 1);
    let _ = bench.moves(4, 1);
    assert_eq!(
        bench.actions(),
        [
            "mouseMoved 1,1",
            "mousePressed 1,1 left x1",
            "mouseMoved 1.5,1 with 1",
            "mouseMoved 2,1 with 1",
            "mouseReleased 2,1 left x1",
            "mouseMoved 4,1",
        ]
    );
}

#[test]
fn buttons_say_which_are_down_when_two_are() {
    let mut bench = Bench::new();
    let _ = bench.down(1, 1);
    let _ = bench.send_second(&json!({"type": "mousedown", "x": 1, "y": 1, "button": "right"}));
    let _ = bench.up(1, 1);
    let _ = bench.moves(2, 2);
    let _ = bench.send_second(&json!({"type": "mouseup", "x": 2, "y": 2, "button": "right"}));
    let mut masks = Vec::new();
    loop {
        let told = bench.next_json();
        if told.is_null() {
            break;
        }
        masks.push((member(&told, "button"), member(&told, "buttons")));
        bench.wait(10);
    }
    assert_eq!(
        masks,
        [
            (json!(null), json!(0)),
            (json!("left"), json!(1)),
            (json!("right"), json!(3)),
            (json!("left"), json!(2)),
            (json!("right"), json!(2)),
            (json!("right"), json!(0)),
        ]
    );
}

#[test]
fn the_viewer_counts_clicks_by_its_own_clock() {
    let mut bench = Bench::new();
    for count in [1, 2, 3, 1] {
        let _ = bench.send_second(&json!({
            "type": "mousedown", "x": 7, "y": 7, "button": "left", "clickCount": count
        }));
        let _ = bench.up(7, 7);
    }
    let counts: Vec<_> = bench
        .actions()
        .into_iter()
        .filter(|line| line.starts_with("mouse") && !line.starts_with("mouseMoved"))
        .collect();
    assert_eq!(
        counts,
        [1, 1, 2, 2, 3, 3, 1, 1]
            .iter()
            .zip(["Pressed", "Released"].iter().cycle())
            .map(|(count, what)| format!("mouse{what} 7,7 left x{count}"))
            .collect::<Vec<_>>()
    );
}

#[test]
fn modifiers_go_with_moves_presses_and_the_wheel_by_the_browsers_platform() {
    let mut bench = Bench::new();
    let held = |kind: &str| json!({"type": kind, "x": 1, "y": 1, "button": "left", "modifiers": 4, "deltaX": 30});
    for kind in ["mousedown", "mousemove", "mouseup", "scroll"] {
        assert_eq!(bench.send_second(&held(kind)), Ok(()));
    }
    assert_eq!(
        bench.actions(),
        [
            "mouseMoved 1,1 +2",
            "mousePressed 1,1 left x1 +2",
            "mouseMoved 1,1 with 1 +2",
            "mouseReleased 1,1 left x1 +2",
            "mouseWheel 1,1 by 30,0 +2",
        ]
    );
}

#[test]
fn a_button_pressed_twice_is_released_between() {
    let mut bench = Bench::new();
    let _ = bench.down(1, 1);
    let _ = bench.down(2, 2);
    let _ = bench.up(2, 2);
    assert_eq!(bench.up(2, 2), Err(Dropped::NotDown));
    assert_eq!(
        bench.actions(),
        [
            "mouseMoved 1,1",
            "mousePressed 1,1 left x1",
            "mouseReleased 1,1 left x1",
            "mouseMoved 2,2",
            "mousePressed 2,2 left x2",
            "mouseReleased 2,2 left x2",
        ]
    );
}

#[test]
fn what_is_held_goes_up_when_the_viewer_says_so_and_when_it_is_gone() {
    let mut bench = Bench::new();
    let _ = bench.key("keydown", "Shift", "ShiftLeft", 8);
    let _ = bench.down(3, 3);
    let _ = bench.send_second(&json!({"type": "release_all"}));
    assert_eq!(
        bench.actions(),
        [
            "rawKeyDown Shift/ShiftLeft 16 +8",
            "mouseMoved 3,3",
            "mousePressed 3,3 left x1",
            "mouseReleased 3,3 left x1",
            "keyUp Shift/ShiftLeft 16",
        ]
    );
    let _ = bench.down(40, 4);
    let _ = bench.actions();
    let released: Vec<_> = bench.dispatcher.release_all().iter().map(show).collect();
    assert_eq!(released, ["mouseReleased 40,4 left x1"]);
    assert_eq!(bench.up(40, 4), Err(Dropped::NotDown));
    assert!(bench.dispatcher.is_idle());
}

#[test]
fn giving_up_lets_a_drag_go_and_forgets_the_rest() {
    let mut bench = Bench::new();
    let _ = bench.down(3, 3);
    assert_eq!(bench.due().len(), 2);
    let _ = bench.moves(9, 9);
    let _ = bench.up(9, 9);
    bench.dispatcher.clear();
    assert_eq!(bench.actions(), ["mouseReleased 3,3 left x1"]);
}

#[test]
fn presses_and_moves_are_bounded_and_a_release_is_never_refused() {
    let mut bench = Bench::new();
    for _ in 0..MAX_PRESSES {
        assert_eq!(bench.down(1, 1), Ok(()));
    }
    assert_eq!(bench.down(1, 1), Err(Dropped::Pointer));
    assert_eq!(bench.up(1, 1), Ok(()));
    for _ in 0..MAX_MOVES {
        assert_eq!(bench.moves(1, 1), Ok(()));
        let _ = bench.key("keypress", "a", "", 0);
    }
    assert_eq!(bench.moves(1, 1), Err(Dropped::Pointer));
}

#[test]
fn the_buttons_of_the_viewer_before_go_up_and_no_other() {
    let mut bench = Bench::new();
    for button in ["right", "middle"] {
        let event = json!({"type": "mousedown", "x": 1, "y": 1, "button": button});
        assert_eq!(bench.send_second(&event), Ok(()));
    }
    let _ = bench.due();
    bench.dispatcher.change_hands();
    assert_eq!(
        bench.actions(),
        ["mouseReleased 1,1 right x1", "mouseReleased 1,1 middle x1"]
    );
    let late = json!({"type": "mouseup", "x": 1, "y": 1, "button": "right"});
    assert_eq!(bench.send_second(&late), Err(Dropped::NotDown));
}

#[test]
fn a_press_that_waits_is_held_on_when_all_is_released() {
    let mut bench = Bench::new();
    assert_eq!(bench.down(3, 3), Ok(()));
    assert!(bench.dispatcher.release_all().is_empty());
    assert_eq!(bench.up(3, 3), Ok(()));
}

#[test]
fn a_release_that_waits_for_a_button_that_is_up_has_nothing_left_to_do() {
    let mut bench = Bench::new();
    let _ = bench.down(3, 3);
    assert_eq!(bench.due().len(), 2);
    assert_eq!(bench.up(3, 3), Ok(()));
    assert_eq!(bench.dispatcher.release_all().len(), 1);
    assert!(bench.dispatcher.is_idle());
}

#[test]
fn each_button_goes_up_with_the_count_it_went_down_with() {
    let mut bench = Bench::new();
    for (button, count) in [("left", 3), ("right", 1), ("middle", 2)] {
        let event =
            json!({"type": "mousedown", "x": 1, "y": 1, "button": button, "clickCount": count});
        assert_eq!(bench.send_second(&event), Ok(()));
    }
    let _ = bench.due();
    let released: Vec<_> = bench.dispatcher.release_all().iter().map(show).collect();
    assert_eq!(
        released,
        [
            "mouseReleased 1,1 left x3",
            "mouseReleased 1,1 right x1",
            "mouseReleased 1,1 middle x2",
        ]
    );
}

#[test]
fn presses_and_moves_that_were_made_leave_room_for_as_many_again() {
    let mut bench = Bench::new();
    for _ in 0..3 {
        for _ in 0..MAX_PRESSES {
            assert_eq!(bench.down(1, 1), Ok(()));
        }
        let _ = bench.actions();
        for x in 0..1_000 {
            assert_eq!(bench.moves(x, 1), Ok(()));
        }
        // It begins where it was pressed, and takes a first step from there.
        assert_eq!(bench.actions().len(), MAX_MOVES + 1);
    }
}

#[test]
fn moves_with_a_button_that_found_no_room_are_dropped_with_it() {
    let mut bench = Bench::new();
    for _ in 0..MAX_PRESSES {
        assert_eq!(bench.down(1, 1), Ok(()));
        assert_eq!(bench.up(1, 1), Ok(()));
    }
    assert_eq!(bench.down(5, 5), Err(Dropped::Pointer));
    let _ = bench.actions();
    assert_eq!(bench.moves(9, 9), Err(Dropped::Pointer));
    assert_eq!(bench.up(9, 9), Err(Dropped::NotDown));
    assert_eq!(bench.moves(12, 12), Ok(()));
    assert_eq!(bench.actions(), ["mouseMoved 12,12"]);
    assert_eq!(bench.dispatcher.dropped().pointer, 2);
}

#[test]
fn turns_of_the_wheel_that_cannot_be_added_up_are_bounded() {
    let mut bench = Bench::new();
    for _ in 0..2 {
        let mut turn = |modifiers: usize| {
            let json =
                json!({"type": "scroll", "x": 1, "y": 1, "deltaY": 1, "modifiers": modifiers});
            bench.send_second(&json)
        };
        for number in 0..MAX_SCROLLS {
            assert_eq!(turn(number % 2), Ok(()));
        }
        assert_eq!(turn(0), Err(Dropped::Pointer));
        assert_eq!(turn(1), Ok(()), "it is added to the last");
        assert_eq!(bench.actions().len(), MAX_SCROLLS, "which makes room again");
    }
}
