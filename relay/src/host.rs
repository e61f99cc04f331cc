//! The `Host` check: a page elsewhere whose name was made to point at this relay (DNS rebinding)
//! gets nothing.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    http::header,
    middleware::Next,
    response::{IntoResponse as _, Response},
};

use crate::{app::App, rest::ApiError};

/// Passes on requests to one of the relay's own hosts, and all if the check is off.
pub(crate) async fn check(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let is_own = request
        .headers()
        .get(header::HOST)
        .and_then(|host| host.to_str().ok())
        .is_some_and(|host| app.addresses.is_own_host(host));
    if app.check_host && !is_own {
        ApiError::foreign_host().into_response()
    } else {
        next.run(request).await
    }
}
