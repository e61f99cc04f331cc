//! The only way to an opened event: sealed by a viewer, opened by its agent.

use std::cell::RefCell;

use authloop_core::{
    crypto::{
        Opened,
        v1::{AgentChannel, ViewerChannel},
    },
    generator::Generator,
    input::{InputEvent, Stamped},
    secret::Seed,
};

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

/// Opens an event, if the JSON is one of either version.
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
            .try_map(|json| {
                let second = Stamped::parse(&json).map(|stamped| stamped.event);
                second.or_else(|_| InputEvent::parse(&json))
            })
            .ok()
    })
}
