//! How a session ends, and what is left of it.

use super::*;

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn the_record_says_when_in_utc() {
    let scene = Scene::new();
    let record = scene.room.record();
    assert_eq!(record.created_at, "2026-11-22T10:00:00Z");
    assert_eq!(record.expires_at, "2026-11-22T10:10:00Z");
    assert_eq!(record.status, SessionStatus::Pending);
}

#[test]
fn expiry_is_told_to_both_and_closes_what_stays() {
    let mut scene = Scene::new();
    let (agent, viewer) = (scene.agent(), scene.viewer());
    scene.after(TTL - SECOND);
    scene.heard(agent);
    scene.heard(viewer);
    scene.after(SECOND);
    assert_eq!(scene.status(), SessionStatus::Timeout);
    assert_eq!(scene.heard(agent), [notice("session_expired")]);
    assert_eq!(scene.heard(viewer), [notice("session_expired")]);
    scene.after(LINGER - SECOND);
    assert!(scene.closes().is_empty());
    scene.after(SECOND);
    assert_eq!(
        scene.closes(),
        [(agent, Close::Expired), (viewer, Close::Expired)]
    );
}

#[test]
fn cancelling_is_told_to_both_and_closes_what_stays() {
    let mut scene = Scene::new();
    let (agent, viewer) = (scene.agent(), scene.viewer());
    scene.heard(agent);
    scene.heard(viewer);
    scene.ends(Ending::Cancel).expect("running");
    assert_eq!(scene.status(), SessionStatus::Cancelled);
    assert_eq!(scene.heard(agent), [notice("session_cancelled")]);
    assert_eq!(scene.heard(viewer), [notice("session_cancelled")]);
    scene.after(LINGER);
    assert_eq!(
        scene.closes(),
        [(agent, Close::Ended), (viewer, Close::Ended)]
    );
}

#[test]
fn the_agent_hears_nothing_after_it_resolved_and_closes_by_itself() {
    let mut scene = Scene::new();
    let (agent, viewer) = (scene.agent(), scene.viewer());
    scene.sticks(agent);
    scene.says(viewer, "one");
    scene.says(viewer, "two");
    scene.heard(agent);
    scene.ends(Ending::Resolve).expect("running");
    scene.flows(agent);
    scene.says(viewer, "three");
    scene.after(SECOND);
    assert!(scene.heard(agent).is_empty());
    scene.heard(viewer);
    scene.leaves(agent);
    assert_eq!(
        scene.heard(viewer),
        [notice("session_resolved"), notice("agent_disconnected")]
    );
    scene.after(LINGER);
    assert_eq!(scene.closes(), [(viewer, Close::Ended)]);
}

#[test]
fn an_agent_that_did_not_resolve_is_told_after_two_seconds() {
    let mut scene = Scene::new();
    let (agent, viewer) = (scene.agent(), scene.viewer());
    scene.heard(agent);
    scene.heard(viewer);
    scene.ends(Ending::Resolve).expect("running");
    scene.after(RESOLVED_NOTICE - SECOND);
    assert!(scene.heard(agent).is_empty());
    scene.after(SECOND);
    assert_eq!(scene.heard(agent), [notice("session_resolved")]);
    assert_eq!(scene.heard(viewer), [notice("session_resolved")]);
    scene.after(LINGER - RESOLVED_NOTICE);
    assert_eq!(
        scene.closes(),
        [(agent, Close::Ended), (viewer, Close::Ended)]
    );
}

#[test]
fn an_agent_that_goes_after_the_resolve_was_told_does_not_have_it_told_again() {
    let mut scene = Scene::new();
    let (agent, viewer) = (scene.agent(), scene.viewer());
    scene.ends(Ending::Resolve).expect("running");
    scene.after(RESOLVED_NOTICE);
    scene.heard(viewer);
    scene.leaves(agent);
    assert_eq!(scene.heard(viewer), [notice("agent_disconnected")]);
}

#[test]
fn a_picture_after_the_end_reaches_nobody_and_is_counted() {
    let mut scene = Scene::new();
    let (agent, viewer) = (scene.agent(), scene.viewer());
    scene.ends(Ending::Cancel).expect("running");
    scene.heard(viewer);
    scene.shows(agent, 1);
    assert!(scene.heard(viewer).is_empty());
    assert_eq!(scene.room.counts().unheard, 2);
}

