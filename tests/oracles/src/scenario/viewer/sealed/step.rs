//! What can happen to a viewer of version 2: an agent with the right keys speaks, a relay delivers it or
//! does something else with it, the human acts, the line drops, time passes.

use arbitrary::Arbitrary;

use crate::{
    mutation::Mutation,
    scenario::dispatcher::{Deed, Stroke},
};

/// Where a story begins.
#[derive(Arbitrary, Clone, Copy, Debug)]
pub struct Start {
    /// The application says when a picture is on screen.
    pub says_drawn: bool,
    /// A second viewer hears the same and has to do the same, if this is small.
    pub twin: u8,
    /// The viewer is in control already, unless this is small.
    pub joined: u8,
    /// The session lasts longer than its keys.
    pub lasts: bool,
}

/// One thing that happens.
#[derive(Arbitrary, Clone, Debug)]
pub enum Step {
    /// The agent says something.
    Agent(Saying),
    /// The agent answers the newest wish for control.
    Answer(Reply),
    /// The relay does something.
    Relay(Move),
    /// The human or the application does something.
    Do(Request),
    /// Something becomes of the socket.
    Socket(Line),
    /// So many times 50 milliseconds pass.
    Pass(u8),
    /// What happens less often.
    Rarely(Rare),
}

/// What the agent says, sealed.
#[derive(Arbitrary, Clone, Debug)]
pub enum Saying {
    /// Its heartbeat.
    Beat,
    /// A picture.
    Frame(u8),
    /// The echo of the newest ping.
    Echo,
    /// Somebody else asks for control.
    Takeover(u8),
    /// An input event was not obeyed.
    Dropped(bool),
    /// Something that no viewer of this version knows.
    Other(u16),
    /// Nonsense, though with the right keys.
    Nonsense(u8),
    /// That it got more than was sent.
    Lie,
    /// All it says to a viewer that looks: echo, picture, heartbeat.
    Round(u8),
}

/// How the agent answers a wish for control.
#[derive(Arbitrary, Clone, Copy, Debug)]
pub enum Reply {
    /// Yes.
    Accept,
    /// Yes, and how many records of the epoch before arrived.
    Resume,
    /// No.
    Refuse(u8),
}

/// What a relay does.
#[derive(Arbitrary, Clone, Debug)]
pub enum Move {
    /// It keeps what the agent says, or no more.
    Withhold(bool),
    /// It keeps what the viewer says, or no more.
    Deafen(bool),
    /// It delivers the first of what it keeps.
    Deliver(u8),
    /// It delivers another one of what it keeps.
    Pick(u8),
    /// It drops one of what it keeps.
    Drop(u8),
    /// It delivers one of what it keeps, or delivered before, changed.
    Tamper(u8, Mutation),
    /// It delivers again what it delivered before.
    Replay(u8),
    /// It makes up a record.
    Forge(Vec<u8>),
    /// It says something of its own.
    Word(u8),
    /// It says something that means nothing.
    Text(String),
}

/// What the human or the application asks for.
#[derive(Arbitrary, Clone, Debug)]
pub enum Request {
    /// Text, unlike any other.
    Paste,
    /// A key.
    Key(Stroke, u8, u8),
    /// Something else.
    Do(Deed),
    /// The newest picture is on screen.
    Drawn,
    /// One of so many before it is, or can't be decoded.
    Older(u8, bool),
    /// The answer to the newest question.
    Answer(bool),
    /// The PIN.
    Pin(u8),
    /// Nobody looks, or somebody does again.
    Hide(bool),
    /// The computer may have slept.
    Woke,
}

/// What becomes of the socket.
#[derive(Arbitrary, Clone, Copy, Debug)]
pub enum Line {
    /// It opens.
    Open,
    /// It opens, and the agent is there and answers.
    OpenAndJoin,
    /// It is lost, or closed with a code.
    Lose(u8),
    /// The agent comes.
    AgentComes,
    /// The agent goes.
    AgentGoes,
}

/// What happens less often.
#[derive(Arbitrary, Clone, Debug)]
pub enum Rare {
    /// So many seconds pass.
    PassLong(u16),
    /// So many milliseconds pass, and nobody wakes the viewer.
    Sleep(u16),
    /// The clock goes back.
    Back(u16),
    /// The human is done, or gives up.
    Finish(bool),
    /// The human leaves.
    Leave,
    /// The agent ends it.
    Close(u8),
    /// What answers speaks another version.
    OtherProtocol,
}
