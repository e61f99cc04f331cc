//! A hostile relay between a real agent and a real browser, and what it tells the human's page. It can
//! make the page grey, or stop it with words; it can't show a picture of its own, nor pass something old
//! off as now, nor make the page say that the human was heard.

use std::sync::Arc;

use authloop_core::wire::v2::Kind;
use authloop_testkit::{
    betrayal::{Betrayal, forged_picture},
    human::{Device, Human},
    mallory::{Ear, Mallory},
    viewer::stray_key,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

/// What Mallory would like the human to see: no page here has it.
const FORGED: [u8; 3] = [255, 0, 255];

/// The background of `/lab/second`, which another session shows.
const SECOND: [u8; 3] = [255, 204, 238];

/// The next record of a kind is damaged; the page breaks the line off and comes back by itself.
async fn is_noticed(kind: Kind, damage: impl FnOnce(Vec<u8>) -> Vec<Vec<u8>> + Send + 'static) {
    let story = Betrayal::begin().await;
    let before = story.connections(Ear::Viewer);
    story.once(Ear::Viewer, kind, damage);
    paints(&story, "#eee").await;
    story.is_back_after(before).await;
    story.only("a");
    story.ends_well("a").await;
}

/// The agent's page changes its background behind everybody's back: a new picture is due.
async fn paints(story: &Betrayal, colour: &str) {
    let script = format!("document.body.style.background = '{colour}'");
    story.page.cdp().await.evaluate(&script).await;
}

#[tokio::test]
async fn a_control_record_that_is_left_out_is_noticed() {
    is_noticed(Kind::Control, |_| Vec::new()).await;
}

#[tokio::test]
async fn a_control_record_that_is_doubled_is_noticed() {
    is_noticed(Kind::Control, |record| vec![record.clone(), record]).await;
}

#[tokio::test]
async fn a_picture_that_is_doubled_is_noticed() {
    is_noticed(Kind::Frame, |picture| vec![picture.clone(), picture]).await;
}

#[tokio::test]
async fn a_control_record_that_is_changed_is_noticed() {
    is_noticed(Kind::Control, |record| vec![flipped(record, 20, 1)]).await;
}

#[tokio::test]
async fn a_picture_that_is_changed_is_noticed() {
    is_noticed(Kind::Frame, |picture| vec![flipped(picture, 300, 0x80)]).await;
}

#[tokio::test]
async fn a_picture_whose_counter_is_changed_is_noticed() {
    is_noticed(Kind::Frame, |picture| vec![flipped(picture, 14, 1)]).await;
}

#[tokio::test]
async fn a_picture_that_is_cut_short_is_noticed() {
    is_noticed(Kind::Frame, |picture| {
        vec![picture.into_iter().take(1_000).collect()]
    })
    .await;
}

#[tokio::test]
async fn a_picture_that_is_called_control_is_noticed() {
    is_noticed(Kind::Frame, |picture| vec![flipped(picture, 1, 0x02)]).await;
}

#[tokio::test]
async fn what_is_too_long_is_noticed() {
    is_noticed(Kind::Frame, |mut picture| {
        picture.resize((8 << 20) + 1, 0);
        vec![picture]
    })
    .await;
}

#[tokio::test]
async fn what_the_human_said_themselves_is_noticed() {
    let story = Betrayal::begin().await;
    let own = story.newest(Ear::Agent, Kind::Control).expect("heartbeats");
    let before = story.connections(Ear::Viewer);
    let own = Message::binary(own);
    story.mallory.says(story.session(), Ear::Viewer, own);
    story.is_back_after(before).await;
    story.ends_well("a").await;
}

#[tokio::test]
async fn pictures_that_changed_places_are_noticed() {
    let story = Betrayal::begin().await;
    let before = story.connections(Ear::Viewer);
    story.swaps(Ear::Viewer, Kind::Frame);
    // The agent goes on without the first once it counts as lost.
    paints(&story, "#eee").await;
    story.is_back_after(before).await;
    story.ends_well("a").await;
}

#[tokio::test]
async fn a_picture_of_an_earlier_connection_is_never_shown_again() {
    let story = Betrayal::begin().await;
    paints(&story, "#f0f").await;
    story.human.sees(FORGED).await;
    let old = story.newest(Ear::Viewer, Kind::Frame).expect("pictures");
    paints(&story, "#eee").await;
    story.human.sees([0xee; 3]).await;
    story.human.watches_for(FORGED).await;
    let before = story.connections(Ear::Viewer);
    story.mallory.cuts(story.session(), Ear::Viewer);
    story.is_back_after(before).await;
    let old = Message::binary(old);
    story.mallory.says(story.session(), Ear::Viewer, old);
    paints(&story, "#cce").await;
    story.human.sees([0xcc, 0xcc, 0xee]).await;
    assert!(!story.human.has_seen_it().await);
    assert_eq!(
        story.connections(Ear::Viewer),
        before + 1,
        "it is of no interest"
    );
    story.ends_well("a").await;
}

#[tokio::test]
async fn a_picture_of_another_session_is_never_shown() {
    let (story, other) = Betrayal::two("/lab/second").await;
    other.human.sees(SECOND).await;
    let stolen = other.newest(Ear::Viewer, Kind::Frame).expect("pictures");
    story.human.watches_for(SECOND).await;
    let before = story.connections(Ear::Viewer);
    // In its own place and in the place of the one that is due.
    story.once(Ear::Viewer, Kind::Frame, |due| {
        vec![with_header_of(&due, stolen.clone()), stolen]
    });
    paints(&story, "#eee").await;
    story.is_back_after(before).await;
    assert!(!story.human.has_seen_it().await);
    other.leaves_no_trace().await;
    story.ends_well("a").await;
}

#[tokio::test]
async fn a_picture_of_the_relays_own_is_never_shown() {
    let story = Betrayal::begin().await;
    let jpeg = forged_picture(FORGED).await;
    story.human.watches_for(FORGED).await;
    for way in [bare, sealed_by_nobody] {
        let before = story.connections(Ear::Viewer);
        let picture = jpeg.clone();
        story.once(Ear::Viewer, Kind::Frame, move |due| way(&due, &picture));
        paints(&story, "#eee").await;
        story.is_back_after(before).await;
        paints(&story, "#ddd").await;
    }
    assert!(!story.human.has_seen_it().await);
    story.ends_well("a").await;
}

/// As version 1 sends it.
fn bare(due: &[u8], jpeg: &[u8]) -> Vec<Vec<u8>> {
    vec![jpeg.to_vec(), due.to_vec()]
}

/// Dressed up as a record, in the place of one.
fn sealed_by_nobody(due: &[u8], jpeg: &[u8]) -> Vec<Vec<u8>> {
    let mut record = due.get(..16).expect("a header").to_vec();
    record.extend([0, 36, 1]);
    record.resize(16 + 2 + 36, 0);
    record.extend(jpeg);
    record.extend([0; 16]);
    vec![record]
}

#[tokio::test]
async fn what_version_1_would_show_and_obey_is_ignored() {
    let story = Betrayal::begin().await;
    let before = story.connections(Ear::Viewer);
    for word in [
        json!({"type": "pubkey", "key": stray_key()}),
        json!({
            "type": "frame", "deviceWidth": 640, "deviceHeight": 480, "offsetTop": 0,
            "pageScaleFactor": 1, "scrollOffsetX": 0, "scrollOffsetY": 0, "jpegSize": 4,
        }),
        json!({"type": "notice", "code": "confirm_dismissed"}),
        json!({"type": "takeover", "id": 7}),
        json!({"type": "heartbeat", "last_frame": null, "got": 0, "clock": 0}),
    ] {
        let word = Message::text(word.to_string());
        story.mallory.says(story.session(), Ear::Viewer, word);
    }
    story.human_types("b", "ab").await;
    assert_eq!(story.connections(Ear::Viewer), before);
    assert!(!story.human.can_press("#keep").await, "nobody asks");
    story.ends_well("ab").await;
}

#[tokio::test]
async fn an_answer_of_another_session_lets_nobody_in() {
    let (story, other) = Betrayal::two("/lab").await;
    let stolen = other
        .newest(Ear::Viewer, Kind::Hello2)
        .expect("it was let in");
    story.each(Ear::Viewer, Kind::Hello2, move |_| vec![stolen.clone()]);
    story.mallory.cuts(story.session(), Ear::Viewer);
    // Again and again: the page gives up, with words.
    assert_eq!(story.human.outcome().await, "tampered");
    story.human.is_told("damaged or tampered with").await;
    let status = story.status().await;
    assert_eq!(status.data["status"], "pending", "{}", status.text);
    story.only("a");
    // "Try again", once the relay has had enough.
    story.mallory.is_honest();
    story.human.press("#ended-action").await;
    other.leaves_no_trace().await;
    story.ends_well("a").await;
}

#[tokio::test]
async fn an_answer_with_another_key_lets_nobody_in() {
    let story = Betrayal::begin().await;
    let before = story.connections(Ear::Viewer);
    // Bytes 16 to 80 are the agent's ephemeral point: Mallory would like to agree on one of her own.
    story.once(Ear::Viewer, Kind::Hello2, |mut answer| {
        let point = a_point();
        if let Some(place) = answer.get_mut(16..81) {
            place.copy_from_slice(&point);
        }
        vec![answer]
    });
    story.mallory.cuts(story.session(), Ear::Viewer);
    story.is_back_after(before + 1).await;
    story.ends_well("a").await;
}

#[tokio::test]
async fn a_relay_that_does_not_answer_in_version_2_is_not_spoken_to() {
    let human = Human::with(Device::Desktop).await;
    let mallory = Arc::new(Mallory::start().await);
    let story = Betrayal::waiting(mallory, human, "/lab").await;
    story.mallory.forgets_the_protocol();
    story.human.press("#start").await;
    story.human.is_told("Can’t reach the relay").await;
    assert_eq!(story.newest(Ear::Agent, Kind::Hello1), None);
    // It comes back to its senses, and the page still tries.
    story.mallory.is_honest();
    story.human.is_shown_the_page().await;
    story.human_clicks_the_field().await;
    story.ends_well("").await;
}

#[tokio::test]
async fn control_that_is_withheld_stops_the_page_with_words() {
    let story = Betrayal::begin().await;
    story.withholds(Ear::Viewer, &[Kind::Control]);
    // Pictures go on coming, for a while: each tells of control that the page hasn't seen.
    let busy = "setInterval(() => { document.body.style.background =
        document.body.style.background === 'white' ? '#eee' : 'white'; }, 300)";
    story.page.cdp().await.evaluate(busy).await;
    assert_eq!(story.human.outcome().await, "tampered");
    story.human.is_told("damaged or tampered with").await;
    story.only("a");
    story.leaves_no_trace().await;
}

