//! A byte stream, plain or TLS, that counts what passes.
//!
//! The counts are signs of life: a link that still moves bytes is alive, however long the message.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
};

use futures::{AsyncRead, AsyncWrite};
use futures_rustls::client::TlsStream;

/// A connection to a peer.
pub(crate) struct Transport<S> {
    stream: Stream<S>,
    read: usize,
    written: usize,
}

enum Stream<S> {
    Plain(S),
    Tls(Box<TlsStream<S>>),
}

impl<S> Transport<S> {
    /// Wraps a TCP connection.
    pub(crate) fn plain(stream: S) -> Self {
        Self::new(Stream::Plain(stream))
    }

    /// Wraps a TLS connection.
    pub(crate) fn tls(stream: TlsStream<S>) -> Self {
        Self::new(Stream::Tls(Box::new(stream)))
    }

    /// Returns how many bytes were read so far, wrapping.
    pub(crate) fn bytes_read(&self) -> usize {
        self.read
    }

    /// Returns how many bytes were written so far, wrapping.
    pub(crate) fn bytes_written(&self) -> usize {
        self.written
    }

    fn new(stream: Stream<S>) -> Self {
        Self {
            stream,
            read: 0,
            written: 0,
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for Transport<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let read = ready!(match &mut self.stream {
            Stream::Plain(stream) => Pin::new(stream).poll_read(cx, buffer),
            Stream::Tls(stream) => Pin::new(stream).poll_read(cx, buffer),
        })?;
        self.read = self.read.wrapping_add(read);
        Poll::Ready(Ok(read))
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Transport<S> {
    /// Turns a write of nothing into an error: tungstenite's handshake would panic on it.
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = ready!(match &mut self.stream {
            Stream::Plain(stream) => Pin::new(stream).poll_write(cx, bytes),
            Stream::Tls(stream) => Pin::new(stream).poll_write(cx, bytes),
        })?;
        if written == 0 && !bytes.is_empty() {
            return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
        }
        self.written = self.written.wrapping_add(written);
        Poll::Ready(Ok(written))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.stream {
            Stream::Plain(stream) => Pin::new(stream).poll_flush(cx),
            Stream::Tls(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.stream {
            Stream::Plain(stream) => Pin::new(stream).poll_close(cx),
            Stream::Tls(stream) => Pin::new(stream).poll_close(cx),
        }
    }
}
