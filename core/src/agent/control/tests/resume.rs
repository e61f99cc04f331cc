//! Coming back with a proof.

use super::*;
use crate::agent::control::slot::MAX_DISPLACED;

#[test]
fn a_proof_on_another_channel_takes_over_and_the_old_one_is_told_first() {
    let mut scene = Scene::new();
    let mut first = scene.join(1, Brings::default());
    scene.take_news();
    let mut second = scene.connect(2);
    let accepted = scene.pend(&mut second, Brings::secret(&first));
    assert!(
        scene.types(&mut first, "{}").is_some(),
        "in control until READY"
    );
    scene.arbiter.poll();
    let mut record = accepted.ready.clone();
    record[2..4].copy_from_slice(&2_u16.to_be_bytes());
    scene
        .arbiter
        .read(scene.now, &mut scene.generator, &mut record);
    let orders: Vec<Order> = core::iter::from_fn(|| scene.arbiter.poll()).collect();
    let [
        Order::Send(close),
        Order::CloseViewer {
            chan: 1,
            code: CloseCode::TakenOver,
        },
        Order::News(News::Resumed),
    ] = orders.as_slice()
    else {
        panic!("CLOSE, then 4408");
    };
    let mut close = close.clone();
    let opened = first
        .epoch
        .as_mut()
        .expect("keys")
        .open(scene.now, &mut close);
    assert!(matches!(
        opened.map(Opened::into_inner),
        Ok(FromAgent::Close(CloseReason::TakenOver))
    ));
}

#[test]
fn a_resume_on_the_same_channel_closes_nothing() {
    let mut scene = Scene::new();
    let mut human = scene.join(1, Brings::default());
    scene.take_news();
    let secret = human.secret.clone();
    let accepted = scene.pend(
        &mut human,
        Brings {
            secret: secret.as_ref(),
            pin: None,
        },
    );
    scene.ready(&mut human, accepted);
    assert!(scene.controls(&human) && scene.closed.is_empty());
    assert_eq!(scene.take_news(), [News::Resumed]);
}

#[test]
fn a_resume_is_told_how_many_records_of_which_epoch_were_accepted() {
    let mut scene = Scene::new();
    let mut human = scene.join(1, Brings::default());
    for _ in 0..4 {
        scene.types(&mut human, "{}");
    }
    scene.disconnect(1);
    let mut back = scene.connect(2);
    let accepted = scene.pend(&mut back, Brings::secret(&human));
    assert_eq!(
        (accepted.got, accepted.got_epoch),
        (Some(5), Some(1)),
        "READY is one"
    );
    scene.ready(&mut back, accepted);
    // Damaged after one more: that one counts, the damaged one doesn't.
    scene.types(&mut back, "{}");
    back.input(START, "lost on the way");
    scene.types(&mut back, "{}");
    assert_eq!(scene.take_closed(), [(2, 4400)]);
    let mut again = scene.connect(3);
    let accepted = scene.pend(&mut again, Brings::secret(&back));
    assert_eq!((accepted.got, accepted.got_epoch), (Some(2), Some(2)));
}

#[test]
fn the_active_epochs_secret_and_the_one_that_proved_it_count_and_no_older_one() {
    let mut scene = Scene::new();
    let first = scene.join(1, Brings::default());
    let second = scene.join(2, Brings::secret(&first));
    // Its first record in the new epoch never came: it still has the old secret.
    let third = scene.join(3, Brings::secret(&first));
    let mut viewer = scene.connect(4);
    scene.expect_refused(&mut viewer, Brings::secret(&second), RefusalReason::Busy);
    let fourth = scene.join(5, Brings::secret(&third));
    scene.expect_refused(&mut viewer, Brings::secret(&first), RefusalReason::Busy);
    scene.join(6, Brings::secret(&third));
    scene.expect_refused(&mut viewer, Brings::secret(&fourth), RefusalReason::Busy);
}

#[test]
fn of_two_tabs_with_one_secret_the_later_has_control() {
    let mut scene = Scene::new();
    let human = scene.join(1, Brings::default());
    scene.disconnect(1);
    let mut tabs = [2, 3].map(|chan| scene.connect(chan));
    let first = scene.pend(&mut tabs[0], Brings::secret(&human));
    let second = scene.pend(&mut tabs[1], Brings::secret(&human));
    scene.ready(&mut tabs[0], first);
    assert!(scene.controls(&tabs[0]));
    scene.ready(&mut tabs[1], second);
    assert!(scene.controls(&tabs[1]));
    assert_eq!(scene.hears(&mut tabs[0]), ["TakenOver"]);
    assert_eq!(scene.take_closed(), [(2, 4408)]);
}

#[test]
fn a_displaced_controller_comes_back_and_everyone_who_came_after_is_wiped() {
    let mut scene = Scene::new();
    let human = scene.join(1, Brings::default());
    scene.disconnect(1);
    scene.wait(120);
    let second = scene.join(2, Brings::default());
    scene.wait(120);
    let mut third = scene.join(3, Brings::default());
    scene.take_news();
    scene.take_closed();

    let mut back = scene.connect(4);
    let accepted = scene.pend(&mut back, Brings::secret(&human));
    assert_eq!(accepted.got_epoch, Some(1));
    scene.ready(&mut back, accepted);
    assert!(scene.controls(&back));
    assert_eq!(scene.take_news(), [News::Replaced]);
    assert_eq!(scene.hears(&mut third), ["TakenOver"]);
    assert_eq!(scene.take_closed(), [(3, 4408)]);
    let mut viewer = scene.connect(5);
    scene.expect_refused(&mut viewer, Brings::secret(&second), RefusalReason::Busy);
    scene.expect_refused(&mut viewer, Brings::secret(&third), RefusalReason::Busy);
    scene.join(6, Brings::secret(&human));
}

#[test]
fn a_proof_that_was_wiped_before_ready_is_worth_nothing() {
    let mut scene = Scene::new();
    let human = scene.join(1, Brings::default());
    scene.disconnect(1);
    scene.wait(120);
    let second = scene.join(2, Brings::default());
    let mut tab = scene.connect(3);
    let stockpiled = scene.pend(&mut tab, Brings::secret(&second));
    let back = scene.join(4, Brings::secret(&human));
    scene.take_closed();
    scene.ready(&mut tab, stockpiled);
    assert_eq!(scene.take_closed(), [(3, 4403)]);
    assert!(scene.controls(&back));
}

#[test]
fn a_wrong_proof_is_none() {
    let mut scene = Scene::new();
    scene.join(1, Brings::default());
    let mut elsewhere = Scene::new();
    elsewhere.generator.bytes::<1>();
    let foreign = elsewhere.join(1, Brings::default());
    let mut viewer = scene.connect(2);
    scene.expect_refused(&mut viewer, Brings::secret(&foreign), RefusalReason::Busy);
}

#[test]
fn nobody_can_push_out_the_first_displaced_viewer() {
    let mut scene = Scene::new();
    let human = scene.join(1, Brings::default());
    for place in 0..=MAX_DISPLACED {
        scene.wait(120);
        let chan = 2 + u16::try_from(place).expect("few");
        scene.join(chan, Brings::default());
    }
    assert!(scene.arbiter.slot.displaced() <= MAX_DISPLACED);
    scene.join(1, Brings::secret(&human));
    assert_eq!(scene.arbiter.slot.displaced(), 0);
}
