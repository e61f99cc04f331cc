//! A tokio program with a hand-off of its own: no MCP, and nobody sees the tab unless you say so.
//!
//! ```text
//! AUTHLOOP_API_KEY=… own_approval http://127.0.0.1:9222 http://127.0.0.1:8420 GitHub
//! ```
//!
//! It asks before it makes a link, tells who comes and goes, and takes the tab back on `back`.
#![forbid(unsafe_code)]
#![expect(clippy::print_stdout, reason = "a program with a terminal")]

use std::{env, io, process::ExitCode, thread};

use authloop_tokio::{
    ApiKey, Config, Encryption, EndToEnd, Handle, Options, Outcome, Refused, Request, Status,
    hand_off,
};
use tokio::sync::mpsc;

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let ([cdp_url, relay_url, service], Ok(key)) =
        (arguments.as_slice(), env::var("AUTHLOOP_API_KEY"))
    else {
        println!("expected: AUTHLOOP_API_KEY=… own_approval CDP_URL RELAY_URL SERVICE");
        return ExitCode::from(2);
    };
    let mut lines = typed_lines();
    println!("{service} wants a human. Hand the tab over? Type yes or no:");
    if lines.recv().await.as_deref() != Some("yes") {
        println!("The tab stays where it is.");
        return ExitCode::FAILURE;
    }
    let handle = hand_off(
        Options::default(),
        Config {
            cdp_url: cdp_url.clone(),
            relay_url: relay_url.clone(),
            api_key: ApiKey::new(key),
            service: service.clone(),
            context: None,
            ttl: None,
            max_frame_rate: None,
            encryption: Encryption::V2(EndToEnd {
                viewer_url: relay_url.clone(),
                pin: None,
            }),
        },
    );
    tokio::spawn(take_back_on_request(handle.clone(), lines));
    tell(&handle).await;
    match handle.finished().await {
        Outcome::Resolved => {
            println!("Thank you, going on.");
            ExitCode::SUCCESS
        }
        Outcome::Cancelled => {
            println!("Not today, then.");
            ExitCode::FAILURE
        }
        Outcome::Timeout => {
            println!("Nobody came in time.");
            ExitCode::FAILURE
        }
        Outcome::Failed(failure) => {
            println!("That went wrong: {failure}");
            ExitCode::FAILURE
        }
    }
}

/// Tells what changes, until the session is over.
async fn tell(handle: &Handle) {
    let mut before = Status::default();
    while before.outcome.is_none() {
        let status = handle.wait_until(|status| *status != before).await;
        if let (None, Some(session)) = (&before.session, &status.session) {
            println!("Please open {}", session.session_url);
            println!("Type back to end it.");
        }
        match (before.viewer_present, status.viewer_present) {
            (false, true) => println!("Somebody is looking."),
            (true, false) => println!("Nobody is looking."),
            (false, false) | (true, true) => {}
        }
        before = status;
    }
}

async fn take_back_on_request(handle: Handle, mut lines: mpsc::Receiver<String>) {
    while let Some(line) = lines.recv().await {
        if line == "back"
            && let Err(Refused(_)) = handle.request(Request::Cancel)
        {
            println!("It is over already.");
        }
    }
}

/// Reads the terminal in a thread of its own: a read that waits would keep tokio from stopping.
fn typed_lines() -> mpsc::Receiver<String> {
    let (typed, lines) = mpsc::channel(4);
    thread::spawn(move || {
        for line in io::stdin().lines().map_while(Result::ok) {
            if typed.blocking_send(line.trim().to_owned()).is_err() {
                return;
            }
        }
    });
    lines
}
