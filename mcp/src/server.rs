//! The MCP server: takes calls apart, lets a tool serve them, puts the answer together.
//!
//! A call always gets an answer, also when a tool panics.

use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};

use futures::FutureExt as _;
use rmcp::{
    ErrorData, RoleServer, ServerHandler,
    model::{
        CallToolRequestParams, CallToolResponse, CancelledNotificationParam, Implementation,
        ListToolsResult, PaginatedRequestParams, ServerCapabilities, ServerConfig, Tool,
    },
    service::{NotificationContext, RequestContext},
};
use tokio_util::sync::CancellationToken;

use crate::{
    backend::Backend,
    sessions::Sessions,
    settings::{Environment, InvalidSetting, Settings},
    texts,
    tools::{self, Answer, ToolError, cancel, status, to_human},
    waiting::Call,
};

/// The MCP server. Cheap to clone; clones share the sessions.
#[derive(Clone)]
pub struct Server {
    sessions: Arc<Sessions>,
    environment: Arc<Environment>,
    gone: CancellationToken,
}

impl Server {
    /// Makes a server that hands over by `backend` and reads its settings from `environment`.
    pub fn new(backend: Arc<dyn Backend>, environment: Arc<Environment>) -> Self {
        Self {
            sessions: Sessions::new(backend),
            environment,
            gone: CancellationToken::new(),
        }
    }

    /// Ends every session at once; returns when the relays know it, or after `grace`.
    pub async fn shutdown(&self, grace: Duration) {
        self.gone.cancel();
        self.sessions.shutdown(grace).await;
    }

    /// Fires when nobody listens any more, or the process is told to end. Calls stop waiting.
    pub fn gone(&self) -> &CancellationToken {
        &self.gone
    }

    pub(crate) fn sessions(&self) -> &Arc<Sessions> {
        &self.sessions
    }

    pub(crate) fn settings(&self) -> Result<Settings, InvalidSetting> {
        Settings::read(&*self.environment)
    }

    async fn serve_call(
        &self,
        request: CallToolRequestParams,
        call: &Call,
    ) -> Result<Result<Answer, ToolError>, ErrorData> {
        let arguments = request.arguments;
        Ok(match &*request.name {
            to_human::NAME => match tools::arguments(arguments) {
                Ok(arguments) => to_human::call(self, arguments, call).await,
                Err(error) => Err(error),
            },
            status::NAME => match tools::arguments(arguments) {
                Ok(arguments) => status::call(self, arguments, call).await,
                Err(error) => Err(error),
            },
            cancel::NAME => match tools::arguments(arguments) {
                Ok(arguments) => cancel::call(self, arguments, call).await,
                Err(error) => Err(error),
            },
            _ => return Err(ErrorData::invalid_params("there is no such tool", None)),
        })
    }
}

impl ServerHandler for Server {
    fn get_info(&self) -> ServerConfig {
        ServerConfig::new(ServerCapabilities::builder().enable_tools().build())
            .with_server_info(
                Implementation::new("authloop", env!("CARGO_PKG_VERSION")).with_title("AuthLoop"),
            )
            .with_instructions(texts::INSTRUCTIONS)
    }

    async fn list_tools(
        &self,
        _request: Option<PaginatedRequestParams>,
        _context: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        Ok(ListToolsResult::with_all_items(tools::list()))
    }

    fn get_tool(&self, name: &str) -> Option<Tool> {
        tools::list().into_iter().find(|tool| tool.name == name)
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let call = Call::new(&context);
        let serving = AssertUnwindSafe(self.serve_call(request, &call));
        let answer = serving.catch_unwind().await.unwrap_or_else(|_| {
            Ok(Err(ToolError::fixed(
                "This server has a fault; the call was not carried out.",
            )))
        })?;
        Ok(tools::result(answer).into())
    }

    async fn on_cancelled(
        &self,
        notification: CancelledNotificationParam,
        _context: NotificationContext<RoleServer>,
    ) {
        let Some(call) = notification.request_id else {
            return;
        };
        let grace = self
            .settings()
            .map_or(Duration::from_secs(60), |settings| settings.cancel_grace);
        self.sessions
            .on_cancelled(&call, notification.reason.as_deref(), grace);
    }
}
