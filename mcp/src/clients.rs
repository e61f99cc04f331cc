//! What each MCP client wants to be told about this server.
//!
//! A client gives up on a call after a time of its own; where that can be set, it is set above the
//! longest session's default. Nothing here holds a secret: keys belong into the client's own store.

use std::fmt::Write as _;

use clap::ValueEnum;
use serde_json::{Value, json};

/// A client whose configuration is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Client {
    /// Claude Code: .mcp.json in the project.
    ClaudeCode,
    /// Claude Desktop: claude_desktop_config.json.
    ClaudeDesktop,
    /// Cursor: .cursor/mcp.json in the project or the home directory.
    Cursor,
    /// VS Code: .vscode/mcp.json in the workspace.
    VsCode,
    /// Codex: ~/.codex/config.toml.
    Codex,
}

/// The browser in every example.
const CDP_URL: &str = "http://127.0.0.1:9222";

/// Returns what to put into the client's configuration file; `program` is this server's path.
pub(crate) fn configuration(client: Client, program: &str) -> String {
    match client {
        Client::ClaudeCode => pretty(&json!({
            "mcpServers": {
                "authloop": {
                    "command": program,
                    "env": { "AUTHLOOP_CDP_URL": CDP_URL },
                    "timeout": 660_000
                }
            }
        })),
        Client::ClaudeDesktop | Client::Cursor => pretty(&json!({
            "mcpServers": {
                "authloop": {
                    "command": program,
                    "env": { "AUTHLOOP_CDP_URL": CDP_URL, "AUTHLOOP_STATUS_WAIT": "50" }
                }
            }
        })),
        Client::VsCode => pretty(&json!({
            "servers": {
                "authloop": {
                    "type": "stdio",
                    "command": program,
                    "env": { "AUTHLOOP_CDP_URL": CDP_URL }
                }
            }
        })),
        Client::Codex => {
            let mut text = String::new();
            // Writing to a string can't fail. A JSON string is a TOML basic string, too.
            let _ = write!(
                text,
                "[mcp_servers.authloop]\n\
                 command = {}\n\
                 env = {{ AUTHLOOP_CDP_URL = \"{CDP_URL}\" }}\n\
                 tool_timeout_sec = 660\n",
                Value::from(program)
            );
            text
        }
    }
}

fn pretty(value: &Value) -> String {
    format!("{value:#}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_readme_shows_what_the_program_prints() {
        let readme = include_str!("../README.md");
        for client in Client::value_variants() {
            let text = configuration(*client, "/usr/local/bin/authloop-mcp");
            assert!(readme.contains(&text), "{client:?}:\n{text}");
        }
    }

    #[test]
    fn a_path_with_odd_signs_is_quoted() {
        let program = r#"C:\Program Files\a"b.exe"#;
        let text = configuration(Client::Cursor, program);
        let value: Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(value["mcpServers"]["authloop"]["command"], program);
        assert!(configuration(Client::Codex, program).contains(r#"\"b.exe""#));
    }
}
