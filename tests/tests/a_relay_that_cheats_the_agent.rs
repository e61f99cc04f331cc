//! A hostile relay between a real agent and a real browser, and what it tells the agent. It can keep a
//! human from working; it can't do anything in the page, nor say how the hand-off ended.

use authloop_core::wire::v2::Kind;
use authloop_testkit::{
    betrayal::Betrayal,
    mallory::Ear,
    viewer::{click, stray_key},
    wait::eventually,
};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

/// What a viewer says: all that Mallory has to do with here.
const UPLINK: &[Kind] = &[Kind::Input, Kind::Control, Kind::Ack];

/// The human types a `b` that Mallory damages; the line is closed and comes back, and the page never
/// hears of it.
async fn a_damaged_b_is_noticed(story: &Betrayal) {
    let before = story.connections(Ear::Viewer);
    story.human.types("b").await;
    story.is_back_after(before).await;
    story.only("a");
}

#[tokio::test]
async fn a_key_that_is_left_out_closes_the_line_and_is_never_sent_again() {
    let story = Betrayal::begin().await;
    story.once(Ear::Agent, Kind::Input, |_| Vec::new());
    a_damaged_b_is_noticed(&story).await;
    story
        .human
        .is_told("lost while the connection was down")
        .await;
    story.ends_well("a").await;
}

#[tokio::test]
async fn a_key_that_is_doubled_is_typed_once() {
    let story = Betrayal::begin().await;
    let before = story.connections(Ear::Viewer);
    story.once(Ear::Agent, Kind::Input, |key| vec![key.clone(), key]);
    story.human_types("b", "ab").await;
    story.is_back_after(before).await;
    story.ends_well("ab").await;
}

#[tokio::test]
async fn keys_that_changed_places_are_never_typed() {
    let story = Betrayal::begin().await;
    story.swaps(Ear::Agent, Kind::Input);
    a_damaged_b_is_noticed(&story).await;
    story.ends_well("a").await;
}

#[tokio::test]
async fn a_key_that_is_cut_short_is_never_typed() {
    let story = Betrayal::begin().await;
    for length in [287, 32, 15] {
        story.once(Ear::Agent, Kind::Input, move |key| {
            vec![key.into_iter().take(length).collect()]
        });
        a_damaged_b_is_noticed(&story).await;
    }
    story.ends_well("a").await;
}

#[tokio::test]
async fn a_key_whose_header_is_changed_is_never_typed() {
    let story = Betrayal::begin().await;
    // Its version, its kind and its counter.
    for (place, bit) in [(0, 1), (1, 2), (15, 1)] {
        story.once(Ear::Agent, Kind::Input, move |key| {
            vec![flipped(key, place, bit)]
        });
        a_damaged_b_is_noticed(&story).await;
    }
    story.ends_well("a").await;
}

#[tokio::test]
async fn a_key_whose_channel_epoch_or_text_is_changed_is_never_typed() {
    let story = Betrayal::begin().await;
    for (place, bit) in [(2, 0x40), (7, 4), (20, 1)] {
        story.once(Ear::Agent, Kind::Input, move |key| {
            vec![flipped(key, place, bit)]
        });
        a_damaged_b_is_noticed(&story).await;
    }
    story.ends_well("a").await;
}

#[tokio::test]
async fn a_relay_that_damages_everything_is_named_on_both_sides() {
    let story = Betrayal::begin().await;
    story.each(Ear::Agent, Kind::Input, |key| vec![flipped(key, 20, 1)]);
    for _ in 0..3 {
        a_damaged_b_is_noticed(&story).await;
    }
    // One that is lost while the page connects damages nothing.
    eventually("the end", async || {
        story.human.types("b").await;
        (story.human.state().await == "ended").then_some(())
    })
    .await;
    assert_eq!(story.human.outcome().await, "tampered");
    let words = "The connection was damaged or tampered with";
    assert_eq!(story.human.reads("#ended-title").await, words);
    story.agent_notices().await;
    let status = story.status().await;
    assert_eq!(status.data["status"], "pending", "{}", status.text);
    assert!(
        status.text.contains("damaged or tampered with"),
        "{}",
        status.text
    );
    story.only("a");
    story.leaves_no_trace().await;
}

