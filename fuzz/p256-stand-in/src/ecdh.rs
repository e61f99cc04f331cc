//! What two keys agree on.

use core::ops::Deref;

/// What two keys agree on.
pub struct SharedSecret(Bytes);

/// 32 bytes.
pub struct Bytes([u8; 32]);

impl SharedSecret {
    pub(crate) const fn new(bytes: [u8; 32]) -> Self {
        Self(Bytes(bytes))
    }

    /// Lends the bytes.
    #[must_use]
    pub const fn raw_secret_bytes(&self) -> &Bytes {
        &self.0
    }
}

impl AsRef<[u8; 32]> for Bytes {
    fn as_ref(&self) -> &[u8; 32] {
        &self.0
    }
}

impl Deref for Bytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}
