//! Flow control: the human never looks at the past, and nobody queues it.

mod support;

use std::num::NonZeroU32;

use serde_json::json;
use support::Story;

const ACK: &str = "Page.screencastFrameAck";

/// A session with a viewer whose socket is empty.
fn watched() -> Story {
    let mut story = Story::attended();
    story.drained();
    story.forget();
    story
}

#[test]
fn a_frame_is_announced_and_followed_by_its_picture() {
    let mut story = watched();
    story.page_paints(b"one");
    let meta = &story.texts_to_relay()[0];
    assert_eq!(
        (&meta["type"], &meta["jpegSize"]),
        (&json!("frame"), &json!(3))
    );
    assert_eq!(story.pictures(), [b"one"]);
}

#[test]
fn chromium_is_acknowledged_only_by_a_drained_socket() {
    let mut story = watched();
    story.page_paints(b"one");
    story.page_paints(b"two");
    assert_eq!(story.pictures(), [b"one"], "the second waits");
    assert_eq!(story.count(ACK), 0);
    story.drained();
    assert_eq!(story.pictures(), [b"one", b"two"]);
    assert_eq!(story.count(ACK), 1);
    story.drained();
    assert_eq!(story.count(ACK), 2);
}

#[test]
fn a_slow_link_skips_frames_and_ends_with_the_newest() {
    let mut story = watched();
    story.page_paints(b"first");
    for n in 0..50_u8 {
        story.page_paints(&[n]);
    }
    assert_eq!(story.pictures().len(), 1);
    story.drained();
    assert_eq!(story.pictures()[1], [49]);
    assert_eq!(story.agent.counters().skipped_frames, 49);
}

#[test]
fn a_viewer_that_joins_a_still_page_is_shown_it() {
    let mut story = watched();
    story.page_paints(b"still");
    story.drained();
    story.forget();
    story.relay_says(&json!({"type": "viewer_connected"}));
    story.drained();
    assert!(story.pictures().is_empty() || story.pictures() == [b"still"]);
    story.drained();
    assert_eq!(story.pictures(), [b"still"]);
}

#[test]
fn the_last_picture_is_asked_for_again_after_a_stall() {
    let mut story = watched();
    story.page_paints(b"one");
    story.page_paints(b"two");
    story.drained();
    story.drained();
    story.forget();
    story.pass(299);
    assert!(story.commands.is_empty());
    story.pass(1);
    assert_eq!(
        story.methods(),
        ["Page.stopScreencast", "Page.startScreencast"]
    );
    story.pass(10_000);
    assert_eq!(story.count("Page.startScreencast"), 1, "once");
}

#[test]
fn a_cast_that_is_refused_while_one_page_gives_way_to_the_next_is_started_again() {
    let mut story = watched();
    story.page_paints(b"one");
    story.page_paints(b"two");
    story.drained();
    story.drained();
    story.refused.insert("Page.startScreencast");
    story.pass(300);
    story.forget();
    story.pass(99);
    assert!(story.commands.is_empty());
    story.refused.clear();
    story.pass(1);
    assert_eq!(
        story.methods(),
        ["Page.stopScreencast", "Page.startScreencast"]
    );
    story.pass(10_000);
    assert_eq!(story.count("Page.startScreencast"), 1, "once");
    story.page_paints(b"next");
    assert_eq!(story.pictures(), [b"next"]);
}

#[test]
fn the_last_picture_of_a_burst_is_proven_once_and_not_sent_twice() {
    let mut story = watched();
    story.page_paints(b"one");
    story.drained();
    story.forget();
    story.pass(699);
    assert!(story.commands.is_empty());
    story.pass(1);
    assert_eq!(
        story.methods(),
        ["Page.stopScreencast", "Page.startScreencast"]
    );
    story.forget();
    story.page_paints_in_cast(2, b"one");
    assert_eq!(story.methods(), [ACK]);
    assert!(story.pictures().is_empty(), "it is there already");
    story.forget();
    story.pass(10_000);
    assert_eq!(story.count("Page.startScreencast"), 0, "once");
}

#[test]
fn a_last_picture_that_chromium_has_lost_is_shown_all_the_same() {
    let mut story = watched();
    story.page_paints(b"one");
    story.drained();
    story.pass(700);
    story.forget();
    story.page_paints_in_cast(2, b"lost");
    assert_eq!(story.pictures(), [b"lost"]);
    story.drained();
    story.viewer_does(&json!({"type": "click", "x": 1, "y": 1}));
    story.forget();
    story.pass(700);
    assert_eq!(
        story.count("Page.startScreencast"),
        1,
        "a click may do anything"
    );
}

#[test]
fn a_page_that_goes_on_painting_needs_no_new_cast() {
    let mut story = watched();
    for _ in 0..20 {
        story.page_paints(b"one");
        story.page_paints(b"two");
        story.drained();
        story.pass(100);
        story.drained();
    }
    assert_eq!(story.count("Page.startScreencast"), 0);
}

#[test]
fn a_relay_that_queues_gets_no_more_than_its_rate() {
    let mut story = Story::waiting_with(|config| config.max_frame_rate = NonZeroU32::new(10));
    story.viewer_joins();
    story.drained();
    story.forget();
    for _ in 0..100 {
        story.page_paints(b"x");
        story.drained();
        story.pass(10);
    }
    assert!(
        (9..=11).contains(&story.pictures().len()),
        "{}",
        story.pictures().len()
    );
}

#[test]
fn a_viewport_that_grows_is_measured_anew() {
    let mut story = watched();
    story.page_says(
        "Page.screencastFrame",
        &json!({"data": "AAAA", "metadata": {"offsetTop": 0, "pageScaleFactor": 1, "deviceWidth": 1600,
            "deviceHeight": 720, "scrollOffsetX": 0, "scrollOffsetY": 0}, "sessionId": 1}),
    );
    assert_eq!(
        story.methods(),
        [
            "Page.stopScreencast",
            "Page.getLayoutMetrics",
            "Page.startScreencast"
        ]
    );
}
