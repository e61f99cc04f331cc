//! An MCP client over a server's standard input and output, written down to the JSON lines, so
//! that the server is checked against the protocol and not against its own library.

use std::{
    collections::BTreeMap,
    env,
    path::PathBuf,
    process::Stdio,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    thread,
};

use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    process::{Child, ChildStderr, ChildStdin, ChildStdout, Command},
    sync::{OnceCell, mpsc, oneshot},
    task::JoinHandle,
    time::timeout,
};

use crate::{
    program::build,
    wait::{LIMIT, soon},
};

/// A running `authloop-mcp` and the client's end of it; dropped, it is killed.
pub struct McpClient {
    child: Child,
    log_ends: JoinHandle<()>,
    to_server: Option<mpsc::UnboundedSender<String>>,
    shared: Arc<Shared>,
    next_id: AtomicU64,
}

#[derive(Default)]
struct Shared {
    waiting: Mutex<BTreeMap<u64, oneshot::Sender<Value>>>,
    progress: Mutex<Vec<Value>>,
    log: Mutex<String>,
}

/// What a tool answered.
#[derive(Clone, Debug)]
pub struct ToolResult {
    /// The structured content, or null.
    pub data: Value,
    /// The text for the model.
    pub text: String,
    /// Whether the tool says that it failed.
    pub is_error: bool,
}

impl McpClient {
    /// Starts the server with these environment variables alone, and shakes hands.
    pub async fn start(variables: &[(&str, &str)]) -> Self {
        let client = Self::spawn(variables).await;
        let hello = json!({
            "protocolVersion": "2025-11-25",
            "capabilities": {},
            "clientInfo": { "name": "testkit", "version": "1" },
        });
        let answer = client.request("initialize", hello).await;
        assert_eq!(answer["serverInfo"]["name"], "authloop", "{answer}");
        client.notify("notifications/initialized", json!({}));
        client
    }

    async fn spawn(variables: &[(&str, &str)]) -> Self {
        let inherited = env::vars_os().filter(|(name, _)| {
            let name = name.to_string_lossy();
            !name.starts_with("AUTHLOOP_") && name != "DEBUG"
        });
        let mut child = Command::new(server_binary().await)
            .env_clear()
            .envs(inherited)
            .envs(variables.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("the server is built");
        let stdin = child.stdin.take().expect("piped");
        let stdout = child.stdout.take().expect("piped");
        let stderr = child.stderr.take().expect("piped");
        let (to_server, lines) = mpsc::unbounded_channel();
        let shared = Arc::new(Shared::default());
        tokio::spawn(write(stdin, lines));
        tokio::spawn(read(stdout, Arc::clone(&shared)));
        Self {
            child,
            log_ends: tokio::spawn(keep(stderr, Arc::clone(&shared))),
            to_server: Some(to_server),
            shared,
            next_id: AtomicU64::new(1),
        }
    }

    /// Calls a tool and waits for its answer; with a progress token, as careful clients do.
    pub async fn call(&self, tool: &str, arguments: Value) -> ToolResult {
        let parameters = json!({
            "name": tool,
            "arguments": arguments,
            "_meta": { "progressToken": tool },
        });
        let result = self.request("tools/call", parameters).await;
        let text = result["content"][0]["text"].as_str().unwrap_or_default();
        ToolResult {
            data: result["structuredContent"].clone(),
            text: text.to_owned(),
            is_error: result["isError"] == true,
        }
    }

    /// Sends a request and waits for its result, longer than anything else: a human is slow.
    ///
    /// # Panics
    ///
    /// Fails the test if the server answers with an error, or not at all.
    pub async fn request(&self, method: &str, parameters: Value) -> Value {
        let id = self.next_id.fetch_add(1, Ordering::Relaxed);
        let (tell, told) = oneshot::channel();
        self.shared
            .waiting
            .lock()
            .expect("no test panics here")
            .insert(id, tell);
        self.send(&json!({
            "jsonrpc": "2.0", "id": id, "method": method, "params": parameters,
        }));
        let answer = timeout(LIMIT * 3, told).await;
        let answer = answer.expect("an answer").expect("the server stays");
        assert!(answer.get("error").is_none(), "{method}: {answer}");
        answer["result"].clone()
    }

    /// Sends a notification.
    pub fn notify(&self, method: &str, parameters: Value) {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": parameters }));
    }

    /// Returns the progress notifications so far.
    pub fn progress(&self) -> Vec<Value> {
        self.shared
            .progress
            .lock()
            .expect("no test panics here")
            .clone()
    }

    /// Returns the server's process id.
    pub fn process_id(&self) -> u32 {
        self.child.id().expect("the server runs")
    }

    /// Closes the server's input, as a client does that goes away, and waits for its end.
    /// Returns what it logged.
    ///
    /// # Panics
    ///
    /// Fails the test if the server doesn't end well.
    pub async fn hang_up(mut self) -> String {
        self.to_server = None;
        let status = soon("the server's end", self.child.wait()).await;
        let read = (&mut self.log_ends).await;
        read.expect("the log is read to its end");
        let log = self.shared.log.lock().expect("no test panics here").clone();
        assert!(status.expect("a child of ours").success(), "{log}");
        log
    }

    fn send(&self, message: &Value) {
        let sender = self.to_server.as_ref().expect("not hung up");
        sender.send(message.to_string()).expect("the server reads");
    }
}

impl Drop for McpClient {
    fn drop(&mut self) {
        if let (true, Ok(log)) = (thread::panicking(), self.shared.log.lock()) {
            eprintln!("the server's log:\n{log}");
        }
    }
}

async fn write(mut stdin: ChildStdin, mut lines: mpsc::UnboundedReceiver<String>) {
    while let Some(line) = lines.recv().await {
        if stdin
            .write_all(format!("{line}\n").as_bytes())
            .await
            .is_err()
        {
            return;
        }
    }
}

async fn read(stdout: ChildStdout, shared: Arc<Shared>) {
    let mut lines = BufReader::new(stdout).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        let message: Value = serde_json::from_str(&line).expect("only JSON-RPC on stdout");
        assert_eq!(message["jsonrpc"], "2.0", "only JSON-RPC on stdout");
        if message["method"] == "notifications/progress" {
            let mut progress = shared.progress.lock().expect("no test panics here");
            progress.push(message["params"].clone());
        } else if let Some(id) = message["id"].as_u64() {
            let waiting = shared
                .waiting
                .lock()
                .expect("no test panics here")
                .remove(&id);
            if let Some(waiting) = waiting {
                // Whoever asked may have gone.
                let _told = waiting.send(message);
            }
        }
    }
}

/// Keeps what the server logs, for tests that look into it and tests that fail.
async fn keep(stderr: ChildStderr, shared: Arc<Shared>) {
    let mut lines = BufReader::new(stderr).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        let mut log = shared.log.lock().expect("no test panics here");
        log.push_str(&line);
        log.push('\n');
    }
}

/// Returns the real server: `$AUTHLOOP_MCP_BINARY`, or the one built from this tree just now.
pub async fn server_binary() -> &'static PathBuf {
    static BUILT: OnceCell<PathBuf> = OnceCell::const_new();
    BUILT.get_or_init(build_server).await
}

async fn build_server() -> PathBuf {
    match env::var_os("AUTHLOOP_MCP_BINARY") {
        Some(given) => given.into(),
        None => build(&["--package", "authloop-mcp", "--bin", "authloop-mcp"]).await,
    }
}
