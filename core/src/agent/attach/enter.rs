//! Inside the socket: whose it is, which page is entered, and whether that page answers.

use alloc::string::String;

use super::{Attaching, Known, NOT_A_BROWSER, Step, fail, wanted};
use crate::{
    agent::{
        Phase,
        browser::{Browser, News, Purpose},
        context::{Context, Timer},
        create,
        event::{Event, Failure},
    },
    cdp::{
        codec::{CdpSession, NoParams},
        discovery::{choose_page, origin},
        target::{AttachToTarget, SessionRef},
        vocabulary::{Answer, Method},
    },
};

/// What has been answered on the entered page.
#[derive(Clone, Copy, Default)]
pub(super) struct Steps {
    enabled: bool,
    discovered: bool,
    version: bool,
}

impl Steps {
    pub(super) fn any(self) -> bool {
        self.enabled || self.discovered || self.version
    }

    pub(super) fn all(self) -> bool {
        self.enabled && self.discovered && self.version
    }

    /// Says what it means that the rest isn't answered.
    pub(super) fn silence(self) -> Failure {
        if self.any() {
            Failure::PageUnresponsive
        } else {
            Failure::NotCdp(NOT_A_BROWSER)
        }
    }
}

pub(super) fn on_news(
    cx: &mut Context,
    mut browser: Browser,
    mut page: Known,
    mut steps: Steps,
    news: News<'_>,
) -> Phase {
    match news {
        News::Answer(Purpose::Probe, Some(Answer::TargetGetTargetInfo(found))) => {
            let target = &found.target_info;
            if target.kind == "page" {
                page = Known::from(target);
                browser.enter(cx, page.target.clone(), page.opener.clone(), None);
            } else if target.kind == "browser" {
                let list = Some(Purpose::List);
                browser.call_root(cx, Method::TargetGetTargets, &NoParams {}, list);
            } else {
                browser.leave(cx);
                return fail(
                    cx,
                    Failure::NotCdp("it leads to something that isn't a page"),
                );
            }
        }
        // A proxy that passes a page's own methods only.
        News::Answer(Purpose::Probe, _) => browser.enter(cx, String::new(), None, None),
        News::Answer(Purpose::List, answer) => {
            let wanted = wanted(cx);
            let chosen = match &answer {
                Some(Answer::TargetGetTargets(targets)) => {
                    choose_page(&targets.target_infos, wanted.as_deref())
                }
                _ => None,
            };
            let Some(chosen) = chosen else {
                browser.leave(cx);
                return fail(cx, Failure::NoPage);
            };
            page = Known::from(chosen);
            enter_session(cx, &mut browser, &page);
        }
        News::Answer(Purpose::Enter, answer) => {
            let Some(Answer::TargetAttachToTarget(SessionRef { session_id })) = answer else {
                browser.leave(cx);
                return fail(cx, Failure::PageClosed);
            };
            let session = Some(CdpSession(session_id));
            browser.enter(cx, page.target.clone(), page.opener.clone(), session);
        }
        News::Answer(Purpose::EnablePage, None) => {
            browser.leave(cx);
            return fail(cx, Failure::NotCdp(NOT_A_BROWSER));
        }
        News::Answer(Purpose::EnablePage, Some(_)) => steps.enabled = true,
        News::Answer(Purpose::Discover, _) => steps.discovered = true,
        News::Answer(Purpose::Version, _) => steps.version = true,
        News::Gone(failure) => {
            browser.leave(cx);
            return fail(cx, failure);
        }
        News::Nothing
        | News::Answer(
            Purpose::Viewport
            | Purpose::Cast
            | Purpose::Input
            | Purpose::History(_)
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
        )
        | News::Frame(_)
        | News::Switched
        | News::Document(..)
        | News::Errand(_)
        | News::Turned
        | News::Notice(_) => {}
    }
    if steps.all() {
        cx.timers.clear(Timer::Attach);
        cx.tell(Event::Attached {
            origin: origin(&page.url),
        });
        return create::begin(cx, browser);
    }
    Phase::Attaching(Attaching(Step::Inside {
        browser,
        page,
        steps,
    }))
}

pub(super) fn enter_session(cx: &mut Context, browser: &mut Browser, page: &Known) {
    let params = AttachToTarget {
        target_id: &page.target,
        flatten: true,
    };
    browser.call_root(
        cx,
        Method::TargetAttachToTarget,
        &params,
        Some(Purpose::Enter),
    );
}
