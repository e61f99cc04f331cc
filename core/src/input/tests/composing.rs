//! Input methods: what is composed shows in the page, and what becomes of it takes its place.

use serde_json::json;

use super::*;

impl Bench {
    fn compose(&mut self, text: &str) -> Result<(), Dropped> {
        self.send_second(&json!({"type": "compose", "text": text}))
    }

    fn commit(&mut self, text: &str) -> Result<(), Dropped> {
        self.send_second(&json!({"type": "commit", "text": text}))
    }
}

#[test]
fn a_composition_shows_as_it_grows_and_becomes_its_text() {
    let mut bench = Bench::new();
    for text in ["n", "ni"] {
        assert_eq!(bench.compose(text), Ok(()));
        bench.wait(20);
        assert_eq!(bench.due().len(), 1);
    }
    let _ = bench.send_second(&json!({"type": "compose", "text": "你h", "start": 1, "end": 2}));
    assert_eq!(bench.actions(), ["compose \"你h\" 1..2"]);
    assert_eq!(bench.commit("你好"), Ok(()));
    assert_eq!(bench.actions(), ["insertText \"你好\""]);
    assert!(bench.dispatcher.release_all().is_empty());
}

#[test]
fn a_composition_that_comes_to_nothing_is_taken_back() {
    let mut bench = Bench::new();
    let _ = bench.compose("ni");
    let _ = bench.actions();
    assert_eq!(bench.commit(""), Ok(()));
    assert_eq!(bench.actions(), ["compose \"\" 0..0"]);
    assert!(bench.dispatcher.release_all().is_empty());
}

#[test]
fn one_that_nobody_ends_is_taken_back_when_the_viewer_goes() {
    let mut bench = Bench::new();
    let _ = bench.compose("ni");
    let _ = bench.actions();
    let released: Vec<_> = bench.dispatcher.release_all().iter().map(show).collect();
    assert_eq!(released, ["compose \"\" 0..0"]);
    // A key has the browser end it: then nothing is taken back.
    let _ = bench.compose("ni");
    let _ = bench.key("keypress", "a", "", 0);
    let _ = bench.actions();
    assert!(bench.dispatcher.release_all().is_empty());
}

#[test]
fn of_what_waits_only_the_newest_text_is_shown() {
    let mut bench = Bench::new();
    for length in 1..=200 {
        assert_eq!(bench.compose(&"n".repeat(length)), Ok(()));
    }
    assert_eq!(bench.commit("done"), Ok(()));
    let longest = "n".repeat(200);
    assert_eq!(
        bench.actions(),
        [
            format!("compose {longest:?} 200..200"),
            "insertText \"done\"".into()
        ]
    );
}

#[test]
fn line_ends_and_control_characters_never_submit_a_form() {
    let mut bench = Bench::new();
    assert_eq!(bench.commit("\r\n"), Ok(()));
    assert_eq!(bench.commit("a\u{7}b\n"), Ok(()));
    let _ = bench.send_second(&json!({"type": "compose", "text": "c\u{0}d", "start": 0, "end": 1}));
    assert_eq!(
        bench.actions(),
        [
            "compose \"\" 0..0",
            "insertText \"ab\"",
            "compose \"cd\" 2..2"
        ]
    );
}

#[test]
fn compositions_that_wait_are_bounded() {
    let mut bench = Bench::new();
    let refused = (0..1_000).find(|_| bench.compose("n").and(bench.commit("n")).is_err());
    assert!(refused.is_some());
}

#[test]
fn what_leaves_the_focus_where_it_is_does_not_end_a_composition() {
    let mut bench = Bench::new();
    let _ = bench.key("keydown", "Shift", "ShiftLeft", 8);
    let _ = bench.compose("ni");
    let _ = bench.actions();
    let _ = bench.key("keyup", "Shift", "ShiftLeft", 0);
    let _ = bench.send_second(&json!({"type": "mousemove", "x": 1, "y": 1}));
    let _ = bench.actions();
    let released: Vec<_> = bench.dispatcher.release_all().iter().map(show).collect();
    assert_eq!(released, ["compose \"\" 0..0"]);
}

#[test]
fn a_press_that_never_came_leaves_the_composition_to_be_taken_back() {
    let mut bench = Bench::new();
    let _ = bench.compose("ni");
    let _ = bench.actions();
    let down = json!({"type": "mousedown", "x": 9, "y": 9, "button": "left"});
    assert_eq!(bench.send_second(&down), Ok(()));
    assert_eq!(
        bench.pop().as_ref().map(show),
        Some("mouseMoved 9,9".into())
    );
    bench.dispatcher.clear();
    let released: Vec<_> = bench.dispatcher.release_all().iter().map(show).collect();
    assert_eq!(released, ["compose \"\" 0..0"]);
}
