//! What comes in: the relay's own words, handshakes, and records, each in the order it arrived.
//!
//! The relay's words start handshakes and end hopes; nothing else in them is believed. A record is
//! acted on only after it verified; one that can't be verified ends the connection.

use alloc::vec::Vec;

use bytes::Bytes;

use super::{
    Ended, Event, Frame, FrameId, GRACE, Timer, Viewer, count,
    io::Secured,
    knock::{Heard, PinAnswer},
    say::{Heartbeat, Said},
};
use crate::{
    crypto::v2::{Accepted, Fatal, FromAgent, OpenError},
    wire::v2::{
        CloseReason, Direction, FrameMeta, Header, Kind, RefusalReason, RelayToViewer, TAG,
    },
};

/// A verified record, read.
enum Read {
    Picture {
        counter: u64,
        missing: u64,
        meta: FrameMeta,
        length: usize,
    },
    Said(Said),
    Close(CloseReason),
}

impl Viewer {
    pub(super) fn on_text(&mut self, text: &str) {
        if self.socket != super::Socket::Open {
            return;
        }
        match RelayToViewer::parse(text) {
            Some(RelayToViewer::AgentConnected) => {
                self.knock.agent_is_here(true);
                self.tell(Event::AgentJoined);
                self.ask();
            }
            Some(RelayToViewer::AgentDisconnected) => {
                self.knock.agent_is_here(false);
                self.timers.clear(Timer::Answer);
                self.timers.clear(Timer::Ask);
                self.tell(Event::AgentLeft);
            }
            Some(RelayToViewer::SessionExpired) => {
                self.shut(1000);
                self.end(Ended::Refused(4410));
            }
            Some(RelayToViewer::SessionCancelled | RelayToViewer::SessionResolved) | None => {
                count(&mut self.counters.ignored_texts);
            }
        }
    }

    pub(super) fn on_record(&mut self, record: Vec<u8>) {
        if self.socket != super::Socket::Open {
            return;
        }
        let taken = match Header::read(&record, Direction::ToViewer) {
            Ok(header) if header.kind == Kind::Hello2 => self.on_hello(&record),
            Ok(header) => self.on_sealed(header.epoch, record),
            Err(malformed) => Err(malformed.into()),
        };
        match taken {
            Ok(()) => {}
            Err(OpenError::OtherEpoch) => count(&mut self.counters.other_epochs),
            Err(OpenError::Exhausted) => self.renew_keys(),
            Err(OpenError::Fatal(_)) => self.damaged(),
        }
    }

    fn on_hello(&mut self, record: &[u8]) -> Result<(), OpenError> {
        match self.knock.answered(self.now, record)? {
            Heard::Outdated => count(&mut self.counters.outdated_answers),
            Heard::Accepted(accepted) => self.on_accepted(*accepted)?,
            Heard::Refused(reason) => {
                self.timers.clear(Timer::Answer);
                self.on_refused(reason);
            }
        }
        Ok(())
    }

    fn on_accepted(&mut self, mut accepted: Accepted) -> Result<(), Fatal> {
        let ready = core::mem::take(&mut accepted.ready);
        let secret = accepted.epoch.resume_secret().clone();
        let until = accepted.epoch.until();
        self.epochs.agreed(accepted)?;
        self.resume.get_or_insert(secret);
        let dropped = self.outbox.ready(ready);
        self.not_sent(dropped);
        if let Some(epoch) = self.epochs.sending_mut() {
            epoch.ledger.sent(self.now, false);
        }
        self.timers
            .set(Timer::Answer, self.now + super::ANSWER_WITHIN);
        self.timers.set(Timer::Keys, until);
        self.alive.begin(self.now);
        self.ping_again();
        self.finish_again();
        Ok(())
    }

