//! The `authloop-mcp` program.

use std::process::ExitCode;

fn main() -> ExitCode {
    authloop_mcp::cli::run()
}
