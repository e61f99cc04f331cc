//! The attached browser: its pages, the calls under way, dialogs, pop-ups and crashes.
//!
//! Decides which page is shown: the one handed over, the newest pop-up it opened, and back. Never
//! any other tab. Lives from the moment a page is entered until the session's end.

mod crashes;
mod dialogs;
mod popups;

use alloc::{borrow::Cow, boxed::Box, string::String, vec::Vec};

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

pub(super) use self::dialogs::Audience;
use self::{crashes::Crash, dialogs::Dialog};
use crate::{
    agent::{
        calls::Calls,
        context::{Context, Timer},
        event::Failure,
        io::Peer,
    },
    cdp::{
        codec::{CdpSession, Incoming, NoParams, command, payload},
        frame::ScreencastFrame,
        navigation::FrameNavigated,
        target::{SessionRef, SetDiscoverTargets, TargetGone},
    },
    input::Platform,
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
}

/// What a message from the browser means to the phase it came in.
pub(super) enum News<'a> {
    /// Nothing to do.
    Nothing,
    /// A tracked call was answered, with `None` if it was refused.
    Answer(Purpose, Option<&'a RawValue>),
    /// The shown page's next picture.
    Frame(ScreencastFrame<'a>),
    /// Another page is shown now.
    Switched,
    /// The page of this number shows the document that this loader brought.
    Document(u16, String),
    /// The viewer should know of this.
    Notice(&'static str),
    /// There is no page left.
    Gone(Failure),
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
    crash: Crash,
}

/// The attached browser.
pub(super) struct Browser {
    pub(super) calls: Calls<Purpose>,
    pub(super) platform: Platform,
    /// The pages, each opened by one before it; the last is shown.
    pages: Vec<Page>,
    /// A page that is being entered, and which one of those it is: answers for one that was
    /// overtaken by a newer pop-up are dropped.
    following: Option<(u32, Page)>,
    followed: u32,
    /// Whether targets that exist already have been told.
    discovered: bool,
    /// Who is there to wonder why the page stands still.
    audience: Audience,
}

impl Browser {
    pub(super) fn new() -> Self {
        Self {
            calls: Calls::new(),
            platform: Platform::Other,
            pages: Vec::new(),
            following: None,
            followed: 0,
            discovered: false,
            audience: Audience::Nobody,
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
            number: 0,
            target,
            opener,
            session,
            dialog: None,
            crash: Crash::Never,
        });
        self.call_page(cx, "Page.enable", &NoParams {}, Some(Purpose::EnablePage));
        let discover = SetDiscoverTargets { discover: true };
        self.call_root(
            cx,
            "Target.setDiscoverTargets",
            &discover,
            Some(Purpose::Discover),
        );
        self.call_root(
            cx,
            "Browser.getVersion",
            &NoParams {},
            Some(Purpose::Version),
        );
    }

    /// Calls a method on the shown page.
    pub(super) fn call_page(
        &mut self,
        cx: &mut Context,
        method: &str,
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
        method: &str,
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
        method: &str,
        params: &impl Serialize,
        purpose: Option<Purpose>,
    ) {
        self.call(cx, None, method, params, purpose);
    }

    fn call(
        &mut self,
        cx: &mut Context,
        session: Option<&CdpSession>,
        method: &str,
        params: &impl Serialize,
        purpose: Option<Purpose>,
    ) {
        let id = match purpose {
            Some(purpose) => self.calls.track(purpose, cx.now),
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

    /// Takes the calls that weren't answered in time, one at a time; [`Timer::Call`] fired.
    pub(super) fn unanswered(&mut self, cx: &mut Context) -> Option<News<'static>> {
        let purpose = self.calls.expired(cx.now);
        self.arm(cx);
        let purpose = purpose?;
        cx.counters.unanswered_calls += 1;
        Some(match purpose {
            Purpose::Follow(serial) | Purpose::EnableFollowed(serial) => self.give_up(serial),
            Purpose::Revive => self.on_revived(None),
            Purpose::Probe
            | Purpose::List
            | Purpose::Enter
            | Purpose::EnablePage
            | Purpose::Discover
            | Purpose::Version
            | Purpose::Viewport
            | Purpose::Input
            | Purpose::History(_)
            | Purpose::Document(_) => News::Answer(purpose, None),
        })
    }

    /// Tells who is there. Dialogs that waited for somebody are shown or answered; returns whether
    /// one was answered with no.
    pub(super) fn attend(&mut self, cx: &mut Context, audience: Audience) -> bool {
        self.audience = audience;
        let mut dismissed = false;
        for index in 0..self.pages.len() {
            dismissed |= self.serve_dialog(cx, index);
        }
        dismissed
    }

    /// Whether a viewer is there.
    pub(super) fn is_attended(&self) -> bool {
        self.audience != Audience::Nobody
    }

    /// Reads one message.
    pub(super) fn read<'a>(&mut self, cx: &mut Context, text: &'a str) -> News<'a> {
        match Incoming::parse(text) {
            Some(Incoming::Answer { id, result }) => {
                let Some(purpose) = self.calls.answered(id) else {
                    return News::Nothing;
                };
                self.arm(cx);
                self.on_answer(cx, purpose, result)
            }
            Some(Incoming::Event {
                session,
                method,
                params,
            }) => self.on_event(cx, session, method, params),
            None => {
                cx.counters.unknown_browser_messages += 1;
                News::Nothing
            }
        }
    }

    fn on_answer<'a>(
        &mut self,
        cx: &mut Context,
        purpose: Purpose,
        result: Option<&'a RawValue>,
    ) -> News<'a> {
        match purpose {
            Purpose::Discover => self.discovered = true,
            Purpose::Version => {
                if let Some(version) = payload::<Version<'_>>(result) {
                    self.platform = version.platform();
                }
            }
            Purpose::Follow(serial) => return self.on_followed(cx, serial, result),
            Purpose::EnableFollowed(serial) => return self.on_enabled(serial),
            Purpose::Revive => return self.on_revived(result),
            Purpose::Probe
            | Purpose::List
            | Purpose::Enter
            | Purpose::EnablePage
            | Purpose::Viewport
            | Purpose::Input
            | Purpose::History(_)
            | Purpose::Document(_) => {}
        }
        News::Answer(purpose, result)
    }

    fn on_event<'a>(
        &mut self,
        cx: &mut Context,
        session: Option<&str>,
        method: &str,
        params: Option<&'a RawValue>,
    ) -> News<'a> {
        match method {
            "Page.screencastFrame" if self.is_shown(session) => payload(params).map_or_else(
                || {
                    cx.counters.broken_frames += 1;
                    News::Nothing
                },
                News::Frame,
            ),
            "Page.frameNavigated" => self.on_navigated(session, params),
            "Page.javascriptDialogOpening" => self.on_dialog(cx, session, params),
            "Page.javascriptDialogClosed" => self.on_dialog_closed(cx, session),
            "Target.targetCreated" => {
                if let Some(created) = payload(params) {
                    self.on_created(cx, &created);
                }
                News::Nothing
            }
            "Target.targetDestroyed" => match payload::<TargetGone<'_>>(params) {
                Some(gone) => self.on_destroyed(cx, &gone.target_id),
                None => News::Nothing,
            },
            "Target.targetCrashed" => match payload::<TargetGone<'_>>(params) {
                Some(gone) => self.on_crashed(cx, |page| page.target == gone.target_id),
                None => News::Nothing,
            },
            "Inspector.targetCrashed" => self.on_crashed(cx, |page| page.is(session)),
            "Target.detachedFromTarget" => match payload::<SessionRef>(params) {
                Some(gone) => self.on_detached(cx, &gone.session_id),
                None => News::Nothing,
            },
            "Inspector.detached" if session.is_none() && self.is_page_socket() => {
                match payload(params) {
                    Some(Detached {
                        reason: "target_closed",
                    }) => News::Gone(Failure::PageClosed),
                    _ => News::Nothing,
                }
            }
            _ => News::Nothing,
        }
    }

    fn on_navigated(&self, session: Option<&str>, params: Option<&RawValue>) -> News<'static> {
        let navigated = payload::<FrameNavigated<'_>>(params);
        let loader = navigated
            .as_ref()
            .and_then(FrameNavigated::main_frame_loader);
        match (
            self.index_of(session).and_then(|at| self.pages.get(at)),
            loader,
        ) {
            (Some(page), Some(loader)) => News::Document(page.number, loader.into()),
            _ => News::Nothing,
        }
    }

    /// Returns the number of the page that is shown.
    pub(super) fn shown_page(&self) -> u16 {
        self.pages.last().map_or(0, |page| page.number)
    }

    /// Undoes what was asked of the browser, and lets it go.
    pub(super) fn leave(mut self, cx: &mut Context) {
        self.leave_no_dialog(cx);
        let discover = SetDiscoverTargets { discover: false };
        self.call_root(cx, "Target.setDiscoverTargets", &discover, None);
        for page in core::mem::take(&mut self.pages) {
            match page.session {
                Some(CdpSession(session_id)) => {
                    let session = SessionRef { session_id };
                    self.call_root(cx, "Target.detachFromTarget", &session, None);
                }
                None => self.call_root(cx, "Page.disable", &NoParams {}, None),
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

    fn page_of(&mut self, session: Option<&str>) -> Option<&mut Page> {
        self.pages.iter_mut().find(|page| page.is(session))
    }
}

impl Page {
    fn is(&self, session: Option<&str>) -> bool {
        self.session.as_ref().map(|session| session.0.as_str()) == session
    }
}

/// The parameters of the event `Inspector.detached`.
#[derive(Deserialize)]
struct Detached<'a> {
    #[serde(borrow)]
    reason: &'a str,
}

/// The result of `Browser.getVersion`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Version<'a> {
    #[serde(borrow)]
    user_agent: Cow<'a, str>,
}

impl Version<'_> {
    fn platform(&self) -> Platform {
        if self.user_agent.contains("Macintosh") {
            Platform::Mac
        } else {
            Platform::Other
        }
    }
}
