//! Frozen or live, heartbeats, sleep and hidden pages.

use super::*;

#[test]
fn each_heartbeat_is_answered_with_what_is_on_screen() {
    let mut bench = Bench::joined();
    bench.frame(b"jpeg");
    bench.read();
    bench.pass(2_000);
    bench.beat(Some(0));
    assert_eq!(
        bench.read(),
        [r#"control {"type":"heartbeat","last_frame":0,"hidden":false,"clock":3000}"#]
    );
}

#[test]
fn six_seconds_without_a_heartbeat_freeze_and_block_input() {
    let mut bench = Bench::joined();
    bench.read();
    bench.beat(None);
    bench.read();
    bench.pass(5_999);
    assert!(bench.told().is_empty() && bench.viewer.takes_input());
    bench.pass(1);
    assert_eq!(bench.told(), ["frozen Silent"]);
    bench.send(InputEvent::Back);
    assert_eq!(bench.told(), ["not sent 1"]);
    assert_eq!(bench.inputs(), [""; 0]);
}

#[test]
fn frozen_is_judged_at_each_input_too() {
    let mut bench = Bench::joined();
    // Nobody called at the deadlines between; the gap is too short to be a sleep.
    bench.pass(3_000);
    bench.forget();
    bench.now += 3_999;
    bench.send(InputEvent::Back);
    assert!(bench.inputs().is_empty());
    assert!(bench.told().contains(&"frozen Silent".into()));
}

#[test]
fn a_withheld_uplink_freezes() {
    let mut bench = Bench::joined();
    bench.send(InputEvent::Back);
    for second in 1..=3 {
        bench.pass(2_000);
        if second < 3 {
            assert_eq!(bench.told(), [""; 0]);
        }
        bench.beat(None);
    }
    assert_eq!(bench.told(), ["frozen Unheard"]);
    bench.echo();
    assert_eq!(bench.told(), ["thawed"]);
}

#[test]
fn withheld_pictures_freeze() {
    let mut bench = Bench::joined();
    let (_, first) = bench.seal_frame(b"one");
    let (last, second) = bench.seal_frame(b"two");
    for _ in 0..4 {
        bench.read();
        bench.beat(Some(last));
        bench.pass(1_500);
    }
    assert_eq!(bench.told(), ["frozen Picture"]);
    bench.record(&first);
    assert_eq!(bench.told(), ["frame 0"], "it isn't the newest");
    bench.record(&second);
    assert_eq!(bench.told(), ["frame 1"]);
    bench.echo();
    assert_eq!(bench.told(), ["thawed"]);
}

#[test]
fn what_began_a_doubt_does_not_end_it() {
    let mut bench = Bench::joined();
    bench.pass(6_000);
    bench.beat(None);
    assert_eq!(bench.told(), ["frozen Silent"]);
    bench.echo();
    assert_eq!(bench.told(), ["thawed"]);
}

#[test]
fn an_echo_that_is_late_ends_no_doubt_and_the_next_ping_is_another() {
    let mut bench = Bench::joined();
    bench.read();
    bench.pass(12_000);
    let pings = bench.read();
    assert_eq!(
        pings,
        [
            r#"control {"type":"ping","n":1}"#,
            r#"control {"type":"ping","n":2}"#
        ]
    );
    bench.control(r#"{"type":"ping","n":1}"#);
    bench.beat(None);
    assert_eq!(bench.told(), ["frozen Silent"]);
    bench.control(r#"{"type":"ping","n":2}"#);
    bench.beat(None);
    assert_eq!(bench.told(), ["thawed"]);
}

#[test]
fn delayed_heartbeats_never_thaw_what_is_unheard_of() {
    let mut bench = Bench::joined();
    bench.read();
    bench.beat(None);
    bench.read();
    bench.send(InputEvent::Back);
    // A relay keeps everything for a minute, then lets the agent's part through.
    let held: Vec<_> = (0..30).map(|_| bench.seal_beat(None)).collect();
    bench.pass(60_000);
    assert!(bench.told().contains(&"frozen Silent".into()));
    for beat in held {
        bench.record(&beat);
    }
    assert!(!bench.told().contains(&"thawed".into()));
    assert!(!bench.viewer.takes_input());
}

#[test]
fn after_a_sleep_only_the_agents_echo_unfreezes() {
    let mut bench = Bench::joined();
    bench.frame(b"before");
    bench.read();
    bench.forget();
    bench.now += 60_000;
    bench.beat(Some(0));
    assert_eq!(bench.told(), ["frozen Asleep"]);
    bench.frame(b"after");
    bench.send(InputEvent::Back);
    assert_eq!(bench.told(), ["not sent 1"], "no picture is shown");
    let said = bench.read();
    assert!(
        said.contains(&r#"control {"type":"ping","n":1}"#.into()),
        "{said:?}"
    );
    bench.control(r#"{"type":"ping","n":2}"#);
    assert_eq!(bench.told(), [""; 0], "not this one");
    bench.control(r#"{"type":"ping","n":1}"#);
    assert_eq!(bench.told(), [""; 0], "there may be a newer picture");
    bench.beat(Some(1));
    assert_eq!(bench.told(), ["thawed", "frame 1"]);
    assert!(bench.viewer.takes_input());
}

#[test]
fn a_clock_that_jumps_by_more_than_3_s_is_a_sleep_and_by_less_is_none() {
    for (jump, is_asleep) in [(3_000, false), (3_001, true)] {
        let mut bench = Bench::joined();
        bench.handle(Input::Tick);
        let pulse = u64::try_from(PULSE.as_millis()).expect("short");
        bench.now += pulse + jump;
        bench.handle(Input::Tick);
        let told = bench.told();
        assert_eq!(told == ["frozen Asleep"], is_asleep, "{jump}: {told:?}");
    }
}

#[test]
fn a_page_frozen_for_ten_minutes_asks_before_it_shows_anything() {
    let mut bench = Bench::joined();
    bench.frame(b"before");
    bench.read();
    bench.forget();
    bench.now += 590_000;
    bench.send(InputEvent::Back);
    assert_eq!(bench.told(), ["not sent 1", "frozen Asleep"]);
    assert_eq!(bench.read(), [r#"control {"type":"ping","n":1}"#]);
}

#[test]
fn a_ping_is_said_again_in_a_new_epoch() {
    let mut bench = Bench::joined();
    bench.request(Request::Woke);
    bench.lose(None);
    bench.sent.clear();
    bench.pass(250);
    bench.connect();
    bench.text(AGENT_CONNECTED);
    bench.accept(None);
    assert_eq!(bench.read(), [r#"control {"type":"ping","n":2}"#]);
    bench.beat(None);
    assert!(!bench.viewer.takes_input());
    bench.control(r#"{"type":"ping","n":2}"#);
    bench.beat(None);
    assert!(bench.viewer.takes_input());
}

#[test]
fn hiding_is_told_unasked_and_so_is_looking_again() {
    let mut bench = Bench::joined();
    bench.request(Request::Hide(true));
    bench.request(Request::Hide(true));
    assert_eq!(
        bench.read(),
        [r#"control {"type":"heartbeat","last_frame":null,"hidden":true,"clock":1000}"#]
    );
    let next = bench.deadline.expect("the session ends some time");
    assert!(next.as_millis() > bench.now + 60_000, "nothing freezes");
    bench.pass(14_000);
    assert_eq!(bench.told(), [""; 0], "nobody looks");
    bench.send(InputEvent::Back);
    assert_eq!(bench.told(), ["not sent 1"]);
    bench.request(Request::Hide(false));
    assert_eq!(bench.told(), ["frozen Asleep"]);
    assert_eq!(
        bench.read(),
        [
            r#"control {"type":"heartbeat","last_frame":null,"hidden":false,"clock":1000}"#,
            r#"control {"type":"ping","n":1}"#
        ]
    );
    bench.control(r#"{"type":"ping","n":1}"#);
    bench.frame(b"newest");
    assert_eq!(bench.told(), ["thawed", "frame 0"]);
}

#[test]
fn after_a_sleep_the_picture_of_before_is_not_shown_while_there_is_a_newer_one() {
    let mut bench = Bench::joined();
    bench.frame(b"before");
    bench.request(Request::Woke);
    bench.read();
    bench.control(r#"{"type":"ping","n":1}"#);
    let (newest, record) = bench.seal_frame(b"now");
    bench.beat(Some(newest));
    assert_eq!(bench.told(), ["frame 0", "frozen Asleep"]);
    bench.record(&record);
    assert_eq!(bench.told(), ["thawed", "frame 1"]);
}

#[test]
fn looking_again_acknowledges_the_newest_picture_at_once() {
    let mut bench = Bench::joined_with(Acks::WhenDrawn);
    bench.frame(b"one");
    bench.request(Request::Hide(true));
    bench.read();
    bench.request(Request::Hide(false));
    assert!(bench.read().contains(&"ack 0 0".into()));
}

#[test]
fn a_heartbeat_that_lies_about_what_it_got_is_fatal() {
    for got in [3, u64::MAX] {
        let mut bench = Bench::joined();
        bench.control(&format!(
            r#"{{"type":"heartbeat","last_frame":null,"got":{got},"clock":1}}"#
        ));
        assert_eq!(bench.closes, [4400], "{got}");
    }
    let mut bench = Bench::joined();
    bench.beat(None);
    bench.control(r#"{"type":"heartbeat","last_frame":null,"got":1,"clock":1}"#);
    assert_eq!(bench.closes, [4400], "it never decreases");
}