#[tokio::test]
async fn a_key_of_an_earlier_connection_is_never_typed_again() {
    let story = Betrayal::begin().await;
    let old = story.newest(Ear::Agent, Kind::Input).expect("the a");
    let before = story.connections(Ear::Viewer);
    story.mallory.cuts(story.session(), Ear::Viewer);
    story.is_back_after(before).await;
    for chan in [1, 2, 3] {
        let again = with_channel(old.clone(), chan);
        story
            .mallory
            .says(story.session(), Ear::Agent, Message::binary(again));
    }
    story.ends_well("a").await;
}

#[tokio::test]
async fn a_key_of_another_session_is_never_typed() {
    let (story, other) = Betrayal::two("/lab").await;
    other.human_clicks_the_field().await;
    other.human_types("x", "x").await;
    let stolen = other.newest(Ear::Agent, Kind::Input).expect("the x");
    story.once(Ear::Agent, Kind::Input, |_| vec![stolen]);
    a_damaged_b_is_noticed(&story).await;
    other.ends_well("x").await;
    story.ends_well("a").await;
}

#[tokio::test]
async fn what_the_agent_said_itself_is_never_obeyed() {
    let story = Betrayal::begin().await;
    let before = story.connections(Ear::Viewer);
    let own = story
        .newest(Ear::Viewer, Kind::Control)
        .expect("a heartbeat");
    let own = with_channel(own, 1);
    story
        .mallory
        .says(story.session(), Ear::Agent, Message::binary(own));
    story.is_back_after(before).await;
    story.ends_well("a").await;
}

#[tokio::test]
async fn what_is_too_long_is_not_even_read_and_both_come_back() {
    let story = Betrayal::begin().await;
    let before = story.connections(Ear::Agent);
    story.once(Ear::Agent, Kind::Input, |mut key| {
        key.resize(90_000, 0);
        vec![key]
    });
    story.human.types("b").await;
    eventually("the agent's new connection", async || {
        (story.connections(Ear::Agent) > before).then_some(())
    })
    .await;
    story.human.state_is("live").await;
    story.only("a");
    story.ends_well("a").await;
}

#[tokio::test]
async fn a_hello_that_is_changed_lets_nobody_in() {
    let story = Betrayal::begin().await;
    // The human's ephemeral key, and what is sealed behind it.
    for place in [40, 90] {
        let before = story.connections(Ear::Viewer);
        story.once(Ear::Agent, Kind::Hello1, move |hello| {
            vec![flipped(hello, place, 1)]
        });
        story.mallory.cuts(story.session(), Ear::Viewer);
        story.is_back_after(before + 1).await;
    }
    story.ends_well("a").await;
}

