//! A small array of deadlines, indexed by what they are for.

use core::marker::PhantomData;

use crate::time::Timestamp;

/// What a deadline may be for: a field-less enum whose variants number themselves from 0.
pub(crate) trait TimerKind: Copy + 'static {
    /// Every kind, in the order in which those due at the same moment fire.
    const ALL: &'static [Self];

    /// Returns this kind's place in [`Self::ALL`].
    fn index(self) -> usize;
}

/// The deadlines of one machine, at most one of each kind.
///
/// INVARIANT: a kind that fired is cleared before its handler runs, so a machine can't spin on it.
#[derive(Debug)]
pub(crate) struct Timers<K, const N: usize> {
    deadlines: [Option<Timestamp>; N],
    kind: PhantomData<K>,
}

impl<K: TimerKind, const N: usize> Timers<K, N> {
    pub(crate) fn new() -> Self {
        const { assert!(K::ALL.len() == N, "as many places as kinds") };
        Self {
            deadlines: [None; N],
            kind: PhantomData,
        }
    }

    /// Sets a deadline, replacing an earlier one of this kind.
    pub(crate) fn set(&mut self, kind: K, at: Timestamp) {
        self.put(kind, Some(at));
    }

    /// Clears a deadline.
    pub(crate) fn clear(&mut self, kind: K) {
        self.put(kind, None);
    }

    /// Clears every deadline.
    pub(crate) fn clear_all(&mut self) {
        self.deadlines = [None; N];
    }

    /// Returns the deadline of this kind.
    pub(crate) fn get(&self, kind: K) -> Option<Timestamp> {
        self.deadlines.get(kind.index()).copied().flatten()
    }

    /// Tells whether a deadline of this kind is set.
    pub(crate) fn is_set(&self, kind: K) -> bool {
        self.get(kind).is_some()
    }

    /// Returns the earliest deadline.
    pub(crate) fn next(&self) -> Option<Timestamp> {
        self.deadlines.iter().flatten().min().copied()
    }

    /// Takes one kind whose deadline has come.
    pub(crate) fn expire(&mut self, now: Timestamp) -> Option<K> {
        let kind = K::ALL.iter().copied().find(|kind| {
            self.deadlines
                .get(kind.index())
                .copied()
                .flatten()
                .is_some_and(|at| at <= now)
        })?;
        self.clear(kind);
        Some(kind)
    }

    fn put(&mut self, kind: K, at: Option<Timestamp>) {
        if let Some(place) = self.deadlines.get_mut(kind.index()) {
            *place = at;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone, Copy, Debug, PartialEq)]
    enum Kind {
        First,
        Second,
    }

    impl TimerKind for Kind {
        const ALL: &'static [Self] = &[Self::First, Self::Second];

        fn index(self) -> usize {
            match self {
                Self::First => 0,
                Self::Second => 1,
            }
        }
    }

    #[test]
    fn fires_once_and_in_order() {
        let at = Timestamp::from_millis;
        let mut timers = Timers::<Kind, 2>::new();
        timers.set(Kind::Second, at(5));
        timers.set(Kind::First, at(7));
        assert_eq!(timers.next(), Some(at(5)));
        assert_eq!(timers.expire(at(4)), None);
        assert_eq!(timers.expire(at(9)), Some(Kind::First));
        assert_eq!(timers.expire(at(9)), Some(Kind::Second));
        assert_eq!(timers.expire(at(9)), None);
        assert_eq!(timers.next(), None);
    }
}
