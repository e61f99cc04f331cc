//! The promises that hold after every step of every story, by the names of `ARCHITECTURE.md`.
//!
//! Each is one function that panics where the promise is broken, or one small ledger that does.

use std::collections::BTreeSet;

use authloop_core::time::Timestamp;

use super::machine::{Machine, Said};

/// What a machine said until it had nothing more to say.
pub struct Drained<O> {
    /// What it wants done, in order.
    pub said: Vec<O>,
    /// When it wants to be ticked.
    pub deadline: Option<Timestamp>,
}

/// A machine that is drained has nothing more to say after a bounded number of outputs.
pub fn drains_within_bound<M: Machine>(machine: &mut M, most: usize) -> Drained<M::Output> {
    let mut said = Vec::new();
    loop {
        match machine.poll() {
            Said::Idle(deadline) => return Drained { said, deadline },
            Said::Output(output) => said.push(output),
        }
        assert!(said.len() <= most, "drains_within_bound: more than {most}");
    }
}

/// A deadline that has come is acted on: after a tick the next one lies ahead.
pub fn never_spins(now: Timestamp, deadline: Option<Timestamp>) {
    assert!(
        deadline.is_none_or(|at| at > now),
        "never_spins: {deadline:?} at {now:?}"
    );
}

/// A clock that goes back stands still for a machine: it says nothing, and nothing comes due sooner.
pub fn time_may_go_back<O>(before: Option<Timestamp>, drained: &Drained<O>) {
    assert!(
        drained.said.is_empty() && drained.deadline == before,
        "time_may_go_back: it said {} things, and {before:?} became {:?}",
        drained.said.len(),
        drained.deadline
    );
}

/// What a machine said, as bytes, and its deadline.
pub type Sayings<'a> = (&'a [u8], Option<Timestamp>);

/// Nothing is lost or changed by draining late.
pub fn late_drain_says_the_same(eager: Sayings<'_>, late: Sayings<'_>) {
    assert!(
        eager == late,
        "late_drain_says_the_same: {}",
        difference(eager, late)
    );
}

/// One seed and one trace make one sequence of bytes.
pub fn same_seed_same_bytes(one: Sayings<'_>, other: Sayings<'_>) {
    assert!(
        one == other,
        "same_seed_same_bytes: {}",
        difference(one, other)
    );
}

fn difference(one: Sayings<'_>, other: Sayings<'_>) -> String {
    let same = one.0.iter().zip(other.0).take_while(|(a, b)| a == b);
    format!(
        "equal for {} of {} and {} bytes, deadlines {:?} and {:?}",
        same.count(),
        one.0.len(),
        other.0.len(),
        one.1,
        other.1
    )
}

/// A machine that has ended says nothing more and sets no timer.
pub fn the_end_is_the_end<O>(drained: &Drained<O>) {
    assert!(
        drained.said.is_empty() && drained.deadline.is_none(),
        "the_end_is_the_end: {} things were said, and {:?} is due",
        drained.said.len(),
        drained.deadline
    );
}

/// What waits never passes its limit.
pub fn memory_is_bounded(what: &str, waiting: usize, most: usize) {
    assert!(
        waiting <= most,
        "memory_is_bounded: {waiting} of {what}, and {most} are allowed"
    );
}

/// Nothing that is secret stands in what a relay reads.
pub fn no_plaintext_leaves(bytes: &[u8], secrets: &[&[u8]]) {
    for secret in secrets.iter().filter(|secret| !secret.is_empty()) {
        let found = memchr::memmem::find(bytes, secret).is_some();
        assert!(!found, "no_plaintext_leaves: a secret crossed the relay");
    }
}

/// Numbers that one key sealed with.
#[derive(Default)]
pub struct Nonces(BTreeSet<(u32, u64)>);

impl Nonces {
    /// No number is used twice under one key.
    pub fn never_repeat(&mut self, epoch: u32, counter: u64) {
        assert!(
            self.0.insert((epoch, counter)),
            "nonces_never_repeat: {counter} of epoch {epoch}"
        );
    }
}

/// The calls made on one connection.
#[derive(Default)]
pub struct Calls(BTreeSet<u64>);

impl Calls {
    /// Each call has a number of its own, so that an answer is the answer to one call.
    pub fn are_told_apart(&mut self, id: u64) {
        assert!(
            self.0.insert(id),
            "each_call_ends_once: two calls are number {id}"
        );
    }
}

/// A call that has ended isn't ended again: its answer, come twice, is nobody's.
pub fn a_second_answer_says_nothing<O>(before: Option<Timestamp>, drained: &Drained<O>) {
    assert!(
        drained.said.is_empty() && drained.deadline == before,
        "each_call_ends_once: a second answer made {} outputs, and {before:?} became {:?}",
        drained.said.len(),
        drained.deadline
    );
}

/// Only the page handed over is entered, and what it or its pop-ups opened.
pub fn only_this_tab(ours: &BTreeSet<String>, target: &str) {
    assert!(ours.contains(target), "only_this_tab: {target}");
}

/// Who is there, as far as an agent can know.
#[derive(Clone, Copy, Default)]
pub struct Watch {
    /// Somebody was there: what they did is ended after they left.
    pub came: bool,
    /// Somebody is.
    pub is_there: bool,
    /// Somebody is who can be shown what pages ask.
    pub sees: bool,
    /// Somebody is who can pick files.
    pub picks: bool,
    /// Somebody is who helps with fields.
    pub helps: bool,
}

/// What is run to look into a page.
pub const WATCHING: &str = "Runtime.evaluate: authloop.next()";

/// Without a viewer there is no screencast, no input, no answer to a dialog, and nothing of ours gets into the
/// page; what hears of refused permissions stays from the first viewer on, and tells nobody meanwhile.
/// Passkeys are answered for, requests held, connections judged, file choosers kept closed and pages looked
/// into only for those who are there, and can be told.
pub fn nobody_watches_nothing_runs(watch: Watch, method: &str) {
    let allowed = match method {
        "Fetch.enable" | "Security.enable" => watch.sees,
        "Page.setInterceptFileChooserDialog" => watch.picks,
        "WebAuthn.enable" => watch.is_there,
        WATCHING => watch.helps,
        "Page.addScriptToEvaluateOnNewDocument"
        | "Page.createIsolatedWorld"
        | "Page.handleJavaScriptDialog"
        | "Page.startScreencast"
        | "Runtime.evaluate" => watch.came,
        _ => watch.came || !method.starts_with("Input."),
    };
    assert!(allowed, "nobody_watches_nothing_runs: {method}");
}

/// A page is given what its human picked for it, whole and in order, and nothing else.
pub fn only_what_was_picked(was_picked: bool) {
    assert!(was_picked, "only_what_was_picked: it wasn't");
}

/// Once a session is over, nothing of a human's is left on the agent's disk.
pub fn no_file_is_left(files: usize) {
    assert!(files == 0, "no_file_is_left: {files} are");
}

/// Pictures don't queue up in a stream that takes nothing.
pub fn newest_wins(waiting: u32, most: u32) {
    assert!(
        waiting <= most,
        "newest_wins: {waiting} pictures wait in the stream, and {most} may"
    );
}

/// Where a page is still there at the end, nothing stays pressed in it.
pub fn releases_all(keys: i32, button: bool) {
    assert!(
        keys == 0 && !button,
        "releases_all: {keys} keys stay pressed, a button: {button}"
    );
}
