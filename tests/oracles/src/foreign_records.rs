//! Version 2's records from a foreign end that holds the keys and seals anything (§5): a plaintext is
//! taken if its kind allows it, and else ends the epoch.

use arbitrary::{Arbitrary, Unstructured};
use authloop_core::{
    crypto::v2::{
        AgentEpoch, Answered, Confirmed, Epochs, FrameDraft, FromAgent, FromViewer, Offer,
        OpenError, ViewerEpoch, ViewerHandshake,
    },
    generator::Generator,
    secret::Seed,
    wire::v2::FrameMeta,
};
use serde_json::Value;

use crate::{
    foreign::{Epoch, Header},
    handshake::{NOW, STATIC, foreign_agent, id, identity, session_of},
    script,
};

#[derive(Arbitrary, Debug)]
struct Say<'a> {
    kind: u8,
    /// Off the next counter by this much; mostly nothing.
    ahead: Option<u8>,
    epoch: Option<u32>,
    /// Pads an input as the description asks.
    padded: bool,
    text: &'a [u8],
}

/// Lets a foreign viewer, or a foreign agent, say things.
pub fn check(data: &[u8]) {
    let mut script = Unstructured::new(data);
    if bool::arbitrary(&mut script).unwrap_or_default() {
        to_agent(&mut script);
    } else {
        to_viewer(&mut script);
    }
}

fn to_agent(script: &mut Unstructured<'_>) {
    let (mut agent, keys) = a_foreign_viewer();
    let frames = 3;
    for _ in 0..frames {
        agent.seal_frame(NOW, picture()).expect("it has keys");
    }
    let (mut next, mut acknowledged) = (1, 0);
    for say in script::steps::<Say<'_>>(script, 60) {
        let text = if say.padded {
            padded(say.text)
        } else {
            say.text.to_vec()
        };
        let kind = [0x11, 0x12, 0x13, 0x1F, say.kind][usize::from(say.kind % 5)];
        let header = say.header(kind, 1, next);
        let mut record = keys.to_agent.seal(header, &text);
        let opened = agent
            .open(NOW, &mut record)
            .map(authloop_core::crypto::Opened::into_inner);
        if header.epoch != 1 && say.padded_fits(kind, &record_kinds_to_agent(), &text) {
            assert_eq!(opened.err(), Some(OpenError::OtherEpoch));
            continue;
        }
        match opened {
            Ok(said) => {
                assert_eq!((header.epoch, header.counter), (1, next));
                match said {
                    FromViewer::Input(json) => {
                        assert_eq!(kind, 0x11);
                        assert_eq!(text, padded(json));
                    }
                    FromViewer::Control(control) => assert!(kind == 0x12 && control.json == text),
                    FromViewer::Ack(ack) => {
                        assert!(kind == 0x13 && text.len() == 10);
                        assert!((acknowledged..frames).contains(&ack.frame));
                        acknowledged = ack.frame;
                    }
                    FromViewer::Left => {
                        assert_eq!((kind, reason(&text)), (0x1F, Some("left".into())))
                    }
                }
                next += 1;
                assert_eq!(agent.got(), next);
            }
            Err(_) => {
                assert!(!agent.is_live());
                let due = (header.epoch, header.counter) == (1, next);
                let fine = match kind {
                    0x11 => say.padded && say.text.len() <= 65_534,
                    0x13 => {
                        text.len() == 10 && {
                            let frame = u64::from_be_bytes(text[..8].try_into().expect("8 bytes"));
                            (acknowledged..frames).contains(&frame)
                        }
                    }
                    _ => false,
                };
                assert!(!(due && fine), "it was to be taken");
                return;
            }
        }
    }
}

fn to_viewer(script: &mut Unstructured<'_>) {
    let (mut viewer, keys) = a_foreign_agent();
    let (mut control, mut frame) = (0, 0);
    for say in script::steps::<Say<'_>>(script, 60) {
        let kind = [0x10, 0x12, 0x1F, say.kind][usize::from(say.kind % 4)];
        let is_frame = kind == 0x10;
        let header = say.header(kind, 9, if is_frame { frame } else { control });
        let text = say.text;
        let key = if is_frame {
            &keys.frames
        } else {
            &keys.to_viewer
        };
        let mut record = key.seal(header, text);
        let opened = viewer
            .open(NOW, &mut record)
            .map(authloop_core::crypto::Opened::into_inner);
        if header.epoch != 9 && say.padded_fits(kind, &[0x10, 0x12, 0x1F], text) {
            assert_eq!(opened.err(), Some(OpenError::OtherEpoch));
            continue;
        }
        match opened {
            Ok(said) => {
                assert_eq!(header.epoch, 9);
                match said {
                    FromAgent::Frame(received) => {
                        assert!(is_frame && header.counter >= frame);
                        assert_eq!(received.missing, header.counter - frame);
                        assert!(
                            u64::from(received.frame.ctl_next) <= control,
                            "control is missing"
                        );
                        assert!(
                            text.len() >= 38 && text[2] != 0 && text.ends_with(received.frame.jpeg)
                        );
                        frame = header.counter + 1;
                    }
                    FromAgent::Control(said) => {
                        assert!(kind == 0x12 && said.json == text && header.counter == control);
                        control += 1;
                    }
                    FromAgent::Close(_) => {
                        assert!(
                            kind == 0x1F && reason(text).is_some_and(|reason| reason != "left")
                        );
                        assert_eq!(header.counter, control);
                        control += 1;
                    }
                }
            }
            Err(_) => {
                assert!(!viewer.is_live());
                return;
            }
        }
    }
}

