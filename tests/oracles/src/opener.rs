//! The only way to an opened event: a record, sealed by a viewer and opened by its agent.

use std::cell::RefCell;

use authloop_core::{
    crypto::{
        Opened,
        v2::{
            AgentEpoch, AgentIdentity, Answered, Confirmed, Epochs, FrameDraft, Offer, SessionId,
            ViewerEpoch, ViewerHandshake,
        },
    },
    generator::Generator,
    secret::Seed,
    time::Timestamp,
    wire::v2::{Ack, FrameMeta},
};

/// No time passes for keys that only vouch.
const AT: Timestamp = Timestamp::from_millis(0);

/// The picture that is acknowledged.
const PICTURE: FrameMeta = FrameMeta {
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

/// Two ends that have agreed on keys; kept, because that takes longer than all a story does.
struct Ends {
    agent: AgentEpoch,
    viewer: ViewerEpoch,
}

thread_local! {
    static ENDS: RefCell<Ends> = RefCell::new(Ends::new());
}

impl Ends {
    fn new() -> Self {
        let mut generator = Generator::new(Seed::new([8; 32]));
        let identity = AgentIdentity::generate(&mut generator);
        let id = SessionId::parse("sess_1").expect("an id");
        let offer = Offer::default();
        let (asked, hello) =
            ViewerHandshake::start(identity.link(), &id, 0, offer, &mut generator).expect("short");
        let received = identity.read(&id, &hello).expect("its own viewer");
        let mut epochs = Epochs::default();
        let (pending, hello) = received
            .accept(AT, &mut epochs, 1, None, &mut generator)
            .expect("the first epoch");
        let Ok(Answered::Accepted(mut accepted)) = asked.read(AT, &hello) else {
            unreachable!("its own agent accepted");
        };
        let Ok(Confirmed::Ready(mut agent)) = pending.confirm(AT, &mut accepted.ready) else {
            unreachable!("its own viewer is ready");
        };
        let picture = FrameDraft::new(&PICTURE, 0).expect("finite");
        agent.seal_frame(AT, picture).expect("the first record");
        Self {
            agent,
            viewer: accepted.epoch,
        }
    }

    /// Gives the value back if these keys have sealed as much as they may.
    fn vouch<T>(&mut self, value: T) -> Result<Opened<T>, T> {
        // The shortest record there is: one picture, acknowledged over and over.
        let ack = Ack {
            frame: 0,
            waiting: 0,
        };
        let Ok(mut record) = self.viewer.seal_ack(AT, ack) else {
            return Err(value);
        };
        let opened = self.agent.open(AT, &mut record);
        Ok(opened.expect("the next record").map(|_| value))
    }
}

/// Vouches for an event that a story made, by a record that was sealed and opened for it: how an event's
/// JSON is read is what other oracles are about.
pub(crate) fn vouched<T>(value: T) -> Opened<T> {
    ENDS.with_borrow_mut(|ends| {
        ends.vouch(value).unwrap_or_else(|value| {
            *ends = Ends::new();
            ends.vouch(value).ok().expect("the first record")
        })
    })
}
