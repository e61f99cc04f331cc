//! Somebody who knows the relay's token of a session, as the relay and its proxies do, and not the
//! secret in its link.

use authloop_core::crypto::v2::ViewerLink;
use futures::{SinkExt as _, StreamExt as _};
use tokio::net::TcpStream;
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Message, client::IntoClientRequest as _},
};

use crate::wait::soon;

/// A socket that the relay takes for a viewer's.
pub struct Stranger {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
}

impl Stranger {
    /// Comes to a session of version 2, and waits until the relay says that the agent is there.
    ///
    /// # Panics
    ///
    /// Fails the test if the token doesn't admit.
    pub async fn at(session_url: &str) -> Self {
        let link = ViewerLink::parse(session_url).expect("a link of version 2");
        let request = link.stream_url.as_str().into_client_request();
        let mut request = request.expect("an address");
        let protocols = format!("authloop.v2, {}", link.link.admission_token().expose());
        request.headers_mut().insert(
            "sec-websocket-protocol",
            protocols.parse().expect("a header"),
        );
        let connected = soon("the relay", connect_async(request)).await;
        let (mut socket, _) = connected.expect("the token admits");
        let told = soon("the relay's word", socket.next()).await;
        let told = told.expect("open").expect("open");
        assert!(told.to_string().contains("agent_connected"), "{told}");
        Self { socket }
    }

    /// Makes up a hello, and returns the code the socket is closed with.
    ///
    /// # Panics
    ///
    /// Fails the test if a record comes: a stranger gets none.
    pub async fn knocks(mut self, fill: u8) -> u16 {
        let mut hello = vec![2, 1];
        hello.resize(16, 0);
        hello.push(4);
        hello.resize(160, fill);
        let sent = self.socket.send(Message::binary(hello)).await;
        sent.expect("open");
        loop {
            let said = soon("the end", self.socket.next()).await;
            let said = said.expect("a close").expect("a close");
            if let Message::Close(frame) = said {
                return frame.expect("a code").code.into();
            }
            assert!(!said.is_binary(), "a stranger gets no record");
        }
    }
}
