//! What the description wants of both ends, by what was sealed and what was opened so far.

use authloop_core::{crypto::v2::OpenError, wire::v2::CloseReason};

/// What a record says.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Said {
    Input(Vec<u8>),
    Control(Vec<u8>),
    Ack(u64, u16),
    Frame(Vec<u8>),
    Left,
    Close(CloseReason),
}

/// A record that was sealed.
pub(super) struct Sent {
    pub(super) record: Vec<u8>,
    pub(super) epoch: u32,
    pub(super) counter: u64,
    pub(super) said: Said,
    /// How many control records went before a frame.
    pub(super) ctl_next: u64,
}

/// What is expected of both ends in this epoch.
#[derive(Default)]
pub(super) struct Model {
    pub(super) agent_is_over: bool,
    pub(super) viewer_is_over: bool,
    pub(super) got: u64,
    pub(super) acknowledged: u64,
    pub(super) frames_sent: u64,
    pub(super) control_seen: u64,
    pub(super) next_frame: u64,
    pub(super) sealed: [u64; 3],
}

/// What opening should come to.
pub(super) enum Expected {
    Opens { said: Said, counter: u64 },
    Nothing,
    Ends,
}

impl Model {
    /// READY went through.
    pub(super) fn joined() -> Self {
        Self {
            got: 1,
            sealed: [1, 0, 0],
            ..Self::default()
        }
    }

    pub(super) fn count(&mut self, stream: usize) -> u64 {
        let counter = self.sealed.get_mut(stream).expect("one of three");
        *counter += 1;
        *counter - 1
    }

    /// What the viewer awaits: the next control, or a later frame whose control it has.
    pub(super) fn awaits(&self, sent: &Sent) -> bool {
        if matches!(sent.said, Said::Frame(_)) {
            sent.counter >= self.next_frame && sent.ctl_next <= self.control_seen
        } else {
            sent.counter == self.control_seen
        }
    }
}

impl Sent {
    /// INVARIANT of what was sealed: the header names epoch and counter, and no number comes twice.
    pub(super) fn new(
        record: Vec<u8>,
        epoch: u32,
        counter: u64,
        said: Said,
        ctl_next: u64,
    ) -> Self {
        assert_eq!(record.get(4..8), Some(&epoch.to_be_bytes()[..]));
        assert_eq!(record.get(8..16), Some(&counter.to_be_bytes()[..]));
        Self {
            record,
            epoch,
            counter,
            said,
            ctl_next,
        }
    }
}

/// Compares, and tells whether the epoch is over.
pub(super) fn judge(expected: &Expected, opened: &Result<Said, OpenError>) -> bool {
    match (expected, opened) {
        (Expected::Opens { said: sealed, .. }, Ok(said)) => {
            assert_eq!(said, sealed);
            false
        }
        (Expected::Nothing, Err(OpenError::OtherEpoch)) => false,
        (Expected::Ends, Err(OpenError::Fatal(_) | OpenError::Exhausted)) => true,
        (Expected::Opens { said, .. }, Err(error)) => unreachable!("{said:?}: {error}"),
        (Expected::Nothing | Expected::Ends, _) => {
            unreachable!("it was not to be opened: {opened:?}")
        }
    }
}
