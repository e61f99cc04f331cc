//! The little that the relay reads and writes of a record: its first four bytes.
//!
//! Nothing else of it is looked at, so that records may become what they like.

use core::num::NonZeroU16;

use bytes::{Bytes, BytesMut};

use crate::wire::v2::{HEADER, Kind, TAG, VERSION};

/// The longest record of a viewer, in bytes.
pub const MAX_FROM_VIEWER: usize = Kind::Input.max_record();

/// The longest record of the agent, in bytes: a frame.
pub const MAX_FROM_AGENT: usize = Kind::Frame.max_record();

/// A binary message that has the outside of a record. No `Debug`: it is nobody's business.
pub(super) struct Record(Bytes);

impl Record {
    /// Takes a message; `None` if it is too short or of another version.
    pub(super) fn read(message: Bytes) -> Option<Self> {
        let is_record = message.len() >= HEADER + TAG && message.first() == Some(&VERSION);
        is_record.then_some(Self(message))
    }

    /// Tells whether the agent may send one as long.
    pub(super) fn is_sendable(&self) -> bool {
        self.0.len() <= MAX_FROM_AGENT
    }

    /// Tells whether a newer one of its kind may take its place.
    pub(super) fn is_frame(&self) -> bool {
        self.0.get(1) == Some(&Kind::Frame.byte())
    }

    /// Returns the channel it names; `None` for zero.
    pub(super) fn channel(&self) -> Option<NonZeroU16> {
        let bytes = self.0.get(2..4)?.try_into().ok()?;
        NonZeroU16::new(u16::from_be_bytes(bytes))
    }

    /// Writes a channel, or zero.
    ///
    /// In place if nobody shares the bytes, else into a copy: what was read from a socket shares
    /// its read buffer, which had better not be held for long either.
    pub(super) fn stamp(self, channel: Option<NonZeroU16>) -> Bytes {
        let mut bytes = BytesMut::from(self.0);
        if let Some(place) = bytes.get_mut(2..4) {
            place.copy_from_slice(&channel.map_or(0, NonZeroU16::get).to_be_bytes());
        }
        bytes.freeze()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(length: usize) -> Bytes {
        let mut bytes = BytesMut::zeroed(length);
        for (place, byte) in [2, 0x12, 0xAB, 0xCD].into_iter().enumerate() {
            if let Some(at) = bytes.get_mut(place) {
                *at = byte;
            }
        }
        bytes.freeze()
    }

    #[test]
    fn only_the_channel_is_rewritten() {
        let channel = NonZeroU16::new(0x0102);
        for to in [channel, None] {
            let stamped = Record::read(message(40)).expect("a record").stamp(to);
            let mut expected = message(40).to_vec();
            expected[2..4].copy_from_slice(&to.map_or(0, NonZeroU16::get).to_be_bytes());
            assert_eq!(stamped, expected);
        }
    }

    #[test]
    fn a_record_that_nobody_shares_is_not_copied() {
        let bytes = message(40);
        let place = bytes.as_ptr();
        let stamped = Record::read(bytes).expect("a record").stamp(None);
        assert_eq!(stamped.as_ptr(), place);
    }

    #[test]
    fn a_record_that_somebody_shares_is_left_alone() {
        let bytes = message(40);
        let stamped = Record::read(bytes.clone()).expect("a record").stamp(None);
        assert_eq!(bytes, message(40));
        assert_ne!(stamped, bytes);
    }

    #[test]
    fn what_has_no_room_for_header_and_tag_or_another_version_is_no_record() {
        assert!(Record::read(message(31)).is_none());
        assert!(Record::read(Bytes::new()).is_none());
        for version in (0..=u8::MAX).filter(|version| *version != 2) {
            let mut bytes = message(32).to_vec();
            bytes[0] = version;
            assert!(Record::read(bytes.into()).is_none());
        }
        let read = Record::read(message(32)).expect("a record");
        assert_eq!(read.channel(), NonZeroU16::new(0xABCD));
    }
}
