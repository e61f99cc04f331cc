//! Version 2's records (§5) with an adversary between both ends, over several epochs: a record opens
//! if it was sealed for this end in this epoch, is unchanged but for the hop, and is the next; what is of
//! another epoch changes nothing; anything else ends the epoch, for good.

mod model;

use arbitrary::{Arbitrary, Unstructured};
use authloop_core::{
    crypto::v2::{
        AgentEpoch, AgentIdentity, Answered, Confirmed, Epochs, FrameDraft, FromAgent, FromViewer,
        Offer, ViewerEpoch, ViewerHandshake,
    },
    generator::Generator,
    secret::Seed,
    time::Timestamp,
    wire::v2::{Ack, CloseReason, FrameMeta},
};

use self::model::{Expected, Model, Said, Sent, judge};
use crate::{
    handshake::{NOW, id, identity},
    mutation::{Mutation, same},
    script,
};

#[derive(Arbitrary, Debug)]
enum Step {
    Input(Vec<u8>),
    Control {
        by_agent: bool,
        word: u8,
    },
    Acknowledge {
        frame: u8,
        waiting: u16,
    },
    Frame(Vec<u8>),
    Left,
    Close(u8),
    /// The record that was sealed next after the last that opened; repeated to be frequent.
    Next {
        to_agent: bool,
    },
    NextAgain {
        to_agent: bool,
    },
    /// Any record that was ever sealed, maybe changed, to anybody.
    Any {
        to_agent: bool,
        by_agent: bool,
        which: u8,
        mutation: Option<Mutation>,
    },
    Raw {
        to_agent: bool,
        bytes: Vec<u8>,
    },
    Rejoin,
    Pass(u32),
}

struct World {
    identity: AgentIdentity,
    generator: Generator,
    epochs: Epochs,
    now: Timestamp,
    /// When the keys of both ends have to be given up.
    until: Timestamp,
    viewer: ViewerEpoch,
    agent: AgentEpoch,
    to_agent: Vec<Sent>,
    to_viewer: Vec<Sent>,
    /// What each end should have opened so far.
    model: Model,
}

/// Tells the story.
pub fn check(data: &[u8]) {
    let mut world = World::new();
    let mut rejoined = 0;
    for step in script::steps::<Step>(&mut Unstructured::new(data), 120) {
        // A handshake takes a thousand times as long as a record.
        if matches!(step, Step::Rejoin) && rejoined < 3 {
            rejoined += 1;
            world.join();
        } else {
            world.take(step);
        }
    }
}

impl World {
    fn new() -> Self {
        let identity = identity();
        let mut generator = Generator::new(Seed::new([9; 32]));
        let mut epochs = Epochs::default();
        let (viewer, agent) = join(&identity, &mut generator, &mut epochs, NOW);
        Self {
            identity,
            generator,
            epochs,
            now: NOW,
            until: viewer.until(),
            viewer,
            agent,
            to_agent: Vec::new(),
            to_viewer: Vec::new(),
            model: Model::joined(),
        }
    }

    fn join(&mut self) {
        (self.viewer, self.agent) = join(
            &self.identity,
            &mut self.generator,
            &mut self.epochs,
            self.now,
        );
        self.until = self.viewer.until();
        self.model = Model::joined();
    }

