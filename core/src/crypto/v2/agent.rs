//! The agent's end: reads a viewer's wish, answers it, and holds an epoch's keys once the viewer
//! confirmed them.
//!
//! ```text
//! ReceivedHello ─accept─▶ AgentPending ─confirm (READY)─▶ AgentEpoch
//!       └─refuse─▶ (wiped)      └─anything else─▶ (wiped)     └─fatal, end─▶ (keys wiped)
//! ```
//!
//! Nothing is sealed and nobody's input is taken before READY verified. Whether a viewer may have
//! control is decided elsewhere, with what [`ReceivedHello`] tells.

use alloc::{string::String, vec::Vec};

use super::{
    draft::{Draft, FrameDraft},
    error::{Fatal, OpenError, SealError},
    identity::{AgentIdentity, Epochs},
    keys::{KeyPair, POINT, Point},
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
        Ack, Close, CloseReason, Control, Direction, HEADER, Header, Hello1, Hello2, Kind,
        MAX_HELLO, Malformed, RefusalReason, unpad_input,
    },
};

/// A viewer's verified wish, to be answered. Made by [`AgentIdentity::read`].
///
/// It may be a copy of an older one: only READY proves that the viewer is there.
pub struct ReceivedHello {
    symmetric: Symmetric,
    ephemeral: [u8; POINT],
    viewer: Point,
    attempt: u64,
    hello: Hello1,
}

impl AgentIdentity {
    /// Reads a viewer's first message.
    ///
    /// # Errors
    /// All are fatal: the channel it came on has to be closed with 4400.
    pub fn read(&self, session: &SessionId, record: &[u8]) -> Result<ReceivedHello, Fatal> {
        let header = Header::read(record, Direction::ToAgent)?;
        if header.kind != Kind::Hello1 {
            return Err(Malformed::Kind.into());
        }
        if header.epoch != 0 {
            return Err(Malformed::Handshake.into());
        }
        let message = record.get(HEADER..).unwrap_or_default();
        let (ephemeral, sealed) = message
            .split_first_chunk::<POINT>()
            .ok_or(Malformed::Length)?;
        // A point that is none costs as much time as one that is.
        let point = Point::parse(ephemeral);
        let viewer = point.unwrap_or_else(|| self.pair.public());
        let psk = self.link().secret.psk();
        let mut symmetric = Symmetric::new(session, self.pair.public(), &psk);
        symmetric.mix_ephemeral(ephemeral);
        let key = symmetric.mix_shared(&self.pair.agree(viewer));
        let payload = symmetric.open(key, sealed);
        point.ok_or(Fatal::Point)?;
        let payload = payload?;
        Ok(ReceivedHello {
            symmetric,
            ephemeral: *ephemeral,
            viewer,
            attempt: header.counter,
            hello: Hello1::parse(&payload)?,
        })
    }
}

impl ReceivedHello {
    /// Returns what the viewer knows beyond this version.
    pub fn caps(&self) -> &[String] {
        &self.hello.caps
    }

    /// Returns the PIN it brought.
    pub const fn pin(&self) -> Option<&Pin> {
        self.hello.pin.as_ref()
    }

    /// Tells whether it brought a proof at all.
    pub const fn has_proof(&self) -> bool {
        self.hello.resume.is_some()
    }

    /// Tells whether it proved to hold this secret, in constant time.
    pub fn proves(&self, secret: &ResumeSecret) -> bool {
        let proof = self.hello.resume.as_ref();
        proof.is_some_and(|proof| secret.verifies(&self.ephemeral, proof))
    }

    /// Returns the viewer's ephemeral key: a wrong PIN counts once for each.
    pub const fn ephemeral(&self) -> &[u8; 65] {
        &self.ephemeral
    }

