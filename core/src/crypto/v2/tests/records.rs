//! Records that were tampered with, repeated, held back, reflected or misplaced.

use alloc::vec;

use super::*;
use crate::wire::v2::{Ack, CloseReason, Direction, HEADER, Header, Kind, Malformed, TAG};

const CONTROL: &[u8] = br#"{"type":"x"}"#;

fn ack(frame: u64) -> Ack {
    Ack { frame, waiting: 0 }
}

/// One record of each kind the viewer seals.
fn from_viewer() -> [Vec<u8>; 4] {
    [
        |viewer: &mut ViewerEpoch| viewer.seal_input(NOW, b"{}"),
        |viewer: &mut ViewerEpoch| viewer.seal_control(NOW, CONTROL),
        |viewer: &mut ViewerEpoch| viewer.seal_ack(NOW, ack(0)),
        |viewer: &mut ViewerEpoch| viewer.seal_left(NOW),
    ]
    .map(|seal| seal(&mut ends(1, 1).0).expect("keyed"))
}

/// One record of each kind the agent seals.
fn from_agent() -> [Vec<u8>; 3] {
    [
        |agent: &mut AgentEpoch| {
            agent
                .seal_frame(NOW, picture(b"jpeg"))
                .map(|sealed| sealed.1)
        },
        |agent: &mut AgentEpoch| agent.seal_control(NOW, CONTROL),
        |agent: &mut AgentEpoch| agent.seal_close(NOW, CloseReason::Resolved),
    ]
    .map(|seal| seal(&mut ends(1, 1).1).expect("keyed"))
}

/// What an agent that just sent one frame says to a record, and whether it still has keys.
fn agent_says(record: &[u8]) -> (Option<OpenError>, bool) {
    let (_, mut agent) = ends(1, 1);
    agent.seal_frame(NOW, picture(b"jpeg")).expect("keyed");
    let why = agent.open(NOW, &mut record.to_vec()).err();
    (why, agent.is_live())
}

fn viewer_says(record: &[u8]) -> (Option<OpenError>, bool) {
    let (mut viewer, _) = ends(1, 1);
    let why = viewer.open(NOW, &mut record.to_vec()).err();
    (why, viewer.is_live())
}

type Says = fn(&[u8]) -> (Option<OpenError>, bool);

/// Every kind of record with the end it is for.
fn all() -> Vec<(Vec<u8>, Says)> {
    let (agent, viewer): (Says, Says) = (agent_says, viewer_says);
    let to_agent = from_viewer().map(|record| (record, agent));
    let to_viewer = from_agent().map(|record| (record, viewer));
    to_agent.into_iter().chain(to_viewer).collect()
}

fn fatal(fatal: impl Into<Fatal>) -> Option<OpenError> {
    Some(OpenError::Fatal(fatal.into()))
}

#[test]
fn each_header_bit_flipped_is_refused_but_the_hop_does_not_matter() {
    for (record, says) in all() {
        assert_eq!(says(&record), (None, true));
        for bit in 0..HEADER * 8 {
            let said = says(&flipped(&record, bit));
            match bit / 8 {
                2..4 => assert_eq!(said, (None, true), "{bit}"),
                4..8 => assert_eq!(said, (Some(OpenError::OtherEpoch), true), "{bit}"),
                _ => {
                    assert!(matches!(said, (Some(OpenError::Fatal(_)), false)), "{bit}");
                }
            }
        }
    }
}

#[test]
fn each_bit_of_ciphertext_and_tag_flipped_is_fatal() {
    for (record, says) in all() {
        for bit in HEADER * 8..record.len() * 8 {
            let said = says(&flipped(&record, bit));
            assert_eq!(said, (fatal(Fatal::Forged), false), "{bit}");
        }
    }
}

#[test]
fn a_record_cut_or_extended_is_fatal() {
    for (record, says) in all() {
        for length in 0..record.len() {
            let said = says(&record[..length]);
            assert!(matches!(said, (Some(OpenError::Fatal(_)), false)));
        }
        let said = says(&[&record[..], &[0]].concat());
        assert_eq!(said, (fatal(Fatal::Forged), false));
    }
}

#[test]
fn replayed_control_is_fatal() {
    for record in from_viewer() {
        let (_, mut agent) = ends(1, 1);
        agent.seal_frame(NOW, picture(b"jpeg")).expect("keyed");
        assert!(agent.open(NOW, &mut record.clone()).is_ok());
        let mut again = record.clone();
        assert_eq!(agent.open(NOW, &mut again).err(), fatal(Fatal::Order));
        assert!(!agent.is_live());
    }
    let [_, control, close] = from_agent();
    for record in [control, close] {
        let (mut viewer, _) = ends(1, 1);
        assert!(viewer.open(NOW, &mut record.clone()).is_ok());
        let mut again = record.clone();
        assert_eq!(viewer.open(NOW, &mut again).err(), fatal(Fatal::Order));
    }
}

