//! Pictures and their acknowledgements.

use super::*;
use crate::crypto::v2::FrameDraft;

fn id(counter: u64) -> FrameId {
    FrameId { epoch: 1, counter }
}

#[test]
fn a_picture_is_handed_out_as_it_was_sealed_and_acknowledged() {
    let mut bench = Bench::joined();
    bench.frame(b"a whole jpeg");
    let Some(Event::Frame(frame)) = bench.events.pop() else {
        panic!("a picture");
    };
    assert_eq!((&frame.jpeg[..], frame.meta), (&b"a whole jpeg"[..], META));
    assert_eq!(bench.read(), ["ack 0 0"]);
}

#[test]
fn a_picture_is_acknowledged_once_it_is_drawn() {
    let mut bench = Bench::joined_with(Acks::WhenDrawn);
    for _ in 0..3 {
        bench.frame(b"jpeg");
    }
    assert_eq!(bench.read(), [""; 0]);
    bench.request(Request::Drawn(id(1)));
    assert_eq!(bench.read(), ["ack 1 1"]);
    bench.request(Request::Drawn(id(0)));
    bench.request(Request::Drawn(id(1)));
    bench.request(Request::Drawn(id(3)));
    assert_eq!(bench.read(), [""; 0], "it never goes back, nor ahead");
    bench.request(Request::Undecodable(id(2)));
    assert_eq!(bench.read(), ["ack 2 0"]);
    bench.send(InputEvent::Back);
    assert_eq!(
        bench.read(),
        [r#"input {"type":"back","seen":1,"at":1000}"#]
    );
}

#[test]
fn a_picture_that_was_replaced_before_it_was_fetched_is_acknowledged() {
    let mut bench = Bench::joined_with(Acks::WhenDrawn);
    let now = Timestamp::from_millis(bench.now);
    for _ in 0..3 {
        let (_, record) = bench.seal_frame(b"jpeg");
        bench.viewer.handle(now, Input::Binary(record));
    }
    bench.drain();
    assert_eq!(bench.told(), ["frame 2"]);
    assert_eq!(bench.viewer.counters().skipped_frames, 2);
    assert_eq!(bench.read(), ["ack 1 1"]);
}

#[test]
fn a_gap_in_the_pictures_is_counted_and_nothing_else() {
    let mut bench = Bench::joined();
    bench.seal_frame(b"dropped");
    bench.seal_frame(b"dropped");
    bench.frame(b"jpeg");
    assert_eq!(bench.told(), ["frame 2"]);
    assert_eq!(bench.viewer.counters().missing_frames, 2);
}

#[test]
fn a_picture_of_keys_that_are_gone_is_not_acknowledged() {
    let mut bench = Bench::joined_with(Acks::WhenDrawn);
    bench.frame(b"jpeg");
    bench.text(AGENT_CONNECTED);
    bench.join();
    bench.request(Request::Drawn(id(0)));
    bench.send(InputEvent::Back);
    assert_eq!(
        bench.read(),
        [r#"input {"type":"back","at":1000}"#],
        "seen names pictures of this epoch only"
    );
}

#[test]
fn a_picture_is_believed_only_after_all_control_before_it() {
    let mut bench = Bench::joined();
    let withheld = bench.seal_control(r#"{"type":"url","url":"https://evil.example"}"#);
    let (_, record) = bench.seal_frame(b"jpeg");
    bench.record(&record);
    assert_eq!(bench.closes, [4400]);
    let told = bench.told();
    assert!(
        !told.iter().any(|line| line.starts_with("frame")),
        "{told:?}"
    );
    drop(withheld);
}

#[test]
fn control_may_overtake_pictures() {
    let mut bench = Bench::joined();
    let (_, record) = bench.seal_frame(b"jpeg");
    bench.control(r#"{"type":"url"}"#);
    bench.record(&record);
    assert_eq!(bench.told(), ["told url", "frame 0"]);
}

#[test]
fn a_whole_picture_costs_no_copy() {
    let mut bench = Bench::joined();
    let mut draft = FrameDraft::new(&META, 200_000).expect("finite");
    draft.push(&[7; 200_000]);
    let now = Timestamp::from_millis(bench.now);
    let agent = bench.agent.as_mut().expect("an epoch");
    let (_, record) = agent.seal_frame(now, draft).expect("keyed");
    let start = record.as_ptr().addr();
    bench.handle(Input::Binary(record));
    let Some(Event::Frame(frame)) = bench.events.pop() else {
        panic!("a picture");
    };
    assert_eq!(frame.jpeg.as_ptr().addr(), start + 16 + 2 + 36);
}
