//! A link that can be slow, and that remembers how conversations began.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{
        TcpListener, TcpSocket, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    task::JoinHandle,
    time::{Instant, sleep_until},
};

/// Most bytes that are kept.
const MAX_KEPT: usize = 64 << 20;

/// A TCP proxy on 127.0.0.1; dropped, its connections break.
pub struct Proxy {
    address: SocketAddr,
    shared: Arc<Shared>,
    listening: JoinHandle<()>,
}

struct Shared {
    /// Bytes a second towards whoever connected.
    rate: Option<u64>,
    /// What each client said first, up to 4 KiB.
    openings: Mutex<Vec<String>>,
    /// All that was said, both ways, in the order it came; up to 64 MiB.
    passed: Mutex<Vec<u8>>,
    delivered: AtomicU64,
    upstream: SocketAddr,
}

impl Proxy {
    /// Passes everything on as it comes.
    pub async fn to(upstream: SocketAddr) -> Self {
        Self::start(upstream, None).await
    }

    /// Passes at most `rate` bytes a second on to whoever connects, with a small buffer as a
    /// slow line has. The other direction stays fast.
    pub async fn slow(upstream: SocketAddr, rate: u64) -> Self {
        Self::start(upstream, Some(rate)).await
    }

    async fn start(upstream: SocketAddr, rate: Option<u64>) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .await
            .expect("a free port");
        let address = listener.local_addr().expect("bound");
        let shared = Arc::new(Shared {
            rate,
            openings: Mutex::default(),
            passed: Mutex::default(),
            delivered: AtomicU64::new(0),
            upstream,
        });
        let listening = tokio::spawn(listen(listener, Arc::clone(&shared)));
        Self {
            address,
            shared,
            listening,
        }
    }

    /// Returns where the proxy listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns what each client said first, in the order they came: an HTTP request's head.
    pub fn openings(&self) -> Vec<String> {
        self.shared
            .openings
            .lock()
            .expect("no test panics here")
            .clone()
    }

    /// Returns all that was said, both ways.
    pub fn passed(&self) -> Vec<u8> {
        let passed = self.shared.passed.lock();
        passed.expect("no test panics here").clone()
    }

    /// Returns how many bytes have been passed on to whoever connected.
    pub fn delivered(&self) -> u64 {
        self.shared.delivered.load(Ordering::Relaxed)
    }
}

impl Shared {
    fn keep(&self, part: &[u8]) {
        let mut passed = self.passed.lock().expect("no test panics here");
        if passed.len() + part.len() <= MAX_KEPT {
            passed.extend_from_slice(part);
        }
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

async fn listen(listener: TcpListener, shared: Arc<Shared>) {
    // Dropped with the listening task, so that every connection ends with it.
    let mut connections = tokio::task::JoinSet::new();
    while let Ok((client, _)) = listener.accept().await {
        connections.spawn(pass(client, Arc::clone(&shared)));
    }
}

async fn pass(client: TcpStream, shared: Arc<Shared>) {
    let socket = TcpSocket::new_v4().expect("a socket");
    if shared.rate.is_some() {
        // A slow line doesn't swallow megabytes either.
        let _ignored = socket.set_recv_buffer_size(16 * 1024);
    }
    let Ok(server) = socket.connect(shared.upstream).await else {
        return;
    };
    let (client_reads, client_writes) = client.into_split();
    let (server_reads, server_writes) = server.into_split();
    tokio::select! {
        () = upwards(client_reads, server_writes, &shared) => {}
        () = downwards(server_reads, client_writes, &shared) => {}
    }
}

async fn upwards(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, shared: &Shared) {
    let mut buffer = vec![0; 4096];
    let mut first = true;
    while let Ok(length @ 1..) = from.read(&mut buffer).await {
        let part = buffer.get(..length).unwrap_or_default();
        if std::mem::take(&mut first) {
            let text = String::from_utf8_lossy(part).into_owned();
            shared
                .openings
                .lock()
                .expect("no test panics here")
                .push(text);
        }
        shared.keep(part);
        if to.write_all(part).await.is_err() {
            return;
        }
    }
}

async fn downwards(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, shared: &Shared) {
    let mut buffer = vec![0; if shared.rate.is_some() { 4096 } else { 65_536 }];
    let mut free_at = Instant::now();
    while let Ok(length @ 1..) = from.read(&mut buffer).await {
        let length_bytes = u64::try_from(length).unwrap_or(u64::MAX);
        if let Some(rate) = shared.rate {
            sleep_until(free_at).await;
            let micros = length_bytes.saturating_mul(1_000_000) / rate;
            free_at = Instant::now() + Duration::from_micros(micros);
        }
        let part = buffer.get(..length).unwrap_or_default();
        shared.keep(part);
        if to.write_all(part).await.is_err() {
            return;
        }
        shared.delivered.fetch_add(length_bytes, Ordering::Relaxed);
    }
}
