//! One WebSocket on a [`Wire`]: opening, open, parting. Each takes a turn whenever it likes, and
//! never waits: tungstenite keeps a half-done handshake, message or write until the next turn.

use std::{mem, rc::Rc};

use authloop_core::{
    agent::io::{Closed, Connect, ConnectFailure, Message, Peer},
    time::Timestamp,
};
use mio::{Registry, Token};
use tungstenite::{
    Bytes, ClientHandshake, Error, HandshakeError, Utf8Bytes, WebSocket,
    client::{IntoClientRequest as _, client_with_config},
    handshake::{MidHandshake, client::Response},
    http::{HeaderValue, header},
    protocol::{CloseFrame, WebSocketConfig, frame::coding::CloseCode},
};

use crate::{
    address::Address,
    wire::{Wire, would_block},
};

/// The most that may wait for a peer. Who lets more pile up counts as gone.
const MAX_UNSENT: usize = 32 << 20;

/// A WebSocket in use.
pub(crate) enum Socket {
    Opening(MidHandshake<ClientHandshake<Wire>>, Timestamp),
    Open(Open),
}

/// An open WebSocket.
pub(crate) struct Open {
    stream: WebSocket<Wire>,
    /// Something was handed to tungstenite, or is owed by it (a pong), and isn't flushed yet.
    unflushed: bool,
    /// The machine sent something and wasn't told yet that it is flushed.
    owes_drained: bool,
}

/// What a turn brought.
pub(crate) enum News {
    Opened,
    Drained,
    Text(Utf8Bytes),
    Binary(Bytes),
    /// Ping or pong: nothing for the machine.
    Control,
}

impl Socket {
    /// Starts to open a WebSocket.
    pub(crate) fn open(
        registry: &Rc<Registry>,
        token: Token,
        now: Timestamp,
        peer: Peer,
        connect: &Connect,
    ) -> Result<Self, ConnectFailure> {
        let address = Address::find(peer, &connect.url, connect.host)?;
        let wire =
            Wire::dial(registry, token, address.at).map_err(|_| ConnectFailure::Unreachable)?;
        let mut request = address
            .url
            .as_str()
            .into_client_request()
            .map_err(|_| ConnectFailure::InvalidUrl)?;
        let host = HeaderValue::try_from(address.host).map_err(|_| ConnectFailure::InvalidUrl)?;
        request.headers_mut().insert(header::HOST, host);
        let config = WebSocketConfig::default()
            .max_message_size(Some(connect.max_message))
            .max_frame_size(Some(connect.max_message))
            .max_write_buffer_size(MAX_UNSENT);
        let handshake = client_with_config(request, wire, Some(config));
        Self::after(handshake, now + connect.timeout)
    }

    /// A handshake is done, has failed, or goes on with the next turn.
    fn after(
        handshake: Result<(WebSocket<Wire>, Response), HandshakeError<ClientHandshake<Wire>>>,
        until: Timestamp,
    ) -> Result<Self, ConnectFailure> {
        match handshake {
            Ok((stream, _)) => Ok(Self::Open(Open {
                stream,
                unflushed: false,
                owes_drained: false,
            })),
            Err(HandshakeError::Interrupted(handshake)) => Ok(Self::Opening(handshake, until)),
            Err(HandshakeError::Failure(Error::Http(answer))) => {
                Err(ConnectFailure::Status(answer.status().as_u16()))
            }
            Err(HandshakeError::Failure(Error::Io(_))) => Err(ConnectFailure::Unreachable),
            Err(HandshakeError::Failure(_)) => Err(ConnectFailure::Protocol),
        }
    }

    /// Moves on, by one piece of news at most; a socket that is gone isn't given back.
    pub(crate) fn turn(self, now: Timestamp, listen: bool) -> Result<(Self, Option<News>), Closed> {
        match self {
            Self::Opening(_, until) if until <= now => {
                Err(Closed::Failed(ConnectFailure::TimedOut))
            }
            Self::Opening(handshake, until) => {
                let socket = Self::after(handshake.handshake(), until).map_err(Closed::Failed)?;
                let news = matches!(socket, Self::Open(_)).then_some(News::Opened);
                Ok((socket, news))
            }
            Self::Open(mut open) => {
                let news = open.turn(listen)?;
                Ok((Self::Open(open), news))
            }
        }
    }

