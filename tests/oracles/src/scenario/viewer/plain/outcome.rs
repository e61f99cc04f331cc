//! Time, and what the viewer does in it, each thing held against the reference.

use std::time::Duration;

use authloop_core::{
    agent::io::Message,
    viewer::v1::{Output, Pacing},
    wire::v1::ToAgent,
};

use super::{World, model::Link};
use crate::scenario::invariants::never_spins;

impl World {
    pub(super) fn pass(&mut self, millis: u64) {
        let end = self.clock + millis;
        while !self.held
            && let Some(at) = self.deadline.filter(|at| at.as_millis() <= end)
        {
            self.clock = self.clock.max(at.as_millis());
            self.tick();
            self.drain();
            never_spins(self.now, self.deadline);
        }
        self.clock = end;
        self.tick();
        self.drain();
    }

    pub(super) fn drain(&mut self) {
        if self.held {
            return;
        }
        let drained = self.viewer.drain();
        self.deadline = drained.deadline;
        for output in drained.said {
            match output {
                Output::Send(Message::Text(text)) => self.sent(&text),
                Output::Send(Message::Binary(_)) => unreachable!("a viewer says it in text"),
                Output::Event(event) => {
                    let expected = self.model.next_event().expect("nothing was to be told");
                    assert!(event == expected, "another event");
                }
                Output::Idle(_) => {}
            }
        }
        assert!(self.model.next_event().is_none(), "something wasn't told");
        let due = match self.model.link {
            Link::Keyed(from) if !self.model.inputs.is_empty() => Some(from),
            Link::Keyed(_) | Link::Waiting | Link::Offline => None,
        };
        assert!(due.is_none_or(|at| at > self.now), "something wasn't sent");
        assert_eq!(self.deadline, due);
    }

    /// Plays the agent, which has the keys.
    fn sent(&mut self, text: &str) {
        match ToAgent::parse(text) {
            Some(ToAgent::Pubkey { key }) => {
                assert!(core::mem::take(&mut self.model.owes_key), "nobody asked");
                self.agent.viewer_connected();
                assert!(self.agent.accept_key(&key).is_ok(), "its key never changes");
            }
            Some(ToAgent::Encrypted { payload }) => {
                assert!(!self.model.owes_key, "input before the key");
                let Link::Keyed(from) = self.model.link else {
                    unreachable!("input without keys");
                };
                assert!(from <= self.now, "input goes too fast");
                if self.pacing == Pacing::Gentle {
                    self.model.link = Link::Keyed(self.now + Duration::from_millis(10));
                }
                let opened = self
                    .agent
                    .open(&payload)
                    .expect("sealed once, for this agent");
                let expected = self.model.inputs.pop_front();
                assert_eq!(Some(opened.into_inner()), expected, "once and in order");
            }
            Some(_) | None => unreachable!("a viewer says nothing else"),
        }
    }
}
