//! The agent machine between a scripted browser, a scripted relay, and two viewers with the right keys:
//! each honest or not, from any point of a session's life, in either version.

mod asks;
mod deeds;
mod files;
mod model;
mod page;
mod picking;
mod relay;
mod scripts;
mod sheets;
mod sockets;
#[cfg(test)]
mod tests;
mod viewer;
mod world;

use arbitrary::Arbitrary;

pub use self::world::World;
use super::{Scenario, twin::Company};
use crate::mutation::Mutation;

/// Where a story begins.
#[derive(Arbitrary, Clone, Copy, Debug)]
pub struct Start {
    /// The protocol's version.
    pub version: Version,
    /// How far the session is.
    pub stage: Stage,
    /// Whom the machine is compared with.
    pub company: Company,
    /// Whether version 2's viewers are asked for a PIN.
    pub pin: bool,
    /// Whether the browser is found by HTTP first.
    pub listed: bool,
    /// Whether pictures are paced.
    pub paced: bool,
    /// Whether viewers that are honest help with fields: pages are looked into then, which takes time.
    pub fields: bool,
}

/// The protocol's version.
#[derive(Arbitrary, Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Version {
    V1,
    V2,
}

/// How far a session is when its story begins; an honest world brought it there.
#[derive(Arbitrary, Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Nothing happened yet.
    Fresh,
    /// The page is attached, and the session asked for.
    Attached,
    /// The session is created, and its stream dialled.
    Created,
    /// The stream is open.
    Waiting,
    /// A viewer is there and sees the page.
    Live,
}

/// What happens next.
#[derive(Arbitrary, Debug)]
pub enum Step {
    /// Everybody is honest until all is quiet.
    Settle,
    /// Time passes, deadline by deadline: its number squared, in eighths of a millisecond.
    Pass(u8),
    /// Time passes at once, as on a computer that slept: from 1 ms to 9 minutes, each time twice as long
    /// for 13 more.
    Sleep(u8),
    /// A viewer acts: the second one if the number is below 64.
    Acts {
        /// Which.
        which: u8,
        /// What it does.
        act: Act,
    },
    /// One of the viewers does something else.
    Does {
        /// Whether it is the second one.
        second: bool,
        /// What it does.
        deed: Deed,
    },
    /// The page, or the browser around it.
    Page(Page),
    /// The disk that files lie on.
    Disk(Disk),
    /// The relay, or what stands in its place.
    Relay(Relay),
    /// A socket.
    Socket {
        /// The browser's if it is below 16, which ends most stories.
        which: u8,
        /// What becomes of it.
        becomes: Socket,
    },
    /// An HTTP exchange ends.
    Http {
        /// Which of those under way.
        which: u8,
        /// How.
        ends: Http,
    },
    /// The clock goes back for good, by so many milliseconds.
    Back(u16),
    /// The application asks for something, if the number is below 16: it ends the story.
    Asked {
        /// Whether it does.
        number: u8,
        /// For what.
        asked: Asked,
    },
}

/// What a viewer does to the page.
#[derive(Arbitrary, Clone, Copy, Debug)]
pub enum Act {
    /// Clicks where nobody else does.
    Click {
        /// Twice.
        double: bool,
    },
    /// Presses and releases a key.
    Type,
    /// Presses a key, or releases it.
    Hold {
        /// Which.
        key: u8,
        /// Whether it goes down.
        down: bool,
    },
    /// Pastes a text nobody else does.
    Paste,
    /// Another event without a mark of its own.
    Other(u8),
    /// Answers what the page asks: a sheet that it was shown, or another one by its number.
    Answer {
        /// Which.
        which: u8,
        /// Yes, or with a name and a password.
        yes: bool,
        /// With a text.
        texts: bool,
    },
    /// Wants to see another of the pages that it was told of.
    Tab(u8),
    /// Picks files for a page that waits for some.
    Pick {
        /// For which.
        which: u8,
        /// How many, and how large.
        files: u8,
    },
    /// Drops files onto the picture.
    Drop {
        /// How many, and how large.
        files: u8,
    },
    /// Says of what it picked what isn't due.
    Mispick(u8),
    /// Wants of the page what takes more than events.
    Errand {
        /// What.
        what: u8,
        /// For which of the pickers that it was shown.
        which: u8,
    },
    /// Is done if the number is below 16, and gives up if it is below 32: either ends the story.
    Finish(u8),
}

/// What a viewer does besides.
#[derive(Arbitrary, Debug)]
pub enum Deed {
    /// Connects, or asks for control again, with these proofs.
    Join {
        /// The right PIN, a wrong one or none.
        pin: Option<bool>,
        /// The proof that it had control.
        resume: bool,
        /// It can show what the page asks.
        sheets: bool,
        /// It can pick files.
        files: bool,
        /// It helps with fields.
        fields: bool,
    },
    /// Seals what is no event.
    Nonsense(Vec<u8>),
    /// Says something besides input.
    Control(Vec<u8>),
    /// Acknowledges a picture that it may not have.
    Ack {
        /// The picture.
        frame: u8,
        /// How many wait to be drawn.
        waiting: u8,
    },
    /// Looks away, or back.
    Hide(bool),
    /// Stops answering heartbeats and acknowledging, or does so again.
    Diligent(bool),
    /// Says goodbye.
    Leave,
    /// Its socket is gone.
    Disconnect,
}

