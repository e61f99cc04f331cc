//! What an adversary makes of a record.

use arbitrary::Arbitrary;

/// One change.
#[derive(Arbitrary, Clone, Debug)]
pub enum Mutation {
    /// One bit is another.
    Flip(u16),
    /// The end is missing.
    Cut(u16),
    /// Something follows.
    Extend(Vec<u8>),
    /// Another kind.
    Kind(u8),
    /// Another hop: never matters.
    Hop(u16),
    /// Another epoch.
    Epoch(u32),
    /// Another counter.
    Counter(u64),
}

impl Mutation {
    pub(crate) fn apply(&self, record: &mut Vec<u8>) {
        match self {
            Self::Flip(bit) => {
                let bit = usize::from(*bit) % (record.len() * 8).max(1);
                if let Some(byte) = record.get_mut(bit / 8) {
                    *byte ^= 1 << (bit % 8);
                }
            }
            Self::Cut(length) => record.truncate(usize::from(*length)),
            Self::Extend(more) => record.extend_from_slice(more),
            Self::Kind(kind) => write(record, 1, &[*kind]),
            Self::Hop(hop) => write(record, 2, &hop.to_be_bytes()),
            Self::Epoch(epoch) => write(record, 4, &epoch.to_be_bytes()),
            Self::Counter(counter) => write(record, 8, &counter.to_be_bytes()),
        }
    }
}

fn write(record: &mut [u8], at: usize, bytes: &[u8]) {
    for (place, byte) in record.iter_mut().skip(at).zip(bytes) {
        *place = *byte;
    }
}

/// Tells whether two records are equal but for the hop, which nothing vouches for.
pub(crate) fn same(one: &[u8], other: &[u8]) -> bool {
    let vouched = |record: &[u8]| {
        let mut record = record.to_vec();
        write(&mut record, 2, &[0, 0]);
        record
    };
    vouched(one) == vouched(other)
}
