//! The agent's half of a session: a key pair and a link secret, made before the session is created
//! and kept in memory only, and the numbers of its epochs.

use super::{
    keys::KeyPair,
    link::{Link, LinkSecret},
};
use crate::generator::Generator;

/// One session's agent. No `Debug`; wiped when dropped.
pub struct AgentIdentity {
    pub(super) pair: KeyPair,
    link: Link,
}

impl AgentIdentity {
    /// Makes a key and a secret.
    pub fn generate(generator: &mut Generator) -> Self {
        let pair = KeyPair::generate(generator);
        Self::with(pair, LinkSecret::new(generator.bytes()))
    }

    pub(super) const fn with(pair: KeyPair, secret: LinkSecret) -> Self {
        let agent = pair.public();
        Self {
            pair,
            link: Link { agent, secret },
        }
    }

    /// Lends what the link holds.
    pub const fn link(&self) -> &Link {
        &self.link
    }
}

/// Numbers the epochs of one session, from 1; none is ever given twice.
#[derive(Default)]
pub struct Epochs {
    pub(super) last: u32,
}

impl Epochs {
    /// Takes the next number; `None` after 2³² - 1 of them.
    pub(super) fn take(&mut self) -> Option<u32> {
        self.last = self.last.checked_add(1)?;
        Some(self.last)
    }
}
