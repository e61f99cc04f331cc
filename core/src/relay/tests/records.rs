//! Version 2: what reaches whom, in which order, and what nobody ever hears.

use super::*;

#[test]
fn a_viewers_record_reaches_the_agent_with_the_number_of_its_channel() {
    let mut scene = Scene::sealed();
    let agent = scene.agent();
    let (first, second) = (scene.sealed_viewer(), scene.sealed_viewer());
    scene.heard(agent);
    // Whatever a viewer writes there itself.
    scene.sends(second, record(Kind::Hello1, 1, 10));
    scene.sends(first, record(Kind::Input, 0, 11));
    assert_eq!(scene.heard(agent), [told(2, 10), told(1, 11)]);
}

#[test]
fn the_agents_record_reaches_the_viewer_it_names_and_no_other_with_zero_for_its_channel() {
    let mut scene = Scene::sealed();
    let agent = scene.agent();
    let (first, second) = (scene.sealed_viewer(), scene.sealed_viewer());
    scene.heard(first);
    scene.heard(second);
    scene.sends(agent, record(Kind::Control, 2, 10));
    scene.sends(agent, record(Kind::Frame, 2, 11));
    assert_eq!(scene.heard(second), [told(0, 10), shown(0, 11)]);
    assert!(scene.heard(first).is_empty());
}

#[test]
fn nothing_but_the_channel_is_changed() {
    let mut scene = Scene::sealed();
    let (agent, viewer) = (scene.agent(), scene.sealed_viewer());
    let bytes: Vec<u8> = [2, 0xEE, 0, 1].into_iter().chain(4..=99).collect();
    scene.sends(viewer, bytes.clone().into());
    scene.sends(agent, bytes.clone().into());
    let to_both: Vec<Item> = scene
        .sent
        .iter()
        .filter(|(_, item)| matches!(item, Item::Binary(_)))
        .map(|(_, item)| item.clone())
        .collect();
    let mut to_viewer = bytes.clone();
    to_viewer[3] = 0;
    assert!(to_both == [Item::Binary(bytes.into()), Item::Binary(to_viewer.into())]);
}

#[test]
fn a_record_for_a_channel_that_nobody_has_reaches_nobody() {
    let mut scene = Scene::sealed();
    let (agent, viewer) = (scene.agent(), scene.sealed_viewer());
    let gone = scene.sealed_viewer();
    scene.leaves(gone);
    scene.heard(viewer);
    for chan in [0, 2, 3, u16::MAX] {
        scene.sends(agent, record(Kind::Control, chan, 1));
        scene.sends(agent, record(Kind::Frame, chan, 2));
    }
    assert!(scene.heard(viewer).is_empty());
    assert_eq!(scene.room.counts().unheard, 8);
}

#[test]
fn a_slow_viewer_gets_the_newest_frame_only_and_holds_up_nobody() {
    let mut scene = Scene::sealed();
    let agent = scene.agent();
    let (slow, quick) = (scene.sealed_viewer(), scene.sealed_viewer());
    scene.heard(slow);
    scene.heard(quick);
    scene.sticks(slow);
    for number in 1..=9 {
        scene.sends(agent, record(Kind::Frame, 1, number));
        scene.sends(agent, record(Kind::Frame, 2, number));
    }
    assert_eq!(scene.heard(quick).len(), 9);
    assert_eq!(scene.heard(slow), [shown(0, 1)]);
    scene.flows(slow);
    assert_eq!(scene.heard(slow), [shown(0, 9)]);
    assert_eq!(scene.room.counts().frames_replaced, 7);
}

#[test]
fn a_frame_never_overtakes_earlier_control_and_control_may_overtake_it() {
    let mut scene = Scene::sealed();
    let (agent, viewer) = (scene.agent(), scene.sealed_viewer());
    scene.heard(viewer);
    scene.sticks(viewer);
    scene.sends(agent, record(Kind::Control, 1, 1));
    scene.sends(agent, record(Kind::Control, 1, 2));
    scene.sends(agent, record(Kind::Frame, 1, 3));
    scene.sends(agent, record(Kind::Control, 1, 4));
    scene.sends(agent, record(Kind::Frame, 1, 5));
    scene.flows(viewer);
    assert_eq!(
        scene.heard(viewer),
        [told(0, 1), told(0, 2), told(0, 4), shown(0, 5)]
    );
}

#[test]
fn control_that_overflows_closes_that_channel_only_with_1012() {
    let mut scene = Scene::sealed();
    let agent = scene.agent();
    let (stuck, other) = (scene.sealed_viewer(), scene.sealed_viewer());
    scene.heard(agent);
    scene.sticks(stuck);
    for _ in 0..=MAX_CONTROL_ENTRIES + 1 {
        scene.sends(agent, record(Kind::Control, 1, 0));
        scene.sends(agent, record(Kind::Control, 2, 0));
    }
    assert_eq!(scene.closes(), [(stuck, Close::Overflow)]);
    assert_eq!(Close::Overflow.code(), 1012);
    assert_eq!(scene.heard(agent), [disconnected(1)]);
    assert_eq!(scene.heard(other).len(), MAX_CONTROL_ENTRIES + 3);
}

