//! The published vectors, made by other implementations.

use alloc::{string::String, vec::Vec};

use base64::Engine as _;
use p256::SecretKey;
use serde_json::Value;
use zeroize::Zeroizing;

use super::{
    super::{
        draft::Draft,
        kdf::Expander,
        keys::KeyPair,
        link::LinkSecret,
        noise::Agreed,
        schedule::EpochSecrets,
        stream::{Rule, Stream},
    },
    *,
};
use crate::wire::v2::{Ack, CloseReason, Direction, HEADER, Header, Hello2, Malformed};

struct Vectors(Value);

impl Vectors {
    fn load() -> Self {
        Self(serde_json::from_str(include_str!("vectors.json")).expect("JSON"))
    }

    fn text(&self, name: &str) -> &str {
        self.0[name].as_str().expect("a text")
    }

    fn bytes(&self, name: &str) -> Vec<u8> {
        hex(self.text(name))
    }

    fn array<const N: usize>(&self, name: &str) -> [u8; N] {
        self.bytes(name).try_into().expect("as long as that")
    }

    fn pair(&self, name: &str) -> KeyPair {
        KeyPair::from_secret(SecretKey::from_slice(&self.bytes(name)).expect("a secret"))
    }

    fn session(&self) -> SessionId {
        SessionId::parse(self.text("sid")).expect("an id")
    }

    fn identity(&self) -> AgentIdentity {
        AgentIdentity::with(self.pair("s_a_priv"), LinkSecret::new(self.array("secret")))
    }

    fn agreed(&self) -> Agreed {
        Agreed {
            hash: self.array("h"),
            keys: Zeroizing::new(self.array("k1k2")),
        }
    }

    /// The stream that a record's `stream` names, from the vector's own keys.
    fn stream(&self, name: &str) -> Stream {
        let name = name.replace(' ', "_");
        let key = self.array(&(name.clone() + "_key"));
        let iv = self.array(&(name + "_iv"));
        Stream::new(1, &key, Zeroizing::new(iv), NOW)
    }

    fn record(&self, name: &str) -> Vec<u8> {
        let records = self.0["records"].as_array().expect("records");
        let named = records.iter().find(|record| record["name"] == name);
        hex(named.expect("there")["record"].as_str().expect("a text"))
    }

    fn ends(&self) -> (ViewerEpoch, AgentEpoch) {
        let secrets = || EpochSecrets::derive(&self.agreed(), 1, NOW);
        (
            ViewerEpoch::new(1, secrets()),
            AgentEpoch::new(1, secrets()),
        )
    }
}

fn hex(text: &str) -> Vec<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16).expect("hex");
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    assert!(rest.is_empty());
    pairs
        .iter()
        .map(|[high, low]| u8::try_from(digit(*high) * 16 + digit(*low)).expect("a byte"))
        .collect()
}

#[test]
fn the_link_and_all_that_is_derived_from_it() {
    let vectors = Vectors::load();
    let identity = vectors.identity();
    let link = identity.link();
    assert_eq!(*link.to_fragment(), vectors.text("fragment"));
    assert_eq!(identity.pair.public().to_bytes(), vectors.array("s_a_pub"));
    assert_eq!(*link.secret.psk().0, vectors.array("psk"));
    let token = link.admission_token();
    assert_eq!(token.expose(), vectors.text("admission_token"));
    assert_eq!(
        AdmissionHash::parse(vectors.text("admission_hash")),
        Some(token.hash())
    );
    assert_eq!(
        base64::engine::general_purpose::URL_SAFE_NO_PAD
            .decode(token.expose())
            .expect("base64url"),
        vectors.bytes("admission")
    );
    assert_eq!(
        vectors.0["subprotocols"],
        serde_json::json!(["authloop.v2", token.expose()])
    );
}

