//! One WebSocket that blocks: to write until the peer took it, to read for a moment only.

use std::{
    io::ErrorKind,
    net::TcpStream,
    time::{Duration, Instant},
};

use authloop_core::agent::io::{Closed, Connect, ConnectFailure, Message, Peer};
use tungstenite::{
    Bytes, Error, HandshakeError, Utf8Bytes, WebSocket,
    client::{IntoClientRequest as _, client_with_config},
    http::{HeaderValue, header},
    protocol::{CloseFrame, WebSocketConfig, frame::coding::CloseCode},
};

use crate::address::Address;

/// How long a peer may take what is written before it counts as lost.
const WRITE_WITHIN: Duration = Duration::from_secs(15);

/// How long a peer may take to answer a close frame.
const CLOSE_WITHIN: Duration = Duration::from_secs(5);

/// An open WebSocket.
pub(crate) struct Socket {
    stream: WebSocket<TcpStream>,
    sent: bool,
}

/// What was read.
pub(crate) enum Incoming {
    Text(Utf8Bytes),
    Binary(Bytes),
    /// Nothing for the machine: silence, a ping, a pong.
    Nothing,
}

impl Socket {
    /// Opens a WebSocket. Reads will wait for `patience` at most.
    pub(crate) fn open(
        peer: Peer,
        connect: &Connect,
        patience: Duration,
    ) -> Result<Self, ConnectFailure> {
        let address = Address::find(peer, &connect.url, connect.host)?;
        let stream = TcpStream::connect_timeout(&address.at, connect.timeout)
            .map_err(|_| ConnectFailure::Unreachable)?;
        set_up(&stream, connect.timeout).map_err(|_| ConnectFailure::Unreachable)?;
        let mut request = address
            .url
            .as_str()
            .into_client_request()
            .map_err(|_| ConnectFailure::InvalidUrl)?;
        let host = HeaderValue::try_from(address.host).map_err(|_| ConnectFailure::InvalidUrl)?;
        request.headers_mut().insert(header::HOST, host);
        let config = WebSocketConfig::default()
            .max_message_size(Some(connect.max_message))
            .max_frame_size(Some(connect.max_message));
        match client_with_config(request, stream, Some(config)) {
            Ok((stream, _)) => {
                stream
                    .get_ref()
                    .set_read_timeout(Some(patience))
                    .map_err(|_| ConnectFailure::Unreachable)?;
                let sent = false;
                Ok(Self { stream, sent })
            }
            Err(HandshakeError::Interrupted(_)) => Err(ConnectFailure::TimedOut),
            Err(HandshakeError::Failure(Error::Http(answer))) => {
                Err(ConnectFailure::Status(answer.status().as_u16()))
            }
            Err(HandshakeError::Failure(_)) => Err(ConnectFailure::Protocol),
        }
    }

    /// Sends one message and waits until it is on its way.
    pub(crate) fn send(&mut self, message: Message) -> Result<(), Closed> {
        self.sent = true;
        let message = match message {
            Message::Text(text) => tungstenite::Message::Text(text.into()),
            Message::Binary(bytes) => tungstenite::Message::Binary(bytes),
        };
        self.stream.send(message).map_err(|_| Closed::Lost)
    }

    /// Returns whether anything was sent since this was asked last.
    pub(crate) fn take_sent(&mut self) -> bool {
        std::mem::take(&mut self.sent)
    }

    /// Reads one message, or nothing.
    pub(crate) fn read(&mut self) -> Result<Incoming, Closed> {
        match self.stream.read() {
            Ok(tungstenite::Message::Text(text)) => Ok(Incoming::Text(text)),
            Ok(tungstenite::Message::Binary(bytes)) => Ok(Incoming::Binary(bytes)),
            Ok(tungstenite::Message::Close(frame)) => {
                let closed = frame.map_or(Closed::Lost, |frame| Closed::Code(frame.code.into()));
                // The answer to the close frame waits to be sent; the peer may be gone, though.
                let _answered = self.stream.flush();
                Err(closed)
            }
            Ok(
                tungstenite::Message::Ping(_)
                | tungstenite::Message::Pong(_)
                | tungstenite::Message::Frame(_),
            ) => Ok(Incoming::Nothing),
            Err(Error::Io(error)) if is_silence(error.kind()) => Ok(Incoming::Nothing),
            Err(_) => Err(Closed::Lost),
        }
    }

    /// Says goodbye and waits for the answer: closing at once could destroy what was sent last.
    pub(crate) fn close(mut self) {
        let until = Instant::now() + CLOSE_WITHIN;
        let normal = CloseFrame {
            code: CloseCode::Normal,
            reason: Utf8Bytes::default(),
        };
        if self.stream.close(Some(normal)).is_ok() {
            while Instant::now() < until && self.read().is_ok() {}
        }
    }
}

/// A loop for slow lines sets `TCP_NOTSENT_LOWAT` as well, so that what counts as sent has left.
fn set_up(stream: &TcpStream, handshake: Duration) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(handshake))?;
    stream.set_write_timeout(Some(WRITE_WITHIN))
}

/// What a read that found nothing in time is called differs by platform.
fn is_silence(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted
    )
}