    /// Hands a message to tungstenite, which keeps it until there is room.
    pub(crate) fn send(&mut self, message: Message) -> Result<(), Closed> {
        let Self::Open(open) = self else {
            return Ok(());
        };
        let message = match message {
            Message::Text(text) => tungstenite::Message::Text(text.into()),
            Message::Binary(bytes) => tungstenite::Message::Binary(bytes),
        };
        (open.unflushed, open.owes_drained) = (true, true);
        match open.stream.write(message) {
            Err(Error::WriteBufferFull(_)) => Err(Closed::Lost),
            // Whatever else is wrong is found by the next turn.
            Ok(()) | Err(_) => Ok(()),
        }
    }

    /// Closes, behind what was sent. Who wasn't open yet has nothing to say.
    pub(crate) fn part(self, until: Timestamp) -> Option<Parting> {
        let Self::Open(Open { mut stream, .. }) = self else {
            return None;
        };
        let normal = CloseFrame {
            code: CloseCode::Normal,
            reason: Utf8Bytes::default(),
        };
        unless_blocked(stream.close(Some(normal))).ok()?;
        Some(Parting { stream, until })
    }

    /// Returns until when it has to be open.
    pub(crate) fn deadline(&self) -> Option<Timestamp> {
        match self {
            Self::Opening(_, until) => Some(*until),
            Self::Open(_) => None,
        }
    }

    pub(crate) fn wire(&mut self) -> &mut Wire {
        match self {
            Self::Opening(handshake, _) => handshake.get_mut().get_mut(),
            Self::Open(open) => open.stream.get_mut(),
        }
    }
}

impl Open {
    /// Flushes what waits, then reads one message if anybody wants to hear it.
    ///
    /// A write that fails isn't the last word: the peer may have said why in a close frame that waits
    /// to be read.
    fn turn(&mut self, listen: bool) -> Result<Option<News>, Closed> {
        let mut broken = false;
        if self.unflushed {
            match unless_blocked(self.stream.flush()) {
                Ok(Some(())) => {
                    self.unflushed = false;
                    if mem::take(&mut self.owes_drained) {
                        return Ok(Some(News::Drained));
                    }
                }
                Ok(None) => {}
                Err(_) => broken = true,
            }
        }
        let message = if listen {
            unless_blocked(self.stream.read()).map_err(|_| Closed::Lost)?
        } else {
            None
        };
        let Some(message) = message else {
            return if broken { Err(Closed::Lost) } else { Ok(None) };
        };
        Ok(Some(match message {
            tungstenite::Message::Text(text) => News::Text(text),
            tungstenite::Message::Binary(bytes) => News::Binary(bytes),
            tungstenite::Message::Close(frame) => {
                // The answer is due, but nobody who has closed can be made to take it.
                let _answered = self.stream.flush();
                return Err(frame.map_or(Closed::Lost, |frame| Closed::Code(frame.code.into())));
            }
            tungstenite::Message::Ping(_) => {
                self.unflushed = true;
                News::Control
            }
            tungstenite::Message::Pong(_) | tungstenite::Message::Frame(_) => News::Control,
        }))
    }
}

/// A WebSocket that the machine has closed. Dropped at once it would lose what was sent last.
pub(crate) struct Parting {
    stream: WebSocket<Wire>,
    pub(crate) until: Timestamp,
}

impl Parting {
    /// Sends what waits and the goodbye, then reads on to the answer. Returns whether that moved
    /// anything, or nothing once it has parted.
    pub(crate) fn turn(&mut self, now: Timestamp) -> Option<bool> {
        if self.until <= now {
            return None;
        }
        unless_blocked(self.stream.flush()).ok()?;
        let heard = unless_blocked(self.stream.read()).ok()?;
        Some(heard.is_some())
    }

    pub(crate) fn wire(&mut self) -> &mut Wire {
        self.stream.get_mut()
    }
}

/// Turns "not now" into nothing: tungstenite has kept what it was given, and goes on when asked again.
fn unless_blocked<T>(result: Result<T, Error>) -> Result<Option<T>, Error> {
    match result {
        Ok(done) => Ok(Some(done)),
        Err(Error::Io(error)) if would_block(&error) => Ok(None),
        Err(error) => Err(error),
    }
}
