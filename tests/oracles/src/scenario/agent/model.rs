//! What may come out of the agent, given what went in: the reference model.

use std::collections::BTreeSet;

use authloop_core::{
    agent::event::Outcome,
    time::Timestamp,
    wire::v2::{Direction, Header, Kind},
};

use super::{Version, asks::Asks, scripts::is_watching, world::Line};
use crate::{
    chromium::{Command, PAGE},
    scenario::invariants::{
        Calls, Nonces, WATCHING, Watch, newest_wins, no_plaintext_leaves,
        nobody_watches_nothing_runs, only_this_tab,
    },
    truth::{PICTURE, Truth, WORDS},
};

/// What admits the agent to its relay.
pub(super) const API_KEY: &str = "al_live_key";

pub(super) struct Model {
    version: Version,
    pub(super) truth: Truth,
    pub(super) asks: Asks,
    pub(super) outcome: Option<Outcome>,
    /// Something came that no driver would pass on.
    pub(super) is_senseless: bool,
    /// The browser was lost, or its page: nothing more could be told it.
    pub(super) lost_browser: bool,
    /// Somebody was there, as far as an agent can know.
    pub(super) was_attended: bool,
    /// Somebody came on this stream, as far as version 1 knows.
    pub(super) is_attended: bool,
    /// The relay may have said that the session is over.
    relay_said_so: bool,
    /// Version 1's pictures since the stream was drained, and how many there may be.
    pictures: [u32; 2],
    /// The page handed over, and what it and its pop-ups opened.
    ours: BTreeSet<String>,
    calls: Calls,
    nonces: Nonces,
}

impl Model {
    pub(super) fn new(version: Version) -> Self {
        Self {
            version,
            truth: match version {
                Version::V1 => Truth::unordered(),
                Version::V2 => Truth::default(),
            },
            asks: Asks::default(),
            outcome: None,
            is_senseless: false,
            lost_browser: false,
            was_attended: false,
            is_attended: false,
            relay_said_so: false,
            pictures: [0, 1],
            ours: BTreeSet::from([PAGE.to_owned()]),
            calls: Calls::default(),
            nonces: Nonces::default(),
        }
    }

    /// A socket is asked for.
    pub(super) fn dials(&self, line: Line) {
        assert!(
            self.is_senseless || line == Line::Down,
            "one socket at a time: {line:?}"
        );
    }

    /// Something is written.
    pub(super) fn writes(&self, line: Line) {
        assert!(
            self.is_senseless || line == Line::Up,
            "said to nobody: {line:?}"
        );
    }

    pub(super) fn browser_dialled(&mut self) {
        self.calls = Calls::default();
        self.asks.browser_dialled();
    }

    /// The browser is told to do something.
    pub(super) fn told(&mut self, watch: Watch, command: &Command<'_>) {
        self.calls.are_told_apart(command.id);
        if watches(command) {
            nobody_watches_nothing_runs(watch, WATCHING);
        }
        if !lets_choosers_open(command) {
            nobody_watches_nothing_runs(watch, &command.method);
        }
        self.asks.told(command);
        if command.method.starts_with("Input.") {
            self.truth.told(&command.method, &command.params());
        } else if command.method == "Target.attachToTarget" {
            let params = command.params();
            only_this_tab(&self.ours, params["targetId"].as_str().expect("a target"));
        }
    }

    /// A page was opened by another.
    pub(super) fn opened(&mut self, target: &str, opener: &str) {
        if self.ours.contains(opener) {
            self.ours.insert(target.to_owned());
        }
    }

    /// Something is written that the relay reads.
    pub(super) fn crosses(&mut self, bytes: &[u8], link: &str) {
        let secrets = [WORDS.as_bytes(), API_KEY.as_bytes(), link.as_bytes()];
        no_plaintext_leaves(bytes, &secrets);
        if self.version == Version::V2 {
            no_plaintext_leaves(bytes, &[PICTURE]);
        }
    }

    /// Version 1's agent sends a picture: the newest, once the one before it was taken.
    pub(super) fn shows(&mut self, jpeg: &[u8]) {
        self.truth.picture(jpeg);
        self.pictures[0] += 1;
        newest_wins(self.pictures[0], self.pictures[1]);
    }

    /// Somebody came, who is shown the picture there is at once.
    pub(super) fn somebody_came(&mut self) {
        self.was_attended = true;
        self.is_attended = true;
        self.pictures[1] = self.pictures[1].saturating_add(1);
    }

    pub(super) fn on_drained(&mut self) {
        self.pictures = [0, 1];
    }

    /// Version 2's agent sends a record.
    pub(super) fn seals(&mut self, record: &[u8]) -> Header {
        let header = Header::read(record, Direction::ToViewer).expect("what we write, we read");
        assert_ne!(header.chan, 0, "every record names its channel");
        match header.kind {
            // A key of its own: each handshake seals once.
            Kind::Hello1 | Kind::Hello2 => {}
            Kind::Frame => self.nonces.never_repeat(header.epoch << 1, header.counter),
            Kind::Input | Kind::Control | Kind::Ack | Kind::Close => {
                self.nonces
                    .never_repeat(header.epoch << 1 | 1, header.counter);
            }
        }
        header
    }

    /// The relay says something that may be about the session's end.
    pub(super) fn relay_says(&mut self, text: &str) {
        let text = text.to_ascii_lowercase();
        self.relay_said_so |= ["resolved", "cancelled", "\\u"]
            .iter()
            .any(|word| text.contains(word));
    }

    pub(super) fn ends(&mut self, outcome: Outcome) {
        assert!(self.outcome.is_none(), "the_end_is_the_end: it ends twice");
        let believes = self.version == Version::V1 && self.relay_said_so;
        self.truth.asked_to_resolve |= believes;
        self.truth.asked_to_cancel |= believes;
        self.truth.ended(&outcome, !self.lost_browser);
        self.outcome = Some(outcome);
    }

    pub(super) fn at_the_end(&self, deadline: Option<Timestamp>) {
        assert!(self.outcome.is_some(), "a session ends");
        assert!(
            deadline.is_none(),
            "the_end_is_the_end: {deadline:?} is due"
        );
    }
}

/// Tells whether the agent wants to hear no more of file choosers, which it may at any time.
fn lets_choosers_open(command: &Command<'_>) -> bool {
    command.method == "Page.setInterceptFileChooserDialog" && command.params()["enabled"] == false
}

/// Tells whether the agent looks into a page.
fn watches(command: &Command<'_>) -> bool {
    command.method == "Runtime.evaluate"
        && command.params()["expression"]
            .as_str()
            .is_some_and(is_watching)
}
