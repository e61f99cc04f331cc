//! The program itself: its exits, and what it writes where.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpListener,
    process::{Child, ChildStdin, Command, ExitStatus, Output, Stdio},
    sync::mpsc::{Receiver, channel},
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

/// Bounds what should take milliseconds; never what is asserted.
const PATIENCE: Duration = Duration::from_secs(60);

struct Process {
    child: Child,
    input: Option<ChildStdin>,
    lines: Receiver<String>,
}

impl Process {
    fn start(variables: &[(&str, &str)]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_authloop-mcp"))
            .env_clear()
            .envs(variables.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let input = child.stdin.take();
        let output = child.stdout.take().expect("is piped");
        let (sender, lines) = channel();
        thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    break;
                }
            }
        });
        Self {
            child,
            input,
            lines,
        }
    }

    fn started_and_greeted(variables: &[(&str, &str)]) -> Self {
        let mut process = Self::start(variables);
        process.send(&json!({
            "jsonrpc": "2.0", "id": 1, "method": "initialize",
            "params": {
                "protocolVersion": "2025-06-18", "capabilities": {},
                "clientInfo": { "name": "test", "version": "1" }
            }
        }));
        process.answer(1);
        process
    }

    fn send(&mut self, message: &Value) {
        let input = self.input.as_mut().expect("is open");
        writeln!(input, "{message}").expect("the process reads");
    }

    fn hand_over(&mut self, id: u64, cdp_url: &str) {
        self.send(&json!({
            "jsonrpc": "2.0", "id": id, "method": "tools/call",
            "params": {
                "name": "authloop_to_human",
                "arguments": { "service": "GitHub", "cdp_url": cdp_url }
            }
        }));
    }

    fn answer(&mut self, id: u64) -> Value {
        loop {
            let line = self.lines.recv_timeout(PATIENCE).expect("an answer");
            let message: Value = serde_json::from_str(&line).expect("every line is JSON");
            assert_eq!(message["jsonrpc"], "2.0");
            if message["id"] == id {
                return message["result"].clone();
            }
        }
    }

    fn signal(&self, name: &str) {
        let status = Command::new("kill")
            .args([name, &self.child.id().to_string()])
            .status()
            .expect("kill runs");
        assert!(status.success());
    }

    /// Waits for the exit; returns it with everything on standard error.
    fn exit(mut self) -> (ExitStatus, String) {
        let deadline = Instant::now() + PATIENCE;
        let status = loop {
            if let Some(status) = self.child.try_wait().expect("is our child") {
                break status;
            }
            if Instant::now() > deadline {
                self.child.kill().expect("is our child");
            }
            thread::sleep(Duration::from_millis(5));
        };
        let mut errors = String::new();
        let mut stderr = self.child.stderr.take().expect("is piped");
        stderr.read_to_string(&mut errors).expect("is UTF-8");
        for line in self.lines.iter() {
            assert!(serde_json::from_str::<Value>(&line).is_ok(), "{line}");
        }
        (status, errors)
    }

    fn exits_well(self) {
        let (status, errors) = self.exit();
        assert_eq!(status.code(), Some(0));
        assert_eq!(errors, "");
    }
}

/// A browser that takes connections and never says a word.
fn silent_browser() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("is bound");
    (listener, format!("http://{address}"))
}

fn run(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_authloop-mcp"))
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .expect("the program runs")
}

#[test]
fn the_end_of_input_ends_it() {
    let mut process = Process::started_and_greeted(&[]);
    process.input = None;
    process.exits_well();
}

#[test]
fn the_end_of_input_before_a_word_ends_it_quietly() {
    let mut process = Process::start(&[]);
    process.input = None;
    process.exits_well();
}

#[test]
fn the_end_of_input_during_a_call_ends_it() {
    let (browser, address) = silent_browser();
    let mut process = Process::started_and_greeted(&[]);
    process.hand_over(2, &address);
    let _connection = browser.accept().expect("the server connects");
    process.input = None;
    process.exits_well();
}

