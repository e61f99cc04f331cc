//! The attached browser: its pages, the calls under way, dialogs, pop-ups and crashes.
//!
//! Decides which page is shown: the one handed over, the newest pop-up it opened, and back. Never
//! any other tab. Lives from the moment a page is entered until the session's end.

mod challenges;
mod choosers;
mod crashes;
mod dialogs;
mod frames;
mod handing;
mod identity;
mod popups;
mod reading;
mod world;

use alloc::{boxed::Box, string::String, vec::Vec};

use serde::Serialize;

use self::{
    challenges::{Challenge, Equipment},
    choosers::Chooser,
    crashes::Crash,
    dialogs::Dialog,
    frames::Frame,
    identity::Identity,
    world::{Step, Worlds},
};
pub(super) use self::{
    dialogs::Audience,
    reading::{ErrandEnd, News},
};
use crate::{
    agent::{
        calls::Calls,
        context::{Context, Timer},
        io::Peer,
    },
    cdp::{
        codec::{CdpSession, NoParams, command},
        target::{SessionRef, SetDiscoverTargets},
        vocabulary::Method,
    },
    input::Platform,
    wire::v2::Caps,
};

/// What a tracked CDP call is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// Which target the socket leads to.
    Probe,
    /// Which targets there are.
    List,
    /// A session on the page handed over.
    Enter,
    /// `Page.enable` on the page handed over.
    EnablePage,
    /// News of targets.
    Discover,
    /// What kind of browser it is.
    Version,
    /// How large the page is shown.
    Viewport,
    /// The start of the screencast.
    Cast,
    /// An input event.
    Input,
    /// Where the page stands in its history, to go this many steps.
    History(i32),
    /// A session on a pop-up, or on the opener of a page that was closed: the n-th one followed.
    Follow(u32),
    /// `Page.enable` on such a page.
    EnableFollowed(u32),
    /// The reload of a page that crashed.
    Revive,
    /// Which document the page of this number shows.
    Document(u16),
    /// What a chooser takes, by its serial number.
    Chooser(u32),
    /// A step of handing files to the page, of the chooser with this serial number.
    Handing(u32),
    /// A world of ours in the page.
    World(Step),
    /// What an errand wants next, or how it went.
    Errand,
    /// A key that an errand needs.
    Press,
    /// The turn of the page's own timers.
    Turn,
}

/// A page that is, or was, shown.
struct Page {
    /// Tells it from the others shown in this hand-off.
    number: u16,
    target: String,
    opener: Option<String>,
    /// Absent for a page's own socket.
    session: Option<CdpSession>,
    dialog: Option<Box<Dialog>>,
    identity: Identity,
    equipment: Equipment,
    crash: Crash,
}

/// The attached browser.
pub(super) struct Browser {
    /// The calls under way: what was called, and what for.
    calls: Calls<(Method, Purpose)>,
    pub(super) platform: Platform,
    /// The pages, each opened by one before it; the last is shown.
    pages: Vec<Page>,
    /// What servers ask the human.
    challenges: Vec<Challenge>,
    /// The site that the hand-off began at; empty until it is known.
    began: String,
    /// The pages that are being entered, and which one of those each is.
    following: Vec<(u32, Page)>,
    followed: u32,
    /// Whether targets that exist already have been told.
    discovered: bool,
    /// Who is there to wonder why the page stands still.
    audience: Audience,
    /// What they know beyond pictures.
    reach: Caps,
    /// Where the page waits for files, one a page at most.
    choosers: Vec<Chooser>,
    chooser_serial: u32,
    /// How many bytes of files the pages were handed.
    handed: u64,
    /// The frames of other sites that have a session.
    frames: Vec<Frame>,
    /// What is seen in the page.
    worlds: Box<Worlds>,
}

impl Browser {
    pub(super) fn new() -> Self {
        Self {
            calls: Calls::new(),
            platform: Platform::Other,
            pages: Vec::new(),
            challenges: Vec::new(),
            began: String::new(),
            following: Vec::new(),
            followed: 0,
            discovered: false,
            audience: Audience::Nobody,
            reach: Caps::default(),
            choosers: Vec::new(),
            chooser_serial: 0,
            handed: 0,
            frames: Vec::new(),
            worlds: Box::default(),
        }
    }

    /// Takes over the page handed over, and asks for what is needed of it.
    pub(super) fn enter(
        &mut self,
        cx: &mut Context,
        target: String,
        opener: Option<String>,
        session: Option<CdpSession>,
    ) {
        self.pages.push(Page {
            session,
            ..Page::new(0, target, opener)
        });
        self.call_page(
            cx,
            Method::PageEnable,
            &NoParams {},
            Some(Purpose::EnablePage),
        );
        let discover = SetDiscoverTargets { discover: true };
        self.call_root(
            cx,
            Method::TargetSetDiscoverTargets,
            &discover,
            Some(Purpose::Discover),
        );
        self.call_root(
            cx,
            Method::BrowserGetVersion,
            &NoParams {},
            Some(Purpose::Version),
        );
    }

