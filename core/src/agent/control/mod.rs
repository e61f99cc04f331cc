//! Who controls the session: channels, handshakes, epochs, the slot, takeover, PINs (§4, §7).
//!
//! ```text
//! viewer_connected ─▶ channel ─HELLO1─▶ pending ─READY, still entitled─▶ live ─▶ Said
//!                        │ refused: busy, pin, closed      │ not: 4403      │ limit: 1012
//!                        └─ damaged: 4400                  └─ 10 s: wiped   └─ damaged: 4400
//! ```
//!
//! It is told what came over the relay, which it trusts with nothing, and returns what the one
//! viewer in control said. It never returns anything else: nothing from before READY, from an older
//! epoch, or from another channel. It knows nothing of the browser, of frames or of heartbeats.

mod budget;
mod channels;
mod hello;
mod order;
mod pending;
mod pins;
mod reign;
mod slot;
mod takeover;
#[cfg(test)]
mod tests;

use alloc::vec::Vec;
use core::time::Duration;

pub(super) use self::order::{News, Order};
use self::{
    budget::Window,
    channels::Channels,
    order::Orders,
    pending::Pendings,
    pins::Pins,
    reign::Proof,
    slot::{Live, Right, Slot},
    takeover::{Reply, Takeover},
};
use crate::{
    agent::notes::{Heard, Notes},
    crypto::{
        Opened,
        v2::{
            AgentEpoch, AgentIdentity, Confirmed, Epochs, FrameDraft, FromViewer, OpenError,
            SealError, SessionId,
        },
    },
    generator::Generator,
    input::{InvalidEvent, Stamped},
    secret::Pin,
    time::Timestamp,
    wire::v2::{Ack, Caps, CloseCode, CloseReason, Control, Direction, Header, Kind},
};

/// So many damaged channels within so much time are told of.
const DAMAGES: usize = 3;
const DAMAGE_SPAN: Duration = Duration::from_secs(30);

/// Decides who controls one session. No `Debug`; all keys are wiped when it is dropped.
///
/// Fed by [`viewer_connected`](Self::viewer_connected),
/// [`viewer_disconnected`](Self::viewer_disconnected), [`relay_lost`](Self::relay_lost),
/// [`read`](Self::read) and [`tick`](Self::tick); drained by [`poll`](Self::poll) after each.
/// Time must not go back.
pub(super) struct Arbiter {
    identity: AgentIdentity,
    session: SessionId,
    expires_at: Timestamp,
    epochs: Epochs,
    channels: Channels,
    pendings: Pendings,
    slot: Slot,
    pins: Pins,
    damages: Window,
    orders: Orders,
    notes: Notes,
}

