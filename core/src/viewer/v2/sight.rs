//! Whether what is on screen may be shown as live: sleeps, and all that is overdue (§6).

use super::{Frozen, NAP, PULSE, Sleep, Timer, Viewer, say::Saying};
use crate::time::Timestamp;

impl Viewer {
    /// Blanks the picture after a time in which nobody was awake, until the agent answers.
    pub(super) fn fall_asleep(&mut self) {
        self.pings = self.pings.wrapping_add(1);
        self.sleep = Some(Sleep::Asking(self.pings));
        self.ping();
    }

    pub(super) fn ping(&mut self) {
        if let Some(Sleep::Asking(n)) = self.sleep
            && self.epochs.sending().is_some()
        {
            self.outbox.say(&Saying::Ping { n });
        }
    }

    /// Notes the agent's echo.
    pub(super) fn echoed(&mut self, n: u32) {
        if self.sleep == Some(Sleep::Asking(n)) {
            self.sleep = Some(Sleep::Waking);
        }
    }

    /// Notes that what is on screen, or about to be, is of now.
    pub(super) fn wake(&mut self) {
        if self.sleep == Some(Sleep::Waking) {
            self.sleep = None;
            self.alive.restart(self.now);
        }
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

    /// Finds out whether the picture is still of now.
    pub(super) fn judge(&mut self) {
        let unheard = self.unheard_since();
        self.frozen = match self.sleep {
            Some(_) => Some(Frozen::Asleep),
            None if self.hidden => self.frozen,
            None => self.alive.judge(self.now, unheard),
        };
    }

    fn unheard_since(&self) -> Option<Timestamp> {
        let used = self.epochs.used()?;
        used.ledger.unheard_since()
    }

    pub(super) fn deadline(&self) -> Option<Timestamp> {
        let unheard = self.unheard_since();
        let freeze = match self.sleep {
            None if !self.hidden => self.alive.deadline(self.now, unheard),
            None | Some(_) => None,
        };
        self.timers.next().into_iter().chain(freeze).min()
    }
}
