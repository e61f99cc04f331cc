//! `GET /stream/{id}`: the WebSockets of agents and viewers.
//!
//! A refusal comes after the upgrade, as a close code: a browser's page can't see an HTTP status.
//! Where a page comes from is not asked: no token here is one that a browser sends by itself.

mod keepalive;
mod presented;
mod pump;
mod seat;
mod upgrade;

use std::sync::Arc;

use authloop_core::relay::{Close, MAX_FROM_AGENT, MAX_FROM_VIEWER, Version};
use axum::{
    extract::{Request, State},
    response::Response,
};
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;

use self::{presented::Presented, pump::Pump, seat::Seat};
use crate::{
    app::App,
    config::Limits,
    registry::Session,
    rest::{ApiError, SessionId},
};

/// Upgrades, then serves the socket until it's gone.
pub(crate) async fn stream(
    State(app): State<Arc<App>>,
    SessionId(id): SessionId,
    request: Request,
) -> Result<Response, ApiError> {
    let presented = Presented::read(&request);
    let session = app.registry.find(&id);
    let version = session.as_ref().map(|session| session.version);
    let config = socket_config(&app.limits, &presented, version);
    let subprotocol = presented.subprotocol();
    let serving = Arc::clone(&app);
    let serve = move |socket| async move {
        let seat = claim(&serving, session, &presented);
        drop(presented);
        Pump::new(socket, seat, serving.clock(), &serving.limits).await;
    };
    upgrade::accept(&app, request, config, subprotocol, serve)
}

fn claim(
    app: &Arc<App>,
    session: Option<Arc<Session>>,
    presented: &Presented,
) -> Result<Seat, Close> {
    let session = session.ok_or(Close::Unknown)?;
    match presented.applicant() {
        Some(applicant) => Seat::claim(&app.registry, session, applicant),
        None => Err(match session.version {
            Version::V1 => Close::NotAdmitted,
            Version::V2 => Close::TooOld,
        }),
    }
}

/// Sizes a socket: an agent sends frames, anybody else short messages. No compression.
///
/// What waits to be written is bounded too: answers to pings pile up where nobody reads them.
fn socket_config(
    limits: &Limits,
    presented: &Presented,
    version: Option<Version>,
) -> WebSocketConfig {
    /// For the heads of WebSocket frames, a frame's announcement, and control frames.
    const BESIDES: usize = 64 * 1024;
    let (agent, viewer) = match version {
        Some(Version::V2) => (
            limits.agent_message.min(MAX_FROM_AGENT),
            limits.viewer_message.min(MAX_FROM_VIEWER),
        ),
        Some(Version::V1) | None => (limits.agent_message, limits.viewer_message),
    };
    let (largest, read_buffer, largest_sent) = match presented {
        Presented::Agent { .. } => (agent, 64 * 1024, viewer),
        Presented::Viewer { .. } | Presented::SealedViewer { .. } => (viewer, 4 * 1024, agent),
        Presented::Nothing => (viewer, 4 * 1024, 0),
    };
    WebSocketConfig::default()
        .max_message_size(Some(largest))
        .max_frame_size(Some(largest))
        .read_buffer_size(read_buffer)
        // Enough to send a frame's announcement in one segment with its picture.
        .write_buffer_size(4 * 1024)
        .max_write_buffer_size(largest_sent.saturating_add(BESIDES))
}
