//! What can happen to a room: sockets come, speak, stall and go, REST ends the session, time passes.

use arbitrary::Arbitrary;
use authloop_core::relay::MAX_CONTROL_BYTES;

/// Where a story begins.
#[derive(Arbitrary, Clone, Copy, Debug)]
pub struct Start {
    /// Version 2, or version 1.
    pub sealed: bool,
    /// A second room hears the same and has to do the same, if this is small.
    pub twin: u8,
    /// How many viewers are there already, of an agent that is.
    pub viewers: u8,
}

/// One thing that happens. What happens often has a variant of its own here.
#[derive(Arbitrary, Clone, Debug)]
pub enum Step {
    /// Somebody knocks.
    Join(Knock, Token),
    /// The newest agent's socket speaks.
    Agent(FromAgent),
    /// A viewer's socket speaks.
    Viewer(u8, FromViewer),
    /// A socket takes no more writes, or does again.
    Socket {
        /// Which of those that are open.
        who: u8,
        /// No more.
        stuck: bool,
    },
    /// So many times a tenth of a second passes.
    Pass(u8),
    /// What happens less often.
    Rarely(Rare),
}

/// What happens less often.
#[derive(Arbitrary, Clone, Debug)]
pub enum Rare {
    /// A socket is gone.
    Leave(u8),
    /// So many seconds pass.
    PassLong(u16),
    /// The clock goes back by so many milliseconds.
    Back(u16),
    /// REST ends the session.
    End {
        /// As resolved, or as cancelled.
        resolve: bool,
    },
    /// The relay goes down.
    Drain,
    /// The driver asks for nothing from now on, or does again.
    Hold(bool),
    /// Viewers come at once, from here and there.
    Crowd(Crowd, u8),
}

/// Who knocks.
#[derive(Arbitrary, Clone, Copy, Debug)]
pub enum Knock {
    /// An agent.
    Agent,
    /// A viewer of the room's version, from one of some addresses.
    Viewer(u8),
    /// A viewer of the other version.
    OtherViewer,
}

/// What is presented: mostly what opens.
#[derive(Arbitrary, Clone, Copy, Debug)]
pub enum Token {
    /// The right one.
    Right,
    /// The right one, too.
    AlsoRight,
    /// The agent's or the viewer's, for the other.
    Swapped,
    /// None of them.
    Wrong,
}

/// What an agent's socket says. What only the other version has means nothing.
#[derive(Arbitrary, Clone, Debug)]
pub enum FromAgent {
    /// Control for a viewer: text in version 1, a record in version 2.
    Say {
        /// Which viewer's channel.
        chan: u8,
        /// How long.
        size: Size,
        /// So many times more.
        more: Times,
    },
    /// A frame for a viewer.
    Show {
        /// Which viewer's channel.
        chan: u8,
        /// How long.
        size: Size,
    },
    /// Version 1: half a frame.
    Announce {
        /// Longer than one may be.
        long: bool,
    },
    /// Version 1: its public key.
    Key {
        /// Longer than one may be.
        long: bool,
    },
    /// Version 2: a viewer is to be closed.
    Close {
        /// Which viewer's channel.
        chan: u8,
        /// By which code.
        code: u8,
    },
    /// Text that means nothing.
    Text(String),
    /// Bytes that are no record.
    Junk(Vec<u8>),
}

/// How many come at once: mostly as many as find a seat.
#[derive(Arbitrary, Clone, Copy, Debug)]
pub struct Crowd(u8);

/// What a viewer's socket says.
#[derive(Arbitrary, Clone, Debug)]
pub enum FromViewer {
    /// Text in version 1, a record in version 2.
    Say {
        /// How long.
        size: Size,
        /// So many times more.
        more: Times,
        /// Although the room doesn't want to read it.
        rude: bool,
    },
    /// Version 1: bytes.
    Bytes(Size),
    /// Text that means nothing.
    Text(String),
    /// Bytes that are no record.
    Junk(Vec<u8>),
}

/// How long something is: mostly short.
#[derive(Arbitrary, Clone, Copy, Debug)]
pub struct Size(u8);

/// How often something is said: mostly once.
#[derive(Arbitrary, Clone, Copy, Debug)]
pub struct Times(u8);

impl Size {
    /// Returns the length beyond the least.
    pub(super) fn bytes(self) -> usize {
        match self.0 {
            // The longest record of a viewer is of 80 KiB.
            0xFF => 80 * 1_024 - 31,
            0xFE => 80 * 1_024 - 32,
            0xF8..=0xFD => 60_000,
            0xE8..=0xF7 => 5_000,
            short => usize::from(short % 16),
        }
    }
}

impl Crowd {
    /// Returns how many.
    pub(super) fn count(self) -> u8 {
        match self.0 {
            // More than may be closed in one go; twice that is more than the door lets in.
            many @ 0xF0.. => many - 0xF0 + 32,
            few => few % 12,
        }
    }
}

impl Times {
    /// Returns how often something of this length: no more than a queue overflows by.
    pub(super) fn count(self, size: Size) -> usize {
        let most = MAX_CONTROL_BYTES / (32 + size.bytes()) + 2;
        let times = match self.0 {
            many @ 0xD0.. => usize::from(many) * 5 - 0x400,
            more @ 0xB0..0xD0 => usize::from(more - 0xA8),
            _ => 1,
        };
        times.min(most)
    }
}
