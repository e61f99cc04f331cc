//! What becomes of a viewer's first message.
//!
//! ```text
//! HELLO1 ─▶ reads? ─▶ proof? ───────────────────────────────────────▶ pending
//!             │ 4400    │ no                                            ▲
//!             ▼         └─▶ budget ─▶ entitled ─▶ not closed ─▶ room ─▶ PIN
//!                            │ dropped  │ busy       │ closed     │ 4403 │ pin
//! ```
//!
//! The order matters: nobody learns anything about the PIN while somebody holds the slot.

use super::{
    Arbiter, order::News, pending::Pending, pins::Refused, reign::Proof, takeover::Question,
};
use crate::{
    agent::notes::Heard,
    crypto::v2::ReceivedHello,
    generator::Generator,
    time::Timestamp,
    wire::v2::{Caps, CloseCode, RefusalReason},
};

/// Why a viewer isn't let in.
enum Refusal {
    /// It is told.
    Answer(RefusalReason),
    /// Two others are being let in.
    NoRoom,
}

impl Arbiter {
    pub(super) fn on_hello(
        &mut self,
        now: Timestamp,
        generator: &mut Generator,
        chan: u16,
        record: &[u8],
    ) {
        if !self.orders.has_room() {
            return;
        }
        let Ok(hello) = self.identity.read(&self.session, record) else {
            self.damaged(now, chan);
            return;
        };
        let proof = self.slot.prove(&hello);
        self.notes.note(|| Heard::Hello {
            caps: Caps::of(hello.caps()),
            pin: self.pins.is_right(&hello),
            proof: proof.map(|proof| proof.epoch),
        });
        let is_free_of_charge = proof.is_some() || self.is_live(chan);
        if !is_free_of_charge && !self.channels.spend(now, chan) {
            return;
        }
        self.pendings.take(chan);
        let admitted = match proof {
            Some(_) => Ok(()),
            None => self.admit(now, chan, &hello),
        };
        match admitted {
            Ok(()) => self.accept(now, generator, chan, proof, hello),
            Err(Refusal::NoRoom) => self.shut(chan, CloseCode::Busy),
            Err(Refusal::Answer(reason)) => {
                if let Ok(record) = hello.refuse(reason, generator) {
                    self.orders.send(chan, record);
                }
            }
        }
    }

    /// Decides about a viewer without proof.
    fn admit(&mut self, now: Timestamp, chan: u16, hello: &ReceivedHello) -> Result<(), Refusal> {
        if self.right_without_proof(now, chan).is_none() {
            self.ask_to_hand_over(now, chan);
            return Err(Refusal::Answer(RefusalReason::Busy));
        }
        if self.pins.is_closed() {
            return Err(Refusal::Answer(RefusalReason::Closed));
        }
        if !self.pendings.has_room() {
            return Err(Refusal::NoRoom);
        }
        self.pins.judge(hello).map_err(|refused| {
            if refused == Refused::Over {
                self.orders.tell(News::WrongPins);
            }
            Refusal::Answer(RefusalReason::Pin)
        })
    }

    fn accept(
        &mut self,
        now: Timestamp,
        generator: &mut Generator,
        chan: u16,
        proof: Option<Proof>,
        hello: ReceivedHello,
    ) {
        let left = self.expires_at.since(now).as_millis();
        let expires_in = u64::try_from(left).unwrap_or(u64::MAX);
        let caps = Caps::of(hello.caps());
        let got = proof.and_then(|proof| self.slot.accepted(proof));
        let accepted = hello.accept(now, &mut self.epochs, expires_in, got, generator);
        let Ok((keys, record)) = accepted else {
            self.shut(chan, CloseCode::Busy);
            return;
        };
        if let Some(older) = self.pendings.make_room() {
            self.shut(older.chan, CloseCode::Busy);
        }
        self.pendings
            .add(Pending::new(now, chan, proof, caps, keys));
        self.orders.send(chan, record);
    }

    /// Asks the viewer in control, if there is one, and if it wasn't asked enough.
    fn ask_to_hand_over(&mut self, now: Timestamp, chan: u16) {
        if !self.is_controlled() || self.is_live(chan) {
            return;
        }
        let asks = self
            .slot
            .takeover_mut()
            .is_some_and(|takeover| takeover.ask(now, chan));
        if asks && let Ok(json) = serde_json::to_vec(&Question::new(chan)) {
            self.seal_control(now, &json);
        }
    }

    fn is_live(&self, chan: u16) -> bool {
        self.slot.live().is_some_and(|live| live.chan == chan)
    }
}
