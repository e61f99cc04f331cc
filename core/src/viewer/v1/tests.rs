//! What the viewer machine promises, in virtual time.

use alloc::{format, string::String, vec};

use proptest::prelude::*;

use super::*;
use crate::{
    crypto::v1::AgentChannel,
    input::InputEvent,
    wire::v1::{Outgoing, ToAgent},
};

/// A viewer with the agent's channel at its other end.
struct Bench {
    viewer: Viewer,
    agent: AgentChannel,
    now: u64,
}

impl Bench {
    fn new(pacing: Pacing) -> Self {
        let mut bench = Self {
            viewer: Viewer::new(Seed::new([1; 32]), pacing),
            agent: AgentChannel::new(&mut Generator::new(Seed::new([2; 32]))),
            now: 0,
        };
        bench.handle(Input::Connected);
        bench
    }

    fn handle(&mut self, input: Input<'_>) {
        self.viewer.handle(Timestamp::from_millis(self.now), input);
    }

    fn text(&mut self, message: &Outgoing<'_>) {
        self.handle(Input::Text(&message.to_text()));
    }

    fn send(&mut self, event: InputEvent) {
        self.handle(Input::Request(Request::Send(event)));
    }

    fn give_key(&mut self) {
        let key = String::from(self.agent.public_key());
        self.text(&Outgoing::Pubkey { key: &key });
    }

    /// Drains the machine, and says what it did in words.
    fn drain(&mut self) -> Vec<String> {
        let mut lines = Vec::new();
        loop {
            match self.viewer.poll() {
                Output::Idle(None) => return lines,
                Output::Idle(Some(at)) => {
                    lines.push(format!("idle until {}", at.as_millis()));
                    return lines;
                }
                Output::Send(Message::Text(text)) => lines.push(self.receive(&text)),
                Output::Send(Message::Binary(_)) => lines.push("binary".into()),
                Output::Event(Event::AgentJoined) => lines.push("joined".into()),
                Output::Event(Event::AgentLeft) => lines.push("left".into()),
                Output::Event(Event::Frame(frame)) => {
                    lines.push(format!("frame of {}", frame.jpeg.len()));
                }
                Output::Event(Event::Notice(code)) => lines.push(format!("notice {code}")),
                Output::Event(Event::Ended(how)) => lines.push(format!("ended {how:?}")),
            }
        }
    }

    /// Plays the agent.
    fn receive(&mut self, text: &str) -> String {
        match ToAgent::parse(text) {
            Some(ToAgent::Pubkey { key }) => match self.agent.accept_key(&key) {
                Ok(accepted) => format!("key {accepted:?}"),
                Err(refused) => format!("key refused: {refused}"),
            },
            Some(ToAgent::Encrypted { payload }) => match self.agent.open(&payload) {
                Ok(opened) => String::from_utf8(opened.into_inner()).unwrap_or_default(),
                Err(error) => format!("not opened: {error}"),
            },
            Some(_) | None => "something else".into(),
        }
    }
}

fn meta(jpeg_size: usize) -> FrameMeta {
    FrameMeta {
        device_width: 1280.0,
        device_height: 720.0,
        offset_top: 0.0,
        page_scale_factor: 1.0,
        scroll_offset_x: 0.0,
        scroll_offset_y: 0.0,
        jpeg_size,
    }
}

const BACK: &str = r#"{"type":"back"}"#;

