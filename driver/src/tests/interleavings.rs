//! Whatever the order in which the world moves: the same messages, each once, and no idle turns.

mod any_schedule;

use std::{cell::Cell, rc::Rc, time::Duration};

use async_tungstenite::{accept_async, tungstenite};
use authloop_core::{
    agent::io::{Closed, ConnectFailure, Message, Output, Peer},
    time::Timestamp,
};
use futures::{AsyncWriteExt as _, StreamExt as _, channel::oneshot, future::pending};

use crate::{
    options::Options,
    run::drive,
    testing::{CONNECT_LIMIT, Crowd, Mood, Script, Seen, World, connect, peers, text},
};

const MILLI: Duration = Duration::from_millis(1);

/// Starts a driver in a crowd; it comes first.
fn start(world: &World, script: &Script) -> Crowd {
    let (_handle, driver) = drive(world.clone(), Options::default(), script.clone());
    let mut crowd = Crowd::default();
    crowd.join(async { drop(driver.await) });
    crowd
}

const DRIVER: usize = 0;

/// A machine that says these to the relay once it is there.
fn says_to_relay(sayings: Vec<Message>) -> Script {
    Script::new(vec![connect(Peer::Relay)]).react(move |seen| {
        if let Seen::Opened(peer) = seen {
            let sayings = sayings.iter().cloned();
            sayings.map(|saying| Output::Send(*peer, saying)).collect()
        } else {
            Vec::new()
        }
    })
}

#[test]
fn messages_written_in_small_pieces_arrive_whole_and_once() {
    let moods = [Mood::AtMost(8), Mood::NotNow].repeat(2_000);
    let world = peers(1 << 16).moods(&moods);
    let script = says_to_relay(vec![
        Message::Text("first".to_owned()),
        Message::Binary(vec![7; 300].into()),
        Message::Text("last".to_owned()),
    ]);
    let mut crowd = start(&world, &script);
    let (tell, mut told) = oneshot::channel();
    crowd.join(async move {
        let (_, end) = world.accept().await;
        let socket = accept_async(end).await.expect("an upgrade");
        let heard: Vec<_> = socket
            .take(3)
            .map(|heard| heard.expect("whole"))
            .collect()
            .await;
        tell.send(heard).expect("the test waits");
        pending::<()>().await;
    });
    assert!(crowd.settle(10_000), "everybody came to rest");
    let heard = told
        .try_recv()
        .expect("the peer is there")
        .expect("all three");
    let [first, binary, last] = heard.as_slice() else {
        unreachable!("{} messages", heard.len())
    };
    assert_eq!(*first, tungstenite::Message::text("first"));
    assert_eq!(*binary, tungstenite::Message::binary(vec![7; 300]));
    assert_eq!(*last, tungstenite::Message::text("last"));
    let drained = script.seen();
    let drained = drained
        .iter()
        .filter(|seen| **seen == Seen::Drained(Peer::Relay));
    assert_eq!(drained.count(), 1);
}

#[test]
fn wake_ups_in_the_middle_of_messages_change_nothing_and_cost_one_turn_each() {
    let world = peers(200);
    let script = says_to_relay(vec![Message::Binary(vec![7; 500].into())]);
    let mut crowd = start(&world, &script);
    let (resume, resumed) = oneshot::channel::<()>();
    let (tell, mut told) = oneshot::channel();
    let theirs = world.clone();
    crowd.join(async move {
        let (_, end) = theirs.accept().await;
        let mut socket = accept_async(end).await.expect("an upgrade");
        // A text of five, of which two have come: the rest is still on its way.
        let end = socket.get_mut();
        end.write_all(b"\x81\x05he").await.expect("connected");
        resumed.await.expect("the test goes on");
        end.write_all(b"llo").await.expect("connected");
        let heard = socket.next().await.expect("a message").expect("whole");
        tell.send(heard.len()).expect("the test waits");
        pending::<()>().await;
    });
    assert!(crowd.settle(1_000));
    assert_eq!(script.seen(), [Seen::Opened(Peer::Relay)]);

    let (turns, sleeps) = (world.looks(), world.sleeps());
    for _ in 0..100 {
        crowd.poll(DRIVER);
    }
    assert!(crowd.settle(1), "nobody was woken by that");
    assert_eq!(world.looks() - turns, 100);
    assert_eq!(world.sleeps(), sleeps);
    assert_eq!(script.seen(), [Seen::Opened(Peer::Relay)]);

    resume.send(()).expect("the peer waits");
    assert!(crowd.settle(1_000));
    assert_eq!(
        script.seen(),
        [
            Seen::Opened(Peer::Relay),
            Seen::Text(Peer::Relay, "hello".into()),
            Seen::Drained(Peer::Relay),
        ]
    );
    assert_eq!(told.try_recv(), Ok(Some(500)));
}

