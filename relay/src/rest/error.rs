//! Errors, in the two dialects that the existing SDKs read: no body serves both.
//!
//! `{"error": "<code>", "message"}` by default; `{"error": {"code", "message"}}` for the Python
//! SDK, which is told by its `User-Agent`. Messages are fixed words, never anything that was sent.

use authloop_core::{api::InvalidField, relay::AlreadyEnded};
use axum::{
    extract::Request,
    http::{HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use serde_json::json;

/// An error that a request is answered with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ApiError {
    status: StatusCode,
    code: &'static str,
    message: String,
    retry_after: Option<u64>,
}

impl ApiError {
    fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
            retry_after: None,
        }
    }

    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid_request", message)
    }

    pub(crate) fn not_a_key() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "unauthorized",
            "expected Authorization: Bearer with an API key of this relay",
        )
    }

    pub(crate) fn not_a_viewer_token() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "unauthorized",
            "expected Authorization: Bearer with the token of this session's link",
        )
    }

    pub(crate) fn not_the_owner() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "forbidden",
            "this session belongs to another key",
        )
    }

    pub(crate) fn no_such_session() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "not_found",
            "there is no such session",
        )
    }

    pub(crate) fn no_such_route() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", "there is nothing here")
    }

    pub(crate) fn no_such_method() -> Self {
        Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "method_not_allowed",
            "this path takes other methods",
        )
    }

    pub(crate) fn foreign_host() -> Self {
        Self::new(
            StatusCode::MISDIRECTED_REQUEST,
            "misdirected_request",
            "this relay does not answer to that Host; use its address, localhost or its public URL",
        )
    }

    pub(crate) fn not_a_websocket() -> Self {
        Self::new(
            StatusCode::UPGRADE_REQUIRED,
            "upgrade_required",
            "expected a WebSocket handshake of version 13",
        )
    }

    pub(crate) fn too_many(retry_after: u64) -> Self {
        Self {
            retry_after: Some(retry_after),
            ..Self::new(
                StatusCode::TOO_MANY_REQUESTS,
                "rate_limited",
                "too many sessions for this key, come back later",
            )
        }
    }

    pub(crate) fn unavailable() -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "unavailable",
            "no random bytes for a session",
        )
    }
}

impl From<InvalidField> for ApiError {
    fn from(field: InvalidField) -> Self {
        Self::invalid(field.to_string())
    }
}

impl From<AlreadyEnded> for ApiError {
    fn from(ended: AlreadyEnded) -> Self {
        match ended {
            AlreadyEnded::Terminal => {
                Self::new(StatusCode::CONFLICT, "already_terminal", ended.to_string())
            }
            AlreadyEnded::Expired => Self::new(StatusCode::GONE, "expired", ended.to_string()),
        }
    }
}

impl IntoResponse for ApiError {
    /// Leaves the body to [`write_in_dialect`], which knows who asked.
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// Gives every error its body, in the dialect of whoever asked.
pub(super) async fn write_in_dialect(request: Request, next: Next) -> Response {
    let is_python = request
        .headers()
        .get(header::USER_AGENT)
        .is_some_and(|agent| agent.as_bytes().starts_with(b"python-httpx/"));
    let mut response = next.run(request).await;
    let Some(error) = response.extensions_mut().remove::<ApiError>() else {
        return response;
    };
    let body = if is_python {
        json!({"error": {"code": error.code, "message": error.message}})
    } else {
        json!({"error": error.code, "message": error.message})
    };
    *response.body_mut() = body.to_string().into();
    let headers = response.headers_mut();
    headers.remove(header::CONTENT_LENGTH);
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json"),
    );
    if let Some(seconds) = error.retry_after {
        headers.insert(header::RETRY_AFTER, seconds.into());
    }
    match error.status {
        StatusCode::UNAUTHORIZED => {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        StatusCode::UPGRADE_REQUIRED => {
            headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
            headers.insert(
                header::SEC_WEBSOCKET_VERSION,
                HeaderValue::from_static("13"),
            );
        }
        _ => {}
    }
    response
}
