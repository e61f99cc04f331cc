//! Request bodies: JSON, small, in time.

use std::time::Duration;

use axum::{
    body::{Body, Bytes},
    extract::{FromRequest, Request},
};
use futures::TryStreamExt as _;
use serde::de::DeserializeOwned;
use serde_json::error::Category;

use super::ApiError;

/// The largest body, in bytes.
const MAX_BODY: usize = 64 * 1024;

/// How much more is read and thrown away, in bytes, so that whoever sends too much sees the answer
/// instead of a reset connection.
const MAX_DISCARDED: usize = 4 * 1024 * 1024;

/// How long a body may take.
const BODY_WITHIN: Duration = Duration::from_secs(10);

/// A JSON body. Its `Content-Type` doesn't matter, its shape does.
pub(super) struct JsonBody<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for JsonBody<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiError> {
        let body = tokio::time::timeout(BODY_WITHIN, read(request.into_body()))
            .await
            .map_err(|_| ApiError::invalid("the body took too long"))??;
        serde_json::from_slice(&body)
            .map(Self)
            .map_err(|error| ApiError::invalid(describe(&error)))
    }
}

async fn read(body: Body) -> Result<Vec<u8>, ApiError> {
    let broken = |_| ApiError::invalid("the body broke off");
    let mut stream = body.into_data_stream();
    let (mut kept, mut seen) = (Vec::new(), 0_usize);
    while let Some(chunk) = stream.try_next().await.map_err(broken)? {
        let chunk: Bytes = chunk;
        seen = seen.saturating_add(chunk.len());
        if seen <= MAX_BODY {
            kept.extend_from_slice(&chunk);
        } else if seen > MAX_DISCARDED {
            break;
        }
    }
    if seen > MAX_BODY {
        return Err(ApiError::invalid("the body is larger than 64 KiB"));
    }
    Ok(kept)
}

/// Says what is wrong without repeating what was sent.
fn describe(error: &serde_json::Error) -> String {
    let what = match error.classify() {
        Category::Data => "a field is missing, unknown in its value or of another type",
        Category::Syntax | Category::Eof | Category::Io => "the body is not JSON",
    };
    format!("{what}, line {} column {}", error.line(), error.column())
}
