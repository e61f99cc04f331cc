//! Frames of other sites: Chromium runs each in a process of its own, so each has a CDP session of its
//! own, and only while a viewer is there who is helped with what is in it.
//!
//! What such a session tells is of its frame, and never taken for the page's.

use alloc::{string::String, vec::Vec};

use super::{Browser, News};
use crate::{
    agent::context::Context,
    cdp::{
        codec::{CdpSession, NoParams},
        target::{AttachedToTarget, SessionRef, SetAutoAttach},
        vocabulary::Method,
    },
};

/// How many frames may have a session.
const MAX_FRAMES: usize = 32;

/// A frame that has a session.
pub(super) struct Frame {
    session: CdpSession,
    /// The session of the page or frame that it stands in; absent for a page's own socket.
    parent: Option<CdpSession>,
    /// The number of the page that it is part of.
    page: u16,
    /// What frame it is.
    id: String,
}

impl Browser {
    /// Has the frames of a page get sessions, or lose them.
    pub(super) fn attach_frames(
        &mut self,
        cx: &mut Context,
        page: u16,
        session: Option<&CdpSession>,
        attach: bool,
    ) {
        let params = if attach {
            SetAutoAttach::FRAMES
        } else {
            self.forget_frames(page);
            SetAutoAttach::NOTHING
        };
        self.call(cx, session, Method::TargetSetAutoAttach, &params, None);
    }

    /// Something has got a session. What isn't a frame of a page is followed elsewhere.
    pub(super) fn on_frame_attached(
        &mut self,
        cx: &mut Context,
        parent: Option<&str>,
        attached: &AttachedToTarget<'_>,
    ) {
        if attached.target_info.kind != "iframe" {
            return;
        }
        let Some(page) = self.page_that_holds(parent) else {
            return;
        };
        let parent = parent.map(|parent| CdpSession(parent.into()));
        let session = CdpSession(attached.session_id.as_ref().into());
        if self.frames.len() >= MAX_FRAMES {
            let CdpSession(session_id) = session;
            let surplus = SessionRef { session_id };
            let method = Method::TargetDetachFromTarget;
            return self.call(cx, parent.as_ref(), method, &surplus, None);
        }
        self.frames.push(Frame {
            session: session.clone(),
            parent,
            page,
            id: attached.target_info.target_id.as_ref().into(),
        });
        self.equip_frame(cx, &session);
        self.intercept_choosers_of_frame(cx, &session);
    }

    /// Asks of a frame what its audience needs.
    fn equip_frame(&mut self, cx: &mut Context, session: &CdpSession) {
        let session = Some(session);
        self.call(cx, session, Method::PageEnable, &NoParams {}, None);
        let frames = SetAutoAttach::FRAMES;
        self.call(cx, session, Method::TargetSetAutoAttach, &frames, None);
    }

    /// Returns the number of the page that has this session, or a frame that has it.
    pub(super) fn page_that_holds(&self, session: Option<&str>) -> Option<u16> {
        let has_it = |frame: &&Frame| Some(frame.session.0.as_str()) == session;
        let inner = self.frames.iter().find(has_it).map(|frame| frame.page);
        let outer = || self.pages.iter().find(|page| page.is(session));
        inner.or_else(|| outer().map(|page| page.number))
    }

    /// Returns the sessions of a page's frames.
    pub(super) fn sessions_of_frames(&self, page: u16) -> Vec<CdpSession> {
        let frames = self.frames.iter().filter(|frame| frame.page == page);
        frames.map(|frame| frame.session.clone()).collect()
    }

    /// A frame has lost its session, and so have those within.
    pub(super) fn on_frame_detached(&mut self, cx: &mut Context, session: &str) -> News<'static> {
        // Of frames that were let go because nobody is there, what they wait for outlives that.
        if self.frames.iter().any(|frame| frame.session.0 == session) {
            self.drop_choosers(cx, |chooser| chooser.has_session(session));
        }
        let mut gone = Vec::from([CdpSession(String::from(session))]);
        while let Some(session) = gone.pop() {
            self.frames.retain(|frame| {
                let is_within = frame.parent.as_ref() == Some(&session);
                if is_within {
                    gone.push(frame.session.clone());
                }
                !is_within && frame.session != session
            });
        }
        self.lose_session(cx, session)
    }

    /// Returns the session of a frame that has one of its own.
    pub(super) fn session_of_frame(&self, id: &str) -> Option<CdpSession> {
        let frame = self.frames.iter().find(|frame| frame.id == id)?;
        Some(frame.session.clone())
    }

    /// A page is gone, and its frames with it; or nobody is helped with them any more.
    pub(super) fn forget_frames(&mut self, page: u16) {
        self.frames.retain(|frame| frame.page != page);
    }
}