#[test]
fn nothing_is_queued_for_an_absent_agent() {
    let mut scene = Scene::sealed();
    let viewer = scene.sealed_viewer();
    scene.sends(viewer, record(Kind::Hello1, 0, 1));
    let agent = scene.agent();
    assert_eq!(scene.heard(agent), [connected(1)]);
    assert_eq!(scene.room.counts().unheard, 1);
}

#[test]
fn nothing_is_queued_for_an_absent_viewer() {
    let mut scene = Scene::sealed();
    let agent = scene.agent();
    scene.sends(agent, record(Kind::Frame, 1, 1));
    scene.sends(agent, record(Kind::Control, 1, 2));
    let viewer = scene.sealed_viewer();
    assert_eq!(scene.heard(viewer), [notice("agent_connected")]);
}

#[test]
fn a_frame_of_an_agent_that_went_is_not_shown_and_its_last_words_are() {
    let mut scene = Scene::sealed();
    let (agent, viewer) = (scene.agent(), scene.sealed_viewer());
    scene.heard(viewer);
    scene.sticks(viewer);
    scene.sends(agent, record(Kind::Control, 1, 1));
    scene.sends(agent, record(Kind::Frame, 1, 2));
    scene.sends(agent, record(Kind::Close, 1, 3));
    scene.leaves(agent);
    scene.flows(viewer);
    assert_eq!(
        scene.heard(viewer),
        [told(0, 1), told(0, 3), notice("agent_disconnected")]
    );
}

#[test]
fn a_viewers_text_never_reaches_the_agent() {
    let mut scene = Scene::sealed();
    let (agent, viewer) = (scene.agent(), scene.sealed_viewer());
    scene.heard(agent);
    for text in [
        r#"{"type":"encrypted","payload":{}}"#,
        r#"{"type":"pubkey","key":"x"}"#,
        r#"{"type":"resolved"}"#,
        r#"{"type":"close_viewer","chan":1,"code":4400}"#,
        r#"{"type":"viewer_disconnected","chan":1}"#,
        r#"{"type":"session_cancelled"}"#,
        "",
    ] {
        scene.says(viewer, text);
    }
    assert!(scene.heard(agent).is_empty());
    assert!(scene.closes().is_empty());
    assert_eq!(scene.room.counts().texts_dropped, 7);
    assert_eq!(scene.status(), SessionStatus::Active);
}

#[test]
fn the_agents_text_never_reaches_a_viewer() {
    let mut scene = Scene::sealed();
    let (agent, viewer) = (scene.agent(), scene.sealed_viewer());
    scene.heard(viewer);
    for text in [
        KEY,
        &meta(1),
        r#"{"type":"agent_connected"}"#,
        r#"{"type":"close_viewer","chan":0,"code":4400}"#,
        r#"{"type":"close_viewer","chan":1,"code":4410}"#,
    ] {
        scene.says(agent, text);
    }
    assert!(scene.heard(viewer).is_empty());
    assert!(scene.closes().is_empty());
    assert_eq!(scene.room.counts().texts_dropped, 5);
}

#[test]
fn a_viewers_message_that_is_no_record_is_not_forwarded_and_closes_it_with_4400() {
    for wrong in [
        Bytes::new(),
        Bytes::from_static(&[2]),
        record(Kind::Input, 0, 0).slice(..31),
        Bytes::from_static(&[0xFF; 64]),
        Bytes::from_static(&[1; 64]),
    ] {
        let mut scene = Scene::sealed();
        let agent = scene.agent();
        let (viewer, _other) = (scene.sealed_viewer(), scene.sealed_viewer());
        scene.heard(agent);
        scene.sends(viewer, wrong);
        let damaged = Close::Viewer(CloseCode::Damaged);
        assert_eq!(damaged.code(), 4400);
        assert_eq!(scene.closes(), [(viewer, damaged)]);
        assert_eq!(scene.heard(agent), [disconnected(1)]);
        assert_eq!(scene.room.counts().malformed, 1);
    }
}

#[test]
fn an_agents_message_that_is_no_record_is_dropped_and_counted() {
    let mut scene = Scene::sealed();
    let (agent, viewer) = (scene.agent(), scene.sealed_viewer());
    scene.heard(viewer);
    scene.sends(agent, Bytes::from_static(&[0xFF, 0xD8, 0, 1]));
    scene.sends(agent, Bytes::from_static(&[0xFF; 64]));
    scene.sends(agent, sized_record(Kind::Frame, 1, 1, MAX_FROM_AGENT + 1));
    assert!(scene.heard(viewer).is_empty());
    assert_eq!(scene.room.counts().malformed, 3);
    scene.sends(agent, sized_record(Kind::Frame, 1, 2, MAX_FROM_AGENT));
    assert_eq!(scene.heard(viewer), [shown(0, 2)]);
}

