//! The rules all JSON of version 2 obeys: an object in UTF-8, unknown members ignored, a known
//! member of the wrong type refused, null included.

use serde::{Deserialize, Deserializer};

/// Why bytes are not what they have to be. Says nothing of what they held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Malformed {
    /// Too short, or longer than its kind may be.
    #[error("expected a record of a length that its kind may have")]
    Length,
    /// Another version.
    #[error("expected a record of version 2")]
    Version,
    /// A kind that isn't known, or doesn't go this way.
    #[error("expected a kind of record that goes this way")]
    Kind,
    /// A header that can't be in a handshake.
    #[error("expected a handshake of epoch 0")]
    Handshake,
    /// A plaintext that isn't what its kind asks for.
    #[error("expected the plaintext that the kind asks for")]
    Body,
}

/// Reads an object.
pub(super) fn object<'a, T: Deserialize<'a>>(json: &'a [u8]) -> Result<T, Malformed> {
    // A struct would also be read from an array.
    let first = json.iter().find(|byte| !byte.is_ascii_whitespace());
    if first != Some(&b'{') {
        return Err(Malformed::Body);
    }
    serde_json::from_slice(json).map_err(|_| Malformed::Body)
}

/// Reads a member that may be absent, but not null.
pub(super) fn present<'de, T, D>(deserializer: D) -> Result<Option<T>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    T::deserialize(deserializer).map(Some)
}
