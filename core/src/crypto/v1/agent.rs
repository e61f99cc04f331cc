//! The agent's end: accepts viewers' keys and opens what they sealed, each message once.

use alloc::{
    collections::{BTreeSet, VecDeque},
    vec::Vec,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::keys::{KeyAccepted, KeyPair, KeyRefused, PeerKey};
use crate::{
    crypto::{Opened, aead::AeadKey},
    generator::Generator,
    wire::v1::Sealed,
};

/// The longest ciphertext that is looked at, in characters of base64.
const MAX_CIPHERTEXT: usize = 256 * 1_024;

/// How many messages one session may bring: as many IVs are remembered.
const MAX_MESSAGES: usize = 262_144;

/// How many viewers' keys a session remembers.
const MAX_KEYS: usize = 64;

type Iv = [u8; 12];

/// The agent's end of a version 1 session: one key pair, kept for the whole session.
///
/// The IVs of every verified message stay remembered with the viewer's key they came under, because
/// a relay may announce a viewer at any time and bring an old key back.
pub struct AgentChannel {
    pair: KeyPair,
    state: State,
    /// Viewers that used to be current; those who never sent anything are forgotten first.
    former: VecDeque<Viewer>,
    admission: Admission,
    /// IVs remembered in all sets together.
    messages: usize,
}

/// Whose messages can be opened.
enum State {
    Unkeyed,
    Keyed(Viewer),
}

struct Viewer {
    key: PeerKey,
    cipher: AeadKey,
    seen: BTreeSet<Iv>,
}

/// How many viewers were announced, and how many keys they brought.
///
/// A viewer's key can come before the notice of its connection, so the first key needs none.
struct Admission {
    connections: u32,
    keys: u32,
}

/// Why a sealed message was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// No viewer's key was accepted yet.
    #[error("no viewer's key was accepted yet")]
    NotKeyed,
    /// The parts aren't base64, or have the wrong size.
    #[error("expected base64 of a 12-byte IV, at most 256 KiB of ciphertext and a 16-byte tag")]
    Malformed,
    /// The tag doesn't fit the message and the key.
    #[error("the message was not sealed with the viewer's key")]
    Forged,
    /// The message was opened before.
    #[error("the message was sent before")]
    Replayed,
    /// The session brought as many messages as it may, and has to end.
    #[error("the session brought as many messages as it may")]
    Exhausted,
}

impl AgentChannel {
    /// Makes a key pair.
    pub fn new(generator: &mut Generator) -> Self {
        Self::with(KeyPair::generate(generator))
    }

    pub(super) const fn with(pair: KeyPair) -> Self {
        Self {
            pair,
            state: State::Unkeyed,
            former: VecDeque::new(),
            admission: Admission {
                connections: 0,
                keys: 0,
            },
            messages: 0,
        }
    }

    /// Returns the public key for the viewer: the standard base64 of 65 bytes. It never changes.
    pub fn public_key(&self) -> &str {
        self.pair.public_base64()
    }

    /// Notes that the relay announced a viewer, which may bring one new key.
    ///
    /// The key in use stays in use until then: the same viewer may have dialled again.
    pub fn viewer_connected(&mut self) {
        self.admission.announce();
    }

    /// Takes a viewer's public key: the standard base64 of its 65-byte uncompressed point.
    ///
    /// # Errors
    /// Refuses what isn't such a point, a second key within one viewer connection, and too many.
    pub fn accept_key(&mut self, base64: &str) -> Result<KeyAccepted, KeyRefused> {
        let key = PeerKey::parse(base64)?;
        if matches!(&self.state, State::Keyed(viewer) if viewer.key == key) {
            return Ok(KeyAccepted::Repeat);
        }
        self.admission.check()?;
        let known = self.former.iter().position(|viewer| viewer.key == key);
        let (viewer, accepted) = match known.and_then(|place| self.former.remove(place)) {
            Some(viewer) => (viewer, KeyAccepted::Known),
            None => {
                self.make_room()?;
                let viewer = Viewer {
                    cipher: self.pair.agree(&key),
                    key,
                    seen: BTreeSet::new(),
                };
                (viewer, KeyAccepted::New)
            }
        };
        self.admission.count();
        if let State::Keyed(previous) = core::mem::replace(&mut self.state, State::Keyed(viewer)) {
            self.former.push_back(previous);
        }
        Ok(accepted)
    }

