//! Who calls: `Authorization: Bearer …`.

use std::sync::Arc;

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, header, request::Parts},
};

use super::{ApiError, SessionId};
use crate::{app::App, keys::KeyId, registry::Session};

/// A caller with a known API key.
pub(super) struct Caller(pub(super) KeyId);

impl FromRequestParts<Arc<App>> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, ApiError> {
        bearer(&parts.headers)
            .and_then(|presented| app.api_keys.find(presented))
            .map(Self)
            .ok_or_else(ApiError::not_a_key)
    }
}

/// A session whose owner calls.
pub(super) struct Owned(pub(super) Arc<Session>);

impl FromRequestParts<Arc<App>> for Owned {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, ApiError> {
        let Caller(key) = Caller::from_request_parts(parts, app).await?;
        let SessionId(id) = SessionId::from_request_parts(parts, app).await?;
        let session = app
            .registry
            .find(&id)
            .ok_or_else(ApiError::no_such_session)?;
        if session.owner == key {
            Ok(Self(session))
        } else {
            Err(ApiError::not_the_owner())
        }
    }
}

/// Returns the bearer token (RFC 6750 §2.1); the scheme's case doesn't matter.
pub(super) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then(|| token.trim_start())
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn only_a_bearer_is_a_bearer() {
        let read = |value: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::AUTHORIZATION, HeaderValue::from_static(value));
            bearer(&headers).map(str::to_owned)
        };
        assert_eq!(read("Bearer abc").as_deref(), Some("abc"));
        assert_eq!(read("bearer  abc").as_deref(), Some("abc"));
        assert_eq!(read("Basic abc"), None);
        assert_eq!(read("Bearer"), None);
        assert_eq!(bearer(&HeaderMap::new()), None);
    }
}
