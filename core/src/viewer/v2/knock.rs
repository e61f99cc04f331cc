//! The handshakes on one socket: when HELLO1 is sent, and which HELLO2 is awaited (§4, §9a).
//!
//! ```text
//! (agent absent) ──agent_connected──▶ Asking ──HELLO2 ok──▶ Confirming ──first record──▶ (in use)
//!                                      │  ▲  5 s, three times more  │
//!                                      │  └───────────┴─────────────┘──▶ Unanswered
//!                                      └─HELLO2 busy, pin, closed──▶ (nothing pending)
//! ```
//!
//! It must never send HELLO1 to an absent agent, and never use an ephemeral key twice.

use alloc::{boxed::Box, vec::Vec};

use crate::{
    crypto::v2::{Accepted, Answered, Fatal, Offer, ResumeSecret, ViewerHandshake, ViewerLink},
    generator::Generator,
    secret::Pin,
    time::Timestamp,
    wire::v2::{Direction, Header, Malformed, RefusalReason},
};

/// How often it asks anew without an answer.
const MAX_RETRIES: u8 = 3;

/// What an answer comes to.
pub(super) enum Heard {
    Accepted(Box<Accepted>),
    Refused(RefusalReason),
    /// It was the answer to an older attempt: dropped.
    Outdated,
}

/// What a refusal for the PIN means.
pub(super) enum PinAnswer {
    /// None was brought.
    Needed,
    /// The human typed one meanwhile.
    Untried,
    /// The one brought was wrong.
    Wrong,
}

/// The handshakes on one socket. No `Debug`; wiped when dropped.
#[derive(Default)]
pub(super) struct Knock {
    agent_here: bool,
    attempts: u64,
    retries: u8,
    pending: Option<ViewerHandshake>,
    /// The PIN the human typed, until it is known to have worked or failed.
    pin: Option<Pin>,
    /// The pending attempt carries it.
    brought_pin: bool,
}

impl Knock {
    /// Forgets the socket; the PIN stays.
    pub(super) fn disconnected(&mut self) {
        let pin = self.pin.take();
        *self = Self {
            pin,
            ..Self::default()
        };
    }

    /// Notes what the relay says of the agent.
    pub(super) fn agent_is_here(&mut self, here: bool) {
        self.agent_here = here;
        self.retries = 0;
    }

    pub(super) fn set_pin(&mut self, pin: Pin) {
        self.pin = Some(pin);
    }

    /// Returns a new HELLO1; the older attempt isn't awaited any more.
    pub(super) fn ask(
        &mut self,
        link: &ViewerLink,
        resume: Option<&ResumeSecret>,
        generator: &mut Generator,
    ) -> Option<Vec<u8>> {
        if !self.agent_here {
            return None;
        }
        let offer = Offer {
            caps: Vec::new(),
            pin: self.pin.as_ref().and_then(|pin| Pin::parse(pin.expose())),
            resume,
        };
        self.brought_pin = self.pin.is_some();
        let attempt = self.attempts;
        let (pending, record) =
            ViewerHandshake::start(&link.link, &link.session, attempt, offer, generator).ok()?;
        self.attempts += 1;
        self.pending = Some(pending);
        Some(record)
    }

    /// Counts another try; `false` if there were enough.
    pub(super) fn may_retry(&mut self) -> bool {
        let may = self.retries < MAX_RETRIES;
        self.retries = self.retries.saturating_add(1);
        may
    }

    /// Reads an answer.
    pub(super) fn answered(&mut self, now: Timestamp, record: &[u8]) -> Result<Heard, Fatal> {
        let Some(pending) = self.pending.take() else {
            let header = Header::read(record, Direction::ToViewer)?;
            if header.epoch != 0 {
                return Err(Malformed::Handshake.into());
            }
            let is_older = header.counter.saturating_add(1) < self.attempts;
            return if is_older {
                Ok(Heard::Outdated)
            } else {
                Err(Fatal::NotAwaited)
            };
        };
        Ok(match pending.read(now, record)? {
            Answered::Accepted(accepted) => Heard::Accepted(Box::new(accepted)),
            Answered::Refused(reason) => {
                self.retries = 0;
                Heard::Refused(reason)
            }
            Answered::Outdated(pending) => {
                self.pending = Some(pending);
                Heard::Outdated
            }
        })
    }

    /// Notes that the agent wants a PIN, and forgets one that it refused.
    pub(super) fn pin_refused(&mut self) -> PinAnswer {
        if core::mem::take(&mut self.brought_pin) {
            self.pin = None;
            PinAnswer::Wrong
        } else if self.pin.is_some() {
            PinAnswer::Untried
        } else {
            PinAnswer::Needed
        }
    }

    /// Notes that the newest epoch is in use.
    pub(super) fn confirmed(&mut self) {
        self.retries = 0;
        self.pin = None;
    }

    /// Tells whether an answer is awaited.
    pub(super) const fn is_asking(&self) -> bool {
        self.pending.is_some()
    }
}
