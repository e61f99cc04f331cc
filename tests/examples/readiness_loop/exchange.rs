//! One HTTP exchange on a [`Wire`]. Its protocol is a pure machine, too: `ureq-proto` says what to
//! write and what was read; this moves the bytes, as far as they go in a turn.

use std::{
    io::{Read as _, Write as _},
    ops::ControlFlow::{self, Break, Continue},
    rc::Rc,
};

use authloop_core::{
    agent::io::{ConnectFailure, HttpId, HttpRequest, HttpResponse, Method},
    time::Timestamp,
};
use mio::{Registry, Token};
use ureq_proto::{
    BodyMode, Error,
    client::{
        Call, RecvResponseResult, SendRequestResult,
        state::{RecvBody, RecvResponse},
    },
    http::{Request, Response, header},
};

use crate::{
    address::Address,
    wire::{Wire, unless_blocked},
};

/// The largest head of a request or an answer.
const MAX_HEAD: usize = 16 << 10;

/// An exchange under way.
pub(crate) struct Exchange {
    pub(crate) id: HttpId,
    pub(crate) until: Timestamp,
    wire: Wire,
    unsent: Vec<u8>,
    unread: Vec<u8>,
    stage: Option<Stage>,
    /// How much more may come.
    room: usize,
}

/// How far the answer came.
enum Stage {
    Head(Call<RecvResponse>),
    Body(Call<RecvBody>, Answer),
}

/// An HTTP answer.
pub(crate) struct Answer {
    head: Response<()>,
    body: Vec<u8>,
}

impl Answer {
    /// Lends the answer in the machine's words.
    pub(crate) fn as_response(&self) -> HttpResponse<'_> {
        let text = |name| self.head.headers().get(name)?.to_str().ok();
        HttpResponse {
            status: self.head.status().as_u16(),
            date: text(header::DATE),
            retry_after: text(header::RETRY_AFTER).and_then(|text| text.parse().ok()),
            body: &self.body,
        }
    }
}

impl Exchange {
    /// Starts to connect; the request leaves as soon as there is somebody to take it.
    pub(crate) fn begin(
        registry: &Rc<Registry>,
        token: Token,
        now: Timestamp,
        id: HttpId,
        request: HttpRequest,
    ) -> Result<Self, ConnectFailure> {
        let address = Address::find(request.peer, &request.url, request.host)?;
        let wire = Wire::dial(registry, token, address.at);
        let (until, room) = (now + request.timeout, MAX_HEAD + request.max_body);
        let (unsent, call) = write(&address, request).ok_or(ConnectFailure::InvalidUrl)?;
        Ok(Self {
            id,
            until,
            wire: wire.map_err(|_| ConnectFailure::Unreachable)?,
            unsent,
            unread: Vec::new(),
            stage: Some(Stage::Head(call)),
            room,
        })
    }

    /// Writes what there is room for, then reads what there is; returns the answer once it is complete.
    pub(crate) fn turn(&mut self, now: Timestamp) -> Result<Option<Answer>, ConnectFailure> {
        if self.until <= now {
            return Err(ConnectFailure::TimedOut);
        }
        while !self.unsent.is_empty() {
            let written = unless_blocked(self.wire.write(&self.unsent));
            let Some(count) = written.map_err(|_| ConnectFailure::Unreachable)? else {
                return Ok(None);
            };
            self.unsent.drain(..count);
        }
        while let Some(stage) = self.stage.take() {
            let mut piece = [0; 4 << 10];
            let read = unless_blocked(self.wire.read(&mut piece));
            let Some(count) = read.map_err(|_| ConnectFailure::Protocol)? else {
                self.stage = Some(stage);
                return Ok(None);
            };
            let over = count == 0;
            self.room = self
                .room
                .checked_sub(count)
                .ok_or(ConnectFailure::TooLarge)?;
            self.unread.extend(piece.iter().take(count));
            match stage
                .go_on(&mut self.unread, over)
                .map_err(|_| ConnectFailure::Protocol)?
            {
                Break(answer) => return Ok(Some(answer)),
                Continue(_) if over => return Err(ConnectFailure::Protocol),
                Continue(stage) => self.stage = Some(stage),
            }
        }
        Ok(None)
    }

    pub(crate) fn wire(&mut self) -> &mut Wire {
        &mut self.wire
    }
}

impl Stage {
    /// Takes in what was read; `over` says that there won't be more.
    fn go_on(self, unread: &mut Vec<u8>, over: bool) -> Result<ControlFlow<Answer, Self>, Error> {
        match self {
            Self::Head(mut call) => {
                let (used, head) = call.try_response(unread, false)?;
                unread.drain(..used);
                let Some(head) = head else {
                    return Ok(Continue(Self::Head(call)));
                };
                let body = Vec::new();
                let answer = Answer { head, body };
                match call.proceed() {
                    Some(RecvResponseResult::RecvBody(call)) => {
                        Self::Body(call, answer).go_on(unread, over)
                    }
                    Some(RecvResponseResult::Redirect(_) | RecvResponseResult::Cleanup(_))
                    | None => Ok(Break(answer)),
                }
            }
            Self::Body(mut call, mut answer) => {
                let mut piece = [0; 4 << 10];
                loop {
                    let (used, count) = call.read(unread, &mut piece)?;
                    unread.drain(..used);
                    answer.body.extend(piece.iter().take(count));
                    if used == 0 {
                        break;
                    }
                }
                let complete = match call.body_mode() {
                    BodyMode::CloseDelimited => over,
                    BodyMode::NoBody | BodyMode::LengthDelimited(_) | BodyMode::Chunked => {
                        call.can_proceed()
                    }
                };
                Ok(if complete {
                    Break(answer)
                } else {
                    Continue(Self::Body(call, answer))
                })
            }
        }
    }
}
/// Writes a request down, and returns what will understand the answer.
fn write(address: &Address, request: HttpRequest) -> Option<(Vec<u8>, Call<RecvResponse>)> {
    let body = request.body.unwrap_or_default();
    let mut head = Request::builder()
        .uri(address.url.as_str())
        .header(header::HOST, &address.host)
        .header(header::CONNECTION, "close");
    head = match request.method {
        Method::Get => head.method("GET"),
        Method::Delete => head.method("DELETE"),
        Method::Post => head
            .method("POST")
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::CONTENT_LENGTH, body.len()),
    };
    if let Some(key) = &request.bearer {
        head = head.header(header::AUTHORIZATION, format!("Bearer {}", key.expose()));
    }
    let mut call = Call::new(head.body(()).ok()?).ok()?.proceed();
    let mut bytes = vec![0; MAX_HEAD];
    let length = call.write(&mut bytes).ok()?;
    bytes.truncate(length);
    match call.proceed().ok()?? {
        SendRequestResult::RecvResponse(call) => Some((bytes, call)),
        SendRequestResult::SendBody(mut call) => {
            bytes.extend(body.as_bytes());
            call.consume_direct_write(body.len()).ok()?;
            Some((bytes, call.proceed()?))
        }
        SendRequestResult::Await100(_) => None,
    }
}
