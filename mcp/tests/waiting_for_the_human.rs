//! What `authloop_status` answers, and when.

mod support;

use authloop_core::agent::event::{Event, Failure, Outcome};
use serde_json::{Value, json};
use support::{Client, Opening, settle, text};
use tokio::time::{Duration, Instant, advance};

const PAGE: &str = "https://github.com/login";

async fn status(client: &mut Client, id: &str, arguments: Value) -> Value {
    client.call(id, "authloop_status", arguments).await;
    client.answer(id).await
}

#[tokio::test(start_paused = true)]
async fn every_end_has_its_word_and_its_guidance() {
    let ends = [
        (Outcome::Resolved, "resolved", "Look at the page again"),
        (Outcome::Cancelled, "cancelled", "Ask the user"),
        (Outcome::Timeout, "timeout", "Time ran out"),
        (
            Outcome::Failed(Failure::PageClosed),
            "error",
            "the page was closed",
        ),
        (
            Outcome::Failed(Failure::WrongPins),
            "error",
            "somebody else has the link",
        ),
    ];
    for (outcome, word, guidance) in ends {
        let mut client = Client::start(&[]).await;
        client.hand_over("1", PAGE).await;
        client.call("2", "authloop_status", json!({})).await;
        settle().await;
        client.stage.act(0).end(outcome);
        let result = client.answer("2").await;
        assert_eq!(result["isError"], false);
        assert_eq!(result["structuredContent"]["status"], word);
        assert_eq!(result["structuredContent"]["session_id"], "sess_0");
        assert!(result["structuredContent"]["session_url"].is_string());
        assert!(text(&result).contains(guidance), "{}", text(&result));
    }
}

#[tokio::test(start_paused = true)]
async fn a_wait_of_zero_seconds_only_looks() {
    let mut client = Client::start(&[]).await;
    client.hand_over("1", PAGE).await;
    let result = status(&mut client, "2", json!({ "wait_seconds": 0 })).await;
    assert_eq!(result["structuredContent"]["status"], "pending");
    assert_eq!(result["structuredContent"]["viewer_seen"], false);
    client.stage.act(0).event(Event::ViewerJoined);
    settle().await;
    let result = status(&mut client, "3", json!({ "wait_seconds": 0 })).await;
    assert_eq!(result["structuredContent"]["viewer_present"], true);
    client.stage.act(0).event(Event::ViewerLeft);
    settle().await;
    let result = status(&mut client, "4", json!({ "wait_seconds": 0 })).await;
    assert_eq!(result["structuredContent"]["viewer_present"], false);
    assert_eq!(result["structuredContent"]["viewer_seen"], true);
    assert!(text(&result).contains("left"));
}

#[tokio::test(start_paused = true)]
async fn a_viewer_that_took_over_and_tampering_are_told_then_and_at_the_end() {
    let mut client = Client::start(&[]).await;
    client.hand_over("1", PAGE).await;
    client.stage.act(0).event(Event::ViewerJoined);
    settle().await;
    let result = status(&mut client, "2", json!({ "wait_seconds": 0 })).await;
    let data = &result["structuredContent"];
    assert!(data.get("viewers_replaced").is_none() && data.get("tampered").is_none());
    client.stage.act(0).event(Event::ViewerReplaced);
    client.stage.act(0).event(Event::Tampered);
    settle().await;
    let pending = status(&mut client, "3", json!({ "wait_seconds": 0 })).await;
    client.stage.act(0).event(Event::ViewerReplaced);
    client.stage.act(0).end(Outcome::Resolved);
    let ended = status(&mut client, "4", json!({})).await;
    for (result, count, times) in [(pending, 1, "once"), (ended, 2, "2 times")] {
        assert_eq!(result["structuredContent"]["viewers_replaced"], count);
        assert_eq!(result["structuredContent"]["tampered"], true);
        assert!(text(&result).contains(&format!("took over {times}")));
        assert!(text(&result).contains("tampered with"));
    }
}

