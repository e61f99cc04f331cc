//! JavaScript dialogs.

use alloc::borrow::Cow;

use serde::{Deserialize, Serialize};

/// The parameters of the event `Page.javascriptDialogOpening`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DialogOpening<'a> {
    /// `alert`, `confirm`, `prompt` or `beforeunload`.
    #[serde(rename = "type", borrow)]
    pub kind: &'a str,
    /// The address of the frame that asks.
    #[serde(borrow, default)]
    pub url: Cow<'a, str>,
    /// What it says; empty for `beforeunload`.
    #[serde(borrow, default)]
    pub message: Cow<'a, str>,
    /// What a prompt begins with.
    #[serde(borrow, default)]
    pub default_prompt: Cow<'a, str>,
}

/// The parameters of `Page.handleJavaScriptDialog`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct HandleDialog<'a> {
    /// Whether the answer is yes.
    pub accept: bool,
    /// What a prompt is answered with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prompt_text: Option<&'a str>,
}
