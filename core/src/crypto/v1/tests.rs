//! What the two ends promise together.

use alloc::{borrow::Cow, format, string::String, vec::Vec};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use p256::{SecretKey, elliptic_curve::sec1::ToSec1Point as _};
use proptest::prelude::*;

use super::{keys::KeyPair, *};
use crate::{generator::Generator, secret::Seed, wire::v1::Sealed};

/// A session's agent, with as many viewers as a test wants.
struct Session {
    generator: Generator,
    agent: AgentChannel,
}

impl Session {
    fn new() -> Self {
        let mut generator = Generator::new(Seed::new([7; 32]));
        let agent = AgentChannel::new(&mut generator);
        Self { generator, agent }
    }

    fn viewer(&mut self) -> ViewerChannel {
        let mut viewer = ViewerChannel::new(&mut self.generator);
        assert_eq!(
            viewer.accept_key(self.agent.public_key()),
            Ok(KeyAccepted::New)
        );
        viewer
    }

    fn seal(&mut self, viewer: &ViewerChannel, text: &[u8]) -> Sealed<'static> {
        viewer.seal(&mut self.generator, text).expect("keyed")
    }

    fn open(&mut self, sealed: &Sealed<'_>) -> Result<Vec<u8>, OpenError> {
        self.agent
            .open(sealed)
            .map(crate::crypto::Opened::into_inner)
    }
}

