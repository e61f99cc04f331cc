//! A crashed page is reloaded once; the second crash ends the session.

use super::{Audience, Browser, News, Page, Purpose};
use crate::{
    agent::{context::Context, event::Failure},
    cdp::{codec::NoParams, vocabulary::Method},
};

/// Whether a page has crashed. It is reloaded once.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Crash {
    Never,
    /// Told by more than one event, and acted on once.
    Reloading,
    Reloaded,
}

impl Browser {
    pub(super) fn on_crashed(
        &mut self,
        cx: &mut Context,
        is: impl Fn(&Page) -> bool,
    ) -> News<'static> {
        let Some(page) = self.pages.iter_mut().find(|page| is(page)) else {
            return News::Nothing;
        };
        match page.crash {
            Crash::Never => {}
            Crash::Reloading => return News::Nothing,
            Crash::Reloaded => return News::Gone(Failure::PageCrashed),
        }
        page.crash = Crash::Reloading;
        page.drop_dialog(cx);
        let (number, session) = (page.number, page.session.clone());
        self.drop_choosers(cx, |chooser| chooser.page == number);
        self.call(
            cx,
            session.as_ref(),
            Method::PageReload,
            &NoParams {},
            Some(Purpose::Revive),
        );
        if self.audience == Audience::Sees {
            return News::Notice("page_crashed");
        }
        News::Nothing
    }

    pub(super) fn on_revived(&mut self, is_reloaded: bool) -> News<'static> {
        for page in &mut self.pages {
            if page.crash == Crash::Reloading {
                page.crash = Crash::Reloaded;
            }
        }
        if is_reloaded {
            News::Nothing
        } else {
            News::Gone(Failure::PageCrashed)
        }
    }
}
