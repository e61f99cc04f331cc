//! Every machine's scenario, told many thousand times by proptest: what the fuzzer tells at length, for a
//! moment and with the shortest story that fails.

mod peers;
mod runner;

use authloop_oracles::scenario::agent;

#[test]
fn the_agent_of_version_1_keeps_its_promises() {
    runner::hold::<agent::World>(|start| start.version = agent::Version::V1);
}

#[test]
fn the_agent_of_version_2_keeps_its_promises() {
    runner::hold::<agent::World>(|start| start.version = agent::Version::V2);
}
