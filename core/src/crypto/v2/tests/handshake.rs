//! Handshakes that were tampered with, misdirected or repeated.

use super::{
    super::{
        error::SealError,
        keys::{KeyPair, POINT},
        link::LinkSecret,
        noise::Symmetric,
    },
    *,
};
use crate::{
    secret::Pin,
    wire::v2::{HEADER, Header, Hello2, Kind, MAX_HELLO, Malformed, RefusalReason},
};

/// Makes a HELLO1 with any payload.
fn hello1_of(session: &mut Session, payload: &[u8]) -> Vec<u8> {
    let header = Header {
        kind: Kind::Hello1,
        chan: 0,
        epoch: 0,
        counter: 0,
    };
    let pair = KeyPair::generate(&mut session.generator);
    let link = session.identity.link();
    let mut symmetric = Symmetric::new(&session.id, link.agent, &link.secret.psk());
    let point = pair.public().to_bytes();
    symmetric.mix_ephemeral(&point);
    let key = symmetric.mix_shared(&pair.agree(link.agent));
    let mut record = [&header.to_bytes()[..], &point].concat();
    symmetric
        .seal(key, payload, &mut record)
        .expect("far from the limit");
    record
}

fn outdated(answered: Result<Answered, Fatal>) -> ViewerHandshake {
    match answered {
        Ok(Answered::Outdated(handshake)) => handshake,
        Ok(Answered::Accepted(_) | Answered::Refused(_)) => panic!("not outdated"),
        Err(error) => panic!("{error}"),
    }
}

/// Points that are none, each in the place of the ephemeral key.
fn bad_points(record: &[u8]) -> [Vec<u8>; 4] {
    let put = |bytes: &[u8]| {
        let mut record = record.to_vec();
        record[HEADER..HEADER + bytes.len()].copy_from_slice(bytes);
        record
    };
    let point: [u8; POINT] = record[HEADER..HEADER + POINT].try_into().expect("65");
    let off_the_curve = flipped(&point, POINT * 8 - 1);
    let mut hybrid = point;
    hybrid[0] = 6 + (point[64] & 1);
    let mut compressed = point;
    compressed[0] = 2 + (point[64] & 1);
    [
        put(&off_the_curve),
        put(&[0; POINT]),
        put(&compressed),
        put(&hybrid),
    ]
}

#[test]
fn any_bit_of_msg1_flipped_is_fatal() {
    let mut session = Session::new(1);
    let (_, hello1) = session.hello1(0, Offer::default());
    assert!(session.read(&hello1).is_ok());
    for bit in HEADER * 8..hello1.len() * 8 {
        assert!(session.read(&flipped(&hello1, bit)).is_err(), "{bit}");
    }
}

#[test]
fn any_bit_of_msg2_flipped_is_fatal() {
    let mut session = Session::new(2);
    let pair = || KeyPair::from_secret(p256::SecretKey::from_slice(&[0x77; 32]).expect("a secret"));
    let viewer = |session: &Session| {
        let link = session.identity.link();
        ViewerHandshake::start_with(link, &session.id, 0, Offer::default(), pair())
            .expect("a small offer")
    };
    let (first, hello1) = viewer(&session);
    let received = session.read(&hello1).expect("good");
    let (_, hello2) = session.accept(received);
    assert!(first.read(NOW, &hello2).is_ok());
    for bit in HEADER * 8..hello2.len() * 8 {
        let (viewer, _) = viewer(&session);
        assert!(viewer.read(NOW, &flipped(&hello2, bit)).is_err(), "{bit}");
    }
}

#[test]
fn only_the_hop_and_the_attempt_of_a_hello_may_change_on_the_way() {
    let mut session = Session::new(3);
    let (_, hello1) = session.hello1(0, Offer::default());
    for bit in 0..HEADER * 8 {
        let free = (16..32).contains(&bit) || bit >= 64;
        assert_eq!(session.read(&flipped(&hello1, bit)).is_ok(), free, "{bit}");
    }
}

#[test]
fn points_that_are_none_are_refused_in_msg1() {
    let mut session = Session::new(4);
    let (_, hello1) = session.hello1(0, Offer::default());
    for bad in bad_points(&hello1) {
        assert_eq!(session.read(&bad).err(), Some(Fatal::Point));
    }
}

