//! Version 2 at the agent's door: what a link is, who is let in, and whose word counts for nothing.

mod support;

use authloop_core::{
    agent::{
        event::{Event, Failure, Outcome},
        io::{Closed, Input, Method, Peer},
    },
    crypto::v2::AdmissionHash,
    wire::v2::RefusalReason,
};
use serde_json::{Value, json};
use support::{
    Story, created, record,
    sealed::{Heard, Sealed, sealed},
};

const CAST: &str = "Page.startScreencast";

/// A story that asked for its session and waits for the answer.
fn asking() -> Story {
    let mut story = Story::configured(|config| config.encryption = sealed(None));
    story.open(Peer::Browser);
    story
}

#[test]
fn the_relay_learns_the_tokens_hash_and_nothing_else_of_the_link() {
    let mut story = asking();
    let body = story.requests[0].1.body.clone().expect("a body");
    let body: Value = serde_json::from_str(&body).expect("JSON");
    story.create();
    let link = Sealed::of(story).link();
    let hash = link.link.admission_token().hash().to_string();
    assert_eq!(body["admission_hash"], hash);
    assert_ne!(hash, AdmissionHash::of("").to_string());
}

#[test]
fn the_fragment_is_in_the_link_for_the_human_and_nowhere_else() {
    let mut sealed = Sealed::waiting();
    let url = sealed.story.status.session.clone().expect("a session");
    let (page, fragment) = url.session_url.split_once('#').expect("a fragment");
    assert_eq!(page, "https://relay.test/s/sess_story");
    assert!(fragment.starts_with("2.") && fragment.len() == 68);
    sealed.joins(1);
    sealed.does(1, json!({"type": "resolved"}));
    let told = &sealed.story.requests[0].1;
    assert!(!told.url.contains("2.") && told.body.is_none());
    for (_, url) in &sealed.story.dialled {
        assert!(!url.contains(fragment));
    }
}

#[test]
fn a_relay_that_answers_a_foreign_session_url_ends_the_session_as_an_error() {
    for foreign in [
        "https://evil.test/s/sess_story",
        "https://relay.test/s/sess_other",
        "http://relay.test/s/sess_story",
        "https://relay.test/s/sess_story?x=1",
        "https://relay.test:444/s/sess_story",
    ] {
        let mut story = asking();
        let mut answer = created();
        answer["session_url"] = json!(foreign);
        story.answer(201, &answer.to_string());
        assert_eq!(story.requests[0].1.method, Method::Delete, "{foreign}");
        story.answer(204, "");
        assert_eq!(
            story.outcome(),
            Some(&Outcome::Failed(Failure::ForeignLink)),
            "{foreign}"
        );
        assert!(story.status.session.is_none(), "no link is shown");
        assert!(story.dialled.iter().all(|(peer, _)| *peer == Peer::Browser));
    }
}

#[test]
fn a_relay_that_answers_an_id_that_cannot_be_one_gets_no_link() {
    for id in ["a.b", &"x".repeat(65)] {
        let mut story = asking();
        let mut answer = created();
        answer["session_id"] = json!(id);
        answer["session_url"] = json!(format!("https://relay.test/s/{id}"));
        story.answer(201, &answer.to_string());
        story.answer(204, "");
        let failed = story.outcome();
        assert!(
            matches!(failed, Some(Outcome::Failed(Failure::RelayAnswer(_)))),
            "{id}"
        );
        assert!(story.status.session.is_none(), "{id}");
    }
}

#[test]
fn the_browser_is_attached_at_ready_and_not_at_the_relays_word() {
    let mut sealed = Sealed::waiting();
    sealed.connects(1);
    let hello = sealed.hello(1, None, None);
    sealed.sends(1, hello);
    sealed.pass(1_000);
    assert_eq!(sealed.story.count(CAST), 0);
    assert!(!sealed.story.status.viewer_seen);
    sealed.confirms(1);
    assert_eq!(sealed.story.count(CAST), 1);
    assert!(sealed.story.status.viewer_present);
}

#[test]
fn nothing_but_the_handshake_is_sent_before_ready() {
    let mut sealed = Sealed::waiting();
    sealed.connects(1);
    let hello = sealed.hello(1, None, None);
    sealed.sends(1, hello);
    sealed.story.page_paints(b"early");
    sealed.deliver();
    sealed.pass(9_000);
    assert_eq!(sealed.guest(1).heard, [Heard::Accepted { got: None }]);
}