    /// Opens one sealed message.
    ///
    /// # Errors
    /// Says why not. After [`OpenError::Exhausted`] the session has to end.
    pub fn open(&mut self, sealed: &Sealed<'_>) -> Result<Opened<Vec<u8>>, OpenError> {
        let State::Keyed(viewer) = &mut self.state else {
            return Err(OpenError::NotKeyed);
        };
        let Parts { iv, mut text, tag } = Parts::decode(sealed)?;
        if viewer.seen.contains(&iv) {
            return Err(OpenError::Replayed);
        }
        viewer
            .cipher
            .open(&iv, b"", &mut text, &tag)
            .map_err(|_| OpenError::Forged)?;
        if self.messages >= MAX_MESSAGES {
            return Err(OpenError::Exhausted);
        }
        viewer.seen.insert(iv);
        self.messages += 1;
        Ok(Opened(text))
    }

    /// Forgets a former viewer that never sent anything, if there is no room for another.
    fn make_room(&mut self) -> Result<(), KeyRefused> {
        if self.former.len() + 1 < MAX_KEYS {
            return Ok(());
        }
        let silent = self.former.iter().position(|viewer| viewer.seen.is_empty());
        silent
            .and_then(|place| self.former.remove(place))
            .map_or(Err(KeyRefused::TooMany), |_| Ok(()))
    }
}

impl Admission {
    /// At most two viewers are ever waited for: a page that reloads, and the one it replaces.
    fn announce(&mut self) {
        let most = self.keys.saturating_add(2);
        self.connections = self.connections.saturating_add(1).min(most);
    }

    fn check(&self) -> Result<(), KeyRefused> {
        if self.keys < self.connections.max(1) {
            Ok(())
        } else {
            Err(KeyRefused::SecondKey)
        }
    }

    fn count(&mut self) {
        self.keys = self.keys.saturating_add(1);
    }
}

/// A sealed message's parts, decoded.
struct Parts {
    iv: Iv,
    text: Vec<u8>,
    tag: [u8; 16],
}

impl Parts {
    fn decode(sealed: &Sealed<'_>) -> Result<Self, OpenError> {
        if sealed.ciphertext.len() > MAX_CIPHERTEXT {
            return Err(OpenError::Malformed);
        }
        Ok(Self {
            iv: decode_array(&sealed.iv)?,
            text: STANDARD
                .decode(sealed.ciphertext.as_bytes())
                .map_err(|_| OpenError::Malformed)?,
            tag: decode_array(&sealed.tag)?,
        })
    }
}

fn decode_array<const N: usize>(base64: &str) -> Result<[u8; N], OpenError> {
    if base64.len() != N.div_ceil(3) * 4 {
        return Err(OpenError::Malformed);
    }
    STANDARD
        .decode(base64)
        .ok()
        .and_then(|bytes| bytes.try_into().ok())
        .ok_or(OpenError::Malformed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{crypto::v1::ViewerChannel, secret::Seed};

    #[test]
    fn the_session_ends_when_it_brought_as_many_messages_as_it_may() {
        let mut generator = Generator::new(Seed::new([1; 32]));
        let mut agent = AgentChannel::new(&mut generator);
        let mut viewer = ViewerChannel::new(&mut generator);
        viewer.accept_key(agent.public_key()).expect("a valid key");
        agent.accept_key(viewer.public_key()).expect("a valid key");
        agent.messages = MAX_MESSAGES - 1;

        let mut seal = || viewer.seal(&mut generator, b"x").expect("keyed");
        assert!(agent.open(&seal()).is_ok());
        let mut forged = seal();
        forged.tag = "AAAAAAAAAAAAAAAAAAAAAA==".into();
        assert_eq!(agent.open(&forged).err(), Some(OpenError::Forged));
        assert_eq!(agent.open(&seal()).err(), Some(OpenError::Exhausted));
    }

    #[test]
    fn only_so_many_keys_are_remembered_and_silent_ones_go_first() {
        let mut generator = Generator::new(Seed::new([2; 32]));
        let mut agent = AgentChannel::new(&mut generator);
        let mut join = |agent: &mut AgentChannel, speaks: bool| {
            let mut viewer = ViewerChannel::new(&mut generator);
            viewer.accept_key(agent.public_key()).expect("a valid key");
            agent.viewer_connected();
            let accepted = agent.accept_key(viewer.public_key());
            if speaks && accepted.is_ok() {
                let sealed = viewer.seal(&mut generator, b"x").expect("keyed");
                assert!(agent.open(&sealed).is_ok());
            }
            accepted
        };
        assert_eq!(join(&mut agent, false), Ok(KeyAccepted::New));
        for _ in 0..MAX_KEYS {
            assert_eq!(join(&mut agent, true), Ok(KeyAccepted::New));
        }
        assert_eq!(agent.former.len() + 1, MAX_KEYS);
        assert_eq!(join(&mut agent, true), Err(KeyRefused::TooMany));
    }
}
