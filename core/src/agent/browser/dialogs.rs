//! JavaScript dialogs: shown to a viewer that can show them, and answered by what does the least harm
//! for one that can't. While nobody watches they are the AI agent's own affair.
//!
//! ```text
//!            ┌─ a viewer with sheets ─▶ sheet ─its answer─▶ answered ─▶ closed
//! opening ───┼─ another viewer ────────────────────────────▶ answered ─▶ closed
//!            └─ nobody: waits for one of them          (by another program ─▶ closed)
//! ```

use alloc::{
    boxed::Box,
    string::{String, ToString},
};

use serde::Serialize;
use url::Url;

use super::{Browser, News, Page};
use crate::{
    agent::{
        board::{SheetId, Topic},
        context::Context,
        deed::DialogAnswer,
        page_text::page_text,
    },
    cdp::{
        dialog::{DialogOpening, HandleDialog},
        vocabulary::Method,
    },
};

/// The longest text of a dialog that is shown, in characters.
const MAX_TEXT: usize = 2_000;

/// What happens to a page's dialogs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::agent) enum Audience {
    /// Nobody is there: they wait.
    #[default]
    Nobody,
    /// A viewer that can't show them.
    Blind,
    /// A viewer that can.
    Sees,
}

/// A JavaScript dialog that is open.
pub(super) struct Dialog {
    kind: DialogKind,
    text: String,
    /// What a prompt begins with.
    default: String,
    origin: String,
    sheet: Option<SheetId>,
    /// It was answered from here, and isn't closed yet.
    answered: bool,
}

/// What a dialog asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum DialogKind {
    Alert,
    Confirm,
    Prompt,
    BeforeUnload,
}

/// The message that shows one (§7).
#[derive(Serialize)]
struct DialogSheet<'a> {
    r#type: &'static str,
    id: SheetId,
    kind: DialogKind,
    origin: &'a str,
    text: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    default: Option<&'a str>,
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
            page.drop_dialog(cx);
            page.dialog = Some(Box::new(Dialog::of(opening)));
        }
        if self.serve_dialog(cx, index) {
            return News::Notice("confirm_dismissed");
        }
        News::Nothing
    }

    pub(super) fn on_dialog_closed(
        &mut self,
        cx: &mut Context,
        session: Option<&str>,
    ) -> News<'static> {
        let Some(dialog) = self.page_of(session).and_then(|page| page.drop_dialog(cx)) else {
            return News::Nothing;
        };
        // A question that another program answered before the human could.
        if !dialog.answered && dialog.sheet.is_some() && dialog.kind != DialogKind::Alert {
            return News::Notice("dialog_answered");
        }
        News::Nothing
    }

    /// Does with a page's dialog what the audience asks for; tells whether that was a no.
    pub(super) fn serve_dialog(&mut self, cx: &mut Context, index: usize) -> bool {
        let audience = self.audience;
        let Some(dialog) = self.pages.get_mut(index).and_then(Page::open_dialog) else {
            return false;
        };
        match audience {
            Audience::Nobody => false,
            Audience::Sees => {
                dialog.show(cx);
                false
            }
            Audience::Blind => self.answer_harmlessly(cx, index),
        }
    }

    /// Answers a page's dialog, if one is open, by what does the least; tells whether that was a no.
    fn answer_harmlessly(&mut self, cx: &mut Context, index: usize) -> bool {
        let Some(dialog) = self.pages.get_mut(index).and_then(Page::open_dialog) else {
            return false;
        };
        let accept = dialog.kind.goes_on();
        self.answer_dialog(cx, index, accept, None);
        !accept
    }

    /// The hand-off is over: a dialog that this connection alone can answer mustn't stay open.
    pub(super) fn leave_no_dialog(&mut self, cx: &mut Context) {
        for index in 0..self.pages.len() {
            let page = self.pages.get(index);
            let dialog = page.and_then(|page| page.dialog.as_ref());
            if dialog.is_some_and(|dialog| dialog.sheet.is_some()) {
                self.answer_harmlessly(cx, index);
            }
        }
    }

    /// The human answered. A sheet that isn't there any more was answered already.
    pub(in crate::agent) fn on_dialog_answer(&mut self, cx: &mut Context, answer: &DialogAnswer) {
        let is_it = |page: &Page| {
            let dialog = page.dialog.as_ref();
            dialog.is_some_and(|dialog| dialog.sheet == Some(answer.sheet) && !dialog.answered)
        };
        if let Some(index) = self.pages.iter().position(is_it) {
            let text = answer.text.as_ref().map(|text| text.as_str());
            self.answer_dialog(cx, index, answer.accept, text);
        }
    }

    fn answer_dialog(&mut self, cx: &mut Context, index: usize, accept: bool, text: Option<&str>) {
        let Some(page) = self.pages.get_mut(index) else {
            return;
        };
        let Some(dialog) = &mut page.dialog else {
            return;
        };
        dialog.answered = true;
        if let Some(sheet) = dialog.sheet {
            cx.board.close_sheet(sheet);
        }
        // Without a text an accepted prompt returns "", not what it began with.
        let prompt_text = (accept && dialog.kind == DialogKind::Prompt)
            .then(|| text.unwrap_or(&dialog.default).to_string());
        let params = HandleDialog {
            accept,
            prompt_text: prompt_text.as_deref(),
        };
        let session = page.session.clone();
        let method = Method::PageHandleJavaScriptDialog;
        self.call(cx, session.as_ref(), method, &params, None);
    }
}

impl Page {
    /// Forgets the dialog, which is gone.
    pub(super) fn drop_dialog(&mut self, cx: &mut Context) -> Option<Box<Dialog>> {
        let dialog = self.dialog.take()?;
        if let Some(sheet) = dialog.sheet {
            cx.board.close_sheet(sheet);
        }
        Some(dialog)
    }

    fn open_dialog(&mut self) -> Option<&mut Dialog> {
        self.dialog.as_deref_mut().filter(|dialog| !dialog.answered)
    }
}

impl Dialog {
    /// Puts it before the viewer, once.
    fn show(&mut self, cx: &mut Context) {
        let id = *self.sheet.get_or_insert_with(|| cx.board.new_sheet());
        let sheet = DialogSheet {
            r#type: "dialog",
            id,
            kind: self.kind,
            origin: &self.origin,
            text: &self.text,
            default: (self.kind == DialogKind::Prompt).then_some(&self.default),
        };
        cx.board.post(cx.now, Topic::Sheet(id), &sheet);
    }
}

impl DialogKind {
    /// Whether going on does the least: there is nothing to decide, or the human wants to leave.
    const fn goes_on(self) -> bool {
        matches!(self, Self::Alert | Self::BeforeUnload)
    }
}

impl Dialog {
    fn of(opening: &DialogOpening<'_>) -> Self {
        Self {
            kind: match opening.kind {
                "alert" => DialogKind::Alert,
                "prompt" => DialogKind::Prompt,
                "beforeunload" => DialogKind::BeforeUnload,
                _ => DialogKind::Confirm,
            },
            text: page_text(&opening.message, MAX_TEXT),
            default: page_text(&opening.default_prompt, MAX_TEXT),
            origin: Url::parse(&opening.url)
                .map(|url| url.origin())
                .ok()
                .filter(url::Origin::is_tuple)
                .map(|origin| page_text(&origin.ascii_serialization(), MAX_TEXT))
                .unwrap_or_default(),
            sheet: None,
            answered: false,
        }
    }
}
