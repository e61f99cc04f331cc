//! P-256 key pairs and the points on the wire.
//!
//! A point is taken in its uncompressed form only, and only if it lies on the curve; in a link, in
//! its compressed form only.

use p256::{
    PublicKey, SecretKey,
    ecdh::SharedSecret,
    elliptic_curve::{Generate as _, sec1::ToSec1Point as _},
};

use crate::generator::Generator;

/// The length of an uncompressed SEC1 point of P-256.
pub(super) const POINT: usize = 65;

/// The length of a compressed SEC1 point of P-256.
pub(super) const COMPRESSED: usize = 33;

/// One side's key pair. The secret half is wiped when dropped.
pub(super) struct KeyPair {
    secret: SecretKey,
    public: Point,
}

impl KeyPair {
    pub(super) fn generate(generator: &mut Generator) -> Self {
        Self::from_secret(SecretKey::generate_from_rng(generator))
    }

    pub(super) fn from_secret(secret: SecretKey) -> Self {
        Self {
            public: Point(secret.public_key()),
            secret,
        }
    }

    pub(super) const fn public(&self) -> Point {
        self.public
    }

    /// Agrees on a secret with the other side.
    pub(super) fn agree(&self, peer: Point) -> SharedSecret {
        self.secret.diffie_hellman(&peer.0)
    }
}

/// A point on the curve other than infinity: somebody's public key.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Point(PublicKey);

impl Point {
    /// Reads an uncompressed point.
    pub(super) fn parse(bytes: &[u8; POINT]) -> Option<Self> {
        // SEC1 §2.3.3: 4 marks the uncompressed form; the hybrid one (6 and 7) is as long.
        if bytes.first() != Some(&4) {
            return None;
        }
        PublicKey::from_sec1_bytes(bytes).ok().map(Self)
    }

    /// Reads a compressed point.
    pub(super) fn parse_compressed(bytes: &[u8; COMPRESSED]) -> Option<Self> {
        if !matches!(bytes.first(), Some(2 | 3)) {
            return None;
        }
        PublicKey::from_sec1_bytes(bytes).ok().map(Self)
    }

    pub(super) fn to_bytes(self) -> [u8; POINT] {
        sized(self.0.to_sec1_point(false).as_bytes())
    }

    pub(super) fn to_compressed(self) -> [u8; COMPRESSED] {
        sized(self.0.to_sec1_point(true).as_bytes())
    }
}

/// Copies what is known to be `N` bytes long.
fn sized<const N: usize>(bytes: &[u8]) -> [u8; N] {
    debug_assert_eq!(bytes.len(), N, "a point that isn't infinity has one length");
    let mut sized = [0; N];
    for (to, from) in sized.iter_mut().zip(bytes) {
        *to = *from;
    }
    sized
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::Seed;

    fn point() -> Point {
        KeyPair::generate(&mut Generator::new(Seed::new([5; 32]))).public()
    }

    #[test]
    fn both_forms_of_a_point_read_back() {
        let point = point();
        assert!(Point::parse(&point.to_bytes()).is_some_and(|read| read == point));
        assert!(Point::parse_compressed(&point.to_compressed()).is_some_and(|read| read == point));
    }

    #[test]
    fn only_the_uncompressed_form_is_taken_from_a_message() {
        let bytes = point().to_bytes();
        for tag in (0..=u8::MAX).filter(|tag| *tag != 4) {
            let mut other = bytes;
            other[0] = tag;
            assert!(Point::parse(&other).is_none(), "{tag}");
        }
        assert!(Point::parse(&[0; POINT]).is_none(), "infinity");
    }

    #[test]
    fn only_the_compressed_form_is_taken_from_a_link() {
        let bytes = point().to_compressed();
        for tag in (0..=u8::MAX).filter(|tag| ![2, 3].contains(tag)) {
            let mut other = bytes;
            other[0] = tag;
            assert!(Point::parse_compressed(&other).is_none(), "{tag}");
        }
    }

    #[test]
    fn points_off_the_curve_are_refused() {
        let bytes = point().to_bytes();
        for place in 1..POINT {
            let mut off = bytes;
            off[place] ^= 1;
            assert!(Point::parse(&off).is_none(), "{place}");
        }
        // The prime itself and above: no coordinate is written like that.
        let mut above = bytes;
        above[1..33].fill(0xFF);
        assert!(Point::parse(&above).is_none());
        let mut above = point().to_compressed();
        above[1..].fill(0xFF);
        assert!(Point::parse_compressed(&above).is_none());
    }
}
