//! Keys that are used up, and what is bounded.

use super::*;
use crate::crypto::v2::KEY_LIFETIME;

#[test]
fn at_a_keys_age_limit_the_channel_is_closed_with_1012_and_its_viewer_comes_back() {
    let mut scene = Scene::new();
    let human = scene.join(1, Brings::default());
    scene.take_news();
    let until = START + KEY_LIFETIME;
    assert_eq!(scene.arbiter.deadline(), Some(until));
    scene.wait(59 * 60);
    assert!(scene.controls(&human));
    scene.wait(60);
    assert_eq!(scene.take_closed(), [(1, 1012)]);
    assert_eq!(scene.take_news(), [News::Left]);
    assert_eq!(scene.arbiter.deadline(), None);
    scene.join(2, Brings::secret(&human));
    assert_eq!(scene.take_news(), [News::Resumed]);
}

#[test]
fn what_comes_at_the_limit_is_not_heard() {
    let mut scene = Scene::new();
    let mut human = scene.join(1, Brings::default());
    let record = human.input(START, "{}");
    scene.now = START + KEY_LIFETIME;
    assert_eq!(scene.deliver(1, &record), None);
    assert_eq!(scene.take_closed(), [(1, 1012)]);
}

#[test]
fn sealing_at_the_limit_closes_the_channel_with_1012() {
    for what in 0..2 {
        let mut scene = Scene::new();
        scene.join(1, Brings::default());
        let late = START + KEY_LIFETIME;
        if what == 0 {
            assert!(!scene.arbiter.seal_control(late, br#"{"type":"url"}"#));
        } else {
            assert!(scene.arbiter.seal_frame(late, picture()).is_none());
        }
        scene.drain();
        assert_eq!(scene.take_closed(), [(1, 1012)]);
        assert!(!scene.arbiter.is_controlled());
    }
}

#[test]
fn what_is_no_control_message_is_not_sealed() {
    let mut scene = Scene::new();
    let human = scene.join(1, Brings::default());
    assert!(!scene.arbiter.seal_control(scene.now, b"[]"));
    assert!(scene.controls(&human) && scene.arbiter.poll().is_none());
}

#[test]
fn orders_nobody_takes_are_bounded_and_no_sealed_record_is_dropped() {
    let mut scene = Scene::new();
    let mut human = scene.join(1, Brings::default());
    let mut sealed = 0;
    while scene.arbiter.seal_control(scene.now, br#"{"type":"url"}"#) {
        sealed += 1;
        assert!(sealed < 1_000);
    }
    assert!(!scene.arbiter.is_controlled());
    let mut viewer = Viewer::on(2);
    for _ in 0..1_000 {
        let (_, hello1) = scene.hello(&mut viewer, Brings::secret(&human));
        let mut record = hello1;
        record[2..4].copy_from_slice(&2_u16.to_be_bytes());
        scene
            .arbiter
            .read(scene.now, &mut scene.generator, &mut record);
        scene.arbiter.viewer_connected(2);
        scene.arbiter.viewer_connected(3);
        scene
            .arbiter
            .read(scene.now, &mut scene.generator, &mut [2, 0, 0, 3, 0]);
        assert!(scene.arbiter.orders.len() <= 256);
    }
    scene.drain();
    assert_eq!(scene.hears(&mut human).len(), sealed);
    assert_eq!(scene.take_closed()[0], (1, 1012));
}

#[test]
fn long_records_that_nobody_takes_are_bounded_too() {
    let mut scene = Scene::new();
    scene.join(1, Brings::default());
    let long = format!(r#"{{"type":"{}"}}"#, "x".repeat(70_000));
    let mut bytes = 0;
    while scene.arbiter.seal_control(scene.now, long.as_bytes()) {
        bytes += long.len();
    }
    assert!(bytes < 2 * 1024 * 1024);
}

#[test]
fn a_frame_that_finds_no_room_is_not_sealed_and_leaves_no_gap() {
    let mut scene = Scene::new();
    let human = scene.join(1, Brings::default());
    let mut sealed = 0;
    while scene.arbiter.seal_frame(scene.now, picture()).is_some() {
        sealed += 1;
        assert!(sealed < 1_000);
    }
    assert!(scene.controls(&human));
    scene.drain();
    let next = scene.arbiter.seal_frame(scene.now, picture());
    assert_eq!(next.map(|(counter, _)| counter), Some(sealed));
}

#[test]
fn channels_beyond_the_bound_are_closed_with_4403() {
    let mut scene = Scene::new();
    let most = u16::try_from(channels::MAX_CHANNELS).expect("few");
    for chan in 1..=most + 3 {
        scene.connect(chan);
        scene.connect(chan);
    }
    assert_eq!(scene.arbiter.channels.len(), channels::MAX_CHANNELS);
    let closed: Vec<u16> = scene.take_closed().iter().map(|(chan, _)| *chan).collect();
    assert_eq!(closed, [17, 17, 18, 18, 19, 19]);
    scene.disconnect(5);
    scene.connect(20);
    assert!(scene.closed.is_empty());
}
