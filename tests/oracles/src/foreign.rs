//! The other end of version 2, made of other people's code: Noise by `snow`, the key schedule and the
//! records by `ring`, after the protocol's description alone.
//!
//! It holds the right keys and seals whatever it is asked to, so that a fuzzer gets past the tags.

use ring::{
    aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey},
    hkdf::{HKDF_SHA256, KeyType, Salt},
};
use snow::{Builder, HandshakeState};

/// The header's length in bytes.
const HEADER: usize = 16;

/// What both sides of a session know beforehand.
#[derive(Clone)]
pub struct Session {
    /// The session's id.
    pub id: String,
    /// The agent's public key, uncompressed.
    pub agent: [u8; 65],
    /// The link's secret.
    pub secret: [u8; 16],
}

/// One end in a handshake.
pub struct Handshake {
    noise: HandshakeState,
    buffer: Vec<u8>,
}

/// An epoch's keys, and what is derived with them.
pub struct Epoch {
    /// What the viewer seals with.
    pub to_agent: Key,
    /// What the agent seals control with.
    pub to_viewer: Key,
    /// What the agent seals frames with.
    pub frames: Key,
    /// The secret behind the proof.
    pub resume: [u8; 32],
}

/// A key with its IV.
pub struct Key {
    key: LessSafeKey,
    iv: [u8; 12],
}

/// A record's header, as its fields.
#[derive(Clone, Copy, Debug)]
pub struct Header {
    /// The kind's number.
    pub kind: u8,
    /// The hop.
    pub chan: u16,
    /// The epoch.
    pub epoch: u32,
    /// The counter.
    pub counter: u64,
}

impl Header {
    /// Writes it.
    pub fn to_bytes(self) -> Vec<u8> {
        let mut bytes = vec![2, self.kind];
        bytes.extend_from_slice(&self.chan.to_be_bytes());
        bytes.extend_from_slice(&self.epoch.to_be_bytes());
        bytes.extend_from_slice(&self.counter.to_be_bytes());
        bytes
    }
}

impl Session {
    /// Derives the pre-shared key.
    pub fn psk(&self) -> [u8; 32] {
        derive(b"authloop/2", &self.secret, &[b"psk"])
    }

    fn prologue(&self) -> Vec<u8> {
        let mut prologue = b"authloop/e2ee/v2\0".to_vec();
        prologue.push(u8::try_from(self.id.len()).unwrap_or(u8::MAX));
        prologue.extend_from_slice(self.id.as_bytes());
        prologue
    }

    /// Begins as the viewer, with an ephemeral key that this number makes.
    pub fn viewer(&self, ephemeral: u8) -> Handshake {
        self.build(ephemeral, |builder| {
            builder
                .remote_public_key(&self.agent)
                .and_then(Builder::build_initiator)
        })
    }

    /// Begins as the agent whose static key this is.
    pub fn agent(&self, key: &[u8; 32], ephemeral: u8) -> Handshake {
        self.build(ephemeral, |builder| {
            builder
                .local_private_key(key)
                .and_then(Builder::build_responder)
        })
    }

    fn build(
        &self,
        ephemeral: u8,
        build: impl FnOnce(Builder<'_>) -> Result<HandshakeState, snow::Error>,
    ) -> Handshake {
        let (psk, prologue) = (self.psk(), self.prologue());
        let ephemeral = [ephemeral.saturating_add(1); 32];
        let name = "Noise_NKpsk0_P256_AESGCM_SHA256";
        let noise = Builder::new(name.parse().expect("a known pattern"))
            .fixed_ephemeral_key_for_testing_only(&ephemeral)
            .prologue(&prologue)
            .and_then(|builder| builder.psk(0, &psk))
            .and_then(build);
        Handshake {
            noise: noise.expect("all it needs"),
            buffer: vec![0; 4_096],
        }
    }
}

impl Handshake {
    /// Writes a message with any payload of up to 3 KiB, behind this header.
    pub fn write(&mut self, header: Header, payload: &[u8]) -> Vec<u8> {
        let written = self.noise.write_message(payload, &mut self.buffer);
        let message = self
            .buffer
            .get(..written.expect("in turn"))
            .unwrap_or_default();
        [&header.to_bytes(), message].concat()
    }

    /// Reads a record's message; `None` if it isn't from the other side.
    pub fn read(&mut self, record: &[u8]) -> Option<Vec<u8>> {
        let message = record.get(HEADER..)?;
        let length = self.noise.read_message(message, &mut self.buffer).ok()?;
        self.buffer.get(..length).map(<[u8]>::to_vec)
    }

    /// Derives the epoch's keys, once both messages are exchanged.
    pub fn finish(mut self) -> Epoch {
        let (first, second) = self.noise.dangerously_get_raw_split();
        let secret = [first, second].concat();
        let hash = self.noise.get_handshake_hash();
        let key = |name: &str| Key {
            key: expand(hash, &secret, &format!("{name} key"), new_key),
            iv: expand(hash, &secret, &format!("{name} iv"), |iv: [u8; 12]| iv),
        };
        Epoch {
            to_agent: key("v2a ctl"),
            to_viewer: key("a2v ctl"),
            frames: key("a2v frm"),
            resume: expand(hash, &secret, "resume", |secret: [u8; 32]| secret),
        }
    }
}

impl Key {
    /// Seals any plaintext behind any header.
    pub fn seal(&self, header: Header, plaintext: &[u8]) -> Vec<u8> {
        let front = header.to_bytes();
        let mut sealed = plaintext.to_vec();
        self.key
            .seal_in_place_append_tag(
                self.nonce(header.counter),
                Aad::from(vouched(&front)),
                &mut sealed,
            )
            .expect("short");
        [front, sealed].concat()
    }

    /// Opens a record that has this counter.
    pub fn open(&self, record: &[u8], counter: u64) -> Option<Vec<u8>> {
        let (front, sealed) = record.split_at_checked(HEADER)?;
        let mut text = sealed.to_vec();
        let opened =
            self.key
                .open_in_place(self.nonce(counter), Aad::from(vouched(front)), &mut text);
        opened.ok().map(|text| text.to_vec())
    }

    fn nonce(&self, counter: u64) -> Nonce {
        let mut nonce = self.iv;
        for (place, byte) in nonce.iter_mut().skip(4).zip(counter.to_be_bytes()) {
            *place ^= byte;
        }
        Nonce::assume_unique_for_key(nonce)
    }
}

/// All but the hop.
fn vouched(header: &[u8]) -> Vec<u8> {
    let front = header.get(..2).unwrap_or_default();
    let rest = header.get(4..HEADER).unwrap_or_default();
    [front, rest].concat()
}

fn new_key(bytes: [u8; 32]) -> LessSafeKey {
    LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &bytes).expect("32 bytes"))
}

fn expand<const N: usize, T>(hash: &[u8], secret: &[u8], label: &str, make: fn([u8; N]) -> T) -> T {
    make(derive(hash, secret, &[b"authloop/2 ", label.as_bytes()]))
}

fn derive<const N: usize>(salt: &[u8], secret: &[u8], info: &[&[u8]]) -> [u8; N] {
    struct Length(usize);
    impl KeyType for Length {
        fn len(&self) -> usize {
            self.0
        }
    }
    let mut out = [0; N];
    Salt::new(HKDF_SHA256, salt)
        .extract(secret)
        .expand(info, Length(N))
        .and_then(|okm| okm.fill(&mut out))
        .expect("short");
    out
}
