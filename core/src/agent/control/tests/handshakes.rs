//! Handshakes: how many, how long, how they end.

use super::*;

#[test]
fn nothing_is_heard_or_sealed_before_ready() {
    let mut scene = Scene::new();
    let mut viewer = scene.connect(1);
    let mut accepted = scene.pend(&mut viewer, Brings::default());
    assert!(scene.arbiter.seal_frame(scene.now, picture()).is_none());
    assert!(!scene.arbiter.seal_control(scene.now, br#"{"type":"url"}"#));
    let second = accepted.epoch.seal_input(scene.now, b"{}").expect("keys");
    assert_eq!(scene.deliver(1, &second), None);
    assert_eq!(scene.take_closed(), [(1, 4400)]);
    assert!(!scene.arbiter.is_controlled());
}

#[test]
fn a_pending_handshake_dies_after_ten_seconds() {
    for (wait, controls) in [(9_999, true), (10_000, false)] {
        let mut scene = Scene::new();
        let mut viewer = scene.connect(1);
        let accepted = scene.pend(&mut viewer, Brings::default());
        assert_eq!(
            scene.arbiter.deadline(),
            Some(START + Duration::from_secs(10))
        );
        scene.wait_millis(wait);
        scene.ready(&mut viewer, accepted);
        assert_eq!(scene.controls(&viewer), controls);
        assert!(scene.closed.is_empty(), "what comes later is of no epoch");
    }
}

#[test]
fn a_record_of_a_pending_epoch_ends_the_channel_that_it_does_not_belong_to() {
    let mut scene = Scene::new();
    let mut viewer = scene.connect(1);
    let accepted = scene.pend(&mut viewer, Brings::default());
    scene.connect(2);
    assert_eq!(scene.deliver(2, &accepted.ready), None);
    assert_eq!(scene.take_closed(), [(2, 4400)]);
    scene.ready(&mut viewer, accepted);
    assert!(scene.controls(&viewer));
}

#[test]
fn a_newer_hello_replaces_the_channels_pending_one() {
    let mut scene = Scene::new();
    let mut viewer = scene.connect(1);
    let older = scene.pend(&mut viewer, Brings::default());
    let newer = scene.pend(&mut viewer, Brings::default());
    assert_eq!(scene.arbiter.pendings.chans(), [1]);
    scene.deliver(1, &older.ready);
    assert!(
        !scene.arbiter.is_controlled() && scene.closed.is_empty(),
        "dropped silently"
    );
    scene.ready(&mut viewer, newer);
    assert!(scene.controls(&viewer));
}

#[test]
fn any_two_may_be_pending_while_the_slot_is_free_and_others_get_4403() {
    let mut scene = Scene::new();
    let mut viewers = [1, 2, 3].map(|chan| scene.connect(chan));
    let first = scene.pend(&mut viewers[0], Brings::default());
    let second = scene.pend(&mut viewers[1], Brings::default());
    let third = scene.ask(&mut viewers[2], Brings::default());
    assert!(third.is_none());
    assert_eq!(scene.take_closed(), [(3, 4403)]);
    scene.ready(&mut viewers[1], second);
    assert!(
        scene.controls(&viewers[1]),
        "the first READY wins, not the first HELLO1"
    );
    scene.ready(&mut viewers[0], first);
    assert!(scene.controls(&viewers[1]));
    assert_eq!(scene.take_closed(), [(1, 4403)]);
}

#[test]
fn a_stockpiled_ready_is_worth_nothing_once_somebody_has_control() {
    let mut scene = Scene::new();
    let mut stranger = scene.connect(1);
    let stockpiled = scene.pend(&mut stranger, Brings::default());
    let mut human = scene.join(2, Brings::default());
    scene.ready(&mut stranger, stockpiled);
    assert_eq!(scene.take_closed(), [(1, 4403)]);
    assert!(scene.arbiter.pendings.chans().is_empty(), "wiped");
    assert!(scene.controls(&human));
    assert_eq!(scene.types(&mut human, "{}").as_deref(), Some("{}"));
}

#[test]
fn a_proof_is_never_refused_for_lack_of_room_and_the_older_pending_gets_4403() {
    let mut scene = Scene::new();
    let human = scene.join(1, Brings::default());
    scene.disconnect(1);
    scene.wait(120);
    let mut strangers = [2, 3].map(|chan| scene.connect(chan));
    for stranger in &mut strangers {
        scene.pend(stranger, Brings::default());
    }
    let mut back = scene.connect(4);
    let accepted = scene.pend(&mut back, Brings::secret(&human));
    assert_eq!(scene.take_closed(), [(2, 4403)]);
    assert_eq!(scene.arbiter.pendings.chans(), [3, 4]);
    scene.ready(&mut back, accepted);
    assert!(scene.controls(&back));
}

type Damage = fn(&mut Vec<u8>);

#[test]
fn a_hello_that_fails_closes_its_channel_at_once_and_no_other() {
    let mut scene = Scene::new();
    let human = scene.join(1, Brings::default());
    scene.take_news();
    let mut stranger = scene.connect(2);
    let (_, hello1) = scene.hello(&mut stranger, Brings::default());
    let damaged: [(&str, Damage); 6] = [
        ("forged", |record| record[90] ^= 1),
        ("no point", |record| record[40] ^= 1),
        ("another epoch", |record| record[7] = 1),
        ("another version", |record| record[0] = 1),
        ("an unknown kind", |record| record[1] = 0x77),
        ("too short", |record| record.truncate(31)),
    ];
    for (what, damage) in damaged {
        scene.arbiter.viewer_connected(2);
        let mut record = hello1.clone();
        damage(&mut record);
        scene.deliver(2, &record);
        let orders = (scene.take_closed(), scene.inbox(2).len());
        assert_eq!(
            orders,
            ([(2, 4400)].to_vec(), 0),
            "{what}: the same for each"
        );
        scene.wait(30);
        assert!(scene.take_news().is_empty());
    }
    assert!(scene.controls(&human));
}

#[test]
fn what_still_comes_on_a_closed_channel_is_heard_no_more() {
    let mut scene = Scene::new();
    let mut stranger = scene.connect(2);
    let (_, hello1) = scene.hello(&mut stranger, Brings::default());
    scene.deliver(2, &[2; 40]);
    assert_eq!(scene.take_closed(), [(2, 4400)]);
    scene.deliver(2, &hello1);
    scene.deliver(2, &[2; 40]);
    scene.deliver(7, &hello1);
    assert!(scene.closed.is_empty() && scene.inbox(2).is_empty() && scene.inbox(7).is_empty());
}

#[test]
fn a_message_too_short_to_name_a_channel_is_dropped() {
    let mut scene = Scene::new();
    let human = scene.join(1, Brings::default());
    for length in 0..4 {
        let mut bytes = [0, 0, 0, 1];
        let read = scene
            .arbiter
            .read(START, &mut scene.generator, &mut bytes[..length]);
        assert!(read.is_none());
    }
    assert!(scene.controls(&human) && scene.arbiter.poll().is_none());
}

#[test]
fn a_replayed_hello_never_becomes_control() {
    let mut scene = Scene::new();
    let mut human = scene.connect(1);
    let (handshake, hello1) = scene.hello(&mut human, Brings::default());
    scene.deliver(1, &hello1);
    let hello2 = scene.inbox(1).remove(0);
    let Ok(Answered::Accepted(accepted)) = handshake.read(START, &hello2) else {
        panic!("accepted");
    };
    let ready = accepted.ready.clone();
    scene.connect(2);
    scene.deliver(2, &hello1);
    scene.deliver(2, &ready);
    assert_eq!(
        scene.take_closed(),
        [(2, 4400)],
        "another's epoch ends this channel only"
    );
    scene.ready(&mut human, accepted);
    assert!(scene.controls(&human));
    scene.connect(3);
    scene.deliver(3, &hello1);
    scene.deliver(3, &ready);
    assert_eq!(scene.take_closed(), [(3, 4400)]);
    assert!(scene.controls(&human));
}

#[test]
fn over_a_channels_budget_a_hello_without_proof_is_dropped_unanswered() {
    let mut scene = Scene::new();
    let human = scene.join(1, Brings::default());
    let mut stranger = scene.connect(2);
    for _ in 0..5 {
        scene.expect_refused(&mut stranger, Brings::default(), RefusalReason::Busy);
    }
    let sixth = scene.ask(&mut stranger, Brings::default());
    assert!(sixth.is_none());
    assert!(scene.closed.is_empty(), "and stays open");
    let mut proved = scene.connect(3);
    for _ in 0..20 {
        scene.pend(&mut proved, Brings::secret(&human));
    }
    let accepted = scene.ask(&mut stranger, Brings::secret(&human));
    assert!(
        matches!(accepted, Some(Answered::Accepted(_))),
        "a proof has no budget"
    );
    scene.wait(10);
    scene.expect_refused(&mut stranger, Brings::default(), RefusalReason::Busy);
}

#[test]
fn a_challenger_that_tries_every_three_seconds_is_within_the_budget() {
    let mut scene = Scene::new();
    scene.join(1, Brings::default());
    let mut challenger = scene.connect(2);
    for _ in 0..20 {
        scene.expect_refused(&mut challenger, Brings::default(), RefusalReason::Busy);
        scene.wait(3);
    }
}

#[test]
fn the_sessions_budget_is_200_in_ten_seconds_and_the_controllers_channel_has_none() {
    let mut scene = Scene::new();
    let mut human = scene.join(1, Brings::default());
    // The human's own handshake was one.
    for place in 0..199_u16 {
        let chan = 2 + place / 5;
        let mut stranger = scene.connect(chan);
        scene.expect_refused(&mut stranger, Brings::default(), RefusalReason::Busy);
        if place % 5 == 4 {
            scene.disconnect(chan);
        }
    }
    let mut last = scene.connect(100);
    assert!(scene.ask(&mut last, Brings::default()).is_none());
    for _ in 0..6 {
        scene.expect_refused(&mut human, Brings::default(), RefusalReason::Busy);
    }
    scene.wait(10);
    scene.expect_refused(&mut last, Brings::default(), RefusalReason::Busy);
}

#[test]
fn epochs_grow_and_are_never_used_twice() {
    let mut scene = Scene::new();
    let mut viewer = scene.connect(1);
    for epoch in 1..5 {
        let accepted = scene.pend(&mut viewer, Brings::default());
        assert_eq!(accepted.epoch.epoch(), epoch);
        scene.wait(3);
    }
}

#[test]
fn channel_0_is_nobodys() {
    let mut scene = Scene::new();
    let mut viewer = scene.connect(0);
    assert!(scene.ask(&mut viewer, Brings::default()).is_none());
    assert!(scene.closed.is_empty());
}
