//! What the loop drives: two verbs and one question.

use authloop_core::{
    agent::{
        Agent, Counters,
        io::{Input, Output, Peer},
    },
    time::Timestamp,
};

/// A pure machine that speaks to a browser and a relay.
///
/// The driver promises: time never goes back; inputs come one at a time; it polls until
/// [`Output::Idle`] before it rests; it ticks at or after the deadline that `Idle` named; it never
/// reads from a peer the machine doesn't want to hear.
pub trait Machine {
    /// Takes in something that happened.
    fn handle(&mut self, now: Timestamp, input: Input<'_>);

    /// Hands out what is to be done next; [`Output::Idle`] once there is nothing more.
    ///
    /// After [`Input::Tick`] and a drain, the deadline must lie ahead: else the driver spins.
    fn poll(&mut self) -> Output;

    /// Tells whether this peer may be read now.
    fn wants(&self, peer: Peer) -> bool;

    /// Returns what was dropped so far; it is logged at the end.
    fn counters(&self) -> Counters {
        Counters::default()
    }
}

impl Machine for Agent {
    fn handle(&mut self, now: Timestamp, input: Input<'_>) {
        self.handle(now, input);
    }

    fn poll(&mut self) -> Output {
        self.poll()
    }

    fn wants(&self, peer: Peer) -> bool {
        self.wants(peer)
    }

    fn counters(&self) -> Counters {
        self.counters()
    }
}
