//! A picture on its way out has one buffer: it is sealed where it lies.
//!
//! A file of its own, because counting replaces the allocator.

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

/// The agent's end of an epoch that a viewer just joined.
fn epoch() -> AgentEpoch {
    let mut generator = Generator::new(Seed::new([1; 32]));
    let identity = AgentIdentity::generate(&mut generator);
    let session = SessionId::parse("sess_1").expect("an id");
    let offer = Offer::default();
    let (viewer, hello1) =
        ViewerHandshake::start(identity.link(), &session, 0, offer, &mut generator)
            .expect("a small offer");
    let received = identity.read(&session, &hello1).expect("good");
    let (pending, hello2) = received
        .accept(NOW, &mut Epochs::default(), 1, None, &mut generator)
        .expect("an epoch");
    let Ok(Answered::Accepted(mut accepted)) = viewer.read(NOW, &hello2) else {
        unreachable!("the agent accepted");
    };
    let Ok(Confirmed::Ready(epoch)) = pending.confirm(NOW, &mut accepted.ready) else {
        unreachable!("the viewer is ready");
    };
    epoch
}

#[test]
fn sealing_a_picture_allocates_the_outgoing_buffer_and_nothing_else() {
    let mut epoch = epoch();
    for size in [1, 1_000, 200_000] {
        let jpeg = vec![7; size];
        let mut record = Vec::new();
        let counted = allocation_counter::measure(|| {
            let mut frame = FrameDraft::new(&META, jpeg.len()).expect("finite");
            frame.push(&jpeg);
            (_, record) = epoch.seal_frame(NOW, frame).expect("keyed");
        });
        assert_eq!(record.len(), FrameDraft::record_length(size));
        assert_eq!(counted.count_total, 1, "{size}");
        let bytes = u64::try_from(record.len()).expect("small");
        assert_eq!(counted.bytes_total, bytes, "{size}");
    }
}
