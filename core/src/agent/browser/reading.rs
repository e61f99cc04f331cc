//! What the browser says: its answers and events, each to the part that it is for.

use alloc::string::String;

use serde_json::value::RawValue;

use super::{Audience, Browser, Purpose};
use crate::{
    agent::{context::Context, event::Failure},
    cdp::{
        codec::Incoming,
        frame::ScreencastFrame,
        navigation::FrameNavigated,
        target::{Detached, Version},
        vocabulary::{Answer, Event, EventName},
    },
    input::Platform,
};

/// What a message from the browser means to the phase it came in.
pub(in crate::agent) enum News<'a> {
    /// Nothing to do.
    Nothing,
    /// A tracked call was answered, with `None` if it was refused or the answer can't be read.
    Answer(Purpose, Option<Answer<'a>>),
    /// The shown page's next picture.
    Frame(ScreencastFrame<'a>),
    /// Another page is shown now.
    Switched,
    /// The page of this number shows the document that this loader brought.
    Document(u16, String),
    /// The viewer should know of this.
    Notice(&'static str),
    /// An errand is over, and what waited for it may go on.
    Errand(ErrandEnd),
    /// The page's own timers have had their turn.
    Turned,
    /// There is no page left.
    Gone(Failure),
}

/// How an errand ended.
pub(in crate::agent) enum ErrandEnd {
    /// There is nothing to say.
    Quiet,
    /// The viewer should know of this.
    Notice(&'static str),
    /// This text is typed after all.
    Typed(String),
}

impl Browser {
    /// Takes the calls that weren't answered in time, one at a time; [`Timer::Call`] fired.
    pub(in crate::agent) fn unanswered(&mut self, cx: &mut Context) -> Option<News<'static>> {
        let expired = self.calls.expired(cx.now);
        self.arm(cx);
        let (_, purpose) = expired?;
        cx.counters.unanswered_calls += 1;
        Some(match purpose {
            Purpose::Follow(serial) | Purpose::EnableFollowed(serial) => self.give_up(serial),
            Purpose::Revive => self.on_revived(false),
            Purpose::Chooser(serial) => self.on_chooser_known(cx, serial, None),
            Purpose::Handing(serial) => self.on_handing_late(cx, serial),
            Purpose::World(step) => self.on_step(cx, step, None),
            Purpose::Errand => self.on_errand(cx, None),
            Purpose::Press => self.on_pressed(cx),
            Purpose::Turn => self.on_turned(cx),
            Purpose::Probe
            | Purpose::List
            | Purpose::Enter
            | Purpose::EnablePage
            | Purpose::Discover
            | Purpose::Version
            | Purpose::Viewport
            | Purpose::Cast
            | Purpose::Input
            | Purpose::History(_)
            | Purpose::Document(_) => News::Answer(purpose, None),
        })
    }

    /// Reads one message.
    pub(in crate::agent) fn read<'a>(&mut self, cx: &mut Context, text: &'a str) -> News<'a> {
        match Incoming::parse(text) {
            Some(Incoming::Answer { id, result }) => {
                let Some((method, purpose)) = self.calls.answered(id) else {
                    return News::Nothing;
                };
                self.arm(cx);
                self.on_answer(cx, purpose, Answer::parse(method, result))
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
        answer: Option<Answer<'a>>,
    ) -> News<'a> {
        match purpose {
            Purpose::Discover => self.discovered = true,
            Purpose::Version => {
                if let Some(Answer::BrowserGetVersion(version)) = &answer {
                    self.platform = platform(version);
                }
            }
            Purpose::Follow(serial) => return self.on_followed(cx, serial, answer),
            Purpose::EnableFollowed(serial) => return self.on_enabled(cx, serial),
            Purpose::Revive => return self.on_revived(answer.is_some()),
            Purpose::Chooser(serial) => return self.on_chooser_known(cx, serial, answer),
            Purpose::Handing(serial) => return self.on_handing(cx, serial, answer),
            Purpose::World(step) => return self.on_step(cx, step, answer),
            Purpose::Errand => return self.on_errand(cx, answer),
            Purpose::Press => return self.on_pressed(cx),
            Purpose::Turn => return self.on_turned(cx),
            Purpose::Probe
            | Purpose::List
            | Purpose::Enter
            | Purpose::EnablePage
            | Purpose::Viewport
            | Purpose::Cast
            | Purpose::Input
            | Purpose::History(_)
            | Purpose::Document(_) => {}
        }
        News::Answer(purpose, answer)
    }

    fn on_event<'a>(
        &mut self,
        cx: &mut Context,
        session: Option<&str>,
        method: &str,
        params: Option<&'a RawValue>,
    ) -> News<'a> {
        let Some(name) = EventName::parse(method) else {
            return News::Nothing;
        };
        let is_shown = self.is_shown(session);
        let Some(event) = Event::parse(name, params) else {
            cx.counters.broken_frames +=
                u64::from(name == EventName::PageScreencastFrame && is_shown);
            return News::Nothing;
        };
        match event {
            Event::PageScreencastFrame(frame) if is_shown => News::Frame(frame),
            Event::PageScreencastFrame(_) => News::Nothing,
            Event::FetchAuthRequired(asked) => {
                self.on_auth(cx, session, &asked);
                News::Nothing
            }
            Event::FetchRequestPaused(paused) => {
                self.on_paused(cx, session, &paused);
                News::Nothing
            }
            Event::SecurityVisibleSecurityStateChanged(changed) => {
                self.on_security(cx, session, changed.state());
                News::Nothing
            }
            Event::TargetTargetInfoChanged(changed) => {
                self.on_title(cx, &changed.target_info);
                News::Nothing
            }
            Event::PageFileChooserOpened(opened) => {
                self.on_chooser(cx, session, &opened);
                News::Nothing
            }
            Event::PageDownloadWillBegin(_) => {
                let is_ours = self.index_of(session).is_some();
                if is_ours && self.audience == Audience::Sees {
                    return News::Notice("download");
                }
                News::Nothing
            }
            Event::PageFrameNavigated(navigated) => self.on_navigated(cx, session, &navigated),
            Event::PageJavascriptDialogOpening(opening) => self.on_dialog(cx, session, &opening),
            Event::PageJavascriptDialogClosed(_) => self.on_dialog_closed(cx, session),
            Event::TargetTargetCreated(created) => {
                self.on_title(cx, &created.target_info);
                self.on_created(cx, &created);
                News::Nothing
            }
            Event::TargetTargetDestroyed(gone) => self.on_destroyed(cx, &gone.target_id),
            Event::TargetTargetCrashed(gone) => {
                self.on_crashed(cx, |page| page.target == gone.target_id)
            }
            Event::InspectorTargetCrashed(_) => self.on_crashed(cx, |page| page.is(session)),
            Event::TargetAttachedToTarget(attached) => {
                self.on_frame_attached(cx, session, &attached);
                News::Nothing
            }
            Event::TargetDetachedFromTarget(gone) => self.on_detached(cx, &gone.session_id),
            Event::InspectorDetached(Detached {
                reason: "target_closed",
            }) if session.is_none() && self.is_page_socket() => News::Gone(Failure::PageClosed),
            Event::InspectorDetached(_) => News::Nothing,
        }
    }

    fn on_navigated(
        &mut self,
        cx: &mut Context,
        session: Option<&str>,
        navigated: &FrameNavigated<'_>,
    ) -> News<'static> {
        self.drop_choosers(cx, |chooser| chooser.is_in(navigated.frame_id()));
        let page = self.page_of(session).map(|page| page.number);
        let (Some(page), Some(document)) = (page, navigated.main_frame()) else {
            return News::Nothing;
        };
        self.drop_challenges(cx, page);
        self.drop_choosers(cx, |chooser| chooser.page == page);
        self.identify(cx, page, &document);
        self.watch_anew(cx, page);
        News::Document(page, document.loader.into())
    }
}

/// Tells what a browser runs on.
fn platform(version: &Version<'_>) -> Platform {
    if version.user_agent.contains("Macintosh") {
        Platform::Mac
    } else {
        Platform::Other
    }
}
