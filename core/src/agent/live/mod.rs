//! A session that a human can open: the stream, the viewer, the picture out and the input in.

mod channel;
mod pump;
mod v1;
mod v2;

use alloc::{boxed::Box, collections::BTreeMap};
use core::time::Duration;

pub(super) use self::{channel::Channel, v1::V1, v2::V2};
use crate::{
    agent::{
        Phase,
        browser::{Audience, Browser, News, Purpose},
        capture::Capture,
        context::{Context, Timer},
        create::Session,
        ending::Ending,
        event::{Event, Failure, Outcome},
        file::{FileDone, FileFailure, FileId},
        finish::Finishing,
        io::{Closed, ConnectFailure, HttpId, HttpResponse},
        stream::Stream,
    },
    cdp::{
        codec::NoParams,
        vocabulary::{Answer, Method},
    },
    input::Dispatcher,
    time::Timestamp,
};

/// How often the viewer is sent a notice of one kind at most: a page may open dialogs without end.
const NOTICE_INTERVAL: Duration = Duration::from_secs(1);

/// A session with its stream.
pub(super) struct Live {
    browser: Browser,
    session: Session,
    stream: Stream,
    capture: Capture,
    channel: Channel,
    dispatcher: Dispatcher,
    /// The earliest moment the viewer may be sent another notice, for each kind that it was sent.
    next_notices: BTreeMap<&'static str, Timestamp>,
}

impl Live {
    /// Dials the stream of a session just created.
    pub(super) fn begin(
        cx: &mut Context,
        browser: Browser,
        session: Session,
        channel: Channel,
    ) -> Phase {
        let stream = Stream::dial(
            cx,
            session.stream(),
            session.record.clone(),
            channel.max_message(),
        );
        let dispatcher = Dispatcher::new(browser.platform);
        let mut live = Box::new(Self {
            browser,
            session,
            stream,
            capture: Capture::new(),
            channel,
            dispatcher,
            next_notices: BTreeMap::new(),
        });
        live.channel.on_page_shown(cx, live.browser.shown_page());
        live.ask_document(cx);
        Phase::Live(live)
    }

    // From the relay.

    /// The stream is open.
    pub(super) fn on_relay_opened(&mut self, cx: &mut Context) {
        self.stream.on_opened(cx);
    }

    /// The stream is gone. Returns how the session ends, if it does.
    pub(super) fn on_relay_closed(&mut self, cx: &mut Context, closed: Closed) -> Option<Ending> {
        self.channel.on_relay_closed();
        let ending = self.on_unattended(cx);
        // The relay has the last word on a session it closed: nothing is left to tell it.
        ending.or_else(|| {
            let outcome = self.stream.on_closed(cx, closed)?;
            Some(self.told_by_relay(outcome))
        })
    }

    fn told_by_relay(&self, outcome: Outcome) -> Ending {
        Ending::told(self.channel.believed(outcome))
    }

    /// The stream has taken everything.
    pub(super) fn on_relay_drained(&mut self, cx: &mut Context) {
        self.capture
            .proceed(cx, &mut self.browser, &mut self.channel);
    }

    /// The relay answered a REST call.
    pub(super) fn on_http(
        &mut self,
        cx: &mut Context,
        id: HttpId,
        answer: Result<HttpResponse<'_>, ConnectFailure>,
    ) -> Option<Ending> {
        let outcome = self.stream.on_record(cx, id, answer)?;
        Some(self.told_by_relay(outcome))
    }

    /// The disk did something for one of the human's files.
    pub(super) fn on_file(
        &mut self,
        cx: &mut Context,
        id: FileId,
        answer: Result<FileDone<'_>, FileFailure>,
    ) {
        self.browser.on_file(cx, id, &answer);
    }

    /// The relay, or the viewer behind it, sent a text message.
    pub(super) fn on_relay_text(&mut self, cx: &mut Context, text: &str) -> Option<Ending> {
        match self.channel {
            Channel::V1(_) => self.on_v1_text(cx, text),
            Channel::V2(_) => self.on_v2_text(cx, text),
        }
    }