#[tokio::test(start_paused = true)]
async fn progress_never_holds_the_link() {
    let mut client = Client::start(&[]).await;
    client.hand_over("1", PAGE).await;
    client.call("2", "authloop_status", json!({})).await;
    settle().await;
    client.stage.act(0).end(Outcome::Resolved);
    client.answer("2").await;
    let mut progress = client.progress_of("1");
    progress.extend(client.progress_of("2"));
    assert!(!progress.is_empty());
    for sign in progress {
        assert!(!sign.to_string().contains("/s/sess_0"), "{sign}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_bounded_wait_ends_as_pending_and_leaves_the_session_alone() {
    let mut client = Client::start(&[]).await;
    client.hand_over("1", PAGE).await;
    let before = Instant::now();
    let result = status(&mut client, "2", json!({ "wait_seconds": 45 })).await;
    assert_eq!(before.elapsed().as_secs(), 45);
    assert_eq!(result["structuredContent"]["status"], "pending");
    assert_eq!(result["isError"], false);
    assert!(text(&result).contains("call authloop_status again"));
    assert_eq!(client.stage.act(0).was_asked_for(), []);
}

#[tokio::test(start_paused = true)]
async fn the_operators_cap_bounds_every_wait() {
    let mut client = Client::start(&[("AUTHLOOP_STATUS_WAIT", "50")]).await;
    client.hand_over("1", PAGE).await;
    let before = Instant::now();
    status(&mut client, "2", json!({})).await;
    assert_eq!(before.elapsed().as_secs(), 50);
    status(&mut client, "3", json!({ "wait_seconds": 500 })).await;
    assert_eq!(before.elapsed().as_secs(), 100);
}

#[tokio::test(start_paused = true)]
async fn a_wait_never_outlives_the_session_even_if_the_hand_off_hangs() {
    let mut client = Client::start(&[("AUTHLOOP_TTL", "60")]).await;
    client.hand_over("1", PAGE).await;
    client.stage.act(0).goes_deaf();
    let before = Instant::now();
    let result = status(&mut client, "2", json!({})).await;
    assert_eq!(result["structuredContent"]["status"], "timeout");
    assert_eq!(before.elapsed().as_secs(), 90);
}

#[tokio::test(start_paused = true)]
async fn the_relays_word_on_the_end_counts_not_what_was_asked_for() {
    let mut client = Client::start(&[]).await;
    client.stage.opens_with(Opening::CreatedFor(120));
    client.hand_over("1", PAGE).await;
    client.stage.act(0).goes_deaf();
    let before = Instant::now();
    let result = status(&mut client, "2", json!({ "wait_seconds": 0 })).await;
    assert_eq!(result["structuredContent"]["expires_in_seconds"], 120);
    let result = status(&mut client, "3", json!({})).await;
    assert_eq!(result["structuredContent"]["status"], "timeout");
    assert_eq!(before.elapsed().as_secs(), 150);
}

#[tokio::test(start_paused = true)]
async fn several_calls_may_wait_for_one_session() {
    let mut client = Client::start(&[]).await;
    client.hand_over("1", PAGE).await;
    for id in ["2", "3", "4"] {
        client.call(id, "authloop_status", json!({})).await;
    }
    settle().await;
    client.stage.act(0).end(Outcome::Resolved);
    for id in ["2", "3", "4"] {
        let result = client.answer(id).await;
        assert_eq!(result["structuredContent"]["status"], "resolved");
    }
}

#[tokio::test(start_paused = true)]
async fn progress_comes_at_once_then_steadily_and_rises() {
    let mut client = Client::start(&[]).await;
    client.hand_over("1", PAGE).await;
    client.call("2", "authloop_status", json!({})).await;
    assert!(!client.has_answer("2").await);
    let first = client.progress_of("2");
    assert_eq!(first.len(), 1);
    let message = first[0]["message"].as_str().expect("a message");
    assert!(message.contains("Waiting for a human"), "{message}");
    let mut last = first[0]["progress"].as_f64().expect("a number");
    for _ in 0..8 {
        advance(Duration::from_secs(15)).await;
        assert!(!client.has_answer("2").await);
        let beats = client.progress_of("2");
        assert!(!beats.is_empty(), "a sign of life within 15 s");
        for beat in beats {
            let progress = beat["progress"].as_f64().expect("a number");
            assert!(progress > last, "{progress} after {last}");
            assert_eq!(beat["total"], 600.0);
            last = progress;
        }
    }
    client.stage.act(0).event(Event::ViewerJoined);
    assert!(!client.has_answer("2").await);
    let beats = client.progress_of("2");
    assert!(
        beats[0]["message"]
            .as_str()
            .expect("a message")
            .contains("has the page open")
    );
}

#[tokio::test(start_paused = true)]
async fn nothing_follows_a_calls_answer() {
    let mut client = Client::start(&[]).await;
    client.hand_over("1", PAGE).await;
    client.call("2", "authloop_status", json!({})).await;
    settle().await;
    client.stage.act(0).event(Event::ViewerJoined);
    client.stage.act(0).end(Outcome::Resolved);
    client.answer("2").await;
    client.progress_of("2");
    advance(Duration::from_secs(60)).await;
    client.has_answer("3").await;
    assert_eq!(client.progress_of("2"), Vec::<Value>::new());
}

#[tokio::test(start_paused = true)]
async fn the_latest_session_is_meant_and_any_can_be_named() {
    let mut client = Client::start(&[]).await;
    client.hand_over("1", PAGE).await;
    client.hand_over("2", "https://github.com/other").await;
    client.stage.act(0).end(Outcome::Resolved);
    let look = json!({ "wait_seconds": 0 });
    let result = status(&mut client, "3", look).await;
    assert_eq!(result["structuredContent"]["session_id"], "sess_1");
    let result = status(&mut client, "4", json!({ "session_id": "sess_0" })).await;
    assert_eq!(result["structuredContent"]["status"], "resolved");
}

#[tokio::test(start_paused = true)]
async fn the_last_sixteen_results_are_kept() {
    let mut client = Client::start(&[]).await;
    for number in 0..17 {
        client.hand_over("1", PAGE).await;
        client.stage.act(number).end(Outcome::Resolved);
        status(&mut client, "2", json!({})).await;
    }
    settle().await;
    let result = status(&mut client, "3", json!({ "session_id": "sess_0" })).await;
    assert_eq!(result["isError"], true);
    let result = status(&mut client, "4", json!({ "session_id": "sess_1" })).await;
    assert_eq!(result["structuredContent"]["status"], "resolved");
}
