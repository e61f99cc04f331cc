//! The program: refuses to run open to everybody, and leaves politely.

#![cfg(unix)]

use std::{
    io::{BufRead as _, BufReader, Lines},
    net::SocketAddr,
    process::{Child, ChildStderr, Command, Stdio},
};

use authloop_core::crypto::v2::AdmissionHash;

use crate::{
    http::ask,
    socket::Socket,
    world::{ADMISSION, SealedSession},
};

const PROGRAM: &str = env!("CARGO_BIN_EXE_authloop-relay");

const KEY: &str = "al_live_from_env";
const AUTHORIZED: [(&str, &str); 1] = [("Authorization", "Bearer al_live_from_env")];

fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(PROGRAM);
    command.args(arguments).env_clear().stdin(Stdio::null());
    command
}

/// Ends the program even if a test fails.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself, which is what the test wants.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn without_a_key_it_says_what_to_do() {
    let output = program(&["--listen=127.0.0.1:0"]).output().expect("runs");
    assert!(!output.status.success());
    let words = String::from_utf8(output.stderr).expect("text");
    assert!(words.contains("--api-key") && words.contains("--generate-key"));
    assert!(output.stdout.is_empty());
}

#[test]
fn a_generated_key_is_the_only_output() {
    let output = program(&["--generate-key"]).output().expect("runs");
    assert!(output.status.success());
    let key = String::from_utf8(output.stdout).expect("text");
    assert!(key.starts_with("al_live_") && key.trim_end().len() > 40);
}

#[test]
fn an_address_that_is_taken_is_named() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("an address").to_string();
    let output = program(&["--api-key=al_live_x", "--listen", &address])
        .output()
        .expect("runs");
    assert!(!output.status.success());
    let words = String::from_utf8(output.stderr).expect("text");
    assert!(words.contains(&address));
}

/// The program at its most talkative, where it listens, and what it says from then on.
fn started() -> (Running, SocketAddr, Lines<BufReader<ChildStderr>>) {
    let child = program(&["--listen=127.0.0.1:0"])
        .env("AUTHLOOP_RELAY_API_KEY", KEY)
        .env("DEBUG", "authloop:*")
        .stderr(Stdio::piped())
        .spawn()
        .expect("runs");
    let mut running = Running(child);
    let mut words = BufReader::new(running.0.stderr.take().expect("piped")).lines();
    let address = words
        .by_ref()
        .map(|line| line.expect("text"))
        .find_map(|line| {
            let (_, address) = line.split_once("public_url=\"http://")?;
            address.trim_end_matches('"').parse().ok()
        })
        .expect("it says where it listens");
    (running, address, words)
}

impl Running {
    fn terminate(&self) {
        let pid = self.0.id().to_string();
        let sent = Command::new("kill").args(["-TERM", &pid]).status();
        assert!(sent.expect("kill runs").success());
    }
}

#[tokio::test]
async fn sigterm_tells_sockets_to_come_back_and_ends_well() {
    let (mut running, address, words) = started();
    let body = br#"{"service":"GitHub","cdp_url":"ws://cdp.invalid/"}"#;
    let created = ask(address, "POST", "/session", &AUTHORIZED, body).await;
    let created = created.json();
    let text = |field: &str| created[field].as_str().expect("text").to_owned();
    let (url, token) = (text("stream_url"), text("stream_token"));
    let mut agent = Socket::open(&format!("{url}?token={token}&role=agent")).await;
    let mut viewer = Socket::open(&format!("{url}?token={token}&role=viewer")).await;
    agent.hears_notice("viewer_connected").await;

    running.terminate();
    assert_eq!(agent.is_closed().await, 1012);
    assert_eq!(viewer.is_closed().await, 1012);
    drop((agent, viewer));
    let rest: Vec<String> = words.map(|line| line.expect("text")).collect();
    assert!(running.0.wait().expect("ended").success());
    assert!(rest.iter().any(|line| line.contains("stopped")));
    assert!(
        !rest
            .iter()
            .any(|line| line.contains(&token) || line.contains("al_live_")),
        "logs hold no secrets"
    );
}

#[tokio::test]
async fn no_token_subprotocol_or_burnt_link_is_ever_logged() {
    const BURNT: &str = "2.AxBQHNWVV_gX579XBMOteOxFA81VQQwQ";
    let (mut running, address, words) = started();
    let body = SealedSession::body(600).to_string();
    let created = ask(address, "POST", "/session", &AUTHORIZED, body.as_bytes()).await;
    let session = SealedSession::read(&created);
    let (mut agent, mut viewer) = (session.agent().await, session.viewer().await);
    viewer.hears_notice("agent_connected").await;
    assert_eq!(session.knock("a-wrong-token").await.is_closed().await, 4401);
    for path in [
        format!("/s/{}%23{BURNT}", session.id),
        format!("/s/{}%23{BURNT}/card", session.id),
        format!("/stream/{}%23{BURNT}", session.id),
        format!("/nowhere%23{BURNT}"),
    ] {
        ask(address, "GET", &path, &[], b"").await;
    }
    running.terminate();
    assert_eq!(agent.is_closed().await, 1012);
    drop((agent, viewer));
    let rest: Vec<String> = words.map(|line| line.expect("text")).collect();
    assert!(running.0.wait().expect("ended").success());
    assert!(rest.iter().any(|line| line.contains("created")));
    let hash = AdmissionHash::of(ADMISSION).to_string();
    for secret in [
        KEY,
        ADMISSION,
        &hash,
        &session.stream_token,
        BURNT,
        "%23",
        "a-wrong-token",
        "/s/",
        "/stream",
    ] {
        assert!(!rest.iter().any(|line| line.contains(secret)), "{secret}");
    }
}
