//! A hostile relay: what it says, and what it does to records.

use super::*;

const CONTROL: &str = r#"{"type":"x"}"#;

#[test]
fn messages_of_version_1_are_ignored_and_counted() {
    let mut bench = Bench::joined();
    for (count, text) in [
        r#"{"type":"pubkey","key":"BBBB"}"#,
        r#"{"type":"frame","deviceWidth":1,"deviceHeight":1,"offsetTop":0,"pageScaleFactor":1,"scrollOffsetX":0,"scrollOffsetY":0,"jpegSize":4}"#,
        r#"{"type":"notice","code":"x"}"#,
        r#"{"type":"encrypted","payload":{"iv":"","ciphertext":"","tag":""}}"#,
        r#"{"type":"session_resolved"}"#,
        r#"{"type":"session_cancelled"}"#,
        r#"{"type":"heartbeat"}"#,
        "nonsense",
        "",
    ]
    .into_iter()
    .enumerate()
    {
        bench.text(text);
        assert_eq!(bench.viewer.counters().ignored_texts, 1 + u64::try_from(count).expect("few"));
    }
    assert!(bench.told().is_empty() && bench.sent.is_empty() && bench.closes.is_empty());
    assert!(bench.viewer.takes_input());
}

#[test]
fn a_bare_jpeg_is_never_drawn_and_fatal() {
    let mut bench = Bench::joined();
    let mut jpeg = vec![0xFF, 0xD8, 0xFF, 0xE0];
    jpeg.resize(5_000, 0);
    bench.record(&jpeg);
    assert_eq!(bench.closes, [4400]);
    assert!(!bench.told().iter().any(|line| line.starts_with("frame")));
}

#[test]
fn a_relay_ends_a_session_only_as_timed_out_or_refused() {
    let mut bench = Bench::joined();
    bench.text(r#"{"type":"session_expired"}"#);
    assert_eq!(bench.ended(), Some(Ended::Refused(4410)));
}

#[test]
fn each_bit_flipped_is_fatal_or_of_no_epoch_but_the_hop_does_not_matter() {
    let mut record = Bench::joined().seal_control(CONTROL);
    for bit in 0..record.len() * 8 {
        let mut bench = Bench::joined();
        record[bit / 8] ^= 1 << (bit % 8);
        bench.record(&record);
        record[bit / 8] ^= 1 << (bit % 8);
        let (told, closes) = (bench.told(), &bench.closes[..]);
        match bit / 8 {
            2..4 => assert_eq!((&told[..], closes), (&["told x".into()][..], &[][..])),
            4..8 => assert_eq!((told.len(), closes), (0, &[][..]), "{bit}"),
            _ => assert_eq!((told.len(), closes), (1, &[4400][..]), "{bit}"),
        }
    }
}

#[test]
fn replayed_reordered_and_skipped_control_is_fatal() {
    for order in [&[0, 0][..], &[1], &[0, 2], &[0, 1, 0]] {
        let mut bench = Bench::joined();
        let records: Vec<_> = (0..3).map(|_| bench.seal_control(CONTROL)).collect();
        for place in order {
            bench.record(&records[*place]);
        }
        assert_eq!(bench.closes, [4400], "{order:?}");
        assert!(!bench.viewer.takes_input());
    }
}

#[test]
fn a_replayed_or_late_frame_is_fatal() {
    for order in [[0, 0], [1, 0]] {
        let mut bench = Bench::joined();
        let frames = [bench.seal_frame(b"one").1, bench.seal_frame(b"two").1];
        for place in order {
            bench.record(&frames[place]);
        }
        assert_eq!(bench.closes, [4400], "{order:?}");
    }
}

#[test]
fn its_own_records_reflected_are_fatal() {
    let mut bench = Bench::joined();
    bench.send(InputEvent::Back);
    bench.beat(None);
    for record in core::mem::take(&mut bench.sent) {
        let mut bench = Bench::joined();
        bench.record(&record);
        assert_eq!(bench.closes, [4400]);
    }
}

#[test]
fn another_sessions_records_are_fatal() {
    let mut other = Bench::joined();
    other.identity = AgentIdentity::generate(&mut other.random);
    other.viewer = viewer(&other.identity, &other.id, Acks::WhenTaken, None);
    other.drain();
    other.connect();
    other.text(AGENT_CONNECTED);
    other.numbers = Numbers::default();
    other.join();
    let foreign = other.seal_control(CONTROL);
    let mut bench = Bench::joined();
    bench.record(&foreign);
    assert_eq!(bench.closes, [4400]);
}

#[test]
fn an_oversized_record_is_fatal() {
    let mut bench = Bench::joined();
    let mut record = bench.seal_control(CONTROL);
    record.resize(80 * 1_024 + 1, 0);
    bench.record(&record);
    assert_eq!(bench.closes, [4400]);
}

#[test]
fn a_known_member_of_the_wrong_type_is_fatal() {
    for json in [
        r#"{"type":"heartbeat","last_frame":"0","got":0,"clock":0}"#,
        r#"{"type":"takeover","id":"7"}"#,
        r#"{"type":"ping","n":-1}"#,
    ] {
        let mut bench = Bench::joined();
        bench.control(json);
        assert_eq!(bench.closes, [4400], "{json}");
    }
}

#[test]
fn every_fatal_error_looks_alike_and_wipes_the_keys() {
    let mut bench = Bench::joined();
    let good = bench.seal_control(CONTROL);
    let mut forged = good.clone();
    let last = forged.len() - 1;
    forged[last] ^= 1;
    for bad in [forged, vec![], vec![1; 40], vec![2; 40]] {
        let mut bench = Bench::joined();
        bench.record(&bad);
        assert_eq!(bench.closes, [4400]);
        assert!(matches!(bench.events[..], [Event::Lost(_)]));
        bench.record(&good);
        assert_eq!(
            bench.viewer.counters().damages,
            1,
            "nobody listens any more"
        );
    }
}

#[test]
fn a_swapped_key_never_gets_an_answer_that_counts() {
    let mut bench = Bench::asking();
    // The relay answers as an agent of its own.
    let (_, record) = {
        let mut random = Generator::new(Seed::new([7; 32]));
        let false_agent = AgentIdentity::generate(&mut random);
        let hello = bench.sent.last().expect("a HELLO1");
        assert!(
            false_agent.read(&bench.id, hello).is_err(),
            "it can't even read it"
        );
        let mut other = Bench::asking();
        other.identity = false_agent;
        other.viewer = viewer(&other.identity, &other.id, Acks::WhenTaken, None);
        other.drain();
        other.connect();
        other.text(AGENT_CONNECTED);
        other.answer(None)
    };
    bench.record(&record);
    assert_eq!(bench.closes, [4400]);
}
