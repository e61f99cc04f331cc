//! `Noise_NKpsk0_P256_AESGCM_SHA256` (revision 34 of the framework), as far as this pattern needs it.
//!
//! In this pattern each key seals exactly one payload, so the nonce is always zero; [`OneTimeKey`]
//! is taken by value and makes sure of that.

use alloc::vec::Vec;

use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::{
    error::Fatal,
    kdf::Expander,
    keys::{POINT, Point},
    link::Psk,
    url::SessionId,
};
use crate::{
    crypto::aead::AeadKey,
    wire::v2::{Malformed, TAG},
};

/// Noise's symmetric state: the chaining key and the transcript's hash.
pub(super) struct Symmetric {
    chain: Zeroizing<[u8; 32]>,
    hash: [u8; 32],
}

/// A key that seals one payload of a handshake.
pub(super) struct OneTimeKey(Zeroizing<[u8; 32]>);

/// What a finished handshake leaves: Noise's `h`, and its `k1 || k2` of `Split`.
pub(super) struct Agreed {
    pub(super) hash: [u8; 32],
    pub(super) keys: Zeroizing<[u8; 64]>,
}

impl Symmetric {
    /// Begins, up to and including the pre-shared key: everything both sides know beforehand.
    pub(super) fn new(session: &SessionId, agent: Point, psk: &Psk) -> Self {
        const NAME: &[u8; 31] = b"Noise_NKpsk0_P256_AESGCM_SHA256";
        let mut name = [0; 32];
        for (place, byte) in name.iter_mut().zip(NAME) {
            *place = *byte;
        }
        let mut state = Self {
            chain: Zeroizing::new(name),
            hash: name,
        };
        state.mix_hash(&prologue(session));
        state.mix_hash(&agent.to_bytes());
        let [hash, _] = state.mix(&*psk.0);
        state.mix_hash(&*hash);
        state
    }

    fn mix_hash(&mut self, data: &[u8]) {
        self.hash = Sha256::new()
            .chain_update(self.hash)
            .chain_update(data)
            .finalize()
            .into();
    }

    /// Replaces the chaining key, and returns Noise's next two outputs of HKDF.
    ///
    /// RFC 5869's second block doesn't depend on whether a third is asked for.
    fn mix(&mut self, ikm: &[u8]) -> [Zeroizing<[u8; 32]>; 2] {
        let out = Expander::extract(&*self.chain, ikm).expand::<96>(&[]);
        let mut parts = [(); 3].map(|()| Zeroizing::new([0; 32]));
        for (part, bytes) in parts.iter_mut().zip(out.as_chunks::<32>().0) {
            **part = *bytes;
        }
        let [chain, second, third] = parts;
        self.chain = chain;
        [second, third]
    }

    /// Noise's token `e`: an ephemeral key in the clear. With a pre-shared key it is mixed in twice.
    pub(super) fn mix_ephemeral(&mut self, point: &[u8; POINT]) {
        self.mix_hash(point);
        self.mix(point);
    }

    /// Noise's tokens `es` and `ee`: a shared secret, after which the payload can be sealed.
    pub(super) fn mix_shared(&mut self, shared: &p256::ecdh::SharedSecret) -> OneTimeKey {
        let [key, _] = self.mix(shared.raw_secret_bytes());
        OneTimeKey(key)
    }

    /// Seals a payload at the message's end.
    ///
    /// # Errors
    /// A payload longer than AES-GCM can seal; the message is of no use then.
    pub(super) fn seal(
        &mut self,
        key: OneTimeKey,
        payload: &[u8],
        message: &mut Vec<u8>,
    ) -> Result<(), Malformed> {
        let start = message.len();
        message.extend_from_slice(payload);
        let sealed = message.get_mut(start..).unwrap_or_default();
        let tag = key
            .cipher()
            .seal(&NONCE, &self.hash, sealed)
            .map_err(|_| Malformed::Length)?;
        message.extend_from_slice(&tag);
        self.mix_hash(message.get(start..).unwrap_or_default());
        Ok(())
    }

    /// Opens a payload.
    pub(super) fn open(
        &mut self,
        key: OneTimeKey,
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, Fatal> {
        let (text, tag) = sealed.split_last_chunk::<TAG>().ok_or(Fatal::Forged)?;
        let mut payload = Zeroizing::new(text.to_vec());
        key.cipher()
            .open(&NONCE, &self.hash, &mut payload, tag)
            .map_err(|_| Fatal::Forged)?;
        self.mix_hash(sealed);
        Ok(payload)
    }

    /// Noise's `Split`.
    pub(super) fn split(self) -> Agreed {
        Agreed {
            hash: self.hash,
            keys: Expander::extract(&*self.chain, &[]).expand(&[]),
        }
    }
}

const NONCE: [u8; 12] = [0; 12];

impl OneTimeKey {
    fn cipher(self) -> AeadKey {
        AeadKey::new(&self.0)
    }
}

/// What both sides have to mean the same session by.
fn prologue(session: &SessionId) -> Vec<u8> {
    let id = session.as_str();
    let mut prologue = Vec::with_capacity(18 + id.len());
    prologue.extend_from_slice(b"authloop/e2ee/v2\0");
    // INVARIANT: an id has at most 64 characters.
    prologue.push(u8::try_from(id.len()).unwrap_or(u8::MAX));
    prologue.extend_from_slice(id.as_bytes());
    prologue
}