#[test]
fn points_that_are_none_are_refused_in_msg2() {
    let mut session = Session::new(5);
    for place in 0..4 {
        let (viewer, hello1) = session.hello1(0, Offer::default());
        let received = session.read(&hello1).expect("good");
        let (_, hello2) = session.accept(received);
        let bad = &bad_points(&hello2)[place];
        assert_eq!(viewer.read(NOW, bad).err(), Some(Fatal::Point));
    }
}

#[test]
fn the_wrong_psk_static_key_or_id_is_refused() {
    let mut session = Session::new(6);
    let mut other = Session::new(7);
    let right = session.identity.link();
    let link = |agent, secret| Link { agent, secret };
    let secret = || session.identity.link().to_fragment();
    let same = Link::parse(&secret()).expect("a link");
    let links = [
        (same, true),
        (link(right.agent, LinkSecret::new([1; 16])), false),
        (
            link(
                other.identity.link().agent,
                Link::parse(&secret()).expect("a link").secret,
            ),
            false,
        ),
    ];
    for (link, good) in links {
        let (_, hello1) = ViewerHandshake::start(
            &link,
            &session.id,
            0,
            Offer::default(),
            &mut other.generator,
        )
        .expect("a small offer");
        let why = (!good).then_some(Fatal::Forged);
        assert_eq!(session.read(&hello1).err(), why);
    }
    let (_, hello1) = session.hello1(0, Offer::default());
    let elsewhere = SessionId::parse("sess_2").expect("an id");
    let read = session.identity.read(&elsewhere, &hello1);
    assert_eq!(read.err(), Some(Fatal::Forged));
}

#[test]
fn who_has_the_link_but_not_the_agents_key_cannot_pose_as_the_agent() {
    let mut session = Session::new(8);
    let (viewer, hello1) = session.hello1(0, Offer::default());
    let secret = Link::parse(&session.identity.link().to_fragment())
        .expect("a link")
        .secret;
    let own = KeyPair::generate(&mut session.generator);
    let impostor = AgentIdentity::with(own, secret);
    assert_eq!(
        impostor.read(&session.id, &hello1).err(),
        Some(Fatal::Forged)
    );
    // An answer it makes up without having read the question.
    let (_, question) = ViewerHandshake::start(
        impostor.link(),
        &session.id,
        0,
        Offer::default(),
        &mut session.generator,
    )
    .expect("a small offer");
    let received = impostor.read(&session.id, &question).expect("its own");
    let (_, hello2) = session.accept(received);
    assert_eq!(viewer.read(NOW, &hello2).err(), Some(Fatal::Forged));
}

#[test]
fn a_replayed_msg1_never_becomes_a_session() {
    let mut session = Session::new(9);
    let (viewer, hello1) = session.hello1(0, Offer::default());
    let received = session.read(&hello1).expect("good");
    let (first, hello2) = session.accept(received);
    let accepted = accepted(viewer.read(NOW, &hello2));
    confirmed(first.confirm(NOW, &mut accepted.ready.clone()));

    let replayed = session.read(&hello1).expect("can't be told apart yet");
    let (second, other) = session.accept(replayed);
    assert_ne!(hello2[HEADER..], other[HEADER..]);
    assert_eq!(second.epoch(), 2);
    let Ok(Confirmed::NotYet(second)) = second.confirm(NOW, &mut accepted.ready.clone()) else {
        panic!("the old READY is of another epoch");
    };
    let mut claims = accepted.ready.clone();
    claims[7] = 2;
    let refused = second.confirm(NOW, &mut claims);
    assert_eq!(refused.err(), Some(Fatal::Forged.into()));
}

#[test]
fn msg1_is_not_taken_for_msg2_nor_the_other_way_round() {
    let mut session = Session::new(10);
    let (viewer, hello1) = session.hello1(0, Offer::default());
    let received = session.read(&hello1).expect("good");
    let (_, hello2) = session.accept(received);
    assert_eq!(session.read(&hello2).err(), Some(Malformed::Kind.into()));
    let mut reflected = hello1.clone();
    reflected[1] = 2;
    assert_eq!(viewer.read(NOW, &reflected).err(), Some(Fatal::Forged));
    let (viewer, _) = session.hello1(0, Offer::default());
    let read = viewer.read(NOW, &hello1);
    assert_eq!(read.err(), Some(Malformed::Kind.into()));
}

