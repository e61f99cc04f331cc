//! What must hold for any bytes a hostile peer sends: one oracle a module, told once.
//!
//! An oracle takes bytes, makes a story of them, and panics if a promise of the core is broken in it.
//! Two runners call it: the fuzzer (`fuzz/`, `make fuzz`), and the tests of this package, which replay
//! the committed corpus and what a generator with a fixed seed makes of it.
//!
//! Expectations come from the protocol's description or from other implementations ([`foreign`]),
//! never from the code they are about.

pub use scenario::{
    agent as agent_scenario, dispatcher as dispatcher_scenario, relay as relay_scenario,
    viewer as viewer_scenario,
};

pub mod bodies;
pub mod cdp;
pub mod channel;
mod chromium;
pub mod discovery;
pub mod events;
pub mod foreign;
pub mod foreign_records;
pub mod handshake;
pub mod link;
pub mod messages;
mod mutation;
mod opener;
pub mod records;
pub mod rest;
pub mod scenario;
mod script;
mod truth;
pub mod two_party;
pub mod viewer_link;

/// One oracle: its name, which its fuzz target and its corpus have too, and the function.
pub type Oracle = (&'static str, fn(&[u8]));

/// Every oracle.
pub const ORACLES: &[Oracle] = &[
    ("agent_scenario", agent_scenario::check),
    ("bodies", bodies::check),
    ("cdp", cdp::check),
    ("channel", channel::check),
    ("discovery", discovery::check),
    ("dispatcher_scenario", dispatcher_scenario::check),
    ("events", events::check),
    ("foreign_records", foreign_records::check),
    ("handshake", handshake::check),
    ("link", link::check),
    ("messages", messages::check),
    ("records", records::check),
    ("relay_scenario", relay_scenario::check),
    ("rest", rest::check),
    ("two_party", two_party::check),
    ("viewer_link", viewer_link::check),
    ("viewer_scenario", viewer_scenario::check),
];
