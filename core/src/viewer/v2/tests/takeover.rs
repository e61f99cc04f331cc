//! The questions about control, and how it ends.

use super::*;

#[test]
fn a_question_is_answered_once() {
    let mut bench = Bench::joined();
    bench.control(r#"{"type":"takeover","id":7}"#);
    assert_eq!(bench.told(), ["takeover 7"]);
    bench.request(Request::Answer(8, Answer::HandOver));
    assert_eq!(bench.read(), [""; 0], "nobody asked for 8");
    bench.request(Request::Answer(7, Answer::Keep));
    bench.request(Request::Answer(7, Answer::HandOver));
    assert_eq!(
        bench.read(),
        [r#"control {"type":"takeover","id":7,"answer":"keep"}"#]
    );
    bench.control(r#"{"type":"takeover","id":9}"#);
    bench.request(Request::Answer(9, Answer::HandOver));
    assert_eq!(
        bench.read(),
        [r#"control {"type":"takeover","id":9,"answer":"hand_over"}"#]
    );
}

#[test]
fn another_question_ends_the_one_before_and_the_same_one_does_not() {
    let mut bench = Bench::joined();
    for id in [7, 7, 9] {
        bench.control(&format!(r#"{{"type":"takeover","id":{id}}}"#));
    }
    assert_eq!(
        bench.told(),
        ["takeover 7", "takeover 7", "takeover 7 over", "takeover 9"]
    );
}

#[test]
fn a_question_is_over_after_a_minute_or_with_the_connection() {
    let mut bench = Bench::joined();
    bench.control(r#"{"type":"takeover","id":7}"#);
    bench.pass_alive(58);
    assert_eq!(bench.told(), ["takeover 7"]);
    bench.pass_alive(2);
    assert_eq!(bench.told(), ["takeover 7 over"]);
    bench.request(Request::Answer(7, Answer::HandOver));
    assert!(!bench.read().iter().any(|line| line.contains("takeover")));
    bench.control(r#"{"type":"takeover","id":8}"#);
    bench.lose(None);
    assert!(bench.told().contains(&"takeover 8 over".into()));
}

#[test]
fn a_viewer_that_was_taken_over_never_comes_back_by_itself() {
    let mut told = Bench::joined();
    told.close(CloseReason::TakenOver);
    let mut closed = Bench::joined();
    closed.lose(Some(4408));
    for bench in [&mut told, &mut closed] {
        bench.pass(600_000);
        assert_eq!(bench.ended(), Some(Ended::Closed(CloseReason::TakenOver)));
        assert_eq!(bench.dialled, 0);
        assert!(bench.viewer.resume_secret().is_none());
    }
}

#[test]
fn a_verified_close_ends_with_1000_and_what_follows_is_dropped() {
    for reason in [
        CloseReason::Resolved,
        CloseReason::Cancelled,
        CloseReason::Timeout,
        CloseReason::Error,
        CloseReason::TakenOver,
    ] {
        let mut bench = Bench::joined();
        let (_, frame) = bench.seal_frame(b"jpeg");
        bench.close(reason);
        bench.record(&frame);
        assert_eq!(bench.closes, [1000]);
        assert_eq!(bench.told(), [format!("ended Closed({reason:?})")]);
    }
}

#[test]
fn dropped_input_is_told() {
    let mut bench = Bench::joined();
    bench.control(r#"{"type":"dropped","kind":"click","why":"navigated"}"#);
    bench.control(r#"{"type":"dropped","kind":"paste","why":"stale"}"#);
    assert_eq!(
        bench.told(),
        ["dropped click Navigated", "dropped paste Stale"]
    );
}