#[test]
fn the_session_url() {
    let vectors = Vectors::load();
    let url = SessionUrl::new("https://relay.example", &vectors.session());
    let link = url.with(vectors.identity().link());
    assert_eq!(*link, vectors.text("session_url"));
    let read = ViewerLink::parse(&link).expect("a link");
    assert_eq!(read.stream_url, vectors.text("stream_url"));
    assert_eq!(read.session, vectors.session());
    assert_eq!(*read.link.to_fragment(), vectors.text("fragment"));
}

#[test]
fn the_handshake_and_its_records() {
    let vectors = Vectors::load();
    let (identity, session) = (vectors.identity(), vectors.session());
    let (viewer, hello1) = ViewerHandshake::start_with(
        identity.link(),
        &session,
        0,
        Offer::default(),
        vectors.pair("e_v_priv"),
    )
    .expect("a small offer");
    assert_eq!(hello1, vectors.bytes("hello1_record"));
    assert_eq!(hello1[HEADER..], vectors.bytes("msg1"));

    let received = identity.read(&session, &hello1).expect("good");
    assert_eq!(*received.ephemeral(), vectors.array("e_v_pub"));
    let answer = Hello2::Accepted {
        epoch: 1,
        expires_in: 600_000,
        got: None,
        got_epoch: None,
    };
    let (symmetric, hello2) = received
        .answer(answer, &vectors.pair("e_a_priv"))
        .expect("small");
    assert_eq!(hello2, vectors.bytes("hello2_record"));
    assert_eq!(hello2[HEADER..], vectors.bytes("msg2"));
    let agreed = symmetric.split();
    assert_eq!(agreed.hash, vectors.array("h"));
    assert_eq!(*agreed.keys, vectors.array("k1k2"));
    let of_ck = Expander::extract(&vectors.bytes("ck"), &[]).expand(&[]);
    assert_eq!(agreed.keys, of_ck);

    let accepted = accepted(viewer.read(NOW, &hello2));
    assert_eq!(accepted.ready, vectors.record("ready"));
    assert_eq!(accepted.expires_in, 600_000);
}

#[test]
fn the_secrets_besides_the_streams() {
    let vectors = Vectors::load();
    let (viewer, agent) = vectors.ends();
    for sas in [viewer.short_auth_string(), agent.short_auth_string()] {
        assert_eq!(*sas.expose(), vectors.array("sas"));
    }
    let ephemeral = vectors.array("e_v_pub");
    let proof = vectors.array("resume_proof_for_e_v");
    assert_eq!(viewer.resume_secret().prove(&ephemeral), proof);
    assert!(agent.resume_secret().verifies(&ephemeral, &proof));
}

#[test]
fn each_record_is_sealed_and_opened_with_the_keys_the_vectors_name() {
    let vectors = Vectors::load();
    let records = vectors.0["records"].as_array().expect("records");
    let only = vectors.0["record_layer_only"].as_object().expect("two");
    for vector in records.iter().chain(only.values()) {
        let bytes = |name: &str| hex(vector[name].as_str().expect("a text"));
        let (record, plaintext) = (bytes("record"), bytes("plaintext_hex"));
        let name = vector["stream"].as_str().expect("a text");
        let direction = if name.starts_with("v2a") {
            Direction::ToAgent
        } else {
            Direction::ToViewer
        };
        let header = Header::read(&record, direction).expect("a record");
        let mut sealer = vectors.stream(name);
        for _ in 0..header.counter {
            sealer
                .seal(NOW, header.kind, Draft::of(b""))
                .expect("in time");
        }
        let sealed = sealer.seal(NOW, header.kind, Draft::of(&plaintext));
        assert_eq!(sealed.as_ref(), Ok(&record), "{vector}");
        let mut opened = record.clone();
        let opened = vectors
            .stream(name)
            .open(NOW, header, Rule::Later, &mut opened)
            .map(|(text, missing)| (text.to_vec(), missing));
        assert_eq!(opened, Ok((plaintext, header.counter)), "{vector}");
    }
}