#[test]
fn reordered_and_skipped_control_is_fatal() {
    let (mut viewer, mut agent) = ends(1, 1);
    viewer.seal_control(NOW, CONTROL).expect("keyed");
    let mut second = viewer.seal_input(NOW, b"{}").expect("keyed");
    let skipped = agent.open(NOW, &mut second);
    assert_eq!(skipped.err(), fatal(Fatal::Order));
    let (mut viewer, mut agent) = ends(1, 1);
    agent.seal_control(NOW, CONTROL).expect("keyed");
    let mut second = agent.seal_control(NOW, CONTROL).expect("keyed");
    let skipped = viewer.open(NOW, &mut second);
    assert_eq!(skipped.err(), fatal(Fatal::Order));
}

#[test]
fn missing_frames_are_counted_and_late_ones_fatal() {
    let (mut viewer, mut agent) = ends(1, 1);
    let mut frames: Vec<Vec<u8>> = (0..6)
        .map(|_| agent.seal_frame(NOW, picture(b"jpeg")).expect("keyed").1)
        .collect();
    for (place, missing) in [(0, 0), (1, 0), (4, 2)] {
        let mut frame = frames[place].clone();
        let opened = viewer.open(NOW, &mut frame).expect("good");
        let FromAgent::Frame(received) = opened.get() else {
            panic!("a frame");
        };
        assert_eq!(received.counter, u64::try_from(place).expect("small"));
        assert_eq!(received.missing, missing);
    }
    let late = viewer.open(NOW, &mut frames[3]);
    assert_eq!(late.err(), fatal(Fatal::Order));
    assert!(!viewer.is_live());
}

#[test]
fn a_replayed_frame_is_fatal() {
    let [frame, ..] = from_agent();
    let (mut viewer, _) = ends(1, 1);
    assert!(viewer.open(NOW, &mut frame.clone()).is_ok());
    let mut again = frame.clone();
    assert_eq!(viewer.open(NOW, &mut again).err(), fatal(Fatal::Order));
}

#[test]
fn a_reflected_record_is_fatal() {
    let [_, control, close] = from_agent();
    for record in [control, close] {
        assert_eq!(agent_says(&record), (fatal(Fatal::Forged), false));
    }
    let [_, control, _, left] = from_viewer();
    for record in [control, left] {
        assert_eq!(viewer_says(&record), (fatal(Fatal::Forged), false));
    }
    let [input, ..] = from_viewer();
    assert_eq!(viewer_says(&input), (fatal(Malformed::Kind), false));
    let [frame, ..] = from_agent();
    assert_eq!(agent_says(&frame), (fatal(Malformed::Kind), false));
}

#[test]
fn a_record_moved_to_another_stream_or_kind_is_fatal() {
    let kinds = [0x01, 0x02, 0x10, 0x11, 0x12, 0x13, 0x1F];
    for (record, says) in all() {
        for kind in kinds.into_iter().filter(|kind| *kind != record[1]) {
            let mut moved = record.clone();
            moved[1] = kind;
            let said = says(&moved);
            assert!(matches!(said, (Some(OpenError::Fatal(_)), false)), "{kind}");
        }
    }
}

#[test]
fn a_record_of_another_session_is_fatal() {
    let (mut viewer, _) = ends(1, 2);
    let record = viewer.seal_input(NOW, b"{}").expect("keyed");
    assert_eq!(agent_says(&record), (fatal(Fatal::Forged), false));
}

#[test]
fn a_record_of_an_old_epoch_is_dropped_and_nothing_else_happens() {
    let (mut old_viewer, mut old_agent) = ends(1, 1);
    let (mut viewer, mut agent) = ends(2, 1);
    let mut late = old_viewer.seal_input(NOW, b"{}").expect("keyed");
    assert_eq!(
        agent.open(NOW, &mut late).err(),
        Some(OpenError::OtherEpoch)
    );
    let mut late = old_agent.seal_control(NOW, CONTROL).expect("keyed");
    assert_eq!(
        viewer.open(NOW, &mut late).err(),
        Some(OpenError::OtherEpoch)
    );
    let mut next = viewer.seal_input(NOW, b"{}").expect("keyed");
    assert!(agent.open(NOW, &mut next).is_ok());
    let mut next = agent.seal_control(NOW, CONTROL).expect("keyed");
    assert!(viewer.open(NOW, &mut next).is_ok());
}

