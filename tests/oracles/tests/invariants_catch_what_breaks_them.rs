//! Each named check fails where its promise is broken: machines made to break one promise each.

use core::cell::Cell;
use std::{collections::BTreeSet, panic::catch_unwind, rc::Rc};

use authloop_core::time::Timestamp;
use authloop_oracles::scenario::{
    invariants::{
        Calls, Drained, Nonces, WATCHING, Watch, a_second_answer_says_nothing, drains_within_bound,
        memory_is_bounded, never_spins, newest_wins, no_file_is_left, no_plaintext_leaves,
        nobody_watches_nothing_runs, only_this_tab, only_what_was_picked, releases_all,
        the_end_is_the_end, time_may_go_back,
    },
    machine::{Machine, Said},
    twin::{Company, Twin},
};

/// A machine that counts ticks aloud, each as one byte.
struct Counter {
    ticks: u8,
    waiting: Vec<u8>,
    fault: Fault,
    /// How many machines were made of this seed.
    made: Rc<Cell<u8>>,
    number: u8,
}

#[derive(Clone, Copy, PartialEq)]
enum Fault {
    None,
    /// Never has said everything.
    Chatty,
    /// Forgets what isn't taken at once.
    Forgetful,
    /// Says something else each time it is made.
    Moody,
}

impl Machine for Counter {
    type Output = u8;

    const MOST_AT_ONCE: usize = 4;
    const MOST_WAITING: usize = 300;

    fn tick(&mut self, _now: Timestamp) {
        if self.fault == Fault::Forgetful {
            self.waiting.clear();
        }
        self.ticks = self.ticks.wrapping_add(1);
        let mood = if self.fault == Fault::Moody {
            self.number
        } else {
            0
        };
        self.waiting.push(self.ticks.wrapping_add(mood));
    }

    fn poll(&mut self) -> Said<u8> {
        if self.fault == Fault::Chatty {
            return Said::Output(0);
        }
        if self.waiting.is_empty() {
            return Said::Idle(None);
        }
        Said::Output(self.waiting.remove(0))
    }

    fn write(output: &u8, into: &mut Vec<u8>) {
        into.push(*output);
    }
}

/// Tells what is said of a machine and its company after some ticks, if anything.
fn told(fault: Fault, company: Company) -> Option<String> {
    complaint(move || {
        let made = Rc::new(Cell::new(0));
        let mut twin = Twin::new(company, || {
            made.set(made.get() + 1);
            Counter {
                ticks: 0,
                waiting: Vec::new(),
                fault,
                made: Rc::clone(&made),
                number: made.get(),
            }
        });
        assert_eq!(
            twin.first().made.get(),
            1 + u8::from(company != Company::Alone)
        );
        for _ in 0..20 {
            twin.tell(|machine| machine.tick(at(0)));
            twin.drain();
        }
        twin.settle(None);
    })
}

fn complaint(story: impl FnOnce() + std::panic::UnwindSafe) -> Option<String> {
    let panic = catch_unwind(story).err()?;
    // A text that needs no formatting may come as it is.
    let text = panic.downcast_ref::<&str>().map(ToString::to_string);
    let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
    Some(text.unwrap_or_else(|| "a panic without a text".into()))
}

fn at(millis: u64) -> Timestamp {
    Timestamp::from_millis(millis)
}

fn said(said: &[u8], deadline: Option<Timestamp>) -> Drained<u8> {
    Drained {
        said: said.to_vec(),
        deadline,
    }
}

#[test]
fn a_machine_that_keeps_its_promises_is_complained_of_in_no_company() {
    for company in [
        Company::Alone,
        Company::Twin,
        Company::Late(1),
        Company::Late(255),
    ] {
        assert_eq!(told(Fault::None, company), None, "{company:?}");
    }
}

#[test]
fn a_machine_that_breaks_one_is_complained_of_by_that_promise() {
    for (fault, company, promise) in [
        (Fault::Chatty, Company::Alone, "drains_within_bound"),
        (
            Fault::Forgetful,
            Company::Late(3),
            "late_drain_says_the_same",
        ),
        (
            Fault::Forgetful,
            Company::Late(255),
            "late_drain_says_the_same",
        ),
        (Fault::Moody, Company::Twin, "same_seed_same_bytes"),
    ] {
        let complaint = told(fault, company).expect(promise);
        assert!(complaint.starts_with(promise), "{complaint}");
    }
}

