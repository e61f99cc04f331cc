//! The 16 bytes in front of every record: version, kind, hop, epoch, counter (§5).
//!
//! Decides whether a message's outside may be looked into at all: its length, version, kind,
//! direction and size, in this order. It must never look at what it can't trust further.

use super::json::Malformed;

/// The first byte of every record.
pub const VERSION: u8 = 2;

/// The header's length in bytes.
pub const HEADER: usize = 16;

/// The authentication tag's length in bytes.
pub const TAG: usize = 16;

/// The longest handshake record in bytes.
pub const MAX_HELLO: usize = 2_064;

const MAX_CONTROL: usize = 80 * 1_024;
const MAX_FRAME: usize = 8 * 1_024 * 1_024;

/// Whose record it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// From the viewer to the agent.
    ToAgent,
    /// From the agent to the viewer.
    ToViewer,
}

/// What a record is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The handshake's first message, from the viewer.
    Hello1,
    /// The handshake's second message, from the agent.
    Hello2,
    /// A picture.
    Frame,
    /// An input event, padded.
    Input,
    /// A control message.
    Control,
    /// The viewer's acknowledgement of frames.
    Ack,
    /// The end of the session, or of this viewer's part in it.
    Close,
}

impl Kind {
    const fn from_byte(byte: u8) -> Option<Self> {
        match byte {
            0x01 => Some(Self::Hello1),
            0x02 => Some(Self::Hello2),
            0x10 => Some(Self::Frame),
            0x11 => Some(Self::Input),
            0x12 => Some(Self::Control),
            0x13 => Some(Self::Ack),
            0x1F => Some(Self::Close),
            _ => None,
        }
    }

    /// Returns the byte that stands for it in a header.
    pub(crate) const fn byte(self) -> u8 {
        match self {
            Self::Hello1 => 0x01,
            Self::Hello2 => 0x02,
            Self::Frame => 0x10,
            Self::Input => 0x11,
            Self::Control => 0x12,
            Self::Ack => 0x13,
            Self::Close => 0x1F,
        }
    }

    /// Tells whether records of this kind go that way.
    pub const fn goes(self, direction: Direction) -> bool {
        match self {
            Self::Hello1 | Self::Input | Self::Ack => matches!(direction, Direction::ToAgent),
            Self::Hello2 | Self::Frame => matches!(direction, Direction::ToViewer),
            Self::Control | Self::Close => true,
        }
    }

    /// Returns the longest record of this kind in bytes, header and tag included.
    pub const fn max_record(self) -> usize {
        match self {
            Self::Hello1 | Self::Hello2 => MAX_HELLO,
            Self::Frame => MAX_FRAME,
            Self::Input | Self::Control | Self::Ack | Self::Close => MAX_CONTROL,
        }
    }
}

/// A record's header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// What the record is.
    pub kind: Kind,
    /// The viewer socket on the agent's leg, 0 on the viewer's. The relay writes it; nothing vouches
    /// for it.
    pub chan: u16,
    /// The handshake whose keys sealed it, from 1; 0 in a handshake.
    pub epoch: u32,
    /// The key's records before this one; in a handshake the attempt on this socket.
    pub counter: u64,
}

impl Header {
    /// Reads a record's header, and checks its outside: nothing is allocated or decrypted for a
    /// record that is too long, or that doesn't go this way.
    ///
    /// # Errors
    /// Any record that can't be one.
    pub fn read(record: &[u8], direction: Direction) -> Result<Self, Malformed> {
        if record.len() < HEADER + TAG {
            return Err(Malformed::Length);
        }
        let (header, _) = record
            .split_first_chunk::<HEADER>()
            .ok_or(Malformed::Length)?;
        let [
            version,
            kind,
            c0,
            c1,
            e0,
            e1,
            e2,
            e3,
            n0,
            n1,
            n2,
            n3,
            n4,
            n5,
            n6,
            n7,
        ] = *header;
        if version != VERSION {
            return Err(Malformed::Version);
        }
        let kind = Kind::from_byte(kind)
            .filter(|kind| kind.goes(direction))
            .ok_or(Malformed::Kind)?;
        if record.len() > kind.max_record() {
            return Err(Malformed::Length);
        }
        Ok(Self {
            kind,
            chan: u16::from_be_bytes([c0, c1]),
            epoch: u32::from_be_bytes([e0, e1, e2, e3]),
            counter: u64::from_be_bytes([n0, n1, n2, n3, n4, n5, n6, n7]),
        })
    }

