//! Trying PINs.

use super::*;

const WRONG: &str = "543210";

/// Tries a PIN on a channel of its own.
fn tries(scene: &mut Scene, chan: u16, pin: &str, why: RefusalReason) {
    let mut viewer = scene.connect(chan);
    scene.expect_refused(&mut viewer, Brings::pin(pin), why);
    scene.disconnect(chan);
}

#[test]
fn the_pin_lets_in_and_none_is_no_try() {
    let mut scene = Scene::with_pin();
    let mut viewer = scene.connect(1);
    for _ in 0..5 {
        scene.expect_refused(&mut viewer, Brings::default(), RefusalReason::Pin);
    }
    scene.wait(10);
    assert!(scene.take_news().is_empty());
    scene.expect_refused(&mut viewer, Brings::pin(WRONG), RefusalReason::Pin);
    let accepted = scene.pend(&mut viewer, Brings::pin(PIN));
    scene.ready(&mut viewer, accepted);
    assert!(scene.controls(&viewer));
}

#[test]
fn three_wrong_ones_before_the_first_controller_end_the_session() {
    let mut scene = Scene::with_pin();
    for chan in 1..=3 {
        assert!(scene.take_news().is_empty());
        tries(&mut scene, chan, WRONG, RefusalReason::Pin);
    }
    assert_eq!(scene.take_news(), [News::WrongPins]);
    tries(&mut scene, 4, PIN, RefusalReason::Closed);
    assert!(scene.take_news().is_empty());
}

#[test]
fn a_wrong_one_counts_once_per_ephemeral_key() {
    let mut scene = Scene::with_pin();
    let mut viewer = scene.connect(1);
    let (_, hello1) = scene.hello(&mut viewer, Brings::pin(WRONG));
    for _ in 0..5 {
        scene.deliver(1, &hello1);
    }
    assert_eq!(scene.inbox(1).len(), 5, "each is answered");
    assert!(scene.take_news().is_empty());
    tries(&mut scene, 2, WRONG, RefusalReason::Pin);
    assert!(scene.take_news().is_empty());
    tries(&mut scene, 3, WRONG, RefusalReason::Pin);
    assert_eq!(scene.take_news(), [News::WrongPins]);
}

#[test]
fn no_copy_of_an_earlier_wrong_one_counts_again() {
    let mut scene = Scene::with_pin();
    let mut viewer = scene.connect(1);
    let hellos = [(); 2].map(|()| scene.hello(&mut viewer, Brings::pin(WRONG)).1);
    for hello1 in hellos.iter().chain(&hellos) {
        scene.deliver(1, hello1);
    }
    assert_eq!(scene.inbox(1).len(), 4, "each is answered");
    assert!(scene.take_news().is_empty());
}

#[test]
fn what_a_hello_brought_is_noted_where_notes_are_taken() {
    let mut scene = Scene::with_pin();
    let mut viewer = scene.connect(1);
    scene.ask(&mut viewer, Brings::default());
    assert!(scene.arbiter.heard().is_none());
    let mut notes = Notes::default();
    notes.start();
    scene.arbiter.take_notes_like(&notes);
    for (pin, is_right) in [
        (None, None),
        (Some(WRONG), Some(false)),
        (Some(PIN), Some(true)),
    ] {
        let brings = Brings {
            pin,
            ..Brings::default()
        };
        scene.ask(&mut viewer, brings);
        let Some(Heard::Hello { pin, proof, .. }) = scene.arbiter.heard() else {
            panic!("it is a hello");
        };
        assert_eq!((pin, proof), (is_right, None));
    }
}

#[test]
fn tries_while_a_controller_works_are_not_looked_at() {
    let mut scene = Scene::with_pin();
    let mut human = scene.join(1, Brings::pin(PIN));
    for chan in 2..10 {
        tries(&mut scene, chan, WRONG, RefusalReason::Busy);
        tries(&mut scene, chan, PIN, RefusalReason::Busy);
    }
    scene.wait(120);
    tries(&mut scene, 2, WRONG, RefusalReason::Pin);
    scene.types(&mut human, "{}");
    assert_eq!(scene.take_news(), [News::Joined]);
}

