//! Handshakes: when they begin, which answers count, what refusals mean.

use super::*;

/// Tells whether a record is a HELLO1, and of which attempt.
fn attempt(record: &[u8]) -> Option<u8> {
    (record[1] == 1).then(|| record[15])
}

fn attempts(bench: &Bench) -> Vec<u8> {
    bench
        .sent
        .iter()
        .filter_map(|record| attempt(record))
        .collect()
}

#[test]
fn it_never_asks_before_the_agent_is_there_and_once_each_time_it_comes() {
    let mut bench = Bench::open();
    bench.pass(60_000);
    assert!(bench.sent.is_empty());
    bench.text(AGENT_CONNECTED);
    assert_eq!(attempts(&bench), [0]);
    bench.text(AGENT_DISCONNECTED);
    bench.pass(60_000);
    assert_eq!(attempts(&bench), [0], "nobody is there to be asked again");
    bench.text(AGENT_CONNECTED);
    assert_eq!(attempts(&bench), [0, 1]);
    let keys: Vec<_> = bench.sent.iter().map(|record| &record[16..81]).collect();
    assert_ne!(keys[0], keys[1], "an ephemeral key is never used twice");
}

#[test]
fn a_handshake_ends_in_control() {
    let mut bench = Bench::asking();
    bench.accept(None);
    assert_eq!(bench.told(), ["agent here"], "nothing is verified yet");
    assert!(!bench.viewer.takes_input());
    bench.beat(None);
    assert_eq!(bench.told(), ["secured 1 lost None"]);
    assert!(bench.viewer.takes_input());
    bench.send(InputEvent::Back);
    assert_eq!(
        bench.read(),
        [
            r#"control {"type":"heartbeat","last_frame":null,"hidden":false,"clock":1000}"#,
            r#"input {"type":"back","at":1000}"#
        ]
    );
}

#[test]
fn without_an_answer_it_asks_four_times_and_gives_up_with_1000() {
    let mut bench = Bench::asking();
    bench.pass(19_999);
    assert_eq!(attempts(&bench), [0, 1, 2, 3]);
    assert_eq!(bench.ended(), None);
    bench.pass(1);
    assert_eq!(bench.closes, [1000]);
    assert_eq!(bench.ended(), Some(Ended::Unanswered));
}

#[test]
fn without_the_first_record_it_asks_anew_too() {
    let mut bench = Bench::asking();
    bench.accept(None);
    bench.pass(4_999);
    assert!(bench.sent.is_empty());
    bench.pass(1);
    assert_eq!(attempts(&bench), [1]);
}

#[test]
fn the_first_record_of_an_epoch_still_counts_while_it_asks_anew() {
    let mut bench = Bench::asking();
    bench.accept(None);
    bench.pass(5_000);
    bench.beat(None);
    assert!(bench.viewer.takes_input());
    let hello = bench.sent.remove(0);
    bench.read();
    bench.sent = vec![hello];
    bench.accept(None);
    bench.beat(None);
    assert_eq!(
        bench.told(),
        ["agent here", "secured 1 lost None", "secured 2 lost None"]
    );
}

#[test]
fn a_late_hello2_of_an_older_attempt_is_dropped() {
    let mut bench = Bench::asking();
    let (_, late) = bench.answer(None);
    bench.pass(5_000);
    bench.record(&late);
    assert_eq!(bench.viewer.counters().outdated_answers, 1);
    assert!(bench.closes.is_empty());
    bench.accept(None);
    bench.record(&late);
    assert_eq!(bench.viewer.counters().outdated_answers, 2);
    bench.beat(None);
    assert!(bench.viewer.takes_input());
}

#[test]
fn a_hello2_that_is_not_awaited_is_fatal() {
    let mut bench = Bench::asking();
    let (pending, hello2) = bench.answer(None);
    bench.record(&hello2);
    bench.confirm(pending);
    bench.record(&hello2);
    assert_eq!(bench.closes, [4400], "the same answer again");

    let mut other = Bench::open();
    other.record(&hello2);
    assert_eq!(other.closes, [4400], "an answer to nobody");
}

