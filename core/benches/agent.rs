//! The agent's own share of what the human waits for: a picture on its way out, a click on its way
//! in. No sockets, no relay, no clock.

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

use authloop_core::agent::io::{Input, Message, Output, Peer};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use serde_json::{Value, json};

#[path = "../tests/support/mod.rs"]
mod support;

use support::Story;

/// The size of a picture of a page full of text.
const PICTURE: u32 = 100_000;

/// Clicks in one session; more would outlive it.
const CLICKS: u32 = 4_000;

/// What lies between two clicks. The agent spaces those that come faster.
const PAUSE: Duration = Duration::from_millis(120);

/// From Chromium's event to the two messages for the viewer and the acknowledgement.
fn frame(criterion: &mut Criterion) {
    let mut story = Story::attended();
    story.drained();
    let event = json!({
        "method": "Page.screencastFrame",
        "params": {
            "data": STANDARD.encode((0..PICTURE).map(|byte| byte.to_le_bytes()[0]).collect::<Vec<_>>()),
            "metadata": {"offsetTop": 0, "pageScaleFactor": 1, "deviceWidth": 1280,
                "deviceHeight": 720, "scrollOffsetX": 0, "scrollOffsetY": 0},
            "sessionId": 1,
        },
        "sessionId": "S-page",
    });
    let event = event.to_string();
    let mut group = criterion.benchmark_group("agent");
    group.throughput(Throughput::Bytes(u64::from(PICTURE)));
    group.bench_function("frame", |bencher| {
        bencher.iter(|| {
            let picture = take(&mut story, Input::Text(Peer::Browser, &event));
            let acknowledgement = take(&mut story, Input::Drained(Peer::Relay));
            assert_eq!((picture.len(), acknowledgement.len()), (2, 1));
            (picture, acknowledgement)
        });
    });
    group.finish();
}

/// From the sealed click to the commands for the browser.
#[expect(clippy::disallowed_methods, reason = "what is measured is time")]
fn click(criterion: &mut Criterion) {
    let event = json!({"type": "click", "x": 640, "y": 360, "button": "left"});
    criterion.bench_function("agent/click", |bencher| {
        bencher.iter_custom(|times| {
            let mut story = Story::attended();
            let mut clicks = 0;
            let mut took = Duration::ZERO;
            for _ in 0..times {
                if clicks == CLICKS {
                    (story, clicks) = (Story::attended(), 0);
                }
                clicks += 1;
                let sealed = story.seal(&event).to_string();
                story.now = story.now + PAUSE;
                let started = Instant::now();
                let commands = black_box(take(&mut story, Input::Text(Peer::Relay, &sealed)));
                took += started.elapsed();
                assert!(commands.len() >= 2, "a press and a release");
                answer(&mut story, &commands);
            }
            took
        });
    });
}

/// Gives the agent an input and takes everything it says to that.
fn take(story: &mut Story, input: Input<'_>) -> Vec<Message> {
    story.agent.handle(story.now, input);
    let mut messages = Vec::with_capacity(4);
    loop {
        match story.agent.poll() {
            Output::Send(_, message) => messages.push(message),
            Output::Idle(_) => return messages,
            Output::Connect(..)
            | Output::Close(_)
            | Output::Http(..)
            | Output::File(_)
            | Output::Event(_) => {
                unreachable!("the session goes on")
            }
        }
    }
}

/// Answers commands, as the browser does.
fn answer(story: &mut Story, commands: &[Message]) {
    for command in commands {
        let Message::Text(text) = command else {
            unreachable!("CDP is text");
        };
        let command: Value = serde_json::from_str(text).expect("commands are JSON");
        story.browser_says(&json!({"id": command["id"], "result": {}}));
    }
}

criterion_group!(benches, frame, click);
criterion_main!(benches);
