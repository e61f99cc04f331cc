//! The viewer's end: accepts the agent's key and seals input for it.

use alloc::{borrow::Cow, vec::Vec};

use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::keys::{KeyAccepted, KeyPair, KeyRefused, PeerKey};
use crate::{crypto::aead::AeadKey, generator::Generator, wire::v1::Sealed};

/// The viewer's end of a version 1 session: one key pair, kept as long as the viewer lives.
pub struct ViewerChannel {
    pair: KeyPair,
    state: State,
}

/// Whom messages can be sealed for.
enum State {
    Unkeyed,
    Keyed { agent: PeerKey, cipher: AeadKey },
}

/// Nothing can be sealed before the agent's key was accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no agent's key was accepted yet")]
pub struct NotKeyed;

impl ViewerChannel {
    /// Makes a key pair.
    pub fn new(generator: &mut Generator) -> Self {
        Self::with(KeyPair::generate(generator))
    }

    pub(super) const fn with(pair: KeyPair) -> Self {
        Self {
            pair,
            state: State::Unkeyed,
        }
    }

    /// Returns the public key for the agent: the standard base64 of 65 bytes. It never changes.
    pub fn public_key(&self) -> &str {
        self.pair.public_base64()
    }

    /// Tells whether an agent's key was accepted.
    pub const fn is_keyed(&self) -> bool {
        match self.state {
            State::Keyed { .. } => true,
            State::Unkeyed => false,
        }
    }

    /// Takes the agent's public key: the standard base64 of its 65-byte uncompressed point.
    ///
    /// The newest valid key wins, for an agent that was started again.
    ///
    /// # Errors
    /// Refuses what isn't such a point.
    pub fn accept_key(&mut self, base64: &str) -> Result<KeyAccepted, KeyRefused> {
        let key = PeerKey::parse(base64)?;
        if matches!(&self.state, State::Keyed { agent, .. } if *agent == key) {
            return Ok(KeyAccepted::Repeat);
        }
        self.state = State::Keyed {
            agent: key,
            cipher: self.pair.agree(&key),
        };
        Ok(KeyAccepted::New)
    }

    /// Seals one message under a fresh random IV.
    ///
    /// # Errors
    /// Fails before the agent's key was accepted.
    pub fn seal(
        &self,
        generator: &mut Generator,
        plaintext: &[u8],
    ) -> Result<Sealed<'static>, NotKeyed> {
        let State::Keyed { cipher, .. } = &self.state else {
            return Err(NotKeyed);
        };
        let iv: [u8; 12] = generator.bytes();
        let mut text = Vec::from(plaintext);
        let tag = cipher
            .seal(&iv, b"", &mut text)
            // Only a plaintext of 64 GiB and more can fail, which no caller holds.
            .map_err(|_| NotKeyed)?;
        Ok(Sealed {
            iv: Cow::Owned(STANDARD.encode(iv)),
            ciphertext: Cow::Owned(STANDARD.encode(&text)),
            tag: Cow::Owned(STANDARD.encode(tag)),
        })
    }
}
