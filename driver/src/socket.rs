//! One open WebSocket: what waits to be sent, what was flushed, what came in.
//!
//! A message is handed to tungstenite only when it takes it, so none is ever refused and lost. The
//! queue is bounded; a peer that lets it overflow counts as gone. Compression is never offered.

use std::{
    collections::VecDeque,
    pin::Pin,
    task::{Context, Poll, ready},
};

use async_tungstenite::{
    WebSocketStream, client_async_with_config,
    tungstenite::{
        self, Bytes, Error, Utf8Bytes,
        error::ProtocolError,
        handshake::client::generate_key,
        protocol::{CloseFrame, WebSocketConfig, frame::coding::CloseCode},
    },
};
use authloop_core::{
    agent::io::{Closed, Connect, ConnectFailure, Message, Peer},
    time::Timestamp,
};
use futures::{AsyncRead, AsyncWrite, Sink as _, Stream as _};
use hyper::http::{Method, Request, header};

use crate::{
    USER_AGENT,
    address::Address,
    dial::{Dialled, dial},
    keepalive::{Due, Keepalive},
    runtime::Runtime,
    tls::Tls,
    transport::Transport,
};

/// The most that may wait for a peer. One frame and its metadata is what usually waits.
const MAX_QUEUED_BYTES: usize = 32 << 20;

/// The most messages that may wait for a peer.
const MAX_QUEUED_MESSAGES: usize = 4_096;

/// Small messages are gathered up to this size before they are written.
const WRITE_BUFFER: usize = 16 << 10;

/// How much is read at once.
const READ_BUFFER: usize = 64 << 10;

/// An open WebSocket.
pub(crate) struct Socket<S> {
    stream: WebSocketStream<Transport<S>>,
    queue: VecDeque<tungstenite::Message>,
    queued_bytes: usize,
    overflowed: bool,
    /// Something was handed to tungstenite, or is owed by it (a pong), and isn't flushed yet.
    unflushed: bool,
    /// The machine sent something and wasn't told yet that it is flushed.
    owes_drained: bool,
    vitals: Option<Vitals>,
}

/// What came in.
pub(crate) enum Incoming {
    Text(Utf8Bytes),
    Binary(Bytes),
    /// Ping or pong: nothing for the machine.
    Control,
}

/// The socket is of no more use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Gone {
    /// What the machine is told.
    pub(crate) closed: Closed,
    /// Whether there is a close frame to send.
    pub(crate) farewell: Farewell,
}

/// How to part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Farewell {
    /// Nothing can be said any more.
    None,
    /// The peer closed; tungstenite has the answer ready.
    Answer,
    /// We close, with this code.
    Code(u16),
}

const LOST: Gone = Gone {
    closed: Closed::Lost,
    farewell: Farewell::None,
};

