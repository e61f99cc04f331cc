//! Version 2 on a slow link, over plain TCP and TLS: a picture is never older than what the kernel
//! holds, however many were sent meanwhile.

use std::time::Duration;

use authloop_core::wire::v2::{Header, Kind};
use authloop_relay::Tls;
use tokio::net::{TcpSocket, TcpStream};

use crate::{
    http::ask_over,
    socket::{Heard, Socket},
    tls::{connect, encrypt},
    world::{ADMISSION, KEY, SealedSession, World, config},
};

const FRAME_BYTES: usize = 100 * 1024;

/// A viewer's connection whose kernel takes little: what waits, waits at the relay.
async fn narrow(world: &World) -> TcpStream {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.set_recv_buffer_size(32 * 1024).expect("it can");
    let at = world.relay.local_addr();
    socket.connect(at).await.expect("the relay listens")
}

fn record(kind: Kind, chan: u16, number: u64, length: usize) -> Vec<u8> {
    let header = Header {
        kind,
        chan,
        epoch: 1,
        counter: number,
    };
    let mut bytes = header.to_bytes().to_vec();
    bytes.resize(length, 0xA5);
    bytes
}

/// Sends frames to a viewer that takes one for every so many, and returns how old, in frames, each
/// one was when it came.
async fn ages(mut agent: Socket, mut slow: Socket, mut witness: Socket) -> Vec<u64> {
    const ROUNDS: u64 = 40;
    const PER_ROUND: u64 = 20;
    let mut ages = Vec::new();
    let (mut sent, mut newest) = (0, 0);
    for _ in 0..ROUNDS {
        for _ in 0..PER_ROUND {
            sent += 1;
            agent.send(record(Kind::Frame, 1, sent, FRAME_BYTES)).await;
        }
        // Once the witness hears this the relay has read all of them.
        agent.send(record(Kind::Control, 2, sent, 64)).await;
        witness
            .hears_record(&record(Kind::Control, 0, sent, 64))
            .await;
        let Heard::Binary(frame) = slow.hear().await else {
            unreachable!("a frame");
        };
        assert_eq!(frame.len(), FRAME_BYTES);
        let number = u64::from_be_bytes(frame[8..16].try_into().expect("eight bytes"));
        assert!(number > newest, "frames only get newer");
        newest = number;
        ages.push(sent - number);
    }
    ages
}

async fn meet(agent: &mut Socket, viewers: [&mut Socket; 2]) {
    for chan in 1..=2 {
        agent
            .hears(&format!(r#"{{"type":"viewer_connected","chan":{chan}}}"#))
            .await;
    }
    for viewer in viewers {
        viewer.hears_notice("agent_connected").await;
    }
}

/// With 20 frames sent for each one read, a queue would be 760 frames behind at the end.
fn assert_newest_wins(ages: &[u64]) {
    // What was written and not read is two frames, each of which waits for a round or two.
    let oldest = ages.iter().max().expect("some");
    assert!(
        *oldest <= 100,
        "a frame came {oldest} frames late: {ages:?}"
    );
}

fn patient() -> authloop_relay::RelayConfig {
    let mut config = config();
    config.limits.write_within = Duration::from_secs(600);
    config.limits.pong_within = Duration::from_secs(600);
    config
}

fn offered() -> String {
    format!("authloop.v2, {ADMISSION}")
}

#[tokio::test]
async fn a_slow_viewer_sees_the_newest_frame_over_tcp() {
    let world = World::with(patient()).await;
    let session = world.sealed_session().await;
    let stream = narrow(&world).await;
    let mut slow = Socket::open_over(stream, &session.stream_url, &offered()).await;
    let mut witness = session.viewer().await;
    let mut agent = session.agent().await;
    meet(&mut agent, [&mut slow, &mut witness]).await;
    assert_newest_wins(&ages(agent, slow, witness).await);
}

#[tokio::test]
async fn a_slow_viewer_sees_the_newest_frame_over_tls() {
    let mut config = patient();
    config.tls = Tls::SelfSigned;
    let world = World::with(config).await;
    let name = "127.0.0.1";
    let bearer = format!("Bearer {KEY}");
    let created = ask_over(
        connect(&world, name).await,
        "POST",
        "/session",
        &[("Authorization", &bearer)],
        SealedSession::body(600).to_string().as_bytes(),
    )
    .await;
    let session = SealedSession::read(&created);
    let url = session.stream_url.as_str();
    let stream = encrypt(&world, name, narrow(&world).await).await;
    let mut slow = Socket::open_over(stream, url, &offered()).await;
    let stream = connect(&world, name).await;
    let mut witness = Socket::open_over(stream, url, &offered()).await;
    let stream = connect(&world, name).await;
    let agents = format!("{url}?token={}&role=agent", session.stream_token);
    let mut agent = Socket::open_over(stream, &agents, "").await;
    meet(&mut agent, [&mut slow, &mut witness]).await;
    assert_newest_wins(&ages(agent, slow, witness).await);
}