#[test]
fn input_waits_for_the_agents_key_and_follows_the_answer() {
    let mut bench = Bench::new(Pacing::Immediate);
    bench.send(InputEvent::Back);
    assert_eq!(bench.drain(), [""; 0]);
    assert!(!bench.viewer.is_keyed());
    bench.give_key();
    assert!(bench.viewer.is_keyed());
    assert_eq!(bench.drain(), ["key New", BACK]);
    bench.send(InputEvent::Resolved);
    assert_eq!(bench.drain(), [r#"{"type":"resolved"}"#]);
}

#[test]
fn every_key_is_answered_with_the_same_own_one() {
    let mut bench = Bench::new(Pacing::Immediate);
    bench.give_key();
    assert_eq!(bench.drain(), ["key New"]);
    bench.give_key();
    assert_eq!(bench.drain(), ["key Repeat"]);
    bench.handle(Input::Disconnected);
    bench.handle(Input::Connected);
    bench.send(InputEvent::Back);
    assert_eq!(bench.drain(), [""; 0]);
    bench.give_key();
    assert_eq!(bench.drain(), ["key Repeat", BACK]);
}

#[test]
fn a_refused_key_is_counted_and_not_answered() {
    let mut bench = Bench::new(Pacing::Immediate);
    bench.text(&Outgoing::Pubkey { key: "nonsense" });
    assert_eq!(bench.drain(), [""; 0]);
    assert_eq!(bench.viewer.counters().refused_keys, 1);
}

#[test]
fn a_gentle_viewer_holds_its_first_input_and_paces_the_rest() {
    let mut bench = Bench::new(Pacing::Gentle);
    bench.send(InputEvent::Back);
    bench.send(InputEvent::Back);
    bench.now = 50;
    bench.give_key();
    assert_eq!(bench.drain(), ["key New", "idle until 350"]);
    bench.now = 350;
    bench.handle(Input::Tick);
    assert_eq!(bench.drain(), [BACK, "idle until 360"]);
    bench.now = 360;
    bench.handle(Input::Tick);
    assert_eq!(bench.drain(), [BACK]);
}

#[test]
fn a_frames_two_messages_are_paired() {
    let mut bench = Bench::new(Pacing::Immediate);
    bench.text(&Outgoing::Frame(meta(3)));
    bench.handle(Input::Binary(b"abc"));
    assert_eq!(bench.drain(), ["frame of 3"]);
    assert_eq!(bench.viewer.counters(), &Counters::default());
}

#[test]
fn a_picture_of_another_size_or_without_announcement_is_dropped() {
    let mut bench = Bench::new(Pacing::Immediate);
    bench.text(&Outgoing::Frame(meta(3)));
    bench.handle(Input::Binary(b"abcd"));
    bench.handle(Input::Binary(b"abc"));
    bench.text(&Outgoing::Frame(meta(1)));
    bench.text(&Outgoing::Frame(meta(2)));
    bench.handle(Input::Binary(b"ab"));
    assert_eq!(bench.drain(), ["frame of 2"]);
    assert_eq!(bench.viewer.counters().mismatched_frames, 3);
}

#[test]
fn a_frame_that_is_not_fetched_gives_way_to_the_next() {
    let mut bench = Bench::new(Pacing::Immediate);
    for size in 1..=100 {
        bench.text(&Outgoing::Frame(meta(size)));
        bench.handle(Input::Binary(&vec![0; size]));
    }
    assert_eq!(bench.drain(), ["frame of 100"]);
    assert_eq!(bench.viewer.counters().skipped_frames, 99);
}

#[test]
fn the_relays_notices_become_events() {
    let mut bench = Bench::new(Pacing::Immediate);
    bench.text(&Outgoing::AgentConnected);
    bench.text(&Outgoing::Notice {
        code: "confirm_dismissed",
    });
    bench.text(&Outgoing::AgentDisconnected);
    bench.handle(Input::Text("nonsense"));
    assert_eq!(
        bench.drain(),
        ["joined", "notice confirm_dismissed", "left"]
    );
    assert_eq!(bench.viewer.counters().unknown_messages, 1);
}

#[test]
fn nothing_follows_the_end() {
    for (message, line) in [
        (Outgoing::SessionExpired, "ended Expired"),
        (Outgoing::SessionCancelled, "ended Cancelled"),
        (Outgoing::SessionResolved, "ended Resolved"),
    ] {
        let mut bench = Bench::new(Pacing::Immediate);
        bench.give_key();
        bench.send(InputEvent::Back);
        bench.text(&Outgoing::AgentDisconnected);
        bench.text(&message);
        bench.give_key();
        bench.send(InputEvent::Back);
        bench.text(&Outgoing::AgentConnected);
        assert_eq!(bench.drain(), ["left", line]);
        assert_eq!(bench.drain(), [""; 0]);
    }
}

#[test]
fn what_waits_is_bounded() {
    let mut bench = Bench::new(Pacing::Immediate);
    for _ in 0..2_000 {
        bench.send(InputEvent::Back);
        bench.text(&Outgoing::AgentConnected);
    }
    assert_eq!(bench.viewer.counters().refused_input, 1_000);
    assert_eq!(bench.viewer.counters().lost_events, 2_000 - 64);
    let mut bench = Bench::new(Pacing::Immediate);
    for _ in 0..30 {
        bench.send(InputEvent::Paste("x".repeat(10_000)));
    }
    assert_eq!(bench.viewer.counters().refused_input, 4);
}

/// Sends pastes until there is no room for another. Returns how many found room.
fn fill(bench: &mut Bench) -> usize {
    let refused = bench.viewer.counters().refused_input;
    let finds_room = |_: &usize| {
        bench.send(InputEvent::Paste("x".repeat(10_000)));
        bench.viewer.counters().refused_input == refused
    };
    (0..100).take_while(finds_room).count()
}

#[test]
fn what_was_sealed_leaves_room_for_as_much_again() {
    let mut bench = Bench::new(Pacing::Immediate);
    bench.give_key();
    bench.drain();
    assert_eq!(fill(&mut bench), 26);
    assert!(matches!(bench.viewer.poll(), Output::Send(_)));
    assert_eq!(fill(&mut bench), 1);
    bench.drain();
    assert_eq!(fill(&mut bench), 26);
}

#[test]
fn a_notice_whose_code_is_too_long_is_counted_and_not_told() {
    let mut bench = Bench::new(Pacing::Immediate);
    for length in [64, 65] {
        let code = "x".repeat(length);
        bench.text(&Outgoing::Notice { code: &code });
    }
    assert_eq!(bench.drain(), [format!("notice {}", "x".repeat(64))]);
    assert_eq!(bench.viewer.counters().unknown_messages, 1);
}

proptest! {
    #[test]
    fn no_message_panics_and_draining_ends(
        messages in proptest::collection::vec((any::<bool>(), ".{0,40}"), 0..20),
    ) {
        let mut bench = Bench::new(Pacing::Immediate);
        bench.give_key();
        for (is_text, message) in messages {
            bench.handle(if is_text {
                Input::Text(&message)
            } else {
                Input::Binary(message.as_bytes())
            });
        }
        prop_assert_eq!(bench.drain(), ["key New"]);
    }
}