/// Opens a WebSocket: name resolution, TCP, TLS, upgrade.
pub(crate) async fn open<R: Runtime>(
    runtime: &R,
    tls: &Tls,
    peer: Peer,
    connect: Connect,
) -> Result<WebSocketStream<Transport<R::Stream>>, ConnectFailure> {
    let address = Address::of_websocket(&connect.url)?;
    let Dialled { transport, host } = dial(runtime, tls, peer, &address, connect.host).await?;
    let mut request = Request::builder()
        .method(Method::GET)
        .uri(address.uri)
        .header(header::HOST, host)
        .header(header::CONNECTION, "Upgrade")
        .header(header::UPGRADE, "websocket")
        .header(header::SEC_WEBSOCKET_VERSION, "13")
        .header(header::SEC_WEBSOCKET_KEY, generate_key())
        .header(header::USER_AGENT, USER_AGENT);
    if let Some(basic) = address.basic {
        request = request.header(header::AUTHORIZATION, basic);
    }
    let request = request.body(()).map_err(|_| ConnectFailure::InvalidUrl)?;
    let config = WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(WRITE_BUFFER)
        .max_write_buffer_size(MAX_QUEUED_BYTES + 2 * WRITE_BUFFER)
        .max_message_size(Some(connect.max_message))
        .max_frame_size(Some(connect.max_message));
    match client_async_with_config(request, transport, Some(config)).await {
        Ok((stream, _)) => Ok(stream),
        Err(Error::Http(answer)) => Err(ConnectFailure::Status(answer.status().as_u16())),
        Err(_) => Err(ConnectFailure::Protocol),
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Socket<S> {
    /// Takes over a WebSocket that was just opened. The relay is pinged when it is silent; Chromium
    /// is not, since the machine's commands have time limits of their own.
    pub(crate) fn new(now: Timestamp, peer: Peer, stream: WebSocketStream<Transport<S>>) -> Self {
        Self {
            queue: VecDeque::new(),
            queued_bytes: 0,
            overflowed: false,
            unflushed: false,
            owes_drained: false,
            vitals: match peer {
                Peer::Browser => None,
                Peer::Relay => Some(Vitals::new(now, stream.get_ref())),
            },
            stream,
        }
    }

    /// Queues a message. Overflow is reported by the next [`Socket::poll_write`].
    pub(crate) fn send(&mut self, message: Message) {
        let message = match message {
            Message::Text(text) => tungstenite::Message::Text(text.into()),
            Message::Binary(bytes) => tungstenite::Message::Binary(bytes),
        };
        self.queued_bytes += message.len();
        self.overflowed |=
            self.queued_bytes > MAX_QUEUED_BYTES || self.queue.len() >= MAX_QUEUED_MESSAGES;
        if self.overflowed {
            self.queue.clear();
        } else {
            self.queue.push_back(message);
            self.owes_drained = true;
        }
    }

    /// Queues a close frame behind what was sent; nothing may be sent after it.
    pub(crate) fn close(&mut self, code: u16) {
        self.queue
            .push_back(tungstenite::Message::Close(Some(CloseFrame {
                code: CloseCode::from(code),
                reason: Utf8Bytes::default(),
            })));
    }

    /// Drops what wasn't handed to tungstenite yet.
    pub(crate) fn forget_queue(&mut self) {
        self.queue.clear();
        self.unflushed = true;
    }

    /// Sends what it can. Ready when everything is flushed that wasn't before: with `true` if the
    /// machine hasn't heard of it yet.
    pub(crate) fn poll_write(&mut self, cx: &mut Context<'_>) -> Poll<Result<bool, Gone>> {
        if self.overflowed {
            return Poll::Ready(Err(LOST));
        }
        while !self.queue.is_empty() {
            ready!(Pin::new(&mut self.stream).poll_ready(cx)).map_err(|_| LOST)?;
            if let Some(message) = self.queue.pop_front() {
                self.queued_bytes = self.queued_bytes.saturating_sub(message.len());
                self.unflushed = true;
                Pin::new(&mut self.stream)
                    .start_send(message)
                    .map_err(|_| LOST)?;
            }
        }
        if !self.unflushed {
            return Poll::Pending;
        }
        ready!(Pin::new(&mut self.stream).poll_flush(cx)).map_err(|_| LOST)?;
        self.unflushed = false;
        Poll::Ready(Ok(std::mem::take(&mut self.owes_drained)))
    }

    /// Reads one message.
    pub(crate) fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<Result<Incoming, Gone>> {
        if self.overflowed {
            return Poll::Ready(Err(LOST));
        }
        let message = match ready!(Pin::new(&mut self.stream).poll_next(cx)) {
            Some(Ok(message)) => message,
            Some(Err(error)) => return Poll::Ready(Err(gone(&error))),
            None => return Poll::Ready(Err(LOST)),
        };
        Poll::Ready(match message {
            tungstenite::Message::Text(text) => Ok(Incoming::Text(text)),
            tungstenite::Message::Binary(bytes) => Ok(Incoming::Binary(bytes)),
            tungstenite::Message::Ping(_) => {
                self.unflushed = true;
                Ok(Incoming::Control)
            }
            tungstenite::Message::Pong(_) | tungstenite::Message::Frame(_) => Ok(Incoming::Control),
            tungstenite::Message::Close(frame) => Err(Gone {
                closed: frame.map_or(Closed::Lost, |frame| Closed::Code(frame.code.into())),
                farewell: Farewell::Answer,
            }),
        })
    }

    /// Pings a silent peer and gives up on a dead one. `reading` tells whether anybody listened.
    /// Returns whether there is now something to send.
    pub(crate) fn check_vitals(&mut self, now: Timestamp, reading: bool) -> Result<bool, Gone> {
        let Some(vitals) = &mut self.vitals else {
            return Ok(false);
        };
        vitals.observe(now, reading, self.unflushed, self.stream.get_ref());
        match vitals.keepalive.check(now) {
            Due::Nothing => Ok(false),
            Due::Ping => {
                self.queue
                    .push_back(tungstenite::Message::Ping(Bytes::new()));
                Ok(true)
            }
            Due::Lost => Err(LOST),
        }
    }

    /// Tells whether something still waits to be sent.
    pub(crate) fn is_flushed(&self) -> bool {
        self.queue.is_empty() && !self.unflushed
    }

    /// Returns when [`Socket::check_vitals`] has to be called next.
    pub(crate) fn deadline(&self) -> Option<Timestamp> {
        self.vitals
            .as_ref()
            .map(|vitals| vitals.keepalive.deadline())
    }
}

/// The signs of life of one connection: bytes that come in, and, while a message is stuck on its
/// way out, bytes that go out.
struct Vitals {
    keepalive: Keepalive,
    read: usize,
    written: usize,
    stuck: bool,
}

impl Vitals {
    fn new<S>(now: Timestamp, transport: &Transport<S>) -> Self {
        Self {
            keepalive: Keepalive::new(now),
            read: transport.bytes_read(),
            written: transport.bytes_written(),
            stuck: false,
        }
    }

    fn observe<S>(&mut self, now: Timestamp, reading: bool, stuck: bool, transport: &Transport<S>) {
        let heard = transport.bytes_read() != self.read;
        let pushed = self.stuck && transport.bytes_written() != self.written;
        if heard || pushed || !reading {
            self.keepalive.heard(now);
        }
        self.read = transport.bytes_read();
        self.written = transport.bytes_written();
        self.stuck = stuck;
    }
}

/// Says how to part after an error: with a word if the peer broke the rules and may still listen.
fn gone(error: &Error) -> Gone {
    let code = match error {
        Error::Capacity(_) => CloseCode::Size,
        Error::Utf8(_) => CloseCode::Invalid,
        Error::Protocol(ProtocolError::ResetWithoutClosingHandshake)
        | Error::ConnectionClosed
        | Error::AlreadyClosed
        | Error::Io(_)
        | Error::Tls(_)
        | Error::WriteBufferFull(_)
        | Error::AttackAttempt
        | Error::Url(_)
        | Error::Http(_)
        | Error::HttpFormat(_) => return LOST,
        Error::Protocol(_) => CloseCode::Protocol,
    };
    Gone {
        closed: Closed::Lost,
        farewell: Farewell::Code(code.into()),
    }
}
