//! Input: sent once, with what was seen and when, or not at all.

use super::*;
use crate::input::event::{Button, Point};

fn click() -> InputEvent {
    InputEvent::Click {
        at: Point { x: 1.0, y: 2.0 },
        button: Button::Left,
        click_count: None,
    }
}

#[test]
fn every_event_says_which_picture_was_seen_and_when() {
    let mut bench = Bench::joined();
    let counter = bench.frame(b"jpeg");
    assert_eq!(counter, 0);
    bench.pass(1_234);
    bench.send(click());
    assert_eq!(
        bench.inputs(),
        [r#"input {"type":"click","x":1.0,"y":2.0,"button":"left","seen":0,"at":2234}"#]
    );
}

#[test]
fn input_before_the_first_heartbeat_is_not_sent() {
    let mut bench = Bench::asking();
    bench.send(click());
    bench.accept(None);
    bench.send(click());
    bench.control(r#"{"type":"x"}"#);
    bench.send(click());
    assert_eq!(bench.inputs(), [""; 0]);
    assert_eq!(bench.viewer.counters().not_sent, 3);
}

#[test]
fn input_is_never_resent() {
    let mut bench = Bench::joined();
    bench.send(click());
    bench.lose(None);
    bench.send(click());
    bench.sent.clear();
    bench.pass(250);
    bench.connect();
    bench.text(AGENT_CONNECTED);
    bench.accept(None);
    bench.beat(None);
    assert_eq!(bench.inputs(), [""; 0]);
    assert!(bench.told().contains(&"not sent 1".into()));
}

#[test]
fn input_that_waits_when_the_keys_change_is_not_sent() {
    let mut bench = Bench::joined();
    bench.text(AGENT_CONNECTED);
    let (pending, hello2) = bench.answer(None);
    let now = Timestamp::from_millis(bench.now);
    let send = Input::Request(Request::Send(click()));
    bench.viewer.handle(now, send);
    bench.viewer.handle(now, Input::Binary(hello2));
    bench.drain();
    bench.confirm(pending);
    assert_eq!(bench.inputs(), [""; 0]);
    assert_eq!(bench.told(), ["agent here", "not sent 1"]);
}

#[test]
fn done_is_said_again_in_each_new_epoch_until_the_agent_closes() {
    let mut bench = Bench::joined();
    bench.send(InputEvent::Resolved);
    bench.send(InputEvent::Cancelled);
    bench.send(click());
    assert_eq!(bench.inputs(), [r#"input {"type":"resolved","at":1000}"#]);
    for epoch in 2..5 {
        bench.lose(None);
        bench.pass(8_000);
        bench.connect();
        bench.text(AGENT_CONNECTED);
        bench.accept(None);
        let inputs = bench.inputs();
        assert_eq!(inputs.len(), 1, "{epoch}: {inputs:?}");
        assert!(inputs[0].starts_with(r#"input {"type":"resolved""#));
        bench.beat(None);
    }
    bench.close(CloseReason::Resolved);
    assert_eq!(bench.closes, [1000]);
    assert_eq!(bench.ended(), Some(Ended::Closed(CloseReason::Resolved)));
}

#[test]
fn done_pressed_while_the_link_is_down_is_said_once_it_is_back() {
    let mut bench = Bench::joined();
    bench.lose(None);
    bench.send(InputEvent::Cancelled);
    bench.pass(250);
    bench.connect();
    bench.text(AGENT_CONNECTED);
    bench.accept(None);
    let inputs = bench.inputs();
    assert_eq!(inputs, [r#"input {"type":"cancelled","at":1250}"#]);
}

#[test]
fn leaving_says_so_and_ends() {
    let mut bench = Bench::joined();
    bench.request(Request::Leave);
    assert_eq!(bench.read(), ["left"]);
    assert_eq!(bench.closes, [1000]);
    assert_eq!(bench.ended(), Some(Ended::Closed(CloseReason::Left)));
    assert!(bench.viewer.resume_secret().is_none());
}

#[test]
fn leaving_before_ready_went_out_sends_both() {
    let mut bench = Bench::asking();
    let (pending, hello2) = bench.answer(None);
    let now = Timestamp::from_millis(bench.now);
    bench.viewer.handle(now, Input::Binary(hello2));
    bench.viewer.handle(now, Input::Request(Request::Leave));
    bench.drain();
    bench.confirm(pending);
    assert_eq!(bench.read(), ["left"]);
}

#[test]
fn no_input_is_taken_while_too_much_of_it_is_unheard_of() {
    let mut bench = Bench::joined();
    let mut sent = 0;
    while bench.viewer.takes_input() {
        bench.request(Request::Send(InputEvent::Back));
        sent += 1;
        assert!(sent <= 1_024, "without a bound");
    }
    assert!(sent > 1_000);
    bench.read();
    bench.beat(None);
    assert!(bench.viewer.takes_input());
}

#[test]
fn what_waits_for_a_slow_driver_is_bounded() {
    let mut bench = Bench::joined();
    let now = Timestamp::from_millis(bench.now);
    for _ in 0..5_000 {
        let send = Request::Send(InputEvent::Paste("x".repeat(1_000)));
        bench.viewer.handle(now, Input::Request(send));
        bench.viewer.handle(now, Input::Request(Request::Woke));
        bench.viewer.handle(now, Input::Text(AGENT_DISCONNECTED));
    }
    assert_eq!(bench.viewer.events.len(), MAX_WAITING_EVENTS);
    bench.drain();
    let bytes: usize = bench.sent.iter().map(Vec::len).sum();
    assert!(
        bench.sent.len() <= 256 && bytes <= 2 * 256 * 1_024,
        "{bytes}"
    );
    assert!(bench.events.len() <= MAX_WAITING_EVENTS + 2);
}

#[test]
fn after_the_end_nothing_moves() {
    let mut bench = Bench::joined();
    let record = bench.seal_control(r#"{"type":"x"}"#);
    bench.request(Request::Leave);
    bench.forget();
    bench.record(&record);
    bench.text(AGENT_CONNECTED);
    bench.send(click());
    bench.send(InputEvent::Resolved);
    bench.connect();
    bench.lose(None);
    bench.request(Request::Hide(true));
    bench.request(Request::Leave);
    bench.pass(600_000);
    assert_eq!(bench.deadline, None);
    assert!(bench.sent.is_empty() && bench.closes.is_empty() && bench.events.is_empty());
    assert_eq!(bench.dialled, 0);
}