#[test]
fn a_viewers_record_may_have_80_kib_and_no_more() {
    let mut scene = Scene::sealed();
    let (agent, viewer) = (scene.agent(), scene.sealed_viewer());
    scene.heard(agent);
    assert_eq!(MAX_FROM_VIEWER, 80 * 1024);
    scene.sends(viewer, sized_record(Kind::Input, 0, 1, MAX_FROM_VIEWER));
    assert_eq!(scene.heard(agent), [told(1, 1)]);
    scene.sends(viewer, sized_record(Kind::Input, 0, 2, MAX_FROM_VIEWER + 1));
    assert_eq!(scene.closes(), [(viewer, Close::TooLarge)]);
    assert_eq!(scene.heard(agent), [disconnected(1)]);
}

#[test]
fn a_viewer_that_sends_too_much_is_closed_and_a_busy_human_is_not() {
    let mut scene = Scene::sealed();
    let (_, human) = (scene.agent(), scene.sealed_viewer());
    let flood = scene.sealed_viewer();
    for number in 0..5_000 {
        scene.sends(human, record(Kind::Input, 0, number));
        scene.after(Duration::from_millis(2));
    }
    assert!(scene.closes().is_empty());
    for number in 0..1_001 {
        scene.sends(flood, record(Kind::Input, 0, number));
    }
    assert_eq!(scene.closes(), [(flood, Close::TooMany)]);
    assert_eq!(Close::TooMany.code(), 4409);
}

#[test]
fn one_viewers_flood_does_not_stop_the_agent_from_hearing_another() {
    let mut scene = Scene::sealed();
    let agent = scene.agent();
    let (flood, human) = (scene.sealed_viewer(), scene.sealed_viewer());
    scene.heard(agent);
    scene.sticks(agent);
    let mut sent = 0;
    while scene.room.wants(flood) {
        scene.sends(flood, sized_record(Kind::Input, 0, sent, MAX_FROM_VIEWER));
        sent += 1;
    }
    assert!(sent <= 3, "one is written, and a share waits");
    assert!(scene.room.wants(human));
    scene.sends(human, record(Kind::Input, 0, 77));
    scene.flows(agent);
    assert!(scene.heard(agent).contains(&told(2, 77)));
    assert!(scene.closes().is_empty());
}

#[test]
fn the_agent_closes_a_viewer_by_each_of_its_codes_after_what_it_sent_before() {
    for code in CloseCode::ALL {
        let mut scene = Scene::sealed();
        let agent = scene.agent();
        let (viewer, other) = (scene.sealed_viewer(), scene.sealed_viewer());
        scene.heard(agent);
        scene.heard(viewer);
        scene.sticks(viewer);
        scene.sends(agent, record(Kind::Frame, 1, 1));
        scene.sends(agent, record(Kind::Frame, 1, 2));
        scene.sends(agent, record(Kind::Close, 1, 3));
        scene.asks_to_close(agent, 1, code);
        assert_eq!(scene.heard(agent), [disconnected(1)]);
        assert!(scene.closes().is_empty(), "it still has something to hear");
        scene.flows(viewer);
        assert_eq!(scene.heard(viewer), [shown(0, 1), told(0, 3)]);
        assert_eq!(scene.closes(), [(viewer, Close::Viewer(code))]);
        scene.sends(other, record(Kind::Input, 0, 4));
        assert_eq!(scene.heard(agent), [told(2, 4)]);
    }
}

#[test]
fn a_viewer_that_is_to_be_closed_is_not_heard_any_more_and_hears_nothing_new() {
    let mut scene = Scene::sealed();
    let (agent, viewer) = (scene.agent(), scene.sealed_viewer());
    scene.sticks(viewer);
    scene.sends(agent, record(Kind::Control, 1, 1));
    scene.sends(agent, record(Kind::Control, 1, 2));
    scene.asks_to_close(agent, 1, CloseCode::Done);
    scene.heard(agent);
    scene.heard(viewer);
    scene.sends(viewer, record(Kind::Input, 0, 3));
    scene.says(viewer, "text");
    scene.sends(agent, record(Kind::Control, 1, 3));
    scene.sends(agent, record(Kind::Frame, 1, 4));
    scene.asks_to_close(agent, 1, CloseCode::TakenOver);
    scene.leaves(agent);
    scene.agent();
    assert!(scene.heard(agent).is_empty());
    scene.flows(viewer);
    assert_eq!(scene.heard(viewer), [told(0, 2)]);
    assert_eq!(scene.closes(), [(viewer, Close::Viewer(CloseCode::Done))]);
}

#[test]
fn a_viewer_that_does_not_hear_the_rest_in_time_is_closed_without_it() {
    let mut scene = Scene::sealed();
    let (agent, viewer) = (scene.agent(), scene.sealed_viewer());
    scene.sticks(viewer);
    scene.sends(agent, record(Kind::Control, 1, 1));
    scene.asks_to_close(agent, 1, CloseCode::TakenOver);
    scene.after(LAST_WORDS - Duration::from_millis(1));
    assert!(scene.closes().is_empty());
    scene.after(Duration::from_millis(1));
    assert_eq!(
        scene.closes(),
        [(viewer, Close::Viewer(CloseCode::TakenOver))]
    );
}
