//! A whole hand-off of version 2, with an adversary for a relay: real agent, two real viewers with the
//! same link, a scripted browser, and wires on which anything happens.
//!
//! What must hold: the browser is told only what a human did, each thing once and in order; a human sees
//! only what the page painted, and never an older picture again; a session ends as resolved or
//! cancelled only if somebody asked; nothing secret crosses the wires; and every machine comes to rest.

mod agent;
mod relay;
mod screen;
#[cfg(test)]
mod tests;
mod world;

use arbitrary::{Arbitrary, Unstructured};

use self::world::World;
use crate::{mutation::Mutation, script};

/// What happens next.
#[derive(Arbitrary, Debug)]
pub(crate) enum Step {
    /// The page paints.
    Paint,
    /// The page goes to another document.
    Navigate,
    /// Something else happens in the browser: a pop-up, a dialog, a crash.
    Event(u8),
    /// The browser says anything.
    Browser(String),
    /// The browser is gone.
    Quit,
    /// A human acts.
    Does { second: bool, deed: Deed },
    /// The relay behaves until all is quiet; the way into depth.
    Settle,
    /// Time passes while the relay behaves.
    Pass(u16),
    /// Time passes and nothing moves.
    Hang(u16),
    /// The relay hands on the oldest record in some direction.
    Next(End),
    /// The relay loses the oldest record in some direction.
    Lose(End),
    /// The relay hands on any record that ever crossed it, to anybody, maybe changed.
    Any {
        which: u8,
        to: End,
        mutation: Option<Mutation>,
    },
    /// The relay invents one.
    Raw { to: End, bytes: Vec<u8> },
    /// The relay says something of its own.
    Word { to: End, word: u8, chan: u8 },
    /// The relay says anything.
    Text { to: End, text: String },
    /// A viewer's socket breaks.
    Hangup { second: bool, code: u8 },
    /// The agent's socket breaks.
    Cut { code: u8 },
    /// What the relay says of the session by REST from now on.
    Lie(u8),
    /// The application gives up.
    Cancel,
}

/// Where a record goes: the agent, the first viewer or the second.
#[derive(Arbitrary, Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    Agent,
    First,
    Second,
}

/// What a human does at a viewer.
#[derive(Arbitrary, Debug)]
pub(crate) enum Deed {
    /// Opens the link: the viewer starts.
    Start,
    Click,
    Type,
    Paste,
    Hide(bool),
    Wake,
    Pin {
        right: bool,
    },
    Answer {
        hand_over: bool,
    },
    Leave,
    Resolve,
    Cancel,
}

/// Tells the story, then lets time run out.
pub fn check(data: &[u8]) {
    let mut script = Unstructured::new(data);
    let asks_for_pin = u8::arbitrary(&mut script).unwrap_or_default() % 8 == 7;
    let mut world = World::new(asks_for_pin);
    for step in script::steps::<Step>(&mut script, 80) {
        world.take(step);
    }
    world.end();
}
