//! Deadlines: never early, never starved, never a reason to spin.

use std::{pin::pin, task::Context, time::Duration};

use async_tungstenite::{accept_async, tungstenite};
use authloop_core::{
    agent::{
        event::{Event, Outcome},
        io::{Output, Peer},
    },
    time::Timestamp,
};
use futures::{StreamExt as _, task::noop_waker_ref};

use crate::{
    options::Options,
    run::drive,
    testing::{Script, Seen, Stage, World, connect, peers},
};

const MILLI: Duration = Duration::from_millis(1);

#[test]
fn a_tick_comes_at_the_deadline_and_not_before() {
    let world = World::new();
    let deadline = Timestamp::from_millis(250);
    let script = Script::new(Vec::new()).wake_at(deadline);
    let mut stage = Stage::new(&world, &script);
    stage.settle();
    stage.pass(249 * MILLI);
    stage.pass(Duration::from_micros(999));
    assert_eq!(script.seen(), []);
    stage.pass(Duration::from_micros(1));
    assert_eq!(script.seen(), [Seen::Tick]);
    assert_eq!(script.when(&Seen::Tick), Some(deadline));
}

#[test]
fn what_a_tick_brings_about_is_done_at_once() {
    let world = World::new();
    let ended = Outcome::Timeout;
    let end = ended.clone();
    let script = Script::new(Vec::new())
        .react(move |_| vec![Output::Event(Event::Ended(end.clone()))])
        .wake_at(Timestamp::from_millis(250));
    let mut stage = Stage::new(&world, &script);
    stage.settle();
    stage.pass(250 * MILLI);
    assert_eq!(stage.outcome(), Some(ended));
}

#[test]
fn a_deadline_in_the_past_ticks_once() {
    let world = World::new();
    let script = Script::new(Vec::new()).wake_at(Timestamp::default());
    let mut stage = Stage::new(&world, &script);
    stage.settle();
    assert_eq!(script.seen(), [Seen::Tick]);
}

#[test]
fn wake_ups_without_reason_change_nothing() {
    let world = peers(1 << 16);
    let script = Script::new(vec![connect(Peer::Relay)]).wake_at(Timestamp::from_millis(60_000));
    let (_handle, driver) = drive(world.clone(), Options::default(), script.clone());
    let mut driver = pin!(driver);
    let mut cx = Context::from_waker(noop_waker_ref());
    assert!(driver.as_mut().poll(&mut cx).is_pending());
    let (seen, sleeps) = (script.seen(), world.sleeps());
    for _ in 0..100 {
        assert!(driver.as_mut().poll(&mut cx).is_pending());
    }
    assert_eq!(script.seen(), seen);
    assert_eq!(world.sleeps(), sleeps, "the timer stays as it is");
}

#[test]
fn a_flood_delays_neither_timers_nor_the_other_peer() {
    const FLOOD: usize = 10_000;
    let world = peers(1 << 20);
    let script = Script::new(vec![connect(Peer::Browser), connect(Peer::Relay)])
        .wake_at(Timestamp::from_millis(100));
    script.listen_to(Peer::Browser, false);
    script.listen_to(Peer::Relay, false);
    let (_handle, driver) = drive(world.clone(), Options::default(), script.clone());
    let mut driver = pin!(driver);
    let mut cx = Context::from_waker(noop_waker_ref());
    let theirs = world.clone();
    let mut parties = pin!(async move {
        for (messages, text) in [(FLOOD, "flood"), (1, "other")] {
            let (_, end) = theirs.accept().await;
            let mut socket = accept_async(end).await.expect("an upgrade");
            for _ in 0..messages {
                let message = tungstenite::Message::text(text);
                socket.send(message).await.expect("connected");
            }
            std::mem::forget(socket);
        }
        std::future::pending::<()>().await;
    });
    for _ in 0..10 {
        assert!(driver.as_mut().poll(&mut cx).is_pending());
        assert!(parties.as_mut().poll(&mut cx).is_pending());
    }
    assert_eq!(
        script.seen(),
        [Seen::Opened(Peer::Browser), Seen::Opened(Peer::Relay)]
    );

    script.listen_to(Peer::Browser, true);
    script.listen_to(Peer::Relay, true);
    world.pass(100 * MILLI);
    assert!(driver.as_mut().poll(&mut cx).is_pending());
    let seen = script.seen();
    let flood = |seen: &&Seen| **seen == Seen::Text(Peer::Browser, "flood".into());
    assert!(seen.contains(&Seen::Tick));
    assert!(seen.contains(&Seen::Text(Peer::Relay, "other".into())));
    let in_one_go = seen.iter().filter(flood).count();
    assert!((1..FLOOD).contains(&in_one_go), "{in_one_go}");
}

#[test]
fn a_flood_is_read_to_its_end_without_another_wake_up() {
    let world = peers(1 << 16);
    let script = Script::new(vec![connect(Peer::Browser)]);
    let mut stage = Stage::new(&world, &script);
    let theirs = world.clone();
    stage.spawn(async move {
        let (_, end) = theirs.accept().await;
        let mut socket = accept_async(end).await.expect("an upgrade");
        for _ in 0..1_000 {
            let message = tungstenite::Message::text("flood");
            socket.send(message).await.expect("connected");
        }
        while let Some(Ok(_)) = socket.next().await {}
    });
    stage.settle();
    assert_eq!(script.seen().len(), 1 + 1_000);
}
