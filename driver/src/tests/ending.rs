//! How a session ends: everybody is told, nobody is waited for for long.

use std::time::Duration;

use async_tungstenite::{accept_async, tungstenite};
use authloop_core::agent::{
    event::{Event, Failure, Outcome},
    io::{HttpId, Output, Peer, Request},
};
use futures::{AsyncReadExt as _, AsyncWriteExt as _, StreamExt as _};

use crate::{
    options::Options,
    run::drive,
    testing::{Script, Seen, Stage, connect, peers, post, read_head, text},
};

const LIMIT: Duration = Duration::from_secs(5);

/// A machine that says goodbye and ends when it's asked to cancel.
fn cancellable() -> Script {
    Script::new(vec![connect(Peer::Relay)]).react(|seen| {
        if let Seen::Request(_) = seen {
            vec![
                text(Peer::Relay, "goodbye"),
                post(HttpId::new(1), "/session/1/resolve"),
                Output::Event(Event::Ended(Outcome::Cancelled)),
            ]
        } else {
            Vec::new()
        }
    })
}

#[test]
fn what_was_sent_last_still_arrives() {
    let world = peers(1_000);
    let script = cancellable();
    let mut stage = Stage::new(&world, &script);
    let theirs = world.clone();
    let (tell, told) = futures::channel::oneshot::channel();
    stage.spawn(async move {
        let (_, end) = theirs.accept().await;
        let mut socket = accept_async(end).await.expect("an upgrade");
        let mut heard = Vec::new();
        while let Some(Ok(message)) = socket.next().await {
            heard.push(message);
        }
        let (_, mut end) = theirs.accept().await;
        let head = read_head(&mut end).await;
        end.write_all(b"HTTP/1.1 204 No Content\r\n\r\n")
            .await
            .expect("connected");
        tell.send((heard, head)).expect("the test waits");
    });
    stage.settle();
    stage
        .handle
        .request(Request::Cancel)
        .expect("there is room");
    stage.settle();
    assert_eq!(stage.outcome(), Some(Outcome::Cancelled));
    let (heard, head) = futures::executor::block_on(told).expect("the peer saw the end");
    assert_eq!(heard.first(), Some(&tungstenite::Message::text("goodbye")));
    assert!(heard.last().is_some_and(tungstenite::Message::is_close));
    assert!(head.starts_with("POST /session/1/resolve"), "{head}");
}

#[test]
fn the_application_hears_of_the_end_at_once_and_the_driver_waits_five_seconds_at_most() {
    let world = peers(200);
    let script = cancellable();
    let mut stage = Stage::new(&world, &script);
    let theirs = world.clone();
    stage.spawn(async move {
        let (_, end) = theirs.accept().await;
        let _unread = accept_async(end).await.expect("an upgrade");
        std::future::pending::<()>().await;
    });
    stage.settle();
    stage
        .handle
        .request(Request::Cancel)
        .expect("there is room");
    stage.settle();
    assert_eq!(stage.handle.status().outcome, Some(Outcome::Cancelled));
    stage.pass(LIMIT - Duration::from_millis(1));
    assert_eq!(stage.outcome(), None);
    stage.pass(Duration::from_millis(1));
    assert_eq!(stage.outcome(), Some(Outcome::Cancelled));
}

#[test]
fn an_end_without_connections_is_immediate() {
    let world = peers(200);
    let ended = Outcome::Failed(Failure::NoPage);
    let script = Script::new(vec![Output::Event(Event::Ended(ended.clone()))]);
    let mut stage = Stage::new(&world, &script);
    stage.settle();
    assert_eq!(stage.outcome(), Some(ended));
}

#[test]
fn dropping_the_driver_closes_the_sockets_and_wakes_everyone() {
    let world = peers(1_000);
    let script = cancellable();
    let (handle, driver) = drive(world.clone(), Options::default(), script.clone());
    let mut pool = futures::executor::LocalPool::new();
    let mut driver = Box::pin(driver);
    let theirs = world.clone();
    let mut peer = Box::pin(async move {
        let (_, end) = theirs.accept().await;
        let mut socket = accept_async(end).await.expect("an upgrade");
        socket.get_mut().read(&mut [0; 1]).await
    });
    pool.run_until(async {
        let mut both = futures::future::select(&mut driver, &mut peer);
        while script.seen().is_empty() {
            assert!(futures::poll!(&mut both).is_pending());
        }
    });
    drop(driver);
    assert_eq!(pool.run_until(peer).ok(), Some(0), "the connection ended");
    assert_eq!(pool.run_until(handle.finished()), Outcome::Cancelled);
    let status = pool.run_until(handle.wait_until(|status| status.viewer_seen));
    assert_eq!(status.outcome, Some(Outcome::Cancelled));
}
