//! `authloop_cancel`: ends a hand-off that is not needed any more.

use std::time::Duration;

use authloop_core::agent::io::Request;
use rmcp::model::{Tool, ToolAnnotations};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    server::Server,
    texts,
    tools::{
        self, Answer, ToolError,
        status::{self, StatusResult},
    },
    waiting::Call,
};

/// The tool's name.
pub(crate) const NAME: &str = "authloop_cancel";

/// How long the relay may take to hear of it before the call answers anyway.
const PATIENCE: Duration = Duration::from_secs(5);

/// What the tool takes.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct Arguments {
    /// The session to end. Defaults to the latest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    session_id: Option<String>,
}

/// Describes the tool.
pub(crate) fn describe() -> Tool {
    tools::describe::<Arguments, StatusResult>(
        NAME,
        texts::CANCEL,
        ToolAnnotations::with_title("Cancel the hand-off")
            .read_only(false)
            .destructive(true)
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
    let session = status::find(server, arguments.session_id)?;
    if !session.has_ended() {
        session.request(Request::Cancel);
    }
    call.wait(&session, session.end(), PATIENCE, server.gone())
        .await?;
    status::answer(&session)
}
