//! `GET /stream/{id}`: the WebSockets of agents and viewers.
//!
//! A refusal comes after the upgrade, as a close code: a browser's page can't see an HTTP status.

mod keepalive;
mod pump;
mod seat;
mod upgrade;

use std::sync::Arc;

use authloop_core::relay::{Close, Role};
use axum::{
    extract::{Request, State},
    response::Response,
};
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;

use self::{pump::Pump, seat::Seat};
use crate::{
    app::App,
    rest::{ApiError, SessionId},
};

/// Upgrades, then serves the socket until it's gone.
pub(crate) async fn stream(
    State(app): State<Arc<App>>,
    SessionId(id): SessionId,
    request: Request,
) -> Result<Response, ApiError> {
    let admission = Admission::from_query(request.uri().query().unwrap_or_default());
    let config = socket_config(&app, admission.role);
    let serving = Arc::clone(&app);
    upgrade::accept(&app, request, config, move |socket| async move {
        let seat = admission.claim(&serving, &id);
        Pump::new(socket, seat, serving.clock(), &serving.limits).await;
    })
}

/// Who somebody says to be. No `Debug`: it holds a token.
struct Admission {
    role: Option<Role>,
    token: String,
}

impl Admission {
    fn from_query(query: &str) -> Self {
        let mut admission = Self {
            role: None,
            token: String::new(),
        };
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            match (&*name, &*value) {
                ("role", "agent") => admission.role = Some(Role::Agent),
                ("role", "viewer") => admission.role = Some(Role::Viewer),
                ("token", token) => token.clone_into(&mut admission.token),
                _ => {}
            }
        }
        admission
    }

    fn claim(&self, app: &Arc<App>, id: &str) -> Result<Seat, Close> {
        let session = app.registry.find(id).ok_or(Close::Unknown)?;
        let role = self.role.ok_or(Close::NotAdmitted)?;
        Seat::claim(&app.registry, session, role, &self.token)
    }
}

/// Sizes a socket: an agent sends frames, anybody else short messages. No compression.
///
/// What waits to be written is bounded too: answers to pings pile up where nobody reads them.
fn socket_config(app: &App, role: Option<Role>) -> WebSocketConfig {
    /// For the heads of WebSocket frames, a frame's announcement, and control frames.
    const BESIDES: usize = 64 * 1024;
    let (agent, viewer) = (app.limits.agent_message, app.limits.viewer_message);
    let (largest, read_buffer, largest_sent) = match role {
        Some(Role::Agent) => (agent, 64 * 1024, viewer),
        Some(Role::Viewer) => (viewer, 4 * 1024, agent),
        None => (viewer, 4 * 1024, 0),
    };
    WebSocketConfig::default()
        .max_message_size(Some(largest))
        .max_frame_size(Some(largest))
        .read_buffer_size(read_buffer)
        // Enough to send a frame's announcement in one segment with its picture.
        .write_buffer_size(4 * 1024)
        .max_write_buffer_size(largest_sent.saturating_add(BESIDES))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_percent_decoded_and_roles_are_known_ones() {
        let admission = Admission::from_query("token=a%2Bb%20c&role=viewer&x=1");
        assert_eq!(admission.token, "a+b c");
        assert_eq!(admission.role, Some(Role::Viewer));
        assert_eq!(Admission::from_query("role=admin").role, None);
        assert_eq!(Admission::from_query("").token, "");
    }
}
