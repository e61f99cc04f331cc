//! Who is let in, and who is told.

use super::*;

#[test]
fn each_token_admits_to_its_role_only() {
    let mut scene = Scene::new();
    assert_eq!(
        scene.join(Role::Agent, VIEWER_TOKEN),
        Err(Close::NotAdmitted)
    );
    assert_eq!(scene.join(Role::Agent, ""), Err(Close::NotAdmitted));
    assert_eq!(scene.join(Role::Viewer, "x"), Err(Close::NotAdmitted));
    assert!(scene.join(Role::Agent, STREAM_TOKEN).is_ok());
    assert!(scene.join(Role::Viewer, VIEWER_TOKEN).is_ok());
    assert!(scene.join(Role::Viewer, STREAM_TOKEN).is_ok());
}

#[test]
fn a_token_that_is_the_agents_and_the_links_admits_as_either() {
    let mut scene = Scene::with(Admission::V1 {
        viewer_token: TokenHash::of(STREAM_TOKEN),
    });
    assert!(scene.join(Role::Agent, STREAM_TOKEN).is_ok());
    assert!(scene.join(Role::Viewer, STREAM_TOKEN).is_ok());
}

#[test]
fn a_refused_socket_changes_nothing() {
    let mut scene = Scene::new();
    let agent = scene.agent();
    assert!(scene.join(Role::Viewer, "wrong").is_err());
    assert_eq!(scene.status(), SessionStatus::Pending);
    assert!(scene.heard(agent).is_empty());
    assert!(scene.closes().is_empty());
}

#[test]
fn the_first_viewer_makes_the_session_active() {
    let mut scene = Scene::new();
    scene.agent();
    assert_eq!(scene.status(), SessionStatus::Pending);
    let viewer = scene.viewer();
    assert_eq!(scene.status(), SessionStatus::Active);
    scene.leaves(viewer);
    assert_eq!(scene.status(), SessionStatus::Active);
}

#[test]
fn joins_are_announced_when_the_agent_came_first() {
    let mut scene = Scene::new();
    let agent = scene.agent();
    scene.says(agent, KEY);
    assert!(scene.heard(agent).is_empty());
    let viewer = scene.viewer();
    assert_eq!(scene.heard(agent), [notice("viewer_connected")]);
    assert_eq!(scene.heard(viewer), [notice("agent_connected"), KEY.into()]);
}

#[test]
fn joins_are_announced_when_the_viewer_came_first() {
    let mut scene = Scene::new();
    let viewer = scene.viewer();
    assert!(scene.heard(viewer).is_empty());
    let agent = scene.agent();
    assert_eq!(scene.heard(agent), [notice("viewer_connected")]);
    assert_eq!(scene.heard(viewer), [notice("agent_connected")]);
}

#[test]
fn leaves_are_announced() {
    let mut scene = Scene::new();
    let (agent, viewer) = (scene.agent(), scene.viewer());
    scene.heard(agent);
    scene.leaves(viewer);
    assert_eq!(scene.heard(agent), [notice("viewer_disconnected")]);
    let viewer = scene.viewer();
    scene.heard(viewer);
    scene.leaves(agent);
    assert_eq!(scene.heard(viewer), [notice("agent_disconnected")]);
}

#[test]
fn a_later_viewer_gets_the_newest_public_key() {
    let mut scene = Scene::new();
    let agent = scene.agent();
    scene.says(agent, KEY);
    scene.says(agent, NEWER_KEY);
    let viewer = scene.viewer();
    assert_eq!(
        scene.heard(viewer),
        [notice("agent_connected"), NEWER_KEY.into()]
    );
}

#[test]
fn a_viewers_public_key_is_never_kept() {
    let mut scene = Scene::new();
    let (agent, viewer) = (scene.agent(), scene.viewer());
    scene.says(viewer, KEY);
    assert_eq!(
        scene.heard(agent),
        [notice("viewer_connected"), KEY.to_string()]
    );
    let later = scene.viewer();
    assert_eq!(scene.heard(later), [notice("agent_connected")]);
}

#[test]
fn the_newest_agent_wins() {
    let mut scene = Scene::new();
    let (old, viewer) = (scene.agent(), scene.viewer());
    scene.heard(viewer);
    let new = scene.agent();
    assert_eq!(scene.closes(), [(old, Close::Replaced)]);
    assert_eq!(scene.heard(new), [notice("viewer_connected")]);
    assert_eq!(
        scene.heard(viewer),
        [notice("agent_disconnected"), notice("agent_connected")]
    );
    scene.says(old, r#"{"type":"notice","code":"late"}"#);
    scene.leaves(old);
    assert!(scene.heard(viewer).is_empty());
}

#[test]
fn a_half_open_agent_does_not_block_a_redial() {
    let mut scene = Scene::new();
    let old = scene.agent();
    scene.sticks(old);
    let viewer = scene.viewer();
    let new = scene.agent();
    assert_eq!(scene.closes(), [(old, Close::Replaced)]);
    scene.says(viewer, "hello");
    assert_eq!(
        scene.heard(new),
        [notice("viewer_connected"), "hello".into()]
    );
}

#[test]
fn the_newest_viewer_wins() {
    let mut scene = Scene::new();
    let (agent, old) = (scene.agent(), scene.viewer());
    scene.heard(agent);
    let new = scene.viewer();
    assert_eq!(scene.closes(), [(old, Close::Replaced)]);
    assert_eq!(
        scene.heard(agent),
        [notice("viewer_disconnected"), notice("viewer_connected")]
    );
    scene.says(old, "from the old one");
    assert!(scene.heard(agent).is_empty());
    scene.says(new, "from the new one");
    assert_eq!(scene.heard(agent), ["from the new one"]);
}

#[test]
fn whoever_comes_after_the_end_is_told_how_it_ended() {
    let mut scene = Scene::new();
    scene.ends(Ending::Cancel).expect("running");
    assert_eq!(scene.join(Role::Viewer, VIEWER_TOKEN), Err(Close::Ended));
    assert_eq!(scene.join(Role::Agent, STREAM_TOKEN), Err(Close::Ended));
    assert_eq!(scene.join(Role::Viewer, "wrong"), Err(Close::NotAdmitted));
    let mut scene = Scene::new();
    scene.after(TTL);
    assert_eq!(scene.join(Role::Viewer, VIEWER_TOKEN), Err(Close::Expired));
    assert_eq!(scene.join(Role::Agent, STREAM_TOKEN), Err(Close::Expired));
}

#[test]
fn a_drain_tells_both_to_come_back_and_keeps_the_session() {
    let mut scene = Scene::new();
    let (agent, viewer) = (scene.agent(), scene.viewer());
    scene.room.handle(scene.now, Input::Drain);
    scene.drain();
    assert_eq!(
        scene.closes(),
        [(agent, Close::Restarting), (viewer, Close::Restarting)]
    );
    assert_eq!(scene.status(), SessionStatus::Active);
}