#[cfg(unix)]
#[test]
fn a_signal_ends_it_idle_or_during_a_call() {
    for signal in ["-TERM", "-INT"] {
        let mut process = Process::started_and_greeted(&[]);
        process.signal(signal);
        let input = process.input.take();
        process.exits_well();
        drop(input);

        let (browser, address) = silent_browser();
        let mut process = Process::started_and_greeted(&[]);
        process.hand_over(2, &address);
        let _connection = browser.accept().expect("the server connects");
        process.signal(signal);
        let input = process.input.take();
        process.exits_well();
        drop(input);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn an_output_that_nobody_reads_ends_it_though_the_input_is_open() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_authloop-mcp"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program starts");
    let input = child.stdin.take();
    drop(child.stdout.take());
    let deadline = Instant::now() + PATIENCE;
    let status = loop {
        match child.try_wait().expect("is our child") {
            Some(status) => break status,
            None if Instant::now() > deadline => child.kill().expect("is our child"),
            None => thread::sleep(Duration::from_millis(5)),
        }
    };
    assert_eq!(status.code(), Some(0));
    drop(input);
}

#[test]
fn a_dead_browser_is_told_before_there_is_a_session() {
    let mut process = Process::started_and_greeted(&[]);
    process.hand_over(2, "http://127.0.0.1:1");
    let result = process.answer(2);
    assert_eq!(result["isError"], true);
    let text = result["content"][0]["text"].as_str().expect("a text");
    assert!(text.contains("the browser can't be reached"), "{text}");
    process.input = None;
    process.exits_well();
}

#[test]
fn a_wrong_setting_is_told_when_a_tool_is_called() {
    let mut process = Process::started_and_greeted(&[("AUTHLOOP_LISTEN", "nowhere")]);
    process.hand_over(2, "http://127.0.0.1:1");
    let result = process.answer(2);
    assert_eq!(result["isError"], true);
    assert!(result.to_string().contains("AUTHLOOP_LISTEN"));
    process.input = None;
    process.exits_well();
}

#[test]
fn no_secret_is_ever_logged_and_no_log_is_ever_on_output() {
    let mut process = Process::started_and_greeted(&[
        ("DEBUG", "*"),
        ("RUST_LOG", "trace"),
        ("AUTHLOOP_API_KEY", "al_live_S3CRET"),
        ("AUTHLOOP_BASE_URL", "http://127.0.0.1:1"),
    ]);
    process.hand_over(2, "http://127.0.0.1:1/?token=S3CRET");
    process.answer(2);
    process.input = None;
    let (status, errors) = process.exit();
    assert_eq!(status.code(), Some(0));
    assert!(!errors.contains("S3CRET"), "{errors}");
}

#[test]
fn what_a_session_dropped_is_logged_at_its_end() {
    let mut process = Process::started_and_greeted(&[("DEBUG", "authloop:*,-authloop:cdp")]);
    process.hand_over(2, "http://127.0.0.1:1");
    process.answer(2);
    process.input = None;
    let (status, errors) = process.exit();
    assert_eq!(status.code(), Some(0));
    for (namespace, count) in [
        ("authloop::crypto", "refused_seals=0"),
        ("authloop::stream", "dropped_events=0"),
        ("authloop::perf", "skipped_frames=0"),
    ] {
        let is_logged = |line: &str| line.contains(namespace) && line.contains(count);
        assert!(errors.lines().any(is_logged), "{namespace}: {errors}");
    }
    assert!(!errors.contains("authloop::cdp"), "{errors}");
}

#[test]
fn help_and_version_are_printed_and_nonsense_is_refused() {
    let help = run(&["--help"]);
    assert_eq!(help.status.code(), Some(0));
    assert!(String::from_utf8_lossy(&help.stdout).contains("AUTHLOOP_CDP_URL"));
    let version = run(&["--version"]);
    assert_eq!(version.status.code(), Some(0));
    assert!(String::from_utf8_lossy(&version.stdout).contains(env!("CARGO_PKG_VERSION")));
    let nonsense = run(&["--nonsense"]);
    assert_eq!(nonsense.status.code(), Some(2));
    assert!(nonsense.stdout.is_empty());
}