    fn take(&mut self, step: Step) {
        let now = self.now;
        match step {
            Step::Input(json) => {
                let sealed = self.viewer.seal_input(now, &json);
                self.viewer_sealed(sealed.ok(), Said::Input(json));
            }
            Step::Control { by_agent, word } => {
                let json = format!(r#"{{"type":"{word}"}}"#).into_bytes();
                if by_agent {
                    let sealed = self.agent.seal_control(now, &json);
                    self.agent_sealed(sealed.ok(), Said::Control(json));
                } else {
                    let sealed = self.viewer.seal_control(now, &json);
                    self.viewer_sealed(sealed.ok(), Said::Control(json));
                }
            }
            Step::Acknowledge { frame, waiting } => {
                let frame = u64::from(frame);
                let sealed = self.viewer.seal_ack(now, Ack { frame, waiting });
                self.viewer_sealed(sealed.ok(), Said::Ack(frame, waiting));
            }
            Step::Frame(jpeg) => {
                let mut draft = FrameDraft::new(&META, jpeg.len()).expect("finite");
                draft.push(&jpeg);
                let sealed = self.agent.seal_frame(now, draft).ok();
                self.model.frames_sent += u64::from(sealed.is_some());
                self.agent_sealed(sealed.map(|(_, record)| record), Said::Frame(jpeg));
            }
            Step::Left => {
                let sealed = self.viewer.seal_left(now);
                self.model.viewer_is_over = true;
                self.viewer_sealed(sealed.ok(), Said::Left);
            }
            Step::Close(reason) => {
                let reason = script::pick(&REASONS, reason)
                    .copied()
                    .unwrap_or(CloseReason::Error);
                let sealed = self.agent.seal_close(now, reason);
                self.model.agent_is_over = true;
                self.agent_sealed(sealed.ok(), Said::Close(reason));
            }
            Step::Next { to_agent } | Step::NextAgain { to_agent } => {
                let epoch = self.agent.epoch();
                let next = if to_agent {
                    let got = self.model.got;
                    self.to_agent
                        .iter()
                        .find(|sent| sent.epoch == epoch && sent.counter == got)
                } else {
                    let model = &self.model;
                    self.to_viewer
                        .iter()
                        .find(|sent| sent.epoch == epoch && model.awaits(sent))
                };
                if let Some(record) = next.map(|sent| sent.record.clone()) {
                    self.deliver(to_agent, record);
                }
            }
            Step::Any {
                to_agent,
                by_agent,
                which,
                mutation,
            } => {
                let sent = if by_agent {
                    &self.to_viewer
                } else {
                    &self.to_agent
                };
                if let Some(sent) = script::pick(sent, which) {
                    let mut record = sent.record.clone();
                    if let Some(mutation) = mutation {
                        mutation.apply(&mut record);
                    }
                    self.deliver(to_agent, record);
                }
            }
            Step::Raw { to_agent, bytes } => self.deliver(to_agent, bytes),
            Step::Pass(millis) => {
                self.now = self.now + core::time::Duration::from_millis(u64::from(millis) / 1_000);
            }
            Step::Rejoin => {}
        }
    }

    fn viewer_sealed(&mut self, record: Option<Vec<u8>>, said: Said) {
        if let Some(record) = record {
            let counter = self.model.count(0);
            let epoch = self.viewer.epoch();
            self.to_agent
                .push(Sent::new(record, epoch, counter, said, 0));
        }
    }

    fn agent_sealed(&mut self, record: Option<Vec<u8>>, said: Said) {
        if let Some(record) = record {
            let ctl_next = self.model.sealed[1];
            let stream = if matches!(said, Said::Frame(_)) { 2 } else { 1 };
            let counter = self.model.count(stream);
            let epoch = self.agent.epoch();
            self.to_viewer
                .push(Sent::new(record, epoch, counter, said, ctl_next));
        }
    }

    fn deliver(&mut self, to_agent: bool, record: Vec<u8>) {
        if to_agent {
            self.reach_the_agent(record);
        } else {
            self.reach_the_viewer(record);
        }
    }

    fn reach_the_agent(&mut self, mut record: Vec<u8>) {
        let expected = self.expected_of(&record, true);
        let before = self.agent.got();
        let opened =
            self.agent
                .open(self.now, &mut record)
                .map(|opened| match opened.into_inner() {
                    FromViewer::Input(json) => Said::Input(json.to_vec()),
                    FromViewer::Control(control) => Said::Control(control.json.to_vec()),
                    FromViewer::Ack(ack) => Said::Ack(ack.frame, ack.waiting),
                    FromViewer::Left => Said::Left,
                });
        let ends = judge(&expected, &opened);
        if let Ok(said) = &opened {
            if let Said::Ack(frame, _) = said {
                self.model.acknowledged = *frame;
            }
            self.model.got += 1;
            assert_eq!(self.agent.got(), self.model.got);
        } else if ends {
            self.model.agent_is_over = true;
        } else {
            assert_eq!(self.agent.got(), before, "what is refused moves nothing");
        }
        assert_eq!(self.agent.is_live(), !self.model.agent_is_over);
    }

    fn reach_the_viewer(&mut self, mut record: Vec<u8>) {
        let expected = self.expected_of(&record, false);
        let opened =
            self.viewer
                .open(self.now, &mut record)
                .map(|opened| match opened.into_inner() {
                    FromAgent::Frame(frame) => Said::Frame(frame.frame.jpeg.to_vec()),
                    FromAgent::Control(control) => Said::Control(control.json.to_vec()),
                    FromAgent::Close(reason) => Said::Close(reason),
                });
        let ends = judge(&expected, &opened);
        if let (Ok(said), Expected::Opens { counter, .. }) = (&opened, &expected) {
            let (is_frame, next) = (matches!(said, Said::Frame(_)), counter + 1);
            if is_frame {
                self.model.next_frame = next;
            } else {
                self.model.control_seen = next;
            }
        } else if ends {
            self.model.viewer_is_over = true;
        }
        assert_eq!(self.viewer.is_live(), !self.model.viewer_is_over);
    }

    /// Says what the description wants of a record, by its bytes and by what was sealed.
    fn expected_of(&self, record: &[u8], to_agent: bool) -> Expected {
        let (sent, kinds, is_over) = if to_agent {
            (
                &self.to_agent,
                &[0x11, 0x12, 0x13, 0x1F][..],
                self.model.agent_is_over,
            )
        } else {
            (
                &self.to_viewer,
                &[0x10, 0x12, 0x1F][..],
                self.model.viewer_is_over,
            )
        };
        let epoch = self.agent.epoch();
        let outside = match record {
            [2, kind, ..] if record.len() >= 32 => kinds.contains(kind),
            _ => false,
        };
        let most = if record.get(1) == Some(&0x10) {
            8 << 20
        } else {
            80 << 10
        };
        if is_over || !outside || record.len() > most {
            return Expected::Ends;
        }
        if record.get(4..8) != Some(&epoch.to_be_bytes()) {
            return Expected::Nothing;
        }
        let sealed = sent
            .iter()
            .find(|sent| sent.epoch == epoch && same(&sent.record, record));
        let awaited = |sent: &&Sent| {
            if to_agent {
                self.awaits(sent)
            } else {
                self.model.awaits(sent)
            }
        };
        match sealed.filter(awaited) {
            Some(sent) if self.now < self.until => Expected::Opens {
                said: sent.said.clone(),
                counter: sent.counter,
            },
            Some(_) | None => Expected::Ends,
        }
    }

    /// What the agent awaits: the very next, and of acknowledgements only possible ones.
    fn awaits(&self, sent: &Sent) -> bool {
        let possible = match sent.said {
            Said::Ack(frame, _) => {
                (self.model.acknowledged..self.model.frames_sent).contains(&frame)
            }
            Said::Input(_) | Said::Control(_) | Said::Frame(_) | Said::Left | Said::Close(_) => {
                true
            }
        };
        possible && sent.counter == self.model.got
    }
}

const META: FrameMeta = FrameMeta {
    repeat: false,
    page: 1,
    capture_ms: 1_001,
    device_width: 1_280.0,
    device_height: 720.0,
    offset_top: 0.0,
    page_scale_factor: 1.0,
    scroll_x: 0.0,
    scroll_y: 96.5,
};

const REASONS: [CloseReason; 5] = [
    CloseReason::Resolved,
    CloseReason::Cancelled,
    CloseReason::Timeout,
    CloseReason::Error,
    CloseReason::TakenOver,
];

/// Goes through a whole handshake.
fn join(
    identity: &AgentIdentity,
    generator: &mut Generator,
    epochs: &mut Epochs,
    now: Timestamp,
) -> (ViewerEpoch, AgentEpoch) {
    let session = id();
    let (viewer, hello1) =
        ViewerHandshake::start(identity.link(), &session, 0, Offer::default(), generator)
            .expect("a small offer");
    let received = identity.read(&session, &hello1).expect("a good hello");
    let (pending, hello2) = received
        .accept(now, epochs, 9, None, generator)
        .expect("an epoch");
    let Ok(Answered::Accepted(mut accepted)) = viewer.read(now, &hello2) else {
        unreachable!("a good answer");
    };
    let Ok(Confirmed::Ready(agent)) = pending.confirm(now, &mut accepted.ready) else {
        unreachable!("READY");
    };
    (accepted.epoch, agent)
}
