//! An agent with the right keys: it answers as it is told to, seals what it is told to, and reads what the
//! viewer sent, all of which has to be right.

use authloop_core::{
    crypto::v2::{
        AgentEpoch, AgentIdentity, AgentPending, Confirmed, Epochs, FrameDraft, FromViewer, Link,
        OpenError, ReceivedHello, SessionId,
    },
    generator::Generator,
    secret::Seed,
    time::Timestamp,
    wire::v2::{CloseReason, FrameMeta, RefusalReason},
};
use bytes::Bytes;

use super::truth::{Means, Sent};

/// The agent.
pub(super) struct Agent {
    identity: AgentIdentity,
    id: SessionId,
    numbers: Epochs,
    random: Generator,
    /// The newest wish for control on this socket, and its number.
    hello: Option<(u64, Vec<u8>)>,
    pending: Option<AgentPending>,
    epoch: Option<AgentEpoch>,
    /// How many records of the last epoch arrived.
    got: Option<(u64, u32)>,
    /// How many control records this epoch has, and its newest frame.
    controls: u64,
    frames: u64,
    ping: Option<u32>,
    expires_in: u64,
}

/// What a viewer's record said.
pub(super) enum Heard {
    /// It asks for control.
    Hello,
    /// The keys are confirmed.
    Ready,
    Input(Vec<u8>),
    Control(Vec<u8>),
    Ack {
        frame: u64,
        waiting: u16,
    },
    Left,
    /// It was meant for keys that are gone.
    Nothing,
}

/// A viewer's wish for control.
pub(super) struct Wish {
    number: u64,
    attempt: u64,
    hello: ReceivedHello,
}

/// How the agent answers.
pub(super) enum Verdict {
    Accept { resume: bool },
    Refuse(RefusalReason),
}

impl Agent {
    pub(super) fn new(expires_in: u64) -> Self {
        let mut random = Generator::new(Seed::new([2; 32]));
        Self {
            identity: AgentIdentity::generate(&mut random),
            id: SessionId::parse("sess_1").expect("an id"),
            numbers: Epochs::default(),
            random,
            hello: None,
            pending: None,
            epoch: None,
            got: None,
            controls: 0,
            frames: 0,
            ping: None,
            expires_in,
        }
    }

    pub(super) const fn id(&self) -> &SessionId {
        &self.id
    }

    pub(super) const fn link(&self) -> &Link {
        self.identity.link()
    }

    /// The socket is gone, and all its keys.
    pub(super) fn hang_up(&mut self) {
        self.remember_got();
        (self.hello, self.pending, self.ping) = (None, None, None);
    }

    fn remember_got(&mut self) {
        if let Some(epoch) = self.epoch.take().filter(AgentEpoch::is_live) {
            self.got = Some((epoch.got(), epoch.epoch()));
        }
    }

    /// Takes the newest wish, which has to be a good one.
    pub(super) fn wish(&mut self) -> Option<Wish> {
        let (number, record) = self.hello.take()?;
        let hello = self.identity.read(&self.id, &record);
        Some(Wish {
            number,
            attempt: u64::from_be_bytes(record[8..16].try_into().expect("8 bytes")),
            hello: hello.expect("an honest viewer's"),
        })
    }

    /// Answers a wish.
    pub(super) fn answer(&mut self, now: Timestamp, wish: Wish, verdict: Verdict) -> Sent {
        let Wish {
            number: wish,
            attempt,
            hello,
        } = wish;
        let (record, means) = match verdict {
            Verdict::Accept { resume } => {
                let held = self.epoch.as_ref();
                let got = held.map(|epoch| (epoch.got(), epoch.epoch())).or(self.got);
                let got = got.filter(|_| resume);
                let (pending, record) = hello
                    .accept(
                        now,
                        &mut self.numbers,
                        self.expires_in,
                        got,
                        &mut self.random,
                    )
                    .expect("there are epochs");
                let epoch = pending.epoch();
                self.pending = Some(pending);
                (record, Means::Accept { wish, epoch, got })
            }
            Verdict::Refuse(reason) => {
                let record = hello.refuse(reason, &mut self.random).expect("it fits");
                (record, Means::Refuse { wish, reason })
            }
        };
        Sent {
            record,
            epoch: 0,
            counter: attempt,
            means,
        }
    }

    // What it says.

    /// Seals a control message.
    pub(super) fn control(&mut self, now: Timestamp, json: &str, means: Means) -> Option<Sent> {
        let epoch = self.epoch.as_mut()?;
        let record = epoch.seal_control(now, json.as_bytes()).ok()?;
        let (epoch, counter) = (epoch.epoch(), self.controls);
        self.controls += 1;
        Some(Sent {
            record,
            epoch,
            counter,
            means,
        })
    }

