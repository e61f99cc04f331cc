//! From a configuration to a running server, and back down again.

use std::{
    io,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use axum::Router;
use hyper::{
    server::conn::http1,
    service::{Service as _, service_fn},
};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
};
use tokio_rustls::TlsAcceptor;
use tokio_util::{
    sync::{CancellationToken, DropGuard},
    task::TaskTracker,
};

use crate::{
    address::Addresses,
    app::App,
    clock::Clock,
    config::{RelayConfig, StartError},
    patience::Patient,
    registry::Registry,
    rest,
    tls::Identity,
};

/// How long a client may take for a TLS handshake, or to send a request's head.
const HEAD_WITHIN: Duration = Duration::from_secs(10);

/// How long accepting rests when the system has no file handles left.
const ACCEPT_PAUSE: Duration = Duration::from_millis(200);

/// The most that waits unsent in the kernel for one socket, in bytes: what is newer stays in the
/// room, where a newer frame can still replace it.
const NOT_SENT_LOW_WATER: u32 = 64 * 1024;

/// A relay that serves. Dropping it ends everything at once; [`RunningRelay::shutdown`] is kinder.
pub struct RunningRelay {
    app: Arc<App>,
    certificate: Option<Vec<u8>>,
    /// Cancelled: accept nothing more, finish what is open.
    stopping: CancellationToken,
    /// Dropped: end every task.
    _kill: DropGuard,
}

/// Starts a relay on the current tokio runtime.
pub async fn start(config: RelayConfig) -> Result<RunningRelay, StartError> {
    if config.api_keys.is_empty() {
        return Err(StartError::NoApiKey);
    }
    let listen = |source| StartError::Listen {
        address: config.listen,
        source,
    };
    let listener = TcpListener::bind(config.listen).await.map_err(listen)?;
    let local = listener.local_addr().map_err(listen)?;
    let addresses = Addresses::new(
        local,
        config.public_url.as_deref(),
        &config.stream_base,
        &config.tls,
    )?;
    let identity = Identity::prepare(&config.tls, addresses.subject_names())?;
    let kill = CancellationToken::new();
    let stopping = kill.child_token();
    let app = Arc::new(App {
        registry: Arc::new(Registry::new(Clock::new())),
        api_keys: config.api_keys,
        addresses,
        check_host: config.check_host,
        limits: config.limits,
        tasks: TaskTracker::new(),
        kill: kill.clone(),
    });
    let (certificate, acceptor) = identity
        .map(|identity| {
            (
                identity.certificate.to_vec(),
                TlsAcceptor::from(identity.config),
            )
        })
        .unzip();
    let server = Server {
        router: rest::router(Arc::clone(&app)),
        connections: Arc::new(Semaphore::new(app.limits.connections)),
        app: Arc::clone(&app),
        acceptor,
        stopping: stopping.clone(),
    };
    app.spawn(
        stopping
            .clone()
            .run_until_cancelled_owned(server.accept(listener)),
    );
    let registry = Arc::clone(&app.registry);
    app.spawn(
        stopping
            .clone()
            .run_until_cancelled_owned(async move { registry.keep_time().await }),
    );
    tracing::debug!(target: "authloop::relay", address = %local, "listening");
    Ok(RunningRelay {
        app,
        certificate,
        stopping,
        _kill: kill.drop_guard(),
    })
}

impl RunningRelay {
    /// Returns the address the relay listens on.
    pub fn local_addr(&self) -> SocketAddr {
        self.app.addresses.local
    }

    /// Returns the `http(s)://` base for an agent on this machine.
    pub fn base_url(&self) -> &str {
        &self.app.addresses.base_url
    }

    /// Returns the `http(s)://` base of the links that humans open.
    pub fn public_url(&self) -> &str {
        &self.app.addresses.public_url
    }

    /// Tells whether the links open on this computer only.
    pub fn is_loopback_only(&self) -> bool {
        self.app.addresses.is_loopback_only()
    }

    /// Returns the relay's own certificate, for clients that should trust exactly this one.
    pub fn certificate_der(&self) -> Option<&[u8]> {
        self.certificate.as_deref()
    }

    /// Stops accepting, tells every socket to come back later (1012), and waits for `grace` at
    /// most until they have gone.
    pub async fn shutdown(self, grace: Duration) {
        self.stopping.cancel();
        self.app.registry.drain_all();
        self.app.tasks.close();
        let gone = tokio::time::timeout(grace, self.app.tasks.wait()).await;
        tracing::info!(target: "authloop::relay", in_time = gone.is_ok(), "stopped");
    }
}

/// What a request's extensions say of its connection. Held as long as the connection lives, as
/// whatever it was upgraded to.
#[derive(Clone)]
pub(crate) struct Connection {
    /// The other end of it: behind a proxy, the proxy. What headers say is anybody's invention.
    pub(crate) peer: IpAddr,
    _permit: Arc<OwnedSemaphorePermit>,
}

struct Server {
    router: Router,
    connections: Arc<Semaphore>,
    app: Arc<App>,
    acceptor: Option<TlsAcceptor>,
    stopping: CancellationToken,
}

impl Server {
    async fn accept(self, listener: TcpListener) {
        loop {
            let Ok(permit) = Arc::clone(&self.connections).acquire_owned().await else {
                return;
            };
            match listener.accept().await {
                Ok((stream, peer)) => self.serve(stream, peer.ip(), permit),
                Err(error) if is_the_clients(&error) => {}
                Err(error) => {
                    tracing::warn!(target: "authloop::relay", %error, "can't accept");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            }
        }
    }

    fn serve(&self, stream: TcpStream, peer: IpAddr, permit: OwnedSemaphorePermit) {
        if tune(&stream).is_err() {
            return;
        }
        let connection = Connection {
            peer,
            _permit: Arc::new(permit),
        };
        let router = self.router.clone();
        let stopping = self.stopping.clone();
        let acceptor = self.acceptor.clone();
        let stream = Patient::new(stream, self.app.limits.write_within);
        self.app.spawn(async move {
            match acceptor {
                None => serve_http(stream, router, connection, stopping).await,
                Some(acceptor) => {
                    let handshake = acceptor.accept(stream);
                    if let Ok(Ok(stream)) = tokio::time::timeout(HEAD_WITHIN, handshake).await {
                        serve_http(stream, router, connection, stopping).await;
                    }
                }
            }
        });
    }
}

/// Serves one connection until it closes, is upgraded, or the relay stops.
async fn serve_http(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    router: Router,
    about: Connection,
    stopping: CancellationToken,
) {
    let router = TowerToHyperService::new(router);
    let service = service_fn(move |mut request| {
        request.extensions_mut().insert(about.clone());
        router.call(request)
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_WITHIN)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    tokio::pin!(connection);
    // How a connection ends is the client's affair.
    tokio::select! {
        _ = connection.as_mut() => {}
        () = stopping.cancelled() => {
            connection.as_mut().graceful_shutdown();
            let _ = connection.await;
        }
    }
}

fn tune(stream: &TcpStream) -> io::Result<()> {
    stream.set_nodelay(true)?;
    #[cfg(any(target_os = "linux", target_os = "android"))]
    socket2::SockRef::from(stream).set_tcp_notsent_lowat(NOT_SENT_LOW_WATER)?;
    Ok(())
}

/// Tells whether accepting failed for one client only.
fn is_the_clients(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    let kind = error.kind();
    kind == ConnectionAborted || kind == ConnectionRefused || kind == ConnectionReset
}
