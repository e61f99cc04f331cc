//! Pings, and when a silent peer is given up.

use std::time::Duration;

use async_tungstenite::{accept_async, tungstenite};
use authloop_core::agent::io::{Closed, Message, Output, Peer};
use futures::{AsyncReadExt as _, StreamExt as _};

use crate::{
    keepalive::{LOST_AFTER, PING_AFTER},
    testing::{Script, Seen, Stage, connect, peers},
};

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn a_relay_that_answers_pings_is_kept() {
    let world = peers(1 << 16);
    let script = Script::new(vec![connect(Peer::Relay)]);
    let mut stage = Stage::new(&world, &script);
    let theirs = world.clone();
    stage.spawn(async move {
        let (_, end) = theirs.accept().await;
        let mut socket = accept_async(end).await.expect("an upgrade");
        while let Some(Ok(_)) = socket.next().await {}
    });
    stage.settle();
    for _ in 0..120 {
        stage.pass(SECOND);
    }
    assert_eq!(script.seen(), [Seen::Opened(Peer::Relay)]);
}

#[test]
fn a_relay_that_stays_silent_is_lost() {
    let world = peers(1 << 16);
    let script = Script::new(vec![connect(Peer::Relay)]);
    let mut stage = Stage::new(&world, &script);
    let theirs = world.clone();
    stage.spawn(async move {
        let (_, end) = theirs.accept().await;
        let _unread = accept_async(end).await.expect("an upgrade");
        std::future::pending::<()>().await;
    });
    stage.settle();
    stage.pass(PING_AFTER);
    stage.pass(LOST_AFTER - SECOND);
    assert_eq!(script.seen(), [Seen::Opened(Peer::Relay)]);
    stage.pass(SECOND);
    assert_eq!(
        script.seen(),
        [
            Seen::Opened(Peer::Relay),
            Seen::Closed(Peer::Relay, Closed::Lost)
        ]
    );
}

#[test]
fn a_relay_that_nobody_reads_cannot_be_called_silent() {
    let world = peers(1 << 16);
    let script = Script::new(vec![connect(Peer::Relay)]);
    script.listen_to(Peer::Relay, false);
    let mut stage = Stage::new(&world, &script);
    let theirs = world.clone();
    stage.spawn(async move {
        let (_, end) = theirs.accept().await;
        let mut socket = accept_async(end).await.expect("an upgrade");
        while let Some(Ok(_)) = socket.next().await {}
    });
    stage.settle();
    for _ in 0..120 {
        stage.pass(SECOND);
    }
    assert_eq!(script.seen(), [Seen::Opened(Peer::Relay)]);
}

#[test]
fn a_slow_upload_is_not_silence_but_a_stuck_one_is() {
    let world = peers(300);
    let script = Script::new(vec![connect(Peer::Relay)]).react(|seen| {
        if let Seen::Opened(peer) = seen {
            vec![Output::Send(
                *peer,
                Message::Binary(vec![0; 100_000].into()),
            )]
        } else {
            Vec::new()
        }
    });
    let mut stage = Stage::new(&world, &script);
    let theirs = world.clone();
    let (allow, mut allowed) = futures::channel::mpsc::unbounded::<()>();
    stage.spawn(async move {
        let (_, end) = theirs.accept().await;
        let mut socket = accept_async(end).await.expect("an upgrade");
        let mut piece = [0; 100];
        while allowed.next().await.is_some() {
            let read = socket.get_mut().read(&mut piece).await;
            assert_eq!(read.expect("connected"), piece.len());
        }
        std::future::pending::<()>().await;
    });
    stage.settle();
    for _ in 0..30 {
        stage.pass(10 * SECOND);
        allow.unbounded_send(()).expect("the peer is there");
        stage.settle();
    }
    assert_eq!(script.seen(), [Seen::Opened(Peer::Relay)]);
    for _ in 0..5 {
        stage.pass(10 * SECOND);
    }
    assert_eq!(
        script.seen().last(),
        Some(&Seen::Closed(Peer::Relay, Closed::Lost))
    );
}

#[test]
fn pings_are_answered_and_not_shown_to_the_machine() {
    let world = peers(1 << 16);
    let script = Script::new(vec![connect(Peer::Browser)]);
    let mut stage = Stage::new(&world, &script);
    let theirs = world.clone();
    let (tell, told) = futures::channel::oneshot::channel();
    stage.spawn(async move {
        let (_, end) = theirs.accept().await;
        let mut socket = accept_async(end).await.expect("an upgrade");
        let ping = tungstenite::Message::Ping("are you there".into());
        socket.send(ping).await.expect("connected");
        let answer = socket.next().await.expect("an answer").expect("no error");
        tell.send(answer).expect("the test waits");
        std::future::pending::<()>().await;
    });
    stage.settle();
    assert_eq!(
        futures::executor::block_on(told),
        Ok(tungstenite::Message::Pong("are you there".into()))
    );
    assert_eq!(script.seen(), [Seen::Opened(Peer::Browser)]);
}

#[test]
fn an_answered_ping_is_not_told_as_something_drained() {
    let world = peers(1 << 16);
    let script = Script::new(vec![connect(Peer::Relay)]).react(|seen| {
        if let Seen::Opened(peer) = seen {
            vec![Output::Send(*peer, Message::Text("hello".to_owned()))]
        } else {
            Vec::new()
        }
    });
    let mut stage = Stage::new(&world, &script);
    let theirs = world.clone();
    let (tell, told) = futures::channel::oneshot::channel();
    stage.spawn(async move {
        let (_, end) = theirs.accept().await;
        let mut socket = accept_async(end).await.expect("an upgrade");
        socket.next().await.expect("a message").expect("no error");
        let ping = tungstenite::Message::Ping("are you there".into());
        socket.send(ping).await.expect("connected");
        let answer = socket.next().await.expect("an answer").expect("no error");
        tell.send(answer.is_pong()).expect("the test waits");
        std::future::pending::<()>().await;
    });
    stage.settle();
    assert_eq!(futures::executor::block_on(told), Ok(true));
    assert_eq!(
        script.seen(),
        [Seen::Opened(Peer::Relay), Seen::Drained(Peer::Relay)]
    );
}
