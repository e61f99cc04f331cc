//! Starts a hand-off: the agent machine, a seed from the operating system, the loop.

use authloop_core::{
    agent::{Agent, config::Config, event::Outcome},
    secret::Seed,
    time::Timestamp,
};

use crate::{handle::Handle, options::Options, run::drive, runtime::Runtime};

/// Starts a hand-off, which runs as long as the future does: spawn it, keep the handle.
///
/// The future completes once the session is over and everybody was told, five seconds after the
/// end at the latest. Dropping it closes everything at once.
///
/// # Panics
///
/// If the operating system has no random numbers: nothing could be kept secret then.
pub fn start<R: Runtime>(
    runtime: R,
    options: Options,
    config: Config,
) -> (Handle, impl Future<Output = Outcome> + Send + 'static) {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).expect("the operating system has random numbers");
    let agent = Agent::new(config, Seed::new(seed), Timestamp::default());
    drive(runtime, options, agent)
}
