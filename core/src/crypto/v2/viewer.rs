//! The viewer's end: asks to be let in, reads the answer, and holds an epoch's keys.
//!
//! ```text
//! ViewerHandshake ─read (HELLO2)─▶ Accepted: ViewerEpoch and READY, to be sent at once
//!       │                       └▶ Refused: wiped; another may be begun on the same socket
//!       └─an older attempt's answer─▶ ViewerHandshake
//! ```
//!
//! Records are opened in the order they arrive, so that a frame is only believed once all control
//! before it verified.

use alloc::{string::String, vec::Vec};

use super::{
    draft::Draft,
    error::{Fatal, OpenError, SealError},
    keys::{KeyPair, POINT, Point},
    link::Link,
    noise::Symmetric,
    resume::{ResumeSecret, ShortAuthString},
    schedule::EpochSecrets,
    stream::{Rule, Stream},
    url::SessionId,
};
use crate::{
    crypto::Opened,
    generator::Generator,
    secret::Pin,
    time::Timestamp,
    wire::v2::{
        Ack, Close, CloseReason, Control, Direction, Frame, HEADER, Header, Hello1, Hello2, Kind,
        MAX_HELLO, Malformed, RefusalReason, pad_input, padded_input,
    },
};

/// What a viewer brings to ask for control.
#[derive(Default)]
pub struct Offer<'a> {
    /// What it knows beyond this version.
    pub caps: Vec<String>,
    /// The PIN the human typed.
    pub pin: Option<Pin>,
    /// The secret of an epoch in which it had control.
    pub resume: Option<&'a ResumeSecret>,
}

/// A handshake that waits for its answer. Wiped when dropped.
pub struct ViewerHandshake {
    symmetric: Symmetric,
    pair: KeyPair,
    attempt: u64,
}

/// What the agent answered.
pub enum Answered {
    /// The viewer may have the session.
    Accepted(Accepted),
    /// Not now. The keys are wiped.
    Refused(RefusalReason),
    /// It was the answer to an older attempt on this socket, to be dropped.
    Outdated(ViewerHandshake),
}

/// A viewer that may have the session.
pub struct Accepted {
    /// Its keys.
    pub epoch: ViewerEpoch,
    /// READY, sealed: the record to send at once.
    pub ready: Vec<u8>,
    /// What is left of the session, in milliseconds.
    pub expires_in: u64,
    /// How many of this viewer's records the agent accepted in `got_epoch`.
    pub got: Option<u64>,
    /// The epoch that `got` speaks of.
    pub got_epoch: Option<u32>,
}

impl ViewerHandshake {
    /// Begins a handshake with a fresh ephemeral key, and returns the record to send: HELLO1.
    ///
    /// `attempt` counts the handshakes on this socket from 0.
    ///
    /// # Errors
    /// An offer of more than 1 KiB.
    pub fn start(
        link: &Link,
        session: &SessionId,
        attempt: u64,
        offer: Offer<'_>,
        generator: &mut Generator,
    ) -> Result<(Self, Vec<u8>), Malformed> {
        Self::start_with(link, session, attempt, offer, KeyPair::generate(generator))
    }

    pub(super) fn start_with(
        link: &Link,
        session: &SessionId,
        attempt: u64,
        offer: Offer<'_>,
        pair: KeyPair,
    ) -> Result<(Self, Vec<u8>), Malformed> {
        let ephemeral = pair.public().to_bytes();
        let hello = Hello1 {
            caps: offer.caps,
            pin: offer.pin,
            resume: offer.resume.map(|secret| secret.prove(&ephemeral)),
        };
        let header = Header {
            kind: Kind::Hello1,
            chan: 0,
            epoch: 0,
            counter: attempt,
        };
        let mut record = Vec::with_capacity(MAX_HELLO);
        record.extend_from_slice(&header.to_bytes());
        record.extend_from_slice(&ephemeral);
        let mut symmetric = Symmetric::new(session, link.agent, &link.secret.psk());
        symmetric.mix_ephemeral(&ephemeral);
        let key = symmetric.mix_shared(&pair.agree(link.agent));
        symmetric.seal(key, &hello.to_json()?, &mut record)?;
        let handshake = Self {
            symmetric,
            pair,
            attempt,
        };
        Ok((handshake, record))
    }

