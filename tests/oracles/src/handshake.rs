//! Version 2's handshake (§4), each role against a foreign one that may say anything: it succeeds if
//! both mean the same session, nothing vouched for was changed, and the payload is one; else never.

use arbitrary::{Arbitrary, Unstructured};
use authloop_core::{
    crypto::v2::{
        AgentIdentity, AgentPending, Answered, Confirmed, Epochs, Link, Offer, OpenError,
        SessionId, ViewerHandshake,
    },
    generator::Generator,
    secret::Seed,
    time::Timestamp,
    wire::v2::{Control, Hello1, Hello2, RefusalReason},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::hmac;
use serde_json::{Value, json};

use crate::{
    foreign::{Header, Session},
    mutation::Mutation,
    script,
};

pub(crate) const NOW: Timestamp = Timestamp::from_millis(5_000);
pub(crate) const ID: &str = "sess_1";

/// The foreign agent's static key.
pub(crate) const STATIC: [u8; 32] = [0x5A; 32];

#[derive(Arbitrary, Debug)]
enum Story<'a> {
    Raw(&'a [u8]),
    ToAgent(ToAgent<'a>),
    ToViewer(ToViewer<'a>),
}

/// What a foreign viewer does.
#[derive(Arbitrary, Debug)]
struct ToAgent<'a> {
    wrong: Option<Wrong>,
    attempt: u64,
    epoch: Option<u32>,
    payload: Payload<'a>,
    mutation: Option<Mutation>,
    refusal: Option<u8>,
    first: First<'a>,
}

/// What a foreign agent does.
#[derive(Arbitrary, Debug)]
struct ToViewer<'a> {
    wrong: Option<Wrong>,
    attempt: u8,
    answered: u8,
    pin: bool,
    payload: Payload<'a>,
    mutation: Option<Mutation>,
}

/// What both sides don't mean the same by.
#[derive(Arbitrary, Clone, Copy, Debug)]
enum Wrong {
    Secret,
    Key,
    Id,
}

#[derive(Arbitrary, Debug)]
enum Payload<'a> {
    /// One that is accepted.
    Good,
    Raw(&'a [u8]),
    /// A good one's members, and these.
    With(&'a [u8]),
}

/// A viewer's first record.
#[derive(Arbitrary, Debug)]
struct First<'a> {
    kind: Option<u8>,
    epoch: Option<u8>,
    counter: u8,
    text: Option<&'a [u8]>,
}

/// Tells the story.
pub fn check(data: &[u8]) {
    match Story::arbitrary(&mut Unstructured::new(data)) {
        Ok(Story::Raw(record)) => nobody_is_let_in(record),
        Ok(Story::ToAgent(story)) => agent_reads(&story),
        Ok(Story::ToViewer(story)) => viewer_reads(&story),
        Err(_) => {}
    }
}

/// Nobody makes a record without the link.
fn nobody_is_let_in(record: &[u8]) {
    assert!(identity().read(&id(), record).is_err());
    let link = identity();
    let (viewer, _) = hello1(link.link(), 3, Offer::default());
    match viewer.read(NOW, record) {
        Ok(Answered::Accepted(_) | Answered::Refused(_)) => unreachable!("forged"),
        Ok(Answered::Outdated(_)) | Err(_) => {}
    }
}

fn agent_reads(story: &ToAgent<'_>) {
    let agent = identity();
    let mut foreign = misled(session_of(agent.link()), story.wrong).viewer(1);
    let payload = story.payload.bytes(br#"{"v":2"#);
    let header = Header {
        kind: 1,
        chan: 0,
        epoch: story.epoch.unwrap_or_default(),
        counter: story.attempt,
    };
    let sent = foreign.write(header, &payload);
    let record = mutated(&sent, story.mutation.as_ref());
    let outside = record.starts_with(&[2, 1]) && record.get(4..8) == Some(&[0; 4]);
    let genuine = story.wrong.is_none() && outside && message(&sent) == message(&record);
    let expected = Hello1::parse(&payload).ok().filter(|_| genuine);
    let read = agent.read(&id(), &record);
    assert_eq!(read.is_ok(), expected.is_some(), "{:?}", read.err());
    let (Ok(received), Some(hello)) = (read, expected) else {
        return;
    };
    assert_eq!(received.caps(), hello.caps);
    assert_eq!(received.has_proof(), hello.resume.is_some());
    assert_eq!(received.pin().is_some(), hello.pin.is_some());
    let mut generator = Generator::new(Seed::new([4; 32]));
    if let Some(reason) = story
        .refusal
        .and_then(|number| script::pick(&REFUSALS, number))
    {
        let answer = received
            .refuse(*reason, &mut generator)
            .expect("it is short");
        let payload = foreign.read(&answer).expect("a good answer");
        assert_eq!(Hello2::parse(&payload), Ok(Hello2::Refused(*reason)));
        return;
    }
    let accepted = received.accept(NOW, &mut Epochs::default(), 9, Some((7, 3)), &mut generator);
    let (pending, answer) = accepted.expect("an epoch");
    assert_eq!(
        answer.get(8..16),
        record.get(8..16),
        "the attempt is echoed"
    );
    let payload = foreign.read(&answer).expect("a good answer");
    let value: Value = serde_json::from_slice(&payload).expect("JSON");
    let expected = json!({"ok": true, "epoch": 1, "expires_in": 9, "got": 7, "got_epoch": 3});
    assert_eq!(value, expected);
    confirms(pending, &story.first, &foreign.finish().to_agent);
}

const REFUSALS: [RefusalReason; 3] = [
    RefusalReason::Busy,
    RefusalReason::Pin,
    RefusalReason::Closed,
];

/// Only READY, first and whole, confirms.
fn confirms(pending: AgentPending, first: &First<'_>, key: &crate::foreign::Key) {
    let ready = br#"{"type":"ready"}"#;
    let text = first.text.unwrap_or(ready);
    let header = Header {
        kind: first.kind.unwrap_or(0x12),
        chan: 9,
        epoch: first.epoch.map_or(1, u32::from),
        counter: u64::from(first.counter),
    };
    let mut record = key.seal(header, text);
    let known = matches!(header.kind, 0x01 | 0x11 | 0x12 | 0x13 | 0x1F);
    let is_ready = header.kind == 0x12
        && header.counter == 0
        && Control::parse(text).is_ok_and(|control| control.kind == "ready");
    let fits = record.len() <= 80 * 1_024;
    match pending.confirm(NOW, &mut record) {
        Ok(Confirmed::Ready(epoch)) => {
            assert!(is_ready && fits && header.epoch == 1);
            assert_eq!((epoch.got(), epoch.is_live()), (1, true));
        }
        Ok(Confirmed::NotYet(_)) => assert!(header.epoch != 1 && known && header.kind != 0x01),
        Err(OpenError::OtherEpoch) => unreachable!("it is `NotYet`"),
        Err(_) => assert!(!(is_ready && fits && header.epoch == 1)),
    }
}

fn viewer_reads(story: &ToViewer<'_>) {
    let (link, session) = foreign_agent();
    let attempt = u64::from(story.attempt);
    let pin = story
        .pin
        .then(|| authloop_core::secret::Pin::parse("012345").expect("6 digits"));
    let offer = Offer {
        caps: vec!["x".into()],
        pin,
        resume: None,
    };
    let (viewer, hello) = hello1(&link, attempt, offer);
    let mut foreign = misled(session.clone(), story.wrong).agent(&STATIC, 2);
    let Some(payload) = foreign.read(&hello) else {
        assert!(story.wrong.is_some(), "a good hello");
        return;
    };
    // The key isn't hashed where it is the reader's own.
    assert!(story.wrong.is_none_or(|wrong| matches!(wrong, Wrong::Key)));
    let mut expected = json!({"v": 2, "caps": ["x"]});
    if story.pin {
        expected["pin"] = json!("012345");
    }
    assert_eq!(
        serde_json::from_slice::<Value>(&payload).ok(),
        Some(expected)
    );

    let payload = story
        .payload
        .bytes(br#"{"ok":true,"epoch":9,"expires_in":5"#);
    let header = Header {
        kind: 2,
        chan: 0,
        epoch: 0,
        counter: u64::from(story.answered),
    };
    let sent = foreign.write(header, &payload);
    let record = mutated(&sent, story.mutation.as_ref());
    let counter = record
        .get(8..16)
        .map(|bytes| u64::from_be_bytes(bytes.try_into().expect("8")));
    let outside = (32..=2_064).contains(&record.len())
        && record.starts_with(&[2, 2])
        && record.get(4..8) == Some(&[0; 4]);
    let genuine = outside && message(&sent) == message(&record) && counter == Some(attempt);
    let answer = Hello2::parse(&payload).ok().filter(|_| genuine);
    match viewer.read(NOW, &record) {
        Ok(Answered::Accepted(accepted)) => {
            let epoch = accepted.epoch.epoch();
            let expires_in = accepted.expires_in;
            let (got, got_epoch) = (accepted.got, accepted.got_epoch);
            let read = Hello2::Accepted {
                epoch,
                expires_in,
                got,
                got_epoch,
            };
            assert_eq!(answer, Some(read));
            let keys = foreign.finish();
            let ready = keys.to_agent.open(&accepted.ready, 0);
            assert_eq!(ready.as_deref(), Some(&br#"{"type":"ready"}"#[..]));
            let secret = accepted.epoch.resume_secret();
            proves(&link, &session, secret, &keys.resume);
        }
        Ok(Answered::Refused(reason)) => assert_eq!(answer, Some(Hello2::Refused(reason))),
        Ok(Answered::Outdated(_)) => assert!(outside && counter < Some(attempt)),
        Err(_) => assert!(answer.is_none()),
    }
}

/// The proof is the HMAC that the description names.
fn proves(
    link: &Link,
    session: &Session,
    secret: &authloop_core::crypto::v2::ResumeSecret,
    foreign_secret: &[u8; 32],
) {
    let offer = Offer {
        resume: Some(secret),
        ..Offer::default()
    };
    let (_, hello) = hello1(link, 0, offer);
    let payload = session
        .agent(&STATIC, 3)
        .read(&hello)
        .expect("a good hello");
    let value: Value = serde_json::from_slice(&payload).expect("JSON");
    let proof = URL_SAFE_NO_PAD
        .decode(value["resume"].as_str().expect("a proof"))
        .expect("base64url");
    let ephemeral = hello.get(16..81).expect("a point");
    let key = hmac::Key::new(hmac::HMAC_SHA256, foreign_secret);
    let proven = [b"resume", ephemeral].concat();
    assert!(hmac::verify(&key, &proven, &proof).is_ok());
}

impl Payload<'_> {
    fn bytes(&self, open: &[u8]) -> Vec<u8> {
        let mut payload = match self {
            Self::Good => [open, b"}"].concat(),
            Self::Raw(bytes) => bytes.to_vec(),
            Self::With(members) => [open, b",", members, b"}"].concat(),
        };
        payload.truncate(3_000);
        payload
    }
}

pub(crate) fn identity() -> AgentIdentity {
    AgentIdentity::generate(&mut Generator::new(Seed::new([3; 32])))
}

pub(crate) fn id() -> SessionId {
    SessionId::parse(ID).expect("an id")
}

fn hello1(link: &Link, attempt: u64, offer: Offer<'_>) -> (ViewerHandshake, Vec<u8>) {
    let mut generator = Generator::new(Seed::new([5; 32]));
    ViewerHandshake::start(link, &id(), attempt, offer, &mut generator).expect("a small offer")
}

/// Reads out of a link what a foreign viewer has to know.
pub(crate) fn session_of(link: &Link) -> Session {
    let fragment = link.to_fragment();
    let digits = fragment.strip_prefix("2.").expect("version 2");
    let bytes = URL_SAFE_NO_PAD.decode(digits).expect("base64url");
    let (point, secret) = bytes.split_at(33);
    let point = p256::PublicKey::from_sec1_bytes(point).expect("a point");
    Session {
        id: ID.into(),
        agent: uncompressed(point),
        secret: secret.try_into().expect("16 bytes"),
    }
}

/// A session whose agent is foreign, and its link.
pub(crate) fn foreign_agent() -> (Link, Session) {
    use p256::elliptic_curve::sec1::ToSec1Point as _;
    let point = p256::SecretKey::from_slice(&STATIC)
        .expect("a secret")
        .public_key();
    let secret = [6; 16];
    let compressed = point.to_sec1_point(true);
    let bytes = [compressed.as_bytes(), &secret].concat();
    let link = Link::parse(&format!("2.{}", URL_SAFE_NO_PAD.encode(bytes))).expect("a link");
    let session = Session {
        id: ID.into(),
        agent: uncompressed(point),
        secret,
    };
    (link, session)
}

fn uncompressed(point: p256::PublicKey) -> [u8; 65] {
    use p256::elliptic_curve::sec1::ToSec1Point as _;
    point
        .to_sec1_point(false)
        .as_bytes()
        .try_into()
        .expect("65 bytes")
}

fn misled(mut session: Session, wrong: Option<Wrong>) -> Session {
    match wrong {
        Some(Wrong::Secret) => session.secret = [0; 16],
        // Another point of the curve: that of the secret 0x77….
        Some(Wrong::Key) => {
            let secret = p256::SecretKey::from_slice(&[0x77; 32]).expect("a secret");
            session.agent = uncompressed(secret.public_key());
        }
        Some(Wrong::Id) => session.id = "sess_2".into(),
        None => {}
    }
    session
}

fn mutated(record: &[u8], mutation: Option<&Mutation>) -> Vec<u8> {
    let mut record = record.to_vec();
    if let Some(mutation) = mutation {
        mutation.apply(&mut record);
    }
    record
}

/// Returns what is sealed in a hello; nothing vouches for the header before it.
fn message(record: &[u8]) -> Option<&[u8]> {
    record.get(16..)
}
