//! What goes into the agent machine and what comes out of it.

use alloc::string::String;
use core::time::Duration;

use bytes::Bytes;

use crate::{
    agent::{
        event::Event,
        file::{FileDone, FileFailure, FileId, FileOp},
    },
    secret::ApiKey,
    time::Timestamp,
};

/// The two parties the agent keeps a WebSocket to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Peer {
    /// Chromium, by CDP.
    Browser,
    /// The relay, and the viewer behind it.
    Relay,
}

/// Something that happened. Every input carries its time in [`crate::agent::Agent::handle`].
///
/// No `Debug`: messages hold what the human typed and what the page shows.
pub enum Input<'a> {
    /// The WebSocket asked for by [`Output::Connect`] is open.
    Opened(Peer),
    /// A text message.
    Text(Peer, &'a str),
    /// A binary message.
    Binary(Peer, &'a [u8]),
    /// Everything sent to this peer so far has been written and flushed. Reported once each time
    /// that becomes true after an [`Output::Send`].
    Drained(Peer),
    /// The WebSocket is gone, or never came to be. Not reported after [`Output::Close`].
    Closed(Peer, Closed),
    /// The answer to an [`Output::Http`].
    Http(HttpId, Result<HttpResponse<'a>, ConnectFailure>),
    /// What came of an [`Output::File`].
    File(FileId, Result<FileDone<'a>, FileFailure>),
    /// The application asks for something.
    Request(Request),
    /// Time passed.
    Tick,
}

/// What the application asks of a running session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Request {
    /// End the session as cancelled.
    Cancel,
    /// End at once: stop capturing, release what is pressed, tell the relay within `grace`.
    Shutdown {
        /// How long the relay may take to answer.
        grace: Duration,
    },
}

/// What the machine wants done, in order.
pub enum Output {
    /// Open a WebSocket.
    Connect(Peer, Connect),
    /// Send one message to an open WebSocket.
    Send(Peer, Message),
    /// Close a WebSocket, after what was sent. Nothing more is reported of it.
    Close(Peer),
    /// Do one HTTP exchange.
    Http(HttpId, HttpRequest),
    /// Do something with a human's file. Without a disk, [`FileFailure::Broken`] is an answer.
    File(FileOp),
    /// Tell the application.
    Event(Event),
    /// Nothing more for now; call again with [`Input::Tick`] at this time, or never.
    Idle(Option<Timestamp>),
}

/// One WebSocket message.
#[derive(Clone, PartialEq, Eq)]
pub enum Message {
    /// Text.
    Text(String),
    /// Binary.
    Binary(Bytes),
}

/// How to open a WebSocket. Compression is never offered.
pub struct Connect {
    /// `ws://` or `wss://`, with the query that admits us: not for logs.
    pub url: String,
    /// What the handshake's `Host` names.
    pub host: HostHeader,
    /// The largest message accepted, in bytes.
    pub max_message: usize,
    /// How long name resolution, connecting, TLS and the upgrade may take together.
    pub timeout: Duration,
}

/// What a request's `Host` header names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HostHeader {
    /// The host as the URL spells it.
    Name,
    /// The address it resolved to: Chromium refuses any name but localhost.
    Address,
}

/// Tells which HTTP exchange an answer belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HttpId(pub(crate) u32);

impl HttpId {
    /// Numbers an exchange; a machine gives each of its exchanges another number.
    pub const fn new(number: u32) -> Self {
        Self(number)
    }

    /// Returns the exchange's number.
    pub const fn get(self) -> u32 {
        self.0
    }
}

/// One HTTP exchange. Redirects are answers like any other.
pub struct HttpRequest {
    /// Whom it goes to. Link-local addresses are refused for [`Peer::Browser`].
    pub peer: Peer,
    /// The method.
    pub method: Method,
    /// `http://` or `https://`: not for logs.
    pub url: String,
    /// What the `Host` header names.
    pub host: HostHeader,
    /// Goes into `Authorization: Bearer`.
    pub bearer: Option<ApiKey>,
    /// A JSON body.
    pub body: Option<String>,
    /// The largest answer accepted, in bytes.
    pub max_body: usize,
    /// How long the whole exchange may take.
    pub timeout: Duration,
}

/// An HTTP method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Method {
    Get,
    Post,
    Delete,
}

/// What an HTTP exchange brought.
#[derive(Clone, Copy)]
pub struct HttpResponse<'a> {
    /// The status code.
    pub status: u16,
    /// The `Date` header.
    pub date: Option<&'a str>,
    /// The `Retry-After` header, in seconds.
    pub retry_after: Option<u64>,
    /// The body.
    pub body: &'a [u8],
}

/// Why a WebSocket is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closed {
    /// It was closed with this code.
    Code(u16),
    /// It was closed without a code, or broke.
    Lost,
    /// It never opened.
    Failed(ConnectFailure),
}

/// Why a connection or an HTTP exchange failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectFailure {
    /// The address can't be read.
    #[error("the address is not valid")]
    InvalidUrl,
    /// The name doesn't resolve.
    #[error("the host name does not resolve")]
    Unresolved,
    /// It resolved to an address that is never allowed: link-local, where clouds keep credentials.
    #[error("link-local and metadata addresses are not allowed")]
    Forbidden,
    /// Nobody answers there.
    #[error("nothing accepts connections there")]
    Unreachable,
    /// It took too long.
    #[error("no answer in time")]
    TimedOut,
    /// The certificate or the TLS handshake is not acceptable.
    #[error("the TLS connection could not be made")]
    Tls,
    /// The answer to a WebSocket upgrade was this HTTP status instead of 101.
    #[error("HTTP status {0} instead of a WebSocket")]
    Status(u16),
    /// The answer isn't HTTP or WebSocket, or broke off.
    #[error("the answer was not understood, or broke off")]
    Protocol,
    /// The answer is larger than allowed.
    #[error("the answer is too large")]
    TooLarge,
}