    /// Reads the agent's answer.
    ///
    /// # Errors
    /// All are fatal: the keys are wiped, the socket has to be closed.
    pub fn read(self, now: Timestamp, record: &[u8]) -> Result<Answered, Fatal> {
        let header = Header::read(record, Direction::ToViewer)?;
        if header.kind != Kind::Hello2 {
            return Err(Malformed::Kind.into());
        }
        if header.epoch != 0 {
            return Err(Malformed::Handshake.into());
        }
        if header.counter < self.attempt {
            return Ok(Answered::Outdated(self));
        }
        if header.counter > self.attempt {
            return Err(Fatal::NotAwaited);
        }
        let (symmetric, answer) = self.finish(record)?;
        match answer {
            Hello2::Refused(reason) => Ok(Answered::Refused(reason)),
            Hello2::Accepted {
                epoch,
                expires_in,
                got,
                got_epoch,
            } => {
                let secrets = EpochSecrets::derive(&symmetric.split(), epoch, now);
                let mut epoch = ViewerEpoch::new(epoch, secrets);
                let ready = epoch.seal_control(now, br#"{"type":"ready"}"#);
                Ok(Answered::Accepted(Accepted {
                    epoch,
                    ready: ready.map_err(|_| Fatal::Over)?,
                    expires_in,
                    got,
                    got_epoch,
                }))
            }
        }
    }

    pub(super) fn finish(self, record: &[u8]) -> Result<(Symmetric, Hello2), Fatal> {
        let message = record.get(HEADER..).unwrap_or_default();
        let (ephemeral, sealed) = message
            .split_first_chunk::<POINT>()
            .ok_or(Malformed::Length)?;
        let agent = Point::parse(ephemeral).ok_or(Fatal::Point)?;
        let mut symmetric = self.symmetric;
        symmetric.mix_ephemeral(ephemeral);
        let key = symmetric.mix_shared(&self.pair.agree(agent));
        let payload = symmetric.open(key, sealed)?;
        Ok((symmetric, Hello2::parse(&payload)?))
    }
}

/// What the agent said. No `Debug`: it holds what the page shows.
pub enum FromAgent<'a> {
    /// A picture.
    Frame(ReceivedFrame<'a>),
    /// A control message.
    Control(Control<'a>),
    /// The end: anything but [`CloseReason::Left`].
    Close(CloseReason),
}

/// A picture, as it arrived.
pub struct ReceivedFrame<'a> {
    /// Its counter, which acknowledgements and input name it by.
    pub counter: u64,
    /// How many frames before it never came.
    pub missing: u64,
    /// The picture and what it says of itself.
    pub frame: Frame<'a>,
}

/// The viewer's end of one epoch.
///
/// A fatal error and [`ViewerEpoch::end`] wipe the keys; the resume secret stays until it is dropped.
pub struct ViewerEpoch {
    epoch: u32,
    until: Timestamp,
    keys: Option<ViewerKeys>,
    resume: ResumeSecret,
    sas: ShortAuthString,
}

struct ViewerKeys {
    own: Stream,
    control: Stream,
    frames: Stream,
}

impl ViewerEpoch {
    pub(super) fn new(epoch: u32, secrets: EpochSecrets) -> Self {
        Self {
            epoch,
            until: secrets.control_to_agent.until(),
            keys: Some(ViewerKeys {
                own: secrets.control_to_agent,
                control: secrets.control_to_viewer,
                frames: secrets.frames,
            }),
            resume: secrets.resume,
            sas: secrets.sas,
        }
    }

    /// Returns the epoch's number.
    pub const fn epoch(&self) -> u32 {
        self.epoch
    }

    /// Returns when the keys have to be given up, at the latest.
    pub const fn until(&self) -> Timestamp {
        self.until
    }

    /// Lends the secret that lets this viewer take control again.
    pub const fn resume_secret(&self) -> &ResumeSecret {
        &self.resume
    }

    /// Lends the string that is equal at the agent's end.
    pub const fn short_auth_string(&self) -> &ShortAuthString {
        &self.sas
    }

    /// Returns how many records this viewer sealed, READY included; 0 once the epoch is over.
    pub fn sent(&self) -> u64 {
        self.keys.as_ref().map_or(0, |keys| keys.own.next())
    }

