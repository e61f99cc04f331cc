//! The real `authloop-relay`, as somebody runs it for themselves, at its most talkative.

use std::{
    process::Stdio,
    sync::{Arc, Mutex},
};

use authloop_core::secret::ApiKey;
use authloop_relay::generate_api_key;
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::{Child, ChildStderr, Command},
    task::JoinHandle,
};

use crate::{
    program::build,
    wait::{eventually, soon},
};

/// A running relay; dropped, it is killed.
pub struct RelayProgram {
    child: Child,
    key: ApiKey,
    url: String,
    log: Arc<Mutex<String>>,
    log_ends: JoinHandle<()>,
}

impl RelayProgram {
    /// Builds it, starts it on a free port with one API key and all logs, and waits until it is ready.
    pub async fn start() -> Self {
        let program = build(&["--package", "authloop-relay", "--bin", "authloop-relay"]).await;
        let key = generate_api_key().expect("randomness");
        let mut child = Command::new(program)
            .args(["--listen=127.0.0.1:0", "--drain-seconds=1"])
            .env("AUTHLOOP_RELAY_API_KEY", key.expose())
            .env("DEBUG", "authloop:*")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("it is built");
        let stderr = child.stderr.take().expect("piped");
        let log = Arc::<Mutex<String>>::default();
        let log_ends = tokio::spawn(keep(stderr, Arc::clone(&log)));
        let url = eventually("the relay's address", async || {
            let log = log.lock().expect("no test panics here");
            let (_, rest) = log.split_once("public_url=\"")?;
            rest.split_once('"').map(|(url, _)| url.to_owned())
        })
        .await;
        Self {
            child,
            key,
            url,
            log,
            log_ends,
        }
    }

    /// Returns its base URL.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Returns the API key it knows.
    pub fn key(&self) -> &ApiKey {
        &self.key
    }

    /// Returns its process id.
    pub fn process_id(&self) -> u32 {
        self.child.id().expect("it runs")
    }

    /// Ends it, and returns what it logged.
    pub async fn end(mut self) -> String {
        self.child.start_kill().expect("it runs");
        soon("the relay's end", self.child.wait())
            .await
            .expect("a child of ours");
        (&mut self.log_ends).await.expect("read to its end");
        self.log.lock().expect("no test panics here").clone()
    }
}

async fn keep(stderr: ChildStderr, log: Arc<Mutex<String>>) {
    let mut lines = BufReader::new(stderr).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        let mut log = log.lock().expect("no test panics here");
        log.push_str(&line);
        log.push('\n');
    }
}
