//! The REST API (protocol version 1, §1) and the router that holds everything together.

mod auth;
mod body;
mod card;
mod error;
mod session;

use std::sync::Arc;

use axum::{
    Router,
    extract::{FromRequestParts, Path, Request},
    http::{HeaderValue, header, request::Parts},
    middleware::{Next, from_fn, from_fn_with_state},
    response::{IntoResponse as _, Response},
    routing::{get, post},
};

pub(crate) use self::error::ApiError;
use crate::{app::App, host, page, stream::stream};

/// The API's own description.
const OPENAPI: &str = include_str!("openapi.json");

/// Puts all routes together. Every error below leaves in the caller's dialect.
pub(crate) fn router(app: Arc<App>) -> Router {
    Router::new()
        .route("/session", post(session::create))
        .route("/session/{id}", get(session::read).delete(session::cancel))
        .route("/session/{id}/resolve", post(session::resolve))
        .route("/audit", post(session::audit))
        .route("/openapi.json", get(openapi))
        .route("/healthz", get(healthz))
        .route("/s/{id}", get(page::page))
        .route("/s/{id}/card", get(card::card))
        .route("/assets/{*file}", get(page::asset))
        .route("/stream/{id}", get(stream))
        .fallback(async || ApiError::no_such_route())
        .method_not_allowed_fallback(async || ApiError::no_such_method())
        .layer(from_fn_with_state(Arc::clone(&app), host::check))
        .layer(from_fn(error::write_in_dialect))
        .layer(from_fn(harden))
        .with_state(app)
}

/// A session's id in a path. One that isn't even text is no session's.
pub(crate) struct SessionId(pub(crate) String);

impl<S: Send + Sync> FromRequestParts<S> for SessionId {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        Path::from_request_parts(parts, state)
            .await
            .map(|Path(id)| Self(id))
            .map_err(|_| ApiError::no_such_session())
    }
}

async fn openapi() -> Response {
    ([(header::CONTENT_TYPE, "application/json")], OPENAPI).into_response()
}

async fn healthz() -> &'static str {
    "ok\n"
}

/// What every answer carries: nothing of this is to be cached or guessed at.
async fn harden(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    response
}
