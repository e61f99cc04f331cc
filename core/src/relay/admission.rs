//! Who may enter: tokens are kept as hashes and compared in constant time.

use core::net::IpAddr;

use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use super::io::{Close, Role};
use crate::crypto::v2::AdmissionHash;

/// The SHA-256 of a token. The token itself is never kept.
///
/// Compared in constant time.
#[derive(Clone, Copy, Debug, Eq)]
pub struct TokenHash([u8; 32]);

impl TokenHash {
    /// Hashes a token.
    pub fn of(token: &str) -> Self {
        Self(Sha256::digest(token.as_bytes()).into())
    }
}

impl PartialEq for TokenHash {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

/// What admits viewers. It makes a session one of its version for good.
#[derive(Clone, Copy, Debug)]
pub enum Admission {
    /// Version 1: a token of the relay's own, and the agent's stream token too.
    V1 {
        /// A holder of the link must not pose as the agent, so this isn't the stream token.
        viewer_token: TokenHash,
    },
    /// Version 2: a token derived from the link's secret, and nothing else (version 2, §3).
    V2 {
        /// What the relay was told instead of the token.
        admission_hash: AdmissionHash,
    },
}

impl Admission {
    /// Returns the protocol version of the session.
    pub const fn version(&self) -> Version {
        match self {
            Self::V1 { .. } => Version::V1,
            Self::V2 { .. } => Version::V2,
        }
    }

    /// Tells whether a token is the one of the session's link, or in version 1 the stream token.
    pub(super) fn admits_viewer(&self, token: &str, stream_token: &TokenHash) -> bool {
        match self {
            Self::V1 { viewer_token } => {
                let presented = TokenHash::of(token);
                (*stream_token == presented) | (*viewer_token == presented)
            }
            Self::V2 { admission_hash } => *admission_hash == AdmissionHash::of(token),
        }
    }
}

/// A protocol version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// Input is encrypted, frames aren't.
    V1,
    /// Records that the relay can't look into.
    V2,
}

/// Who knocks, and with what. No `Debug`: it holds a token.
#[derive(Clone, Copy)]
pub enum Applicant<'a> {
    /// A socket that says it is the agent's.
    Agent {
        /// The stream token.
        token: &'a str,
    },
    /// A viewer's socket as version 1 opens it.
    Viewer {
        /// The viewer or stream token.
        token: &'a str,
    },
    /// A viewer's socket with the subprotocol of version 2.
    SealedViewer {
        /// The admission token.
        token: &'a str,
        /// Where it comes from, to tell a crowd from one who knocks too often.
        address: IpAddr,
    },
}

impl Applicant<'_> {
    /// Returns whose socket it is.
    pub const fn role(&self) -> Role {
        match self {
            Self::Agent { .. } => Role::Agent,
            Self::Viewer { .. } | Self::SealedViewer { .. } => Role::Viewer,
        }
    }

    /// Checks what is presented against what admits, in constant time.
    pub(super) fn check(
        &self,
        stream_token: &TokenHash,
        admission: &Admission,
    ) -> Result<(), Close> {
        let is_admitted = match (self, admission.version()) {
            (Self::Agent { token }, _) => *stream_token == TokenHash::of(token),
            (Self::Viewer { token }, Version::V1)
            | (Self::SealedViewer { token, .. }, Version::V2) => {
                admission.admits_viewer(token, stream_token)
            }
            (Self::Viewer { .. }, Version::V2) => return Err(Close::TooOld),
            (Self::SealedViewer { .. }, Version::V1) => false,
        };
        if is_admitted {
            Ok(())
        } else {
            Err(Close::NotAdmitted)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::TokenHash;

    #[test]
    fn equal_tokens_and_only_those_have_equal_hashes() {
        assert_eq!(TokenHash::of("a"), TokenHash::of("a"));
        assert_ne!(TokenHash::of("a"), TokenHash::of("b"));
        assert_ne!(TokenHash::of("a"), TokenHash::of(""));
    }
}