    /// The relay sent a binary message.
    pub(super) fn on_relay_binary(&mut self, cx: &mut Context, bytes: &[u8]) -> Option<Ending> {
        match self.channel {
            Channel::V1(_) => {
                cx.counters.unknown_relay_messages += 1;
                None
            }
            Channel::V2(_) => self.on_v2_record(cx, bytes),
        }
    }

    /// Starts what a viewer needs besides keys: the picture, answers to dialogs.
    fn attend(&mut self, cx: &mut Context) {
        if !self.channel.counts_credit() {
            self.capture
                .show_again(cx, &mut self.browser, &mut self.channel);
        }
        self.capture
            .start(cx, &mut self.browser, self.channel.quality());
        let audience = if self.channel.shows_sheets() {
            Audience::Sees
        } else {
            Audience::Blind
        };
        if self.browser.attend(cx, audience, self.channel.caps()) {
            self.notify(cx, "confirm_dismissed");
        }
    }

    fn on_unattended(&mut self, cx: &mut Context) -> Option<Ending> {
        if self.browser.is_attended() {
            self.browser.unattended(cx);
            self.capture.stop(cx, &mut self.browser);
            cx.tell(Event::ViewerLeft);
        }
        self.pump(cx)
    }

    /// [`Timer::World`] fired.
    pub(super) fn on_world_timer(&mut self, cx: &mut Context) -> Option<Ending> {
        let news = self.browser.on_world_timer(cx);
        self.on_news(cx, news)
    }

    // From the browser.

    /// The browser sent a message. Returns how the session ends, if it does.
    pub(super) fn on_browser_text(&mut self, cx: &mut Context, text: &str) -> Option<Ending> {
        let news = self.browser.read(cx, text);
        self.on_news(cx, news)
    }

    /// [`Timer::Call`] fired.
    pub(super) fn on_unanswered(&mut self, cx: &mut Context) -> Option<Ending> {
        let news = self.browser.unanswered(cx)?;
        self.on_news(cx, news)
    }

    pub(super) fn on_news(&mut self, cx: &mut Context, news: News<'_>) -> Option<Ending> {
        match news {
            News::Frame(frame) => {
                if let Some(geometry) =
                    self.capture
                        .on_frame(cx, &mut self.browser, &mut self.channel, &frame)
                {
                    self.dispatcher.set_geometry(geometry);
                }
            }
            News::Switched => {
                self.channel.on_page_shown(cx, self.browser.shown_page());
                self.ask_document(cx);
                self.capture.switch(cx, &mut self.browser);
                // What was asked of the page before is over.
                return self.pump(cx);
            }
            News::Document(page, loader) => {
                self.on_document(cx, page, &loader);
                return self.pump(cx);
            }
            News::Errand(end) => {
                self.on_errand_end(cx, end);
                return self.pump(cx);
            }
            News::Turned => {
                self.dispatcher.page_has_turned(cx.now);
                return self.pump(cx);
            }
            News::Answer(Purpose::Document(page), Some(Answer::PageGetFrameTree(tree))) => {
                if let Some(document) = tree.main_frame() {
                    self.browser.identify(cx, page, &document);
                    self.on_document(cx, page, document.loader);
                }
            }
            News::Notice(code) => self.notify(cx, code),
            News::Gone(failure) => return Some(Ending::ours(Outcome::Failed(failure))),
            News::Answer(Purpose::Viewport, answer) => {
                let viewport = if let Some(Answer::PageGetLayoutMetrics(metrics)) = answer {
                    metrics.viewport()
                } else {
                    None
                };
                self.capture.measured(cx, &mut self.browser, viewport);
            }
            News::Answer(Purpose::Cast, None) => self.capture.on_refused(cx),
            News::Answer(Purpose::Input, _) => {
                let is_at_rest = self.input_under_way() == 0;
                // Where it can be told, typed keys wait for the page's own timers, too.
                if is_at_rest && !(self.dispatcher.is_typing() && self.browser.turn(cx)) {
                    self.dispatcher.page_is_at_rest(cx.now);
                }
                return self.pump(cx);
            }
            News::Answer(Purpose::History(by), answer) => {
                self.dispatcher.page_is_at_rest(cx.now);
                if let Some(Answer::PageGetNavigationHistory(history)) = answer
                    && let Some(params) = history.step(by)
                {
                    let input = Some(Purpose::Input);
                    self.browser
                        .call_page(cx, Method::PageNavigateToHistoryEntry, &params, input);
                }
                return self.pump(cx);
            }
            News::Nothing
            | News::Answer(Purpose::Cast, Some(_))
            | News::Answer(
                Purpose::Probe
                | Purpose::List
                | Purpose::Enter
                | Purpose::EnablePage
                | Purpose::Discover
                | Purpose::Version
                | Purpose::Follow(_)
                | Purpose::EnableFollowed(_)
                | Purpose::Revive
                | Purpose::Document(_)
                | Purpose::Chooser(_)
                | Purpose::Handing(_)
                | Purpose::World(_)
                | Purpose::Errand
                | Purpose::Press
                | Purpose::Turn,
                _,
            ) => {}
        }
        None
    }

