//! What the scenarios agree on keys with, in place of P-256: **cryptography of no worth at all**.
//!
//! A scenario's adversary holds no key and guesses none, so what a curve makes hard doesn't matter to it,
//! and what a curve costs is most of its time. This has as much of the crate `p256` as we use, and the
//! shape of it: two secrets agree, most bytes are no point, a point has the encodings of SEC1. Everybody
//! can read the secret out of the public key. It is no dependency of anything but the fuzzer's scenarios.

#![no_std]
#![forbid(unsafe_code)]

pub mod ecdh;
pub mod elliptic_curve;

use self::elliptic_curve::{
    Error, Generate,
    sec1::{Sec1Point, ToSec1Point},
};

/// What stands for the generator: odd, so that no odd secret makes zero of it.
const BASE: u64 = 0x9E37_79B9_7F4A_7C15;

/// Marks a point's second coordinate, which a curve would compute.
const MARK: u8 = 0xA5;

/// What stands for a secret scalar.
#[derive(Clone)]
pub struct SecretKey(u64);

/// What stands for a point of the curve.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PublicKey(u64);

impl SecretKey {
    /// Reads 32 bytes.
    ///
    /// # Errors
    /// Any other number of bytes.
    pub fn from_slice(bytes: &[u8]) -> Result<Self, Error> {
        let bytes: &[u8; 32] = bytes.try_into().map_err(|_| Error)?;
        let (first, _) = bytes.split_first_chunk().ok_or(Error)?;
        Ok(Self(u64::from_be_bytes(*first) | 1))
    }

    /// Returns what belongs to it.
    #[must_use]
    pub const fn public_key(&self) -> PublicKey {
        PublicKey(self.0.wrapping_mul(BASE))
    }

    /// Agrees with the holder of another one: multiplication commutes, which is all that is asked of it.
    #[must_use]
    pub fn diffie_hellman(&self, public: &PublicKey) -> ecdh::SharedSecret {
        ecdh::SharedSecret::new(coordinate(self.0.wrapping_mul(public.0)))
    }
}

impl Generate for SecretKey {
    fn generate_from_rng<R: rand_core::CryptoRng + ?Sized>(rng: &mut R) -> Self {
        let mut bytes = [0; 32];
        rng.fill_bytes(&mut bytes);
        let [a, b, c, d, e, f, g, h, ..] = bytes;
        Self(u64::from_be_bytes([a, b, c, d, e, f, g, h]) | 1)
    }
}

impl PublicKey {
    /// Reads either encoding of SEC1.
    ///
    /// # Errors
    /// Bytes that are no point.
    pub fn from_sec1_bytes(bytes: &[u8]) -> Result<Self, Error> {
        let (_, x) = bytes.split_first().ok_or(Error)?;
        let (first, _) = x.split_first_chunk().ok_or(Error)?;
        let point = Self(u64::from_be_bytes(*first));
        let is_point = point.0 & 1 == 1
            && [true, false]
                .into_iter()
                .any(|compress| point.to_sec1_point(compress).as_bytes() == bytes);
        is_point.then_some(point).ok_or(Error)
    }
}

impl ToSec1Point for PublicKey {
    fn to_sec1_point(&self, compress: bool) -> Sec1Point {
        let x = coordinate(self.0);
        let y = x.map(|byte| byte ^ MARK);
        // SEC1 §2.3.3: 2 and 3 tell of which parity the second coordinate is.
        let parity = y[31] & 1;
        Sec1Point::new(if compress { 2 + parity } else { 4 }, &x, &y)
    }
}

/// Spreads a number over a coordinate's bytes, so that few others are one.
fn coordinate(number: u64) -> [u8; 32] {
    let mut bytes = [0; 32];
    for (place, turn) in bytes.as_chunks_mut::<8>().0.iter_mut().zip([0, 17, 31, 47]) {
        *place = number.rotate_left(turn).to_be_bytes();
    }
    bytes
}
