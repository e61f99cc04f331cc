//! Whether what is on screen may be shown as live (§6).
//!
//! ```text
//! live ──overdue (alive.rs), or a sleep──▶ Asking ──echo within 6 s──▶ Waking ──no newer picture──▶ live
//!                                           │  ▲ another ping after 6 s   │    is on its way
//!                                           └──┴──────────────────────────┘
//! ```
//!
//! What makes a picture doubtful may end by something that is late itself, because a relay kept it. So
//! only a round trip that was quick enough ends a doubt, whatever began it.

use super::{Frozen, NAP, PULSE, Timer, Viewer, alive::PATIENCE, say::Saying};
use crate::time::Timestamp;

/// A time in which the picture is shown as out of date.
#[derive(Clone, Copy)]
pub(super) struct Doubt {
    why: Frozen,
    stage: Stage,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// The agent is to echo the ping of this number.
    Asking(u32),
    /// It did, in time. What is on screen can still be of before.
    Waking,
}

impl Viewer {
    /// Blanks the picture after a time in which nobody was awake.
    pub(super) fn fall_asleep(&mut self) {
        self.doubt(Frozen::Asleep);
    }

    pub(super) fn notice_sleep(&mut self) {
        let pulse = self.timers.get(Timer::Pulse);
        if pulse.is_some_and(|at| self.now > at + NAP) {
            self.fall_asleep();
        }
    }

    pub(super) fn set_pulse(&mut self) {
        if self.is_running() && self.epochs.used().is_some() && !self.hidden {
            self.timers.set(Timer::Pulse, self.now + PULSE);
        } else {
            self.timers.clear(Timer::Pulse);
        }
    }

    /// Tells why the picture is out of date, if it is.
    pub(super) fn frozen(&self) -> Option<Frozen> {
        self.doubt.map(|doubt| doubt.why)
    }

    /// Finds out whether the picture is still of now.
    pub(super) fn judge(&mut self) {
        if self.hidden || !self.is_running() {
            return;
        }
        let overdue = self.alive.judge(self.now, self.unheard_since());
        match (&mut self.doubt, overdue) {
            (None, Some(why)) => self.doubt(why),
            (Some(doubt), Some(why)) if doubt.why != Frozen::Asleep => doubt.why = why,
            (Some(_), _) | (None, None) => {}
        }
    }

    fn doubt(&mut self, why: Frozen) {
        self.pings = self.pings.wrapping_add(1);
        self.doubt = Some(Doubt {
            why,
            stage: Stage::Asking(self.pings),
        });
        self.ping();
    }

    /// Asks the agent, if there are keys; what it doesn't echo in time doesn't count.
    fn ping(&mut self) {
        let Some(Doubt {
            stage: Stage::Asking(n),
            ..
        }) = self.doubt
        else {
            return;
        };
        if self.epochs.sending().is_some() {
            self.outbox.say(&Saying::Ping { n });
            self.timers.set(Timer::Ping, self.now + PATIENCE);
        }
    }

    /// No echo came in time, or nothing after it; or there are new keys.
    pub(super) fn ping_again(&mut self) {
        if let Some(doubt) = self.doubt
            && !self.hidden
        {
            self.doubt(doubt.why);
        }
    }

    /// Notes the agent's echo.
    pub(super) fn echoed(&mut self, n: u32) {
        if let Some(doubt) = &mut self.doubt
            && doubt.stage == Stage::Asking(n)
        {
            doubt.stage = Stage::Waking;
        }
    }

    /// Notes that the agent was heard after all it was asked: the picture is of now, unless a newer
    /// one is on its way.
    pub(super) fn wake(&mut self) {
        let echoed = self.doubt.is_some_and(|doubt| doubt.stage == Stage::Waking);
        if echoed && !self.hidden && !self.alive.misses_pictures() {
            self.doubt = None;
            self.timers.clear(Timer::Ping);
            self.alive.restart(self.now);
        }
    }

    fn unheard_since(&self) -> Option<Timestamp> {
        self.epochs.used()?.ledger.unheard_since()
    }

    pub(super) fn deadline(&self) -> Option<Timestamp> {
        let freeze = if self.hidden || self.doubt.is_some() {
            None
        } else {
            self.alive.deadline(self.now, self.unheard_since())
        };
        self.timers.next().into_iter().chain(freeze).min()
    }
}