    fn on_refused(&mut self, reason: RefusalReason) {
        match reason {
            RefusalReason::Busy => {
                let is_new = !self.dialler.is_challenging();
                let Some(at) = self.dialler.busy(self.now) else {
                    self.shut(1000);
                    return self.end(Ended::Busy);
                };
                self.timers.set(Timer::Ask, at);
                if is_new {
                    let until = self.dialler.challenge_ends(self.now);
                    self.tell(Event::Busy(until));
                }
            }
            RefusalReason::Pin => match self.knock.pin_refused() {
                PinAnswer::Untried => self.ask(),
                PinAnswer::Needed => self.tell(Event::PinNeeded { wrong: false }),
                PinAnswer::Wrong => self.tell(Event::PinNeeded { wrong: true }),
            },
            RefusalReason::Closed => {
                self.shut(1000);
                self.end(Ended::Barred);
            }
        }
    }

    fn on_sealed(&mut self, number: u32, mut record: Vec<u8>) -> Result<(), OpenError> {
        let Some(epoch) = self.epochs.reading(number) else {
            return Err(OpenError::OtherEpoch);
        };
        let read = match epoch.keys.open(self.now, &mut record)?.into_inner() {
            FromAgent::Frame(received) => Read::Picture {
                counter: received.counter,
                missing: received.missing,
                meta: received.frame.meta,
                length: received.frame.jpeg.len(),
            },
            FromAgent::Control(control) => Read::Said(Said::read(&control)?),
            FromAgent::Close(reason) => Read::Close(reason),
        };
        if let Some(secured) = self.epochs.verified(number) {
            self.on_secured(secured);
        }
        match read {
            Read::Picture {
                counter,
                missing,
                meta,
                length,
            } => {
                let id = FrameId {
                    epoch: number,
                    counter,
                };
                self.counters.missing_frames = self.counters.missing_frames.saturating_add(missing);
                self.on_picture(id, meta, picture(record, length));
            }
            Read::Said(said) => self.on_said(number, said)?,
            Read::Close(reason) => {
                self.shut(1000);
                self.end(Ended::Closed(reason));
            }
        }
        Ok(())
    }

    /// The new keys are in use from now on.
    fn on_secured(&mut self, secured: Secured) {
        if let Some(epoch) = self.epochs.used() {
            self.resume = Some(epoch.keys.resume_secret().clone());
        }
        self.knock.confirmed();
        if !self.knock.is_asking() {
            self.timers.clear(Timer::Answer);
        }
        self.timers.clear(Timer::Ask);
        self.dialler.succeeded();
        self.alive.renew();
        self.frame = None;
        let over = self.now + secured.expires_in + GRACE;
        self.timers.set(Timer::Expiry, over);
        self.tell(Event::Secured(secured));
    }

    fn on_picture(&mut self, id: FrameId, meta: FrameMeta, jpeg: Bytes) {
        if let Some(epoch) = self.epochs.reading(id.epoch) {
            epoch.screen.received(id.counter);
        }
        self.alive.picture(id.counter);
        self.wake();
        let replaced = self.frame.replace(Frame { id, meta, jpeg });
        if let Some(replaced) = replaced {
            count(&mut self.counters.skipped_frames);
            self.dealt(replaced.id);
        }
    }

    fn on_said(&mut self, number: u32, said: Said) -> Result<(), OpenError> {
        match said {
            Said::Heartbeat(heartbeat) => self.on_heartbeat(number, heartbeat)?,
            Said::Echo(n) => self.echoed(n),
            Said::Takeover(id) => self.prompted(id),
            Said::Dropped(kind, why) => self.tell(Event::Dropped(kind, why)),
            Said::Other(kind, json) => {
                count(&mut self.counters.unknown_control);
                self.tell(Event::Told(kind, json));
            }
        }
        Ok(())
    }

    fn on_heartbeat(&mut self, number: u32, heartbeat: Heartbeat) -> Result<(), Fatal> {
        if let Some(epoch) = self.epochs.reading(number) {
            epoch.ledger.heard(heartbeat.got)?;
            let newest = epoch.screen.newest();
            self.alive.heartbeat(self.now, heartbeat, newest);
            self.wake();
        }
        self.outbox.heartbeat(heartbeat.clock);
        Ok(())
    }
}

/// Returns the picture that a record ends with, where it lies.
fn picture(mut record: Vec<u8>, length: usize) -> Bytes {
    record.truncate(record.len().saturating_sub(TAG));
    let start = record.len().saturating_sub(length);
    Bytes::from(record).split_off(start)
}
