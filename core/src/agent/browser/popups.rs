//! Pop-ups, and the way back: the newest child by `openerId` is shown, its opener returns when it
//! closes. Never a tab that nobody opened from the one handed over.

use alloc::string::{String, ToString};

use super::{Browser, News, Page, Purpose};
use crate::{
    agent::{context::Context, event::Failure},
    cdp::{
        codec::{CdpSession, NoParams},
        target::{AttachToTarget, SessionRef, WithTargetInfo},
        vocabulary::{Answer, Method},
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
            && self.pages.len() + self.following.len() < MAX_PAGES
            && self.count_calls(|purpose| matches!(purpose, Purpose::Follow(_))) < MAX_PAGES
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
            Method::TargetAttachToTarget,
            &params,
            Some(Purpose::Follow(self.followed)),
        );
        let opener = opener.map(ToString::to_string);
        let [.., high, low] = self.followed.to_be_bytes();
        let page = Page::new(u16::from_be_bytes([high, low]), target, opener);
        self.following.push((self.followed, page));
    }

    pub(super) fn on_followed(
        &mut self,
        cx: &mut Context,
        serial: u32,
        answer: Option<Answer<'_>>,
    ) -> News<'static> {
        let Some(Answer::TargetAttachToTarget(SessionRef { session_id })) = answer else {
            return self.give_up(serial);
        };
        let session = CdpSession(session_id);
        let Some((_, page)) = self.following.iter_mut().find(|(each, _)| *each == serial) else {
            return News::Nothing;
        };
        page.session = Some(session.clone());
        let purpose = Purpose::EnableFollowed(serial);
        self.call(
            cx,
            Some(&session),
            Method::PageEnable,
            &NoParams {},
            Some(purpose),
        );
        News::Nothing
    }

    pub(super) fn on_enabled(&mut self, cx: &mut Context, serial: u32) -> News<'static> {
        let Some(page) = self.take_followed(serial) else {
            return News::Nothing;
        };
        // One that was overtaken by a newer one isn't shown before that.
        let newer = self.pages.last().filter(|shown| shown.number > page.number);
        let is_shown = newer.is_none();
        let place = self.pages.len() - usize::from(!is_shown);
        self.pages.insert(place, page);
        self.equip(cx);
        self.watch(cx);
        self.post_pages(cx);
        if is_shown {
            News::Switched
        } else {
            News::Nothing
        }
    }

    fn take_followed(&mut self, serial: u32) -> Option<Page> {
        let place = self
            .following
            .iter()
            .position(|(each, _)| *each == serial)?;
        Some(self.following.remove(place).1)
    }

    /// Lets go of a page that closed, or doesn't answer, before it could be shown.
    pub(super) fn give_up(&mut self, serial: u32) -> News<'static> {
        self.take_followed(serial);
        if self.pages.is_empty() && self.following.is_empty() {
            return News::Gone(Failure::PageClosed);
        }
        News::Nothing
    }

    pub(super) fn on_destroyed(&mut self, cx: &mut Context, target: &str) -> News<'static> {
        let followed = self
            .following
            .iter()
            .find(|(_, page)| page.target == target);
        if let Some((serial, _)) = followed {
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
            None => self.on_frame_detached(cx, session),
        }
    }

    pub(super) fn remove(&mut self, cx: &mut Context, index: usize) -> News<'static> {
        let was_shown = index + 1 == self.pages.len();
        let mut page = self.pages.remove(index);
        page.drop_dialog(cx);
        self.drop_challenges(cx, page.number);
        self.drop_choosers(cx, |chooser| chooser.page == page.number);
        self.forget_frames(page.number);
        self.watch(cx);
        self.post_pages(cx);
        if self.pages.is_empty() && self.following.is_empty() {
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
