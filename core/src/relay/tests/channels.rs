//! Version 2: who is let in beside whom, and by which number the agent knows them.

use super::*;

#[test]
fn only_the_admission_token_admits_a_viewer_and_only_the_stream_token_an_agent() {
    let mut scene = Scene::sealed();
    let address = "192.0.2.1".parse().expect("an address");
    for token in [STREAM_TOKEN, VIEWER_TOKEN, "", "A9vUU3joHXxTePkmqtgnVx"] {
        let refused = scene.knock(Applicant::SealedViewer { token, address });
        assert_eq!(refused, Err(Close::NotAdmitted), "{token}");
        assert!(!scene.room.admits_viewer(token), "{token}");
    }
    assert_eq!(
        scene.join(Role::Agent, ADMISSION_TOKEN),
        Err(Close::NotAdmitted)
    );
    assert!(scene.room.admits_viewer(ADMISSION_TOKEN));
    assert_eq!(scene.status(), SessionStatus::Pending);
    assert!(scene.join(Role::Agent, STREAM_TOKEN).is_ok());
    scene.sealed_viewer();
    assert_eq!(scene.status(), SessionStatus::Active);
}

#[test]
fn a_version_1_viewer_is_too_old_for_a_version_2_session_whatever_its_token() {
    let mut scene = Scene::sealed();
    for token in [STREAM_TOKEN, ADMISSION_TOKEN, "wrong", ""] {
        assert_eq!(scene.join(Role::Viewer, token), Err(Close::TooOld));
    }
    scene.ends(Ending::Cancel).expect("running");
    assert_eq!(scene.join(Role::Viewer, "wrong"), Err(Close::TooOld));
}

#[test]
fn a_version_2_viewer_is_never_let_into_a_version_1_session() {
    let mut scene = Scene::new();
    let address: IpAddr = "192.0.2.1".parse().expect("an address");
    for token in [STREAM_TOKEN, VIEWER_TOKEN, ADMISSION_TOKEN] {
        let refused = scene.knock(Applicant::SealedViewer { token, address });
        assert_eq!(refused, Err(Close::NotAdmitted));
    }
}

#[test]
fn the_agent_hears_each_viewer_come_and_go_by_its_channel() {
    let mut scene = Scene::sealed();
    let agent = scene.agent();
    let (first, second) = (scene.sealed_viewer(), scene.sealed_viewer());
    assert_eq!(scene.heard(agent), [connected(1), connected(2)]);
    scene.leaves(first);
    assert_eq!(scene.heard(agent), [disconnected(1)]);
    scene.leaves(second);
    assert_eq!(scene.heard(agent), [disconnected(2)]);
    assert!(scene.closes().is_empty(), "nobody was replaced");
}

#[test]
fn a_viewer_hears_of_the_agent_at_once_if_it_is_there_and_again_whenever_it_comes() {
    let mut scene = Scene::sealed();
    let early = scene.sealed_viewer();
    assert!(scene.heard(early).is_empty());
    let agent = scene.agent();
    assert_eq!(scene.heard(early), [notice("agent_connected")]);
    assert_eq!(scene.heard(agent), [connected(1)]);
    let late = scene.sealed_viewer();
    assert_eq!(scene.heard(late), [notice("agent_connected")]);
    scene.leaves(agent);
    let agent = scene.agent();
    for viewer in [early, late] {
        assert_eq!(
            scene.heard(viewer),
            [notice("agent_disconnected"), notice("agent_connected")]
        );
    }
    assert_eq!(scene.heard(agent), [connected(1), connected(2)]);
}

#[test]
fn a_second_agent_replaces_the_first_and_learns_of_every_viewer() {
    let mut scene = Scene::sealed();
    let (old, viewer) = (scene.agent(), scene.sealed_viewer());
    scene.heard(viewer);
    let new = scene.agent();
    assert_eq!(scene.closes(), [(old, Close::Replaced)]);
    assert_eq!(scene.heard(new), [connected(1)]);
    assert_eq!(
        scene.heard(viewer),
        [notice("agent_disconnected"), notice("agent_connected")]
    );
}

#[test]
fn the_ninth_viewer_crowds_out_the_one_least_recently_heard() {
    let mut scene = Scene::sealed();
    let agent = scene.agent();
    let viewers: Vec<_> = (0..8).map(|_| scene.sealed_viewer()).collect();
    for (place, viewer) in viewers.iter().enumerate().rev() {
        scene.after(Duration::from_millis(10));
        if place != 3 {
            scene.sends(*viewer, record(Kind::Ack, 0, 0));
        }
    }
    scene.heard(agent);
    // Number 3 never said anything, 7 did so first.
    for (place, chan) in [(3, 4), (7, 8), (6, 7)] {
        let ninth = scene.sealed_viewer();
        scene.sends(ninth, record(Kind::Ack, 0, 0));
        assert_eq!(
            scene.closes(),
            [(viewers[place], Close::Viewer(CloseCode::Busy))]
        );
        assert_eq!(scene.heard(agent)[0], disconnected(chan));
        scene.after(Duration::from_millis(10));
    }
    assert_eq!(scene.room.viewers.len(), MAX_VIEWERS);
    assert_eq!(scene.room.counts().viewers_crowded_out, 3);
}