/// Shares one sealed message's parts, as a relay that repeats it would.
fn copy(sealed: &Sealed<'static>) -> Sealed<'static> {
    Sealed {
        iv: sealed.iv.clone(),
        ciphertext: sealed.ciphertext.clone(),
        tag: sealed.tag.clone(),
    }
}

// Made with Python's `cryptography` 48: the agent's secret is 1, 2, … 32, the viewer's 33, 34, … 64.
const AGENT_PUBLIC: &str =
    "BFFcPW6545a5BNP+yn9U/c0MwemXvzddylFa0KbDtANfRTa+OlDzGPv5pUdZAqIhUCvvDVfgjFOyzApW8X2fk1Q=";
const VIEWER_PUBLIC: &str =
    "BB8UAUa/sbJR+E9N2+DUzc/Xev2YSpUg41eUAh+DErue7JlaCLH6dwTfPcwLUKlmUmP7dxH5X5+KRJxQluR8iSs=";

fn secret(first: u8) -> SecretKey {
    let bytes: Vec<u8> = (first..first + 32).collect();
    SecretKey::from_slice(&bytes).expect("a valid secret")
}

#[test]
fn opens_what_another_implementation_sealed() {
    let mut agent = AgentChannel::with(KeyPair::from_secret(secret(1)));
    assert_eq!(agent.public_key(), AGENT_PUBLIC);
    assert_eq!(agent.accept_key(VIEWER_PUBLIC), Ok(KeyAccepted::New));
    let opened = agent
        .open(&Sealed {
            iv: "ZGVmZ2hpamtsbW5v".into(),
            ciphertext: "JKIv/pSxaFORhtAz+z6sPlD2MliVOpFsgi7IfdVRTVRjWkSSvvAhZSMenwqzS7aF".into(),
            tag: "c8JS6NJRFBrknaKl4PGU8A==".into(),
        })
        .expect("sealed for this agent");
    assert_eq!(
        opened.get().as_slice(),
        br#"{"type":"click","x":10.5,"y":20,"button":"left"}"#
    );
}

#[test]
fn seals_what_the_agent_of_the_vector_opens() {
    let mut agent = AgentChannel::with(KeyPair::from_secret(secret(1)));
    let mut viewer = ViewerChannel::with(KeyPair::from_secret(secret(33)));
    assert_eq!(viewer.public_key(), VIEWER_PUBLIC);
    assert_eq!(agent.accept_key(VIEWER_PUBLIC), Ok(KeyAccepted::New));
    assert_eq!(viewer.accept_key(AGENT_PUBLIC), Ok(KeyAccepted::New));
    assert!(viewer.is_keyed());
    let sealed = viewer
        .seal(&mut Generator::new(Seed::new([0; 32])), b"hello")
        .expect("keyed");
    let opened = agent.open(&sealed).map(crate::crypto::Opened::into_inner);
    assert_eq!(opened, Ok(b"hello".to_vec()));
}

#[test]
fn nothing_opens_before_a_key_and_nothing_seals() {
    let mut session = Session::new();
    let viewer = session.viewer();
    let sealed = session.seal(&viewer, b"x");
    assert_eq!(session.open(&sealed), Err(OpenError::NotKeyed));
    let unkeyed = ViewerChannel::new(&mut session.generator);
    assert!(!unkeyed.is_keyed());
    assert_eq!(
        unkeyed.seal(&mut session.generator, b"x").err(),
        Some(NotKeyed)
    );
}

#[test]
fn a_message_opens_once() {
    let mut session = Session::new();
    let viewer = session.viewer();
    assert_eq!(
        session.agent.accept_key(viewer.public_key()),
        Ok(KeyAccepted::New)
    );
    let sealed = session.seal(&viewer, b"x");
    assert_eq!(session.open(&sealed), Ok(b"x".to_vec()));
    assert_eq!(session.open(&copy(&sealed)), Err(OpenError::Replayed));
}

#[test]
fn an_old_key_that_comes_back_brings_no_replays() {
    let mut session = Session::new();
    let (old, new) = (session.viewer(), session.viewer());
    session.agent.viewer_connected();
    assert_eq!(
        session.agent.accept_key(old.public_key()),
        Ok(KeyAccepted::New)
    );
    let sealed = session.seal(&old, b"x");
    assert_eq!(session.open(&sealed), Ok(b"x".to_vec()));

    session.agent.viewer_connected();
    assert_eq!(
        session.agent.accept_key(new.public_key()),
        Ok(KeyAccepted::New)
    );
    assert_eq!(session.open(&copy(&sealed)), Err(OpenError::Forged));

    session.agent.viewer_connected();
    assert_eq!(
        session.agent.accept_key(old.public_key()),
        Ok(KeyAccepted::Known)
    );
    assert_eq!(session.open(&sealed), Err(OpenError::Replayed));
    let fresh = session.seal(&old, b"y");
    assert_eq!(session.open(&fresh), Ok(b"y".to_vec()));
}

#[test]
fn a_second_key_in_one_viewer_connection_is_refused() {
    let mut session = Session::new();
    let (human, intruder) = (session.viewer(), session.viewer());
    session.agent.viewer_connected();
    assert_eq!(
        session.agent.accept_key(human.public_key()),
        Ok(KeyAccepted::New)
    );
    assert_eq!(
        session.agent.accept_key(human.public_key()),
        Ok(KeyAccepted::Repeat)
    );
    assert_eq!(
        session.agent.accept_key(intruder.public_key()),
        Err(KeyRefused::SecondKey)
    );
    let sealed = session.seal(&human, b"still here");
    assert_eq!(session.open(&sealed), Ok(b"still here".to_vec()));
}

#[test]
fn a_key_before_its_connections_notice_counts_as_that_connections() {
    let mut session = Session::new();
    let (human, intruder) = (session.viewer(), session.viewer());
    assert_eq!(
        session.agent.accept_key(human.public_key()),
        Ok(KeyAccepted::New)
    );
    session.agent.viewer_connected();
    assert_eq!(
        session.agent.accept_key(intruder.public_key()),
        Err(KeyRefused::SecondKey)
    );
}

#[test]
fn a_page_that_reloads_gets_in_though_the_old_one_answers_late() {
    let mut session = Session::new();
    let (old, new) = (session.viewer(), session.viewer());
    session.agent.viewer_connected();
    session.agent.viewer_connected();
    for key in [old.public_key(), old.public_key(), new.public_key()] {
        assert!(session.agent.accept_key(key).is_ok());
    }
    let sealed = session.seal(&new, b"x");
    assert_eq!(session.open(&sealed), Ok(b"x".to_vec()));
}

#[test]
fn announcements_do_not_save_up_for_many_keys() {
    let mut session = Session::new();
    for _ in 0..100 {
        session.agent.viewer_connected();
    }
    let accepted = (0..100)
        .filter(|_| {
            let viewer = session.viewer();
            session.agent.accept_key(viewer.public_key()).is_ok()
        })
        .count();
    assert_eq!(accepted, 2);
}

#[test]
fn a_changed_message_does_not_open() {
    let mut session = Session::new();
    let viewer = session.viewer();
    session
        .agent
        .accept_key(viewer.public_key())
        .expect("a valid key");
    let good = session.seal(&viewer, b"some text");
    let flip = |base64: &str| {
        let mut bytes = STANDARD.decode(base64).expect("base64");
        if let Some(first) = bytes.first_mut() {
            *first ^= 1;
        }
        Cow::Owned(STANDARD.encode(bytes))
    };
    for forged in [
        Sealed {
            iv: flip(&good.iv),
            ..copy(&good)
        },
        Sealed {
            ciphertext: flip(&good.ciphertext),
            ..copy(&good)
        },
        Sealed {
            tag: flip(&good.tag),
            ..copy(&good)
        },
    ] {
        assert_eq!(session.open(&forged), Err(OpenError::Forged));
    }
    // What was forged didn't use the IV up.
    assert_eq!(session.open(&good), Ok(b"some text".to_vec()));
}

#[test]
fn parts_of_the_wrong_shape_are_malformed() {
    let mut session = Session::new();
    let viewer = session.viewer();
    session
        .agent
        .accept_key(viewer.public_key())
        .expect("a valid key");
    let good = session.seal(&viewer, b"x");
    let huge = "A".repeat(256 * 1_024 + 4);
    let iv_of = |bytes: usize| Cow::Owned(STANDARD.encode(alloc::vec![0; bytes]));
    for malformed in [
        Sealed {
            iv: iv_of(11),
            ..copy(&good)
        },
        Sealed {
            iv: iv_of(13),
            ..copy(&good)
        },
        Sealed {
            iv: "????????????????".into(),
            ..copy(&good)
        },
        Sealed {
            tag: iv_of(12),
            ..copy(&good)
        },
        Sealed {
            tag: iv_of(17),
            ..copy(&good)
        },
        Sealed {
            ciphertext: "AAA".into(),
            ..copy(&good)
        },
        Sealed {
            ciphertext: huge.into(),
            ..copy(&good)
        },
    ] {
        assert_eq!(session.open(&malformed), Err(OpenError::Malformed));
    }
}

#[test]
fn the_longest_ciphertext_is_looked_at() {
    let mut session = Session::new();
    let viewer = session.viewer();
    session
        .agent
        .accept_key(viewer.public_key())
        .expect("a valid key");
    let mut longest = session.seal(&viewer, b"x");
    longest.ciphertext = "A".repeat(256 * 1_024).into();
    assert_eq!(session.open(&longest), Err(OpenError::Forged));
}

#[test]
fn what_is_no_uncompressed_point_of_the_curve_is_refused() {
    let mut session = Session::new();
    let mut off_curve = STANDARD.decode(VIEWER_PUBLIC).expect("base64");
    if let Some(last) = off_curve.last_mut() {
        *last ^= 1;
    }
    let mut hybrid = STANDARD.decode(VIEWER_PUBLIC).expect("base64");
    if let Some(first) = hybrid.first_mut() {
        *first = 7;
    }
    let compressed = secret(33).public_key().to_sec1_point(true);
    let encode = |bytes: &[u8]| STANDARD.encode(bytes);
    for (key, reason) in [
        (encode(&off_curve), KeyRefused::NotOnCurve),
        (
            encode(&[&[4_u8][..], &[0; 64]].concat()),
            KeyRefused::NotOnCurve,
        ),
        (
            encode(&[&[4_u8][..], &[255; 64]].concat()),
            KeyRefused::NotOnCurve,
        ),
        (encode(&hybrid), KeyRefused::Malformed),
        (encode(compressed.as_bytes()), KeyRefused::Malformed),
        (encode(&[0]), KeyRefused::Malformed),
        (encode(&[0; 65]), KeyRefused::Malformed),
        (encode(&[4; 64]), KeyRefused::Malformed),
        (encode(&[4; 66]), KeyRefused::Malformed),
        (VIEWER_PUBLIC.replace('/', "_"), KeyRefused::Malformed),
        (format!("{VIEWER_PUBLIC}\n"), KeyRefused::Malformed),
        (String::new(), KeyRefused::Malformed),
    ] {
        assert_eq!(session.agent.accept_key(&key), Err(reason), "{key}");
        let mut viewer = ViewerChannel::new(&mut session.generator);
        assert_eq!(viewer.accept_key(&key), Err(reason), "{key}");
    }
    assert_eq!(
        session.agent.accept_key(VIEWER_PUBLIC),
        Ok(KeyAccepted::New)
    );
}

#[test]
fn the_agent_may_be_started_again_and_the_viewer_keeps_its_key() {
    let mut session = Session::new();
    let mut viewer = session.viewer();
    let own = String::from(viewer.public_key());
    let mut second = AgentChannel::new(&mut session.generator);
    assert_eq!(
        viewer.accept_key(session.agent.public_key()),
        Ok(KeyAccepted::Repeat)
    );
    assert_eq!(viewer.accept_key(second.public_key()), Ok(KeyAccepted::New));
    assert_eq!(viewer.public_key(), own);
    second.accept_key(&own).expect("a valid key");
    let sealed = session.seal(&viewer, b"x");
    assert!(second.open(&sealed).is_ok());
}

proptest! {
    #[test]
    fn no_bytes_panic_or_open(iv in ".{0,24}", ciphertext in ".{0,64}", tag in ".{0,32}") {
        let mut session = Session::new();
        session.agent.accept_key(VIEWER_PUBLIC).expect("a valid key");
        let sealed = Sealed { iv: iv.into(), ciphertext: ciphertext.into(), tag: tag.into() };
        prop_assert!(session.open(&sealed).is_err());
    }

    #[test]
    fn no_key_text_panics(key in ".{0,100}", bytes in proptest::collection::vec(any::<u8>(), 65)) {
        let mut session = Session::new();
        prop_assert_eq!(session.agent.accept_key(&key), Err(KeyRefused::Malformed));
        let _ = session.agent.accept_key(&STANDARD.encode(bytes));
    }
}