#[test]
fn a_proof_replaces_the_pin_and_is_checked_first() {
    let mut scene = Scene::with_pin();
    let human = scene.join(1, Brings::pin(PIN));
    scene.disconnect(1);
    scene.wait(120);
    let mut back = scene.connect(2);
    let brings = Brings {
        pin: Some(WRONG),
        secret: human.secret.as_ref(),
    };
    for _ in 0..6 {
        scene.pend(&mut back, brings);
    }
    let mut stranger = scene.connect(3);
    scene.expect_refused(&mut stranger, Brings::default(), RefusalReason::Pin);
}

#[test]
fn consent_does_not_replace_the_pin() {
    let mut scene = Scene::with_pin();
    let mut human = scene.join(1, Brings::pin(PIN));
    let mut challenger = scene.challenge(2);
    scene.answers(&mut human, 2, "hand_over");
    scene.expect_refused(&mut challenger, Brings::default(), RefusalReason::Pin);
    let accepted = scene.pend(&mut challenger, Brings::pin(PIN));
    scene.ready(&mut challenger, accepted);
    assert!(scene.controls(&challenger));
}

#[test]
fn a_proof_that_was_wiped_before_ready_does_not_replace_the_pin() {
    let mut scene = Scene::with_pin();
    let mut human = scene.join(1, Brings::pin(PIN));
    let mut tab = scene.connect(2);
    let stockpiled = scene.pend(&mut tab, Brings::secret(&human));
    scene.leaves(&mut human);
    scene.take_closed();
    scene.ready(&mut tab, stockpiled);
    assert_eq!(scene.take_closed(), [(2, 4403)]);
    assert!(!scene.arbiter.is_controlled());
}

#[test]
fn a_proof_that_was_wiped_before_ready_is_as_good_as_none_where_no_pin_is_asked_for() {
    let mut scene = Scene::new();
    let mut human = scene.join(1, Brings::default());
    let mut tab = scene.connect(2);
    let stockpiled = scene.pend(&mut tab, Brings::secret(&human));
    scene.leaves(&mut human);
    scene.ready(&mut tab, stockpiled);
    assert!(scene.controls(&tab));
}

#[test]
fn after_three_later_ones_all_without_proof_are_turned_away_until_the_controller_is_heard() {
    let mut scene = Scene::with_pin();
    let mut human = scene.join(1, Brings::pin(PIN));
    scene.wait(120);
    scene.take_news();
    for chan in 2..5 {
        tries(&mut scene, chan, WRONG, RefusalReason::Pin);
    }
    assert!(scene.take_news().is_empty(), "the session goes on");
    tries(&mut scene, 5, PIN, RefusalReason::Closed);
    let mut proved = scene.connect(6);
    scene.pend(&mut proved, Brings::secret(&human));
    scene.types(&mut human, "{}");
    scene.wait(120);
    tries(&mut scene, 7, WRONG, RefusalReason::Pin);
    tries(&mut scene, 8, PIN, RefusalReason::Closed);
    scene.types(&mut human, "{}");
    scene.wait(120);
    scene.join(9, Brings::pin(PIN));
}

#[test]
fn the_count_restarts_when_somebody_takes_control() {
    let mut scene = Scene::with_pin();
    for round in 0..4_u16 {
        let base = 10 * round;
        for chan in [base + 1, base + 2] {
            tries(&mut scene, chan, WRONG, RefusalReason::Pin);
        }
        let mut human = scene.join(base + 3, Brings::pin(PIN));
        scene.leaves(&mut human);
    }
    assert!(!scene.take_news().contains(&News::WrongPins));
}
