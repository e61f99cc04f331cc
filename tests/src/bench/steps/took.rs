//! How long steps took, by machine and by what was put in.

use std::{collections::BTreeMap, time::Duration};

use rustix::time::{ClockId, clock_gettime};

use crate::bench::figure::{Sorted, Table};

/// Which machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Machine {
    Agent,
    Room,
    Viewer,
}

/// What is put into a machine.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Kind {
    /// Keys are agreed on, or a picture is made, sealed, passed on or opened.
    is_heavy: bool,
    name: String,
}

impl Kind {
    /// What has to be quick.
    pub(super) fn quick(name: impl Into<String>) -> Self {
        let (name, is_heavy) = (name.into(), false);
        Self { is_heavy, name }
    }

    /// What may take longer.
    pub(super) fn heavy(name: impl Into<String>) -> Self {
        let (name, is_heavy) = (name.into(), true);
        Self { is_heavy, name }
    }
}

/// How long each step took.
#[derive(Default)]
pub(super) struct Took(BTreeMap<(Machine, Kind), Vec<Duration>>);

impl Took {
    /// Takes a step, and keeps how long it took. What kind it was may show afterwards.
    pub(super) fn step<T>(
        &mut self,
        machine: Machine,
        kind: impl FnOnce(&T) -> Kind,
        step: impl FnOnce() -> T,
    ) -> T {
        let started = processor_time();
        let result = step();
        let took = processor_time().saturating_sub(started);
        let kind = kind(&result);
        self.0.entry((machine, kind)).or_default().push(took);
        result
    }

    /// Adds the figures.
    pub(super) fn report(self, version: &str, table: &mut Table) {
        for ((machine, kind), took) in self.0 {
            let machine = match machine {
                Machine::Agent => "agent",
                Machine::Room => "relay room",
                Machine::Viewer => "viewer",
            };
            let times = took.len();
            let took = Sorted::new(took);
            let [median, p99, most] = [50, 99, 100].map(|percent| micros(took.percentile(percent)));
            table.add(
                format!("{version} {machine}: {}", kind.name),
                if kind.is_heavy { "" } else { "< 50 µs" },
                format!("{median} µs (p99 {p99}, max {most}, {times} times)"),
            );
        }
    }
}

fn micros(duration: Duration) -> String {
    format!("{:.1}", duration.as_secs_f64() * 1e6)
}

/// What this thread has computed for so far.
fn processor_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::try_from(time).expect("it doesn't run backwards")
}
