//! `authloop_status`: waits for the end of a hand-off and tells it.

use std::{sync::Arc, time::Duration};

use authloop_core::agent::event::{Outcome, Status};
use rmcp::model::{Tool, ToolAnnotations};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use crate::{
    server::Server,
    session::Session,
    texts,
    tools::{self, Answer, ToolError},
    waiting::Call,
};

/// The tool's name.
pub(crate) const NAME: &str = "authloop_status";

/// Longer than any session lasts: it ends by itself.
const FOREVER: Duration = Duration::from_secs(2 * 86_400);

/// What the tool takes.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct Arguments {
    /// The session to wait for. Defaults to the latest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    session_id: Option<String>,
    /// Seconds to wait at most; 0 only looks. Without it the call waits for the end, which takes
    /// minutes. If your client cuts calls short, 45 is a good value: on pending, call again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "wait_seconds")]
    wait_seconds: Option<f64>,
}

fn wait_seconds(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "integer", "minimum": 0, "maximum": 86_400 })
}

/// What the tool answers.
#[derive(Serialize, JsonSchema)]
pub(crate) struct StatusResult {
    /// The session's id.
    session_id: String,
    /// The link the human opens.
    session_url: String,
    /// How the hand-off stands: pending means that the human is not done yet.
    #[schemars(schema_with = "statuses")]
    status: &'static str,
    /// Whether the human has the page open.
    viewer_present: bool,
    /// Whether the human has ever had the page open.
    viewer_seen: bool,
    /// How often another viewer took over, if ever: a second device of the human's, or somebody else
    /// who has the link.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "counts")]
    viewers_replaced: Option<u32>,
    /// True if what came over the relay was damaged or tampered with, again and again.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "bool")]
    tampered: Option<bool>,
    /// Why it broke off, if the status is error.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    error: Option<String>,
    /// Seconds until the session ends by itself, if the status is pending.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "tools::seconds")]
    expires_in_seconds: Option<u64>,
}

fn counts(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "integer", "minimum": 1 })
}

fn statuses(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "string",
        "enum": ["resolved", "cancelled", "error", "timeout", "pending"]
    })
}

/// Describes the tool.
pub(crate) fn describe() -> Tool {
    tools::describe::<Arguments, StatusResult>(
        NAME,
        texts::STATUS,
        ToolAnnotations::with_title("Wait for the human")
            .read_only(true)
            .destructive(false)
            .idempotent(true)
            .open_world(true),
    )
}

/// Serves one call.
pub(crate) async fn call(
    server: &Server,
    arguments: Arguments,
    call: &Call,
) -> Result<Answer, ToolError> {
    let settings = server.settings()?;
    let asked = arguments.wait_seconds.map(patience).transpose()?;
    let session = find(server, arguments.session_id)?;
    let patience = [asked, settings.status_wait]
        .into_iter()
        .flatten()
        .min()
        .unwrap_or(FOREVER);
    if patience.is_zero() {
        session.keep();
        return answer(&session);
    }
    let _wait = server
        .sessions()
        .wait(&session, call.id.clone(), call.cancelled.clone());
    call.wait(&session, session.end(), patience, server.gone())
        .await?;
    answer(&session)
}

fn patience(seconds: f64) -> Result<Duration, ToolError> {
    Duration::try_from_secs_f64(seconds)
        .ok()
        .filter(|patience| *patience <= FOREVER)
        .ok_or_else(|| ToolError::fixed("wait_seconds: expected a number from 0 to 86400"))
}

/// Finds the session a call means.
pub(crate) fn find(server: &Server, id: Option<String>) -> Result<Arc<Session>, ToolError> {
    let id = tools::present(id);
    server.sessions().find(id.as_deref()).ok_or_else(|| {
        ToolError::fixed(match id {
            Some(_) => texts::UNKNOWN_SESSION,
            None => texts::NO_SESSION,
        })
    })
}

/// Tells how a session stands.
pub(crate) fn answer(session: &Session) -> Result<Answer, ToolError> {
    let status = session.status();
    let Some(info) = &status.session else {
        return Err(broke_off(&status));
    };
    let outcome = status.outcome.as_ref();
    let remaining = outcome.is_none().then(|| session.remaining());
    let error = match outcome {
        Some(Outcome::Failed(failure)) => Some(texts::failure(failure)),
        Some(Outcome::Resolved | Outcome::Cancelled | Outcome::Timeout) | None => None,
    };
    let name = name(outcome);
    let mut text = format!("Status: {name}. {}", texts::guidance(outcome));
    if let Some(error) = &error {
        text.push_str("\nReason: ");
        text.push_str(error);
    }
    for warning in texts::warnings(&status) {
        text.push('\n');
        text.push_str(&warning);
    }
    if let Some(remaining) = remaining {
        text.push('\n');
        text.push_str(texts::viewer(&status));
        text.push_str(&format!(
            " The session ends by itself in {}.\nLink for the human: {}",
            texts::time_left(remaining),
            info.session_url
        ));
    }
    Answer::new(
        text,
        &StatusResult {
            session_id: info.session_id.clone(),
            session_url: info.session_url.clone(),
            status: name,
            viewer_present: status.viewer_present,
            viewer_seen: status.viewer_seen,
            viewers_replaced: Some(status.viewers_replaced).filter(|count| *count > 0),
            tampered: status.tampered.then_some(true),
            error,
            expires_in_seconds: remaining.map(|remaining| remaining.as_secs()),
        },
    )
}

/// Tells why a session never came to be.
pub(crate) fn broke_off(status: &Status) -> ToolError {
    match &status.outcome {
        Some(Outcome::Failed(failure)) => ToolError(format!(
            "The page could not be handed over: {}",
            texts::failure(failure)
        )),
        Some(Outcome::Cancelled) => {
            ToolError::fixed("The hand-off was cancelled before there was a link.")
        }
        Some(Outcome::Resolved | Outcome::Timeout) | None => ToolError::fixed(texts::NOT_READY),
    }
}

fn name(outcome: Option<&Outcome>) -> &'static str {
    match outcome {
        None => "pending",
        Some(Outcome::Resolved) => "resolved",
        Some(Outcome::Cancelled) => "cancelled",
        Some(Outcome::Timeout) => "timeout",
        Some(Outcome::Failed(_)) => "error",
    }
}
