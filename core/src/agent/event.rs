//! What the application hears of a session.

use alloc::string::String;

use crate::{agent::io::ConnectFailure, time::Timestamp};

/// Something the application should know, told once, in order.
///
/// No `Debug`: a session's URL opens it.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub enum Event {
    /// The browser's page is attached.
    Attached {
        /// The page's origin, such as `https://github.com`; `null` for a page without one.
        origin: String,
    },
    /// The relay made the session; show the URL to the human.
    Created(SessionInfo),
    /// A viewer is there.
    ViewerJoined,
    /// The last viewer left.
    ViewerLeft,
    /// Another viewer took the place of the one that was there.
    ViewerReplaced,
    /// What came over the relay was damaged or tampered with, again and again.
    Tampered,
    /// The session is over. Nothing follows.
    Ended(Outcome),
}

/// What identifies a session.
///
/// No `Debug`: the URL opens it.
#[derive(Clone, PartialEq)]
pub struct SessionInfo {
    /// The relay's id.
    pub session_id: String,
    /// What the human opens.
    pub session_url: String,
    /// When it ends by itself.
    pub expires_at: Timestamp,
}

/// How a session ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The human is done.
    Resolved,
    /// The human, the application or somebody at the relay gave up.
    Cancelled,
    /// Time ran out.
    Timeout,
    /// Something broke.
    Failed(Failure),
}

/// What broke. The texts are safe to show: they hold nothing of page, peer or secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Failure {
    /// The browser's address can't be read.
    #[error("the browser's address is not valid: {0}")]
    BrowserAddress(&'static str),
    /// The browser can't be reached.
    #[error("the browser can't be reached: {0}")]
    BrowserUnreachable(ConnectFailure),
    /// What answers isn't a browser's DevTools endpoint.
    #[error("what answers at the browser's address is not CDP: {0}")]
    NotCdp(&'static str),
    /// The browser has no page to hand over.
    #[error("the browser has no open page")]
    NoPage,
    /// The page doesn't answer; most likely a dialog was open before anyone could see it.
    #[error("the page does not answer; if a dialog is open in it, close it or reload the page")]
    PageUnresponsive,
    /// The page was closed.
    #[error("the page was closed")]
    PageClosed,
    /// The page crashed twice.
    #[error("the page crashed")]
    PageCrashed,
    /// The connection to the browser was lost.
    #[error("the connection to the browser was lost")]
    BrowserLost,
    /// The relay can't be reached.
    #[error("the relay can't be reached: {0}")]
    RelayUnreachable(ConnectFailure),
    /// The relay doesn't know the API key.
    #[error("the relay does not accept the API key")]
    Unauthorized,
    /// The account's quota is used up.
    #[error("the account's quota is used up")]
    QuotaUsedUp,
    /// The relay asks to slow down.
    #[error("the relay asks to wait{}", retry_hint(*.retry_after))]
    RateLimited {
        /// Seconds to wait, as the relay says.
        retry_after: Option<u64>,
    },
    /// The relay refused to create the session.
    #[error("the relay refused the session: HTTP {status}{}", code_hint(.code.as_deref()))]
    RelayRefused {
        /// The HTTP status.
        status: u16,
        /// The error code of its body.
        code: Option<String>,
    },
    /// The relay's answer can't be used.
    #[error("the relay's answer was not understood: {0}")]
    RelayAnswer(&'static str),
    /// The relay's address of the session isn't the one the link would have.
    #[error("the relay puts the session at another address than the viewer page's")]
    ForeignLink,
    /// The connection to the relay was lost and couldn't be made again in time.
    #[error("the connection to the relay was lost")]
    RelayLost,
    /// Another process uses this session's stream.
    #[error("another agent took over the session's stream")]
    Replaced,
    /// The relay says that the session failed.
    #[error("the relay ended the session with an error")]
    EndedByRelay,
    /// Somebody tried too many PINs before the human got in.
    #[error("somebody with the link tried wrong PINs")]
    WrongPins,
    /// More input than one session may bring.
    #[error("the session used up its input messages")]
    InputExhausted,
}

fn retry_hint(seconds: Option<u64>) -> String {
    seconds.map_or_else(String::new, |seconds| alloc::format!(" for {seconds} s"))
}

fn code_hint(code: Option<&str>) -> String {
    code.map_or_else(String::new, |code| alloc::format!(" ({code})"))
}

/// The sum of the events so far: what a handle shows.
#[derive(Clone, Default, PartialEq)]
pub struct Status {
    /// The page's origin, once attached.
    pub origin: Option<String>,
    /// The session, once created.
    pub session: Option<SessionInfo>,
    /// Whether a viewer is there now.
    pub viewer_present: bool,
    /// Whether a viewer has ever been there.
    pub viewer_seen: bool,
    /// How often another viewer took over.
    pub viewers_replaced: u32,
    /// Whether what came over the relay was damaged or tampered with.
    pub tampered: bool,
    /// How it ended.
    pub outcome: Option<Outcome>,
}

impl Status {
    /// Adds one event.
    pub fn apply(&mut self, event: Event) {
        match event {
            Event::Attached { origin } => self.origin = Some(origin),
            Event::Created(session) => self.session = Some(session),
            Event::ViewerJoined => (self.viewer_present, self.viewer_seen) = (true, true),
            Event::ViewerLeft => self.viewer_present = false,
            Event::ViewerReplaced => {
                self.viewers_replaced = self.viewers_replaced.saturating_add(1);
                (self.viewer_present, self.viewer_seen) = (true, true);
            }
            Event::Tampered => self.tampered = true,
            Event::Ended(outcome) => {
                self.viewer_present = false;
                self.outcome = Some(outcome);
            }
        }
    }
}
