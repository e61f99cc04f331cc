//! Version 2 over real WebSockets: who is let in, what passes, and every way to be shown the door.

use std::time::Duration;

use authloop_core::wire::v2::{AgentToRelay, CloseCode, Header, Kind, RelayToAgent};
use serde_json::json;

use crate::{
    socket::{Heard, Socket},
    world::{ADMISSION, SealedSession, World},
};

fn connected(chan: u16) -> String {
    let chan = chan.try_into().expect("not zero");
    RelayToAgent::ViewerConnected { chan }.to_text()
}

fn disconnected(chan: u16) -> String {
    let chan = chan.try_into().expect("not zero");
    RelayToAgent::ViewerDisconnected { chan }.to_text()
}

fn record(kind: Kind, chan: u16, number: u64) -> Vec<u8> {
    sized_record(kind, chan, number, 64)
}

fn sized_record(kind: Kind, chan: u16, number: u64, length: usize) -> Vec<u8> {
    let header = Header {
        kind,
        chan,
        epoch: 1,
        counter: number,
    };
    let mut bytes = header.to_bytes().to_vec();
    bytes.resize(length, 0xA5);
    bytes
}

/// An agent and a viewer on channel 1, both told of each other.
async fn pair(session: &SealedSession) -> (Socket, Socket) {
    let mut agent = session.agent().await;
    let mut viewer = session.viewer().await;
    agent.hears(&connected(1)).await;
    viewer.hears_notice("agent_connected").await;
    (agent, viewer)
}

#[tokio::test]
async fn an_admission_hash_makes_a_session_whose_url_holds_no_secret() {
    let world = World::new().await;
    let session = world.sealed_session().await;
    let expected = format!("{}/s/{}", world.relay.public_url(), session.id);
    assert_eq!(session.session_url, expected);
    let path = format!("/s/{}/card", session.id);
    let card = world.ask_as(ADMISSION, "GET", &path, &[], b"").await;
    assert_eq!(card.status, 200);
    assert_eq!(card.json()["service"], "GitHub");
    for token in [session.stream_token.as_str(), "wrong", ""] {
        let card = world.ask_as(token, "GET", &path, &[], b"").await;
        assert_eq!(card.status, 401);
    }
    assert_eq!(world.status_of(&session.id).await, "PENDING");
}

#[tokio::test]
async fn a_bad_admission_hash_is_named_and_never_opens_a_version_1_session() {
    let world = World::new().await;
    let hex = "0123456789abcdef".repeat(4);
    for wrong in [
        json!(""),
        json!(hex.to_uppercase()),
        json!(hex.replace('0', "g")),
        json!(hex.repeat(2)),
        json!(ADMISSION),
    ] {
        let body = json!({"service": "x", "cdp_url": "", "admission_hash": wrong});
        let answer = world.create_with(body).await;
        assert_eq!(answer.status, 400, "{wrong}");
        let words = answer.json()["message"].to_string();
        assert!(words.contains("admission_hash") && words.contains("64"));
    }
    let body = json!({"service": "x", "cdp_url": "", "admission_hash": 7});
    assert_eq!(world.create_with(body).await.status, 400);
}

#[tokio::test]
async fn only_the_right_token_is_admitted_and_refusals_answer_the_subprotocol_too() {
    let world = World::new().await;
    let session = world.sealed_session().await;
    for token in [session.stream_token.as_str(), "A9vUU3joHXxTePkmqtgnVx", "x"] {
        assert_eq!(session.knock(token).await.is_closed().await, 4401);
    }
    for offered in ["authloop.v2", "authloop.v2, a, b"] {
        let mut socket = Socket::open_with(&session.stream_url, offered).await;
        assert_eq!(socket.is_closed().await, 4401);
    }
    let unknown = session.stream_url.replace(&session.id, "sess_unknown");
    let mut socket = Socket::open_with(&unknown, "authloop.v2, x").await;
    assert_eq!(socket.is_closed().await, 4404);
    let url = format!("{}?role=agent&token={ADMISSION}", session.stream_url);
    assert_eq!(Socket::open(&url).await.is_closed().await, 4401);
    assert_eq!(world.status_of(&session.id).await, "PENDING");
}

#[tokio::test]
async fn a_version_1_viewer_is_told_that_it_is_too_old() {
    let world = World::new().await;
    let session = world.sealed_session().await;
    for query in [
        format!("?token={}&role=viewer", session.stream_token),
        format!("?token={ADMISSION}&role=viewer"),
        "?token=x&role=viewer".to_owned(),
        String::new(),
    ] {
        let mut socket = Socket::open(&format!("{}{query}", session.stream_url)).await;
        assert_eq!(socket.is_closed().await, 4426, "{query}");
    }
}

#[tokio::test]
async fn a_version_2_viewer_is_not_let_into_a_version_1_session() {
    let world = World::new().await;
    let session = world.session().await;
    for token in [&session.viewer_token, &session.stream_token] {
        let offered = format!("authloop.v2, {token}");
        let mut socket = Socket::open_with(&session.stream_url, &offered).await;
        assert_eq!(socket.is_closed().await, 4401);
    }
}