    /// Calls a method on the shown page.
    pub(super) fn call_page(
        &mut self,
        cx: &mut Context,
        method: Method,
        params: &impl Serialize,
        purpose: Option<Purpose>,
    ) {
        let session = self.pages.last().and_then(|page| page.session.clone());
        self.call(cx, session.as_ref(), method, params, purpose);
    }

    /// Calls a method on every page: the shown one and those its pop-ups cover.
    pub(super) fn call_every_page(
        &mut self,
        cx: &mut Context,
        method: Method,
        params: &impl Serialize,
    ) {
        let sessions: Vec<_> = self.pages.iter().map(|page| page.session.clone()).collect();
        for session in sessions {
            self.call(cx, session.as_ref(), method, params, None);
        }
    }

    /// Calls a method on the socket's own target.
    pub(super) fn call_root(
        &mut self,
        cx: &mut Context,
        method: Method,
        params: &impl Serialize,
        purpose: Option<Purpose>,
    ) {
        self.call(cx, None, method, params, purpose);
    }

    fn call(
        &mut self,
        cx: &mut Context,
        session: Option<&CdpSession>,
        method: Method,
        params: &impl Serialize,
        purpose: Option<Purpose>,
    ) {
        let id = match purpose {
            Some(purpose) => self.calls.track((method, purpose), cx.now),
            None => self.calls.untracked(),
        };
        cx.send_text(Peer::Browser, command(id, session, method, params));
        self.arm(cx);
    }

    /// Keeps the timer of the oldest call in step.
    fn arm(&self, cx: &mut Context) {
        match self.calls.deadline() {
            Some(at) => cx.timers.set(Timer::Call, at),
            None => cx.timers.clear(Timer::Call),
        }
    }

    /// Counts the calls under way for a purpose.
    pub(super) fn count_calls(&self, is_it: impl Fn(Purpose) -> bool) -> usize {
        self.calls.count(|&(_, purpose)| is_it(purpose))
    }

    /// Tells who is there and what they know. Dialogs that waited for somebody are shown or answered;
    /// returns whether one was answered with no.
    pub(super) fn attend(&mut self, cx: &mut Context, audience: Audience, reach: Caps) -> bool {
        (self.audience, self.reach) = (audience, reach);
        self.equip(cx);
        self.attend_choosers(cx);
        self.watch(cx);
        self.post_pages(cx);
        let mut dismissed = false;
        for index in 0..self.pages.len() {
            dismissed |= self.serve_dialog(cx, index);
        }
        dismissed
    }

    /// Nobody is there any more.
    pub(super) fn unattended(&mut self, cx: &mut Context) {
        self.attend(cx, Audience::Nobody, Caps::default());
    }

    /// Whether a viewer is there.
    pub(super) fn is_attended(&self) -> bool {
        self.audience != Audience::Nobody
    }

    /// Returns the number of the page that is shown.
    pub(super) fn shown_page(&self) -> u16 {
        self.pages.last().map_or(0, |page| page.number)
    }

    /// Undoes what was asked of the browser, and lets it go.
    pub(super) fn leave(mut self, cx: &mut Context) {
        self.leave_no_dialog(cx);
        let discover = SetDiscoverTargets { discover: false };
        self.call_root(cx, Method::TargetSetDiscoverTargets, &discover, None);
        for page in core::mem::take(&mut self.pages) {
            match page.session {
                Some(CdpSession(session_id)) => {
                    let session = SessionRef { session_id };
                    self.call_root(cx, Method::TargetDetachFromTarget, &session, None);
                }
                None => self.call_root(cx, Method::PageDisable, &NoParams {}, None),
            }
        }
        cx.timers.clear(Timer::Call);
        cx.close(Peer::Browser);
    }

    fn is_shown(&self, session: Option<&str>) -> bool {
        self.pages.last().is_some_and(|page| page.is(session))
    }

    /// Whether the socket is the page's own, so that it can't outlive it.
    pub(super) fn is_page_socket(&self) -> bool {
        self.pages
            .first()
            .is_some_and(|page| page.session.is_none())
    }

    fn index_of(&self, session: Option<&str>) -> Option<usize> {
        self.pages.iter().position(|page| page.is(session))
    }

    fn page_numbered(&mut self, number: u16) -> Option<&mut Page> {
        self.pages.iter_mut().find(|page| page.number == number)
    }

    fn page_of(&mut self, session: Option<&str>) -> Option<&mut Page> {
        self.pages.iter_mut().find(|page| page.is(session))
    }
}

impl Page {
    fn new(number: u16, target: String, opener: Option<String>) -> Self {
        Self {
            number,
            target,
            opener,
            session: None,
            dialog: None,
            identity: Identity::default(),
            equipment: Equipment::default(),
            crash: Crash::Never,
        }
    }

    fn is(&self, session: Option<&str>) -> bool {
        self.session.as_ref().map(|session| session.0.as_str()) == session
    }
}
