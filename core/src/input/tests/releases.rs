//! Keys that go up without their keyup, and those that stay down.

use super::*;

#[test]
fn a_modifier_that_is_let_go_unasked_does_not_count_itself() {
    for (key, own) in [("Alt", 1), ("Control", 2), ("Shift", 8)] {
        let mut bench = Bench::new();
        assert_eq!(bench.key("keydown", key, "", own | 1 | 8), Ok(()));
        assert_eq!(bench.due().len(), 1);
        let released = bench.dispatcher.release_all();
        let modifiers: Vec<_> = released
            .iter()
            .map(|action| {
                let Action::Key(event) = action else {
                    unreachable!("only keys are down");
                };
                event.modifiers
            })
            .collect();
        assert_eq!(modifiers, [(own | 1 | 8) & !own], "{key}");
    }
    let mut mac = Bench::on(Platform::Mac);
    assert_eq!(mac.key("keydown", "Meta", "MetaLeft", 4 | 8), Ok(()));
    assert_eq!(mac.due(), ["rawKeyDown Meta/MetaLeft 91 +12"]);
    let released: Vec<_> = mac.dispatcher.release_all().iter().map(show).collect();
    assert_eq!(released, ["keyUp Meta/MetaLeft 91 +8"]);
}

#[test]
fn a_keydown_of_text_without_code_goes_up_at_once() {
    let mut bench = Bench::new();
    assert_eq!(bench.key("keydown", "x", "", 0), Ok(()));
    assert_eq!(bench.drain(), ["0 keyDown x/ 88 \"x\"", "0 keyUp x/ 88"]);
    assert_eq!(bench.key("keyup", "x", "", 0), Err(Dropped::NotDown));
}

#[test]
fn clearing_lets_a_held_key_be() {
    let mut bench = Bench::new();
    assert_eq!(bench.key("keydown", "Shift", "ShiftLeft", 8), Ok(()));
    assert_eq!(bench.due().len(), 1);
    bench.dispatcher.clear();
    assert_eq!(bench.actions(), [""; 0]);
    assert_eq!(bench.key("keyup", "Shift", "ShiftLeft", 0), Ok(()));
    assert_eq!(bench.actions(), ["keyUp Shift/ShiftLeft 16"]);
}

#[test]
fn a_key_pressed_while_a_pasted_one_is_down_is_not_taken_for_it() {
    let mut bench = Bench::new();
    assert_eq!(bench.paste("1"), Ok(()));
    assert!(bench.pop().is_some());
    assert_eq!(bench.key("keydown", "Shift", "ShiftLeft", 8), Ok(()));
    assert_eq!(
        bench.actions(),
        ["keyUp 1/Digit1 49", "rawKeyDown Shift/ShiftLeft 16 +8"]
    );
    assert_eq!(bench.key("keyup", "Shift", "ShiftLeft", 0), Ok(()));
    assert_eq!(bench.actions(), ["keyUp Shift/ShiftLeft 16"]);
}