#[tokio::test]
async fn the_subprotocols_may_come_in_either_order() {
    let world = World::new().await;
    let session = world.sealed_session().await;
    let mut agent = session.agent().await;
    let offered = format!("{ADMISSION}, authloop.v2");
    let _viewer = Socket::open_with(&session.stream_url, &offered).await;
    agent.hears(&connected(1)).await;
    assert_eq!(world.status_of(&session.id).await, "ACTIVE");
}

#[tokio::test]
async fn records_pass_with_their_channel_written_and_wiped() {
    let world = World::new().await;
    let session = world.sealed_session().await;
    let (mut agent, mut first) = pair(&session).await;
    let mut second = session.viewer().await;
    agent.hears(&connected(2)).await;
    second.hears_notice("agent_connected").await;
    second.send(record(Kind::Hello1, 0, 1)).await;
    agent.hears_record(&record(Kind::Hello1, 2, 1)).await;
    first.send(record(Kind::Input, 2, 2)).await;
    agent.hears_record(&record(Kind::Input, 1, 2)).await;
    agent.send(record(Kind::Hello2, 2, 3)).await;
    agent.send(record(Kind::Control, 1, 4)).await;
    agent.send(record(Kind::Frame, 1, 5)).await;
    second.hears_record(&record(Kind::Hello2, 0, 3)).await;
    first.hears_record(&record(Kind::Control, 0, 4)).await;
    first.hears_record(&record(Kind::Frame, 0, 5)).await;
    first.close().await;
    agent.hears(&disconnected(1)).await;
}

#[tokio::test]
async fn a_viewer_hears_of_the_agent_whenever_it_comes_and_goes() {
    let world = World::new().await;
    let session = world.sealed_session().await;
    let mut viewer = session.viewer().await;
    let mut agent = session.agent().await;
    agent.hears(&connected(1)).await;
    viewer.hears_notice("agent_connected").await;
    agent.close().await;
    viewer.hears_notice("agent_disconnected").await;
    let mut agent = session.agent().await;
    agent.hears(&connected(1)).await;
    viewer.hears_notice("agent_connected").await;
}

