//! What one controlling viewer proves itself with, over all the epochs in which it has control.
//!
//! Two secrets count: the newest epoch's, and the one that let it into that epoch, because the viewer
//! keeps that one until it has heard something in the new epoch. Both are wiped with the reign.

use crate::crypto::v2::{AgentEpoch, ReceivedHello, ResumeSecret};

/// A proof that was good when it came: the epoch whose secret made it.
///
/// INVARIANT: it names a secret and holds none, so that wiping the secret ends it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Proof {
    pub(super) epoch: u32,
}

/// One viewer's time in control, which may span many epochs.
pub(super) struct Reign {
    newest: Credential,
    let_in_by: Option<Credential>,
    accepted: u64,
}

struct Credential {
    epoch: u32,
    secret: ResumeSecret,
}

impl Reign {
    /// Begins with READY in an epoch.
    pub(super) fn begin(epoch: &AgentEpoch) -> Self {
        Self {
            newest: Credential::of(epoch),
            let_in_by: None,
            accepted: epoch.got(),
        }
    }

    /// Goes on in another epoch. All secrets but its own and the one that proved it are wiped.
    pub(super) fn go_on(self, proof: Proof, epoch: &AgentEpoch) -> Self {
        let let_in_by = [Some(self.newest), self.let_in_by]
            .into_iter()
            .flatten()
            .find(|credential| credential.epoch == proof.epoch);
        Self {
            let_in_by,
            ..Self::begin(epoch)
        }
    }

    /// Notes how many records were accepted in the newest epoch.
    pub(super) const fn note(&mut self, accepted: u64) {
        self.accepted = accepted;
    }

    /// Returns how many records were accepted in the newest epoch, and its number.
    pub(super) const fn accepted(&self) -> (u64, u32) {
        (self.accepted, self.newest.epoch)
    }

    /// Tells whether this proof's secret is one of these still.
    pub(super) fn holds(&self, proof: Proof) -> bool {
        self.credentials().any(|own| own.epoch == proof.epoch)
    }

    /// Checks a viewer's proof. The work doesn't depend on which secret made it.
    pub(super) fn prove(&self, hello: &ReceivedHello) -> Option<Proof> {
        self.credentials()
            .filter(|own| hello.proves(&own.secret))
            .fold(None, |_, own| Some(Proof { epoch: own.epoch }))
    }

    fn credentials(&self) -> impl Iterator<Item = &Credential> {
        core::iter::once(&self.newest).chain(&self.let_in_by)
    }
}

impl Credential {
    fn of(epoch: &AgentEpoch) -> Self {
        Self {
            epoch: epoch.epoch(),
            secret: epoch.resume_secret().clone(),
        }
    }
}