#[test]
fn any_first_record_but_ready_is_fatal_and_its_input_reaches_nothing() {
    let mut sealed = Sealed::waiting();
    sealed.connects(1);
    let hello = sealed.hello(1, None, None);
    sealed.sends(1, hello);
    let _ready = sealed.guest(1).ready();
    sealed.does(1, json!({"type": "resolved", "at": 0}));
    assert_eq!(sealed.closes, [(1, 4400)]);
    assert_eq!(sealed.story.outcome(), None);
    assert!(!sealed.story.status.viewer_seen);
}

#[test]
fn plaintext_is_ignored_and_counted() {
    let mut sealed = Sealed::controlled();
    let before = sealed.story.agent.counters().unknown_relay_messages;
    let words = [
        r#"{"type":"click","x":1,"y":1}"#,
        r#"{"type":"keypress","key":"a"}"#,
        r#"{"type":"resolved"}"#,
        r#"{"type":"cancelled"}"#,
        r#"{"type":"pubkey","key":"BAAA"}"#,
        r#"{"type":"encrypted","payload":{"iv":"AAAA","ciphertext":"AAAA","tag":"AAAA"}}"#,
        r#"{"type":"viewer_connected"}"#,
        r#"{"type":"viewer_disconnected"}"#,
        "resolved",
    ];
    for word in words {
        sealed.story.says(Peer::Relay, word);
    }
    sealed.deliver();
    let counted = sealed.story.agent.counters().unknown_relay_messages - before;
    assert_eq!(counted, u64::try_from(words.len()).expect("few"));
    assert_eq!(sealed.story.outcome(), None);
    assert!(sealed.story.commands.is_empty() && sealed.story.requests.is_empty());
    assert!(sealed.closes.is_empty());
}

#[test]
fn the_relays_word_never_resolves_or_cancels() {
    for word in ["session_resolved", "session_cancelled"] {
        let mut sealed = Sealed::controlled();
        sealed.relay_says(&json!({"type": word}));
        let failed = Outcome::Failed(Failure::EndedByRelay);
        assert_eq!(sealed.story.outcome(), Some(&failed), "{word}");
    }
    for status in ["RESOLVED", "CANCELLED", "ERROR"] {
        let mut sealed = Sealed::controlled();
        sealed.loses_the_relay();
        sealed.story.answer(200, &record(status));
        let failed = Outcome::Failed(Failure::EndedByRelay);
        assert_eq!(sealed.story.outcome(), Some(&failed), "{status}");
    }
}

#[test]
fn the_relay_may_say_that_time_ran_out() {
    let mut sealed = Sealed::controlled();
    sealed.relay_says(&json!({"type": "session_expired"}));
    assert_eq!(sealed.story.outcome(), Some(&Outcome::Timeout));
    let mut sealed = Sealed::controlled();
    sealed.loses_the_relay();
    sealed.story.answer(200, &record("TIMEOUT"));
    assert_eq!(sealed.story.outcome(), Some(&Outcome::Timeout));
}

#[test]
fn a_close_code_of_the_relay_ends_a_session_as_an_error_only() {
    let mut sealed = Sealed::controlled();
    sealed.story.close(Peer::Relay, Closed::Code(4408));
    let replaced = Outcome::Failed(Failure::Replaced);
    assert_eq!(sealed.story.outcome(), Some(&replaced));
    for code in [1000, 1012, 4400, 4401, 4403, 4404, 4409, 4410, 4426] {
        let mut sealed = Sealed::controlled();
        sealed.story.close(Peer::Relay, Closed::Code(code));
        assert_eq!(
            sealed.story.outcome(),
            None,
            "{code}: it asks how things are"
        );
    }
}