#[test]
fn a_socket_that_never_becomes_writable_holds_up_nobody_else() {
    let world = peers(300);
    let deadline = Timestamp::from_millis(1_000);
    let script = Script::new(vec![connect(Peer::Relay), connect(Peer::Browser)])
        .react(|seen| {
            if *seen == Seen::Opened(Peer::Relay) {
                let large = Message::Binary(vec![7; 5_000].into());
                vec![Output::Send(Peer::Relay, large)]
            } else if let Seen::Text(Peer::Browser, _) = seen {
                vec![text(Peer::Browser, "answer")]
            } else {
                Vec::new()
            }
        })
        .wake_at(deadline);
    let mut crowd = start(&world, &script);
    let theirs = world.clone();
    let answers = Rc::new(Cell::new(0));
    let counted = Rc::clone(&answers);
    crowd.join(async move {
        let (_, end) = theirs.accept().await;
        let mut browser = accept_async(end).await.expect("an upgrade");
        let (_, end) = theirs.accept().await;
        let mut relay = accept_async(end).await.expect("an upgrade");
        relay.send("still here".into()).await.expect("connected");
        for _ in 0..50 {
            browser.send("question".into()).await.expect("connected");
            browser.next().await.expect("an answer").expect("whole");
            counted.set(counted.get() + 1);
        }
        pending::<()>().await;
    });
    assert!(crowd.settle(1_000));
    assert_eq!(answers.get(), 50);
    world.pass(1_000 * MILLI);
    assert!(crowd.settle(1_000));
    let seen = script.seen();
    assert!(seen.contains(&Seen::Text(Peer::Relay, "still here".into())));
    assert_eq!(script.when(&Seen::Tick), Some(deadline));
    assert!(!seen.contains(&Seen::Drained(Peer::Relay)));
}

#[test]
fn an_upgrade_that_nobody_takes_ends_with_the_time_limit() {
    let world = peers(0);
    let script = Script::new(vec![connect(Peer::Relay)]);
    let mut crowd = start(&world, &script);
    assert!(crowd.settle(100));
    world.pass(CONNECT_LIMIT - MILLI);
    assert!(crowd.settle(100));
    assert_eq!(script.seen(), []);
    world.pass(MILLI);
    assert!(crowd.settle(100));
    assert_eq!(
        script.seen(),
        [Seen::Closed(
            Peer::Relay,
            Closed::Failed(ConnectFailure::TimedOut)
        )]
    );
}

#[test]
fn a_peer_that_sends_faster_than_it_is_read_has_to_wait_and_loses_nothing() {
    const ALL: usize = 200;
    let world = peers(1_000);
    let script = Script::new(vec![connect(Peer::Browser)]);
    script.listen_to(Peer::Browser, false);
    let mut crowd = start(&world, &script);
    let sent = Rc::new(Cell::new(0));
    let counted = Rc::clone(&sent);
    crowd.join(async move {
        let (_, end) = world.accept().await;
        let mut socket = accept_async(end).await.expect("an upgrade");
        for number in 0..ALL {
            let message = format!("{number:500}");
            socket.send(message.into()).await.expect("connected");
            counted.set(number + 1);
        }
        pending::<()>().await;
    });
    assert!(crowd.settle(1_000));
    let fit = sent.get();
    assert!((1..5).contains(&fit), "{fit} messages fit on the way");

    script.listen_to(Peer::Browser, true);
    crowd.poll(DRIVER);
    assert!(crowd.settle(1_000));
    assert_eq!(sent.get(), ALL);
    let seen = script.seen();
    let texts = (0..ALL).map(|number| Seen::Text(Peer::Browser, format!("{number:500}")));
    assert!(seen.into_iter().skip(1).eq(texts), "all of them, in order");
}

#[test]
fn a_deadline_and_a_message_at_the_same_moment_are_both_heard_once() {
    let world = peers(1 << 16);
    let deadline = Timestamp::from_millis(250);
    let script = Script::new(vec![connect(Peer::Relay)]).wake_at(deadline);
    let mut crowd = start(&world, &script);
    let (now, at_once) = oneshot::channel::<()>();
    let theirs = world.clone();
    crowd.join(async move {
        let (_, end) = theirs.accept().await;
        let mut socket = accept_async(end).await.expect("an upgrade");
        at_once.await.expect("the test goes on");
        socket.send("now".into()).await.expect("connected");
        pending::<()>().await;
    });
    assert!(crowd.settle(100));
    let polls = crowd.polls(DRIVER);
    world.pass(249 * MILLI);
    assert!(crowd.settle(1), "a moment before, nobody is even woken");
    assert_eq!(crowd.polls(DRIVER), polls);

    world.pass(MILLI);
    now.send(()).expect("the peer waits");
    assert!(crowd.settle(100));
    let heard = Seen::Text(Peer::Relay, "now".into());
    let mut seen = script.seen();
    seen.sort_by_key(|seen| *seen == heard);
    assert_eq!(seen, [Seen::Opened(Peer::Relay), Seen::Tick, heard.clone()]);
    assert_eq!(script.when(&Seen::Tick), Some(deadline));
    assert_eq!(script.when(&heard), Some(deadline));
    assert!(crowd.settle(1), "and then there is rest");
}
