//! What version 2's cryptography costs: a picture sealed, beside the bare cipher on the same bytes,
//! and the agent's side of a handshake.

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

use aes_gcm::{AeadInOut as _, Aes256Gcm, KeyInit as _};
use authloop_core::{
    crypto::v2::{
        AgentEpoch, AgentIdentity, Answered, Confirmed, Epochs, FrameDraft, Offer, SessionId,
        ViewerHandshake,
    },
    generator::Generator,
    secret::Seed,
    time::Timestamp,
    wire::v2::FrameMeta,
};

use super::figure::{Sorted, Table};

/// The size of a picture of a busy page.
const PICTURE: usize = 200_000;

/// How often each is done.
const TIMES: usize = 2_000;

const NOW: Timestamp = Timestamp::from_millis(0);

const META: FrameMeta = FrameMeta {
    repeat: false,
    page: 0,
    capture_ms: 0,
    device_width: 1_280.0,
    device_height: 720.0,
    offset_top: 0.0,
    page_scale_factor: 1.0,
    scroll_x: 0.0,
    scroll_y: 0.0,
};

/// Measures all of it, on this thread.
pub fn measure(table: &mut Table) {
    let mut session = Session::new();
    let (sealed, bare) = sealing(&mut session);
    let ratio = sealed.percentile(50).as_secs_f64() / bare.percentile(50).as_secs_f64();
    let kilobytes = PICTURE / 1_000;
    let [sealed, bare] = [sealed, bare].map(|took| took.percentile(50).as_micros());
    table.add(
        format!("sealing a {kilobytes} kB frame, beside the bare cipher"),
        "< 1.30",
        format!("{ratio:.2} ({sealed} µs, {bare} µs)"),
    );
    let handshake = session.handshakes().to_string();
    table.add("agent's side of a handshake", "< 2.00 ms", handshake);
}

/// Seals by turns with the record layer and with the bare cipher, in place both times.
fn sealing(session: &mut Session) -> (Sorted, Sorted) {
    let mut epoch = session.join();
    let cipher = Aes256Gcm::new(&[1; 32].into());
    let picture = vec![7; PICTURE];
    let (mut sealed, mut bare) = (Vec::with_capacity(TIMES), Vec::with_capacity(TIMES));
    for time in 0..2 * TIMES {
        if time % 2 == 0 {
            let mut frame = FrameDraft::new(&META, PICTURE).expect("finite");
            frame.push(&picture);
            let started = Instant::now();
            let record = epoch.seal_frame(NOW, frame);
            sealed.push(started.elapsed());
            black_box(record.expect("few enough for one key"));
        } else {
            let mut buffer = Vec::with_capacity(PICTURE);
            buffer.extend_from_slice(&picture);
            let started = Instant::now();
            let buffer_inout = buffer.as_mut_slice().into();
            let tag = cipher.encrypt_inout_detached(&[2; 12].into(), &[3; 14], buffer_inout);
            bare.push(started.elapsed());
            black_box((tag.expect("short"), buffer));
        }
    }
    (Sorted::new(sealed), Sorted::new(bare))
}

/// A session's agent, and what it needs to let viewers in.
struct Session {
    generator: Generator,
    identity: AgentIdentity,
    id: SessionId,
    epochs: Epochs,
}

impl Session {
    fn new() -> Self {
        let mut generator = Generator::new(Seed::new([1; 32]));
        Self {
            identity: AgentIdentity::generate(&mut generator),
            generator,
            id: SessionId::parse("sess_1").expect("an id"),
            epochs: Epochs::default(),
        }
    }

    fn viewer(&mut self) -> (ViewerHandshake, Vec<u8>) {
        let link = self.identity.link();
        ViewerHandshake::start(link, &self.id, 0, Offer::default(), &mut self.generator)
            .expect("a small offer")
    }

    fn join(&mut self) -> AgentEpoch {
        self.time_of_joining().1
    }

    /// The agent's side of one handshake, from HELLO1 to the READY that confirms it.
    fn time_of_joining(&mut self) -> (Duration, AgentEpoch) {
        let (viewer, hello1) = self.viewer();
        let started = Instant::now();
        let received = self.identity.read(&self.id, &hello1).expect("good");
        let (pending, hello2) = received
            .accept(NOW, &mut self.epochs, 1, None, &mut self.generator)
            .expect("an epoch");
        let answering = started.elapsed();
        let Ok(Answered::Accepted(mut accepted)) = viewer.read(NOW, &hello2) else {
            unreachable!("the agent accepted");
        };
        let started = Instant::now();
        let Ok(Confirmed::Ready(epoch)) = pending.confirm(NOW, &mut accepted.ready) else {
            unreachable!("the viewer is ready");
        };
        (answering + started.elapsed(), epoch)
    }

    fn handshakes(&mut self) -> Sorted {
        let took = (0..TIMES / 4).map(|_| self.time_of_joining().0);
        Sorted::new(took.collect())
    }
}
