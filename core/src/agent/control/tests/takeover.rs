//! Handing over, and not being pestered about it.

use super::*;

fn question(about: u16) -> String {
    format!(r#"{{"type":"takeover","id":{about}}}"#)
}

#[test]
fn the_controller_is_asked_and_keeps_control_until_the_challengers_ready() {
    let mut scene = Scene::new();
    let mut human = scene.join(1, Brings::default());
    let mut challenger = scene.challenge(2);
    assert_eq!(scene.hears(&mut human), [question(2)]);
    scene.answers(&mut human, 2, "hand_over");
    let accepted = scene.pend(&mut challenger, Brings::default());
    assert!(scene.types(&mut human, "{}").is_some());
    scene.take_news();
    scene.ready(&mut challenger, accepted);
    assert!(scene.controls(&challenger));
    assert_eq!(scene.take_news(), [News::Replaced]);
    assert_eq!(scene.hears(&mut human), ["TakenOver"]);
    assert_eq!(scene.take_closed(), [(1, 4408)]);
}

#[test]
fn hand_over_wipes_the_old_controllers_secrets() {
    let mut scene = Scene::new();
    let first = scene.join(1, Brings::default());
    let mut human = scene.join(2, Brings::secret(&first));
    let mut tab = scene.connect(4);
    let stockpiled = scene.pend(&mut tab, Brings::secret(&human));
    let mut challenger = scene.challenge(3);
    scene.answers(&mut human, 3, "hand_over");
    let accepted = scene.pend(&mut challenger, Brings::default());
    scene.ready(&mut challenger, accepted);
    scene.take_closed();
    scene.ready(&mut tab, stockpiled);
    assert_eq!(
        scene.take_closed(),
        [(4, 4403)],
        "nor does a proof from before"
    );
    let mut back = scene.connect(5);
    for old in [&first, &human] {
        scene.expect_refused(&mut back, Brings::secret(old), RefusalReason::Busy);
    }
    assert!(scene.controls(&challenger));
}

#[test]
fn hand_over_does_not_wipe_the_secrets_of_one_who_was_displaced_before() {
    let mut scene = Scene::new();
    let human = scene.join(1, Brings::default());
    scene.wait(120);
    let mut stranger = scene.join(2, Brings::default());
    let mut friend = scene.challenge(3);
    scene.answers(&mut stranger, 3, "hand_over");
    let accepted = scene.pend(&mut friend, Brings::default());
    scene.ready(&mut friend, accepted);
    scene.join(4, Brings::secret(&human));
}

#[test]
fn a_hand_over_holds_for_60_s_and_that_channel_only() {
    for (wait, holds) in [(59_999, true), (60_000, false)] {
        let mut scene = Scene::new();
        let mut human = scene.join(1, Brings::default());
        let mut challenger = scene.challenge(2);
        let mut other = scene.challenge(3);
        scene.answers(&mut human, 2, "hand_over");
        scene.expect_refused(&mut other, Brings::default(), RefusalReason::Busy);
        scene.wait_millis(wait);
        match scene.ask(&mut challenger, Brings::default()) {
            Some(Answered::Accepted(_)) => assert!(holds),
            Some(Answered::Refused(reason)) => assert!(!holds && reason == RefusalReason::Busy),
            Some(Answered::Outdated(_)) | None => panic!("no answer"),
        }
    }
}

#[test]
fn a_hand_over_that_ran_out_before_ready_is_worth_nothing() {
    let mut scene = Scene::new();
    let mut human = scene.join(1, Brings::default());
    let mut challenger = scene.challenge(2);
    scene.answers(&mut human, 2, "hand_over");
    scene.wait(55);
    let stockpiled = scene.pend(&mut challenger, Brings::default());
    scene.wait(5);
    scene.ready(&mut challenger, stockpiled);
    assert_eq!(scene.take_closed(), [(2, 4403)]);
    assert!(scene.controls(&human));
}

#[test]
fn a_hand_over_dies_with_its_channel() {
    let mut scene = Scene::new();
    let mut human = scene.join(1, Brings::default());
    scene.challenge(2);
    scene.answers(&mut human, 2, "hand_over");
    scene.disconnect(2);
    scene.challenge(2);
}

#[test]
fn a_hand_over_survives_the_controllers_reload_but_not_another_controller() {
    let mut scene = Scene::new();
    let first = scene.join(1, Brings::default());
    scene.wait(120);
    let mut second = scene.join(2, Brings::default());
    let mut challenger = scene.challenge(3);
    scene.answers(&mut second, 3, "hand_over");
    let reloaded = scene.join(4, Brings::secret(&second));
    let granted = scene.pend(&mut challenger, Brings::default());
    assert!(scene.controls(&reloaded));
    scene.join(5, Brings::secret(&first));
    scene.take_closed();
    scene.ready(&mut challenger, granted);
    assert_eq!(scene.take_closed(), [(3, 4403)]);
}

#[test]
fn one_question_at_a_time_and_30_s_apart() {
    let mut scene = Scene::new();
    let mut human = scene.join(1, Brings::default());
    let mut challengers = [scene.challenge(2), scene.challenge(3)];
    assert_eq!(scene.hears(&mut human), [question(2)]);
    scene.wait(40);
    scene.expect_refused(&mut challengers[1], Brings::default(), RefusalReason::Busy);
    assert!(scene.hears(&mut human).is_empty(), "one is open");
    scene.answers(&mut human, 2, "keep");
    scene.expect_refused(&mut challengers[1], Brings::default(), RefusalReason::Busy);
    assert_eq!(scene.hears(&mut human), [question(3)]);
    scene.disconnect(3);
    scene.wait_millis(29_999);
    let mut third = scene.challenge(4);
    assert!(scene.hears(&mut human).is_empty(), "too soon");
    scene.wait_millis(1);
    scene.expect_refused(&mut third, Brings::default(), RefusalReason::Busy);
    assert_eq!(scene.hears(&mut human), [question(4)]);
}

#[test]
fn a_question_dies_after_60_s_or_with_its_channel() {
    for (wait, dies) in [(59_999, false), (60_000, true)] {
        let mut scene = Scene::new();
        let mut human = scene.join(1, Brings::default());
        scene.challenge(2);
        scene.wait_millis(wait);
        scene.answers(&mut human, 2, "hand_over");
        assert_eq!(
            scene.arbiter.right_without_proof(scene.now, 2).is_none(),
            dies
        );
    }
    let mut scene = Scene::new();
    let mut human = scene.join(1, Brings::default());
    scene.challenge(2);
    scene.disconnect(2);
    scene.answers(&mut human, 2, "hand_over");
    scene.challenge(2);
}

#[test]
fn after_keep_there_are_no_questions_about_that_channel() {
    let mut scene = Scene::new();
    let mut human = scene.join(1, Brings::default());
    let mut challenger = scene.challenge(2);
    scene.answers(&mut human, 2, "keep");
    scene.hears(&mut human);
    for _ in 0..30 {
        scene.wait(3);
        scene.types(&mut human, "{}");
        scene.expect_refused(&mut challenger, Brings::default(), RefusalReason::Busy);
    }
    assert!(scene.hears(&mut human).is_empty());
    scene.challenge(3);
    assert_eq!(scene.hears(&mut human), [question(3)]);
}

#[test]
fn a_channel_that_was_kept_from_is_asked_for_again_once_it_is_anothers() {
    let mut scene = Scene::new();
    let mut human = scene.join(1, Brings::default());
    let mut challenger = scene.challenge(2);
    scene.answers(&mut human, 2, "keep");
    scene.hears(&mut human);
    scene.connect(3);
    scene.disconnect(3);
    scene.wait(30);
    scene.expect_refused(&mut challenger, Brings::default(), RefusalReason::Busy);
    assert!(scene.hears(&mut human).is_empty());
    scene.disconnect(2);
    scene.challenge(2);
    assert_eq!(scene.hears(&mut human), [question(2)]);
}

#[test]
fn a_hand_over_dies_with_the_stream_that_numbered_its_channel() {
    let mut scene = Scene::new();
    let mut human = scene.join(1, Brings::default());
    scene.challenge(2);
    scene.answers(&mut human, 2, "hand_over");
    scene.arbiter.relay_lost();
    scene.drain();
    scene.challenge(2);
}

#[test]
fn two_keeps_silence_all() {
    let mut scene = Scene::new();
    let mut human = scene.join(1, Brings::default());
    for chan in [2, 3] {
        scene.challenge(chan);
        assert_eq!(scene.hears(&mut human), [question(chan)]);
        scene.answers(&mut human, chan, "keep");
        scene.disconnect(chan);
        scene.wait(30);
    }
    for chan in [2, 4, 5] {
        scene.types(&mut human, "{}");
        scene.wait(60);
        scene.challenge(chan);
        assert!(scene.hears(&mut human).is_empty(), "{chan}");
    }
    let mut reloaded = scene.join(9, Brings::secret(&human));
    scene.challenge(6);
    assert!(scene.hears(&mut reloaded).is_empty());
}

#[test]
fn an_answer_to_no_open_question_is_ignored() {
    let mut scene = Scene::new();
    let mut human = scene.join(1, Brings::default());
    scene.answers(&mut human, 2, "hand_over");
    scene.challenge(2);
    scene.answers(&mut human, 3, "hand_over");
    scene.answers(&mut human, 2, "keep");
    scene.answers(&mut human, 2, "hand_over");
    let mut again = scene.connect(2);
    scene.expect_refused(&mut again, Brings::default(), RefusalReason::Busy);
    assert!(scene.controls(&human));
}

#[test]
fn an_answer_with_a_member_of_the_wrong_type_is_fatal() {
    for json in [
        r#"{"type":"takeover","id":"2","answer":"keep"}"#,
        r#"{"type":"takeover","id":65536,"answer":"keep"}"#,
        r#"{"type":"takeover","id":2,"answer":true}"#,
        r#"{"type":"takeover","id":2,"answer":"perhaps"}"#,
        r#"{"type":"takeover","id":2}"#,
    ] {
        let mut scene = Scene::new();
        let mut human = scene.join(1, Brings::default());
        assert_eq!(scene.tells(&mut human, json), None);
        assert_eq!(scene.take_closed(), [(1, 4400)], "{json}");
    }
}

#[test]
fn nobody_is_asked_while_the_controller_is_away() {
    let mut scene = Scene::new();
    let human = scene.join(1, Brings::default());
    scene.disconnect(1);
    let mut challenger = scene.challenge(2);
    let mut back = scene.join(3, Brings::secret(&human));
    assert!(scene.hears(&mut back).is_empty());
    scene.expect_refused(&mut challenger, Brings::default(), RefusalReason::Busy);
    assert_eq!(scene.hears(&mut back), [question(2)]);
}
