//! The one place from which the session is controlled, who holds it, and who held it without ever
//! giving it up.
//!
//! ```text
//!         READY                    silence, another's READY: displaced, its proof still counts
//! free ───────────▶ held, live ──────────────────────────────────────────▶ another's
//!  ▲ left             │  ▲                hand-over, older proof: wiped
//!  └──────────────────┤  │ READY with proof
//!                     ▼  │
//!                held, absent (channel closed, damaged, keys used up, relay lost)
//! ```
//!
//! INVARIANT: at most one viewer is live, and it holds the slot.

use alloc::{boxed::Box, vec::Vec};
use core::time::Duration;

use super::{
    order::News,
    reign::{Proof, Reign},
    takeover::Takeover,
};
use crate::{
    crypto::v2::{AgentEpoch, ReceivedHello},
    time::Timestamp,
    wire::v2::Caps,
};

/// How long the one who holds the slot may be silent before anybody else may take it.
const SILENCE: Duration = Duration::from_secs(120);

/// How many displaced viewers' secrets are kept: a session lasts a day at most, and each of them took
/// 120 s of silence. Beyond that the newest is forgotten, so that nobody can push out the first.
pub(super) const MAX_DISPLACED: usize = 720;

/// Why a viewer may have control, when its READY comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Right {
    /// It had control before.
    Proof(Proof),
    /// The one who has control hands over to it.
    HandOver,
    /// Nobody holds the slot, or nobody was heard of for too long.
    Free,
}

/// The slot.
#[derive(Default)]
pub(super) struct Slot {
    holder: Option<Box<Controller>>,
    /// The oldest first.
    displaced: Vec<Reign>,
}

/// The viewer that holds the slot.
struct Controller {
    reign: Reign,
    heard: Timestamp,
    live: Option<Live>,
    takeover: Takeover,
}

/// Keys in use, and the channel they belong to.
pub(super) struct Live {
    pub(super) chan: u16,
    pub(super) caps: Caps,
    pub(super) epoch: AgentEpoch,
}

/// What became of the slot when somebody took it.
pub(super) struct Taken {
    /// The keys that were in use until then.
    pub(super) old: Option<Live>,
    pub(super) news: News,
}

impl Slot {
    /// Tells whether a viewer without proof and without consent may have it.
    pub(super) fn is_free(&self, now: Timestamp) -> bool {
        self.holder
            .as_ref()
            .is_none_or(|holder| now.since(holder.heard) >= SILENCE)
    }

    /// Checks a viewer's proof against every secret that counts, with the same work for each.
    pub(super) fn prove(&self, hello: &ReceivedHello) -> Option<Proof> {
        self.reigns()
            .fold(None, |found, reign| reign.prove(hello).or(found))
    }

    /// Tells whether a proof's secret still counts.
    pub(super) fn holds(&self, proof: Proof) -> bool {
        self.reigns().any(|reign| reign.holds(proof))
    }

    /// Returns how many records were accepted in the last epoch of the viewer with this proof, and
    /// that epoch's number.
    pub(super) fn accepted(&self, proof: Proof) -> Option<(u64, u32)> {
        let reign = self.reigns().find(|reign| reign.holds(proof));
        reign.map(Reign::accepted)
    }

    /// Returns the keys in use.
    pub(super) fn live(&self) -> Option<&Live> {
        self.holder.as_ref()?.live.as_ref()
    }

    /// Lends the keys in use.
    pub(super) fn live_mut(&mut self) -> Option<&mut Live> {
        self.holder.as_mut()?.live.as_mut()
    }

    /// Lends what the holder was asked about handing over.
    pub(super) fn takeover(&self) -> Option<&Takeover> {
        self.holder.as_ref().map(|holder| &holder.takeover)
    }

    /// Lends what the holder was asked about handing over.
    pub(super) fn takeover_mut(&mut self) -> Option<&mut Takeover> {
        self.holder.as_mut().map(|holder| &mut holder.takeover)
    }

    /// Notes that the holder's record verified.
    pub(super) fn hear(&mut self, now: Timestamp) {
        if let Some(holder) = &mut self.holder {
            holder.heard = now;
            if let Some(live) = &holder.live {
                holder.reign.note(live.epoch.got());
            }
        }
    }

    /// Gives the slot to a viewer whose READY verified.
    pub(super) fn take(&mut self, now: Timestamp, right: Right, live: Live) -> Taken {
        let held = self.holder.take();
        let was_held = held.is_some();
        let (old, former, takeover) = match held.map(|held| *held) {
            Some(held) => (held.live, Some(held.reign), Some(held.takeover)),
            None => (None, None, None),
        };
        let begun = Reign::begin(&live.epoch);
        let (reign, takeover, news) = match (right, former) {
            (Right::Proof(proof), Some(former)) if former.holds(proof) => {
                (former.go_on(proof, &live.epoch), takeover, News::Resumed)
            }
            (Right::Proof(proof), _) => {
                let reign = self.restore(proof);
                let reign = reign.map_or(begun, |reign| reign.go_on(proof, &live.epoch));
                (reign, None, News::Replaced)
            }
            (Right::HandOver, _) => (begun, None, News::Replaced),
            (Right::Free, former) => {
                let room = MAX_DISPLACED.saturating_sub(self.displaced.len());
                self.displaced.extend(former.into_iter().take(room));
                (begun, None, News::Replaced)
            }
        };
        self.holder = Some(Box::new(Controller {
            reign,
            heard: now,
            live: Some(live),
            takeover: takeover.unwrap_or_default(),
        }));
        let news = if was_held { news } else { News::Joined };
        Taken { old, news }
    }

    /// Ends the keys in use. The holder keeps the slot and its secrets.
    pub(super) fn lose(&mut self) -> Option<Live> {
        self.holder.as_mut()?.live.take()
    }

    /// The holder gave the slot up: its secrets are wiped.
    pub(super) fn leave(&mut self) -> Option<Live> {
        self.holder.take()?.live
    }

    #[cfg(test)]
    pub(super) const fn displaced(&self) -> usize {
        self.displaced.len()
    }

    /// Takes a displaced viewer's reign back. Everyone's who came after is wiped.
    fn restore(&mut self, proof: Proof) -> Option<Reign> {
        let place = self.displaced.iter().position(|reign| reign.holds(proof))?;
        self.displaced.truncate(place + 1);
        self.displaced.pop()
    }

    fn reigns(&self) -> impl Iterator<Item = &Reign> {
        let held = self.holder.iter().map(|holder| &holder.reign);
        self.displaced.iter().chain(held)
    }
}