#[tokio::test]
async fn a_viewers_text_never_reaches_the_agent() {
    let world = World::new().await;
    let session = world.sealed_session().await;
    let (mut agent, mut viewer) = pair(&session).await;
    viewer.say(r#"{"type":"encrypted","payload":{}}"#).await;
    viewer
        .say(r#"{"type":"viewer_disconnected","chan":1}"#)
        .await;
    viewer.send(record(Kind::Input, 0, 1)).await;
    agent.hears_record(&record(Kind::Input, 1, 1)).await;
}

#[tokio::test]
async fn what_is_no_record_is_answered_with_4400() {
    let world = World::new().await;
    let session = world.sealed_session().await;
    let mut agent = session.agent().await;
    for (chan, wrong) in (1..).zip([vec![], vec![2; 31], vec![1; 64], vec![0xFF; 64]]) {
        let mut viewer = session.viewer().await;
        agent.hears(&connected(chan)).await;
        viewer.send(wrong).await;
        assert_eq!(viewer.is_closed().await, 4400);
        agent.hears(&disconnected(chan)).await;
    }
}

#[tokio::test]
async fn a_viewers_record_may_have_80_kib_and_no_more() {
    let world = World::new().await;
    let session = world.sealed_session().await;
    let (mut agent, mut viewer) = pair(&session).await;
    let largest = 80 * 1024;
    viewer.send(sized_record(Kind::Input, 0, 1, largest)).await;
    agent
        .hears_record(&sized_record(Kind::Input, 1, 1, largest))
        .await;
    let more = sized_record(Kind::Input, 0, 2, largest + 1);
    viewer.try_send(more).await;
    assert_eq!(viewer.is_closed().await, 1009);
    agent.hears(&disconnected(1)).await;
}

#[tokio::test]
async fn an_agents_record_may_have_8_mib_and_no_more() {
    let world = World::new().await;
    let session = world.sealed_session().await;
    let (mut agent, mut viewer) = pair(&session).await;
    let largest = 8 * 1024 * 1024;
    agent.send(sized_record(Kind::Frame, 1, 1, largest)).await;
    viewer
        .hears_record(&sized_record(Kind::Frame, 0, 1, largest))
        .await;
    let more = sized_record(Kind::Frame, 1, 2, largest + 1);
    agent.try_send(more).await;
    assert_eq!(agent.is_closed().await, 1009);
    viewer.hears_notice("agent_disconnected").await;
}

#[tokio::test]
async fn a_viewer_that_floods_is_answered_with_4409() {
    let world = World::new().await;
    let session = world.sealed_session().await;
    let (mut agent, mut flood) = pair(&session).await;
    let mut other = session.viewer().await;
    agent.hears(&connected(2)).await;
    flood.say_often(20_000, "x").await;
    assert_eq!(flood.is_closed().await, 4409);
    agent.hears(&disconnected(1)).await;
    other.send(record(Kind::Input, 0, 1)).await;
    agent.hears_record(&record(Kind::Input, 2, 1)).await;
}

#[tokio::test]
async fn one_who_comes_too_often_is_answered_with_4409() {
    let world = World::new().await;
    let session = world.sealed_session().await;
    let _agent = session.agent().await;
    let mut refusal = None;
    for _ in 0..1_000 {
        let mut viewer = session.viewer().await;
        if let Heard::Closed(code, _) = viewer.hear().await {
            refusal = Some(code);
            break;
        }
    }
    assert_eq!(refusal, Some(4409));
    // Strangers are refused as such, not for the crowd.
    assert_eq!(session.knock("wrong").await.is_closed().await, 4401);
}

#[tokio::test]
async fn the_ninth_viewer_crowds_out_the_one_least_recently_heard_with_4403() {
    let world = World::new().await;
    let session = world.sealed_session().await;
    let mut agent = session.agent().await;
    let mut viewers = Vec::new();
    for chan in 1..=8 {
        let mut viewer = session.viewer().await;
        agent.hears(&connected(chan)).await;
        if chan != 5 {
            viewer.send(record(Kind::Ack, 0, 1)).await;
            agent.hears_record(&record(Kind::Ack, chan, 1)).await;
        }
        viewers.push(viewer);
    }
    let _ninth = session.viewer().await;
    assert_eq!(viewers.swap_remove(4).is_closed().await, 4403);
    agent.hears(&disconnected(5)).await;
    agent.hears(&connected(9)).await;
}

#[tokio::test]
async fn the_agent_closes_a_viewer_by_each_code_after_its_last_record() {
    let world = World::new().await;
    let session = world.sealed_session().await;
    let mut agent = session.agent().await;
    for (chan, code) in (1_u16..).zip(CloseCode::ALL) {
        let mut viewer = session.viewer().await;
        viewer.hears_notice("agent_connected").await;
        agent.hears(&connected(chan)).await;
        agent.send(record(Kind::Close, chan, 7)).await;
        let close = AgentToRelay::CloseViewer {
            chan: chan.try_into().expect("not zero"),
            code,
        };
        agent.say(&close.to_text()).await;
        viewer.hears_record(&record(Kind::Close, 0, 7)).await;
        assert_eq!(viewer.is_closed().await, code.get());
        agent.hears(&disconnected(chan)).await;
    }
}

#[tokio::test]
async fn the_newest_agent_wins_and_viewers_stay() {
    let world = World::new().await;
    let session = world.sealed_session().await;
    let (mut old, mut viewer) = pair(&session).await;
    let mut new = session.agent().await;
    assert_eq!(old.is_closed().await, 4408);
    new.hears(&connected(1)).await;
    viewer.hears_notice("agent_disconnected").await;
    viewer.hears_notice("agent_connected").await;
    viewer.send(record(Kind::Hello1, 0, 1)).await;
    new.hears_record(&record(Kind::Hello1, 1, 1)).await;
}

#[tokio::test]
async fn cancelling_is_told_to_everybody_and_then_to_late_comers() {
    let world = World::new().await;
    let session = world.sealed_session().await;
    let (mut agent, mut viewer) = pair(&session).await;
    let path = format!("/session/{}", session.id);
    assert_eq!(world.ask("DELETE", &path, b"").await.status, 200);
    agent.hears_notice("session_cancelled").await;
    viewer.hears_notice("session_cancelled").await;
    // The agent's last words still come through.
    agent.send(record(Kind::Close, 1, 1)).await;
    viewer.hears_record(&record(Kind::Close, 0, 1)).await;
    assert_eq!(session.viewer().await.is_closed().await, 4404);
    assert_eq!(viewer.is_closed().await, 4404);
    assert_eq!(agent.is_closed().await, 4404);
}

#[tokio::test]
async fn expiry_is_told_to_everybody_and_then_to_late_comers() {
    let world = World::new().await;
    // Long enough to join on a busy machine.
    let session = world.sealed_session_for(5).await;
    let (mut agent, mut viewer) = pair(&session).await;
    agent.hears_notice("session_expired").await;
    viewer.hears_notice("session_expired").await;
    assert_eq!(session.viewer().await.is_closed().await, 4410);
    assert_eq!(session.knock("wrong").await.is_closed().await, 4401);
    assert_eq!(agent.is_closed().await, 4410);
    assert_eq!(viewer.is_closed().await, 4410);
}

#[tokio::test]
async fn a_shutdown_tells_everybody_to_come_back() {
    let world = World::new().await;
    let session = world.sealed_session().await;
    let (mut agent, mut viewer) = pair(&session).await;
    let down = tokio::spawn(world.relay.shutdown(Duration::from_secs(60)));
    assert_eq!(agent.is_closed().await, 1012);
    assert_eq!(viewer.is_closed().await, 1012);
    drop((agent, viewer));
    down.await.expect("shut down");
}
