//! `authloop-mcp demo`: what it says, how it ends, and that it leaves nothing behind.

use std::{env, process::Stdio};

use authloop_mcp::demo::site::{PASSWORD, USER};
use authloop_testkit::{
    human::{Device, Human},
    mcp_client::server_binary,
    wait::soon,
};
use fantoccini::key::Key;
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt as _, BufReader, Lines},
    process::{Child, ChildStdout, Command},
};

/// A running demo, with a folder of its own for everything it leaves in the file system.
struct Demo {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
    said: String,
    folder: TempDir,
}

impl Demo {
    async fn start(variables: &[(&str, &str)]) -> Self {
        let folder = TempDir::new().expect("a folder");
        let inherited = env::vars_os().filter(|(name, _)| {
            let name = name.to_string_lossy();
            !name.starts_with("AUTHLOOP_") && name != "DEBUG"
        });
        let mut child = Command::new(server_binary().await)
            .arg("demo")
            .env_clear()
            .envs(inherited)
            .env("TMPDIR", folder.path())
            .envs(variables.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("the program starts");
        let stdout = child.stdout.take().expect("piped");
        Self {
            child,
            lines: BufReader::new(stdout).lines(),
            said: String::new(),
            folder,
        }
    }

    /// Waits until it says a line with `part`, and returns that line.
    async fn says(&mut self, part: &str) -> String {
        loop {
            let line = soon(part, self.lines.next_line()).await.expect("text");
            let line = line.unwrap_or_else(|| unreachable!("{part} isn't in: {}", self.said));
            self.said.push_str(&line);
            self.said.push('\n');
            if line.contains(part) {
                return line;
            }
        }
    }

    async fn link(&mut self) -> String {
        self.says("/s/sess_").await.trim().to_owned()
    }

    /// Waits for the end, and returns the exit code and everything that was said.
    async fn end(mut self) -> (Option<i32>, String) {
        while let Some(line) = soon("the end", self.lines.next_line()).await.expect("text") {
            self.said.push_str(&line);
            self.said.push('\n');
        }
        let status = soon("the end", self.child.wait()).await.expect("a child");
        let left = self.folder.path().read_dir().expect("its folder").count();
        assert_eq!(
            left, 0,
            "the browser's folder is gone, and so is the browser"
        );
        (status.code(), self.said)
    }
}

#[tokio::test]
async fn a_human_who_signs_in_with_the_keyboard_is_told_of_every_step() {
    let mut demo = Demo::start(&[]).await;
    let link = demo.link().await;
    demo.says("Waiting for you").await;
    for shown in [USER, PASSWORD, "on this computer"] {
        assert!(demo.said.contains(shown), "{shown}: {}", demo.said);
    }
    let human = Human::with(Device::Desktop).await;
    human.open(&link).await;
    human.start().await;
    demo.says("You are in the agent's tab").await;

    human.types(USER).await;
    human.key(Key::Tab).await;
    human.types(PASSWORD).await;
    human.key(Key::Enter).await;
    let text = demo.says("code is").await;
    let code = text.trim().rsplit(' ').next().expect("a code").to_owned();
    assert_eq!(code.len(), 6, "{text}");

    human.press("#done").await;
    assert_eq!(human.outcome().await, "resolved");
    let (exit, said) = demo.end().await;
    assert_eq!(exit, Some(1), "the human said done before the code: {said}");
    assert!(said.contains("nobody is signed in"), "{said}");
}

#[tokio::test]
async fn a_human_who_gives_up_is_told_what_the_agent_hears() {
    let mut demo = Demo::start(&[]).await;
    let link = demo.link().await;
    let human = Human::with(Device::Desktop).await;
    human.open(&link).await;
    human.start().await;
    human.press("#cancel").await;
    human.press("#confirm-cancel").await;
    assert_eq!(human.outcome().await, "cancelled");
    let (exit, said) = demo.end().await;
    assert_eq!(exit, Some(1));
    assert!(said.contains("You gave up"), "{said}");
}

#[tokio::test]
async fn ctrl_c_ends_it_and_the_link_and_the_browser() {
    let mut demo = Demo::start(&[]).await;
    let link = demo.link().await;
    let human = Human::with(Device::Desktop).await;
    human.open(&link).await;
    human.start().await;
    let process = demo.child.id().expect("it runs").to_string();
    let sent = Command::new("kill").args(["-INT", &process]).status().await;
    assert!(sent.expect("kill is there").success());
    let (exit, said) = demo.end().await;
    assert_eq!(exit, Some(130));
    assert!(said.contains("Stopped"), "{said}");
    assert_eq!(human.outcome().await, "cancelled");
}

#[tokio::test]
async fn a_link_for_a_phone_is_https_and_names_this_computers_address() {
    let variables = [
        ("AUTHLOOP_LISTEN", "0.0.0.0:0"),
        ("AUTHLOOP_TLS", "self-signed"),
    ];
    let mut demo = Demo::start(&variables).await;
    let link = demo.link().await;
    assert!(link.starts_with("https://"), "{link}");
    assert!(!link.contains("0.0.0.0"), "{link}");
    demo.says("certificate").await;
}

#[tokio::test]
async fn a_setting_that_can_not_be_used_is_named() {
    let demo = Demo::start(&[("AUTHLOOP_TTL", "soon")]).await;
    let (exit, said) = demo.end().await;
    assert_eq!(exit, Some(1));
    assert!(said.contains("AUTHLOOP_TTL"), "{said}");
}

#[tokio::test]
async fn without_a_browser_it_says_what_to_install() {
    let demo = Demo::start(&[("PATH", "/nowhere")]).await;
    let (exit, said) = demo.end().await;
    assert_eq!(exit, Some(1));
    assert!(said.contains("install chromium"), "{said}");
}
