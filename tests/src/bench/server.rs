//! The real server behind a client that asks one thing at a time, so that what it measures is the
//! server's time and not its own.

use std::{
    env,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::Stdio,
};

use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines},
    process::{Child, ChildStdin, ChildStdout, Command},
};

use super::process::Process;
use crate::wait::soon;

/// The protocol's versions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Version {
    V1,
    V2,
}

impl Version {
    /// Returns its name, as settings have it.
    pub const fn setting(self) -> &'static str {
        match self {
            Self::V1 => "v1",
            Self::V2 => "v2",
        }
    }
}

/// Returns where the relay of a link listens.
///
/// # Panics
///
/// Fails if it isn't the relay inside the server.
pub fn relay_of(link: &str) -> SocketAddr {
    let relay = link.strip_prefix("http://").and_then(|rest| {
        let (relay, _) = rest.split_once("/s/")?;
        relay.parse().ok()
    });
    relay.expect("http://127.0.0.1:port/s/…")
}

/// A running `authloop-mcp`; dropped, it is killed.
pub struct Server {
    child: Child,
    stdin: ChildStdin,
    lines: Lines<BufReader<ChildStdout>>,
    last_id: u64,
}

impl Server {
    /// Starts it, in an environment without settings but the protocol's version.
    pub fn spawn(binary: &Path, version: Version) -> Self {
        let inherited = env::vars_os().filter(|(name, _)| {
            let name = name.to_string_lossy();
            !name.starts_with("AUTHLOOP_") && name != "DEBUG"
        });
        let mut child = Command::new(binary)
            .env_clear()
            .envs(inherited)
            .env("AUTHLOOP_E2EE", version.setting())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .kill_on_drop(true)
            .spawn()
            .expect("the server is built: cargo build --release --package authloop-mcp");
        let stdin = child.stdin.take().expect("piped");
        let stdout = child.stdout.take().expect("piped");
        Self {
            child,
            stdin,
            lines: BufReader::new(stdout).lines(),
            last_id: 0,
        }
    }

    /// Starts it and shakes hands.
    pub async fn greeted(binary: &Path, version: Version) -> Self {
        let mut server = Self::spawn(binary, version);
        server.initialize().await;
        server
    }

    /// Sends `initialize`, waits for its answer, and confirms it.
    pub async fn initialize(&mut self) {
        let hello = json!({
            "protocolVersion": "2025-11-25",
            "capabilities": {},
            "clientInfo": { "name": "bench", "version": "1" },
        });
        let answer = self.request("initialize", hello).await;
        assert_eq!(answer["serverInfo"]["name"], "authloop", "{answer}");
        let confirmed = json!({"jsonrpc": "2.0", "method": "notifications/initialized"});
        self.send(&confirmed).await;
    }

    /// Asks for the tools, as every client does next.
    pub async fn list_tools(&mut self) {
        let answer = self.request("tools/list", json!({})).await;
        assert!(answer["tools"].is_array(), "{answer}");
    }

    /// Hands the page at this CDP address over, through the relay inside the server, and returns
    /// the link.
    pub async fn hand_over(&mut self, cdp_url: &str) -> String {
        let arguments = json!({"service": "Bench", "cdp_url": cdp_url});
        let parameters = json!({"name": "authloop_to_human", "arguments": arguments});
        let answer = self.request("tools/call", parameters).await;
        let link = answer["structuredContent"]["session_url"].as_str();
        assert!(link.is_some(), "a link was expected: {answer}");
        link.unwrap_or_default().to_owned()
    }

    /// Returns the process, for measuring it.
    pub fn process(&self) -> Process {
        Process(self.child.id().expect("it runs"))
    }

    /// Closes the server's input and waits until it ends, which must be well.
    pub async fn hang_up(mut self) {
        drop(self.stdin);
        let status = soon("the server's end", self.child.wait()).await;
        assert!(status.expect("a child of ours").success());
    }

    async fn request(&mut self, method: &str, parameters: Value) -> Value {
        self.last_id += 1;
        let id = self.last_id;
        let request = json!({"jsonrpc": "2.0", "id": id, "method": method, "params": parameters});
        self.send(&request).await;
        let answer = async {
            loop {
                let line = self.lines.next_line().await.expect("the server stays");
                let line = line.expect("the server stays");
                let message: Value = serde_json::from_str(&line).expect("JSON-RPC on stdout");
                if message["id"] == id {
                    return message;
                }
            }
        };
        let mut answer = soon(method, answer).await;
        assert!(answer.get("error").is_none(), "{method}: {answer}");
        answer["result"].take()
    }

    async fn send(&mut self, message: &Value) {
        let line = format!("{message}\n");
        let sent = self.stdin.write_all(line.as_bytes()).await;
        sent.expect("the server reads");
    }
}

/// Returns the server to measure: `$AUTHLOOP_MCP_BINARY`, or the one built beside this program.
pub fn binary() -> PathBuf {
    if let Some(given) = env::var_os("AUTHLOOP_MCP_BINARY") {
        return given.into();
    }
    let ourselves = env::current_exe().expect("a program knows where it is");
    ourselves.with_file_name(format!("authloop-mcp{}", env::consts::EXE_SUFFIX))
}
