//! The stream: pairing, refusals, limits and endings.

use std::time::Duration;

use crate::{
    socket::{Heard, Socket},
    world::{World, config},
};

const KEY: &str = r#"{"type":"pubkey","key":"agent"}"#;

#[tokio::test]
async fn agent_and_viewer_meet_in_either_order() {
    let world = World::new().await;
    let session = world.session().await;
    let mut agent = session.agent().await;
    agent.say(KEY).await;
    let mut viewer = session.viewer().await;
    agent.hears_notice("viewer_connected").await;
    viewer.hears_notice("agent_connected").await;
    viewer.hears(KEY).await;
    assert_eq!(world.status(&session).await, "ACTIVE");

    let session = world.session().await;
    let mut viewer = session.viewer().await;
    let mut agent = session.agent().await;
    agent.hears_notice("viewer_connected").await;
    viewer.hears_notice("agent_connected").await;
    viewer.close().await;
    agent.hears_notice("viewer_disconnected").await;
}

#[tokio::test]
async fn messages_pass_untouched_both_ways() {
    let world = World::new().await;
    let session = world.session().await;
    let (mut agent, mut viewer) = (session.agent().await, session.viewer().await);
    agent.hears_notice("viewer_connected").await;
    viewer.hears_notice("agent_connected").await;
    let odd = "{ \"type\": \"encrypted\" ,\"x\": \"\u{1f600}\" }";
    viewer.say(odd).await;
    agent.hears(odd).await;
    let meta = r#"{"type":"frame","jpegSize":3}"#;
    agent.show(meta, vec![1, 2, 3]).await;
    viewer.hears(meta).await;
    assert_eq!(viewer.hear().await, Heard::Binary(vec![1, 2, 3]));
}

#[tokio::test]
async fn refusals_come_after_the_upgrade_as_close_codes() {
    let world = World::new().await;
    let session = world.session().await;
    for (token, role) in [
        ("wrong", "agent"),
        ("wrong", "viewer"),
        ("", "viewer"),
        (session.viewer_token.as_str(), "agent"),
        (session.stream_token.as_str(), "admin"),
    ] {
        let mut socket = session.join(token, role).await;
        assert_eq!(socket.is_closed().await, 4401, "{role}");
    }
    let base = session.stream_url.replace(&session.id, "sess_unknown");
    let mut socket = Socket::open(&format!("{base}?token=x&role=viewer")).await;
    assert_eq!(socket.is_closed().await, 4404);
    assert_eq!(world.status(&session).await, "PENDING");
}

#[tokio::test]
async fn the_stream_token_also_opens_the_viewers_side() {
    let world = World::new().await;
    let session = world.session().await;
    let mut agent = session.agent().await;
    let _viewer = session.join(&session.stream_token, "viewer").await;
    agent.hears_notice("viewer_connected").await;
}

#[tokio::test]
async fn tokens_may_come_percent_encoded() {
    let world = World::new().await;
    let session = world.session().await;
    let encoded: String = session
        .stream_token
        .bytes()
        .map(|byte| format!("%{byte:02x}"))
        .collect();
    let mut agent = session.join(&encoded, "agent").await;
    let _viewer = session.viewer().await;
    agent.hears_notice("viewer_connected").await;
}

#[tokio::test]
async fn the_newest_agent_wins() {
    let world = World::new().await;
    let session = world.session().await;
    let (mut old, mut viewer) = (session.agent().await, session.viewer().await);
    viewer.hears_notice("agent_connected").await;
    let mut new = session.agent().await;
    assert_eq!(old.is_closed().await, 4408);
    viewer.hears_notice("agent_disconnected").await;
    viewer.hears_notice("agent_connected").await;
    new.hears_notice("viewer_connected").await;
    viewer.say("to the new one").await;
    new.hears("to the new one").await;
}

#[tokio::test]
async fn the_newest_viewer_wins() {
    let world = World::new().await;
    let session = world.session().await;
    let (mut agent, mut old) = (session.agent().await, session.viewer().await);
    agent.hears_notice("viewer_connected").await;
    let mut new = session.viewer().await;
    assert_eq!(old.is_closed().await, 4408);
    agent.hears_notice("viewer_disconnected").await;
    agent.hears_notice("viewer_connected").await;
    new.hears_notice("agent_connected").await;
}

#[tokio::test]
async fn a_viewers_message_may_have_256_kib_and_no_more() {
    let world = World::new().await;
    let session = world.session().await;
    let (mut agent, mut viewer) = (session.agent().await, session.viewer().await);
    agent.hears_notice("viewer_connected").await;
    let largest = "x".repeat(256 * 1024);
    viewer.say(&largest).await;
    agent.hears(&largest).await;
    viewer.try_say("x".repeat(256 * 1024 + 1)).await;
    assert_eq!(viewer.is_closed().await, 1009);
    agent.hears_notice("viewer_disconnected").await;
    let mut viewer = session.viewer().await;
    viewer.try_say("x".repeat(8 * 1024 * 1024)).await;
    assert_eq!(viewer.is_closed().await, 1009);
}

