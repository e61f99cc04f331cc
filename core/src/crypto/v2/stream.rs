//! One key's records: seals and opens them in place, counts them, and stops in time (§5).
//!
//! INVARIANT: a nonce is used once: the counter moves with every record sealed, and nothing sets it.
//! INVARIANT: opening moves the counter only after the tag verified.

use alloc::vec::Vec;
use core::time::Duration;

use zeroize::Zeroizing;

use super::{
    draft::Draft,
    error::{Fatal, OpenError, SealError},
};
use crate::{
    crypto::aead::AeadKey,
    time::Timestamp,
    wire::v2::{HEADER, Header, Kind, Malformed, TAG},
};

/// How long a key may be used.
pub const KEY_LIFETIME: Duration = Duration::from_secs(60 * 60);

/// How many records a key may seal.
const MAX_RECORDS: u64 = 1 << 31;

/// How many blocks of AES a key may encrypt.
const MAX_BLOCKS: u64 = 1 << 32;

/// How a receiver judges a counter.
#[derive(Clone, Copy)]
pub(super) enum Rule {
    /// Every record comes, in order.
    Next,
    /// Some may be missing, none comes late.
    Later,
}

/// One key with its counters. No `Debug`; wiped when dropped.
pub(super) struct Stream {
    epoch: u32,
    cipher: AeadKey,
    iv: Zeroizing<[u8; 12]>,
    next: u64,
    blocks: u64,
    until: Timestamp,
}

impl Stream {
    pub(super) fn new(epoch: u32, key: &[u8; 32], iv: Zeroizing<[u8; 12]>, now: Timestamp) -> Self {
        Self {
            epoch,
            cipher: AeadKey::new(key),
            iv,
            next: 0,
            // GCM's hash key costs one.
            blocks: 1,
            until: now + KEY_LIFETIME,
        }
    }

    /// Returns the counter of the record to come: as many were sealed or opened, or are missing.
    pub(super) const fn next(&self) -> u64 {
        self.next
    }

    /// Returns when the key has to be given up.
    pub(super) const fn until(&self) -> Timestamp {
        self.until
    }

    /// Seals a record in place.
    pub(super) fn seal(
        &mut self,
        now: Timestamp,
        kind: Kind,
        mut draft: Draft,
    ) -> Result<Vec<u8>, SealError> {
        if draft.record_length() > kind.max_record() {
            return Err(Malformed::Length.into());
        }
        let blocks = self.after(draft.plaintext_length());
        if now >= self.until || self.next >= MAX_RECORDS || blocks > MAX_BLOCKS {
            return Err(SealError::Exhausted);
        }
        let header = Header {
            kind,
            chan: 0,
            epoch: self.epoch,
            counter: self.next,
        };
        let tag = self
            .cipher
            .seal(
                &self.nonce(self.next),
                &header.vouched(),
                draft.plaintext_mut(),
            )
            .map_err(|_| Malformed::Length)?;
        self.next += 1;
        self.blocks = blocks;
        Ok(draft.finish(header, tag))
    }

