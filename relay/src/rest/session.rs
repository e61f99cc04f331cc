//! Sessions by REST: create, read, resolve, cancel, and the SDK's audit event.

use std::{sync::Arc, time::Duration};

use authloop_core::{
    api::{CreateSession, DEFAULT_TTL_SECONDS, SessionCreated, SessionRecord},
    relay::{Admission, Ending, Input, RoomConfig, TokenHash},
};
use axum::{Json, extract::State, http::StatusCode};
use serde::{
    Deserialize, Serialize,
    de::{Deserializer, IgnoredAny, MapAccess, Visitor},
};

use super::{
    ApiError,
    auth::{Caller, Owned},
    body::JsonBody,
};
use crate::{
    app::App,
    keys::{RandomUnavailable, random_text},
    registry::Quota,
};

/// Bytes of randomness in a session's id.
const ID_BYTES: usize = 16;

/// Bytes of randomness in a token.
const TOKEN_BYTES: usize = 32;

/// `POST /session`. The browser's address in the body is neither stored nor logged.
pub(super) async fn create(
    State(app): State<Arc<App>>,
    Caller(owner): Caller,
    JsonBody(body): JsonBody<CreateSession>,
) -> Result<(StatusCode, Json<SessionCreated>), ApiError> {
    body.validate()?;
    let ttl = Duration::from_secs(body.ttl.unwrap_or(DEFAULT_TTL_SECONDS));
    let stream_token = random_text::<TOKEN_BYTES>()?;
    let id = format!("sess_{}", random_text::<ID_BYTES>()?);
    let page = format!("{}/s/{id}", app.addresses.public_url);
    // In version 2 the agent adds the fragment, whose secret this relay must never see.
    let (admission, session_url) = match body.admission()? {
        Some(admission_hash) => (Admission::V2 { admission_hash }, page),
        None => {
            let token = random_text::<TOKEN_BYTES>()?;
            let viewer_token = TokenHash::of(&token);
            (Admission::V1 { viewer_token }, format!("{page}#1.{token}"))
        }
    };
    let room = RoomConfig {
        session_id: id.clone(),
        service: body.service,
        context: body.context,
        ttl,
        stream_token: TokenHash::of(&stream_token),
        admission,
    };
    let quota = Quota {
        per_minute: app.limits.creations_per_minute,
        live: app.limits.live_sessions_per_key,
    };
    let session = app
        .registry
        .create(owner, quota, room)
        .map_err(ApiError::too_many)?;
    let record = app.registry.with_room(&session, |room| room.record());
    tracing::debug!(target: "authloop::relay", session = %id, ttl = ttl.as_secs(), "created");
    let created = SessionCreated {
        session_url,
        stream_url: format!("{}/stream/{id}", app.addresses.stream_base),
        session_id: id,
        stream_token,
        expires_at: record.expires_at,
    };
    Ok((StatusCode::CREATED, Json(created)))
}

/// `GET /session/{id}`.
pub(super) async fn read(
    State(app): State<Arc<App>>,
    Owned(session): Owned,
) -> Json<SessionRecord> {
    let now = app.registry.now();
    Json(app.registry.with_room(&session, |room| {
        room.handle(now, Input::Tick);
        room.record()
    }))
}

/// The answer to `DELETE /session/{id}`.
#[derive(Serialize)]
pub(super) struct Cancelled {
    cancelled: bool,
}

/// `DELETE /session/{id}`.
pub(super) async fn cancel(
    State(app): State<Arc<App>>,
    owned: Owned,
) -> Result<Json<Cancelled>, ApiError> {
    end(&app, &owned, Ending::Cancel)?;
    Ok(Json(Cancelled { cancelled: true }))
}

/// The answer to `POST /session/{id}/resolve`.
#[derive(Serialize)]
pub(super) struct Resolved {
    resolved: bool,
}

/// `POST /session/{id}/resolve`.
pub(super) async fn resolve(
    State(app): State<Arc<App>>,
    owned: Owned,
) -> Result<Json<Resolved>, ApiError> {
    end(&app, &owned, Ending::Resolve)?;
    Ok(Json(Resolved { resolved: true }))
}

fn end(app: &App, Owned(session): &Owned, ending: Ending) -> Result<(), ApiError> {
    let now = app.registry.now();
    app.registry
        .with_room(session, |room| room.end(now, ending))?;
    tracing::debug!(target: "authloop::relay", session = %session.id, ?ending, "ended");
    Ok(())
}

/// A JSON object whose content nobody reads.
pub(super) struct AnyObject;

impl<'de> Deserialize<'de> for AnyObject {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;
        impl<'de> Visitor<'de> for Object {
            type Value = AnyObject;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<AnyObject, A::Error> {
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(AnyObject)
            }
        }
        deserializer.deserialize_map(Object)
    }
}

/// The answer to `POST /audit`.
#[derive(Serialize)]
pub(super) struct Accepted {
    accepted: bool,
}

/// `POST /audit`: takes the SDK's event and keeps nothing of it.
pub(super) async fn audit(_: Caller, _: JsonBody<AnyObject>) -> (StatusCode, Json<Accepted>) {
    (StatusCode::ACCEPTED, Json(Accepted { accepted: true }))
}

impl From<RandomUnavailable> for ApiError {
    fn from(_: RandomUnavailable) -> Self {
        Self::unavailable()
    }
}
