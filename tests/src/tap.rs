//! A tap on the wire between the human's browser and the relay.
//!
//! It is the browser's HTTP proxy, for addresses on this computer only: it passes every byte on as it
//! came and keeps a copy. What it shows is what the relay itself gets and gives, no more and no less,
//! because between browser and relay there is no TLS here.

use std::{
    io::{self, Cursor, Read, Write},
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex},
};

use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    task::{JoinHandle, JoinSet},
};
use tokio_tungstenite::tungstenite::{
    Message,
    protocol::{Role, WebSocket},
};

use crate::http::read_head;

/// Most bytes that are kept of one direction of one connection.
const MAX_KEPT: usize = 64 << 20;

/// A proxy on 127.0.0.1 that keeps what passes; dropped, its connections break.
pub struct Tap {
    address: SocketAddr,
    conversations: Arc<Mutex<Vec<Conversation>>>,
    listening: JoinHandle<()>,
}

/// One connection's bytes in both directions.
#[derive(Default)]
struct Conversation {
    to_relay: Vec<u8>,
    to_viewer: Vec<u8>,
}

#[derive(Clone, Copy)]
enum Way {
    ToRelay,
    ToViewer,
}

impl Tap {
    /// Starts listening on a free port.
    pub async fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .await
            .expect("a free port");
        let address = listener.local_addr().expect("bound");
        let conversations = Arc::default();
        let listening = tokio::spawn(listen(listener, Arc::clone(&conversations)));
        Self {
            address,
            conversations,
            listening,
        }
    }

    /// Returns where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns the WebSocket messages that the viewer has sent to the relay, oldest first.
    pub fn to_relay(&self) -> Vec<Vec<u8>> {
        self.messages(Way::ToRelay)
    }

    /// Returns the WebSocket messages that the relay has sent to the viewer, oldest first.
    pub fn to_viewer(&self) -> Vec<Vec<u8>> {
        self.messages(Way::ToViewer)
    }

    fn messages(&self, way: Way) -> Vec<Vec<u8>> {
        let conversations = self.conversations.lock().expect("no test panics here");
        let messages = conversations.iter().flat_map(|conversation| {
            let is_websocket = conversation.to_viewer.starts_with(b"HTTP/1.1 101 ");
            let (bytes, role) = match way {
                Way::ToRelay => (&conversation.to_relay, Role::Server),
                Way::ToViewer => (&conversation.to_viewer, Role::Client),
            };
            let body = is_websocket.then(|| after_head(bytes)).flatten();
            read_messages(body.unwrap_or_default(), role)
        });
        messages.collect()
    }
}

impl Drop for Tap {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

async fn listen(listener: TcpListener, conversations: Arc<Mutex<Vec<Conversation>>>) {
    // Dropped with the listening task, so that every connection ends with it.
    let mut connections = JoinSet::new();
    while let Ok((client, _)) = listener.accept().await {
        connections.spawn(pass(client, Arc::clone(&conversations)));
    }
}

/// Serves one connection of the browser's, to one address. How it ends is its own affair.
async fn pass(
    mut client: TcpStream,
    conversations: Arc<Mutex<Vec<Conversation>>>,
) -> io::Result<()> {
    let head = read_head(&mut client).await?;
    let text = String::from_utf8_lossy(&head);
    let mut words = text.split(' ');
    let (method, target) = (words.next(), words.next().unwrap_or_default());
    let is_tunnel = method == Some("CONNECT");
    let authority = target.strip_prefix("http://").unwrap_or(target);
    let authority = authority.split('/').next().unwrap_or_default();
    let Some(address) = authority
        .parse()
        .ok()
        .filter(|address: &SocketAddr| address.ip().is_loopback())
    else {
        return client.write_all(b"HTTP/1.1 403 Forbidden\r\n\r\n").await;
    };
    let mut server = TcpStream::connect(address).await?;
    let index = {
        let mut conversations = conversations.lock().expect("no test panics here");
        conversations.push(Conversation::default());
        conversations.len() - 1
    };
    let keep = |way: Way, bytes: &[u8]| {
        let mut conversations = conversations.lock().expect("no test panics here");
        let Some(conversation) = conversations.get_mut(index) else {
            return;
        };
        let kept = match way {
            Way::ToRelay => &mut conversation.to_relay,
            Way::ToViewer => &mut conversation.to_viewer,
        };
        if kept.len() + bytes.len() <= MAX_KEPT {
            kept.extend_from_slice(bytes);
        }
    };
    if is_tunnel {
        client
            .write_all(b"HTTP/1.1 200 Connection established\r\n\r\n")
            .await?;
    } else {
        keep(Way::ToRelay, &head);
        server.write_all(&head).await?;
    }
    let (client_reads, client_writes) = client.split();
    let (server_reads, server_writes) = server.split();
    tokio::select! {
        ended = copy(client_reads, server_writes, |bytes| keep(Way::ToRelay, bytes)) => ended,
        ended = copy(server_reads, client_writes, |bytes| keep(Way::ToViewer, bytes)) => ended,
    }
}

async fn copy(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    keep: impl Fn(&[u8]),
) -> io::Result<()> {
    let mut buffer = vec![0; 65_536];
    loop {
        let length = from.read(&mut buffer).await?;
        let part = buffer.get(..length).unwrap_or_default();
        if part.is_empty() {
            return Ok(());
        }
        // Kept before it is passed on: what has had its effect can be found.
        keep(part);
        to.write_all(part).await?;
    }
}

fn after_head(bytes: &[u8]) -> Option<&[u8]> {
    let at = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
    bytes.get(at + 4..)
}

fn read_messages(body: &[u8], role: Role) -> Vec<Vec<u8>> {
    let mut socket = WebSocket::from_raw_socket(Recording(Cursor::new(body)), role, None);
    // The recording's end is an error, in the middle of a message or not.
    std::iter::from_fn(|| socket.read().ok())
        .filter(|message| matches!(message, Message::Text(_) | Message::Binary(_)))
        .map(|message| message.into_data().to_vec())
        .collect()
}

/// Can be read; answers to it go nowhere.
struct Recording<'a>(Cursor<&'a [u8]>);