    /// Opens a record in place, and returns its plaintext and how many records are missing before
    /// it. The record stays as it was if it isn't opened.
    pub(super) fn open<'a>(
        &mut self,
        now: Timestamp,
        header: Header,
        rule: Rule,
        record: &'a mut [u8],
    ) -> Result<(&'a [u8], u64), OpenError> {
        if header.epoch != self.epoch {
            return Err(OpenError::OtherEpoch);
        }
        if now >= self.until {
            return Err(OpenError::Exhausted);
        }
        let missing = match rule {
            Rule::Next if header.counter == self.next => Some(0),
            Rule::Next => None,
            Rule::Later => header.counter.checked_sub(self.next),
        };
        let missing = missing
            .filter(|_| header.counter < MAX_RECORDS)
            .ok_or(Fatal::Order)?;
        let (_, sealed) = record
            .split_first_chunk_mut::<HEADER>()
            .ok_or(Malformed::Length)?;
        let (text, tag) = sealed
            .split_last_chunk_mut::<TAG>()
            .ok_or(Malformed::Length)?;
        let blocks = self.after(text.len());
        if blocks > MAX_BLOCKS {
            return Err(OpenError::Exhausted);
        }
        self.cipher
            .open(&self.nonce(header.counter), &header.vouched(), text, tag)
            .map_err(|_| Fatal::Forged)?;
        self.next = header.counter + 1;
        self.blocks = blocks;
        Ok((text, missing))
    }

    /// Returns the blocks used once another record of this length is sealed: its own and the tag's.
    fn after(&self, length: usize) -> u64 {
        let blocks = u64::try_from(length.div_ceil(16)).unwrap_or(u64::MAX);
        self.blocks.saturating_add(blocks).saturating_add(1)
    }

    fn nonce(&self, counter: u64) -> [u8; 12] {
        let mut nonce = *self.iv;
        for (byte, counter) in nonce.iter_mut().skip(4).zip(counter.to_be_bytes()) {
            *byte ^= counter;
        }
        nonce
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use super::*;
    use crate::wire::v2::Direction;

    const START: Timestamp = Timestamp::from_millis(1_000);

    fn stream() -> Stream {
        Stream::new(1, &[1; 32], Zeroizing::new([2; 12]), START)
    }

    fn seal(stream: &mut Stream, now: Timestamp, length: usize) -> Result<Vec<u8>, SealError> {
        stream.seal(now, Kind::Control, Draft::of(&vec![b'x'; length]))
    }

    fn open(stream: &mut Stream, now: Timestamp, record: &[u8]) -> Result<usize, OpenError> {
        let mut record = record.to_vec();
        let header = Header::read(&record, Direction::ToAgent)?;
        stream
            .open(now, header, Rule::Later, &mut record)
            .map(|(text, _)| text.len())
    }

    #[test]
    fn a_key_is_used_for_an_hour_by_either_side() {
        let last = Timestamp::from_millis(START.as_millis() + 3_599_999);
        let over = START + KEY_LIFETIME;
        let (mut sealer, mut opener) = (stream(), stream());
        assert_eq!(sealer.until(), over);
        let record = seal(&mut sealer, last, 1).expect("in time");
        assert_eq!(seal(&mut sealer, over, 1), Err(SealError::Exhausted));
        assert_eq!(open(&mut opener, over, &record), Err(OpenError::Exhausted));
        assert_eq!(open(&mut opener, last, &record), Ok(1));
    }

    #[test]
    fn the_limits_of_a_key_are_those_of_the_specification() {
        assert_eq!(KEY_LIFETIME, Duration::from_secs(60 * 60));
        assert_eq!(MAX_RECORDS, 2_147_483_648);
        assert_eq!(MAX_BLOCKS, 4_294_967_296);
    }

    #[test]
    fn a_key_seals_so_many_records_and_no_more() {
        let (mut sealer, mut opener) = (stream(), stream());
        sealer.next = MAX_RECORDS - 1;
        let record = seal(&mut sealer, START, 1).expect("the last one");
        assert_eq!(seal(&mut sealer, START, 1), Err(SealError::Exhausted));
        assert_eq!(sealer.next(), MAX_RECORDS);
        assert_eq!(open(&mut opener, START, &record), Ok(1));
    }

    #[test]
    fn a_counter_beyond_the_limit_is_refused_before_its_tag() {
        let header = |counter| Header {
            kind: Kind::Control,
            chan: 0,
            epoch: 1,
            counter,
        };
        for counter in [MAX_RECORDS, u64::MAX] {
            let mut record = [0; 40];
            let opened = stream().open(START, header(counter), Rule::Later, &mut record);
            assert_eq!(opened.err(), Some(Fatal::Order.into()));
        }
    }

    #[test]
    fn a_key_encrypts_so_many_blocks_and_no_more() {
        for (length, blocks) in [(0, 1), (1, 2), (16, 2), (17, 3), (65_536, 4_097)] {
            let (mut sealer, mut opener) = (stream(), stream());
            sealer.blocks = MAX_BLOCKS - blocks;
            opener.blocks = MAX_BLOCKS - blocks;
            let record = seal(&mut sealer, START, length).expect("just fits");
            assert_eq!(seal(&mut sealer, START, 0), Err(SealError::Exhausted));
            assert_eq!(open(&mut opener, START, &record), Ok(length));
            let mut opener = stream();
            opener.blocks = MAX_BLOCKS - blocks + 1;
            let opened = open(&mut opener, START, &record);
            assert_eq!(opened, Err(OpenError::Exhausted));
        }
    }

    #[test]
    fn what_is_refused_moves_no_counter() {
        let mut sealer = stream();
        let record = seal(&mut sealer, START, 5).expect("fits");
        assert_eq!(
            seal(&mut sealer, START, 80 * 1_024 - 31),
            Err(Malformed::Length.into())
        );
        assert_eq!((sealer.next(), sealer.blocks), (1, 3));
        let mut opener = stream();
        let mut forged = record.clone();
        forged[20] ^= 1;
        assert_eq!(open(&mut opener, START, &forged), Err(Fatal::Forged.into()));
        assert_eq!((opener.next(), opener.blocks), (0, 1));
        assert_eq!(open(&mut opener, START, &record), Ok(5));
    }

    #[test]
    fn a_forged_record_is_not_decrypted() {
        let mut forged = seal(&mut stream(), START, 64).expect("fits");
        let last = forged.len() - 1;
        forged[last] ^= 1;
        let before = forged.clone();
        let header = Header::read(&forged, Direction::ToAgent).expect("a record");
        let opened = stream().open(START, header, Rule::Next, &mut forged);
        assert_eq!(opened.err(), Some(Fatal::Forged.into()));
        assert_eq!(forged, before);
    }
}
