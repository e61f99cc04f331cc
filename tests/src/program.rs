//! A program of ours, built by cargo and spoken to at its terminal, as its user does.

use std::{env, path::PathBuf, process::Stdio};

use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines},
    process::{Child, ChildStdin, ChildStdout, Command},
};

use crate::wait::soon;

/// A running program; dropped, it is killed.
pub struct Program {
    child: Child,
    keyboard: ChildStdin,
    screen: Lines<BufReader<ChildStdout>>,
}

impl Program {
    /// Builds an example and starts it.
    pub async fn example(name: &str, arguments: &[&str], api_key: &str) -> Self {
        // As `cargo test --workspace` builds it, so that nothing is built twice.
        let program = build(&["--workspace", "--example", name]).await;
        let mut child = Command::new(program)
            .args(arguments)
            .env("AUTHLOOP_API_KEY", api_key)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .kill_on_drop(true)
            .spawn()
            .expect("it is built");
        let keyboard = child.stdin.take().expect("piped");
        let screen = BufReader::new(child.stdout.take().expect("piped")).lines();
        Self {
            child,
            keyboard,
            screen,
        }
    }

    /// Types a line.
    pub async fn types(&mut self, line: &str) {
        let line = format!("{line}\n");
        let typed = self.keyboard.write_all(line.as_bytes()).await;
        typed.expect("the program runs");
    }

    /// Waits for a line that begins so, and returns the rest of it.
    pub async fn says(&mut self, beginning: &str) -> String {
        let line = async {
            loop {
                let line = self.screen.next_line().await.expect("text");
                let line = line.expect("the program says more");
                if let Some(rest) = line.strip_prefix(beginning) {
                    return rest.to_owned();
                }
            }
        };
        soon(beginning, line).await
    }

    /// Waits for the program's end; returns whether it says that all went well.
    pub async fn ends_well(&mut self) -> bool {
        let status = soon("the program's end", self.child.wait()).await;
        status.expect("it can be waited for").success()
    }
}

/// Lets cargo build a program, and returns where it is.
///
/// # Panics
///
/// Fails the test if it doesn't build.
pub async fn build(what: &[&str]) -> PathBuf {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    // What cargo told the test about its own package is not for others: ring's build script, for
    // one, would run again, and everything above it be compiled again.
    for (name, _) in env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
            cargo.env_remove(&name);
        }
    }
    let output = cargo
        .args(["build", "--quiet", "--message-format", "json"])
        .args(what)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stderr(Stdio::inherit())
        .output()
        .await
        .expect("cargo runs");
    let name = what.last().expect("something to build");
    let messages = String::from_utf8_lossy(&output.stdout);
    let executable = messages.lines().find_map(|line| {
        let message: Value = serde_json::from_str(line).ok()?;
        let is_ours = message["target"]["name"] == *name;
        is_ours
            .then(|| message["executable"].as_str().map(PathBuf::from))
            .flatten()
    });
    executable.expect("it builds")
}
