//! What reaches the other side.

use super::*;

#[test]
fn messages_are_forwarded_untouched_both_ways() {
    let mut scene = Scene::new();
    let (agent, viewer) = (scene.agent(), scene.viewer());
    scene.heard(agent);
    scene.heard(viewer);
    let odd = " {\"type\" : \"encrypted\",  \"payload\":{}} \u{1f600}";
    scene.says(viewer, odd);
    assert_eq!(scene.heard(agent), [odd]);
    for text in ["not even JSON", r#"{"type":"other"}"#] {
        scene.says(agent, text);
        assert_eq!(scene.heard(viewer), [text]);
    }
}

#[test]
fn a_frame_goes_out_as_its_announcement_and_its_picture() {
    let mut scene = Scene::new();
    let (agent, viewer) = (scene.agent(), scene.viewer());
    scene.heard(viewer);
    scene.shows(agent, 7);
    assert_eq!(scene.heard(viewer), [meta(7), "jpeg 7".into()]);
}

#[test]
fn an_announcement_too_long_to_be_held_back_is_forwarded_as_any_text() {
    let mut scene = Scene::new();
    let (agent, viewer) = (scene.agent(), scene.viewer());
    scene.heard(viewer);
    let long = alloc::format!(r#"{{"type":"frame","x":"{}"}}"#, "x".repeat(4096));
    scene.says(agent, &long);
    assert_eq!(scene.heard(viewer), [long]);
}

#[test]
fn a_slow_viewer_gets_the_newest_frame_only() {
    let mut scene = Scene::new();
    let (agent, viewer) = (scene.agent(), scene.viewer());
    scene.heard(viewer);
    scene.sticks(viewer);
    for number in 1..=9 {
        scene.shows(agent, number);
    }
    assert_eq!(scene.heard(viewer), [meta(1), "jpeg 1".into()]);
    scene.flows(viewer);
    assert_eq!(scene.heard(viewer), [meta(9), "jpeg 9".into()]);
    assert_eq!(scene.room.counts().frames, 9);
    assert_eq!(scene.room.counts().frames_replaced, 7);
}

#[test]
fn control_overtakes_a_waiting_frame_and_keeps_its_order() {
    let mut scene = Scene::new();
    let (agent, viewer) = (scene.agent(), scene.viewer());
    scene.heard(viewer);
    scene.sticks(viewer);
    scene.shows(agent, 1);
    scene.heard(viewer);
    scene.shows(agent, 2);
    scene.says(agent, "a");
    scene.says(agent, "b");
    scene.flows(viewer);
    assert_eq!(
        scene.heard(viewer),
        ["a".into(), "b".into(), meta(2), "jpeg 2".to_string()]
    );
}

#[test]
fn control_between_the_halves_of_a_frame_does_not_tear_it() {
    let mut scene = Scene::new();
    let (agent, viewer) = (scene.agent(), scene.viewer());
    scene.heard(viewer);
    scene.says(agent, &meta(3));
    scene.says(agent, KEY);
    scene
        .room
        .handle(scene.now, Input::Binary(agent, Bytes::from_static(&[3])));
    scene.drain();
    assert_eq!(
        scene.heard(viewer),
        [KEY.into(), meta(3), "jpeg 3".to_string()]
    );
}

#[test]
fn a_redialled_agent_does_not_finish_the_old_ones_frame() {
    let mut scene = Scene::new();
    let (old, viewer) = (scene.agent(), scene.viewer());
    scene.says(old, &meta(1));
    let new = scene.agent();
    scene.heard(viewer);
    scene
        .room
        .handle(scene.now, Input::Binary(new, Bytes::from_static(&[2])));
    scene.drain();
    assert_eq!(scene.heard(viewer), ["jpeg 2"]);
}

#[test]
fn frames_without_a_viewer_are_dropped_and_counted() {
    let mut scene = Scene::new();
    let agent = scene.agent();
    scene.shows(agent, 1);
    let viewer = scene.viewer();
    assert_eq!(scene.heard(viewer), [notice("agent_connected")]);
    assert_eq!(scene.room.counts().unheard, 1);
}

#[test]
fn a_viewer_that_takes_no_control_is_told_to_come_back() {
    let mut scene = Scene::new();
    let (agent, viewer) = (scene.agent(), scene.viewer());
    scene.heard(agent);
    scene.sticks(viewer);
    for _ in 0..=MAX_CONTROL_ENTRIES + 1 {
        scene.says(agent, "x");
    }
    assert_eq!(scene.closes(), [(viewer, Close::Overflow)]);
    assert_eq!(scene.heard(agent), [notice("viewer_disconnected")]);
}

#[test]
fn a_viewer_is_not_read_while_the_agent_is_behind() {
    let mut scene = Scene::new();
    let (agent, viewer) = (scene.agent(), scene.viewer());
    scene.sticks(agent);
    let mut said = 0;
    while scene.room.wants(viewer) {
        scene.says(viewer, "x");
        said += 1;
        assert!(said < MAX_CONTROL_ENTRIES, "backpressure comes in time");
    }
    assert!(scene.room.wants(agent));
    scene.heard(agent);
    scene.flows(agent);
    assert!(scene.room.wants(viewer));
    assert!(scene.closes().is_empty());
}

#[test]
fn an_agent_that_takes_no_notices_is_told_to_come_back() {
    let mut scene = Scene::new();
    let agent = scene.agent();
    scene.sticks(agent);
    for _ in 0..1_000 {
        scene.viewer();
    }
    assert!(scene.closes().contains(&(agent, Close::Overflow)));
    assert!(!scene.room.timers.is_set(Timer::Linger));
    assert!(scene.room.timers.is_set(Timer::AgentAbsent));
}

#[test]
fn a_caller_that_never_drains_cannot_grow_the_room() {
    let mut scene = Scene::new();
    let mut refused = 0;
    for number in 100..1_000 {
        let applicant = Applicant::Viewer {
            token: VIEWER_TOKEN,
        };
        let admitted = scene.room.admit(scene.now, ConnectionId(number), applicant);
        refused += usize::from(admitted == Err(Close::Overflow));
    }
    assert!(refused > 800);
    assert!(scene.room.closes.len() <= MAX_CLOSES);
}
