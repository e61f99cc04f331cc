//! async-std's connect, resolve and sleep. Decides nothing.

use std::{io, net::SocketAddr, time::Instant};

use async_std::{
    net::{TcpStream, ToSocketAddrs as _},
    task,
};
use authloop_driver::{Runtime, prepare};

/// async-std's global executor, its reactor and its clock, which is the system's.
#[derive(Clone, Copy, Debug, Default)]
pub struct AsyncStd;

impl Runtime for AsyncStd {
    type Stream = TcpStream;

    async fn resolve(&self, host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
        Ok((host, port).to_socket_addrs().await?.collect())
    }

    async fn connect(&self, at: SocketAddr) -> io::Result<Self::Stream> {
        let stream = TcpStream::connect(at).await?;
        prepare(&stream)?;
        Ok(stream)
    }

    fn sleep_until(&self, at: Instant) -> impl Future<Output = ()> + Send + 'static {
        task::sleep(at.saturating_duration_since(Instant::now()))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use async_std::net::TcpListener;

    use super::*;

    #[async_std::test]
    async fn connections_neither_delay_nor_hoard() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let at = listener.local_addr().expect("it is bound");
        let stream = AsyncStd.connect(at).await.expect("it listens");
        assert_eq!(stream.nodelay().ok(), Some(true));
        #[cfg(any(target_os = "android", target_os = "linux"))]
        assert_eq!(
            socket2::SockRef::from(&stream).tcp_notsent_lowat().ok(),
            Some(64 << 10)
        );
    }

    #[async_std::test]
    async fn localhost_resolves() {
        let found = AsyncStd.resolve("localhost", 80).await;
        let found = found.expect("it resolves");
        assert!(
            found
                .iter()
                .any(|at| at.ip().is_loopback() && at.port() == 80)
        );
    }

    #[async_std::test]
    async fn nobody_wakes_before_the_time() {
        let at = AsyncStd.now() + Duration::from_millis(20);
        AsyncStd.sleep_until(at).await;
        assert!(AsyncStd.now() >= at);
    }

    #[async_std::test]
    async fn a_time_that_has_passed_does_not_wait() {
        AsyncStd.sleep_until(AsyncStd.now()).await;
    }
}
