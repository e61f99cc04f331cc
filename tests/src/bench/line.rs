//! A line between viewer and relay that is slow and long, both ways, as TCP meets one: a bottleneck
//! with a small buffer before it, then the distance.

use std::{
    net::{Ipv4Addr, SocketAddr},
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{
        TcpListener, TcpSocket, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::mpsc,
    task::{JoinHandle, JoinSet},
    time::{Instant, sleep_until},
};

/// What the bottleneck passes on at once.
const PACKET: usize = 1_460;

/// What waits before the bottleneck at most, besides what the sender's kernel holds: a home router's
/// queue. (Linux doubles it, for its own bookkeeping.)
const BUFFER: u32 = 32 * 1_024;

/// How many packets may be on their way: more than any line here holds.
const ON_THE_WAY: usize = 4_096;

/// How late a timer may be, and the line still keeps its rate.
const LATE: Duration = Duration::from_millis(20);

/// What a line is like.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// Bits a second, each way.
    pub rate: u32,
    /// How long there and back takes.
    pub round_trip: Duration,
}

/// The line; dropped, what goes through it breaks.
pub struct Line {
    address: SocketAddr,
    listening: JoinHandle<()>,
}

impl Line {
    /// Opens a line to a server.
    pub async fn to(server: SocketAddr, shape: Shape) -> Self {
        let socket = TcpSocket::new_v4().expect("a socket");
        // What is accepted inherits it.
        socket.set_recv_buffer_size(BUFFER).expect("a small buffer");
        let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        socket.bind(any).expect("a free port");
        let listener = socket.listen(16).expect("bound");
        Self {
            address: listener.local_addr().expect("bound"),
            listening: tokio::spawn(listen(listener, server, shape)),
        }
    }

    /// Returns where its near end is.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

async fn listen(listener: TcpListener, server: SocketAddr, shape: Shape) {
    // Dropped with the listening task, so that every connection ends with it.
    let mut connections = JoinSet::new();
    while let Ok((client, _)) = listener.accept().await {
        connections.spawn(pass(client, server, shape));
    }
}

async fn pass(client: TcpStream, server: SocketAddr, shape: Shape) {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.set_recv_buffer_size(BUFFER).expect("a small buffer");
    let Ok(server) = socket.connect(server).await else {
        return;
    };
    for socket in [&client, &server] {
        socket.set_nodelay(true).expect("a TCP socket");
    }
    let (client_reads, client_writes) = client.into_split();
    let (server_reads, server_writes) = server.into_split();
    tokio::select! {
        () = carry(client_reads, server_writes, shape) => {}
        () = carry(server_reads, client_writes, shape) => {}
    }
}

/// Carries one direction, until either end is gone.
async fn carry(from: OwnedReadHalf, to: OwnedWriteHalf, shape: Shape) {
    let (put, take) = mpsc::channel(ON_THE_WAY);
    tokio::join!(squeeze(from, put, shape), arrive(take, to));
}

/// A packet, and when it arrives.
type Packet = (Instant, Vec<u8>);

async fn squeeze(mut from: OwnedReadHalf, put: mpsc::Sender<Packet>, shape: Shape) {
    let mut packet = [0; PACKET];
    let mut free_at = Instant::now();
    while let Ok(length @ 1..) = from.read(&mut packet).await {
        let bits = u64::try_from(length * 8).expect("small");
        let micros = bits * 1_000_000 / u64::from(shape.rate);
        // What a timer is late by isn't lost to the line.
        free_at = free_at.max(Instant::now() - LATE) + Duration::from_micros(micros);
        sleep_until(free_at).await;
        let arrival = free_at + shape.round_trip / 2;
        let bytes = packet.get(..length).unwrap_or_default().to_vec();
        if put.send((arrival, bytes)).await.is_err() {
            return;
        }
    }
}

async fn arrive(mut take: mpsc::Receiver<Packet>, mut to: OwnedWriteHalf) {
    while let Some((at, bytes)) = take.recv().await {
        sleep_until(at).await;
        if to.write_all(&bytes).await.is_err() {
            return;
        }
    }
}
