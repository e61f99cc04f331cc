//! Names in place of names: equal ones stay equal, and nothing else is left of them.
//!
//! What was named is remembered as a number that only this process could make, never as text.

use std::{
    collections::HashMap,
    hash::{BuildHasher as _, RandomState},
};

/// What is named. Each kind counts by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum What {
    /// A CDP session.
    CdpSession,
    /// A target, such as a page.
    Target,
    /// What brought a document.
    Loader,
    /// A text of which only counts whether it is the same.
    Label,
    /// A host in an address.
    Host,
    /// A part of an address's path, or what stands alone like one.
    Segment,
    /// What stands behind `?` or `#` in an address.
    Query,
    /// A viewer's key of version 1.
    Key,
    /// A viewer's handshake of version 2, by its ephemeral key.
    Hello,
}

/// The names given so far. No `Debug`: their keys were made of secrets.
#[derive(Default)]
pub(super) struct Names {
    hasher: RandomState,
    known: HashMap<(What, u64), usize>,
    counts: HashMap<What, usize>,
}

impl Names {
    /// Returns the number of what has this name, counted from 0.
    pub(super) fn number(&mut self, what: What, name: &[u8]) -> usize {
        let key = (what, self.hasher.hash_one(name));
        let count = self.counts.entry(what).or_default();
        let next = *count;
        let number = *self.known.entry(key).or_insert(next);
        if number == next {
            *count += 1;
        }
        number
    }

    /// Returns a name such as `S3`.
    pub(super) fn short(&mut self, what: What, letter: char, name: &str) -> String {
        let number = self.number(what, name.as_bytes());
        format!("{letter}{number}")
    }

    /// Returns a name such as `p3xxxx`, as long as the original if that is long enough.
    pub(super) fn long(&mut self, what: What, letter: char, name: &str) -> String {
        let mut text = self.short(what, letter, name);
        let missing = name.chars().count().saturating_sub(text.len());
        text.extend(core::iter::repeat_n('x', missing));
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_names_stay_equal_and_others_differ() {
        let mut names = Names::default();
        assert_eq!(names.short(What::Target, 'T', "ABC"), "T0");
        assert_eq!(names.short(What::Target, 'T', "DEF"), "T1");
        assert_eq!(names.short(What::CdpSession, 'S', "DEF"), "S0");
        assert_eq!(names.short(What::Target, 'T', "ABC"), "T0");
        assert_eq!(names.long(What::Segment, 'p', "account"), "p0xxxxx");
        assert_eq!(names.long(What::Segment, 'p', ""), "p1");
    }
}