    /// Accepts the viewer, and returns the record to send: HELLO2.
    ///
    /// `expires_in` is what is left of the session in milliseconds; `got`, after a resume, how many
    /// records of which epoch were accepted.
    ///
    /// # Errors
    /// [`SealError::Exhausted`] if there is no epoch left.
    pub fn accept(
        self,
        now: Timestamp,
        epochs: &mut Epochs,
        expires_in: u64,
        got: Option<(u64, u32)>,
        generator: &mut Generator,
    ) -> Result<(AgentPending, Vec<u8>), SealError> {
        let epoch = epochs.take().ok_or(SealError::Exhausted)?;
        let answer = Hello2::Accepted {
            epoch,
            expires_in,
            got: got.map(|(records, _)| records),
            got_epoch: got.map(|(_, epoch)| epoch),
        };
        let pair = KeyPair::generate(generator);
        let (symmetric, record) = self.answer(answer, &pair)?;
        let secrets = EpochSecrets::derive(&symmetric.split(), epoch, now);
        Ok((AgentPending(AgentEpoch::new(epoch, secrets)), record))
    }

    /// Turns the viewer down, and returns the record to send. All keys are wiped.
    ///
    /// # Errors
    /// None that these types allow.
    pub fn refuse(
        self,
        reason: RefusalReason,
        generator: &mut Generator,
    ) -> Result<Vec<u8>, SealError> {
        let pair = KeyPair::generate(generator);
        let (_, record) = self.answer(Hello2::Refused(reason), &pair)?;
        Ok(record)
    }

    pub(super) fn answer(
        self,
        answer: Hello2,
        pair: &KeyPair,
    ) -> Result<(Symmetric, Vec<u8>), Malformed> {
        let mut symmetric = self.symmetric;
        let header = Header {
            kind: Kind::Hello2,
            chan: 0,
            epoch: 0,
            counter: self.attempt,
        };
        let mut record = Vec::with_capacity(MAX_HELLO);
        record.extend_from_slice(&header.to_bytes());
        let ephemeral = pair.public().to_bytes();
        record.extend_from_slice(&ephemeral);
        symmetric.mix_ephemeral(&ephemeral);
        let key = symmetric.mix_shared(&pair.agree(self.viewer));
        symmetric.seal(key, &answer.to_json()?, &mut record)?;
        Ok((symmetric, record))
    }
}

/// An accepted viewer that has yet to prove that it has the keys.
pub struct AgentPending(pub(super) AgentEpoch);

/// What a record made of an [`AgentPending`].
pub enum Confirmed {
    /// READY verified.
    Ready(AgentEpoch),
    /// The record is of another epoch, to be dropped silently.
    NotYet(AgentPending),
}

impl AgentPending {
    /// Returns the epoch's number.
    pub const fn epoch(&self) -> u32 {
        self.0.epoch
    }

    /// Opens, in place, what should be READY.
    ///
    /// # Errors
    /// Anything else is fatal; all keys are wiped.
    pub fn confirm(mut self, now: Timestamp, record: &mut [u8]) -> Result<Confirmed, OpenError> {
        match self.0.open(now, record).map(Opened::into_inner) {
            Ok(FromViewer::Control(control)) if control.kind == "ready" => {
                Ok(Confirmed::Ready(self.0))
            }
            Ok(
                FromViewer::Control(_)
                | FromViewer::Input(_)
                | FromViewer::Ack(_)
                | FromViewer::Left,
            ) => Err(Fatal::NotReady.into()),
            Err(OpenError::OtherEpoch) => Ok(Confirmed::NotYet(self)),
            Err(error) => Err(error),
        }
    }
}