#[tokio::test]
async fn an_agents_message_may_have_16_mib_and_no_more() {
    let world = World::new().await;
    let session = world.session().await;
    let (mut agent, mut viewer) = (session.agent().await, session.viewer().await);
    agent.hears_notice("viewer_connected").await;
    viewer.hears_notice("agent_connected").await;
    let largest = vec![7; 16 * 1024 * 1024];
    let meta = r#"{"type":"frame"}"#;
    agent.show(meta, largest.clone()).await;
    viewer.hears(meta).await;
    assert!(viewer.hear().await == Heard::Binary(largest));
    agent.try_say("x".repeat(16 * 1024 * 1024 + 1)).await;
    assert_eq!(agent.is_closed().await, 1009);
    viewer.hears_notice("agent_disconnected").await;
}

#[tokio::test]
async fn expiry_is_told_to_both_and_then_to_late_comers() {
    let world = World::new().await;
    // Long enough to join on a busy machine.
    let session = world.session_for(5).await;
    let (mut agent, mut viewer) = (session.agent().await, session.viewer().await);
    agent.hears_notice("viewer_connected").await;
    agent.hears_notice("session_expired").await;
    viewer.hears_notice("agent_connected").await;
    viewer.hears_notice("session_expired").await;
    assert_eq!(session.viewer().await.is_closed().await, 4410);
    assert_eq!(session.agent().await.is_closed().await, 4410);
    assert_eq!(
        session.join("wrong", "viewer").await.is_closed().await,
        4401
    );
    assert_eq!(agent.is_closed().await, 4410);
    assert_eq!(viewer.is_closed().await, 4410);
}

#[tokio::test]
async fn cancelling_is_told_to_both_and_then_to_late_comers() {
    let world = World::new().await;
    let session = world.session().await;
    let (mut agent, mut viewer) = (session.agent().await, session.viewer().await);
    agent.hears_notice("viewer_connected").await;
    viewer.hears_notice("agent_connected").await;
    world.cancel(&session).await;
    agent.hears_notice("session_cancelled").await;
    viewer.hears_notice("session_cancelled").await;
    assert_eq!(session.viewer().await.is_closed().await, 4404);
    assert_eq!(session.agent().await.is_closed().await, 4404);
}

#[tokio::test]
async fn the_agent_that_resolves_hears_nothing_and_closes_by_itself() {
    let world = World::new().await;
    let session = world.session().await;
    let (mut agent, mut viewer) = (session.agent().await, session.viewer().await);
    agent.hears_notice("viewer_connected").await;
    viewer.hears_notice("agent_connected").await;
    world.resolve(&session).await;
    viewer.say("nobody hears this").await;
    agent.close().await;
    viewer.hears_notice("session_resolved").await;
    viewer.hears_notice("agent_disconnected").await;
    assert_eq!(viewer.is_closed().await, 4404);
}

#[tokio::test]
async fn an_agent_that_did_not_resolve_is_told() {
    let world = World::new().await;
    let session = world.session().await;
    let (mut agent, mut viewer) = (session.agent().await, session.viewer().await);
    agent.hears_notice("viewer_connected").await;
    viewer.hears_notice("agent_connected").await;
    world.resolve(&session).await;
    agent.hears_notice("session_resolved").await;
    viewer.hears_notice("session_resolved").await;
    assert_eq!(agent.is_closed().await, 4404);
}

#[tokio::test]
async fn a_socket_that_answers_no_ping_is_let_go() {
    let mut config = config();
    config.limits.ping_after = Duration::from_millis(50);
    config.limits.pong_within = Duration::from_secs(3);
    let world = World::with(config).await;
    let session = world.session().await;
    // Never read from: no pong leaves it.
    let _silent = session.agent().await;
    let mut viewer = session.viewer().await;
    loop {
        match viewer.hear().await {
            Heard::Text(text) if text.contains("agent_disconnected") => break,
            Heard::Text(_) => {}
            other @ (Heard::Binary(_) | Heard::Closed(..) | Heard::Lost) => {
                assert_eq!(other, Heard::Text("a notice".into()));
            }
        }
    }
}

#[tokio::test]
async fn a_request_that_is_no_handshake_is_told_so() {
    let world = World::new().await;
    let session = world.session().await;
    let path = format!("/stream/{}", session.id);
    let answer = world.ask("GET", &path, b"").await;
    assert_eq!(answer.status, 426);
    assert_eq!(answer.error(), "upgrade_required");
    assert_eq!(answer.header("upgrade"), "websocket");
}

#[tokio::test]
async fn a_shutdown_tells_every_socket_to_come_back() {
    let world = World::new().await;
    let session = world.session().await;
    let (mut agent, mut viewer) = (session.agent().await, session.viewer().await);
    agent.hears_notice("viewer_connected").await;
    let down = tokio::spawn(world.relay.shutdown(Duration::from_secs(60)));
    assert_eq!(agent.is_closed().await, 1012);
    assert_eq!(viewer.is_closed().await, 1012);
    drop((agent, viewer));
    down.await.expect("shut down");
}
