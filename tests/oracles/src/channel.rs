//! Version 1's encryption against a relay: a message opens if its viewer's key is the current one, it
//! wasn't changed, and it wasn't opened before; otherwise nothing moves.

use std::{borrow::Cow, collections::BTreeSet};

use arbitrary::{Arbitrary, Unstructured};
use authloop_core::{
    crypto::v1::{AgentChannel, ViewerChannel},
    generator::Generator,
    secret::Seed,
    wire::v1::Sealed,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::script;

#[derive(Arbitrary, Debug)]
enum Step {
    /// The relay tells of a viewer.
    Announce,
    /// A viewer's key comes.
    Key {
        viewer: bool,
    },
    /// Somebody's idea of a key comes.
    Stranger(Vec<u8>),
    Seal {
        viewer: bool,
        text: Vec<u8>,
    },
    Deliver {
        which: u8,
    },
    /// Parts of two messages, one bit of one part changed.
    Forge {
        which: u8,
        other: u8,
        part: u8,
        bit: u8,
        splice: bool,
    },
    /// Anything.
    Raw(String, String, String),
}

struct Sent {
    viewer: usize,
    text: Vec<u8>,
    sealed: Sealed<'static>,
}

/// Tells the story.
pub fn check(data: &[u8]) {
    let mut generator = Generator::new(Seed::new([7; 32]));
    let mut agent = AgentChannel::new(&mut generator);
    let mut viewers = [(); 2].map(|()| ViewerChannel::new(&mut generator));
    for viewer in &mut viewers {
        viewer.accept_key(agent.public_key()).expect("a good key");
    }
    let mut sent: Vec<Sent> = Vec::new();
    let mut opened = BTreeSet::new();
    let mut current = None;
    for step in script::steps::<Step>(&mut Unstructured::new(data), 200) {
        match step {
            Step::Announce => agent.viewer_connected(),
            Step::Key { viewer } => {
                let viewer = usize::from(viewer);
                let key = viewers.get(viewer).expect("one of two").public_key();
                if agent.accept_key(key).is_ok() {
                    current = Some(viewer);
                }
            }
            Step::Stranger(bytes) => {
                let good = bytes.len() == 65
                    && bytes.first() == Some(&4)
                    && p256::PublicKey::from_sec1_bytes(&bytes).is_ok();
                let accepted = agent.accept_key(&STANDARD.encode(bytes)).is_ok();
                assert!(good || !accepted, "a key that is none was accepted");
                if accepted {
                    current = None;
                }
            }
            Step::Seal { viewer, text } => {
                let viewer = usize::from(viewer);
                let sealed = viewers
                    .get(viewer)
                    .expect("one of two")
                    .seal(&mut generator, &text)
                    .expect("it has keys");
                sent.push(Sent {
                    viewer,
                    text,
                    sealed,
                });
            }
            Step::Deliver { which } => {
                let Some(message) = script::pick(&sent, which) else {
                    continue;
                };
                let iv = message.sealed.iv.clone().into_owned();
                let fresh = current == Some(message.viewer)
                    && !opened.contains(&(message.viewer, iv.clone()));
                match agent.open(&message.sealed) {
                    Ok(text) => {
                        assert!(fresh, "opened without the right, or twice");
                        assert_eq!(text.get(), &message.text);
                        opened.insert((message.viewer, iv));
                    }
                    Err(error) => assert!(!fresh, "{error}"),
                }
            }
            Step::Forge {
                which,
                other,
                part,
                bit,
                splice,
            } => {
                let (Some(one), Some(other)) =
                    (script::pick(&sent, which), script::pick(&sent, other))
                else {
                    continue;
                };
                let donor = if splice { other } else { one };
                let mut forged = copy(&one.sealed);
                *choose(&mut forged, part) = choose(&mut copy(&donor.sealed), part).clone();
                flip(choose(&mut forged, part), bit);
                let genuine = sent.iter().any(|sent| equal(&sent.sealed, &forged));
                assert!(
                    genuine || agent.open(&forged).is_err(),
                    "a forged message was opened"
                );
            }
            Step::Raw(iv, ciphertext, tag) => {
                let raw = Sealed {
                    iv: iv.into(),
                    ciphertext: ciphertext.into(),
                    tag: tag.into(),
                };
                assert!(agent.open(&raw).is_err(), "anything was opened");
            }
        }
    }
}

fn copy(sealed: &Sealed<'static>) -> Sealed<'static> {
    Sealed {
        iv: sealed.iv.clone(),
        ciphertext: sealed.ciphertext.clone(),
        tag: sealed.tag.clone(),
    }
}

fn equal(one: &Sealed<'_>, other: &Sealed<'_>) -> bool {
    one.iv == other.iv && one.ciphertext == other.ciphertext && one.tag == other.tag
}

fn choose<'a>(sealed: &'a mut Sealed<'static>, part: u8) -> &'a mut Cow<'static, str> {
    match part % 3 {
        0 => &mut sealed.iv,
        1 => &mut sealed.ciphertext,
        _ => &mut sealed.tag,
    }
}

fn flip(base64: &mut Cow<'static, str>, bit: u8) {
    let mut bytes = STANDARD.decode(base64.as_bytes()).expect("base64");
    let bit = usize::from(bit) % (bytes.len() * 8).max(1);
    if let Some(byte) = bytes.get_mut(bit / 8) {
        *byte ^= 1 << (bit % 8);
    }
    *base64 = Cow::Owned(STANDARD.encode(bytes));
}
