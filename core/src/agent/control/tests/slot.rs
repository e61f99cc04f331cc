//! Who holds the slot, and for how long.

use super::*;

#[test]
fn silence_alone_never_frees_the_slot_for_120_s() {
    for is_there in [true, false] {
        let mut scene = Scene::new();
        let human = scene.join(1, Brings::default());
        if !is_there {
            scene.disconnect(1);
        }
        scene.wait_millis(119_999);
        let mut stranger = scene.challenge(2);
        scene.wait_millis(1);
        let accepted = scene.pend(&mut stranger, Brings::default());
        assert_eq!(scene.controls(&human), is_there, "until READY");
        scene.take_news();
        scene.ready(&mut stranger, accepted);
        assert!(scene.controls(&stranger));
        assert_eq!(scene.take_news(), [News::Replaced]);
    }
}

#[test]
fn a_controller_that_is_heard_again_keeps_the_slot_from_a_pending_one() {
    let mut scene = Scene::new();
    let mut human = scene.join(1, Brings::default());
    scene.wait(120);
    let mut stranger = scene.connect(2);
    let accepted = scene.pend(&mut stranger, Brings::default());
    assert!(scene.types(&mut human, "{}").is_some());
    scene.ready(&mut stranger, accepted);
    assert_eq!(scene.take_closed(), [(2, 4403)]);
    assert!(scene.controls(&human));
}

#[test]
fn a_copy_of_the_controllers_hello_is_no_sign_of_life() {
    let mut scene = Scene::new();
    let mut human = scene.join(1, Brings::default());
    let secret = human.secret.clone().expect("a secret");
    let brings = Brings {
        secret: Some(&secret),
        pin: None,
    };
    let (_, hello1) = scene.hello(&mut human, brings);
    scene.connect(3);
    for _ in 0..12 {
        scene.wait(10);
        scene.deliver(3, &hello1);
    }
    scene.join(2, Brings::default());
}

#[test]
fn a_silent_controller_that_is_replaced_is_told() {
    let mut scene = Scene::new();
    let mut human = scene.join(1, Brings::default());
    scene.wait(120);
    let other = scene.join(2, Brings::default());
    assert_eq!(scene.hears(&mut human), ["TakenOver"]);
    assert_eq!(scene.take_closed(), [(1, 4408)]);
    let late = human
        .epoch
        .as_mut()
        .map(|epoch| epoch.seal_input(START, b"{}"));
    assert!(late.is_some_and(|record| scene.deliver(1, &record.expect("keys")).is_none()));
    assert!(scene.controls(&other));
}

#[test]
fn left_frees_the_slot_and_wipes_the_secrets() {
    let mut scene = Scene::new();
    let mut human = scene.join(1, Brings::default());
    scene.take_news();
    scene.leaves(&mut human);
    assert_eq!(scene.take_closed(), [(1, 1000)]);
    assert_eq!(scene.take_news(), [News::Left]);
    assert!(!scene.arbiter.is_controlled());
    scene.join(2, Brings::default());
    let mut back = scene.connect(3);
    scene.expect_refused(&mut back, Brings::secret(&human), RefusalReason::Busy);
}

#[test]
fn a_channel_that_closes_leaves_the_slot_with_its_holder() {
    let mut scene = Scene::new();
    let human = scene.join(1, Brings::default());
    scene.take_news();
    scene.disconnect(1);
    assert_eq!(scene.take_news(), [News::Left]);
    assert!(!scene.arbiter.is_controlled());
    assert_eq!(scene.arbiter.got(), 0);
    scene.challenge(2);
    scene.join(3, Brings::secret(&human));
    assert_eq!(scene.take_news(), [News::Resumed]);
}

#[test]
fn a_fatal_error_wipes_the_keys_but_not_the_slot_or_the_secrets() {
    let mut scene = Scene::new();
    let mut human = scene.join(1, Brings::default());
    scene.take_news();
    let mut record = human.input(START, "{}");
    let last = record.len() - 1;
    record[last] ^= 1;
    assert_eq!(scene.deliver(1, &record), None);
    assert_eq!(scene.take_closed(), [(1, 4400)]);
    assert_eq!(scene.take_news(), [News::Left]);
    scene.challenge(2);
    scene.join(3, Brings::secret(&human));
}

