//! What can happen to a viewer of version 1.

use arbitrary::Arbitrary;

use crate::scenario::dispatcher::{Deed, Stroke, Times};

/// Where a story begins.
#[derive(Arbitrary, Clone, Copy, Debug)]
pub struct Start {
    /// For other agents: slowly.
    pub gentle: bool,
    /// Whether a second viewer hears the same and has to do the same.
    pub twin: bool,
    /// Whether the keys are agreed on already.
    pub keyed: bool,
}

/// One thing that happens.
#[derive(Arbitrary, Clone, Debug)]
pub enum Step {
    /// The socket opens, or opens anew.
    Connected,
    /// The socket is gone.
    Disconnected,
    /// The agent's key comes.
    Key,
    /// Something comes that is no key.
    NoKey(String),
    /// The agent restarts, if this is small, with another key.
    Restart(u8),
    /// A frame comes.
    Frame(u8),
    /// The first half of a frame of this size comes.
    Announce(u8),
    /// A picture of this size comes.
    Picture(u8),
    /// The relay's own word.
    Word(u8),
    /// The agent has something to tell the human.
    Notice(String),
    /// A text that means nothing.
    Text(String),
    /// The human does something.
    Do(Deed),
    /// The human types.
    Type(Stroke, u8, u8),
    /// The human does the newest thing so many times more.
    Again(Times),
    /// Milliseconds pass.
    Pass(u16),
    /// The clock goes back.
    Back(u16),
    /// The driver asks for nothing from now on, or does again.
    Hold(bool),
}
