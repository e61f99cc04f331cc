//! A crashed page is reloaded once; the second crash ends the session.

use serde_json::value::RawValue;

use super::{Browser, News, Page, Purpose};
use crate::{
    agent::{context::Context, event::Failure},
    cdp::codec::NoParams,
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
        let session = page.session.clone();
        self.call(
            cx,
            session.as_ref(),
            "Page.reload",
            &NoParams {},
            Some(Purpose::Revive),
        );
        News::Nothing
    }

    pub(super) fn on_revived(&mut self, result: Option<&RawValue>) -> News<'static> {
        for page in &mut self.pages {
            if page.crash == Crash::Reloading {
                page.crash = Crash::Reloaded;
            }
        }
        if result.is_none() {
            News::Gone(Failure::PageCrashed)
        } else {
            News::Nothing
        }
    }
}