#[test]
fn a_replayed_reordered_or_skipped_record_is_fatal() {
    for order in [&[0, 0][..], &[1], &[0, 2]] {
        let mut scene = Scene::new();
        let mut human = scene.join(1, Brings::default());
        let records = ["a", "b", "c"].map(|json| human.input(START, json));
        let (last, first) = order.split_last().expect("some");
        for place in first {
            assert!(scene.deliver(1, &records[*place]).is_some());
        }
        assert_eq!(scene.deliver(1, &records[*last]), None);
        assert_eq!(scene.take_closed(), [(1, 4400)]);
    }
}

#[test]
fn a_record_whose_channel_is_not_its_epochs_ends_that_channel_only() {
    let mut scene = Scene::new();
    let mut human = scene.join(1, Brings::default());
    scene.challenge(2);
    let record = human.input(START, "{}");
    assert_eq!(scene.deliver(2, &record), None);
    assert_eq!(scene.take_closed(), [(2, 4400)]);
    assert_eq!(scene.arbiter.got(), 1, "no counter moved");
    assert_eq!(scene.deliver(1, &record).as_deref(), Some("{}"));
}

#[test]
fn a_record_of_another_epoch_is_dropped_silently() {
    let mut scene = Scene::new();
    let mut human = scene.join(1, Brings::default());
    let old = human.input(START, "{}");
    let secret = human.secret.clone();
    let brings = Brings {
        secret: secret.as_ref(),
        pin: None,
    };
    let accepted = scene.pend(&mut human, brings);
    scene.ready(&mut human, accepted);
    assert_eq!(scene.deliver(1, &old), None);
    assert!(scene.closed.is_empty());
    assert_eq!(scene.types(&mut human, "{}").as_deref(), Some("{}"));
}

#[test]
fn what_the_session_rejects_is_fatal_to_the_controllers_channel_only() {
    let mut scene = Scene::new();
    scene.join(1, Brings::default());
    scene.challenge(2);
    scene.arbiter.reject(scene.now);
    scene.drain();
    assert_eq!(scene.take_closed(), [(1, 4400)]);
    scene.arbiter.reject(scene.now);
    scene.drain();
    assert!(scene.closed.is_empty(), "nobody is there");
}

#[test]
fn an_agent_that_lost_the_relay_ends_all_epochs_and_the_holder_keeps_the_slot() {
    let mut scene = Scene::new();
    let human = scene.join(1, Brings::default());
    let mut stranger = scene.connect(2);
    let stockpiled = scene.pend(&mut stranger, Brings::secret(&human));
    scene.take_news();
    assert!(scene.arbiter.seal_control(scene.now, br#"{"type":"url"}"#));
    scene.arbiter.relay_lost();
    scene.drain();
    assert_eq!(scene.take_news(), [News::Left]);
    assert!(scene.inbox(1).is_empty(), "channels are numbered anew");
    let unheard = scene.ask(&mut stranger, Brings::secret(&human));
    assert!(unheard.is_none(), "its channel isn't told of yet");
    scene.arbiter.viewer_connected(2);
    scene.ready(&mut stranger, stockpiled);
    assert!(!scene.arbiter.is_controlled());
    let mut other = scene.connect(1);
    scene.expect_refused(&mut other, Brings::default(), RefusalReason::Busy);
    scene.join(3, Brings::secret(&human));
    assert_eq!(scene.take_news(), [News::Resumed]);
}

#[test]
fn three_damaged_channels_in_30_s_are_told_of_once() {
    let mut scene = Scene::new();
    for (wait, told) in [
        (0, false),
        (14, false),
        (16, false),
        (13, true),
        (0, false),
        (0, false),
        (0, true),
    ] {
        scene.wait(wait);
        scene.connect(1);
        scene.deliver(1, &[0; 40]);
        assert_eq!(scene.take_closed(), [(1, 4400)]);
        assert_eq!(scene.take_news().contains(&News::Tampered), told);
    }
}
