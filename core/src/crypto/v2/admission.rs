//! What the relay learns to tell viewers from strangers: a token derived from the link's secret, and
//! its hash (§3). Neither tells anything about the key that protects the session.

use alloc::string::String;
use core::fmt;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

/// What a viewer shows the relay: 22 characters of base64url, a WebSocket subprotocol's name.
pub struct AdmissionToken(Zeroizing<String>);

impl AdmissionToken {
    pub(super) fn from_bytes(bytes: &[u8; 16]) -> Self {
        Self(Zeroizing::new(URL_SAFE_NO_PAD.encode(bytes)))
    }

    /// Lends the text, for the one place that writes it to a wire.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Returns what the relay is told instead when the session is created.
    pub fn hash(&self) -> AdmissionHash {
        AdmissionHash::of(&self.0)
    }
}

/// The SHA-256 of an admission token's characters: `admission_hash`. Compared in constant time.
#[derive(Clone, Copy, Debug, Eq)]
pub struct AdmissionHash([u8; 32]);

impl AdmissionHash {
    /// Hashes what somebody presented.
    pub fn of(token: &str) -> Self {
        Self(Sha256::digest(token.as_bytes()).into())
    }

    /// Reads 64 digits of lower-case hex; `None` for anything else.
    pub fn parse(hex: &str) -> Option<Self> {
        let (pairs, rest) = hex.as_bytes().as_chunks::<2>();
        if pairs.len() != 32 || !rest.is_empty() {
            return None;
        }
        let mut hash = [0; 32];
        for (byte, [high, low]) in hash.iter_mut().zip(pairs) {
            *byte = nibble(*high)? << 4 | nibble(*low)?;
        }
        Some(Self(hash))
    }
}

impl PartialEq for AdmissionHash {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl fmt::Display for AdmissionHash {
    /// Writes 64 digits of lower-case hex.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0
            .iter()
            .try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

const fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString as _;

    use super::*;

    #[test]
    fn a_hash_is_64_digits_of_lower_case_hex() {
        let hash = AdmissionHash::of("A9vUU3joHXxTePkmqtgnVw");
        let text = hash.to_string();
        assert_eq!(AdmissionHash::parse(&text), Some(hash));
        assert_eq!(AdmissionHash::parse(&text.to_uppercase()), None);
        assert_eq!(AdmissionHash::parse(text.split_at(1).1), None);
        assert_eq!(AdmissionHash::parse(text.split_at(2).1), None);
        assert_eq!(AdmissionHash::parse(&(text.clone() + "0")), None);
        assert_eq!(AdmissionHash::parse(&(text.clone() + "00")), None);
        assert_eq!(AdmissionHash::parse(&text.replace('a', "g")), None);
        assert_eq!(AdmissionHash::parse(""), None);
    }

    #[test]
    fn other_tokens_have_other_hashes() {
        let token = AdmissionToken::from_bytes(&[7; 16]);
        assert_eq!(token.expose().len(), 22);
        assert_eq!(token.hash(), AdmissionHash::of(token.expose()));
        assert_ne!(token.hash(), AdmissionHash::of(""));
        assert_ne!(token.hash(), AdmissionToken::from_bytes(&[8; 16]).hash());
    }
}
