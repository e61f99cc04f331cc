//! What takes more than events has its turn among them, and what comes of a paste comes first.

use super::*;

impl Bench {
    fn errand(&mut self, errand: Errand) -> Result<(), Dropped> {
        let errand = Opened::for_test(errand);
        self.dispatcher
            .push_errand(Timestamp::from_millis(self.now), errand)
    }
}

#[test]
fn an_errand_holds_its_place_and_a_paste_after_it_comes_before_what_waits() {
    let mut bench = Bench::new();
    bench.key("keydown", "x", "", 0).expect("room");
    bench.errand(Errand::Paste("a\nb".into())).expect("room");
    bench.key("keydown", "y", "", 0).expect("room");
    bench.dispatcher.page_is_busy();
    for line in ["keyDown x/ 88 \"x\"", "keyUp x/ 88"] {
        assert_eq!(
            bench.pop().map(|action| show(&action)).as_deref(),
            Some(line)
        );
    }
    assert_eq!(bench.due(), [""; 0], "the page works on what came before");
    let now = Timestamp::from_millis(bench.now);
    bench.dispatcher.page_is_at_rest(now);
    assert_eq!(
        bench.pop().map(|action| show(&action)).as_deref(),
        Some("errand")
    );
    bench.dispatcher.paste_first("a\nb");
    bench.dispatcher.paste_first("\n");
    assert_eq!(
        bench.actions(),
        ["insertText \"a\\nb\"", "keyDown y/ 89 \"y\"", "keyUp y/ 89"]
    );
}

#[test]
fn errands_are_bounded_and_nothing_is_run_after_the_end() {
    let mut bench = Bench::new();
    let pushed: Vec<_> = (0..100).map(|_| bench.errand(Errand::Copy)).collect();
    let taken = pushed.iter().filter(|pushed| pushed.is_ok()).count();
    assert_eq!(taken, limits::MAX_PASTES);
    assert_eq!(pushed.last(), Some(&Err(Dropped::Paste)));
    bench.send(r#"{"type":"cancelled"}"#).expect("always taken");
    assert_eq!(bench.errand(Errand::Offer), Err(Dropped::Finished));
    assert_eq!(bench.actions(), ["cancelled"]);
}

#[test]
fn what_errands_hold_is_bounded_in_bytes() {
    let long = || String::from("x").repeat(10_000);
    let answer = |choice| Errand::Answer { sheet: 1, choice };
    for errand in [
        Errand::Paste(long()),
        answer(Choice::Value(long())),
        answer(Choice::Options([0; 10_000].into())),
    ] {
        let mut bench = Bench::new();
        let taken = (0..20).take_while(|_| bench.errand(errand.clone()).is_ok());
        assert_eq!(taken.count(), 6);
    }
}

#[test]
fn a_page_that_has_had_its_turn_is_typed_to_sooner() {
    let mut bench = Bench::new();
    bench.paste("42").expect("room");
    assert_eq!(bench.due().len(), 2);
    assert!(!bench.dispatcher.is_typing(), "it waits for its own pace");
    bench.dispatcher.page_is_busy();
    assert!(bench.dispatcher.is_typing());
    bench.wait(10);
    let now = Timestamp::from_millis(bench.now);
    bench.dispatcher.page_has_turned(now);
    assert_eq!(
        bench.drain(),
        ["20 keyDown 2/Digit2 50 \"2\"", "20 keyUp 2/Digit2 50"]
    );
}
