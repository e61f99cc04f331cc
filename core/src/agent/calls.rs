//! CDP calls that wait for an answer. Each ends exactly once: answered, or given up.

use alloc::collections::BTreeMap;
use core::time::Duration;

use crate::time::Timestamp;

/// How long a call may take. An open dialog or a busy page keeps some waiting for ever.
pub(super) const CALL_TIMEOUT: Duration = Duration::from_secs(5);

/// The calls under way, by id.
///
/// INVARIANT: ids only grow and all calls may take equally long, so the first entry is the first
/// to time out.
pub(super) struct Calls<P> {
    last_id: u32,
    pending: BTreeMap<u32, (P, Timestamp)>,
    /// Those whose answer may take for ever. As many as their maker allows itself.
    held: BTreeMap<u32, P>,
}

impl<P: Copy> Calls<P> {
    pub(super) fn new() -> Self {
        Self {
            last_id: 0,
            pending: BTreeMap::new(),
            held: BTreeMap::new(),
        }
    }

    /// Makes an id for a call whose answer nobody waits for.
    pub(super) fn untracked(&mut self) -> u32 {
        self.last_id = self.last_id.saturating_add(1);
        self.last_id
    }

    /// Makes an id for a call, and remembers what it is for.
    pub(super) fn track(&mut self, purpose: P, now: Timestamp) -> u32 {
        let id = self.untracked();
        self.pending.insert(id, (purpose, now + CALL_TIMEOUT));
        id
    }

    /// Makes an id for a call that is answered when there is something to tell, however late.
    pub(super) fn hold(&mut self, purpose: P) -> u32 {
        let id = self.untracked();
        self.held.insert(id, purpose);
        id
    }

    /// Forgets calls: their answers are nobody's.
    pub(super) fn forget(&mut self, is: impl Fn(&P) -> bool) {
        self.pending.retain(|_, (purpose, _)| !is(purpose));
        self.held.retain(|_, purpose| !is(purpose));
    }

    /// Takes what an answered call was for.
    pub(super) fn answered(&mut self, id: u32) -> Option<P> {
        let pending = self.pending.remove(&id).map(|(purpose, _)| purpose);
        pending.or_else(|| self.held.remove(&id))
    }

    /// Takes a call whose time is up.
    pub(super) fn expired(&mut self, now: Timestamp) -> Option<P> {
        let entry = self.pending.first_entry()?;
        (entry.get().1 <= now).then(|| entry.remove().0)
    }

    /// Returns when the next call times out.
    pub(super) fn deadline(&self) -> Option<Timestamp> {
        self.pending
            .first_key_value()
            .map(|(_, &(_, deadline))| deadline)
    }

    /// Counts the calls under way for a purpose.
    pub(super) fn count(&self, is: impl Fn(&P) -> bool) -> usize {
        self.pending
            .values()
            .filter(|(purpose, _)| is(purpose))
            .count()
    }
}
