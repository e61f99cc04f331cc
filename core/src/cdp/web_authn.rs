//! Passkeys. The browser's dialog for them can't be shown, and swallows every key.

use serde::Serialize;

/// The parameters of `WebAuthn.enable`: a virtual environment without any authenticator, in which a
/// page that asks for a passkey is told at once that there is none.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EnableWebAuthn {
    #[serde(rename = "enableUI")]
    enable_ui: bool,
}

impl EnableWebAuthn {
    /// Without the browser's dialog.
    pub const SILENT: Self = Self { enable_ui: false };
}
