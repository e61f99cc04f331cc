//! What both ends promise together, and what an adversary between them can't do.

mod handshake;
mod oracle;
mod primitives;
mod properties;
mod records;
mod vectors;

use alloc::vec::Vec;

use zeroize::Zeroizing;

use super::{noise::Agreed, schedule::EpochSecrets, *};
use crate::{generator::Generator, secret::Seed, time::Timestamp, wire::v2::FrameMeta};

const NOW: Timestamp = Timestamp::from_millis(5_000);

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

/// One session's agent, with as many viewers as a test wants.
struct Session {
    generator: Generator,
    identity: AgentIdentity,
    id: SessionId,
    epochs: Epochs,
}

impl Session {
    fn new(seed: u8) -> Self {
        let mut generator = Generator::new(Seed::new([seed; 32]));
        Self {
            identity: AgentIdentity::generate(&mut generator),
            generator,
            id: SessionId::parse("sess_1").expect("an id"),
            epochs: Epochs::default(),
        }
    }

    fn hello1(&mut self, attempt: u64, offer: Offer<'_>) -> (ViewerHandshake, Vec<u8>) {
        let link = self.identity.link();
        ViewerHandshake::start(link, &self.id, attempt, offer, &mut self.generator)
            .expect("a small offer")
    }

    fn read(&self, record: &[u8]) -> Result<ReceivedHello, Fatal> {
        self.identity.read(&self.id, record)
    }

    fn accept(&mut self, hello: ReceivedHello) -> (AgentPending, Vec<u8>) {
        hello
            .accept(NOW, &mut self.epochs, 600_000, None, &mut self.generator)
            .expect("an epoch")
    }

    /// Goes through a whole handshake.
    fn join(&mut self) -> (ViewerEpoch, AgentEpoch) {
        let (viewer, hello1) = self.hello1(0, Offer::default());
        let received = self.read(&hello1).expect("a good hello");
        let (pending, hello2) = self.accept(received);
        let mut accepted = accepted(viewer.read(NOW, &hello2));
        let agent = confirmed(pending.confirm(NOW, &mut accepted.ready));
        (accepted.epoch, agent)
    }
}

fn accepted(answered: Result<Answered, Fatal>) -> Accepted {
    match answered {
        Ok(Answered::Accepted(accepted)) => accepted,
        Ok(Answered::Refused(_) | Answered::Outdated(_)) => panic!("not accepted"),
        Err(error) => panic!("{error}"),
    }
}

fn confirmed(confirmed: Result<Confirmed, OpenError>) -> AgentEpoch {
    match confirmed {
        Ok(Confirmed::Ready(epoch)) => epoch,
        Ok(Confirmed::NotYet(_)) => panic!("not confirmed"),
        Err(error) => panic!("{error}"),
    }
}

/// Makes both ends of an epoch without a handshake, the viewer's before READY.
fn ends(epoch: u32, session: u8) -> (ViewerEpoch, AgentEpoch) {
    let secrets = || {
        let agreed = Agreed {
            hash: [session; 32],
            keys: Zeroizing::new([session; 64]),
        };
        EpochSecrets::derive(&agreed, epoch, NOW)
    };
    (
        ViewerEpoch::new(epoch, secrets()),
        AgentEpoch::new(epoch, secrets()),
    )
}

fn picture(jpeg: &[u8]) -> FrameDraft {
    let mut draft = FrameDraft::new(&META, jpeg.len()).expect("finite");
    draft.push(jpeg);
    draft
}

/// Flips one bit.
fn flipped(record: &[u8], bit: usize) -> Vec<u8> {
    let mut flipped = record.to_vec();
    flipped[bit / 8] ^= 1 << (bit % 8);
    flipped
}
