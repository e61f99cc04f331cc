//! In which words a trace tells what an agent wants done. Replays are compared by them.
//!
//! They hold kinds, numbers and lengths, and never a word of what was said: the lengths of what is
//! encrypted show on the wire; those of the browser's commands, which tell keys, and of control messages are left
//! out.

use authloop_core::{
    agent::{
        Agent,
        event::{Event, Failure, Outcome},
        file::FileOp,
        io::{HostHeader, Message, Method, Output, Peer},
        notes::Stage,
    },
    time::Timestamp,
    wire::v2::{Direction, Header, Kind},
};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use crate::line::Line;

/// Tells what came of asking an agent for its next output. `session` names CDP sessions; `exact` adds a
/// digest of every byte.
pub fn describe(
    agent: &Agent,
    output: &Output,
    session: impl FnOnce(&str) -> String,
    exact: bool,
) -> Line {
    let digest = |bytes: &[u8]| {
        if exact { digest(bytes) } else { String::new() }
    };
    let out = match output {
        Output::Idle(deadline) => return idle(agent, *deadline),
        Output::Connect(peer, connect) => {
            let place = digest(connect.url.as_bytes());
            format!("connect {}{}{place}", name(*peer), host(connect.host))
        }
        Output::Send(Peer::Browser, message) => {
            let bytes = bytes(message);
            format!("send browser {}{}", command(bytes, session), digest(bytes))
        }
        Output::Send(Peer::Relay, message) => {
            let bytes = bytes(message);
            format!("send relay {}{}", said(message), digest(bytes))
        }
        Output::Close(peer) => format!("close {}", name(*peer)),
        Output::Http(id, request) => {
            let method = match request.method {
                Method::Get => "GET",
                Method::Post => "POST",
                Method::Delete => "DELETE",
            };
            let body = request.body.as_deref().unwrap_or_default();
            let sent = digest(format!("{}\n{body}", request.url).as_bytes());
            let (id, peer, host) = (id.get(), name(request.peer), host(request.host));
            format!("http {id} {method} {peer}{host}{sent}")
        }
        Output::File(op) => format!("file {}", filed(op)),
        Output::Event(event) => format!("event {}", told(event)),
    };
    Line::Out { out }
}

fn idle(agent: &Agent, deadline: Option<Timestamp>) -> Line {
    let stage = match agent.stage() {
        Stage::Attaching => "attaching",
        Stage::Creating => "creating",
        Stage::Live => "live",
        Stage::Finishing => "finishing",
        Stage::Ended => "ended",
    };
    // Its names and numbers, without those that are zero.
    let counters = format!("{:?}", agent.counters());
    let inside = counters
        .trim_start_matches("Counters {")
        .trim_end_matches('}');
    let dropped: Vec<_> = inside
        .split(',')
        .map(str::trim)
        .filter(|counter| !counter.ends_with(": 0"))
        .collect();
    Line::Idle {
        idle: deadline.map(Timestamp::as_millis),
        stage: stage.into(),
        dropped: Some(dropped.join(", ")).filter(|dropped| !dropped.is_empty()),
    }
}

fn digest(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    let (start, _) = digest.split_at(8);
    let hex: String = start.iter().map(|byte| format!("{byte:02x}")).collect();
    format!(", {} bytes {hex}", bytes.len())
}

const fn name(peer: Peer) -> &'static str {
    match peer {
        Peer::Browser => "browser",
        Peer::Relay => "relay",
    }
}

const fn host(host: HostHeader) -> &'static str {
    match host {
        HostHeader::Name => "",
        HostHeader::Address => " by address",
    }
}

fn bytes(message: &Message) -> &[u8] {
    match message {
        Message::Text(text) => text.as_bytes(),
        Message::Binary(bytes) => bytes,
    }
}

/// Returns a command's method and session.
fn command(text: &[u8], session: impl FnOnce(&str) -> String) -> String {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Command<'a> {
        method: &'a str,
        session_id: Option<&'a str>,
    }
    match serde_json::from_slice(text) {
        Ok(Command {
            method,
            session_id: Some(id),
        }) => format!("{method} {}", session(id)),
        Ok(Command { method, .. }) => method.to_owned(),
        Err(_) => "nonsense".to_owned(),
    }
}

/// Returns what kind of message the relay is sent.
fn said(message: &Message) -> String {
    #[derive(Deserialize)]
    struct Typed<'a> {
        r#type: &'a str,
        chan: Option<u16>,
        code: Option<serde_json::Value>,
    }
    match message {
        Message::Text(text) => match serde_json::from_str(text) {
            Ok(Typed { r#type, chan, code }) => {
                let chan = chan.map(|chan| format!(" chan {chan}"));
                let code = code.map(|code| format!(" code {code}"));
                format!(
                    "{type} {}{}",
                    chan.unwrap_or_default(),
                    code.unwrap_or_default()
                )
            }
            Err(_) => "nonsense".to_owned(),
        },
        Message::Binary(record) => match Header::read(record, Direction::ToViewer) {
            Ok(header) => {
                let Header {
                    kind,
                    chan,
                    epoch,
                    counter,
                } = header;
                let name = name_of(kind);
                let place = format!("{name} chan {chan} epoch {epoch} number {counter}");
                // A control message can hold what the page says: filler is written in other lengths.
                match kind {
                    Kind::Control => place,
                    Kind::Hello1
                    | Kind::Hello2
                    | Kind::Frame
                    | Kind::Input
                    | Kind::Ack
                    | Kind::Close => format!("{place}, {} bytes", record.len()),
                }
            }
            Err(_) => format!("picture of {} bytes", record.len()),
        },
    }
}

const fn name_of(kind: Kind) -> &'static str {
    match kind {
        Kind::Hello1 => "hello",
        Kind::Hello2 => "answer",
        Kind::Frame => "frame",
        Kind::Input => "input",
        Kind::Control => "control",
        Kind::Ack => "ack",
        Kind::Close => "close",
    }
}

/// Returns what becomes of a human's file, without its name.
fn filed(op: &FileOp) -> String {
    match op {
        FileOp::Create { id, .. } => format!("{} create", id.get()),
        FileOp::Append { id, bytes } => format!("{} append {} bytes", id.get(), bytes.len()),
        FileOp::Read { id, from, most } => {
            format!("{} read {most} bytes from {from}", id.get())
        }
        FileOp::Remove { id } => format!("{} remove", id.get()),
        FileOp::RemoveAll => "remove all".to_owned(),
    }
}

fn told(event: &Event) -> String {
    match event {
        Event::Attached { .. } => "attached".into(),
        Event::Created(info) => {
            format!("created, expires at {}", info.expires_at.as_millis())
        }
        Event::ViewerJoined => "viewer_joined".into(),
        Event::ViewerLeft => "viewer_left".into(),
        Event::ViewerReplaced => "viewer_replaced".into(),
        Event::Tampered => "tampered".into(),
        Event::Ended(outcome) => format!("ended: {}", ended(outcome)),
        _ => "something new".into(),
    }
}

fn ended(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Resolved => "resolved".into(),
        Outcome::Cancelled => "cancelled".into(),
        Outcome::Timeout => "timeout".into(),
        // The code is the relay's own word.
        Outcome::Failed(Failure::RelayRefused { status, .. }) => {
            format!("the relay refused: HTTP {status}")
        }
        Outcome::Failed(failure) => failure.to_string(),
    }
}