/// What the viewer in control said. No `Debug`: it holds what a human typed.
pub(super) enum Said<'a> {
    /// An input event's JSON.
    Input(&'a [u8]),
    /// A control message that isn't about control of the session.
    Control(Control<'a>),
    /// An acknowledgement of frames that were sent, never going back.
    Ack(Ack),
}

/// Whose an epoch is.
enum Owner {
    Pending(u16),
    Live(u16),
}

impl Arbiter {
    /// Begins with a free slot. With a PIN, who has no proof has to bring it.
    pub(super) fn new(
        identity: AgentIdentity,
        session: SessionId,
        pin: Option<Pin>,
        expires_at: Timestamp,
    ) -> Self {
        Self {
            identity,
            session,
            expires_at,
            epochs: Epochs::default(),
            channels: Channels::new(),
            pendings: Pendings::default(),
            slot: Slot::default(),
            pins: Pins::new(pin),
            damages: Window::new(DAMAGES, DAMAGE_SPAN),
            orders: Orders::default(),
            notes: Notes::default(),
        }
    }

    /// Takes notes of what records turn out to be, if these are taken.
    pub(super) fn take_notes_like(&mut self, notes: &Notes) {
        self.notes = Notes::like(notes);
    }

    /// Takes out the note on the last record.
    pub(super) const fn heard(&mut self) -> Option<Heard> {
        self.notes.take()
    }

    // From the relay.

    /// The relay has a viewer's socket. It has to tell so of each, again on each stream of the agent.
    pub(super) fn viewer_connected(&mut self, chan: u16) {
        if chan != 0 && !self.channels.add(chan) {
            self.orders.close(chan, CloseCode::Busy);
        }
    }

    /// A viewer's socket is gone.
    pub(super) fn viewer_disconnected(&mut self, chan: u16) {
        if self.forget(chan) {
            self.orders.tell(News::Left);
        }
    }

    /// The agent's own socket is gone: all epochs and handshakes end. Who holds the slot keeps it.
    pub(super) fn relay_lost(&mut self) {
        self.channels.clear();
        self.pendings.clear();
        self.orders.retain_news();
        if let Some(takeover) = self.slot.takeover_mut() {
            takeover.forget_all();
        }
        if self.slot.lose().is_some() {
            self.orders.tell(News::Left);
        }
    }

    /// Takes one binary message, opened in place. Returns what the viewer in control said with it.
    pub(super) fn read<'a>(
        &mut self,
        now: Timestamp,
        generator: &mut Generator,
        record: &'a mut [u8],
    ) -> Option<Opened<Said<'a>>> {
        self.tick(now);
        let chan = hop(record).filter(|chan| self.channels.knows(*chan))?;
        let Ok(header) = Header::read(record, Direction::ToAgent) else {
            self.damaged(now, chan);
            return None;
        };
        if header.kind == Kind::Hello1 {
            self.on_hello(now, generator, chan, record);
            return None;
        }
        match self.owner(header.epoch)? {
            Owner::Pending(of) if of == chan => self.confirm(now, chan, record),
            Owner::Live(of) if of == chan => return self.open(now, chan, record),
            Owner::Pending(_) | Owner::Live(_) => self.damaged(now, chan),
        }
        None
    }

    // Time.

    /// Returns when to [`tick`](Self::tick) at the latest.
    pub(super) fn deadline(&self) -> Option<Timestamp> {
        let limit = self.slot.live().map(|live| live.epoch.until());
        [self.pendings.deadline(), limit]
            .into_iter()
            .flatten()
            .min()
    }

    /// Ends what has had its time: handshakes and keys.
    pub(super) fn tick(&mut self, now: Timestamp) {
        self.pendings.expire(now);
        let spent = |live: &&Live| now >= live.epoch.until();
        if let Some(chan) = self.slot.live().filter(spent).map(|live| live.chan) {
            self.shut(chan, CloseCode::ComeBack);
        }
    }

    // Towards the viewer in control.

    /// Tells whether a viewer is in control and can be reached.
    pub(super) fn is_controlled(&self) -> bool {
        self.slot.live().is_some()
    }

    /// Returns what the viewer in control knows beyond the protocol's core.
    pub(super) fn caps(&self) -> Caps {
        self.slot.live().map(|live| live.caps).unwrap_or_default()
    }

    /// Returns how many of the viewer's records were accepted in this epoch: a heartbeat's `got`.
    pub(super) fn got(&self) -> u64 {
        self.slot.live().map_or(0, |live| live.epoch.got())
    }

    /// Seals a control message, an object with a string `type`, and orders it to be sent.
    ///
    /// Returns whether it is on its way; keys at their limit and a full queue close the channel.
    pub(super) fn seal_control(&mut self, now: Timestamp, json: &[u8]) -> bool {
        let Some(live) = self.slot.live() else {
            return false;
        };
        if !self.orders.has_room() {
            self.shut(live.chan, CloseCode::ComeBack);
            return false;
        }
        let sealed = self.seal(|epoch| Ok(((), epoch.seal_control(now, json)?)));
        sealed.is_some()
    }

    /// Seals a picture and orders it to be sent, after all control that was sealed before it.
    ///
    /// Returns its counter and the record's length in bytes; `None` if it isn't sent.
    pub(super) fn seal_frame(&mut self, now: Timestamp, frame: FrameDraft) -> Option<(u64, usize)> {
        if !self.orders.has_room() {
            return None;
        }
        self.seal(|epoch| {
            let (counter, record) = epoch.seal_frame(now, frame)?;
            Ok(((counter, record.len()), record))
        })
    }

    /// The controlling viewer's last record doesn't hold what it has to: the channel is damaged.
    pub(super) fn reject(&mut self, now: Timestamp) {
        if let Some(chan) = self.slot.live().map(|live| live.chan) {
            self.damaged(now, chan);
        }
    }

    /// Ends the session: tells the viewer in control, wipes everything, and returns what is left to do.
    pub(super) fn close(
        mut self,
        now: Timestamp,
        reason: CloseReason,
    ) -> impl Iterator<Item = Order> {
        if let Some(Live {
            chan, mut epoch, ..
        }) = self.slot.leave()
            && let Ok(record) = epoch.seal_close(now, reason)
        {
            self.orders.send(chan, record);
        }
        let mut orders = self.orders;
        core::iter::from_fn(move || orders.pop())
    }

    /// Returns the next thing to do; `None` when there is nothing for now.
    pub(super) fn poll(&mut self) -> Option<Order> {
        self.orders.pop()
    }

    // Epochs.

    fn owner(&self, epoch: u32) -> Option<Owner> {
        let live = self
            .slot
            .live()
            .filter(|live| live.epoch.epoch() == epoch)
            .map(|live| Owner::Live(live.chan));
        live.or_else(|| self.pendings.chan_of(epoch).map(Owner::Pending))
    }

    /// Takes what should be READY.
    fn confirm(&mut self, now: Timestamp, chan: u16, record: &mut [u8]) {
        let Some(pending) = self.pendings.take(chan) else {
            return;
        };
        let (proof, caps) = (pending.proof, pending.caps);
        match pending.keys.confirm(now, record) {
            Ok(Confirmed::Ready(epoch)) => {
                self.notes.note(|| Heard::Ready);
                match self.right(now, chan, proof) {
                    Some(right) => self.give(now, right, Live { chan, caps, epoch }),
                    None => self.shut(chan, CloseCode::Busy),
                }
            }
            // The epoch is this one's: a channel has one handshake at most.
            Ok(Confirmed::NotYet(_)) | Err(_) => self.damaged(now, chan),
        }
    }

    /// Returns why a viewer may have control now. It may have been entitled when it asked, and be so
    /// no more.
    fn right(&self, now: Timestamp, chan: u16, proof: Option<Proof>) -> Option<Right> {
        match proof {
            Some(proof) if self.slot.holds(proof) => Some(Right::Proof(proof)),
            // It was let in without a PIN.
            Some(_) if self.pins.is_asked() => None,
            _ => self.right_without_proof(now, chan),
        }
    }

    fn right_without_proof(&self, now: Timestamp, chan: u16) -> Option<Right> {
        let grants = |takeover: &Takeover| takeover.grants(now, chan);
        if self.slot.takeover().is_some_and(grants) {
            Some(Right::HandOver)
        } else {
            self.slot.is_free(now).then_some(Right::Free)
        }
    }

    /// Gives a viewer control.
    fn give(&mut self, now: Timestamp, right: Right, live: Live) {
        let own = live.chan;
        let taken = self.slot.take(now, right, live);
        self.pins.restart();
        if let Some(Live {
            chan, mut epoch, ..
        }) = taken.old.filter(|old| old.chan != own)
        {
            if let Ok(record) = epoch.seal_close(now, CloseReason::TakenOver) {
                self.orders.send(chan, record);
            }
            self.shut(chan, CloseCode::TakenOver);
        }
        self.orders.tell(taken.news);
    }

    /// Takes a record of the epoch in control.
    fn open<'a>(
        &mut self,
        now: Timestamp,
        chan: u16,
        record: &'a mut [u8],
    ) -> Option<Opened<Said<'a>>> {
        let said = match self.slot.live_mut()?.epoch.open(now, record) {
            Ok(said) => said,
            Err(OpenError::OtherEpoch) => return None,
            Err(OpenError::Exhausted) => {
                self.shut(chan, CloseCode::ComeBack);
                return None;
            }
            Err(OpenError::Fatal(_)) => {
                self.damaged(now, chan);
                return None;
            }
        };
        self.slot.hear(now);
        self.pins.hear();
        self.notes.note(|| heard(said.get()));
        match said.get() {
            FromViewer::Left => {
                self.slot.leave();
                self.orders.tell(News::Left);
                self.shut(chan, CloseCode::Done);
                return None;
            }
            FromViewer::Control(control) if control.kind == takeover::KIND => {
                self.on_reply(now, chan, control.json);
                return None;
            }
            FromViewer::Control(_) | FromViewer::Input(_) | FromViewer::Ack(_) => {}
        }
        let told = said.try_map(|said| match said {
            FromViewer::Input(json) => Ok(Said::Input(json)),
            FromViewer::Control(control) => Ok(Said::Control(control)),
            FromViewer::Ack(ack) => Ok(Said::Ack(ack)),
            FromViewer::Left => Err(()),
        });
        told.ok()
    }

    /// Takes the controlling viewer's answer about another one.
    fn on_reply(&mut self, now: Timestamp, chan: u16, json: &[u8]) {
        let Ok(reply) = serde_json::from_slice::<Reply>(json) else {
            self.damaged(now, chan);
            return;
        };
        if let Some(takeover) = self.slot.takeover_mut() {
            takeover.answer(now, reply);
        }
    }

    fn seal<T>(
        &mut self,
        seal: impl FnOnce(&mut AgentEpoch) -> Result<(T, Vec<u8>), SealError>,
    ) -> Option<T> {
        let live = self.slot.live_mut()?;
        match seal(&mut live.epoch) {
            Ok((told, record)) => {
                self.orders.send(live.chan, record);
                Some(told)
            }
            Err(SealError::Exhausted) => {
                let chan = live.chan;
                self.shut(chan, CloseCode::ComeBack);
                None
            }
            Err(_) => None,
        }
    }

    // Channels.

    /// Closes a channel that was damaged: one path, whatever the cause.
    fn damaged(&mut self, now: Timestamp, chan: u16) {
        self.shut(chan, CloseCode::Damaged);
        if self.damages.note(now) {
            self.damages.clear();
            self.orders.tell(News::Tampered);
        }
    }

    /// Closes a channel.
    fn shut(&mut self, chan: u16, code: CloseCode) {
        let left = self.forget(chan);
        self.orders.close(chan, code);
        if left {
            self.orders.tell(News::Left);
        }
    }

    /// Wipes all that a channel had. Returns whether it was the one in control.
    fn forget(&mut self, chan: u16) -> bool {
        self.channels.remove(chan);
        self.pendings.take(chan);
        if let Some(takeover) = self.slot.takeover_mut() {
            takeover.forget(chan);
        }
        let is_live = self.slot.live().is_some_and(|live| live.chan == chan);
        is_live && self.slot.lose().is_some()
    }
}

/// Notes what a viewer's record holds.
fn heard(said: &FromViewer<'_>) -> Heard {
    match said {
        FromViewer::Input(json) => match Stamped::parse(json) {
            Err(InvalidEvent::UnknownType) => Heard::Deed(json.to_vec()),
            event => Heard::Input(event),
        },
        FromViewer::Control(control) => Heard::Control(control.json.to_vec()),
        FromViewer::Ack(ack) => Heard::Ack(*ack),
        FromViewer::Left => Heard::Left,
    }
}

/// Returns the channel the relay says a message came on.
fn hop(record: &[u8]) -> Option<u16> {
    let (_, rest) = record.split_first_chunk::<2>()?;
    rest.first_chunk().map(|hop| u16::from_be_bytes(*hop))
}
