//! Keys that follow what moves the focus: Chromium has to know where it is before they go on.

use core::time::Duration;

use serde_json::json;

use super::*;
use crate::input::limits::{ANSWER_WAIT, CODE_PACE, FOCUS_PAUSE};

const LEAST: Duration = Duration::from_millis(1);

impl Bench {
    fn time(&self) -> Timestamp {
        Timestamp::from_millis(self.now)
    }

    fn pass(&mut self, time: Duration) {
        self.wait(time.as_millis().try_into().expect("short"));
    }

    /// What is due now goes to a page that is slow to answer.
    fn told(&mut self) -> Vec<String> {
        let told = self.due();
        self.dispatcher.page_is_busy();
        told
    }
}

type Does = fn(&mut Bench) -> Result<(), Dropped>;

/// Each moves the focus, and leaves nothing else to wait for.
const MOVES: [Does; 4] = [
    |bench| bench.click(5, 5),
    |bench| {
        let _ = bench.send_second(&json!({"type": "mousedown", "x": 5, "y": 5, "button": "left"}));
        bench.send_second(&json!({"type": "mouseup", "x": 5, "y": 5, "button": "left"}))
    },
    |bench| {
        let finger = json!([{"id": 0, "x": 5, "y": 5}]);
        let _ = bench.send_second(&json!({"type": "touch", "touches": finger}));
        bench.send_second(&json!({"type": "touch", "touches": []}))
    },
    |bench| bench.key("keypress", "Tab", "Tab", 0),
];

/// Each goes to what has the focus.
const INPUTS: [Does; 4] = [
    |bench| bench.key("keypress", "a", "KeyA", 0),
    |bench| bench.send_second(&json!({"type": "compose", "text": "n"})),
    |bench| bench.send_second(&json!({"type": "commit", "text": "你"})),
    |bench| bench.paste("a"),
];

#[test]
fn what_goes_to_the_focus_waits_until_the_page_has_answered_and_a_moment_longer() {
    for moves in MOVES {
        for input in INPUTS {
            let mut bench = Bench::new();
            assert_eq!(moves(&mut bench), Ok(()));
            let _ = bench.told();
            assert_eq!(input(&mut bench), Ok(()));
            bench.wait(20);
            assert_eq!(bench.due(), [""; 0], "nobody knows where the focus is");
            bench.dispatcher.page_is_at_rest(bench.time());
            bench.pass(FOCUS_PAUSE - LEAST);
            assert_eq!(bench.due(), [""; 0], "Chromium may not know yet");
            // A pasted code has a pace of its own.
            bench.pass(CODE_PACE);
            assert!(!bench.due().is_empty());
        }
    }
}

#[test]
fn a_page_that_never_answers_gets_its_keys_all_the_same() {
    for moves in MOVES {
        let mut bench = Bench::new();
        assert_eq!(moves(&mut bench), Ok(()));
        let _ = bench.told();
        let _ = bench.key("keypress", "a", "KeyA", 0);
        bench.pass(ANSWER_WAIT - LEAST);
        let _tab_goes_up = bench.due();
        bench.pass(LEAST);
        assert_eq!(bench.due().len(), 1);
    }
}

#[test]
fn keys_and_moves_never_wait_for_a_page_that_works_on_other_keys() {
    let mut bench = Bench::new();
    for key in ["a", "b", "c"] {
        let _ = bench.key("keypress", key, "", 0);
        bench.wait(10);
        assert!(!bench.told().is_empty());
    }
    let _ = bench.send_second(&json!({"type": "mousemove", "x": 5, "y": 5}));
    assert_eq!(bench.told(), ["mouseMoved 5,5"]);
}

#[test]
fn a_page_that_has_nothing_to_answer_is_not_waited_for() {
    for moves in MOVES {
        let mut bench = Bench::new();
        assert_eq!(moves(&mut bench), Ok(()));
        let _ = bench.due();
        let _ = bench.key("keypress", "a", "KeyA", 0);
        bench.wait(10);
        assert_eq!(bench.due().len(), 1);
    }
}