impl Read for Recording<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        Read::read(&mut self.0, buffer)
    }
}

impl Write for Recording<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use futures::{SinkExt as _, StreamExt as _};
    use tokio_tungstenite::{accept_async, client_async};

    use super::*;

    /// Opens a connection through the tap, as a browser asks for a WebSocket's.
    async fn through(tap: &Tap, to: &str) -> (TcpStream, String) {
        let mut stream = TcpStream::connect(tap.address()).await.expect("it listens");
        let request = format!("CONNECT {to} HTTP/1.1\r\nhost: {to}\r\n\r\n");
        stream
            .write_all(request.as_bytes())
            .await
            .expect("writable");
        let answer = read_head(&mut stream).await.expect("an answer");
        (stream, String::from_utf8_lossy(&answer).into_owned())
    }

    #[tokio::test]
    async fn every_message_of_a_websocket_is_kept_unmasked_and_in_order() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("bound").to_string();
        let relay = tokio::spawn(async move {
            let (stream, _) = listener.accept().await.expect("a viewer");
            let mut socket = accept_async(stream).await.expect("a WebSocket");
            while let Some(Ok(message)) = socket.next().await {
                if message.is_binary() {
                    socket.send(message).await.expect("the viewer reads");
                }
            }
        });
        let tap = Tap::start().await;
        let (stream, answer) = through(&tap, &address).await;
        assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
        let (mut socket, _) = client_async(format!("ws://{address}/stream"), stream)
            .await
            .expect("a WebSocket");
        for message in [
            Message::text("hello"),
            Message::Ping(vec![9].into()),
            Message::binary(vec![2, 0x11]),
            Message::binary(vec![7; 70_000]),
        ] {
            socket.send(message).await.expect("the relay reads");
        }
        let mut echoes = 0;
        while echoes < 2 {
            let echo = socket.next().await.expect("more").expect("a message");
            echoes += usize::from(echo.is_binary());
        }
        let (small, large) = (vec![2, 0x11], vec![7; 70_000]);
        assert_eq!(tap.to_viewer(), [small.clone(), large.clone()]);
        assert_eq!(tap.to_relay(), [b"hello".to_vec(), small, large]);
        drop(socket);
        relay.await.expect("the relay is well");
    }

    #[tokio::test]
    async fn only_addresses_on_this_computer_are_reached() {
        let tap = Tap::start().await;
        for other in ["192.0.2.1:80", "relay.example:80", ""] {
            let (_, answer) = through(&tap, other).await;
            assert!(answer.starts_with("HTTP/1.1 403 "), "{other}: {answer}");
        }
    }
}