impl Say<'_> {
    fn header(&self, kind: u8, epoch: u32, next: u64) -> Header {
        Header {
            kind,
            chan: u16::from(self.kind),
            epoch: self.epoch.unwrap_or(epoch),
            counter: next.wrapping_add(u64::from(self.ahead.unwrap_or_default())),
        }
    }

    /// Tells whether the record's outside is in order.
    fn padded_fits(&self, kind: u8, kinds: &[u8], text: &[u8]) -> bool {
        kinds.contains(&kind) && text.len() + 32 <= 80 * 1_024
    }
}

const fn record_kinds_to_agent() -> [u8; 4] {
    [0x11, 0x12, 0x13, 0x1F]
}

/// Pads as §5 says.
fn padded(json: &[u8]) -> Vec<u8> {
    let length = u16::try_from(json.len()).unwrap_or(u16::MAX);
    let mut text = [&length.to_be_bytes(), json].concat();
    let size = [256, 1_024, 4_096, 16_384, 65_536]
        .into_iter()
        .find(|size| text.len() <= *size);
    text.resize(size.unwrap_or(text.len()), 0);
    text
}

fn reason(text: &[u8]) -> Option<String> {
    let value: Value = serde_json::from_slice(text).ok()?;
    value["reason"].as_str().map(str::to_owned)
}

fn a_foreign_viewer() -> (AgentEpoch, Epoch) {
    let (agent, mut generator) = (identity(), Generator::new(Seed::new([1; 32])));
    let mut foreign = session_of(agent.link()).viewer(1);
    let header = Header {
        kind: 1,
        chan: 0,
        epoch: 0,
        counter: 0,
    };
    let hello = foreign.write(header, br#"{"v":2}"#);
    let received = agent.read(&id(), &hello).expect("a good hello");
    let accepted = received.accept(NOW, &mut Epochs::default(), 9, None, &mut generator);
    let (pending, answer) = accepted.expect("an epoch");
    foreign.read(&answer).expect("a good answer");
    let keys = foreign.finish();
    let ready = Header {
        kind: 0x12,
        epoch: 1,
        ..header
    };
    let mut ready = keys.to_agent.seal(ready, br#"{"type":"ready"}"#);
    match pending.confirm(NOW, &mut ready) {
        Ok(Confirmed::Ready(epoch)) => (epoch, keys),
        Ok(Confirmed::NotYet(_)) | Err(_) => unreachable!("READY"),
    }
}

fn a_foreign_agent() -> (ViewerEpoch, Epoch) {
    let (link, session) = foreign_agent();
    let mut generator = Generator::new(Seed::new([2; 32]));
    let (viewer, hello) =
        ViewerHandshake::start(&link, &id(), 0, Offer::default(), &mut generator).expect("small");
    let mut foreign = session.agent(&STATIC, 2);
    foreign.read(&hello).expect("a good hello");
    let header = Header {
        kind: 2,
        chan: 0,
        epoch: 0,
        counter: 0,
    };
    let answer = foreign.write(header, br#"{"ok":true,"epoch":9,"expires_in":5}"#);
    match viewer.read(NOW, &answer) {
        Ok(Answered::Accepted(accepted)) => (accepted.epoch, foreign.finish()),
        Ok(Answered::Refused(_) | Answered::Outdated(_)) | Err(_) => unreachable!("a good answer"),
    }
}

fn picture() -> FrameDraft {
    let meta = FrameMeta {
        repeat: false,
        page: 0,
        capture_ms: 0,
        device_width: 1.0,
        device_height: 1.0,
        offset_top: 0.0,
        page_scale_factor: 1.0,
        scroll_x: 0.0,
        scroll_y: 0.0,
    };
    FrameDraft::new(&meta, 0).expect("finite")
}
