//! The connection to one peer: none, being made, or open.
//!
//! Turns what the socket does into what the machine hears. Closed sockets leave for
//! [`crate::farewell`]: the machine never hears of them again.

use std::task::{Context, Poll};

use async_tungstenite::WebSocketStream;
use authloop_core::{
    agent::io::{Closed, ConnectFailure, Input, Message, Peer},
    time::Timestamp,
};
use futures::{AsyncRead, AsyncWrite, FutureExt as _, future::BoxFuture};
use tracing::debug;

use crate::{
    farewell::Partings,
    machine::Machine,
    socket::{Farewell, Gone, Incoming, Socket},
    transport::Transport,
};

/// A connection that is being made.
pub(crate) type Dialling<S> =
    BoxFuture<'static, Result<WebSocketStream<Transport<S>>, ConnectFailure>>;

/// The close code of a session that is over, or of a socket that has served its purpose.
const NORMAL: u16 = 1000;

/// The connection to one peer.
pub(crate) struct Link<S> {
    peer: Peer,
    state: State<S>,
}

enum State<S> {
    Absent,
    Dialling {
        dialling: Dialling<S>,
        until: Timestamp,
    },
    Open(Box<Socket<S>>),
}

impl<S: AsyncRead + AsyncWrite + Unpin> Link<S> {
    pub(crate) fn new(peer: Peer) -> Self {
        Self {
            peer,
            state: State::Absent,
        }
    }

    /// Starts to connect. The machine closed what was there before.
    pub(crate) fn connect(&mut self, dialling: Dialling<S>, until: Timestamp) {
        log(self.peer, "Connecting", None);
        self.state = State::Dialling { dialling, until };
    }

    /// Queues a message. Without an open socket it goes the way of those that were on a lost one.
    pub(crate) fn send(&mut self, message: Message) {
        match &mut self.state {
            State::Open(socket) => socket.send(message),
            State::Absent | State::Dialling { .. } => {}
        }
    }

    /// Closes the socket behind what was sent, or gives up connecting.
    pub(crate) fn close(&mut self, now: Timestamp, partings: &mut Partings<S>) {
        self.part(now, Farewell::Code(NORMAL), partings);
    }

    /// Moves the connection on, one message at most; tells the machine what happened. Returns
    /// whether anything did.
    pub(crate) fn poll(
        &mut self,
        cx: &mut Context<'_>,
        now: Timestamp,
        machine: &mut impl Machine,
        partings: &mut Partings<S>,
    ) -> bool {
        match &mut self.state {
            State::Absent => false,
            State::Dialling { dialling, until } => {
                let result = match dialling.poll_unpin(cx) {
                    Poll::Ready(result) => result,
                    Poll::Pending if now < *until => return false,
                    Poll::Pending => Err(ConnectFailure::TimedOut),
                };
                match result {
                    Ok(stream) => {
                        let socket = Socket::new(now, self.peer, stream);
                        self.state = State::Open(Box::new(socket));
                        log(self.peer, "Connected", None);
                        machine.handle(now, Input::Opened(self.peer));
                    }
                    Err(failure) => {
                        self.state = State::Absent;
                        let closed = Closed::Failed(failure);
                        log(self.peer, "Not connected", Some(closed));
                        machine.handle(now, Input::Closed(self.peer, closed));
                    }
                }
                true
            }
            State::Open(socket) => match poll_open(socket, cx, now, self.peer, machine) {
                Ok(moved) => moved,
                Err(gone) => {
                    log(self.peer, "Disconnected", Some(gone.closed));
                    self.part(now, gone.farewell, partings);
                    machine.handle(now, Input::Closed(self.peer, gone.closed));
                    true
                }
            },
        }
    }

    pub(crate) fn is_absent(&self) -> bool {
        match self.state {
            State::Absent => true,
            State::Dialling { .. } | State::Open(_) => false,
        }
    }

    /// Returns when [`Link::poll`] has to be called next.
    pub(crate) fn deadline(&self) -> Option<Timestamp> {
        match &self.state {
            State::Absent => None,
            State::Dialling { until, .. } => Some(*until),
            State::Open(socket) => socket.deadline(),
        }
    }

    fn part(&mut self, now: Timestamp, farewell: Farewell, partings: &mut Partings<S>) {
        if let State::Open(socket) = std::mem::replace(&mut self.state, State::Absent) {
            partings.begin(now, *socket, farewell);
        }
    }
}

/// Writes what can be written, then reads one message if the machine wants it.
///
/// A write that fails isn't the last word: the peer may have said why in a close frame that waits
/// to be read. So the socket counts as gone once reading has come to its end, too.
fn poll_open<S: AsyncRead + AsyncWrite + Unpin>(
    socket: &mut Socket<S>,
    cx: &mut Context<'_>,
    now: Timestamp,
    peer: Peer,
    machine: &mut impl Machine,
) -> Result<bool, Gone> {
    let mut moved = false;
    let mut broken = None;
    match socket.poll_write(cx) {
        Poll::Ready(Ok(owes_drained)) => {
            moved = true;
            if owes_drained {
                machine.handle(now, Input::Drained(peer));
            }
        }
        Poll::Ready(Err(gone)) => broken = Some(gone),
        Poll::Pending => {}
    }
    let reading = machine.wants(peer);
    if reading && let Poll::Ready(incoming) = socket.poll_read(cx) {
        moved = true;
        match incoming? {
            Incoming::Text(text) => machine.handle(now, Input::Text(peer, &text)),
            Incoming::Binary(bytes) => machine.handle(now, Input::Binary(peer, &bytes)),
            Incoming::Control => {}
        }
    } else if let Some(gone) = broken {
        return Err(gone);
    }
    moved |= socket.check_vitals(now, reading)?;
    Ok(moved)
}

/// Neither address nor content: both hold secrets.
fn log(peer: Peer, event: &str, why: Option<Closed>) {
    match peer {
        Peer::Browser => debug!(target: "authloop::cdp", ?why, "{event}"),
        Peer::Relay => debug!(target: "authloop::stream", ?why, "{event}"),
    }
}

#[cfg(test)]
mod tests {
    use async_tungstenite::{
        accept_async, client_async,
        tungstenite::protocol::{CloseFrame, frame::coding::CloseCode},
    };
    use futures::{executor::block_on, future, task::noop_waker_ref};

    use super::*;
    use crate::testing::{Script, duplex};

    #[test]
    fn a_write_that_fails_does_not_hide_why_the_peer_closed() {
        let (ours, theirs) = duplex(1_000);
        let (stream, _) = block_on(async {
            let client = client_async("ws://relay/", Transport::plain(ours));
            let server = async {
                let mut server = accept_async(theirs).await.expect("an upgrade");
                let close = CloseFrame {
                    code: CloseCode::from(4410),
                    reason: "".into(),
                };
                server.close(Some(close)).await.expect("connected");
            };
            future::join(client, server).await.0
        })
        .expect("an upgrade");
        let now = Timestamp::default();
        let mut socket = Socket::new(now, Peer::Relay, stream);
        socket.send(Message::Text("too late".to_owned()));
        let mut cx = Context::from_waker(noop_waker_ref());
        let mut machine = Script::new(Vec::new());
        let gone = poll_open(&mut socket, &mut cx, now, Peer::Relay, &mut machine);
        assert_eq!(gone.map_err(|gone| gone.closed), Err(Closed::Code(4410)));
    }
}
