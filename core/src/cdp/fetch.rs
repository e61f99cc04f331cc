//! HTTP authentication: Chromium asks nobody unless the document's requests are intercepted.

use alloc::borrow::Cow;

use serde::{Deserialize, Serialize};

/// The parameters of `Fetch.enable`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EnableFetch {
    handle_auth_requests: bool,
    patterns: [RequestPattern; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RequestPattern {
    url_pattern: &'static str,
    resource_type: &'static str,
}

impl EnableFetch {
    /// The requests of documents alone, with what they are asked to prove.
    pub const DOCUMENTS: Self = Self {
        handle_auth_requests: true,
        patterns: [RequestPattern {
            url_pattern: "*",
            resource_type: "Document",
        }],
    };
}

/// The parameters of the event `Fetch.requestPaused`, and of `Fetch.continueRequest`.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PausedRequest<'a> {
    /// Which.
    #[serde(borrow)]
    pub request_id: Cow<'a, str>,
}

/// The parameters of the event `Fetch.authRequired`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AuthRequired<'a> {
    /// Which request waits.
    #[serde(borrow)]
    pub request_id: Cow<'a, str>,
    /// What is asked.
    #[serde(borrow)]
    pub auth_challenge: AuthChallenge<'a>,
}

/// CDP's `Fetch.AuthChallenge`.
#[derive(Deserialize)]
pub struct AuthChallenge<'a> {
    /// `Server` or `Proxy`.
    #[serde(borrow, default)]
    pub source: Option<Cow<'a, str>>,
    /// Who asks.
    #[serde(borrow)]
    pub origin: Cow<'a, str>,
    /// What for, in the server's words; may be empty.
    #[serde(borrow)]
    pub realm: Cow<'a, str>,
}

/// The parameters of `Fetch.continueWithAuth`. No `Debug`: it holds a password.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ContinueWithAuth<'a> {
    /// Which request.
    pub request_id: &'a str,
    /// The answer.
    pub auth_challenge_response: AuthChallengeResponse<'a>,
}

/// CDP's `Fetch.AuthChallengeResponse`. No `Debug`: it holds a password.
#[derive(Serialize)]
#[serde(tag = "response")]
pub enum AuthChallengeResponse<'a> {
    /// The page is shown what the server sends to strangers.
    CancelAuth,
    /// The name and password to try.
    ProvideCredentials {
        /// The name.
        username: &'a str,
        /// The password.
        password: &'a str,
    },
}