#[test]
fn a_record_is_no_hello() {
    let mut session = Session::new(11);
    let (mut viewer, mut agent) = session.join();
    let record = viewer.seal_input(NOW, b"{}").expect("keyed");
    assert_eq!(session.read(&record).err(), Some(Malformed::Kind.into()));
    let record = agent.seal_control(NOW, br#"{"type":"x"}"#).expect("keyed");
    let (waiting, _) = session.hello1(0, Offer::default());
    let read = waiting.read(NOW, &record);
    assert_eq!(read.err(), Some(Malformed::Kind.into()));
}

#[test]
fn the_answer_to_an_older_attempt_is_dropped_and_to_a_later_one_fatal() {
    let mut session = Session::new(12);
    let (_, first) = session.hello1(0, Offer::default());
    let (viewer, second) = session.hello1(1, Offer::default());
    let received = session.read(&first).expect("good");
    let (_, late) = session.accept(received);
    let viewer = outdated(viewer.read(NOW, &late));
    let received = session.read(&second).expect("good");
    let (pending, answer) = session.accept(received);
    let mut accepted = accepted(viewer.read(NOW, &answer));
    confirmed(pending.confirm(NOW, &mut accepted.ready));

    let (earlier, _) = session.hello1(0, Offer::default());
    assert_eq!(earlier.read(NOW, &answer).err(), Some(Fatal::NotAwaited));
}

#[test]
fn a_viewer_that_is_turned_down_learns_why_and_has_no_keys() {
    let mut session = Session::new(13);
    for reason in [
        RefusalReason::Busy,
        RefusalReason::Pin,
        RefusalReason::Closed,
    ] {
        let (viewer, hello1) = session.hello1(0, Offer::default());
        let received = session.read(&hello1).expect("good");
        let hello2 = received
            .refuse(reason, &mut session.generator)
            .expect("small");
        let answered = viewer.read(NOW, &hello2);
        assert!(matches!(answered, Ok(Answered::Refused(why)) if why == reason));
    }
}

#[test]
fn payloads_that_are_no_hello_are_fatal() {
    let mut session = Session::new(14);
    let good = hello1_of(&mut session, br#"{"v":2}"#);
    assert!(session.read(&good).is_ok());
    for payload in [&b""[..], b"[2]", br#"{"v":1}"#, br#"{"v":2,"pin":1}"#, b"{"] {
        let record = hello1_of(&mut session, payload);
        let read = session.read(&record);
        assert!(
            matches!(read.err(), Some(Fatal::Malformed(_))),
            "{payload:?}"
        );
    }
    let mut long = br#"{"v":2}"#.to_vec();
    long.resize(1_025, b' ');
    let record = hello1_of(&mut session, &long);
    let read = session.read(&record);
    assert_eq!(read.err(), Some(Malformed::Length.into()));
    let record = hello1_of(&mut session, &long[..1_024]);
    assert!(session.read(&record).is_ok());
}

#[test]
fn hellos_that_are_too_short_or_too_long_are_refused() {
    let mut session = Session::new(15);
    let (_, hello1) = session.hello1(0, Offer::default());
    for length in 0..hello1.len() {
        assert!(session.read(&hello1[..length]).is_err(), "{length}");
    }
    let mut long = hello1;
    long.resize(MAX_HELLO + 1, 0);
    let read = session.read(&long);
    assert_eq!(read.err(), Some(Malformed::Length.into()));
    let offer = Offer {
        caps: ["x".repeat(1_024)].into(),
        ..Offer::default()
    };
    let link = session.identity.link();
    let started = ViewerHandshake::start(link, &session.id, 0, offer, &mut session.generator);
    assert_eq!(started.err(), Some(Malformed::Length));
}

#[test]
fn any_first_record_but_ready_is_fatal() {
    for place in 0..4 {
        let (mut other, agent) = ends(1, 16);
        let mut record = match place {
            0 => other.seal_control(NOW, br#"{"type":"steady"}"#),
            1 => other.seal_input(NOW, b"{}"),
            2 => other.seal_left(NOW),
            _ => {
                other
                    .seal_control(NOW, br#"{"type":"ready"}"#)
                    .expect("keyed");
                other.seal_control(NOW, br#"{"type":"ready"}"#)
            }
        }
        .expect("keyed");
        let why = if place == 3 {
            Fatal::Order
        } else {
            Fatal::NotReady
        };
        let refused = AgentPending(agent).confirm(NOW, &mut record);
        assert_eq!(refused.err(), Some(why.into()), "{place}");
    }
}

#[test]
fn a_resume_proof_belongs_to_one_handshake_and_one_secret() {
    let mut session = Session::new(17);
    let (viewer, agent) = session.join();
    let (_, other) = session.join();
    let offer = || Offer {
        resume: Some(viewer.resume_secret()),
        ..Offer::default()
    };
    let (_, hello1) = session.hello1(0, offer());
    let received = session.read(&hello1).expect("good");
    assert!(received.has_proof());
    assert!(received.proves(agent.resume_secret()));
    assert!(!received.proves(other.resume_secret()));

    // The proof of one handshake, in another that has its own ephemeral key.
    let stolen = viewer.resume_secret().prove(received.ephemeral());
    assert!(!agent.resume_secret().verifies(&[4; 65], &stolen));
    let (_, without) = session.hello1(0, Offer::default());
    let received = session.read(&without).expect("good");
    assert!(!received.has_proof() && !received.proves(agent.resume_secret()));
    for bit in 0..256 {
        let forged = flipped(&stolen, bit).try_into().expect("32 bytes");
        let secret = agent.resume_secret();
        assert!(!secret.verifies(&hello1[16..81].try_into().expect("65"), &forged));
    }
}

#[test]
fn a_resumed_viewer_learns_what_arrived() {
    let mut session = Session::new(18);
    let (viewer, hello1) = session.hello1(0, Offer::default());
    let received = session.read(&hello1).expect("good");
    let (_, hello2) = received
        .accept(
            NOW,
            &mut session.epochs,
            1_234,
            Some((42, 7)),
            &mut session.generator,
        )
        .expect("an epoch");
    let accepted = accepted(viewer.read(NOW, &hello2));
    assert_eq!((accepted.got, accepted.got_epoch), (Some(42), Some(7)));
    assert_eq!(accepted.expires_in, 1_234);
}

#[test]
fn a_pin_reaches_the_agent_and_nobody_else() {
    let mut session = Session::new(19);
    let offer = Offer {
        pin: Pin::parse("271828"),
        ..Offer::default()
    };
    let (_, hello1) = session.hello1(0, offer);
    assert!(!hello1.windows(6).any(|window| window == b"271828"));
    let received = session.read(&hello1).expect("good");
    let asked = Pin::parse("271828").expect("a PIN");
    assert!(received.pin().is_some_and(|pin| pin.matches(&asked)));
}

#[test]
fn both_ends_of_a_handshake_agree_on_everything() {
    let mut session = Session::new(20);
    let (mut viewer, mut agent) = session.join();
    assert_eq!(viewer.epoch(), agent.epoch());
    assert_eq!(viewer.until(), agent.until());
    let (ours, theirs) = (viewer.short_auth_string(), agent.short_auth_string());
    assert_eq!(ours.expose(), theirs.expose());
    assert_eq!((viewer.sent(), agent.got()), (1, 1));
    let mut input = viewer.seal_input(NOW, b"{}").expect("keyed");
    assert!(agent.open(NOW, &mut input).is_ok());
    let (_, mut frame) = agent.seal_frame(NOW, picture(b"jpeg")).expect("keyed");
    assert!(viewer.open(NOW, &mut frame).is_ok());
}

#[test]
fn epochs_start_at_one_and_are_never_reused() {
    let mut session = Session::new(21);
    let numbers: Vec<u32> = (0..3).map(|_| session.join().1.epoch()).collect();
    assert_eq!(numbers, [1, 2, 3]);
    session.epochs.last = u32::MAX - 1;
    assert_eq!(session.join().1.epoch(), u32::MAX);
    let (_, hello1) = session.hello1(0, Offer::default());
    let received = session.read(&hello1).expect("good");
    let none = received.accept(NOW, &mut session.epochs, 1, None, &mut session.generator);
    assert_eq!(none.err(), Some(SealError::Exhausted));
}

#[test]
fn an_answer_of_epoch_zero_is_fatal() {
    let mut session = Session::new(22);
    let (viewer, hello1) = session.hello1(0, Offer::default());
    let received = session.read(&hello1).expect("good");
    let answer = Hello2::Accepted {
        epoch: 0,
        expires_in: 1,
        got: None,
        got_epoch: None,
    };
    let pair = KeyPair::generate(&mut session.generator);
    let (_, hello2) = received.answer(answer, &pair).expect("small");
    let read = viewer.read(NOW, &hello2);
    assert_eq!(read.err(), Some(Malformed::Body.into()));
}
