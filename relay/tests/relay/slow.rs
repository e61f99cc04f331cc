//! A viewer that doesn't read must not make the relay hold what it will never show.

use std::time::Duration;

use tokio::{io::AsyncWriteExt as _, net::TcpStream, time::timeout};

use crate::{
    socket::Heard,
    world::{World, config},
};

const FRAMES: u32 = 300;
const FRAME_BYTES: usize = 200 * 1024;

#[tokio::test]
async fn a_slow_viewer_gets_whole_frames_in_order_few_of_them_and_the_last() {
    let mut config = config();
    config.limits.write_within = Duration::from_secs(600);
    config.limits.pong_within = Duration::from_secs(600);
    let world = World::with(config).await;
    let session = world.session().await;
    let (mut agent, mut viewer) = (session.agent().await, session.viewer().await);
    agent.hears_notice("viewer_connected").await;
    viewer.hears_notice("agent_connected").await;
    for number in 1..=FRAMES {
        let mut jpeg = vec![0; FRAME_BYTES];
        jpeg[..4].copy_from_slice(&number.to_be_bytes());
        let meta = format!(r#"{{"type":"frame","number":{number}}}"#);
        agent.show(&meta, jpeg).await;
    }
    // The relay has read all frames once this has come through to it and back.
    agent.say("that was all").await;

    let (mut seen, mut last, mut heard_words) = (0, 0, false);
    while last < FRAMES || !heard_words {
        let Heard::Text(meta) = viewer.hear().await else {
            unreachable!("a picture without its announcement, or a closed socket");
        };
        if meta == "that was all" {
            heard_words = true;
            continue;
        }
        let Heard::Binary(jpeg) = viewer.hear().await else {
            unreachable!("an announcement without its picture");
        };
        assert_eq!(jpeg.len(), FRAME_BYTES);
        let number = u32::from_be_bytes(jpeg[..4].try_into().expect("four bytes"));
        assert_eq!(meta, format!(r#"{{"type":"frame","number":{number}}}"#));
        assert!(number > last, "frames only get newer");
        last = number;
        seen += 1;
    }
    // With no more than 64 KiB unsent in the kernel it is some two or three.
    assert!(
        seen <= 10,
        "{seen} of {FRAMES} frames waited somewhere for a viewer that read none"
    );
}

#[tokio::test]
async fn a_viewer_on_a_slow_link_can_type_while_a_frame_is_under_way() {
    let mut config = config();
    config.limits.write_within = Duration::from_secs(600);
    let world = World::with(config).await;
    let session = world.session().await;
    let (mut agent, mut viewer) = (session.agent().await, session.viewer().await);
    agent.hears_notice("viewer_connected").await;
    // More than any socket buffer takes, so its write stays pending.
    agent
        .show(r#"{"type":"frame"}"#, vec![0; 15 * 1024 * 1024])
        .await;
    viewer.say("a key").await;
    agent.hears("a key").await;
}

#[tokio::test]
async fn a_viewer_that_never_reads_is_let_go() {
    let mut config = config();
    config.limits.write_within = Duration::from_millis(100);
    let world = World::with(config).await;
    let session = world.session().await;
    let (mut agent, _viewer) = (session.agent().await, session.viewer().await);
    agent.hears_notice("viewer_connected").await;
    agent
        .show(r#"{"type":"frame"}"#, vec![0; 15 * 1024 * 1024])
        .await;
    agent.hears_notice("viewer_disconnected").await;
}

#[tokio::test]
async fn a_client_that_asks_and_never_reads_the_answers_is_let_go() {
    let mut config = config();
    config.limits.write_within = Duration::from_millis(100);
    let world = World::with(config).await;
    let mut client = TcpStream::connect(world.relay.local_addr())
        .await
        .expect("the relay listens");
    let request = b"GET /assets/main.js HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".repeat(64);
    let asking = async { while client.write_all(&request).await.is_ok() {} };
    timeout(Duration::from_secs(60), asking)
        .await
        .expect("the connection is closed");
}

/// Answers to pings are the relay's own words, so no room of a session bounds them.
#[tokio::test]
async fn pings_whose_answers_nobody_reads_do_not_pile_up() {
    const PINGS: usize = 200_000;
    let mut config = config();
    config.limits.agent_message = 1024 * 1024;
    let world = World::with(config).await;
    let session = world.session().await;
    let (mut agent, mut viewer) = (session.agent().await, session.viewer().await);
    agent.hears_notice("viewer_connected").await;
    viewer.hears_notice("agent_connected").await;
    viewer.ping(PINGS, &[0; 125]).await;
    viewer.say("that was all").await;
    agent.hears("that was all").await;
    agent.say("so it was").await;
    let pongs = viewer.pongs_before("so it was").await;
    // What is in the kernel's buffers, and a megabyte besides.
    assert!((1..PINGS / 2).contains(&pongs), "{pongs} answers were kept");
}
