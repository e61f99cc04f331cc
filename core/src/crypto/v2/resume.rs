//! What proves that a viewer held control before (§7), and the words two humans could compare.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::keys::POINT;

/// The secret of one epoch that lets its holder take control again.
///
/// No `Debug`; wiped when dropped.
#[derive(Clone)]
pub struct ResumeSecret(Zeroizing<[u8; 32]>);

/// Five bytes that are equal at both ends if nobody stands between them. Nothing shows them yet.
pub struct ShortAuthString(Zeroizing<[u8; 5]>);

impl ResumeSecret {
    pub(super) const fn new(bytes: Zeroizing<[u8; 32]>) -> Self {
        Self(bytes)
    }

    /// Returns the proof for a handshake whose first message holds this ephemeral key.
    pub(super) fn prove(&self, ephemeral: &[u8; POINT]) -> [u8; 32] {
        self.mac(&proven(ephemeral)).finalize().into_bytes().into()
    }

    /// Checks a proof, in constant time.
    pub(super) fn verifies(&self, ephemeral: &[u8; POINT], proof: &[u8; 32]) -> bool {
        self.mac(&proven(ephemeral)).verify(proof.into()).is_ok()
    }

    pub(super) fn mac(&self, parts: &[&[u8]]) -> Hmac<Sha256> {
        // HMAC takes a key of any length; this one is shorter than its block, as RFC 2104 asks.
        let mut block = Zeroizing::new([0; 64]);
        for (place, byte) in block.iter_mut().zip(self.0.iter()) {
            *place = *byte;
        }
        let mut mac = Hmac::<Sha256>::new((&*block).into());
        for part in parts {
            mac.update(part);
        }
        mac
    }
}

/// What a proof is the code of, in parts.
fn proven(ephemeral: &[u8; POINT]) -> [&[u8]; 2] {
    [b"resume", ephemeral]
}

impl ShortAuthString {
    pub(super) const fn new(bytes: Zeroizing<[u8; 5]>) -> Self {
        Self(bytes)
    }

    /// Lends the bytes.
    pub fn expose(&self) -> &[u8; 5] {
        &self.0
    }
}
