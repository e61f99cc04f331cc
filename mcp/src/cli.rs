//! The command line. Without a command, the process is an MCP server on standard input and output.

use std::{env, process::ExitCode};

use clap::Parser;

use crate::{logging, serve};

/// AuthLoop's MCP server: hands a browser tab to a human and waits.
///
/// An MCP client starts it without arguments and speaks MCP over standard input and output.
/// Settings come from the environment: AUTHLOOP_CDP_URL (the browser, such as
/// http://127.0.0.1:9222), AUTHLOOP_API_KEY and AUTHLOOP_BASE_URL (a relay elsewhere; without them
/// one runs inside this process), AUTHLOOP_LISTEN, AUTHLOOP_TLS, AUTHLOOP_PUBLIC_URL (links for a
/// phone), AUTHLOOP_TTL, AUTHLOOP_STATUS_WAIT, AUTHLOOP_CANCEL_GRACE, AUTHLOOP_CDP_ALLOW,
/// AUTHLOOP_E2EE, DEBUG.
#[derive(Parser)]
#[command(name = "authloop-mcp", version)]
struct Cli {}

/// Runs the process.
pub fn run() -> ExitCode {
    let Cli {} = Cli::parse();
    logging::report_panics_by_place();
    logging::start(&env::var("DEBUG").unwrap_or_default());
    serve::stdio()
}
