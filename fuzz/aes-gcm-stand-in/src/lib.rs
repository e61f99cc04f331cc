//! What the scenarios seal with, in place of AES-256-GCM: **cryptography of no worth at all**.
//!
//! A scenario's adversary changes bytes, and finds no collisions: that one changed word never fits its tag
//! is enough for it, and that what is sealed isn't read by accident. This has as much of the crate `aes-gcm`
//! as we use, and the shape of it. It is no dependency of anything but the fuzzer's scenarios.

#![no_std]
#![forbid(unsafe_code)]

/// The tag.
pub type Tag = [u8; 16];

/// A tag that doesn't fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Error;

/// What stands for a key, expanded.
pub struct Aes256Gcm(u64);

/// What makes one.
pub trait KeyInit {
    /// Makes one of the key's bytes.
    fn new(key: &[u8; 32]) -> Self;
}

/// What seals and opens.
pub trait AeadInOut {
    /// Encrypts in place, and returns the tag.
    ///
    /// # Errors
    /// Never; the cipher that this stands for has a longest text.
    fn encrypt_inout_detached(
        &self,
        nonce: &[u8; 12],
        vouched: &[u8],
        text: &mut [u8],
    ) -> Result<Tag, Error>;

    /// Decrypts in place, if the tag fits.
    ///
    /// # Errors
    /// It doesn't.
    fn decrypt_inout_detached(
        &self,
        nonce: &[u8; 12],
        vouched: &[u8],
        text: &mut [u8],
        tag: &Tag,
    ) -> Result<(), Error>;
}

impl KeyInit for Aes256Gcm {
    fn new(key: &[u8; 32]) -> Self {
        Self(absorb(0, key))
    }
}

impl AeadInOut for Aes256Gcm {
    fn encrypt_inout_detached(
        &self,
        nonce: &[u8; 12],
        vouched: &[u8],
        text: &mut [u8],
    ) -> Result<Tag, Error> {
        let once = absorb(self.0, nonce);
        hide(once, text);
        Ok(tag(once, vouched, text))
    }

    fn decrypt_inout_detached(
        &self,
        nonce: &[u8; 12],
        vouched: &[u8],
        text: &mut [u8],
        expected: &Tag,
    ) -> Result<(), Error> {
        let once = absorb(self.0, nonce);
        if tag(once, vouched, text) != *expected {
            return Err(Error);
        }
        hide(once, text);
        Ok(())
    }
}

/// Mixes a word in. One that differs always makes a difference, and no later word that is equal undoes it.
fn mix(state: u64, word: u64) -> u64 {
    (state ^ word)
        .wrapping_mul(0x9E37_79B9_7F4A_7C15)
        .rotate_left(29)
        .wrapping_add(0x2545_F491_4F6C_DD1D)
}

/// Mixes bytes in, and how many they are.
fn absorb(state: u64, bytes: &[u8]) -> u64 {
    let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    let words = bytes.chunks(8).map(|chunk| {
        let mut word = [0; 8];
        word.iter_mut()
            .zip(chunk)
            .for_each(|(place, byte)| *place = *byte);
        u64::from_le_bytes(word)
    });
    words.fold(mix(state, length), mix)
}

/// Hides a text, or shows it again.
fn hide(once: u64, text: &mut [u8]) {
    let mut stream = once;
    for chunk in text.chunks_mut(8) {
        stream = mix(stream, once);
        for (byte, key) in chunk.iter_mut().zip(stream.to_le_bytes()) {
            *byte ^= key;
        }
    }
}

fn tag(once: u64, vouched: &[u8], text: &[u8]) -> Tag {
    let first = absorb(absorb(once, vouched), text);
    let second = mix(first, once);
    let mut tag = [0; 16];
    let bytes = first.to_le_bytes().into_iter().chain(second.to_le_bytes());
    tag.iter_mut()
        .zip(bytes)
        .for_each(|(place, byte)| *place = byte);
    tag
}