#[tokio::test]
async fn pictures_that_are_withheld_turn_the_page_grey() {
    let story = Betrayal::begin().await;
    let shown = story.human.pictures().await;
    story.withholds(Ear::Viewer, &[Kind::Frame]);
    paints(&story, "#eee").await;
    story.human.state_is("frozen").await;
    story.human.is_told("The picture is behind").await;
    assert_eq!(story.human.picture_is().await, "grey");
    story.human.types("b").await;
    story.human.click(story.at.of("plain")).await;
    story.only("a");
    story.mallory.is_honest();
    paints(&story, "#ddd").await;
    story.human.sees_more_than(shown).await;
    story.human.state_is("live").await;
    story.ends_well("a").await;
}

#[tokio::test]
async fn a_relay_that_passes_nothing_on_turns_the_page_grey() {
    let story = Betrayal::begin().await;
    story.plays(Ear::Viewer, Box::new(|_| Vec::new()));
    story.human.state_is("frozen").await;
    story.human.is_told("Nothing has been heard").await;
    assert_eq!(story.human.picture_is().await, "grey");
    story.human.types("b").await;
    story.only("a");
    story.ends_well("a").await;
}

#[tokio::test]
async fn a_relay_that_says_resolved_or_cancelled_is_not_believed() {
    let story = Betrayal::begin().await;
    for word in ["session_resolved", "session_cancelled"] {
        let word = Message::text(json!({ "type": word }).to_string());
        story.mallory.says(story.session(), Ear::Viewer, word);
    }
    story.ends_well("a").await;
}