#[test]
fn a_room_says_when_its_time_runs_out() {
    let scene = Scene::new();
    assert_eq!(scene.deadline, Some(scene.now + TTL));
}

#[test]
fn every_close_has_short_words_of_its_own() {
    let own = [
        Close::Replaced,
        Close::NotAdmitted,
        Close::Unknown,
        Close::Ended,
        Close::Expired,
        Close::TooLarge,
        Close::Overflow,
        Close::Restarting,
        Close::TooOld,
        Close::TooMany,
    ];
    let closes = own.into_iter().chain(CloseCode::ALL.map(Close::Viewer));
    let mut reasons: Vec<_> = closes.map(Close::reason).collect();
    let count = reasons.len();
    assert!(reasons.iter().all(|reason| reason.len() <= 123));
    reasons.sort_unstable();
    reasons.dedup();
    assert_eq!(reasons.len(), count);
}

#[test]
fn a_viewer_without_an_agent_hears_of_the_resolve_at_once() {
    let mut scene = Scene::new();
    let viewer = scene.viewer();
    scene.ends(Ending::Resolve).expect("running");
    assert_eq!(scene.heard(viewer), [notice("session_resolved")]);
}

#[test]
fn an_agent_that_stays_away_ends_the_session_as_error() {
    let mut scene = Scene::new();
    let (agent, viewer) = (scene.agent(), scene.viewer());
    scene.leaves(agent);
    scene.after(AGENT_ABSENCE - SECOND);
    assert_eq!(scene.status(), SessionStatus::Active);
    scene.after(SECOND);
    assert_eq!(scene.status(), SessionStatus::Error);
    assert_eq!(scene.closes(), [(viewer, Close::Ended)]);
}

#[test]
fn an_agent_that_comes_back_in_time_goes_on() {
    let mut scene = Scene::new();
    let agent = scene.agent();
    scene.leaves(agent);
    scene.after(AGENT_ABSENCE - SECOND);
    scene.agent();
    scene.after(AGENT_ABSENCE);
    assert_eq!(scene.status(), SessionStatus::Pending);
}

#[test]
fn a_session_without_any_agent_waits_for_its_time() {
    let mut scene = Scene::new();
    scene.after(TTL - SECOND);
    assert_eq!(scene.status(), SessionStatus::Pending);
    scene.after(SECOND);
    assert_eq!(scene.status(), SessionStatus::Timeout);
}

#[test]
fn an_absent_viewer_never_ends_a_session() {
    let mut scene = Scene::new();
    scene.agent();
    let viewer = scene.viewer();
    scene.leaves(viewer);
    scene.after(TTL - SECOND);
    assert_eq!(scene.status(), SessionStatus::Active);
}

#[test]
fn a_terminal_status_never_changes() {
    for (ending, status) in [
        (Ending::Resolve, SessionStatus::Resolved),
        (Ending::Cancel, SessionStatus::Cancelled),
    ] {
        let mut scene = Scene::new();
        let agent = scene.agent();
        scene.ends(ending).expect("running");
        assert_eq!(scene.ends(Ending::Resolve), Err(AlreadyEnded::Terminal));
        assert_eq!(scene.ends(Ending::Cancel), Err(AlreadyEnded::Terminal));
        scene.leaves(agent);
        scene.after(TTL + TTL);
        assert_eq!(scene.status(), status);
    }
    let mut scene = Scene::new();
    scene.after(TTL);
    assert_eq!(scene.ends(Ending::Resolve), Err(AlreadyEnded::Expired));
    assert_eq!(scene.status(), SessionStatus::Timeout);
}

#[test]
fn a_record_is_kept_for_an_hour() {
    let mut scene = Scene::new();
    scene.ends(Ending::Resolve).expect("running");
    scene.after(RECORD_KEPT - SECOND);
    assert!(!scene.forgotten);
    assert_eq!(scene.room.record().status, SessionStatus::Resolved);
    scene.after(SECOND);
    assert!(scene.forgotten);
    assert_eq!(scene.deadline, None);
}

#[test]
fn a_late_wake_up_does_everything_that_was_due() {
    let mut scene = Scene::new();
    let agent = scene.agent();
    scene.now = scene.now + TTL + RECORD_KEPT;
    scene.room.handle(scene.now, Input::Tick);
    scene.drain();
    assert_eq!(scene.status(), SessionStatus::Timeout);
    assert_eq!(scene.heard(agent), [notice("session_expired")]);
}