#[tokio::test]
async fn what_version_1_would_obey_is_ignored() {
    let story = Betrayal::begin().await;
    let (x, y) = story.at.of("plain");
    let payload = json!({"iv": "AAAAAAAAAAAAAAAA", "ciphertext": "AAAA", "tag": "AAAA"});
    for forgery in [
        json!({"type": "pubkey", "key": stray_key()}),
        json!({"type": "encrypted", "payload": payload}),
        click((x, y)),
        json!({"type": "keypress", "key": "f"}),
        json!({"type": "paste", "text": "forged"}),
        json!({"type": "reload"}),
        json!({"type": "resolved"}),
        json!({"type": "cancelled"}),
        json!({"type": "takeover", "id": 1, "answer": "hand_over"}),
        json!({"type": "ready"}),
    ] {
        let forgery = Message::text(forgery.to_string());
        story.mallory.says(story.session(), Ear::Agent, forgery);
    }
    let bare = Message::binary(br#"{"type":"resolved"}"#.to_vec());
    story.mallory.says(story.session(), Ear::Agent, bare);
    story.ends_well("a").await;
}

#[tokio::test]
async fn a_handshake_of_the_relays_own_gets_nowhere() {
    let story = Betrayal::begin().await;
    let mut hello = story.newest(Ear::Agent, Kind::Hello1).expect("the human's");
    // The relay knows the admission token, not the link's secret: the best it has is somebody's hello.
    for (place, byte) in hello.iter_mut().enumerate().skip(16) {
        *byte = u8::try_from(place % 251).expect("small");
    }
    let comes = json!({"type": "viewer_connected", "chan": 77});
    let comes = Message::text(comes.to_string());
    story.mallory.says(story.session(), Ear::Agent, comes);
    let hello = Message::binary(with_channel(hello, 77));
    story.mallory.says(story.session(), Ear::Agent, hello);
    let status = story.status().await;
    assert_eq!(status.data["viewers_replaced"], Value::Null);
    story.ends_well("a").await;
}

#[tokio::test]
async fn an_old_hello_lets_nobody_in() {
    let story = Betrayal::begin().await;
    let hello = story.newest(Ear::Agent, Kind::Hello1).expect("the human's");
    let before = story.connections(Ear::Viewer);
    story.once(Ear::Agent, Kind::Hello1, |new| {
        let old = with_channel(hello, channel_of(&new));
        vec![old]
    });
    story.mallory.cuts(story.session(), Ear::Viewer);
    // The human's page throws the answer to another's hello away, and tries again.
    story.is_back_after(before + 1).await;
    story.ends_well("a").await;
}

#[tokio::test]
async fn a_viewer_said_to_be_gone_does_nothing_and_comes_back_by_its_proof() {
    let story = Betrayal::begin().await;
    let gone = json!({"type": "viewer_disconnected", "chan": 1});
    let gone = Message::text(gone.to_string());
    story.mallory.says(story.session(), Ear::Agent, gone);
    story.human.types("b").await;
    story.human.state_is("frozen").await;
    story.only("a");
    let before = story.connections(Ear::Viewer);
    story.mallory.cuts(story.session(), Ear::Viewer);
    story.is_back_after(before).await;
    story.ends_well("a").await;
}

#[tokio::test]
async fn input_that_is_held_back_is_seen_to_be() {
    let story = Betrayal::begin().await;
    story.withholds(Ear::Agent, UPLINK);
    story.human.types("b").await;
    story.human.state_is("frozen").await;
    story.human.is_told("Your input isn’t arriving").await;
    assert_eq!(story.human.picture_is().await, "grey");
    story.human.types("c").await;
    story.only("a");
    story.ends_well("a").await;
}

#[tokio::test]
async fn a_relay_that_says_resolved_ends_it_as_an_error() {
    relay_says(json!({"type": "session_resolved"}), "error").await;
}

#[tokio::test]
async fn a_relay_that_says_cancelled_ends_it_as_an_error() {
    relay_says(json!({"type": "session_cancelled"}), "error").await;
}

#[tokio::test]
async fn a_relay_that_says_expired_ends_it_as_timeout() {
    relay_says(json!({"type": "session_expired"}), "timeout").await;
}

async fn relay_says(word: Value, ends_as: &str) {
    let story = Betrayal::begin().await;
    let word = Message::text(word.to_string());
    story.mallory.says(story.session(), Ear::Agent, word);
    assert_eq!(story.end().await.data["status"], ends_as);
    story.only("a");
    story.has_failed().await;
}

#[tokio::test]
async fn a_relay_whose_record_says_resolved_is_not_believed() {
    let story = Betrayal::begin().await;
    let record = json!({
        "session_id": story.session(), "status": "RESOLVED", "service": "Harbour Bank",
        "created_at": "2026-01-01T00:00:00Z", "expires_at": "2030-01-01T00:00:00Z",
    });
    story.mallory.lies("GET /session/", &record.to_string());
    story.mallory.cuts(story.session(), Ear::Agent);
    assert_eq!(story.end().await.data["status"], "error");
    story.leaves_no_trace().await;
}

#[tokio::test]
async fn a_relay_that_gives_the_agents_place_away_ends_it_as_an_error() {
    let story = Betrayal::begin().await;
    story.mallory.closes(story.session(), Ear::Agent, 4408);
    assert_eq!(story.end().await.data["status"], "error");
    story.only("a");
    story.leaves_no_trace().await;
}

fn flipped(mut record: Vec<u8>, place: usize, bits: u8) -> Vec<u8> {
    let byte = record.get_mut(place).expect("it is long enough");
    *byte ^= bits;
    record
}

fn with_channel(mut record: Vec<u8>, channel: u16) -> Vec<u8> {
    let place = record.get_mut(2..4).expect("a header");
    place.copy_from_slice(&channel.to_be_bytes());
    record
}

fn channel_of(record: &[u8]) -> u16 {
    let [high, low] = record
        .get(2..4)
        .and_then(|at| at.try_into().ok())
        .expect("a header");
    u16::from_be_bytes([high, low])
}