#[tokio::test]
async fn a_relay_that_says_expired_ends_the_page_as_such() {
    let story = Betrayal::begin().await;
    let word = Message::text(json!({"type": "session_expired"}).to_string());
    story.mallory.says(story.session(), Ear::Viewer, word);
    assert_eq!(story.human.outcome().await, "expired");
    let status = story.status().await;
    assert_eq!(status.data["status"], "pending", "{}", status.text);
    story.leaves_no_trace().await;
}

#[tokio::test]
async fn a_relay_whose_card_says_resolved_is_not_believed() {
    let story = Betrayal::begin().await;
    let card = json!({
        "service": "Harbour Bank", "status": "RESOLVED", "expires_at": "2030-01-01T00:00:00Z",
    });
    story.mallory.lies("/card ", &card.to_string());
    story.human.reload_viewer().await;
    story.human.state_is("error").await;
    let words = story.human.words().await;
    assert!(words.contains("This request has ended"), "{words}");
    assert!(!words.contains("Done"), "{words}");
    let status = story.status().await;
    assert_eq!(status.data["status"], "pending", "{}", status.text);
    story.leaves_no_trace().await;
}

#[tokio::test]
async fn done_that_the_relay_keeps_to_itself_is_never_said_to_be_heard() {
    let story = Betrayal::begin().await;
    story.withholds(Ear::Agent, &[Kind::Input]);
    story.human.press("#done").await;
    let resolved = Message::text(json!({"type": "session_resolved"}).to_string());
    story.mallory.says(story.session(), Ear::Viewer, resolved);
    story.mallory.closes(story.session(), Ear::Viewer, 4404);
    assert_eq!(story.human.outcome().await, "unconfirmed");
    story.human.is_told("before the agent confirmed").await;
    let status = story.status().await;
    assert_eq!(status.data["status"], "pending", "{}", status.text);
    story.only("a");
    story.leaves_no_trace().await;
}

