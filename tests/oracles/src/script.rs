//! Bytes as a story: a list of steps, each of which can be taken in every state.

use arbitrary::{Arbitrary, Unstructured};

/// Reads steps until the bytes end, at most `most`.
pub(crate) fn steps<'a, T: Arbitrary<'a>>(script: &mut Unstructured<'a>, most: usize) -> Vec<T> {
    let mut steps = Vec::new();
    while !script.is_empty() && steps.len() < most {
        match T::arbitrary(script) {
            Ok(step) => steps.push(step),
            Err(_) => break,
        }
    }
    steps
}

/// Picks one of a list by a number; `None` from an empty one.
pub(crate) fn pick<T>(from: &[T], number: u8) -> Option<&T> {
    from.get(usize::from(number).checked_rem(from.len())?)
}
