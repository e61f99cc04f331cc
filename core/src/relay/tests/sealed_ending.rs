//! Version 2: how a session ends, and what never ends it.

use super::*;

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn expiry_is_told_to_everybody_and_closes_what_stays() {
    let mut scene = Scene::sealed();
    let agent = scene.agent();
    let viewers = [scene.sealed_viewer(), scene.sealed_viewer()];
    for id in [agent, viewers[0], viewers[1]] {
        scene.heard(id);
    }
    scene.after(TTL);
    for id in [agent, viewers[0], viewers[1]] {
        assert_eq!(scene.heard(id), [notice("session_expired")]);
    }
    scene.after(LINGER);
    let closed = [agent, viewers[0], viewers[1]].map(|id| (id, Close::Expired));
    assert_eq!(scene.closes(), closed);
    assert_eq!(scene.sealed_viewer_from("192.0.2.1"), Err(Close::Expired));
}

#[test]
fn cancelling_is_told_to_everybody_and_closes_what_stays() {
    let mut scene = Scene::sealed();
    let (agent, viewer) = (scene.agent(), scene.sealed_viewer());
    scene.heard(agent);
    scene.heard(viewer);
    scene.ends(Ending::Cancel).expect("running");
    assert_eq!(scene.heard(agent), [notice("session_cancelled")]);
    assert_eq!(scene.heard(viewer), [notice("session_cancelled")]);
    scene.after(LINGER);
    assert_eq!(
        scene.closes(),
        [(agent, Close::Ended), (viewer, Close::Ended)]
    );
    assert_eq!(scene.sealed_viewer_from("192.0.2.1"), Err(Close::Ended));
}

#[test]
fn the_agents_last_words_reach_the_viewer_after_the_end_and_input_reaches_nobody() {
    let mut scene = Scene::sealed();
    let (agent, viewer) = (scene.agent(), scene.sealed_viewer());
    scene.after(TTL);
    scene.heard(agent);
    scene.heard(viewer);
    scene.sends(viewer, record(Kind::Input, 0, 1));
    assert!(scene.heard(agent).is_empty());
    scene.sends(agent, record(Kind::Close, 1, 2));
    scene.asks_to_close(agent, 1, CloseCode::Done);
    assert_eq!(scene.heard(viewer), [told(0, 2)]);
    assert_eq!(scene.closes(), [(viewer, Close::Viewer(CloseCode::Done))]);
}

#[test]
fn nothing_a_viewer_sends_ends_the_session() {
    let mut scene = Scene::sealed();
    scene.agent();
    for kind in [
        Kind::Hello1,
        Kind::Input,
        Kind::Control,
        Kind::Ack,
        Kind::Close,
        Kind::Frame,
    ] {
        let viewer = scene.sealed_viewer();
        scene.sends(viewer, record(kind, 0, 1));
        scene.says(viewer, r#"{"type":"session_resolved"}"#);
        scene.sends(viewer, Bytes::from_static(b"junk"));
        scene.after(SECOND);
    }
    assert_eq!(scene.status(), SessionStatus::Active);
}

#[test]
fn an_agent_that_stays_away_for_30_seconds_ends_the_session() {
    let mut scene = Scene::sealed();
    let (agent, viewer) = (scene.agent(), scene.sealed_viewer());
    scene.leaves(agent);
    scene.after(SECOND * 29);
    assert_eq!(scene.status(), SessionStatus::Active);
    scene.after(SECOND);
    assert_eq!(scene.status(), SessionStatus::Error);
    assert_eq!(scene.closes(), [(viewer, Close::Ended)]);
}

#[test]
fn an_absent_viewer_never_ends_the_session_before_its_time() {
    let mut scene = Scene::sealed();
    scene.agent();
    let viewer = scene.sealed_viewer();
    scene.leaves(viewer);
    scene.after(TTL - SECOND);
    assert_eq!(scene.status(), SessionStatus::Active);
    scene.after(SECOND);
    assert_eq!(scene.status(), SessionStatus::Timeout);
}

#[test]
fn a_viewer_that_was_to_be_closed_at_the_end_keeps_its_own_code() {
    let mut scene = Scene::sealed();
    let (agent, viewer) = (scene.agent(), scene.sealed_viewer());
    scene.sticks(viewer);
    scene.sends(agent, record(Kind::Control, 1, 1));
    scene.asks_to_close(agent, 1, CloseCode::Damaged);
    scene.leaves(agent);
    scene.room.handle(scene.now, Input::Drain);
    scene.drain();
    assert_eq!(
        scene.closes(),
        [(viewer, Close::Viewer(CloseCode::Damaged))]
    );
}
