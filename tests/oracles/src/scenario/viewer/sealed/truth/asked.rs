//! What the viewer sends: wishes, pings, answers, and what the human did, in order and at most once.

use authloop_core::{
    input::{InputEvent, Stamped},
    time::Timestamp,
    viewer::v2::FrameId,
};

use super::Truth;

impl Truth {
    /// The viewer asks for control. Returns the number of its wish.
    pub(in crate::scenario::viewer::sealed) fn asked(&mut self, attempt: u64) -> u64 {
        // One that was never drained gave way to the next.
        assert!(attempt >= self.attempts, "attempts are counted");
        self.attempts = attempt + 1;
        self.wishes += 1;
        self.awaited = Some(self.wishes);
        self.wishes
    }

    pub(in crate::scenario::viewer::sealed) fn pinged(&mut self, n: u32, now: u64) {
        self.pings.push((n, now));
    }

    /// New keys: what was asked before doesn't count.
    pub(super) fn renew_pings(&mut self) {
        self.echoed_in_time = false;
    }

    pub(in crate::scenario::viewer::sealed) fn requested(&mut self, event: InputEvent) {
        self.requested.push_back(event);
    }

    pub(in crate::scenario::viewer::sealed) fn drew(&mut self, id: FrameId) {
        self.drawn.insert((id.epoch, id.counter));
    }

    /// Tells whether this picture came.
    pub(in crate::scenario::viewer::sealed) fn came(&self, id: FrameId) -> bool {
        self.pictures.contains(&(id.epoch, id.counter))
    }

    /// An input event arrived at the agent, in this epoch.
    pub(in crate::scenario::viewer::sealed) fn arrived(
        &mut self,
        now: Timestamp,
        epoch: u32,
        json: &[u8],
    ) {
        let Stamped { event, seen, at } = Stamped::parse(json).expect("its own viewer's");
        if let Some(seen) = seen {
            assert!(
                self.drawn.contains(&(epoch, seen)),
                "it was never on screen"
            );
        }
        assert!(
            at.is_none_or(|at| u64::from(at) <= now.as_millis()),
            "ahead of the agent's clock"
        );
        if matches!(event, InputEvent::Resolved | InputEvent::Cancelled) {
            assert!(
                self.finishing.as_ref() == Some(&event),
                "not what was said first"
            );
            assert!(self.finished_in.insert(epoch), "said twice");
            return;
        }
        while let Some(requested) = self.requested.pop_front() {
            if requested == event {
                return;
            }
        }
        unreachable!("input twice, out of order, or that nobody asked for");
    }

    pub(in crate::scenario::viewer::sealed) fn answered_takeover(&mut self, id: u16) {
        let open = self.questions.get_mut(&id).filter(|open| **open > 0);
        *open.expect("a question is answered once") -= 1;
    }

    pub(in crate::scenario::viewer::sealed) fn acknowledged(
        &self,
        epoch: u32,
        frame: u64,
        waiting: u16,
    ) {
        assert!(self.pictures.contains(&(epoch, frame)), "it never came");
        assert!(waiting <= 64, "more than it holds");
    }
}
