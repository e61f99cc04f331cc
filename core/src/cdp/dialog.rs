//! JavaScript dialogs. Nothing is read of their text.

use serde::{Deserialize, Serialize};

/// The parameters of the event `Page.javascriptDialogOpening`.
#[derive(Deserialize)]
pub struct DialogOpening<'a> {
    /// `alert`, `confirm`, `prompt` or `beforeunload`.
    #[serde(rename = "type", borrow)]
    pub kind: &'a str,
}

/// The parameters of `Page.handleJavaScriptDialog`.
#[derive(Serialize)]
pub struct HandleDialog {
    /// Whether the answer is yes.
    pub accept: bool,
}
