//! Time, and what the viewer does in it, each thing held against the truth.

use authloop_core::viewer::v2::{Input, Output};

use super::{FromViewer, MOST_TICKS, Socket, TYPED, World};
use crate::scenario::invariants::{
    never_spins, no_plaintext_leaves, the_end_is_the_end, time_may_go_back,
};

impl World {
    /// Wakes the viewer whenever it wants to be, so often at most; then it oversleeps the rest.
    pub(super) fn pass(&mut self, millis: u64) {
        let end = self.clock + millis;
        for _ in 0..MOST_TICKS {
            let due = self.deadline.filter(|at| at.as_millis() <= end);
            let Some(at) = due else {
                break;
            };
            self.clock = self.clock.max(at.as_millis());
            self.tick();
            never_spins(self.latest(), self.deadline);
        }
        self.clock = end;
        self.tick();
    }

    fn tick(&mut self) {
        self.handle(|| Input::Tick);
        self.drain();
    }

    pub(super) fn go_back(&mut self, millis: u64) {
        self.tick();
        self.clock = self.clock.saturating_sub(millis);
        self.handle(|| Input::Tick);
        time_may_go_back(self.deadline, &self.viewer.drain());
    }

    // What the viewer does.

    pub(super) fn drain(&mut self) {
        let drained = self.viewer.drain();
        if self.truth.ended.is_some() {
            the_end_is_the_end(&drained);
        }
        self.deadline = drained.deadline;
        for output in drained.said {
            match output {
                Output::Connect(connect) => {
                    assert_eq!(self.socket, Socket::Offline, "one socket at a time");
                    assert_eq!(connect.url, "wss://relay.test/stream/sess_1");
                    self.socket = Socket::Dialling;
                }
                Output::Send(record) => self.sends(record),
                Output::Close(code) => {
                    self.closed = Some(code);
                    self.agent_reads();
                    self.hang_up();
                }
                Output::Event(event) => self.truth.told(self.now, &event, self.says_drawn),
                Output::Idle(_) => {}
            }
        }
        self.agent_reads();
    }

    fn sends(&mut self, record: Vec<u8>) {
        no_plaintext_leaves(&record, &[TYPED.as_bytes(), self.pin.as_bytes()]);
        assert!(self.socket == Socket::Open, "it says something to nobody");
        let epoch = u32::from_be_bytes([record[4], record[5], record[6], record[7]]);
        let counter = u64::from_be_bytes(record[8..16].try_into().expect("8 bytes"));
        let mut wish = 0;
        if record[1] == 0x01 {
            wish = self.truth.asked(counter);
            let ephemeral = record[16..81].to_vec();
            assert!(
                self.truth.ephemerals.insert(ephemeral),
                "a key is used once"
            );
        } else {
            self.truth.nonces.never_repeat(epoch, counter);
            self.inputs += u64::from(record[1] == 0x11);
        }
        let sent = self.now;
        self.to_agent.push_back(FromViewer { record, sent, wish });
    }
}
