//! HTTP authentication: Chromium shows nobody its question, so it is asked of the human, and only
//! while somebody is there who can be shown it.
//!
//! To hear of it, every request for a document is held by Chromium until it is told to go on, which it
//! is told at once.

use alloc::{string::String, vec::Vec};

use serde::Serialize;

use super::{Audience, Browser, world::HEAR_REFUSALS};
use crate::{
    agent::{
        board::{SheetId, Topic},
        context::Context,
        deed::AuthAnswer,
        page_text::page_text,
    },
    cdp::{
        codec::{CdpSession, NoParams},
        fetch::{
            AuthChallengeResponse, AuthRequired, ContinueWithAuth, EnableFetch, PausedRequest,
        },
        vocabulary::Method,
        web_authn::EnableWebAuthn,
    },
    wire::v2::Cap,
};

/// How many questions may wait. More are answered with no.
const MAX_WAITING: usize = 8;

/// The longest origin and the longest realm that are told, in characters.
const MAX_ORIGIN: usize = 300;
const MAX_REALM: usize = 200;

/// A question that waits for the human.
pub(super) struct Challenge {
    page: u16,
    session: Option<CdpSession>,
    request: String,
    sheet: SheetId,
}

/// What was asked of a page's session, while somebody is there.
#[derive(Clone, Copy, Default)]
pub(super) struct Equipment {
    /// Passkeys are answered at once.
    passkeys: bool,
    /// The browser judges how the page came.
    security: bool,
    /// Authentication is asked here.
    challenges: bool,
    /// Choosers are told of instead of shown.
    choosers: bool,
    /// Frames of other sites have sessions.
    frames: bool,
    /// Refused permissions are heard of from a document's beginning.
    refusals: bool,
}

/// The message that asks (§7).
#[derive(Serialize)]
struct AuthSheet<'a> {
    r#type: &'static str,
    id: SheetId,
    origin: &'a str,
    realm: &'a str,
    proxy: bool,
}

impl Browser {
    /// Asks of every page what its audience needs.
    pub(super) fn equip(&mut self, cx: &mut Context) {
        for index in 0..self.pages.len() {
            self.equip_page(cx, index);
        }
    }

    fn equip_page(&mut self, cx: &mut Context, index: usize) {
        let audience = self.audience;
        let Some(page) = self.pages.get_mut(index) else {
            return;
        };
        let (number, session, had) = (page.number, page.session.clone(), page.equipment);
        // What was asked for stays until the end: a viewer that loads its page again is soon back.
        let passkeys = had.passkeys || audience != Audience::Nobody;
        let security = had.security || audience == Audience::Sees;
        let challenges = match audience {
            Audience::Nobody => had.challenges,
            Audience::Blind => false,
            Audience::Sees => true,
        };
        let choosers = self.reach.has(Cap::Files);
        let frames = choosers || self.reach.has(Cap::Fields);
        let refusals = had.refusals || self.reach.has(Cap::Fields);
        page.equipment = Equipment {
            passkeys,
            security,
            challenges,
            choosers,
            frames,
            refusals,
        };
        let session = session.as_ref();
        if passkeys && !had.passkeys {
            let silent = EnableWebAuthn::SILENT;
            self.call(cx, session, Method::WebAuthnEnable, &silent, None);
        }
        if security && !had.security {
            self.call(cx, session, Method::SecurityEnable, &NoParams {}, None);
        }
        if challenges && !had.challenges {
            let documents = EnableFetch::DOCUMENTS;
            self.call(cx, session, Method::FetchEnable, &documents, None);
        } else if had.challenges && !challenges {
            self.drop_challenges(cx, number);
            self.call(cx, session, Method::FetchDisable, &NoParams {}, None);
        }
        if choosers != had.choosers {
            self.intercept_choosers(cx, number, session, choosers);
        }
        if frames != had.frames {
            self.attach_frames(cx, number, session, frames);
        }
        if refusals && !had.refusals {
            let method = Method::PageAddScriptToEvaluateOnNewDocument;
            self.call(cx, session, method, &HEAR_REFUSALS, None);
        }
    }

    /// A request for a document waits.
    pub(super) fn on_paused(
        &mut self,
        cx: &mut Context,
        session: Option<&str>,
        paused: &PausedRequest<'_>,
    ) {
        let session = session.map(|session| CdpSession(session.into()));
        let method = Method::FetchContinueRequest;
        self.call(cx, session.as_ref(), method, paused, None);
    }

    /// A document's server asks who is there.
    pub(super) fn on_auth(
        &mut self,
        cx: &mut Context,
        session: Option<&str>,
        asked: &AuthRequired<'_>,
    ) {
        let page = self.page_of(session).map(|page| page.number);
        let session = session.map(|session| CdpSession(session.into()));
        let (Some(page), true) = (page, self.challenges.len() < MAX_WAITING) else {
            let no = AuthChallengeResponse::CancelAuth;
            self.answer_challenge(cx, session.as_ref(), &asked.request_id, no);
            return;
        };
        let sheet = cx.board.new_sheet();
        let challenge = &asked.auth_challenge;
        let message = AuthSheet {
            r#type: "auth",
            id: sheet,
            origin: &page_text(&challenge.origin, MAX_ORIGIN),
            realm: &page_text(&challenge.realm, MAX_REALM),
            proxy: challenge.source.as_deref() == Some("Proxy"),
        };
        cx.board.post(cx.now, Topic::Sheet(sheet), &message);
        self.challenges.push(Challenge {
            page,
            session,
            request: asked.request_id.as_ref().into(),
            sheet,
        });
    }

    /// The human answered. A sheet that isn't there any more was answered already.
    pub(in crate::agent) fn on_auth_answer(&mut self, cx: &mut Context, answer: &AuthAnswer) {
        let is_it = |challenge: &Challenge| challenge.sheet == answer.sheet;
        let Some(place) = self.challenges.iter().position(is_it) else {
            return;
        };
        let challenge = self.challenges.remove(place);
        cx.board.close_sheet(challenge.sheet);
        let response = match &answer.credentials {
            Some(credentials) => AuthChallengeResponse::ProvideCredentials {
                username: &credentials.username,
                password: &credentials.password,
            },
            None => AuthChallengeResponse::CancelAuth,
        };
        self.answer_challenge(cx, challenge.session.as_ref(), &challenge.request, response);
    }

    /// A page's questions are over: it shows something else, or is gone.
    pub(super) fn drop_challenges(&mut self, cx: &mut Context, page: u16) {
        let (over, waiting): (Vec<_>, Vec<_>) = core::mem::take(&mut self.challenges)
            .into_iter()
            .partition(|challenge| challenge.page == page);
        self.challenges = waiting;
        for challenge in over {
            cx.board.close_sheet(challenge.sheet);
        }
    }

    fn answer_challenge(
        &mut self,
        cx: &mut Context,
        session: Option<&CdpSession>,
        request_id: &str,
        response: AuthChallengeResponse<'_>,
    ) {
        let params = ContinueWithAuth {
            request_id,
            auth_challenge_response: response,
        };
        self.call(cx, session, Method::FetchContinueWithAuth, &params, None);
    }
}
