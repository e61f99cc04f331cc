//! What a viewer has to do: which input waits, what is told next, and what is counted.

use std::collections::VecDeque;

use authloop_core::{
    time::Timestamp,
    viewer::v1::{Counters, Ended, Event, Frame},
    wire::v1::FrameMeta,
};

/// What may wait: input events, bytes of them, events for the application.
pub(super) const MOST_INPUTS: usize = 1_000;
pub(super) const MOST_BYTES: usize = 256 * 1_024;
pub(super) const MOST_EVENTS: usize = 64;

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Link {
    Offline,
    Waiting,
    /// Input flows from this time on.
    Keyed(Timestamp),
}

/// The reference.
pub(super) struct Model {
    pub(super) link: Link,
    pub(super) owes_key: bool,
    pub(super) announced: Option<FrameMeta>,
    pub(super) frame: Option<Frame>,
    pub(super) events: VecDeque<Event>,
    pub(super) inputs: VecDeque<Vec<u8>>,
    pub(super) ending: Option<Ended>,
    pub(super) over: bool,
    pub(super) counters: Counters,
}

impl Model {
    pub(super) fn new() -> Self {
        Self {
            link: Link::Offline,
            owes_key: false,
            announced: None,
            frame: None,
            events: VecDeque::new(),
            inputs: VecDeque::new(),
            ending: None,
            over: false,
            counters: Counters::default(),
        }
    }

    pub(super) const fn is_running(&self) -> bool {
        self.ending.is_none() && !self.over
    }

    pub(super) fn counts(&mut self, counter: impl Fn(&mut Counters) -> &mut u64) {
        if self.is_running() {
            *counter(&mut self.counters) += 1;
        }
    }

    pub(super) fn tell(&mut self, event: Event) {
        if !self.is_running() {
        } else if self.events.len() < MOST_EVENTS {
            self.events.push_back(event);
        } else {
            self.counters.lost_events += 1;
        }
    }

    pub(super) fn relink(&mut self, link: Link) {
        self.link = link;
        self.owes_key = false;
        self.announced = None;
    }

    pub(super) fn end(&mut self, how: Ended) {
        if self.is_running() {
            self.relink(Link::Offline);
            self.inputs.clear();
            self.ending = Some(how);
        }
    }

    /// What is told next: what happened, then the newest frame, then the end.
    pub(super) fn next_event(&mut self) -> Option<Event> {
        let event = self.events.pop_front();
        event
            .or_else(|| self.frame.take().map(Event::Frame))
            .or_else(|| {
                let how = self.ending.take()?;
                self.over = true;
                Some(Event::Ended(how))
            })
    }

    pub(super) fn waiting_bytes(&self) -> usize {
        self.inputs.iter().map(Vec::len).sum()
    }
}
