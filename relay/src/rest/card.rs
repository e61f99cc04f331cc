//! `GET /s/{id}/card`: what the page shows before anybody presses Start. The bearer is the token of
//! the link: in version 1 the one behind `#1.`, in version 2 the admission token.

use std::sync::Arc;

use authloop_core::{
    api::{Context, SessionStatus},
    relay::Input,
};
use axum::{Json, extract::State, http::HeaderMap};
use serde::Serialize;

use super::{ApiError, SessionId, auth::bearer};
use crate::app::App;

/// What the link's holder may know of a session.
#[derive(Serialize)]
pub(super) struct Card {
    service: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    context: Option<Context>,
    status: SessionStatus,
    expires_at: String,
}

/// Answers the holder of the link's token. Changes nothing.
pub(super) async fn card(
    State(app): State<Arc<App>>,
    SessionId(id): SessionId,
    headers: HeaderMap,
) -> Result<Json<Card>, ApiError> {
    let session = app
        .registry
        .find(&id)
        .ok_or_else(ApiError::no_such_session)?;
    let token = bearer(&headers).ok_or_else(ApiError::not_a_viewer_token)?;
    let now = app.registry.now();
    let record = app.registry.with_room(&session, |room| {
        room.handle(now, Input::Tick);
        room.admits_viewer(token).then(|| room.record())
    });
    let record = record.ok_or_else(ApiError::not_a_viewer_token)?;
    Ok(Json(Card {
        service: record.service,
        context: record.context,
        status: record.status,
        expires_at: record.expires_at,
    }))
}
