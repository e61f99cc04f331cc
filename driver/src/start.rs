//! Starts a hand-off: the agent machine, a seed from the operating system, the loop.

use authloop_core::{
    agent::{Agent, config::Config, event::Outcome},
    secret::Seed,
    time::Timestamp,
};

use futures::FutureExt as _;

use crate::{
    files,
    handle::Handle,
    options::Options,
    run::drive,
    runtime::Runtime,
    trace::{Recorded, Recorder},
};

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
    // Best effort, and nothing waits for it: what a crash left behind is nobody's any more.
    let folder = options.files.clone().unwrap_or_else(std::env::temp_dir);
    blocking::unblock(move || files::sweep(&folder)).detach();
    let start = Timestamp::default();
    let trace = options.trace.clone();
    let recorder = trace.map(|file| Recorder::begin(file, &config, start));
    let agent = Agent::new(config, Seed::new(seed), start);
    match recorder {
        None => {
            let (handle, session) = drive(runtime, options, agent);
            (handle, session.left_future())
        }
        Some(recorder) => {
            let (handle, session) = drive(runtime, options, Recorded::new(agent, recorder));
            (handle, session.right_future())
        }
    }
}
