//! What goes into a room and what comes out of it.

use alloc::string::String;

use bytes::Bytes;

use crate::{time::Timestamp, wire::v2::CloseCode};

/// One WebSocket. The caller numbers them, and never gives a number twice in one room.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnectionId(pub u64);

/// Who a socket speaks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The process beside the AI agent.
    Agent,
    /// The page the human opened.
    Viewer,
}

/// Something that happened. Every input carries its time in [`super::Room::handle`].
///
/// No `Debug`: messages are nobody's business.
pub enum Input<'a> {
    /// A text message.
    Text(ConnectionId, &'a str),
    /// A binary message.
    Binary(ConnectionId, Bytes),
    /// The last [`Output::Send`] to this socket is written and flushed.
    Written(ConnectionId),
    /// The socket is gone.
    Left(ConnectionId),
    /// The relay goes down: every socket is told to come back.
    Drain,
    /// Time passed.
    Tick,
}

/// How REST ends a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The human is done.
    Resolve,
    /// Somebody gave up.
    Cancel,
}

/// Why a session can't be ended: it has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AlreadyEnded {
    /// Resolved, cancelled or failed.
    #[error("the session has already ended")]
    Terminal,
    /// Its time ran out.
    #[error("the session's time ran out")]
    Expired,
}

/// What the room wants done, in order.
pub enum Output {
    /// Write this to a socket, then report [`Input::Written`]. Comes once at a time per socket.
    Send(ConnectionId, Item),
    /// Close a socket, after what was sent. Nothing more is heard from it.
    Close(ConnectionId, Close),
    /// The session's record has been kept long enough: drop the room.
    Forget,
    /// Nothing more for now; call again with [`Input::Tick`] at this time, or never.
    Idle(Option<Timestamp>),
}

/// What one [`Output::Send`] writes.
#[derive(Clone, PartialEq, Eq)]
pub enum Item {
    /// One text message.
    Text(String),
    /// One binary message.
    Binary(Bytes),
    /// A frame: its text message, then at once its picture.
    Frame(Frame),
}

/// A frame as the agent sent it, both messages untouched.
#[derive(Clone, PartialEq, Eq)]
pub struct Frame {
    /// The text message that announces it; absent if the agent sent none.
    pub meta: Option<String>,
    /// The picture.
    pub jpeg: Bytes,
}

/// Why a socket is closed or refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Close {
    /// A newer socket took this one's place.
    Replaced,
    /// The token doesn't open this session, not for this role.
    NotAdmitted,
    /// No session has this id.
    Unknown,
    /// The session has ended.
    Ended,
    /// The session's time ran out.
    Expired,
    /// A message is larger than this role may send.
    TooLarge,
    /// The socket takes control messages slower than they come.
    Overflow,
    /// The relay goes down.
    Restarting,
    /// A viewer of version 1 came to a session of version 2.
    TooOld,
    /// A viewer sends too much, or comes too often.
    TooMany,
    /// As version 2 names it: the agent asked for it, or the relay found it out first.
    Viewer(CloseCode),
}

impl Close {
    /// Returns the WebSocket close code.
    pub const fn code(self) -> u16 {
        match self {
            Self::TooLarge => 1009,
            Self::Overflow | Self::Restarting => 1012,
            Self::NotAdmitted => 4401,
            Self::Unknown | Self::Ended => 4404,
            Self::Replaced => 4408,
            Self::TooMany => 4409,
            Self::Expired => 4410,
            Self::TooOld => 4426,
            Self::Viewer(code) => code.get(),
        }
    }

    /// Returns the close frame's words: at most 123 bytes, for humans.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Replaced => "this session was opened elsewhere, where it goes on",
            Self::NotAdmitted => "this token does not open this session",
            Self::Unknown => "there is no such session",
            Self::Ended => "the session has ended",
            Self::Expired => "the session's time ran out",
            Self::TooLarge => "the message is too large",
            Self::Overflow => "too many messages waited here, come back",
            Self::Restarting => "the relay restarts, come back",
            Self::TooOld => "this viewer is too old for this session",
            Self::TooMany => "too many messages or connections, wait a little",
            Self::Viewer(CloseCode::Done) => "nothing more is to be said here",
            Self::Viewer(CloseCode::ComeBack) => "come back with a new handshake",
            Self::Viewer(CloseCode::Damaged) => "the connection was damaged or tampered with",
            Self::Viewer(CloseCode::Busy) => "others are here already",
            Self::Viewer(CloseCode::TakenOver) => "somebody else took over",
        }
    }
}

/// What a room has forwarded and dropped. Only ever grows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Frames put into the viewer's slot.
    pub frames: u64,
    /// Frames replaced there by a newer one before they were sent.
    pub frames_replaced: u64,
    /// Control messages forwarded, both ways.
    pub control: u64,
    /// Messages for somebody who isn't there, or after the end.
    pub unheard: u64,
    /// Version 2: text messages that nobody may send, and that nobody was sent.
    pub texts_dropped: u64,
    /// Version 2: binary messages that aren't records, and that nobody was sent.
    pub malformed: u64,
    /// Version 2: viewers' sockets that were let in.
    pub viewers: u64,
    /// Version 2: viewers' sockets that made room for another.
    pub viewers_crowded_out: u64,
    /// Version 2: viewers' sockets refused or closed because too much came.
    pub too_many: u64,
}

/// Counts one more.
pub(super) fn count(counter: &mut u64) {
    *counter = counter.saturating_add(1);
}

#[cfg(test)]
mod tests {
    use super::{Close, CloseCode};

    #[test]
    fn every_reason_fits_into_a_close_frame() {
        let by_viewers = CloseCode::ALL.map(Close::Viewer);
        for close in [
            Close::Replaced,
            Close::NotAdmitted,
            Close::Unknown,
            Close::Ended,
            Close::Expired,
            Close::TooLarge,
            Close::Overflow,
            Close::Restarting,
            Close::TooOld,
            Close::TooMany,
        ]
        .into_iter()
        .chain(by_viewers)
        {
            assert!(close.reason().len() <= 123, "{close:?}");
        }
    }
}
