//! The machines' only source of randomness: a seed stretched by ChaCha20 with fast key erasure.
//!
//! Each request takes a fresh key from the stream before its output and forgets the key it had, so
//! whoever reads the generator's memory later can't recover what it gave before. It must never be
//! cloned, stored, printed or traced.

use core::convert::Infallible;

use chacha20::ChaCha20Rng;
use rand_core::{Rng as _, SeedableRng as _, TryCryptoRng, TryRng};
use zeroize::Zeroizing;

use crate::secret::Seed;

/// A cryptographic generator, started once from a [`Seed`].
///
/// Neither `Clone` nor `Debug`; wiped when dropped. Equal seeds give equal bytes for equal requests.
pub struct Generator {
    key: Zeroizing<[u8; 32]>,
}

impl Generator {
    /// Starts a generator.
    pub fn new(seed: Seed) -> Self {
        Self {
            key: seed.into_bytes(),
        }
    }

    /// Fills `out` with random bytes.
    pub fn fill(&mut self, out: &mut [u8]) {
        let mut stream = ChaCha20Rng::from_seed(*self.key);
        // INVARIANT: the old key is gone before any output exists.
        stream.fill_bytes(&mut *self.key);
        stream.fill_bytes(out);
    }

    /// Returns `N` random bytes.
    pub fn bytes<const N: usize>(&mut self) -> [u8; N] {
        let mut out = [0; N];
        self.fill(&mut out);
        out
    }
}

impl TryRng for Generator {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(u32::from_le_bytes(self.bytes()))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(u64::from_le_bytes(self.bytes()))
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Infallible> {
        self.fill(out);
        Ok(())
    }
}

impl TryCryptoRng for Generator {}

#[cfg(test)]
mod tests {
    use super::*;

    fn generator(byte: u8) -> Generator {
        Generator::new(Seed::new([byte; 32]))
    }

    #[test]
    fn equal_seeds_give_equal_bytes_and_others_do_not() {
        assert_eq!(generator(1).bytes::<64>(), generator(1).bytes::<64>());
        assert_ne!(generator(1).bytes::<64>(), generator(2).bytes::<64>());
    }

    #[test]
    fn every_request_erases_the_key_that_made_it() {
        let mut subject = generator(3);
        let before = *subject.key;
        let output = subject.bytes::<32>();
        assert_ne!(*subject.key, before);
        assert_ne!(*subject.key, output);
        // From the new key alone, the output doesn't come again.
        assert_ne!(subject.bytes::<32>(), output);
    }

    #[test]
    fn the_stream_is_chacha20_with_the_first_32_bytes_kept_as_the_next_key() {
        let mut stream = ChaCha20Rng::from_seed([4; 32]);
        let (mut key, mut output) = ([0; 32], [0; 100]);
        stream.fill_bytes(&mut key);
        stream.fill_bytes(&mut output);
        let mut subject = generator(4);
        assert_eq!(subject.bytes::<100>(), output);
        assert_eq!(*subject.key, key);
    }
}