/// What a viewer said. No `Debug`: it holds what a human typed.
pub enum FromViewer<'a> {
    /// An input event's JSON.
    Input(&'a [u8]),
    /// A control message.
    Control(Control<'a>),
    /// An acknowledgement of frames that were sent, never going back.
    Ack(Ack),
    /// The viewer leaves.
    Left,
}

/// The agent's end of one epoch.
///
/// A fatal error and [`AgentEpoch::end`] wipe the keys; the resume secret stays until it is dropped.
pub struct AgentEpoch {
    epoch: u32,
    until: Timestamp,
    keys: Option<AgentKeys>,
    resume: ResumeSecret,
    sas: ShortAuthString,
}

struct AgentKeys {
    control: Stream,
    frames: Stream,
    viewer: Stream,
    acknowledged: u64,
}

impl AgentEpoch {
    pub(super) fn new(epoch: u32, secrets: EpochSecrets) -> Self {
        Self {
            epoch,
            until: secrets.frames.until(),
            keys: Some(AgentKeys {
                control: secrets.control_to_viewer,
                frames: secrets.frames,
                viewer: secrets.control_to_agent,
                acknowledged: 0,
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

    /// Lends the string that is equal at the viewer's end.
    pub const fn short_auth_string(&self) -> &ShortAuthString {
        &self.sas
    }

    /// Returns how many of the viewer's records were accepted; 0 once the epoch is over.
    pub fn got(&self) -> u64 {
        self.keys.as_ref().map_or(0, |keys| keys.viewer.next())
    }

    /// Tells whether there are still keys.
    pub const fn is_live(&self) -> bool {
        self.keys.is_some()
    }

    /// Wipes the keys.
    pub fn end(&mut self) {
        self.keys = None;
    }

    /// Seals a control message: an object with a string `type`.
    ///
    /// # Errors
    /// Says why not; nothing is sent.
    pub fn seal_control(&mut self, now: Timestamp, json: &[u8]) -> Result<Vec<u8>, SealError> {
        Control::parse(json)?;
        let keys = self.keys.as_mut().ok_or(SealError::Over)?;
        keys.control.seal(now, Kind::Control, Draft::of(json))
    }

    /// Seals the end of this epoch: its last record. The keys are wiped.
    ///
    /// # Errors
    /// Says why not; nothing is sent. A viewer's own reason is none of the agent's.
    pub fn seal_close(
        &mut self,
        now: Timestamp,
        reason: CloseReason,
    ) -> Result<Vec<u8>, SealError> {
        if reason == CloseReason::Left {
            return Err(Malformed::Body.into());
        }
        let mut keys = self.keys.take().ok_or(SealError::Over)?;
        let close = Close { reason }.to_bytes();
        keys.control.seal(now, Kind::Close, Draft::of(&close))
    }

    /// Seals a picture in its own buffer, and returns its counter besides.
    ///
    /// # Errors
    /// Says why not; nothing is sent.
    pub fn seal_frame(
        &mut self,
        now: Timestamp,
        mut frame: FrameDraft,
    ) -> Result<(u64, Vec<u8>), SealError> {
        let keys = self.keys.as_mut().ok_or(SealError::Over)?;
        // INVARIANT: a key seals far fewer than 2³² records.
        frame.set_ctl_next(u32::try_from(keys.control.next()).unwrap_or(u32::MAX));
        let counter = keys.frames.next();
        let record = keys.frames.seal(now, Kind::Frame, frame.0)?;
        Ok((counter, record))
    }

    /// Opens a record in place.
    ///
    /// # Errors
    /// [`OpenError::OtherEpoch`] changes nothing; the others wipe the keys.
    pub fn open<'a>(
        &mut self,
        now: Timestamp,
        record: &'a mut [u8],
    ) -> Result<Opened<FromViewer<'a>>, OpenError> {
        let keys = self.keys.as_mut().ok_or(Fatal::Over)?;
        let opened = keys.open(now, record);
        if matches!(opened, Err(OpenError::Exhausted | OpenError::Fatal(_))) {
            self.end();
        }
        opened
    }
}

impl AgentKeys {
    fn open<'a>(
        &mut self,
        now: Timestamp,
        record: &'a mut [u8],
    ) -> Result<Opened<FromViewer<'a>>, OpenError> {
        let header = Header::read(record, Direction::ToAgent)?;
        if header.kind == Kind::Hello1 {
            return Err(Malformed::Kind.into());
        }
        let (text, _) = self.viewer.open(now, header, Rule::Next, record)?;
        let said = match header.kind {
            Kind::Input => FromViewer::Input(unpad_input(text)?),
            Kind::Control => FromViewer::Control(Control::parse(text)?),
            Kind::Ack => FromViewer::Ack(self.acknowledge(Ack::parse(text)?)?),
            Kind::Close if Close::parse(text)?.reason == CloseReason::Left => FromViewer::Left,
            Kind::Close => return Err(Malformed::Body.into()),
            Kind::Hello1 | Kind::Hello2 | Kind::Frame => return Err(Malformed::Kind.into()),
        };
        Ok(Opened(said))
    }

    fn acknowledge(&mut self, ack: Ack) -> Result<Ack, Fatal> {
        if ack.frame < self.acknowledged || ack.frame >= self.frames.next() {
            return Err(Fatal::Acknowledgement);
        }
        self.acknowledged = ack.frame;
        Ok(ack)
    }
}
