//! JavaScript dialogs: answered by what does the least harm until a viewer can show them, and only
//! while one is there. Nothing of their text goes anywhere.

use super::{Browser, News};
use crate::{
    agent::context::Context,
    cdp::{
        dialog::{DialogOpening, HandleDialog},
        vocabulary::Method,
    },
};

/// A JavaScript dialog that waits for an answer.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialog {
    /// Nothing to decide: `alert`, and `beforeunload`, where the human wants to go on.
    Statement,
    /// `confirm` and `prompt`: no is the answer that does the least.
    Question,
}

impl Browser {
    pub(super) fn on_dialog(
        &mut self,
        cx: &mut Context,
        session: Option<&str>,
        opening: &DialogOpening<'_>,
    ) -> News<'static> {
        let Some(index) = self.index_of(session) else {
            return News::Nothing;
        };
        if let Some(page) = self.pages.get_mut(index) {
            page.dialog = Some(match opening.kind {
                "alert" | "beforeunload" => Dialog::Statement,
                _ => Dialog::Question,
            });
        }
        if self.attended && self.answer_dialog(cx, index) {
            return News::Dismissed;
        }
        News::Nothing
    }

    /// Answers a page's dialog if it has one; tells whether that was a no.
    pub(super) fn answer_dialog(&mut self, cx: &mut Context, index: usize) -> bool {
        let Some(page) = self.pages.get_mut(index) else {
            return false;
        };
        let Some(dialog) = page.dialog.take() else {
            return false;
        };
        let session = page.session.clone();
        let accept = dialog == Dialog::Statement;
        self.call(
            cx,
            session.as_ref(),
            Method::PageHandleJavaScriptDialog,
            &HandleDialog { accept },
            None,
        );
        !accept
    }
}