    /// Tells whether there are still keys.
    pub const fn is_live(&self) -> bool {
        self.keys.is_some()
    }

    /// Wipes the keys.
    pub fn end(&mut self) {
        self.keys = None;
    }

    /// Seals an input event's JSON, padded.
    ///
    /// # Errors
    /// Says why not; nothing is sent.
    pub fn seal_input(&mut self, now: Timestamp, json: &[u8]) -> Result<Vec<u8>, SealError> {
        let mut draft = Draft::with_capacity(padded_input(json.len())?);
        pad_input(json, draft.buffer())?;
        self.seal(now, Kind::Input, draft)
    }

    /// Seals a control message: an object with a string `type`.
    ///
    /// # Errors
    /// Says why not; nothing is sent.
    pub fn seal_control(&mut self, now: Timestamp, json: &[u8]) -> Result<Vec<u8>, SealError> {
        Control::parse(json)?;
        self.seal(now, Kind::Control, Draft::of(json))
    }

    /// Seals an acknowledgement.
    ///
    /// # Errors
    /// Says why not; nothing is sent.
    pub fn seal_ack(&mut self, now: Timestamp, ack: Ack) -> Result<Vec<u8>, SealError> {
        self.seal(now, Kind::Ack, Draft::of(&ack.to_bytes()))
    }

    /// Seals that this viewer leaves: the epoch's last record. The keys are wiped.
    ///
    /// # Errors
    /// Says why not; nothing is sent.
    pub fn seal_left(&mut self, now: Timestamp) -> Result<Vec<u8>, SealError> {
        let reason = CloseReason::Left;
        let close = Draft::of(&Close { reason }.to_bytes());
        let sealed = self.seal(now, Kind::Close, close);
        self.end();
        sealed
    }

    fn seal(&mut self, now: Timestamp, kind: Kind, draft: Draft) -> Result<Vec<u8>, SealError> {
        let keys = self.keys.as_mut().ok_or(SealError::Over)?;
        keys.own.seal(now, kind, draft)
    }

    /// Opens a record in place. Records have to be given in the order they arrived.
    ///
    /// # Errors
    /// [`OpenError::OtherEpoch`] changes nothing; the others wipe the keys.
    pub fn open<'a>(
        &mut self,
        now: Timestamp,
        record: &'a mut [u8],
    ) -> Result<Opened<FromAgent<'a>>, OpenError> {
        let keys = self.keys.as_mut().ok_or(Fatal::Over)?;
        let opened = keys.open(now, record);
        if matches!(opened, Err(OpenError::Exhausted | OpenError::Fatal(_))) {
            self.end();
        }
        opened
    }
}

impl ViewerKeys {
    fn open<'a>(
        &mut self,
        now: Timestamp,
        record: &'a mut [u8],
    ) -> Result<Opened<FromAgent<'a>>, OpenError> {
        let header = Header::read(record, Direction::ToViewer)?;
        let said = match header.kind {
            Kind::Frame => {
                let (text, missing) = self.frames.open(now, header, Rule::Later, record)?;
                let frame = Frame::parse(text)?;
                if u64::from(frame.ctl_next) > self.control.next() {
                    return Err(Fatal::Withheld.into());
                }
                FromAgent::Frame(ReceivedFrame {
                    counter: header.counter,
                    missing,
                    frame,
                })
            }
            Kind::Control => {
                let (text, _) = self.control.open(now, header, Rule::Next, record)?;
                FromAgent::Control(Control::parse(text)?)
            }
            Kind::Close => {
                let (text, _) = self.control.open(now, header, Rule::Next, record)?;
                match Close::parse(text)?.reason {
                    CloseReason::Left => return Err(Malformed::Body.into()),
                    reason @ (CloseReason::Resolved
                    | CloseReason::Cancelled
                    | CloseReason::Timeout
                    | CloseReason::Error
                    | CloseReason::TakenOver) => FromAgent::Close(reason),
                }
            }
            Kind::Hello1 | Kind::Hello2 | Kind::Input | Kind::Ack => {
                return Err(Malformed::Kind.into());
            }
        };
        Ok(Opened(said))
    }
}
