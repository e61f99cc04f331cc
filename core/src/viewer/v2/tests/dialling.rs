//! Losing the socket, and dialling again.

use super::*;

#[test]
fn it_dials_at_once_and_says_nothing_before_it_is_open() {
    let mut bench = Bench::new();
    assert_eq!(bench.dialled, 1);
    bench.text(AGENT_CONNECTED);
    bench.record(&[2; 40]);
    assert!(bench.sent.is_empty() && bench.closes.is_empty());
}

#[test]
fn a_relay_that_answers_no_or_another_subprotocol_is_left() {
    for protocol in [None, Some(""), Some("authloop.v1")] {
        let mut bench = Bench::new();
        bench.handle(Input::Connected(protocol));
        assert_eq!(bench.closes, [1000]);
        assert_eq!(bench.ended(), Some(Ended::OtherProtocol));
    }
}

#[test]
fn a_lost_connection_is_dialled_again_and_resumed() {
    let mut bench = Bench::joined();
    bench.lose(Some(1012));
    assert!(matches!(bench.events[..], [Event::Lost(_)]));
    bench.pass(250);
    assert_eq!(bench.dialled, 1);
    bench.connect();
    bench.text(AGENT_CONNECTED);
    assert!(bench.hello().has_proof());
}

#[test]
fn an_answer_to_what_was_asked_on_another_socket_is_none() {
    let mut bench = Bench::asking();
    let (_, hello2) = bench.answer(None);
    bench.lose(None);
    bench.pass(8_000);
    bench.connect();
    bench.record(&hello2);
    assert!(bench.viewer.epochs.sending().is_none());
}

#[test]
fn only_damage_that_the_agent_tells_of_is_counted_as_such() {
    for (code, damages) in [(Some(4400), 1), (Some(1012), 0), (None, 0)] {
        let mut bench = Bench::joined();
        bench.lose(code);
        assert_eq!(bench.viewer.counters().damages, damages, "{code:?}");
    }
}

#[test]
fn a_dial_that_fails_is_tried_again() {
    let mut bench = Bench::new();
    for _ in 0..10 {
        bench.forget();
        bench.lose(None);
        bench.pass(8_000);
        assert_eq!(bench.dialled, 1);
    }
}

#[test]
fn those_who_were_lost_together_do_not_all_come_back_at_once() {
    let mut bench = Bench::new();
    let waits: Vec<_> = core::iter::repeat_with(|| {
        bench.lose(None);
        let until = bench.deadline.expect("it dials again");
        let wait = until.as_millis() - bench.now;
        bench.pass(8_000);
        wait
    })
    .skip(8)
    .take(8)
    .collect();
    assert!(waits.iter().all(|wait| (6_000..=8_000).contains(wait)));
    let (first, rest) = waits.split_first().expect("eight");
    assert!(rest.iter().any(|wait| wait != first), "{waits:?}");
}

#[test]
fn damage_is_dialled_again_three_times_in_thirty_seconds() {
    let mut bench = Bench::joined();
    for _ in 0..3 {
        bench.record(b"damaged");
        assert_eq!(bench.ended(), None);
        bench.pass(2_000);
        bench.connect();
        bench.text(AGENT_CONNECTED);
    }
    bench.record(b"damaged");
    assert_eq!(bench.closes, [4400; 4]);
    assert_eq!(bench.ended(), Some(Ended::Tampered));
    bench.forget();
    bench.pass(600_000);
    assert_eq!(bench.dialled, 0);
}

#[test]
fn a_challenger_sent_away_with_4403_comes_back_within_its_minute() {
    let mut bench = Bench::asking();
    bench.refuse(RefusalReason::Busy);
    let mut times = 0;
    while bench.ended().is_none() {
        times += 1;
        assert!(times < 100, "it never gives up");
        bench.lose(Some(4403));
        bench.pass(3_000);
        bench.connect();
    }
    assert_eq!((times, bench.ended()), (21, Some(Ended::Busy)));
}

#[test]
fn keys_are_renewed_after_an_hour_with_1000_and_no_close_record() {
    let mut bench = Bench::joined();
    // The session was made longer by the time the keys are old.
    bench.viewer.timers.clear(Timer::Expiry);
    bench.pass_alive(3_598);
    bench.pass(1_999);
    bench.forget();
    bench.pass(1);
    assert_eq!(bench.closes, [1000]);
    assert!(bench.sent.is_empty());
    assert_eq!(bench.dialled, 1, "at once");
}

#[test]
fn a_session_whose_time_is_over_long_since_ends_without_the_agents_word() {
    let mut bench = Bench::joined();
    bench.lose(None);
    for _ in 0..EXPIRES_IN / 10_000 + 2 {
        bench.pass(10_000);
        bench.lose(None);
    }
    assert_eq!(bench.ended(), None);
    bench.pass(20_000);
    assert_eq!(bench.ended(), Some(Ended::Expired));
    assert_eq!(bench.deadline, None);
}

#[test]
fn damage_is_told_by_its_code_even_when_the_session_is_over_by_then() {
    let mut bench = Bench::joined();
    bench.now += EXPIRES_IN + 60_000;
    bench.record(b"damaged");
    assert_eq!(bench.closes, [4400]);
    assert_eq!(bench.ended(), Some(Ended::Expired));
}

#[test]
fn what_ends_without_a_socket_closes_none() {
    let mut bench = Bench::joined();
    bench.lose(None);
    bench.now += EXPIRES_IN + 60_000;
    bench.handle(Input::Tick);
    assert_eq!(bench.ended(), Some(Ended::Expired));
    assert!(bench.closes.is_empty());
}

#[test]
fn what_it_shows_the_relay_is_the_token_alone() {
    let bench = Bench::new();
    let token = bench.identity.link().admission_token();
    let url = SessionUrl::new("https://relay.test", &bench.id).with(bench.identity.link());
    let config = Config {
        link: ViewerLink::parse(&url).expect("a link"),
        resume: None,
        acks: Acks::default(),
    };
    let mut viewer = Viewer::new(config, Seed::new([1; 32]), Timestamp::default());
    let Output::Connect(connect) = viewer.poll() else {
        panic!("it dials");
    };
    assert_eq!(connect.token.expose(), token.expose());
    assert_eq!(connect.max_message, 8 * 1_024 * 1_024);
}