/// What happens in the browser.
#[derive(Arbitrary, Debug)]
pub enum Page {
    /// The page paints.
    Paint,
    /// It shows another document.
    Navigate,
    /// Something else happens.
    Event(u8),
    /// One of the pages asks something.
    Asks {
        /// Which page.
        page: u8,
        /// What.
        what: Question,
    },
    /// One of the pages opens a file chooser.
    Chooser {
        /// Which page.
        page: u8,
        /// It takes more than one.
        many: bool,
    },
    /// The agent's script in a page has something to report.
    Reports {
        /// To which of those who wait for that.
        which: u8,
        /// What.
        what: u8,
        /// With a text of the page's.
        text: String,
    },
    /// The script goes about errands in another manner from now on.
    Manner(u8),
    /// A page opens another, or a stranger does.
    PopUp {
        /// Which page.
        opener: u8,
    },
    /// A page is closed that another opened.
    Closes(u8),
    /// The browser answers nothing by itself from now on, or everything again.
    Silent(bool),
    /// The browser ends one of the calls under way.
    Answer {
        /// Which.
        which: u8,
        /// How.
        how: Answer,
    },
    /// The browser says anything.
    Text(String),
    /// The browser says anything, as an event or an answer.
    Shaped {
        /// What it is shaped like.
        shape: u8,
        /// What stands where the parameters should.
        text: String,
    },
    /// The browser sends bytes.
    Binary(Vec<u8>),
}

/// What a page asks.
#[derive(Arbitrary, Clone, Copy, Debug)]
pub enum Question {
    /// A dialog of one of the kinds.
    Dialog(u8),
    /// Its dialog was answered by somebody else.
    Answered,
    /// A server, or a proxy, wants to know who is there.
    Auth {
        /// Whether it is a proxy.
        proxy: bool,
    },
    /// A request for a document waits, if the agent wanted that.
    Request,
}

/// How a call ends.
#[derive(Arbitrary, Clone, Copy, Debug)]
pub enum Answer {
    /// As it should.
    Well,
    /// As it should, and then once more.
    Twice,
    /// It is refused.
    Refused,
    /// It is answered with another call's result.
    Strange,
    /// It never is.
    Never,
}

/// What the disk does.
#[derive(Arbitrary, Clone, Copy, Debug)]
pub enum Disk {
    /// Nothing by itself from now on, or everything again.
    Slow(bool),
    /// It is the browser's, too, or it isn't.
    Elsewhere(bool),
    /// What was wanted first.
    Next,
    /// The same, had it the room.
    Full,
    /// The same, had it not failed.
    Broken,
}

/// What the relay does.
#[derive(Arbitrary, Debug)]
pub enum Relay {
    /// Says one of the words it has.
    Word {
        /// Which.
        word: u8,
        /// Of which channel.
        chan: u8,
    },
    /// Says anything.
    Text(String),
    /// Sends any bytes.
    Binary(Vec<u8>),
    /// Sends once more what a viewer sent, maybe changed.
    Again {
        /// Which message.
        which: u8,
        /// On which channel.
        chan: Option<u8>,
        /// What is changed.
        mutation: Option<Mutation>,
    },
    /// A key that no viewer has, or that is none.
    Key(Vec<u8>),
    /// The relay takes nothing more of what the agent writes, or all of it again.
    Stuck(bool),
    /// Tells that all was taken, whether it was or not.
    Drained,
}

/// What becomes of a socket.
#[derive(Arbitrary, Clone, Copy, Debug)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Socket {
    Opened,
    Lost,
    Closed(u8),
    Failed(u8),
}

/// How an HTTP exchange ends.
#[derive(Arbitrary, Debug)]
pub enum Http {
    /// As it should.
    Well,
    /// With this status and this body.
    Oddly {
        /// The status.
        status: u8,
        /// The body.
        body: u8,
    },
    /// With anything.
    Raw(u16, Vec<u8>),
    /// It fails.
    Failed(u8),
}

/// What the application asks for.
#[derive(Arbitrary, Clone, Copy, Debug)]
pub enum Asked {
    /// That the session ends.
    Cancel,
    /// That it ends within so many milliseconds.
    Shutdown(u16),
}

/// Tells the fuzzer's story.
pub fn check(data: &[u8]) {
    super::check::<World>(data);
}

impl Scenario for World {
    type Start = Start;
    type Step = Step;

    fn begin(start: &Start) -> Self {
        Self::new(*start)
    }

    fn take(&mut self, step: &Step) {
        match step {
            Step::Settle => self.settle(),
            Step::Pass(number) => self.pass(u64::from(*number).pow(2) / 8),
            Step::Sleep(number) => self.sleep(1 << (*number / 13)),
            Step::Acts { which, act } => self.acts(*which < 64, *act),
            Step::Does { second, deed } => self.does(*second, deed),
            Step::Page(page) => self.page(page),
            Step::Disk(does) => self.disk(*does),
            Step::Relay(relay) => self.relay(relay),
            Step::Socket { which, becomes } => self.socket(*which < 16, *becomes),
            Step::Http { which, ends } => self.http(*which, ends),
            Step::Back(millis) => self.turn_back(u64::from(*millis)),
            Step::Asked { number, asked } => {
                if *number < 16 {
                    self.asked(*asked);
                }
            }
        }
    }

    fn check(&mut self) {
        self.hold();
    }

    fn end(self) {
        self.run_out();
    }
}
