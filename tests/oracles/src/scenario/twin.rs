//! Two machines side by side, from one seed and with one trace: the second is drained late, or as often.
//!
//! A world drives the first; the second hears the same and has to say the same.

use arbitrary::{Arbitrary, Unstructured};
use authloop_core::time::Timestamp;

use super::{
    invariants::{Drained, drains_within_bound, late_drain_says_the_same, same_seed_same_bytes},
    machine::Machine,
};

/// Whom a machine is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Company {
    /// Nobody, which is twice as fast.
    Alone,
    /// A machine that is drained as often.
    Twin,
    /// A machine that is drained after so many inputs, or when it stops reading.
    Late(u8),
}

/// Mostly alone: whatever a second machine does was seen at the first, and a fuzzer would take it for news.
impl<'a> Arbitrary<'a> for Company {
    fn arbitrary(bytes: &mut Unstructured<'a>) -> arbitrary::Result<Self> {
        Ok(match u8::arbitrary(bytes)? {
            0..224 => Self::Alone,
            224..240 => Self::Twin,
            240.. => Self::Late(u8::arbitrary(bytes)?),
        })
    }
}

/// A machine, and maybe a second one.
pub struct Twin<M: Machine> {
    first: M,
    second: Option<Second<M>>,
}

struct Second<M> {
    machine: M,
    /// How many inputs it may leave undrained.
    patience: u8,
    undrained: u8,
    /// What the first said since the second was drained.
    said: Vec<u8>,
}

impl<M: Machine> Twin<M> {
    /// Makes the machines, from the same seed.
    pub fn new(company: Company, make: impl Fn() -> M) -> Self {
        let patience = match company {
            Company::Alone => None,
            Company::Twin => Some(0),
            Company::Late(inputs) => Some(inputs.max(1)),
        };
        Self {
            first: make(),
            second: patience.map(|patience| Second {
                machine: make(),
                patience,
                undrained: 0,
                said: Vec::new(),
            }),
        }
    }

    /// The machine that the world is about.
    pub const fn first(&self) -> &M {
        &self.first
    }

    /// Tells both the same. Returns what the first returned.
    pub fn tell<R>(&mut self, tell: impl Fn(&mut M) -> R) -> R {
        if let Some(second) = &mut self.second {
            tell(&mut second.machine);
            second.undrained = second.undrained.saturating_add(1);
        }
        tell(&mut self.first)
    }

    /// Drains the first after an input, and the second if it is time; then both have said the same.
    pub fn drain(&mut self) -> Drained<M::Output> {
        let drained = drains_within_bound(&mut self.first, M::MOST_AT_ONCE);
        if let Some(second) = &mut self.second {
            for output in &drained.said {
                M::write(output, &mut second.said);
            }
            second.compare(drained.deadline, false);
        }
        drained
    }

    /// Drains the second, whatever its patience: what it still holds must be what the first said.
    pub fn settle(&mut self, deadline: Option<Timestamp>) {
        if let Some(second) = &mut self.second {
            second.compare(deadline, true);
        }
    }
}

impl<M: Machine> Second<M> {
    fn compare(&mut self, deadline: Option<Timestamp>, now: bool) {
        if !now && self.undrained <= self.patience && self.patience > 0 && self.machine.has_room() {
            return;
        }
        self.undrained = 0;
        let drained = drains_within_bound(&mut self.machine, M::MOST_WAITING);
        let mut said = Vec::new();
        for output in &drained.said {
            M::write(output, &mut said);
        }
        let eager = (self.said.as_slice(), deadline);
        let other = (said.as_slice(), drained.deadline);
        if self.patience > 0 {
            late_drain_says_the_same(eager, other);
        } else {
            same_seed_same_bytes(eager, other);
        }
        self.said.clear();
    }
}
