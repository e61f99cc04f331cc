//! The command line. Without a command, the process is an MCP server on standard input and output.

use std::{
    env,
    io::{self, Write as _},
    process::ExitCode,
};

use clap::{Parser, Subcommand};

use crate::{
    clients::{Client, configuration},
    demo, logging, serve,
};

/// AuthLoop's MCP server: hands a browser tab to a human and waits.
///
/// An MCP client starts it without arguments and speaks MCP over standard input and output.
/// Settings come from the environment: AUTHLOOP_CDP_URL (the browser, such as
/// http://127.0.0.1:9222), AUTHLOOP_API_KEY and AUTHLOOP_BASE_URL (a relay elsewhere; without them
/// one runs inside this process), AUTHLOOP_LISTEN, AUTHLOOP_TLS, AUTHLOOP_PUBLIC_URL (links for a
/// phone), AUTHLOOP_TTL, AUTHLOOP_STATUS_WAIT, AUTHLOOP_CANCEL_GRACE, AUTHLOOP_CDP_ALLOW,
/// AUTHLOOP_E2EE (v1 or v2), AUTHLOOP_VIEWER_URL (a page elsewhere), AUTHLOOP_PIN_COMMAND (a PIN
/// besides the link), DEBUG.
#[derive(Parser)]
#[command(name = "authloop-mcp", version)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Shows a hand-off: a sign-in page, a browser stuck at it, and a link for you to open.
    Demo,
    /// Prints what to put into an MCP client's configuration file.
    PrintConfig {
        /// The client.
        client: Client,
    },
}

/// Runs the process.
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    logging::report_panics_by_place();
    logging::start(&env::var("DEBUG").unwrap_or_default());
    match cli.command {
        None => serve::stdio(),
        Some(Command::Demo) => demo::run(),
        Some(Command::PrintConfig { client }) => print_config(client),
    }
}

fn print_config(client: Client) -> ExitCode {
    let program = env::current_exe().map_or_else(
        |_| "authloop-mcp".to_owned(),
        |path| path.to_string_lossy().into_owned(),
    );
    match io::stdout().write_all(configuration(client, &program).as_bytes()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}
