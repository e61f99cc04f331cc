//! Version 2 against floods: viewers, handshakes, records and pages that come without end cost a
//! bounded amount, and the one in control goes on.

mod support;

use authloop_core::agent::io::{Input, Message, Output, Peer};
use serde_json::json;
use support::{
    Story,
    sealed::{Sealed, sealed},
};

/// What the machine holds back until it is drained: as many outputs, and a few of one input more.
const MAX_OUTPUTS: usize = 512 + 64;

/// What is in the machine's way out, in outputs and bytes.
fn drained(story: &mut Story) -> (usize, usize) {
    let (mut outputs, mut bytes) = (0, 0);
    loop {
        match story.agent.poll() {
            Output::Idle(_) => return (outputs, bytes),
            Output::Send(_, Message::Text(text)) => bytes += text.len(),
            Output::Send(_, Message::Binary(record)) => bytes += record.len(),
            Output::Connect(..)
            | Output::Close(_)
            | Output::Http(..)
            | Output::File(_)
            | Output::Event(_) => {}
        }
        outputs += 1;
    }
}

#[test]
fn channels_beyond_sixteen_are_closed_with_4403_and_the_controller_goes_on() {
    let mut sealed = Sealed::controlled();
    for chan in 2..=200 {
        sealed.relay_says(&json!({"type": "viewer_connected", "chan": chan}));
    }
    assert_eq!(sealed.closes.len(), 184);
    assert!(
        sealed
            .closes
            .iter()
            .all(|(chan, code)| *chan > 16 && *code == 4403)
    );
    sealed.does(1, json!({"type": "resolved"}));
    assert!(!sealed.story.requests.is_empty());
}

#[test]
fn a_relay_that_numbers_channels_without_end_costs_nothing_more() {
    let mut sealed = Sealed::controlled();
    for chan in 2..=65_535 {
        sealed
            .story
            .relay_says(&json!({"type": "viewer_connected", "chan": chan}));
        sealed
            .story
            .relay_says(&json!({"type": "viewer_disconnected", "chan": chan}));
    }
    sealed.deliver();
    assert!(sealed.closes.is_empty());
    sealed.does(1, json!({"type": "resolved"}));
    assert!(!sealed.story.requests.is_empty());
}

#[test]
fn handshakes_without_end_are_answered_five_times_a_channel() {
    let mut sealed = Sealed::controlled();
    sealed.connects(2);
    for _ in 0..100 {
        let hello = sealed.hello(2, None, None);
        sealed.sends(2, hello);
    }
    assert_eq!(sealed.guest(2).heard.len(), 5);
    assert!(sealed.closes.is_empty());
    // And the human was asked once.
    assert_eq!(sealed.guest(1).told("takeover").len(), 1);
    sealed.pass(10_000);
    sealed.asks(2, None, None);
    assert_eq!(sealed.guest(2).heard.len(), 6, "its time has passed");
}

#[test]
fn strangers_handshakes_never_shut_the_controller_out() {
    let mut sealed = Sealed::watched();
    let secret = sealed.secret(1);
    for round in 0..30_u16 {
        let chan = 100 + round;
        sealed.connects(chan);
        for _ in 0..10 {
            let hello = sealed.hello(chan, None, None);
            sealed.sends(chan, hello);
        }
        sealed.disconnects(chan);
    }
    // The session's budget is used up; a proof needs none.
    sealed.disconnects(1);
    sealed.resumes(2, &secret);
    sealed.does(2, json!({"type": "resolved"}));
    assert!(!sealed.story.requests.is_empty());
}

#[test]
fn records_that_nobody_drains_are_not_wanted_any_more() {
    let mut sealed = Sealed::controlled();
    let mut given = 0_usize;
    while sealed.story.agent.wants(Peer::Relay) {
        let now = sealed.story.now;
        let epoch = sealed.guest(1).epoch.as_mut().expect("keys");
        let mut ping = epoch
            .seal_control(now, format!(r#"{{"type":"ping","n":{given}}}"#).as_bytes())
            .expect("it fits");
        ping[2..4].copy_from_slice(&1_u16.to_be_bytes());
        sealed
            .story
            .agent
            .handle(now, Input::Binary(Peer::Relay, &ping));
        given += 1;
        assert!(given < 10_000, "it says stop");
    }
    assert!(!sealed.story.agent.wants(Peer::Browser));
    let (outputs, bytes) = drained(&mut sealed.story);
    assert!(outputs <= MAX_OUTPUTS, "{outputs}");
    assert!(bytes < 1024 * 1024, "{bytes}");
    assert!(
        sealed.story.agent.wants(Peer::Relay),
        "and goes on once it is drained"
    );
}

#[test]
fn pictures_that_nobody_drains_are_not_queued() {
    let mut sealed = Sealed::watched();
    let jpeg = vec![7; 1_000_000];
    for _ in 0..50 {
        sealed.story.page_paints_undrained(&jpeg);
    }
    let (_, bytes) = drained(&mut sealed.story);
    assert!(bytes < 3 * 1024 * 1024, "{bytes}");
}

#[test]
fn a_page_that_opens_dialogs_without_end_is_told_of_once_a_second() {
    let mut sealed = Sealed::watched();
    for _ in 0..1_000 {
        sealed.story.page_says(
            "Page.javascriptDialogOpening",
            &json!({"type": "confirm", "message": ""}),
        );
    }
    sealed.deliver();
    assert_eq!(sealed.story.count("Page.handleJavaScriptDialog"), 1_000);
    assert_eq!(sealed.guest(1).told("notice").len(), 1);
    sealed.pass(1_000);
    sealed.story.page_says(
        "Page.javascriptDialogOpening",
        &json!({"type": "confirm", "message": ""}),
    );
    sealed.deliver();
    assert_eq!(sealed.guest(1).told("notice").len(), 2);
    assert!(sealed.closes.is_empty());
}

#[test]
fn a_controller_that_sends_stale_input_without_end_is_told_of_a_bounded_part() {
    let mut sealed = Sealed::watched();
    for _ in 0..2_000 {
        let record = sealed.seals(1, &json!({"type": "click", "x": 1, "y": 1}));
        sealed.sends(1, record);
    }
    assert_eq!(sealed.story.agent.counters().stale_events, 2_000);
    assert!(sealed.story.commands.is_empty());
    assert!(sealed.closes.is_empty());
}

#[test]
fn no_message_longer_than_a_viewers_longest_record_is_taken_from_the_relay() {
    let mut story = Story::configured(|config| config.encryption = sealed(None));
    story.open(Peer::Browser);
    story.create();
    assert_eq!(story.longest.last(), Some(&(Peer::Relay, 80 * 1_024)));
}
