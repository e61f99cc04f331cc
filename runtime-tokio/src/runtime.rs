//! tokio's connect, resolve, sleep and now. Decides nothing.

use std::{io, net::SocketAddr, time::Instant};

use authloop_driver::{Runtime, prepare};
use tokio::{
    net::{TcpStream, lookup_host},
    time,
};
use tokio_util::compat::{Compat, TokioAsyncReadCompatExt as _};

/// The tokio runtime that the future runs on.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tokio;

impl Runtime for Tokio {
    type Stream = Compat<TcpStream>;

    async fn resolve(&self, host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
        Ok(lookup_host((host, port)).await?.collect())
    }

    async fn connect(&self, at: SocketAddr) -> io::Result<Self::Stream> {
        let stream = TcpStream::connect(at).await?;
        prepare(&stream)?;
        Ok(stream.compat())
    }

    fn sleep_until(&self, at: Instant) -> impl Future<Output = ()> + Send + 'static {
        time::sleep_until(at.into())
    }

    fn now(&self) -> Instant {
        time::Instant::now().into()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::net::TcpListener;

    use super::*;

    #[tokio::test]
    async fn connections_neither_delay_nor_hoard() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let at = listener.local_addr().expect("it is bound");
        let stream = Tokio.connect(at).await.expect("it listens").into_inner();
        assert_eq!(stream.nodelay().ok(), Some(true));
        #[cfg(any(target_os = "android", target_os = "linux"))]
        assert_eq!(
            socket2::SockRef::from(&stream).tcp_notsent_lowat().ok(),
            Some(64 << 10)
        );
    }

    #[tokio::test]
    async fn localhost_resolves() {
        let found = Tokio.resolve("localhost", 80).await.expect("it resolves");
        assert!(
            found
                .iter()
                .any(|at| at.ip().is_loopback() && at.port() == 80)
        );
    }

    #[tokio::test(start_paused = true)]
    async fn time_is_tokios() {
        let before = Tokio.now();
        let at = before + Duration::from_secs(3_600);
        Tokio.sleep_until(at).await;
        assert_eq!(Tokio.now(), at);
    }
}