#[test]
fn from_hello2_on_it_sends_in_the_new_epoch_and_reads_the_old_one_until_the_new_one_speaks() {
    let mut bench = Bench::joined();
    bench.text(AGENT_CONNECTED);
    let old = bench.agent.take();
    let (pending, hello2) = bench.answer(None);
    bench.record(&hello2);
    bench.confirm(pending);
    let new = core::mem::replace(&mut bench.agent, old);
    assert_eq!(bench.frame(b"old"), 0);
    assert_eq!(bench.told(), ["agent here", "frame 0"]);
    bench.send(InputEvent::Back);
    bench.agent = new;
    assert_eq!(
        bench.read(),
        [r#"input {"type":"back","at":1000}"#],
        "the picture seen is none of this epoch, and isn't acknowledged in it"
    );
    bench.beat(None);
    assert_eq!(bench.told(), ["secured 2 lost None"]);
}

#[test]
fn a_record_of_an_old_epoch_is_dropped_silently() {
    let mut bench = Bench::joined();
    bench.text(AGENT_CONNECTED);
    let old = bench.seal_control(r#"{"type":"x"}"#);
    bench.join();
    bench.record(&old);
    assert_eq!(bench.viewer.counters().other_epochs, 1);
    assert!(bench.told().is_empty() && bench.closes.is_empty());
}

#[test]
fn a_challenger_asks_every_three_seconds_for_a_minute() {
    let mut bench = Bench::asking();
    let mut asked = 0;
    while bench.ended().is_none() {
        asked += 1;
        assert!(asked < 100, "it never gives up");
        bench.refuse(RefusalReason::Busy);
        bench.pass(2_999);
        assert!(bench.sent.is_empty());
        bench.pass(1);
    }
    assert_eq!((asked, bench.now), (21, 1_000 + 63_000));
    assert_eq!(bench.closes, [1000]);
    assert_eq!(
        bench.told(),
        ["agent here", "busy until 61000", "ended Busy"]
    );
}

#[test]
fn a_challenger_that_gets_control_may_challenge_again_later() {
    let mut bench = Bench::asking();
    bench.refuse(RefusalReason::Busy);
    bench.pass(3_000);
    bench.join();
    assert!(bench.viewer.takes_input());
    bench.pass_alive(60);
    bench.text(AGENT_CONNECTED);
    bench.refuse(RefusalReason::Busy);
    assert_eq!(bench.told(), ["agent here", "busy until 124000"]);
}

#[test]
fn a_pin_is_asked_for_and_brought() {
    let mut bench = Bench::asking();
    bench.refuse(RefusalReason::Pin);
    bench.pass(60_000);
    assert!(bench.sent.is_empty(), "it waits for the human");
    for wrong in ["000000", "111111"] {
        bench.request(Request::Pin(Pin::parse(wrong).expect("digits")));
        let hello = bench.sent.last().expect("a HELLO1").clone();
        let hello = bench.identity.read(&bench.id, &hello).expect("good");
        assert_eq!(hello.pin().map(Pin::expose), Some(wrong));
        bench.refuse(RefusalReason::Pin);
    }
    assert_eq!(
        bench.told(),
        [
            "agent here",
            "pin, wrong false",
            "pin, wrong true",
            "pin, wrong true"
        ]
    );
    bench.text(AGENT_CONNECTED);
    assert!(bench.hello().pin().is_none(), "a wrong one is forgotten");
}

#[test]
fn a_pin_is_brought_until_the_new_keys_are_in_use() {
    let mut bench = Bench::asking();
    bench.request(Request::Pin(Pin::parse("123456").expect("digits")));
    assert_eq!(attempts(&bench), [0], "an answer is awaited");
    bench.refuse(RefusalReason::Pin);
    assert_eq!(attempts(&bench), [1], "it has one already");
    let (_, hello2) = bench.answer(None);
    bench.record(&hello2);
    bench.sent.clear();
    bench.lose(None);
    bench.pass(250);
    bench.connect();
    bench.text(AGENT_CONNECTED);
    let hello = bench.sent.last().expect("a HELLO1").clone();
    let hello = bench.identity.read(&bench.id, &hello).expect("good");
    assert!(hello.pin().is_some(), "READY may never have arrived");
    bench.join();
    bench.text(AGENT_CONNECTED);
    assert!(bench.hello().pin().is_none());
}

#[test]
fn a_viewer_without_proof_that_is_barred_ends() {
    let mut bench = Bench::asking();
    bench.refuse(RefusalReason::Closed);
    assert_eq!(bench.ended(), Some(Ended::Barred));
    assert_eq!(bench.closes, [1000]);
}

#[test]
fn it_resumes_with_the_secret_of_the_last_epoch_that_spoke() {
    let mut bench = Bench::joined();
    let first = bench.viewer.resume_secret().expect("one").clone();
    bench.text(AGENT_CONNECTED);
    let hello = bench.sent.last().expect("a HELLO1").clone();
    let hello = bench.identity.read(&bench.id, &hello).expect("good");
    assert!(hello.proves(&first));
    bench.accept(None);
    bench.pass(5_000);
    assert!(bench.hello().proves(&first), "the new epoch never spoke");
    bench.text(AGENT_CONNECTED);
    bench.join();
    bench.text(AGENT_CONNECTED);
    assert!(!bench.hello().proves(&first));
}

#[test]
fn a_viewer_without_a_secret_takes_the_first_one_with_ready() {
    let mut bench = Bench::asking();
    assert!(bench.viewer.resume_secret().is_none());
    bench.accept(None);
    let secret = bench.agent.take().expect("an epoch");
    bench.pass(5_000);
    assert!(bench.hello().proves(secret.resume_secret()));
}

#[test]
fn what_was_lost_is_told_exactly() {
    let mut bench = Bench::joined();
    for _ in 0..3 {
        bench.send(InputEvent::Back);
    }
    // READY, the heartbeat's answer and one event arrived.
    bench.lose(None);
    bench.pass(250);
    bench.connect();
    bench.text(AGENT_CONNECTED);
    bench.accept(Some((3, 1)));
    bench.beat(None);
    assert_eq!(bench.told().last().expect("one"), "secured 2 lost Some(2)");
}

#[test]
fn what_was_lost_is_told_after_an_epoch_in_which_nothing_was_heard() {
    let mut bench = Bench::joined();
    for _ in 0..3 {
        bench.send(InputEvent::Back);
    }
    for _ in 0..2 {
        bench.lose(None);
        bench.pass(8_000);
        bench.connect();
        bench.forget();
        bench.text(AGENT_CONNECTED);
        bench.accept(Some((3, 1)));
    }
    bench.beat(None);
    assert_eq!(bench.told().last().expect("one"), "secured 3 lost Some(2)");
}

#[test]
fn an_epoch_that_is_not_newer_than_the_last_is_damage() {
    let mut bench = Bench::joined();
    bench.lose(None);
    bench.pass(8_000);
    bench.connect();
    bench.forget();
    bench.numbers = Numbers::default();
    bench.text(AGENT_CONNECTED);
    let (_, hello2) = bench.answer(None);
    bench.record(&hello2);
    assert_eq!(bench.closes, [4400]);
}

#[test]
fn got_of_an_answer_never_exceeds_what_was_sent() {
    for (got, closes) in [(1, &[4400][..]), (2, &[]), (3, &[]), (4, &[4400])] {
        let mut bench = Bench::joined();
        // It hears that 2 were accepted, and sends the third.
        bench.beat(None);
        bench.forget();
        bench.text(AGENT_CONNECTED);
        let (_, hello2) = bench.answer(Some((got, 1)));
        bench.record(&hello2);
        assert_eq!(bench.closes, closes, "{got}");
    }
}
