//! A record before it is sealed: one buffer with room for the header in front and the tag behind, so
//! that sealing copies and allocates nothing.

use alloc::vec::Vec;

use base64::{DecodeError, Engine as _, engine::general_purpose::STANDARD};
use zeroize::Zeroizing;

use crate::wire::v2::{CTL_NEXT, FrameMeta, HEADER, Header, Malformed, TAG};

/// A record's plaintext. Wiped when dropped unsealed.
pub(super) struct Draft(Zeroizing<Vec<u8>>);

impl Clone for Draft {
    /// Copies the plaintext, with room for the tag, which a copied [`Vec`] would lack.
    fn clone(&self) -> Self {
        Self::of(self.0.get(HEADER..).unwrap_or_default())
    }
}

impl Draft {
    /// Makes a buffer for a plaintext of about this many bytes.
    pub(super) fn with_capacity(plaintext: usize) -> Self {
        let mut buffer = Vec::with_capacity(plaintext.saturating_add(HEADER + TAG));
        buffer.resize(HEADER, 0);
        Self(Zeroizing::new(buffer))
    }

    /// Copies a plaintext.
    pub(super) fn of(plaintext: &[u8]) -> Self {
        let mut draft = Self::with_capacity(plaintext.len());
        draft.buffer().extend_from_slice(plaintext);
        draft
    }

    /// Lends the buffer to append to.
    ///
    /// INVARIANT: who borrows it leaves the header's room alone.
    pub(super) fn buffer(&mut self) -> &mut Vec<u8> {
        &mut self.0
    }

    pub(super) fn plaintext_length(&self) -> usize {
        self.0.len().saturating_sub(HEADER)
    }

    pub(super) fn record_length(&self) -> usize {
        self.0.len().saturating_add(TAG)
    }

    pub(super) fn plaintext_mut(&mut self) -> &mut [u8] {
        self.0.get_mut(HEADER..).unwrap_or_default()
    }

    /// Writes the header and the tag around the sealed plaintext.
    pub(super) fn finish(mut self, header: Header, tag: [u8; TAG]) -> Vec<u8> {
        let mut record = core::mem::take(&mut *self.0);
        for (place, byte) in record.iter_mut().zip(header.to_bytes()) {
            *place = byte;
        }
        record.extend_from_slice(&tag);
        record
    }
}

/// A picture that is about to be sealed, or is kept to be sealed again. Wiped when dropped.
#[derive(Clone)]
pub struct FrameDraft(pub(super) Draft);

impl FrameDraft {
    /// Begins a picture with what it says of itself; `jpeg` is the length of the JPEG to come in
    /// bytes, for which room is made.
    ///
    /// # Errors
    /// Numbers that aren't finite.
    pub fn new(meta: &FrameMeta, jpeg: usize) -> Result<Self, Malformed> {
        let meta = meta.to_bytes()?;
        // Decoding base64 may ask for 2 bytes more than it needs; the tag's room holds them.
        let mut draft = Draft::with_capacity(jpeg.saturating_add(meta.len()));
        draft.buffer().extend_from_slice(&meta);
        Ok(Self(draft))
    }

    /// Returns how long the record of a JPEG of this many bytes is, in bytes.
    pub const fn record_length(jpeg: usize) -> usize {
        jpeg.saturating_add(HEADER + FrameMeta::LENGTH + TAG)
    }

    /// Appends bytes of the JPEG.
    pub fn push(&mut self, jpeg: &[u8]) {
        self.0.buffer().extend_from_slice(jpeg);
    }

    /// Appends the JPEG from standard base64, decoded where it will be sealed.
    ///
    /// # Errors
    /// Anything but base64; the draft is of no use then.
    pub fn push_base64(&mut self, jpeg: &str) -> Result<(), DecodeError> {
        STANDARD.decode_vec(jpeg, self.0.buffer())
    }

    /// Says that this picture was sealed before.
    pub fn mark_repeat(&mut self) {
        if let Some(flags) = self.0.plaintext_mut().get_mut(3) {
            *flags |= 1;
        }
    }

    /// Says how many control records went before.
    pub(super) fn set_ctl_next(&mut self, next: u32) {
        let place = self.0.plaintext_mut().get_mut(CTL_NEXT);
        for (place, byte) in place.into_iter().flatten().zip(next.to_be_bytes()) {
            *place = byte;
        }
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use super::*;
    use crate::wire::v2::Kind;

    #[test]
    fn a_frame_is_one_allocation_from_base64_to_record() {
        let meta = FrameMeta {
            repeat: false,
            page: 0,
            capture_ms: 0,
            device_width: 1.0,
            device_height: 1.0,
            offset_top: 0.0,
            page_scale_factor: 1.0,
            scroll_x: 0.0,
            scroll_y: 0.0,
        };
        for length in [0, 1, 2, 3, 200_000] {
            let base64 = STANDARD.encode(vec![7; length]);
            let mut draft = FrameDraft::new(&meta, length).expect("finite");
            let place = |draft: &FrameDraft| (draft.0.0.as_ptr(), draft.0.0.capacity());
            let made = place(&draft);
            draft.push_base64(&base64).expect("base64");
            assert_eq!(place(&draft), made);
            let header = Header {
                kind: Kind::Frame,
                chan: 0,
                epoch: 1,
                counter: 0,
            };
            for draft in [draft.clone(), draft] {
                let made = place(&draft);
                let record = draft.0.finish(header, [0; TAG]);
                assert_eq!((record.as_ptr(), record.capacity()), made);
                assert_eq!(record.len(), made.1, "no byte is wasted");
                assert_eq!(record.len(), FrameDraft::record_length(length));
            }
        }
    }
}
