//! Time, and what the room does in it, each thing held against the reference.

use authloop_core::{
    relay::{Input, Output},
    time::Timestamp,
};

use super::World;
use crate::scenario::{
    invariants::{never_spins, time_may_go_back},
    machine::Machine as _,
};

impl World {
    /// Tells the time that the next input comes with.
    pub(super) fn advance(&mut self) -> Timestamp {
        let now = Timestamp::from_millis(self.clock);
        self.model.advance(now);
        now
    }

    pub(super) fn tick(&mut self) {
        let now = self.advance();
        self.room.tell(|room| room.tick(now));
    }

    pub(super) fn pass(&mut self, millis: u64) {
        let end = self.clock + millis;
        while !self.held
            && let Some(at) = self.deadline.filter(|at| at.as_millis() <= end)
        {
            self.clock = self.clock.max(at.as_millis());
            self.tick();
            self.drain();
            never_spins(self.model.now, self.deadline);
        }
        self.clock = end;
        self.tick();
        self.drain();
    }

    pub(super) fn go_back(&mut self, millis: u64) {
        self.tick();
        self.drain();
        self.clock = self.clock.saturating_sub(millis);
        if !self.held {
            self.tick();
            time_may_go_back(self.deadline, &self.room.drain());
        }
    }

    // What the room does.

    pub(super) fn drain(&mut self) {
        while !self.held {
            let drained = self.room.drain();
            self.deadline = drained.deadline;
            let did = !drained.said.is_empty();
            for output in drained.said {
                match output {
                    Output::Send(id, item) => self.model.sends(id, &item),
                    Output::Close(id, close) => {
                        self.model.closes(id, close);
                        let is_open = self.sockets.iter().any(|socket| socket.id == id);
                        let told_late = self.gone_first.contains(&id);
                        assert!(is_open || told_late, "closed twice, or after it left");
                        self.sockets.retain(|socket| socket.id != id);
                        self.gone_first.retain(|gone| *gone != id);
                    }
                    Output::Forget => self.model.forgets(),
                    Output::Idle(_) => {}
                }
            }
            assert!(self.model.is_idle(), "something waits that could go on");
            assert_eq!(self.deadline, self.model.deadline());
            if !did {
                break;
            }
            self.write();
        }
    }

    /// Whoever isn't stuck has written what it was sent.
    fn write(&mut self) {
        let now = Timestamp::from_millis(self.clock);
        for socket in self.sockets.iter().filter(|socket| !socket.stuck) {
            let id = socket.id;
            if self.model.seats().any(|seat| seat.id == id && seat.writing) {
                self.model.advance(now);
                self.room.tell(|room| room.handle(now, Input::Written(id)));
                self.model.wrote(id);
            }
        }
    }
}