#[tokio::test]
async fn an_agent_said_to_be_gone_and_back_is_asked_for_its_proof() {
    let story = Betrayal::begin().await;
    let say = |word: &str| {
        let word = Message::text(json!({ "type": word }).to_string());
        story.mallory.says(story.session(), Ear::Viewer, word);
    };
    say("agent_disconnected");
    story.human.state_is("waiting").await;
    story.human.is_told("The agent’s computer is away").await;
    story.human.types("b").await;
    say("agent_connected");
    story.human.state_is("live").await;
    let status = story.status().await;
    assert_eq!(status.data["viewers_replaced"], Value::Null);
    story.ends_well("a").await;
}

#[tokio::test]
async fn a_relay_that_says_taken_over_stops_the_page_until_the_human_asks() {
    let story = Betrayal::begin().await;
    let before = story.connections(Ear::Viewer);
    story.mallory.closes(story.session(), Ear::Viewer, 4408);
    assert_eq!(story.human.outcome().await, "elsewhere");
    assert_eq!(story.connections(Ear::Viewer), before);
    story.human.press("#ended-action").await;
    story.is_back_after(before).await;
    story.ends_well("a").await;
}

fn flipped(mut record: Vec<u8>, place: usize, bits: u8) -> Vec<u8> {
    let byte = record.get_mut(place).expect("it is long enough");
    *byte ^= bits;
    record
}

/// The record under the outside of another one.
fn with_header_of(header: &[u8], mut record: Vec<u8>) -> Vec<u8> {
    let (from, to) = (header.get(..16), record.get_mut(..16));
    to.expect("a header")
        .copy_from_slice(from.expect("a header"));
    record
}

/// A point of the curve that Mallory may know the secret of.
fn a_point() -> Vec<u8> {
    STANDARD.decode(stray_key()).expect("base64")
}