    /// Returns the header's bytes.
    pub fn to_bytes(self) -> [u8; HEADER] {
        let [c0, c1] = self.chan.to_be_bytes();
        let [e0, e1, e2, e3] = self.epoch.to_be_bytes();
        let [n0, n1, n2, n3, n4, n5, n6, n7] = self.counter.to_be_bytes();
        let kind = self.kind.byte();
        [
            VERSION, kind, c0, c1, e0, e1, e2, e3, n0, n1, n2, n3, n4, n5, n6, n7,
        ]
    }

    /// Returns what a record's tag vouches for besides its plaintext: all but the hop.
    pub fn vouched(self) -> [u8; HEADER - 2] {
        let [version, kind, _, _, rest @ ..] = self.to_bytes();
        let [e0, e1, e2, e3, n0, n1, n2, n3, n4, n5, n6, n7] = rest;
        [
            version, kind, e0, e1, e2, e3, n0, n1, n2, n3, n4, n5, n6, n7,
        ]
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::*;

    const KINDS: [Kind; 7] = [
        Kind::Hello1,
        Kind::Hello2,
        Kind::Frame,
        Kind::Input,
        Kind::Control,
        Kind::Ack,
        Kind::Close,
    ];

    fn record(kind: Kind, length: usize) -> Vec<u8> {
        let header = Header {
            kind,
            chan: 0x0102,
            epoch: 0x0304_0506,
            counter: 0x0708_090A_0B0C_0D0E,
        };
        let mut record = header.to_bytes().to_vec();
        record.resize(length, 0);
        record
    }

    fn direction(kind: Kind) -> Direction {
        if kind.goes(Direction::ToAgent) {
            Direction::ToAgent
        } else {
            Direction::ToViewer
        }
    }

    #[test]
    fn a_header_is_big_endian_and_reads_back() {
        let record = record(Kind::Control, 32);
        assert_eq!(
            record[..16],
            [2, 0x12, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14]
        );
        let header = Header::read(&record, Direction::ToAgent).expect("a record");
        assert_eq!(header.to_bytes(), record[..16]);
        assert_eq!(
            header.vouched(),
            [2, 0x12, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14]
        );
    }

    #[test]
    fn each_kind_goes_its_way_and_no_other() {
        for kind in KINDS {
            for way in [Direction::ToAgent, Direction::ToViewer] {
                let read = Header::read(&record(kind, 32), way);
                assert_eq!(read.is_ok(), kind.goes(way), "{kind:?} {way:?}");
            }
        }
        let to_agent = KINDS.map(|kind| kind.goes(Direction::ToAgent));
        let to_viewer = KINDS.map(|kind| kind.goes(Direction::ToViewer));
        assert_eq!(to_agent, [true, false, false, true, true, true, true]);
        assert_eq!(to_viewer, [false, true, true, false, true, false, true]);
    }

    #[test]
    fn unknown_kinds_and_versions_are_refused() {
        for byte in 0..=u8::MAX {
            let mut record = record(Kind::Control, 32);
            record[1] = byte;
            let known = [0x01, 0x11, 0x12, 0x13, 0x1F].contains(&byte);
            let read = Header::read(&record, Direction::ToAgent);
            assert_eq!(read.is_ok(), known, "{byte:#x}");
            record[1] = 0x12;
            record[0] = byte;
            let read = Header::read(&record, Direction::ToAgent);
            assert_eq!(read.is_ok(), byte == 2, "{byte:#x}");
        }
    }

    #[test]
    fn the_lengths_are_those_of_the_specification() {
        let lengths = KINDS.map(Kind::max_record);
        let [hello1, hello2, frame, others @ ..] = lengths;
        assert_eq!((hello1, hello2, frame), (2_064, 2_064, 8 * 1_024 * 1_024));
        assert_eq!(others, [80 * 1_024; 4]);
    }

    #[test]
    fn a_record_is_as_long_as_its_kind_may_be_and_no_longer() {
        for kind in KINDS {
            let way = direction(kind);
            let most = record(kind, kind.max_record());
            assert!(Header::read(&most, way).is_ok());
            let more = record(kind, kind.max_record() + 1);
            assert_eq!(Header::read(&more, way), Err(Malformed::Length));
        }
    }

    #[test]
    fn what_has_no_room_for_header_and_tag_is_no_record() {
        let full = record(Kind::Close, 32);
        for length in 0..32 {
            let read = Header::read(&full[..length], Direction::ToAgent);
            assert_eq!(read, Err(Malformed::Length));
        }
        assert_eq!(
            Header::read(&[0; 32], Direction::ToAgent),
            Err(Malformed::Version)
        );
    }
}