#[test]
fn what_is_no_record_closes_its_channel_with_4400_and_no_other() {
    let mut sealed = Sealed::controlled();
    for (chan, bytes) in [
        (2, vec![0xFF, 0xD8, 0, 0, 1, 2, 3]),
        (3, [&[1, 0x12, 0, 0][..], &[0; 40]].concat()),
        (4, [&[2, 0x10, 0, 0][..], &[0; 40]].concat()),
        (5, [&[2, 0x55, 0, 0][..], &[0; 40]].concat()),
        (6, [&[2, 0x12, 0, 0][..], &[0; 27]].concat()),
    ] {
        sealed.connects(chan);
        sealed.sends(chan, bytes);
    }
    let closes = [(2, 4400), (3, 4400), (4, 4400), (5, 4400), (6, 4400)];
    assert_eq!(sealed.closes, closes);
    sealed.does(1, json!({"type": "back"}));
    assert_eq!(sealed.story.count("Page.getNavigationHistory"), 1);
}

#[test]
fn an_oversized_record_is_fatal_whatever_is_in_it() {
    for (kind, most) in [(0x01, 2_064), (0x11, 80 * 1_024), (0x1F, 80 * 1_024)] {
        let mut sealed = Sealed::waiting();
        sealed.connects(1);
        let mut bytes = vec![2, kind, 0, 0, 0, 0, 0, 9];
        bytes.resize(most + 1, 0);
        sealed.sends(1, bytes);
        assert_eq!(sealed.closes, [(1, 4400)], "{kind:#x}");
    }
}

#[test]
fn a_record_on_a_channel_that_nobody_has_is_dropped() {
    let mut sealed = Sealed::controlled();
    let record = sealed.seals(1, &json!({"type": "resolved"}));
    for chan in [0, 2, 65_535] {
        let mut record = record.clone();
        record[2..4].copy_from_slice(&u16::to_be_bytes(chan));
        sealed.story.input(Input::Binary(Peer::Relay, &record));
    }
    sealed.deliver();
    assert_eq!(sealed.story.outcome(), None);
    assert!(sealed.closes.is_empty());
    sealed.sends(1, record);
    assert_eq!(sealed.story.requests[0].1.method, Method::Post, "it counts");
}

#[test]
fn a_stranger_with_the_token_only_gets_nowhere() {
    let mut sealed = Sealed::controlled();
    sealed.connects(2);
    // Who was let in by the relay, but has neither the secret nor the agent's key.
    let mut hello = vec![2, 0x01];
    hello.resize(200, 0);
    sealed.sends(2, hello);
    assert_eq!(sealed.closes, [(2, 4400)]);
    assert!(sealed.guest(2).heard.is_empty(), "and learns nothing");
    assert!(sealed.guest(1).heard.is_empty(), "nor is the human asked");
}

#[test]
fn three_damaged_channels_are_told() {
    let mut sealed = Sealed::waiting();
    for chan in 1..=3 {
        sealed.connects(chan);
        sealed.sends(chan, vec![7; 40]);
    }
    assert!(sealed.story.status.tampered);
    let told = sealed.story.events.iter();
    let told = told
        .filter(|event| matches!(event, Event::Tampered))
        .count();
    assert_eq!(told, 1);
    assert_eq!(sealed.story.outcome(), None, "and nothing ends");
}

#[test]
fn pin_tries_while_a_controller_works_are_not_looked_at() {
    let mut sealed = Sealed::with_pin(Some("012345"));
    sealed.connects(1);
    sealed.asks(1, None, None);
    assert_eq!(sealed.guest(1).heard, [Heard::Refused(RefusalReason::Pin)]);
    sealed.asks(1, Some("012345"), None);
    assert!(sealed.story.status.viewer_present);
    sealed.connects(2);
    for pin in ["000000", "111111", "222222", "012345"] {
        sealed.asks(2, Some(pin), None);
    }
    let busy = Heard::Refused(RefusalReason::Busy);
    assert_eq!(
        sealed.guest(2).heard,
        [busy.clone(), busy.clone(), busy.clone(), busy]
    );
    assert_eq!(sealed.story.outcome(), None);
}

#[test]
fn three_wrong_pins_before_anybody_had_control_end_the_session_as_an_error() {
    let mut sealed = Sealed::with_pin(Some("012345"));
    sealed.connects(1);
    for pin in ["000000", "111111", "222222"] {
        assert_eq!(sealed.story.requests.len(), 0);
        sealed.asks(1, Some(pin), None);
    }
    assert_eq!(sealed.story.requests[0].1.method, Method::Delete);
    sealed.story.answer(204, "");
    let failed = Outcome::Failed(Failure::WrongPins);
    assert_eq!(sealed.story.outcome(), Some(&failed));
}