    /// Seals a heartbeat, whose clock is the story's.
    pub(super) fn beat(&mut self, now: Timestamp) -> Option<Sent> {
        let got = self.epoch.as_ref()?.got();
        let last = self.frames.checked_sub(1);
        let last = last.map_or("null".into(), |frame| frame.to_string());
        let clock = now.as_millis() % (1 << 32);
        let json =
            format!(r#"{{"type":"heartbeat","last_frame":{last},"got":{got},"clock":{clock}}}"#);
        self.control(now, &json, Means::Beat(got))
    }

    /// Echoes the newest ping.
    pub(super) fn echo(&mut self, now: Timestamp) -> Option<Sent> {
        let n = self.ping?;
        self.control(
            now,
            &format!(r#"{{"type":"ping","n":{n}}}"#),
            Means::Echo(n),
        )
    }

    /// Seals a picture.
    pub(super) fn frame(&mut self, now: Timestamp, size: u8) -> Option<Sent> {
        let epoch = self.epoch.as_mut()?;
        let meta = FrameMeta {
            repeat: size & 1 == 1,
            page: size.into(),
            capture_ms: u32::try_from(now.as_millis() % (1 << 32)).expect("32 bits"),
            device_width: f32::from(size),
            device_height: 720.0,
            offset_top: 0.0,
            page_scale_factor: 1.0,
            scroll_x: 0.0,
            scroll_y: 0.0,
        };
        let jpeg = Bytes::from(vec![size; 1 + usize::from(size)]);
        let mut draft = FrameDraft::new(&meta, jpeg.len()).expect("finite");
        draft.push(&jpeg);
        let (counter, record) = epoch.seal_frame(now, draft).ok()?;
        self.frames = counter + 1;
        let controls = self.controls;
        Some(Sent {
            record,
            epoch: epoch.epoch(),
            counter,
            means: Means::Frame {
                meta,
                jpeg,
                controls,
            },
        })
    }

    /// Ends the epoch.
    pub(super) fn close(&mut self, now: Timestamp, reason: CloseReason) -> Option<Sent> {
        let mut epoch = self.epoch.take()?;
        let record = epoch.seal_close(now, reason).ok()?;
        Some(Sent {
            record,
            epoch: epoch.epoch(),
            counter: self.controls,
            means: Means::Close(reason),
        })
    }

    // What it hears.

    /// Reads a record of the viewer's: whole and in order, it has to verify.
    pub(super) fn read(&mut self, now: Timestamp, wish: u64, mut record: Vec<u8>) -> Heard {
        if record[1] == 0x01 {
            self.hello = Some((wish, record));
            return Heard::Hello;
        }
        if let Some(pending) = self.pending.take() {
            match pending.confirm(now, &mut record) {
                Ok(Confirmed::Ready(epoch)) => {
                    self.remember_got();
                    self.epoch = Some(epoch);
                    (self.controls, self.frames, self.ping) = (0, 0, None);
                    return Heard::Ready;
                }
                Ok(Confirmed::NotYet(pending)) => self.pending = Some(pending),
                Err(error) => {
                    assert_eq!(error, OpenError::Exhausted, "READY comes first");
                    return Heard::Nothing;
                }
            }
        }
        let Some(epoch) = self.epoch.as_mut().filter(|epoch| epoch.is_live()) else {
            return Heard::Nothing;
        };
        let until = epoch.until();
        let opened = match epoch.open(now, &mut record) {
            Ok(opened) => opened.into_inner(),
            Err(OpenError::OtherEpoch) => return Heard::Nothing,
            Err(error) => {
                let are_old = now >= until;
                assert!(
                    are_old && error == OpenError::Exhausted,
                    "an honest viewer's: {error}"
                );
                return Heard::Nothing;
            }
        };
        match opened {
            FromViewer::Input(json) => Heard::Input(json.to_vec()),
            FromViewer::Control(control) => {
                let json: serde_json::Value =
                    serde_json::from_slice(control.json).expect("an object");
                if json["type"] == "ping" {
                    let n = json["n"].as_u64().and_then(|n| u32::try_from(n).ok());
                    self.ping = Some(n.expect("a number"));
                }
                Heard::Control(control.json.to_vec())
            }
            FromViewer::Ack(ack) => Heard::Ack {
                frame: ack.frame,
                waiting: ack.waiting,
            },
            FromViewer::Left => Heard::Left,
        }
    }
}
