//! What must hold whatever the relay does, each check with a name.

use std::collections::BTreeMap;

use authloop_core::{
    agent::{event::Outcome, io::Message},
    wire::v2::CloseReason,
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

use super::{
    Simulation, browser,
    person::{IN_EVERY_TEXT, Person},
};

/// How old a picture may be that is shown as live, in milliseconds, while a relay does its worst.
///
/// The rules see to it that nothing is overdue for more than 6 s. A picture is announced by a heartbeat
/// within 2 s of its sealing; it may wait 6 s for credit, the heartbeat for 6 s on its way, and the
/// picture for 6 s after that.
const OLDEST_LIVE: u64 = 20_000;

/// How long after new keys, or after somebody looks again, an older picture may be shown as live, in
/// milliseconds: an agent begins with the one it kept, and Chromium with the one that nobody had taken,
/// however long nobody watched. The first heartbeat announces a newer one.
const OLDEST_AT_FIRST: u64 = 10_000;

/// What the oracle remembers.
#[derive(Default)]
pub struct Oracle {
    needles: Vec<(&'static str, Vec<u8>)>,
    /// Who typed which text, under which keys.
    typed: BTreeMap<String, (usize, u32)>,
    checked: usize,
    newest: u32,
    /// The newest picture each person was shown.
    shown: BTreeMap<usize, u64>,
    /// Somebody said that they are done, or gave up.
    pub finished: [bool; 2],
    /// A promise that is broken from this time on, for tests of what a failure leaves behind.
    pub broken_at: Option<u64>,
}

impl Oracle {
    /// Begins with what must never lie open, once the link is known.
    pub fn begin(&mut self, link: &str) {
        let (_, fragment) = link.split_once('#').expect("a link's fragment");
        let (_, digits) = fragment.split_once('.').expect("a version");
        let bytes = URL_SAFE_NO_PAD.decode(digits).expect("base64url");
        let mut needle = |name, bytes: &[u8]| self.needles.push((name, bytes.to_vec()));
        needle("the link", digits.as_bytes());
        needle("the link's secret", &bytes[33..]);
        needle("a picture", browser::IN_EVERY_PICTURE.as_bytes());
        needle("an address", browser::IN_EVERY_ADDRESS.as_bytes());
        needle("a text", IN_EVERY_TEXT.as_bytes());
        needle("a paste", b"\"paste\"");
        needle("a click", b"\"click\"");
        needle("an end", b"\"resolved\"");
        needle("an end", b"\"cancelled\"");
        needle("a heartbeat", b"heartbeat");
    }

    /// No plaintext in anything that the relay sees.
    pub fn nothing_lies_open(&self, message: &Message) {
        let bytes = match message {
            Message::Text(text) => text.as_bytes(),
            Message::Binary(bytes) => bytes,
        };
        // One pass: pictures are large, and needles begin with few different bytes.
        for (place, byte) in bytes.iter().enumerate() {
            for (name, needle) in &self.needles {
                let open = needle.first() == Some(byte) && bytes[place..].starts_with(needle);
                assert!(!open, "{name} lies open at the relay");
            }
        }
        if let Message::Binary(bytes) = message {
            assert_eq!(bytes.first(), Some(&2), "every binary message is a record");
        }
    }

    /// Notes a text that a viewer took.
    pub fn note_typed(&mut self, place: usize, person: &Person, text: String) {
        let epoch = person.secured.map_or(0, |secured| secured.epoch);
        self.typed.insert(text, (place, epoch));
    }

    /// Checks everything that must hold at any time.
    pub fn check(&mut self, simulation: &Simulation) {
        self.only_what_was_typed_arrives_once_and_in_order(simulation);
        self.only_a_viewer_ends_it_as_done(simulation);
        let is_broken = self.broken_at.is_some_and(|at| simulation.now >= at);
        assert!(!is_broken, "a promise made to be broken");
        for (place, person) in simulation.people.iter().enumerate() {
            self.pictures_are_the_browsers_own_and_never_go_back(place, person);
            nothing_old_is_shown_as_live(simulation, person);
            only_the_agent_tells_how_it_ended(simulation, person);
        }
    }

    fn only_what_was_typed_arrives_once_and_in_order(&mut self, simulation: &Simulation) {
        for text in simulation.browser.inserted.iter().skip(self.checked) {
            let typed = self.typed.remove(text);
            let (place, epoch) = typed.unwrap_or_else(|| {
                unreachable!("nobody typed {text}, or it arrived twice or out of order")
            });
            assert!(
                epoch >= self.newest,
                "{text} of an older epoch arrived after a newer one's"
            );
            self.newest = epoch;
            // Whatever the same person typed before, and didn't arrive by now, never may.
            self.typed
                .retain(|other, (who, _)| *who != place || other > text);
        }
        self.checked = simulation.browser.inserted.len();
    }

    fn only_a_viewer_ends_it_as_done(&self, simulation: &Simulation) {
        match &simulation.outcome {
            Some(Outcome::Resolved) => assert!(self.finished[0], "nobody was done"),
            Some(Outcome::Cancelled) => assert!(self.finished[1], "nobody gave up"),
            Some(Outcome::Timeout | Outcome::Failed(_)) | None => {}
        }
    }

    fn pictures_are_the_browsers_own_and_never_go_back(&mut self, place: usize, person: &Person) {
        assert_eq!(person.forged, 0, "a picture that the browser never painted");
        if let Some((number, _)) = person.screen {
            let before = self.shown.insert(place, number).unwrap_or_default();
            assert!(number >= before, "picture {number} after {before}");
        }
    }
}

fn nothing_old_is_shown_as_live(simulation: &Simulation, person: &Person) {
    let Some((number, _)) = person.screen.filter(|_| person.sees_live()) else {
        return;
    };
    let next = usize::try_from(number + 1).expect("few pictures");
    if let Some(at) = simulation.browser.painted_at.get(next) {
        let limit = (at + OLDEST_LIVE).max(person.looks_since + OLDEST_AT_FIRST);
        assert!(
            simulation.now < limit,
            "picture {number} is shown as live, {} ms after another was painted",
            simulation.now - at
        );
    }
}

fn only_the_agent_tells_how_it_ended(simulation: &Simulation, person: &Person) {
    use authloop_core::viewer::v2::Ended;
    let Some(Ended::Closed(reason)) = person.ended else {
        return;
    };
    let fits = match reason {
        CloseReason::Resolved => simulation.outcome == Some(Outcome::Resolved),
        CloseReason::Cancelled => simulation.outcome == Some(Outcome::Cancelled),
        CloseReason::Timeout => simulation.outcome == Some(Outcome::Timeout),
        CloseReason::Error => matches!(simulation.outcome, Some(Outcome::Failed(_))),
        CloseReason::TakenOver | CloseReason::Left => true,
    };
    assert!(
        fits,
        "{reason:?}, but the agent says {:?}",
        simulation.outcome
    );
}
