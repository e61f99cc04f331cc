//! The keys of an epoch, derived from what the handshake agreed on (§4).
//!
//! Each direction and stream has a key and an IV of its own, so that no record can be reflected.

use super::{
    kdf::Expander,
    noise::Agreed,
    resume::{ResumeSecret, ShortAuthString},
    stream::Stream,
};
use crate::time::Timestamp;

/// All that both sides derive. Wiped when dropped.
pub(super) struct EpochSecrets {
    pub(super) control_to_agent: Stream,
    pub(super) control_to_viewer: Stream,
    pub(super) frames: Stream,
    pub(super) resume: ResumeSecret,
    pub(super) sas: ShortAuthString,
}

impl EpochSecrets {
    pub(super) fn derive(agreed: &Agreed, epoch: u32, now: Timestamp) -> Self {
        let expander = Expander::extract(&agreed.hash, &*agreed.keys);
        let stream = |key: &str, iv: &str| {
            Stream::new(
                epoch,
                &expander.expand(&[LABEL, key.as_bytes()]),
                expander.expand(&[LABEL, iv.as_bytes()]),
                now,
            )
        };
        Self {
            control_to_agent: stream("v2a ctl key", "v2a ctl iv"),
            control_to_viewer: stream("a2v ctl key", "a2v ctl iv"),
            frames: stream("a2v frm key", "a2v frm iv"),
            resume: ResumeSecret::new(expander.expand(&[LABEL, b"resume"])),
            sas: ShortAuthString::new(expander.expand(&[LABEL, b"sas"])),
        }
    }
}

const LABEL: &[u8] = b"authloop/2 ";
