//! The human's input on its one serial path to the browser.

use alloc::string::String;

use serde::Serialize;

use super::Live;
use crate::{
    agent::{
        browser::{ErrandEnd, Purpose},
        context::{Context, Timer},
        ending::Ending,
        event::Outcome,
        finish::SETTLE_TIMEOUT,
    },
    cdp::{codec::NoParams, vocabulary::Method},
    crypto::Opened,
    input::{Action, Errand, Finish, InputEvent},
};

/// How many input calls may wait for the browser's answer. A page that is busy holds the rest in
/// the dispatcher's bounded queue.
const MAX_INPUT_UNDER_WAY: usize = 64;

impl Live {
    /// A viewer did something, and proved that it was the one to do it.
    pub(super) fn on_input(
        &mut self,
        cx: &mut Context,
        event: Opened<InputEvent>,
    ) -> Option<Ending> {
        if matches!(event.get(), InputEvent::Paste(_)) && self.browser.takes_errands() {
            let errand = event.try_map(|event| {
                let InputEvent::Paste(text) = event else {
                    return Err(());
                };
                Ok(Errand::Paste(text))
            });
            return self.on_errand(cx, errand.ok()?);
        }
        if self.dispatcher.push(cx.now, event).is_err() {
            cx.counters.dropped_events += 1;
        }
        if self.dispatcher.is_resolving() && !cx.timers.is_set(Timer::Finish) {
            cx.start(Timer::Finish, SETTLE_TIMEOUT);
        }
        self.pump(cx)
    }

    /// A viewer wants something that takes more than events, and proved that it was the one to want it.
    pub(super) fn on_errand(&mut self, cx: &mut Context, errand: Opened<Errand>) -> Option<Ending> {
        if self.dispatcher.push_errand(cx.now, errand).is_err() {
            cx.counters.dropped_events += 1;
        }
        self.pump(cx)
    }

    /// Hands to the browser what input is due. Returns how the session ends, if the human said so.
    pub(in crate::agent) fn pump(&mut self, cx: &mut Context) -> Option<Ending> {
        while self.may_dispatch() {
            let Some(action) = self.dispatcher.pop(cx.now) else {
                break;
            };
            if let Some(ending) = self.perform(cx, action) {
                return Some(ending);
            }
        }
        if !self.channel.is_attended() && self.dispatcher.is_idle() {
            for action in self.dispatcher.release_all() {
                self.perform(cx, action);
            }
        }
        match self.dispatcher.deadline() {
            Some(at) if self.may_dispatch() => cx.timers.set(Timer::Input, at),
            _ => cx.timers.clear(Timer::Input),
        }
        None
    }

    /// A page's history has to answer before the next event, or that would overtake the step, and an
    /// errand has to be over.
    fn may_dispatch(&self) -> bool {
        let history = |purpose| matches!(purpose, Purpose::History(_));
        self.input_under_way() < MAX_INPUT_UNDER_WAY
            && self.browser.count_calls(history) == 0
            && !self.browser.is_on_errand()
    }

    pub(super) fn input_under_way(&self) -> usize {
        self.browser
            .count_calls(|purpose| purpose == Purpose::Input)
    }

    pub(super) fn perform(&mut self, cx: &mut Context, action: Action) -> Option<Ending> {
        #[derive(Serialize)]
        struct Text {
            text: String,
        }
        let input = Some(Purpose::Input);
        let browser = &mut self.browser;
        self.capture.expect_proof(cx);
        match action {
            Action::Key(event) => {
                browser.call_page(cx, Method::InputDispatchKeyEvent, &event, input);
                if event.text.is_some() && browser.loses_key(cx.now) {
                    self.notify(cx, "keys_lost");
                }
            }
            Action::Mouse(event) => {
                browser.call_page(cx, Method::InputDispatchMouseEvent, &event, input);
            }
            Action::Touch(event) => {
                browser.call_page(cx, Method::InputDispatchTouchEvent, &event, input);
            }
            Action::Compose(text) => {
                browser.call_page(cx, Method::InputImeSetComposition, &text, input);
            }
            Action::InsertText(text) => {
                browser.call_page(cx, Method::InputInsertText, &Text { text }, input);
            }
            Action::Errand(errand) => {
                if let Some(end) = browser.run(cx, errand) {
                    self.on_errand_end(cx, end);
                }
                return None;
            }
            Action::Reload => browser.call_page(cx, Method::PageReload, &NoParams {}, input),
            Action::Back => self.step_through_history(cx, -1),
            Action::Forward => self.step_through_history(cx, 1),
            Action::Finish(Finish::Resolved) => {
                return Some(Ending::resolved());
            }
            Action::Finish(Finish::Cancelled) => return Some(Ending::ours(Outcome::Cancelled)),
        }
        self.dispatcher.page_is_busy();
        None
    }

    pub(super) fn on_errand_end(&mut self, cx: &mut Context, end: ErrandEnd) {
        match end {
            ErrandEnd::Quiet => {}
            ErrandEnd::Notice(code) => self.notify(cx, code),
            ErrandEnd::Typed(text) => self.dispatcher.paste_first(&text),
        }
    }

    fn step_through_history(&mut self, cx: &mut Context, by: i32) {
        let purpose = Some(Purpose::History(by));
        self.browser
            .call_page(cx, Method::PageGetNavigationHistory, &NoParams {}, purpose);
    }
}