#[test]
fn both_ends_say_the_vectors_records_in_turn() {
    let vectors = Vectors::load();
    let (mut viewer, mut agent) = vectors.ends();
    let next = |name: &str| vectors.record(name);
    let plaintext = |name: &str| -> String {
        let records = vectors.0["records"].as_array().expect("records");
        let named = records.iter().find(|record| record["name"] == name);
        named.expect("there")["plaintext"]
            .as_str()
            .expect("a text")
            .into()
    };
    let control = |name: &str| plaintext(name).into_bytes();
    assert_eq!(
        viewer.seal_control(NOW, &control("ready")),
        Ok(next("ready"))
    );
    assert!(agent.open(NOW, &mut next("ready")).is_ok());
    assert_eq!(agent.got(), 1);
    assert_eq!(
        agent.seal_control(NOW, &control("first heartbeat")),
        Ok(next("first heartbeat"))
    );
    let jpeg = b"\xff\xd8jpeg\xff\xd9";
    assert_eq!(agent.seal_frame(NOW, picture(jpeg)), Ok((0, next("frame"))));
    let json = br#"{"type":"keypress","key":"p","seen":0,"at":1002}"#;
    assert_eq!(
        viewer.seal_input(NOW, json),
        Ok(next("input padded to 256"))
    );
    let ack = Ack {
        frame: 0,
        waiting: 0,
    };
    assert_eq!(viewer.seal_ack(NOW, ack), Ok(next("ack")));
    assert_eq!(
        viewer.seal_control(NOW, &control("heartbeat reply")),
        Ok(next("heartbeat reply"))
    );
    assert_eq!(viewer.seal_left(NOW), Ok(next("close by viewer")));

    let mut record = next("input padded to 256");
    let opened = agent.open(NOW, &mut record).expect("good");
    assert!(matches!(opened.get(), FromViewer::Input(read) if *read == json));
    let mut record = next("ack");
    let opened = agent.open(NOW, &mut record).expect("good");
    assert!(matches!(opened.get(), FromViewer::Ack(read) if *read == ack));
    assert!(agent.open(NOW, &mut next("heartbeat reply")).is_ok());
    let mut record = next("close by viewer");
    let opened = agent.open(NOW, &mut record).expect("good");
    assert!(matches!(opened.get(), FromViewer::Left));

    let (mut viewer, _) = vectors.ends();
    let mut record = next("first heartbeat");
    let opened = viewer.open(NOW, &mut record).expect("good");
    assert!(matches!(opened.get(), FromAgent::Control(said) if said.kind == "heartbeat"));
    let mut record = next("frame");
    let opened = viewer.open(NOW, &mut record).expect("good");
    let FromAgent::Frame(received) = opened.get() else {
        panic!("a frame");
    };
    assert_eq!((received.counter, received.missing), (0, 0));
    assert_eq!(
        (received.frame.meta, received.frame.jpeg),
        (META, &jpeg[..])
    );
    assert_eq!(received.frame.ctl_next, 1);
    assert_eq!(
        agent.seal_close(NOW, CloseReason::Resolved),
        Ok(next("close by agent"))
    );
    let mut record = next("close by agent");
    let opened = viewer.open(NOW, &mut record).expect("good");
    assert!(matches!(
        opened.get(),
        FromAgent::Close(CloseReason::Resolved)
    ));
}

#[test]
fn well_sealed_records_with_bad_plaintexts_end_the_epoch() {
    let vectors = Vectors::load();
    let record = |name: &str| {
        let record = &vectors.0["record_layer_only"][name]["record"];
        hex(record.as_str().expect("a text"))
    };
    let malformed = Some(OpenError::from(Malformed::Body));
    let (mut viewer, mut agent) = vectors.ends();
    assert!(agent.open(NOW, &mut vectors.record("ready")).is_ok());
    assert_eq!(agent.open(NOW, &mut record("input")).err(), malformed);
    assert!(!agent.is_live());
    assert_eq!(viewer.open(NOW, &mut record("frame")).err(), malformed);
    assert!(!viewer.is_live());
}
