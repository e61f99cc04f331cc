//! Time, and what the room does in it, each thing held against the reference.

use authloop_core::{
    relay::{Input, Output, Room},
    time::Timestamp,
};

use super::{Socket, World};
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
        self.tell(|room| room.tick(now));
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
            self.undrained = false;
        }
    }

    // What the room does.

    pub(super) fn drain(&mut self) {
        while self.undrained && !self.held {
            self.undrained = false;
            let drained = self.room.drain();
            self.deadline = drained.deadline;
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
            self.write();
        }
    }

    /// Whoever isn't stuck has written what it was sent.
    fn write(&mut self) {
        for place in 0..self.sockets.len() {
            let Socket { id, stuck, .. } = self.sockets[place];
            if !stuck && self.model.is_writing(id) {
                let now = self.advance();
                self.tell(|room| room.handle(now, Input::Written(id)));
                self.model.wrote(id);
            }
        }
    }

    /// Tells the room, which then has something to say.
    pub(super) fn tell<R>(&mut self, tell: impl Fn(&mut Room) -> R) -> R {
        self.undrained = true;
        self.room.tell(tell)
    }
}
