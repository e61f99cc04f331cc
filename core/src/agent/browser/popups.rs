//! Pop-ups, and the way back: the newest child by `openerId` is shown, its opener returns when it
//! closes. Never a tab that nobody opened from the one handed over.

use alloc::string::{String, ToString};

use serde_json::value::RawValue;

use super::{Browser, News, Page, Purpose, crashes::Crash};
use crate::{
    agent::{context::Context, event::Failure},
    cdp::{
        codec::{CdpSession, NoParams, payload},
        target::{AttachToTarget, SessionRef, WithTargetInfo},
    },
};

/// How many pop-ups may be open on top of each other.
const MAX_PAGES: usize = 16;

impl Browser {
    pub(super) fn on_created(&mut self, cx: &mut Context, created: &WithTargetInfo<'_>) {
        let target = &created.target_info;
        let opened_by_ours = target
            .opener_id
            .as_deref()
            .is_some_and(|opener| self.pages.iter().any(|page| page.target == opener));
        // Targets told before discovery is answered were there before the hand-off.
        if self.discovered
            && target.kind == "page"
            && opened_by_ours
            && self.pages.len() < MAX_PAGES
            && self
                .calls
                .count(|purpose| matches!(purpose, Purpose::Follow(_)))
                < MAX_PAGES
        {
            self.follow(
                cx,
                target.target_id.to_string(),
                target.opener_id.as_deref(),
            );
        }
    }

    pub(super) fn follow(&mut self, cx: &mut Context, target: String, opener: Option<&str>) {
        self.followed = self.followed.wrapping_add(1);
        let params = AttachToTarget {
            target_id: &target,
            flatten: true,
        };
        self.call_root(
            cx,
            "Target.attachToTarget",
            &params,
            Some(Purpose::Follow(self.followed)),
        );
        let opener = opener.map(ToString::to_string);
        let [.., high, low] = self.followed.to_be_bytes();
        let page = Page {
            number: u16::from_be_bytes([high, low]),
            target,
            opener,
            session: None,
            dialog: None,
            crash: Crash::Never,
        };
        self.following = Some((self.followed, page));
    }

    pub(super) fn on_followed(
        &mut self,
        cx: &mut Context,
        serial: u32,
        result: Option<&RawValue>,
    ) -> News<'static> {
        let Some(SessionRef { session_id }) = payload(result) else {
            return self.give_up(serial);
        };
        let session = CdpSession(session_id);
        match &mut self.following {
            Some((current, page)) if *current == serial => page.session = Some(session.clone()),
            _ => return News::Nothing,
        }
        let purpose = Purpose::EnableFollowed(serial);
        self.call(
            cx,
            Some(&session),
            "Page.enable",
            &NoParams {},
            Some(purpose),
        );
        News::Nothing
    }

    pub(super) fn on_enabled(&mut self, serial: u32) -> News<'static> {
        match self.following.take_if(|(current, _)| *current == serial) {
            Some((_, page)) => {
                self.pages.push(page);
                News::Switched
            }
            None => News::Nothing,
        }
    }

    /// Lets go of a page that closed, or doesn't answer, before it could be shown.
    pub(super) fn give_up(&mut self, serial: u32) -> News<'static> {
        self.following.take_if(|(current, _)| *current == serial);
        if self.pages.is_empty() && self.following.is_none() {
            return News::Gone(Failure::PageClosed);
        }
        News::Nothing
    }

    pub(super) fn on_destroyed(&mut self, cx: &mut Context, target: &str) -> News<'static> {
        if let Some((serial, page)) = &self.following
            && page.target == target
        {
            return self.give_up(*serial);
        }
        let Some(index) = self.pages.iter().position(|page| page.target == target) else {
            return News::Nothing;
        };
        self.remove(cx, index)
    }

    pub(super) fn on_detached(&mut self, cx: &mut Context, session: &str) -> News<'static> {
        match self.index_of(Some(session)) {
            Some(index) => self.remove(cx, index),
            None => News::Nothing,
        }
    }

    pub(super) fn remove(&mut self, cx: &mut Context, index: usize) -> News<'static> {
        let was_shown = index + 1 == self.pages.len();
        let mut page = self.pages.remove(index);
        page.drop_dialog(cx);
        if self.pages.is_empty() && self.following.is_none() {
            // A pop-up was handed over and closed: what the human wants to see now is its opener.
            return match page.opener {
                Some(opener) => {
                    self.follow(cx, opener, None);
                    News::Nothing
                }
                None => News::Gone(Failure::PageClosed),
            };
        }
        if was_shown && !self.pages.is_empty() {
            News::Switched
        } else {
            News::Nothing
        }
    }
}