    /// A click on a picture of one document never lands in another: version 2 asks which is shown.
    fn ask_document(&mut self, cx: &mut Context) {
        if let Channel::V2(_) = self.channel {
            let purpose = Some(Purpose::Document(self.browser.shown_page()));
            self.browser
                .call_page(cx, Method::PageGetFrameTree, &NoParams {}, purpose);
        }
    }

    /// The browser's socket is gone.
    pub(super) fn on_browser_closed(&self) -> Failure {
        if self.browser.is_page_socket() {
            Failure::PageClosed
        } else {
            Failure::BrowserLost
        }
    }

    // Timers of the parts.

    /// [`Timer::Viewport`] fired.
    pub(super) fn on_viewport_timeout(&mut self, cx: &mut Context) {
        self.capture.measured(cx, &mut self.browser, None);
    }

    /// [`Timer::FrameRate`] fired.
    pub(super) fn on_rate(&mut self, cx: &mut Context) {
        self.capture
            .proceed(cx, &mut self.browser, &mut self.channel);
    }

    /// [`Timer::Stall`] fired.
    pub(super) fn on_stall(&mut self, cx: &mut Context) {
        self.capture.on_stall(cx, &mut self.browser);
    }

    /// [`Timer::Proof`] fired.
    pub(super) fn on_proof(&mut self, cx: &mut Context) {
        self.capture.on_proof(cx, &mut self.browser);
    }

    /// [`Timer::Steady`] fired.
    pub(super) fn on_steady(&mut self, cx: &mut Context) {
        self.stream.on_steady(cx);
    }

    /// [`Timer::GiveUp`] fired. Returns how the session ends, if it does.
    pub(super) fn on_give_up(&mut self, cx: &mut Context) -> Option<Ending> {
        let is_over = self.stream.on_give_up(cx);
        is_over.then(|| Ending::ours(Outcome::Failed(Failure::RelayLost)))
    }

    /// [`Timer::Finish`] fired: the human is done, and what they did before takes too long.
    pub(super) fn on_overdue(cx: &mut Context) -> Ending {
        // The page has had its time: what is under way isn't waited for again.
        cx.timers.set(Timer::Finish, cx.now);
        Ending::resolved()
    }

    /// [`Timer::Redial`] fired.
    pub(super) fn on_redial(&mut self, cx: &mut Context) {
        self.stream.on_redial(cx);
    }

    // The end.

    /// Lets go of what is pressed, stops the picture, and passes on what the end still needs.
    pub(super) fn finish(mut self, cx: &mut Context, ending: Ending) -> Phase {
        for action in self.dispatcher.release_all() {
            self.perform(cx, action);
        }
        self.browser.unattended(cx);
        self.capture.stop(cx, &mut self.browser);
        self.channel.end(cx, &ending.outcome);
        Finishing::begin(cx, ending, self.browser, self.session)
    }

    fn notify(&mut self, cx: &mut Context, code: &'static str) {
        let next = self.next_notices.get(code);
        if self.stream.is_up() && next.is_none_or(|next| cx.now >= *next) {
            self.next_notices.insert(code, cx.now + NOTICE_INTERVAL);
            self.channel.notify(cx, code);
        }
    }
}
