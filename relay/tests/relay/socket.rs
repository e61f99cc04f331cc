//! A stream socket that hears with patience.

use std::time::Duration;

use bytes::Bytes;
use futures::{SinkExt as _, StreamExt as _};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    time::timeout,
};
use tokio_tungstenite::{
    WebSocketStream, client_async_with_config,
    tungstenite::{
        Message,
        client::IntoClientRequest as _,
        http::{HeaderValue, header},
        protocol::WebSocketConfig,
    },
};

/// How long anything may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// Bytes in both directions, encrypted or not.
trait Wire: AsyncRead + AsyncWrite + Unpin + Send {}

impl<T: AsyncRead + AsyncWrite + Unpin + Send> Wire for T {}

pub(crate) struct Socket(WebSocketStream<Box<dyn Wire>>);

impl Socket {
    pub(crate) async fn open(url: &str) -> Self {
        Self::open_with(url, "").await
    }

    /// Opens a socket and offers subprotocols, of which the first of version 2 must be chosen.
    pub(crate) async fn open_with(url: &str, subprotocols: &str) -> Self {
        let address = url
            .strip_prefix("ws://")
            .and_then(|rest| rest.split('/').next())
            .expect("a plain address");
        let stream = TcpStream::connect(address).await.expect("it listens");
        stream.set_nodelay(true).expect("a socket");
        Self::open_over(stream, url, subprotocols).await
    }

    /// The same over a connection that is there already.
    pub(crate) async fn open_over(
        stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
        url: &str,
        subprotocols: &str,
    ) -> Self {
        let config = WebSocketConfig::default()
            .max_message_size(None)
            .max_frame_size(None);
        let mut request = url.into_client_request().expect("a URL");
        let chosen = (!subprotocols.is_empty()).then(|| {
            let offered = HeaderValue::from_str(subprotocols).expect("plain names");
            let headers = request.headers_mut();
            headers.insert(header::SEC_WEBSOCKET_PROTOCOL, offered);
            HeaderValue::from_static("authloop.v2")
        });
        let stream: Box<dyn Wire> = Box::new(stream);
        let (socket, answer) = client_async_with_config(request, stream, Some(config))
            .await
            .expect("refusals come after the upgrade");
        let headers = answer.headers();
        assert!(
            !headers.contains_key(header::SEC_WEBSOCKET_EXTENSIONS),
            "no compression"
        );
        assert_eq!(
            headers.get(header::SEC_WEBSOCKET_PROTOCOL),
            chosen.as_ref(),
            "version 2 is answered when it's asked for, and never else"
        );
        Self(socket)
    }

    pub(crate) async fn send(&mut self, record: Vec<u8>) {
        self.0
            .send(Message::Binary(record.into()))
            .await
            .expect("sent");
    }

    /// Sends without caring whether the other end still listens.
    pub(crate) async fn try_send(&mut self, record: Vec<u8>) {
        let _ = self.0.send(Message::Binary(record.into())).await;
    }

    pub(crate) async fn hears_record(&mut self, record: &[u8]) {
        let heard = self.hear().await;
        assert!(heard == Heard::Binary(record.to_vec()), "another record");
    }

    pub(crate) async fn say(&mut self, text: &str) {
        self.0.send(Message::text(text)).await.expect("sent");
    }

    pub(crate) async fn show(&mut self, meta: &str, jpeg: Vec<u8>) {
        self.0.feed(Message::text(meta)).await.expect("sent");
        self.0
            .send(Message::Binary(jpeg.into()))
            .await
            .expect("sent");
    }

    /// Sends without caring whether the other end still listens.
    pub(crate) async fn try_say(&mut self, text: String) {
        let _ = self.0.send(Message::text(text)).await;
    }

    /// Says the same many times in one go.
    pub(crate) async fn say_often(&mut self, times: usize, text: &'static str) {
        for _ in 0..times {
            // The other end may have had enough.
            if self.0.feed(Message::text(text)).await.is_err() {
                return;
            }
        }
        let _ = self.0.flush().await;
    }

    /// Sends pings and reads nothing meanwhile.
    pub(crate) async fn ping(&mut self, times: usize, payload: &'static [u8]) {
        for _ in 0..times {
            let ping = Message::Ping(Bytes::from_static(payload));
            self.0.feed(ping).await.expect("sent");
        }
        self.0.flush().await.expect("sent");
    }

    /// Reads on until a text comes; returns how many answers to pings came before it.
    pub(crate) async fn pongs_before(&mut self, text: &str) -> usize {
        let mut pongs = 0;
        loop {
            match timeout(PATIENCE, self.0.next()).await.expect("it comes") {
                Some(Ok(Message::Pong(_))) => pongs += 1,
                Some(Ok(Message::Text(heard))) if heard.as_str() == text => return pongs,
                Some(Ok(_)) => {}
                Some(Err(_)) | None => unreachable!("the socket is open"),
            }
        }
    }

    /// The next text or binary message, or how the socket was closed.
    pub(crate) async fn hear(&mut self) -> Heard {
        loop {
            let next = timeout(PATIENCE, self.0.next())
                .await
                .expect("something comes");
            match next {
                Some(Ok(Message::Text(text))) => return Heard::Text(text.as_str().to_owned()),
                Some(Ok(Message::Binary(bytes))) => return Heard::Binary(bytes.to_vec()),
                Some(Ok(Message::Close(Some(frame)))) => {
                    return Heard::Closed(frame.code.into(), frame.reason.as_str().to_owned());
                }
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                Some(Ok(Message::Close(None) | Message::Frame(_)) | Err(_)) | None => {
                    return Heard::Lost;
                }
            }
        }
    }

    pub(crate) async fn hears(&mut self, text: &str) {
        assert_eq!(self.hear().await, Heard::Text(text.into()));
    }

    pub(crate) async fn hears_notice(&mut self, kind: &str) {
        self.hears(&format!(r#"{{"type":"{kind}"}}"#)).await;
    }

    /// Reads on until the socket is closed; returns the code.
    pub(crate) async fn is_closed(&mut self) -> u16 {
        loop {
            match self.hear().await {
                Heard::Text(_) | Heard::Binary(_) => {}
                Heard::Closed(code, reason) => {
                    assert!(!reason.is_empty(), "every close has words");
                    return code;
                }
                Heard::Lost => return 1006,
            }
        }
    }

    pub(crate) async fn close(mut self) {
        self.0.close(None).await.expect("closed");
        while self.0.next().await.is_some_and(|heard| heard.is_ok()) {}
    }
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Heard {
    Text(String),
    Binary(Vec<u8>),
    Closed(u16, String),
    Lost,
}