#[test]
fn an_oversized_record_is_refused_by_its_length_alone() {
    for (record, says) in all() {
        for length in [80 * 1_024 + 1, 8 * 1_024 * 1_024 + 1] {
            let mut long = record.clone();
            long.resize(length, 0);
            let fits = record[1] == 0x10 && length < 8 * 1_024 * 1_024;
            let why = if fits {
                Fatal::Forged
            } else {
                Malformed::Length.into()
            };
            assert_eq!(says(&long), (fatal(why), false));
        }
    }
}

#[test]
fn a_record_as_long_as_its_kind_may_be_is_sealed_and_opened() {
    let (mut viewer, mut agent) = ends(1, 1);
    let fill = 80 * 1_024 - HEADER - TAG - br#"{"type":""}"#.len();
    let longest = [&br#"{"type":""#[..], &vec![b'x'; fill], br#""}"#].concat();
    let mut record = viewer.seal_control(NOW, &longest).expect("not too long");
    assert_eq!(record.len(), 80 * 1_024);
    assert!(agent.open(NOW, &mut record).is_ok());
    let mut record = agent.seal_control(NOW, &longest).expect("not too long");
    assert!(viewer.open(NOW, &mut record).is_ok());
}

#[test]
fn nothing_is_sealed_that_the_other_end_would_refuse() {
    let (mut viewer, mut agent) = ends(1, 1);
    let malformed = |why| Some(SealError::Malformed(why));
    let long = [&br#"{"type":""#[..], &vec![b'x'; 80 * 1_024], br#""}"#].concat();
    assert_eq!(
        viewer.seal_control(NOW, &long).err(),
        malformed(Malformed::Length)
    );
    assert_eq!(
        agent.seal_control(NOW, &long).err(),
        malformed(Malformed::Length)
    );
    assert_eq!(
        viewer.seal_input(NOW, &vec![b'x'; 65_535]).err(),
        malformed(Malformed::Body)
    );
    for json in [&b"[]"[..], b"{}", b"x"] {
        assert_eq!(
            viewer.seal_control(NOW, json).err(),
            malformed(Malformed::Body)
        );
        assert_eq!(
            agent.seal_control(NOW, json).err(),
            malformed(Malformed::Body)
        );
    }
    let jpeg = vec![0; 8 * 1_024 * 1_024];
    assert_eq!(
        agent.seal_frame(NOW, picture(&jpeg)).err(),
        malformed(Malformed::Length)
    );
    let left = agent.seal_close(NOW, CloseReason::Left);
    assert_eq!(left.err(), malformed(Malformed::Body));
    let first = agent.seal_control(NOW, CONTROL).expect("still keyed");
    let header = Header::read(&first, Direction::ToViewer).expect("a record");
    assert_eq!((header.counter, viewer.sent()), (0, 0));
}

#[test]
fn a_frame_is_fatal_while_control_before_it_is_withheld() {
    let (mut viewer, mut agent) = ends(1, 1);
    let mut control = agent.seal_control(NOW, CONTROL).expect("keyed");
    let (_, mut after) = agent.seal_frame(NOW, picture(b"jpeg")).expect("keyed");
    assert!(viewer.open(NOW, &mut control).is_ok());
    assert!(viewer.open(NOW, &mut after).is_ok());
    agent.seal_control(NOW, CONTROL).expect("keyed");
    let (_, mut after) = agent.seal_frame(NOW, picture(b"jpeg")).expect("keyed");
    let withheld = viewer.open(NOW, &mut after);
    assert_eq!(withheld.err(), fatal(Fatal::Withheld));
    assert!(!viewer.is_live());
}

#[test]
fn control_may_overtake_a_frame() {
    let (mut viewer, mut agent) = ends(1, 1);
    let (_, mut frame) = agent.seal_frame(NOW, picture(b"jpeg")).expect("keyed");
    let mut control = agent.seal_control(NOW, CONTROL).expect("keyed");
    assert!(viewer.open(NOW, &mut control).is_ok());
    assert!(viewer.open(NOW, &mut frame).is_ok());
}

#[test]
fn an_acknowledgement_never_decreases_and_never_names_a_frame_not_sent() {
    let acknowledged = |frames: &[u64]| {
        let (mut viewer, mut agent) = ends(1, 1);
        for _ in 0..3 {
            agent.seal_frame(NOW, picture(b"jpeg")).expect("keyed");
        }
        frames.iter().try_for_each(|frame| {
            let mut record = viewer.seal_ack(NOW, ack(*frame)).expect("keyed");
            agent.open(NOW, &mut record).map(|_| ())
        })
    };
    assert_eq!(acknowledged(&[0, 0, 1, 2, 2]), Ok(()));
    for frames in [&[3][..], &[u64::MAX], &[1, 0], &[2, 1]] {
        assert_eq!(acknowledged(frames).err(), fatal(Fatal::Acknowledgement));
    }
    let (mut viewer, mut agent) = ends(1, 1);
    let mut record = viewer.seal_ack(NOW, ack(0)).expect("keyed");
    let early = agent.open(NOW, &mut record);
    assert_eq!(early.err(), fatal(Fatal::Acknowledgement));
}

#[test]
fn nobody_gives_a_reason_to_close_that_is_the_others() {
    use super::super::draft::Draft;
    let close = |reason: &str| Draft::of(alloc::format!(r#"{{"reason":"{reason}"}}"#).as_bytes());
    let secrets = || {
        let agreed = Agreed {
            hash: [1; 32],
            keys: Zeroizing::new([1; 64]),
        };
        EpochSecrets::derive(&agreed, 1, NOW)
    };
    for reason in ["resolved", "cancelled", "timeout", "error", "taken_over"] {
        let mut stream = secrets().control_to_agent;
        let record = stream.seal(NOW, Kind::Close, close(reason)).expect("keyed");
        assert_eq!(agent_says(&record), (fatal(Malformed::Body), false));
        let mut stream = secrets().control_to_viewer;
        let record = stream.seal(NOW, Kind::Close, close(reason)).expect("keyed");
        assert_eq!(viewer_says(&record), (None, true));
    }
    let mut stream = secrets().control_to_viewer;
    let record = stream.seal(NOW, Kind::Close, close("left")).expect("keyed");
    assert_eq!(viewer_says(&record), (fatal(Malformed::Body), false));
}

#[test]
fn an_epoch_that_is_over_seals_and_opens_nothing() {
    let (mut viewer, mut agent) = ends(1, 1);
    let mut input = viewer.seal_input(NOW, b"{}").expect("keyed");
    let mut control = agent.seal_control(NOW, CONTROL).expect("keyed");
    agent.seal_close(NOW, CloseReason::Timeout).expect("keyed");
    viewer.seal_left(NOW).expect("keyed");
    for _ in 0..2 {
        let (sealed, closed, frame) = (
            agent.seal_control(NOW, CONTROL),
            agent.seal_close(NOW, CloseReason::Timeout),
            agent.seal_frame(NOW, picture(b"jpeg")),
        );
        assert_eq!(sealed.err(), Some(SealError::Over));
        assert_eq!(closed.err(), Some(SealError::Over));
        assert_eq!(frame.err(), Some(SealError::Over));
        let (sealed, closed) = (viewer.seal_input(NOW, b"{}"), viewer.seal_left(NOW));
        assert_eq!(sealed.err(), Some(SealError::Over));
        assert_eq!(closed.err(), Some(SealError::Over));
        assert_eq!(agent.open(NOW, &mut input).err(), fatal(Fatal::Over));
        assert_eq!(viewer.open(NOW, &mut control).err(), fatal(Fatal::Over));
    }
    assert_eq!((agent.got(), viewer.sent()), (0, 0));
}

#[test]
fn keys_end_after_an_hour_at_both_ends() {
    let (mut viewer, mut agent) = ends(1, 1);
    let over = NOW + KEY_LIFETIME;
    assert_eq!((viewer.until(), agent.until()), (over, over));
    let mut input = viewer.seal_input(NOW, b"{}").expect("keyed");
    let mut control = agent.seal_control(NOW, CONTROL).expect("keyed");
    let sealed = viewer.seal_input(over, b"{}");
    assert_eq!(sealed.err(), Some(SealError::Exhausted));
    let sealed = agent.seal_frame(over, picture(b"jpeg"));
    assert_eq!(sealed.err(), Some(SealError::Exhausted));
    let opened = agent.open(over, &mut input);
    assert_eq!(opened.err(), Some(OpenError::Exhausted));
    let opened = viewer.open(over, &mut control);
    assert_eq!(opened.err(), Some(OpenError::Exhausted));
    assert!(!agent.is_live() && !viewer.is_live());
}

#[test]
fn a_frame_kept_from_an_old_epoch_is_sealed_anew() {
    let (_, mut old) = ends(1, 1);
    let (mut viewer, mut agent) = ends(2, 1);
    let kept = picture(b"jpeg");
    let (_, first) = old.seal_frame(NOW, kept.clone()).expect("keyed");
    let mut control = agent.seal_control(NOW, CONTROL).expect("keyed");
    let mut again = kept;
    again.mark_repeat();
    let (_, mut second) = agent.seal_frame(NOW, again).expect("keyed");
    assert_ne!(first[HEADER..], second[HEADER..]);
    assert!(viewer.open(NOW, &mut control).is_ok());
    let opened = viewer.open(NOW, &mut second).expect("good");
    let FromAgent::Frame(received) = opened.get() else {
        panic!("a frame");
    };
    assert!(received.frame.meta.repeat);
    assert_eq!(received.frame.ctl_next, 1);
    assert_eq!(received.frame.jpeg, b"jpeg");
}
