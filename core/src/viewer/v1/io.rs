//! What goes into the viewer machine and what comes out of it.

use alloc::string::String;

use bytes::Bytes;

use crate::{agent::io::Message, input::InputEvent, time::Timestamp, wire::v1::FrameMeta};

/// Something that happened.
///
/// No `Debug`: it holds what the page shows and what the human types.
pub enum Input<'a> {
    /// The WebSocket to the relay is open, for the first time or again.
    Connected,
    /// A text message.
    Text(&'a str),
    /// A binary message.
    Binary(&'a [u8]),
    /// The WebSocket is gone.
    Disconnected,
    /// The application asks for something.
    Request(Request),
    /// Time passed.
    Tick,
}

/// What the application asks for.
///
/// No `Debug`: it holds what the human types.
pub enum Request {
    /// Send an input event as soon as that is possible.
    Send(InputEvent),
}

/// What the machine wants done, in order.
pub enum Output {
    /// Send one message to the relay.
    Send(Message),
    /// Tell the application.
    Event(Event),
    /// Nothing more for now; call again with [`Input::Tick`] at this time, or never.
    Idle(Option<Timestamp>),
}

/// What the application hears.
///
/// No `Debug`: frames show the page.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub enum Event {
    /// The agent is there.
    AgentJoined,
    /// The agent is gone.
    AgentLeft,
    /// A picture of the page. Older ones that were not fetched are skipped.
    Frame(Frame),
    /// The agent answered a dialog by itself; the code says which, such as `confirm_dismissed`.
    Notice(String),
    /// The session is over. Nothing follows.
    Ended(Ended),
}

/// A picture of the page.
#[derive(Clone, PartialEq)]
pub struct Frame {
    /// Its geometry.
    pub meta: FrameMeta,
    /// The JPEG.
    pub jpeg: Bytes,
}

/// How the relay says a session ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// Time ran out.
    Expired,
    /// Somebody cancelled it.
    Cancelled,
    /// Somebody resolved it.
    Resolved,
}

/// How fast input is sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pacing {
    /// At once: agents of this crate keep the order and the pace themselves.
    #[default]
    Immediate,
    /// The first event 300 ms after the keys are agreed, then one every 10 ms: other agents lose and
    /// reorder what comes faster.
    Gentle,
}

/// What the machine could not use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Messages that were not understood.
    pub unknown_messages: u64,
    /// Public keys of agents that were refused.
    pub refused_keys: u64,
    /// Frames whose two messages didn't fit together.
    pub mismatched_frames: u64,
    /// Frames that a newer one replaced before they were fetched.
    pub skipped_frames: u64,
    /// Input events that found no room.
    pub refused_input: u64,
    /// Events for the application that found no room.
    pub lost_events: u64,
}
