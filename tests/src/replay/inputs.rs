//! Makes inputs of what a trace tells of them.

use authloop_core::{
    agent::{
        event::Event,
        file::{FileDone, FileFailure, FileId},
        io::{Closed, HttpId, HttpResponse, Input, Message, Output, Peer, Request},
    },
    time::Timestamp,
};
use authloop_trace::line::{Answer, Body, Disk, In, Setup, Who, expand};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use std::time::Duration;

use super::{sealed::Sealed, v1::V1};

/// The longest filler, in bytes: what no peer may send anyway is left out.
const LONGEST: usize = 64 << 20;

/// Everybody an agent hears, as a trace tells of them.
pub(super) enum Inputs {
    V1(Box<V1>),
    V2(Box<Sealed>),
}

impl Inputs {
    pub(super) fn of(setup: &Setup) -> Self {
        match setup.protocol {
            1 => Self::V1(Box::default()),
            _ => Self::V2(Box::new(Sealed::new(setup.pin.as_deref()))),
        }
    }

    /// Hears what the agent wants done, as viewers do.
    pub(super) fn listen(&mut self, now: Timestamp, output: &Output) {
        match (self, output) {
            (Self::V1(v1), Output::Send(Peer::Relay, Message::Text(text))) => v1.listen(text),
            (Self::V2(v2), Output::Send(Peer::Relay, Message::Binary(record))) => {
                v2.listen(now, record);
            }
            (Self::V2(v2), Output::Event(Event::Created(info))) => v2.given(&info.session_url),
            (
                Self::V1(_) | Self::V2(_),
                Output::Send(..)
                | Output::Event(_)
                | Output::Connect(..)
                | Output::Close(_)
                | Output::Http(..)
                | Output::File(_)
                | Output::Idle(_),
            ) => {}
        }
    }

    /// Makes an input and lets it be taken; nothing if it doesn't fit.
    pub(super) fn make(
        &mut self,
        now: Timestamp,
        told: &In,
        take: impl FnOnce(Input<'_>),
    ) -> Option<()> {
        match told {
            In::Opened(who) => take(Input::Opened((*who).into())),
            In::Drained(who) => take(Input::Drained((*who).into())),
            In::Closed(who, gone) => take(Input::Closed((*who).into(), Closed::from(gone))),
            In::Tick => take(Input::Tick),
            In::Cancel => take(Input::Request(Request::Cancel)),
            In::Shutdown(millis) => {
                let grace = Duration::from_millis(*millis);
                take(Input::Request(Request::Shutdown { grace }));
            }
            In::Cdp(value) => {
                let mut value = value.clone();
                expand(&mut value);
                take(Input::Text(Peer::Browser, &value.to_string()));
            }
            In::Relay(value) => take(Input::Text(Peer::Relay, &value.to_string())),
            In::Nonsense(who, len) => {
                take(Input::Text((*who).into(), &"?".repeat((*len).min(LONGEST))));
            }
            In::Bytes(who, len) => {
                take(Input::Binary((*who).into(), &vec![0; (*len).min(LONGEST)]))
            }
            In::Record(record) => {
                let Self::V2(v2) = self else { return None };
                take(Input::Binary(Peer::Relay, &v2.record(now, record)?));
            }
            In::Key(number, said) => {
                let Self::V1(v1) = self else { return None };
                take(Input::Text(Peer::Relay, &v1.key(*number, said)));
            }
            In::Sealed(said) => {
                let Self::V1(v1) = self else { return None };
                take(Input::Text(Peer::Relay, &v1.sealed(said)?));
            }
            In::Http(id, answer) => http(HttpId::new(*id), answer, take)?,
            In::File(id, done) => file(FileId::new(*id), done, take)?,
            In::Text(who, text) => take(Input::Text((*who).into(), text)),
            In::Binary(who, base64) => exact_bytes(*who, base64, take)?,
        }
        Some(())
    }
}

fn exact_bytes(who: Who, base64: &str, take: impl FnOnce(Input<'_>)) -> Option<()> {
    let bytes = STANDARD.decode(base64).ok()?;
    take(Input::Binary(who.into(), &bytes));
    Some(())
}

/// Where a file lies of which a trace doesn't tell.
const SOMEWHERE: &str = "/file";

fn file(id: FileId, done: &Disk, take: impl FnOnce(Input<'_>)) -> Option<()> {
    let bytes = match done {
        Disk::Read(len) => vec![b'?'; (*len).min(LONGEST)],
        Disk::ReadExactly(base64) => STANDARD.decode(base64).ok()?,
        Disk::Created | Disk::CreatedAt(_) | Disk::Appended | Disk::NoRoom | Disk::Broken => {
            Vec::new()
        }
    };
    let done = match done {
        Disk::Created => Ok(FileDone::Created(SOMEWHERE)),
        Disk::CreatedAt(path) => Ok(FileDone::Created(path)),
        Disk::Appended => Ok(FileDone::Appended),
        Disk::Read(_) | Disk::ReadExactly(_) => Ok(FileDone::Read(&bytes)),
        Disk::NoRoom => Err(FileFailure::NoRoom),
        Disk::Broken => Err(FileFailure::Broken),
    };
    take(Input::File(id, done));
    Some(())
}

fn http(id: HttpId, answer: &Answer, take: impl FnOnce(Input<'_>)) -> Option<()> {
    match answer {
        Answer::Failed(failed) => take(Input::Http(id, Err((*failed).into()))),
        Answer::Status {
            status,
            date,
            retry_after,
            body,
        } => {
            let body = match body {
                Body::Json(value) => value.to_string().into_bytes(),
                Body::Nonsense(len) => vec![b'?'; (*len).min(LONGEST)],
                Body::Exact(base64) => STANDARD.decode(base64).ok()?,
            };
            let response = HttpResponse {
                status: *status,
                date: date.as_deref(),
                retry_after: *retry_after,
                body: &body,
            };
            take(Input::Http(id, Ok(response)));
        }
    }
    Some(())
}