#[test]
fn one_who_is_to_be_closed_makes_room_first_and_keeps_its_own_code() {
    let mut scene = Scene::sealed();
    let agent = scene.agent();
    let viewers: Vec<_> = (0..8).map(|_| scene.sealed_viewer()).collect();
    scene.sends(viewers[6], record(Kind::Ack, 0, 0));
    scene.sticks(viewers[6]);
    scene.sends(agent, record(Kind::Control, 7, 1));
    scene.asks_to_close(agent, 7, CloseCode::TakenOver);
    scene.heard(agent);
    scene.sealed_viewer();
    let own = Close::Viewer(CloseCode::TakenOver);
    assert_eq!(scene.closes(), [(viewers[6], own)]);
    assert_eq!(
        scene.heard(agent),
        [connected(9)],
        "it was told of 7 before"
    );
}

#[test]
fn a_viewer_is_not_told_of_an_agent_that_its_own_coming_was_too_much_for() {
    // The last straw is a leave or a join, as there was one more at the start or not.
    for is_odd in [false, true] {
        let mut scene = Scene::sealed();
        let agent = scene.agent();
        scene.sticks(agent);
        if is_odd {
            scene.sealed_viewer();
        }
        let mut last = scene.sealed_viewer();
        while scene.room.agent.is_some() {
            scene.leaves(last);
            scene.after(Duration::from_secs(1));
            scene.heard(last);
            last = scene.sealed_viewer();
        }
        assert_eq!(scene.closes(), [(agent, Close::Overflow)]);
        let connected = notice("agent_connected");
        assert!(!scene.heard(last).contains(&connected));
        assert_eq!(scene.status(), SessionStatus::Active);
    }
}

#[test]
fn silent_newcomers_crowd_out_each_other_and_not_the_one_who_works() {
    let mut scene = Scene::sealed();
    let (_, working) = (scene.agent(), scene.sealed_viewer());
    scene.sends(working, record(Kind::Control, 0, 0));
    scene.after(Duration::from_secs(60));
    for _ in 0..50 {
        scene.sealed_viewer();
    }
    assert!(scene.closes().iter().all(|(id, _)| *id != working));
}

#[test]
fn one_who_comes_too_often_is_refused_and_others_are_not() {
    let mut scene = Scene::sealed();
    for _ in 0..10 {
        scene.sealed_viewer_from("192.0.2.1").expect("a burst");
    }
    assert_eq!(scene.sealed_viewer_from("192.0.2.1"), Err(Close::TooMany));
    assert!(scene.sealed_viewer_from("192.0.2.2").is_ok());
    scene.after(Duration::from_secs(2));
    assert!(scene.sealed_viewer_from("192.0.2.1").is_ok());
    assert_eq!(scene.room.counts().too_many, 1);
}

#[test]
fn strangers_without_the_token_use_up_nobodys_share() {
    let mut scene = Scene::sealed();
    let address = "192.0.2.1".parse().expect("an address");
    for _ in 0..1_000 {
        let refused = scene.knock(Applicant::SealedViewer {
            token: "wrong",
            address,
        });
        assert_eq!(refused, Err(Close::NotAdmitted));
    }
    assert!(scene.sealed_viewer_from("192.0.2.1").is_ok());
}

#[test]
fn a_channels_number_is_not_used_again_for_30_seconds() {
    let mut scene = Scene::sealed();
    let agent = scene.agent();
    let first = scene.sealed_viewer();
    scene.leaves(first);
    scene.heard(agent);
    if let Protocol::V2(switchboard) = &mut scene.room.protocol {
        switchboard.start_over();
    }
    let second = scene.sealed_viewer();
    assert_eq!(scene.heard(agent), [connected(2)], "1 rests");
    scene.leaves(second);
    scene.after(NUMBER_RESTS);
    scene.heard(agent);
    if let Protocol::V2(switchboard) = &mut scene.room.protocol {
        switchboard.start_over();
    }
    scene.sealed_viewer();
    assert_eq!(scene.heard(agent), [connected(1)]);
}

#[test]
fn a_drain_tells_everybody_to_come_back() {
    let mut scene = Scene::sealed();
    let agent = scene.agent();
    let viewers = [scene.sealed_viewer(), scene.sealed_viewer()];
    scene.room.handle(scene.now, Input::Drain);
    scene.drain();
    let told: Vec<_> = [agent, viewers[0], viewers[1]]
        .map(|id| (id, Close::Restarting))
        .into();
    assert_eq!(scene.closes(), told);
    assert_eq!(scene.status(), SessionStatus::Active);
}
