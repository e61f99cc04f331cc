//! Whether the picture may be shown as live (§6).
//!
//! ```text
//! 6 s without a heartbeat ─────────────────────▶ Silent
//! a record of ours unheard of for 6 s ─────────▶ Unheard
//! a picture announced, but not here for 6 s ───▶ Picture
//! ```
//!
//! It must never call a picture live because of something the relay alone could have said.

use alloc::collections::VecDeque;
use core::time::Duration;

use super::{io::Frozen, say::Heartbeat};
use crate::time::Timestamp;

/// How long anything may be overdue.
pub(super) const PATIENCE: Duration = Duration::from_secs(6);

/// How many announced pictures are remembered, the oldest first: those decide.
const MAX_CLAIMS: usize = 8;

/// What tells whether the agent is there, now.
#[derive(Default)]
pub(super) struct Alive {
    /// When the agent was last heard of. Absent until there was a first epoch.
    heard: Option<Timestamp>,
    /// The agent's clock when its newest heartbeat came.
    clock: Option<(u32, Timestamp)>,
    /// Pictures that a heartbeat named before they came, and since when.
    claims: VecDeque<(u64, Timestamp)>,
    /// Nothing is overdue from before this.
    since: Timestamp,
}

impl Alive {
    /// Notes that there are new keys: from now on the agent has to be heard of.
    pub(super) fn begin(&mut self, now: Timestamp) {
        self.heard = self.heard.or(Some(now));
    }

    /// Notes that the newest epoch is in use: pictures are counted anew.
    pub(super) fn renew(&mut self) {
        self.claims.clear();
    }

    /// Notes the agent's heartbeat; `newest` is the newest picture that came.
    pub(super) fn heartbeat(&mut self, now: Timestamp, heartbeat: Heartbeat, newest: Option<u64>) {
        self.heard = Some(now);
        self.clock = Some((heartbeat.clock, now));
        let claimed = heartbeat.last_frame.filter(|frame| Some(*frame) > newest);
        if let Some(frame) = claimed
            && self.claims.len() < MAX_CLAIMS
        {
            self.claims.push_back((frame, now));
        }
    }

    /// Notes a picture that came.
    pub(super) fn picture(&mut self, newest: u64) {
        self.claims.retain(|(frame, _)| *frame > newest);
    }

    /// Tells whether a picture is announced that didn't come.
    pub(super) fn misses_pictures(&self) -> bool {
        !self.claims.is_empty()
    }

    /// Notes that the agent just answered: what was overdue is settled.
    pub(super) fn restart(&mut self, now: Timestamp) {
        self.heard = self.heard.map(|_| now);
        self.since = now;
    }

    /// Returns the agent's clock, as it must be by now.
    pub(super) fn agents_clock(&self, now: Timestamp) -> Option<u32> {
        let (clock, then) = self.clock?;
        let passed = now.since(then).as_millis() % (1 << 32);
        Some(clock.wrapping_add(u32::try_from(passed).unwrap_or_default()))
    }

    /// Returns the agent's clock as it was told last.
    pub(super) fn newest_clock(&self) -> Option<u32> {
        self.clock.map(|(clock, _)| clock)
    }

    /// Tells why the picture is out of date, if it is. `unheard` is when the oldest record was sent
    /// that the agent hasn't confirmed.
    pub(super) fn judge(&self, now: Timestamp, unheard: Option<Timestamp>) -> Option<Frozen> {
        let due = self.due(unheard);
        due.into_iter()
            .find_map(|(why, at)| at.filter(|at| *at <= now).map(|_| why))
    }

    /// Returns when [`judge`](Self::judge) will say something else by time alone.
    pub(super) fn deadline(&self, now: Timestamp, unheard: Option<Timestamp>) -> Option<Timestamp> {
        let due = self.due(unheard);
        due.into_iter()
            .filter_map(|(_, at)| at.filter(|at| *at > now))
            .min()
    }

    fn due(&self, unheard: Option<Timestamp>) -> [(Frozen, Option<Timestamp>); 3] {
        let overdue = |at: Timestamp| at.max(self.since) + PATIENCE;
        let claim = self.claims.front().map(|(_, at)| *at);
        [
            (Frozen::Silent, self.heard.map(overdue)),
            (Frozen::Unheard, unheard.map(overdue)),
            (Frozen::Picture, claim.map(overdue)),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: u64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    fn heartbeat(last_frame: Option<u64>) -> Heartbeat {
        Heartbeat {
            last_frame,
            got: 0,
            clock: u32::MAX - 999,
        }
    }

    fn alive() -> Alive {
        let mut alive = Alive::default();
        alive.begin(at(1_000));
        alive
    }

    #[test]
    fn before_the_first_keys_nothing_is_overdue() {
        assert_eq!(Alive::default().judge(at(99_999), None), None);
        assert_eq!(Alive::default().deadline(at(0), None), None);
    }

    #[test]
    fn six_seconds_without_a_heartbeat_freeze() {
        let mut alive = alive();
        assert_eq!(alive.deadline(at(1_000), None), Some(at(7_000)));
        assert_eq!(alive.judge(at(6_999), None), None);
        assert_eq!(alive.judge(at(7_000), None), Some(Frozen::Silent));
        assert_eq!(alive.deadline(at(7_000), None), None, "no spinning");
        alive.heartbeat(at(9_000), heartbeat(None), None);
        assert_eq!(alive.judge(at(9_000), None), None);
    }

    #[test]
    fn a_picture_that_stays_away_freezes_until_one_as_new_comes() {
        let mut alive = alive();
        alive.heartbeat(at(2_000), heartbeat(Some(5)), Some(3));
        for second in 3..9 {
            alive.heartbeat(at(second * 1_000), heartbeat(Some(6)), Some(4));
        }
        assert_eq!(alive.judge(at(7_999), None), None);
        assert_eq!(alive.judge(at(8_000), None), Some(Frozen::Picture));
        alive.picture(4);
        assert_eq!(alive.judge(at(8_000), None), Some(Frozen::Picture));
        alive.picture(5);
        assert_eq!(alive.judge(at(8_000), None), None);
        assert_eq!(alive.deadline(at(8_000), None), Some(at(9_000)), "for 6");
    }

    #[test]
    fn pictures_that_are_awaited_are_bounded_and_forgotten_with_their_epoch() {
        let mut alive = alive();
        for frame in 1..100 {
            alive.heartbeat(at(2_000), heartbeat(Some(frame)), None);
        }
        assert_eq!(alive.claims.len(), MAX_CLAIMS);
        alive.renew();
        assert!(!alive.misses_pictures());
    }

    #[test]
    fn a_record_that_is_unheard_of_freezes() {
        let mut alive = alive();
        alive.heartbeat(at(5_000), heartbeat(None), None);
        assert_eq!(alive.judge(at(7_999), Some(at(2_000))), None);
        assert_eq!(
            alive.judge(at(8_000), Some(at(2_000))),
            Some(Frozen::Unheard)
        );
    }

    #[test]
    fn the_agents_clock_runs_on_and_over() {
        let mut alive = alive();
        assert_eq!(alive.agents_clock(at(5_000)), None);
        alive.heartbeat(at(5_000), heartbeat(None), None);
        assert_eq!(alive.agents_clock(at(5_999)), Some(u32::MAX));
        assert_eq!(alive.agents_clock(at(6_001)), Some(1));
        assert_eq!(alive.newest_clock(), Some(u32::MAX - 999));
    }
}
