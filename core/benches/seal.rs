//! What version 2 costs: a picture sealed, beside the bare cipher on the same bytes, and the agent's
//! share of a handshake.

use std::hint::black_box;

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
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};

/// The size of a picture of a busy page.
const PICTURE: usize = 200_000;

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
        let (viewer, hello1) = self.viewer();
        let received = self.identity.read(&self.id, &hello1).expect("good");
        let (pending, hello2) = received
            .accept(NOW, &mut self.epochs, 1, None, &mut self.generator)
            .expect("an epoch");
        let Ok(Answered::Accepted(mut accepted)) = viewer.read(NOW, &hello2) else {
            unreachable!("the agent accepted");
        };
        let Ok(Confirmed::Ready(epoch)) = pending.confirm(NOW, &mut accepted.ready) else {
            unreachable!("the viewer is ready");
        };
        epoch
    }
}

fn sealing(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("seal 200 kB");
    group.throughput(Throughput::Bytes(PICTURE.try_into().expect("small")));

    let mut session = Session::new();
    let mut epoch = session.join();
    let mut frame = FrameDraft::new(&META, PICTURE).expect("finite");
    frame.push(&vec![7; PICTURE]);
    group.bench_function("frame", |bencher| {
        bencher.iter_batched(
            || frame.clone(),
            |frame| match epoch.seal_frame(NOW, frame) {
                Ok((_, record)) => record,
                Err(_) => {
                    // The key has encrypted all it may.
                    epoch = session.join();
                    Vec::new()
                }
            },
            BatchSize::LargeInput,
        );
    });

    let cipher = Aes256Gcm::new(&[1; 32].into());
    group.bench_function("bare cipher", |bencher| {
        bencher.iter_batched(
            || vec![7; PICTURE],
            |mut buffer| {
                let tag = cipher
                    .encrypt_inout_detached(&[2; 12].into(), &[3; 14], buffer.as_mut_slice().into())
                    .expect("short");
                (buffer, tag)
            },
            BatchSize::LargeInput,
        );
    });
    group.finish();
}

fn handshake(criterion: &mut Criterion) {
    let mut session = Session::new();
    let (_, hello1) = session.viewer();
    criterion.bench_function("agent's handshake", |bencher| {
        bencher.iter(|| {
            let received = session.identity.read(&session.id, black_box(&hello1));
            received
                .expect("good")
                .accept(NOW, &mut session.epochs, 1, None, &mut session.generator)
                .expect("an epoch")
        });
    });
}

criterion_group!(benches, sealing, handshake);
criterion_main!(benches);