#[test]
fn a_drain_returns_what_was_said_in_order_and_the_deadline() {
    let mut counter = Counter {
        ticks: 0,
        waiting: vec![7, 8, 9, 10],
        fault: Fault::None,
        made: Rc::default(),
        number: 0,
    };
    let drained = drains_within_bound(&mut counter, 4);
    assert_eq!((drained.said, drained.deadline), (vec![7, 8, 9, 10], None));
}

#[test]
fn each_check_knows_what_is_right_and_what_is_wrong() {
    let tabs = || BTreeSet::from(["T".to_owned()]);
    type Case = (&'static str, fn(bool));
    let cases: [Case; 16] = [
        ("never_spins", |wrong| {
            never_spins(at(5), Some(at(if wrong { 5 } else { 6 })));
        }),
        ("time_may_go_back", |wrong| {
            time_may_go_back(Some(at(9)), &said(&[], Some(at(if wrong { 8 } else { 9 }))));
        }),
        ("time_may_go_back", |wrong| {
            time_may_go_back(None, &said(if wrong { &[1] } else { &[] }, None));
        }),
        ("the_end_is_the_end", |wrong| {
            the_end_is_the_end(&said(if wrong { &[1] } else { &[] }, None));
        }),
        ("the_end_is_the_end", |wrong| {
            the_end_is_the_end(&said(&[], wrong.then(|| at(9))));
        }),
        ("each_call_ends_once", |wrong| {
            a_second_answer_says_nothing(None, &said(if wrong { &[1] } else { &[] }, None));
        }),
        ("memory_is_bounded", |wrong| {
            memory_is_bounded("things", 4 + usize::from(wrong), 4);
        }),
        ("no_plaintext_leaves", |wrong| {
            let bytes: &[u8] = if wrong { b"a secret!" } else { b"a secre t" };
            no_plaintext_leaves(bytes, &[b"", b"secret"]);
        }),
        ("newest_wins", |wrong| newest_wins(1 + u32::from(wrong), 1)),
        ("nobody_watches_nothing_runs", |wrong| {
            let nobody = Watch::default();
            let left = Watch {
                came: true,
                ..nobody
            };
            nobody_watches_nothing_runs(left, "Input.insertText");
            nobody_watches_nothing_runs(nobody, "Page.enable");
            let cast = if wrong { nobody } else { left };
            nobody_watches_nothing_runs(cast, "Page.startScreencast");
        }),
        ("nobody_watches_nothing_runs", |wrong| {
            let there = Watch {
                came: true,
                is_there: true,
                ..Watch::default()
            };
            nobody_watches_nothing_runs(there, "WebAuthn.enable");
            nobody_watches_nothing_runs(
                Watch {
                    sees: !wrong,
                    ..there
                },
                "Fetch.enable",
            );
        }),
        ("nobody_watches_nothing_runs", |wrong| {
            let picks = Watch {
                picks: !wrong,
                ..Watch::default()
            };
            nobody_watches_nothing_runs(picks, "Page.setInterceptFileChooserDialog");
        }),
        ("nobody_watches_nothing_runs", |wrong| {
            let helps = Watch {
                helps: !wrong,
                ..Watch::default()
            };
            nobody_watches_nothing_runs(helps, WATCHING);
        }),
        ("only_what_was_picked", |wrong| only_what_was_picked(!wrong)),
        ("no_file_is_left", |wrong| {
            no_file_is_left(usize::from(wrong))
        }),
        ("releases_all", |wrong| releases_all(0, wrong)),
    ];
    for (promise, check) in cases {
        assert_eq!(complaint(|| check(false)), None, "{promise}");
        let complaint = complaint(|| check(true)).expect(promise);
        assert!(complaint.starts_with(promise), "{promise}: {complaint}");
    }
    only_this_tab(&tabs(), "T");
    assert!(complaint(move || only_this_tab(&tabs(), "T3")).is_some());
    assert!(complaint(|| releases_all(1, false)).is_some());
}

#[test]
fn numbers_are_used_once_under_one_key() {
    let mut nonces = Nonces::default();
    for (epoch, counter) in [(1, 0), (1, 1), (2, 0)] {
        nonces.never_repeat(epoch, counter);
    }
    assert!(complaint(move || nonces.never_repeat(1, 1)).is_some());
    let mut calls = Calls::default();
    calls.are_told_apart(1);
    calls.are_told_apart(2);
    assert!(complaint(move || calls.are_told_apart(1)).is_some());
}
