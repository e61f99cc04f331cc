//! The seam to an async runtime: connect, resolve, sleep, now.
//!
//! Decides nothing. An adapter is some twenty lines; everything that could go wrong in one lives
//! above this trait, where it is written and tested once. Nothing here spawns.

use std::{io, net::SocketAddr, time::Instant};

use futures::{AsyncRead, AsyncWrite};

/// What the driver needs of an async runtime.
pub trait Runtime: Send + Sync + 'static {
    /// A TCP connection, as futures-io sees it.
    ///
    /// It should not delay small writes (`TCP_NODELAY`), and should hold little that isn't on its
    /// way yet (`TCP_NOTSENT_LOWAT` where there is one): "flushed" is the only measure of a slow
    /// link that protocol version 1 has. [`crate::prepare`] sees to both.
    type Stream: AsyncRead + AsyncWrite + Unpin + Send + 'static;

    /// Resolves a host name. Addresses come in the order in which they should be tried.
    fn resolve(
        &self,
        host: &str,
        port: u16,
    ) -> impl Future<Output = io::Result<Vec<SocketAddr>>> + Send;

    /// Opens a TCP connection. Dropping the future gives the attempt up.
    fn connect(&self, at: SocketAddr) -> impl Future<Output = io::Result<Self::Stream>> + Send;

    /// Completes once [`Runtime::now`] has reached `at`, not before.
    fn sleep_until(&self, at: Instant) -> impl Future<Output = ()> + Send + 'static;

    /// Returns the runtime's monotonic time.
    fn now(&self) -> Instant {
        Instant::now()
    }
}
