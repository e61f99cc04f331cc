//! The only way to an opened event: sealed by a viewer, opened by its agent.

use std::cell::RefCell;

use authloop_core::{
    crypto::{
        Opened,
        v1::{AgentChannel, ViewerChannel},
        v2::{
            AgentEpoch, AgentIdentity, Answered, Confirmed, Epochs, Offer, SessionId, ViewerEpoch,
            ViewerHandshake,
        },
    },
    generator::Generator,
    input::InputEvent,
    secret::Seed,
    time::Timestamp,
};

/// No time passes for keys that only vouch.
const AT: Timestamp = Timestamp::from_millis(0);

/// Two ends that have agreed on keys; kept, because that takes longer than all a story does.
struct Ends {
    generator: Generator,
    agent: AgentChannel,
    viewer: ViewerChannel,
}

thread_local! {
    static ENDS: RefCell<Ends> = RefCell::new(Ends::new());
}

impl Ends {
    fn new() -> Self {
        let mut generator = Generator::new(Seed::new([8; 32]));
        let mut agent = AgentChannel::new(&mut generator);
        let mut viewer = ViewerChannel::new(&mut generator);
        viewer.accept_key(agent.public_key()).expect("a good key");
        agent.accept_key(viewer.public_key()).expect("a good key");
        Self {
            generator,
            agent,
            viewer,
        }
    }
}

/// Opens an event, if the JSON is one.
pub(crate) fn opened(json: &[u8]) -> Option<Opened<InputEvent>> {
    ENDS.with_borrow_mut(|ends| {
        let sealed = ends
            .viewer
            .seal(&mut ends.generator, json)
            .expect("it has keys");
        let opened = ends.agent.open(&sealed).or_else(|_| {
            // A session brings only so many messages.
            *ends = Ends::new();
            let sealed = ends
                .viewer
                .seal(&mut ends.generator, json)
                .expect("it has keys");
            ends.agent.open(&sealed)
        });
        opened
            .expect("it was sealed for this agent")
            .parse_event()
            .ok()
    })
}

/// Two ends of version 2 that have agreed on keys: what they vouch for is a record, sealed and opened.
struct Vouchers {
    agent: AgentEpoch,
    viewer: ViewerEpoch,
}

thread_local! {
    static VOUCHERS: RefCell<Vouchers> = RefCell::new(Vouchers::new());
}

impl Vouchers {
    fn new() -> Self {
        let mut generator = Generator::new(Seed::new([9; 32]));
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
        let Ok(Confirmed::Ready(agent)) = pending.confirm(AT, &mut accepted.ready) else {
            unreachable!("its own viewer is ready");
        };
        Self {
            agent,
            viewer: accepted.epoch,
        }
    }

    fn vouch<T>(&mut self, value: T) -> Result<Opened<T>, T> {
        let Ok(mut record) = self.viewer.seal_input(AT, b"{}") else {
            return Err(value);
        };
        let opened = self.agent.open(AT, &mut record);
        Ok(opened.expect("the next record").map(|_| value))
    }
}

/// Vouches for a value that somebody else made, by a record that was sealed and opened for it: an
/// event's JSON is what other oracles are about.
pub(crate) fn vouched<T>(value: T) -> Opened<T> {
    VOUCHERS.with_borrow_mut(|vouchers| {
        vouchers.vouch(value).unwrap_or_else(|value| {
            // A key seals only so many records.
            *vouchers = Vouchers::new();
            vouchers.vouch(value).ok().expect("the first record")
        })
    })
}
