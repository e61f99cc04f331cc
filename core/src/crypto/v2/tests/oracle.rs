//! The handshake against a foreign implementation of Noise, in both roles.

use snow::{Builder, HandshakeState};

use super::{
    super::{keys::KeyPair, link::LinkSecret},
    *,
};
use crate::wire::v2::{Direction, HEADER, Header, Hello1, Hello2, Kind};

fn builder<'a>(prologue: &'a [u8], psk: &'a [u8; 32]) -> Builder<'a> {
    let name = "Noise_NKpsk0_P256_AESGCM_SHA256";
    Builder::new(name.parse().expect("a known pattern"))
        .prologue(prologue)
        .and_then(|builder| builder.psk(0, psk))
        .expect("one prologue, one key")
}

fn record(kind: Kind, message: &[u8]) -> Vec<u8> {
    let header = Header {
        kind,
        chan: 0,
        epoch: 0,
        counter: 0,
    };
    [&header.to_bytes()[..], message].concat()
}

fn agreed(foreign: &mut HandshakeState) -> Agreed {
    assert!(foreign.is_handshake_finished());
    let (first, second) = foreign.dangerously_get_raw_split();
    Agreed {
        hash: foreign.get_handshake_hash().try_into().expect("32 bytes"),
        keys: Zeroizing::new([first, second].concat().try_into().expect("64 bytes")),
    }
}

#[test]
fn the_agent_understands_a_foreign_viewer() {
    let mut session = Session::new(1);
    let psk = session.identity.link().secret.psk().0;
    let agent = session.identity.pair.public().to_bytes();
    let mut foreign = builder(b"authloop/e2ee/v2\0\x06sess_1", &psk)
        .remote_public_key(&agent)
        .and_then(Builder::build_initiator)
        .expect("complete");
    let mut buffer = [0; 2_048];
    let length = foreign
        .write_message(br#"{"v":2,"caps":["x"],"pin":"012345"}"#, &mut buffer)
        .expect("in turn");
    let received = session
        .read(&record(Kind::Hello1, &buffer[..length]))
        .expect("a good hello");
    assert_eq!(received.caps(), ["x"]);
    assert!(received.pin().is_some_and(|pin| pin.expose() == "012345"));
    let (pending, hello2) = session.accept(received);
    let length = foreign
        .read_message(&hello2[HEADER..], &mut buffer)
        .expect("a good answer");
    assert!(matches!(
        Hello2::parse(&buffer[..length]),
        Ok(Hello2::Accepted { epoch: 1, .. })
    ));
    let secrets = EpochSecrets::derive(&agreed(&mut foreign), 1, NOW);
    let mut viewer = ViewerEpoch::new(1, secrets);
    let mut ready = viewer
        .seal_control(NOW, br#"{"type":"ready"}"#)
        .expect("keyed");
    let agent = confirmed(pending.confirm(NOW, &mut ready));
    assert_eq!(agent.got(), 1);
}

#[test]
fn the_viewer_understands_a_foreign_agent() {
    let mut session = Session::new(2);
    let fixed = p256::SecretKey::from_slice(&[0x5A; 32]).expect("a secret");
    session.identity = AgentIdentity::with(KeyPair::from_secret(fixed), LinkSecret::new([6; 16]));
    let psk = session.identity.link().secret.psk().0;
    let mut foreign = builder(b"authloop/e2ee/v2\0\x06sess_1", &psk)
        .local_private_key(&[0x5A; 32])
        .and_then(Builder::build_responder)
        .expect("complete");
    let offer = Offer {
        caps: ["y".into()].into(),
        ..Offer::default()
    };
    let (viewer, hello1) = session.hello1(0, offer);
    let mut buffer = [0; 2_048];
    let length = foreign
        .read_message(&hello1[HEADER..], &mut buffer)
        .expect("a good hello");
    let hello = Hello1::parse(&buffer[..length]).expect("an offer");
    assert_eq!(hello.caps, ["y"]);
    let length = foreign
        .write_message(br#"{"ok":true,"epoch":9,"expires_in":5}"#, &mut buffer)
        .expect("in turn");
    let answered = viewer.read(NOW, &record(Kind::Hello2, &buffer[..length]));
    let mut accepted = accepted(answered);
    assert_eq!((accepted.epoch.epoch(), accepted.expires_in), (9, 5));
    let secrets = EpochSecrets::derive(&agreed(&mut foreign), 9, NOW);
    let mut agent = AgentEpoch::new(9, secrets);
    assert!(agent.open(NOW, &mut accepted.ready).is_ok());
    let mut picture = agent.seal_frame(NOW, picture(b"jpeg")).expect("keyed").1;
    assert!(Header::read(&picture, Direction::ToViewer).is_ok());
    assert!(accepted.epoch.open(NOW, &mut picture).is_ok());
}

#[test]
fn a_foreign_viewer_of_another_version_is_refused() {
    let session = Session::new(3);
    let psk = session.identity.link().secret.psk().0;
    let agent = session.identity.pair.public().to_bytes();
    for (prologue, good) in [
        (&b"authloop/e2ee/v2\0\x06sess_1"[..], true),
        (b"authloop/e2ee/v3\0\x06sess_1", false),
        (b"authloop/e2ee/v1\0\x06sess_1", false),
        (b"authloop/e2ee/v2\0\x06sess_2", false),
        (b"", false),
    ] {
        let mut foreign = builder(prologue, &psk)
            .remote_public_key(&agent)
            .and_then(Builder::build_initiator)
            .expect("complete");
        let mut buffer = [0; 256];
        let length = foreign
            .write_message(br#"{"v":2}"#, &mut buffer)
            .expect("in turn");
        let read = session.read(&record(Kind::Hello1, &buffer[..length]));
        let why = (!good).then_some(Fatal::Forged);
        assert_eq!(read.err(), why, "{prologue:?}");
    }
}
