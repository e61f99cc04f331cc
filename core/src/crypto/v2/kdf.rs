//! HKDF-SHA256 (RFC 5869) with outputs of fixed lengths that are wiped when dropped.

use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::{Zeroize as _, Zeroizing};

/// A key that others are derived from.
pub(super) struct Expander(Hkdf<Sha256>);

impl Expander {
    /// Extracts it.
    pub(super) fn extract(salt: &[u8], ikm: &[u8]) -> Self {
        let (mut pseudo_random_key, expander) = Hkdf::<Sha256>::extract(Some(salt), ikm);
        pseudo_random_key.as_mut_slice().zeroize();
        Self(expander)
    }

    /// Derives `N` bytes.
    pub(super) fn expand<const N: usize>(&self, info: &[&[u8]]) -> Zeroizing<[u8; N]> {
        // INVARIANT: this is the only length HKDF can refuse, so the result below is always `Ok`.
        const { assert!(N <= 255 * 32, "HKDF gives no more than this") };
        let mut out = Zeroizing::new([0; N]);
        let derived = self.0.expand_multi_info(info, &mut *out);
        debug_assert!(derived.is_ok(), "the length was checked");
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_hkdf_of_rfc_5869_test_case_1() {
        let salt: [u8; 13] = core::array::from_fn(|at| u8::try_from(at).expect("small"));
        let info: [u8; 10] = core::array::from_fn(|at| 0xF0 + u8::try_from(at).expect("small"));
        let expander = Expander::extract(&salt, &[0x0B; 22]);
        let (first, last) = info.split_at(4);
        assert_eq!(
            *expander.expand::<42>(&[first, last]),
            [
                0x3c, 0xb2, 0x5f, 0x25, 0xfa, 0xac, 0xd5, 0x7a, 0x90, 0x43, 0x4f, 0x64, 0xd0, 0x36,
                0x2f, 0x2a, 0x2d, 0x2d, 0x0a, 0x90, 0xcf, 0x1a, 0x5a, 0x4c, 0x5d, 0xb0, 0x2d, 0x56,
                0xec, 0xc4, 0xc5, 0xbf, 0x34, 0x00, 0x72, 0x08, 0xd5, 0xb8, 0x87, 0x18, 0x58, 0x65,
            ]
        );
    }
}
