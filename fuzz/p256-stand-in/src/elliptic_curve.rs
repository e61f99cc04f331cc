//! The traits and the error that `p256` takes from another crate.

use core::fmt;

use rand_core::CryptoRng;

/// Bytes that are no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Error;

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("expected a key")
    }
}

impl core::error::Error for Error {}

/// Something that can be made at random.
pub trait Generate: Sized {
    /// Makes one.
    fn generate_from_rng<R: CryptoRng + ?Sized>(rng: &mut R) -> Self;
}

pub mod sec1 {
    //! A point's encodings.

    /// A point's encoding.
    pub struct Sec1Point {
        bytes: [u8; 65],
        length: usize,
    }

    /// Something that has the encodings of a point.
    pub trait ToSec1Point {
        /// Returns the shorter encoding or the longer one.
        fn to_sec1_point(&self, compress: bool) -> Sec1Point;
    }

    impl Sec1Point {
        pub(crate) fn new(tag: u8, x: &[u8; 32], y: &[u8; 32]) -> Self {
            let mut bytes = [0; 65];
            bytes[0] = tag;
            bytes[1..33].copy_from_slice(x);
            bytes[33..].copy_from_slice(y);
            let length = if tag == 4 { 65 } else { 33 };
            Self { bytes, length }
        }

        /// Lends it.
        #[must_use]
        pub fn as_bytes(&self) -> &[u8] {
            &self.bytes[..self.length]
        }
    }
}
