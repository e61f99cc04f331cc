//! How safely a page came, as the browser itself judges it.

use alloc::borrow::Cow;

use serde::Deserialize;

/// The parameters of the event `Security.visibleSecurityStateChanged`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VisibleSecurityStateChanged<'a> {
    #[serde(borrow)]
    visible_security_state: VisibleSecurityState<'a>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct VisibleSecurityState<'a> {
    #[serde(borrow)]
    security_state: Cow<'a, str>,
}

impl VisibleSecurityStateChanged<'_> {
    /// Returns CDP's `Security.SecurityState`: `secure`, `insecure`, `insecure-broken`, `neutral`, …
    pub fn state(&self) -> &str {
        &self.visible_security_state.security_state
    }
}
