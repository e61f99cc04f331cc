//! Standard input and output as an MCP transport that notices when nobody is there any more.
//!
//! Fires a token at the end of input and at the first failed write: whoever waits must not wait
//! for the library's own, slower way to end. Before the first request it passes requests only,
//! because a stray notification would end the server.

use std::io;

use rmcp::{
    RoleServer,
    model::JsonRpcMessage,
    service::{RxJsonRpcMessage, TxJsonRpcMessage},
    transport::{Transport, async_rw::AsyncRwTransport},
};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_util::sync::CancellationToken;

/// A transport over any reader and writer.
pub struct Watched<R: AsyncRead, W: AsyncWrite> {
    inner: AsyncRwTransport<RoleServer, R, W>,
    gone: CancellationToken,
    has_requested: bool,
}

impl<R, W> Watched<R, W>
where
    R: AsyncRead + Send + Unpin,
    W: AsyncWrite + Send + Unpin + 'static,
{
    /// Wraps a reader and a writer; `gone` fires when either has ended.
    pub fn new(reader: R, writer: W, gone: CancellationToken) -> Self {
        Self {
            inner: AsyncRwTransport::new_server(reader, writer),
            gone,
            has_requested: false,
        }
    }
}

impl<R, W> Transport<RoleServer> for Watched<R, W>
where
    R: AsyncRead + Send + Unpin,
    W: AsyncWrite + Send + Unpin + 'static,
{
    type Error = io::Error;

    fn send(
        &mut self,
        item: TxJsonRpcMessage<RoleServer>,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send + 'static {
        let sending = self.inner.send(item);
        let gone = self.gone.clone();
        async move { sending.await.inspect_err(|_| gone.cancel()) }
    }

    async fn receive(&mut self) -> Option<RxJsonRpcMessage<RoleServer>> {
        loop {
            let Some(message) = self.inner.receive().await else {
                self.gone.cancel();
                return None;
            };
            self.has_requested |= matches!(message, JsonRpcMessage::Request(_));
            if self.has_requested {
                return Some(message);
            }
        }
    }

    async fn close(&mut self) -> Result<(), Self::Error> {
        self.inner.close().await
    }
}
