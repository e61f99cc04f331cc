//! What goes out: records, sealed as they leave, and events for the application.

use alloc::vec::Vec;

use super::{
    Acks, Event, Frozen, MAX_WAITING_EVENTS, Timer, Viewer, count, outbox::Draft, say::Saying,
};
use crate::crypto::v2::SealError;

impl Viewer {
    /// Returns what goes out next.
    pub(super) fn next_record(&mut self) -> Option<Vec<u8>> {
        if let Some(record) = self.outbox.next_sealed() {
            return Some(record);
        }
        loop {
            let draft = self.next_draft()?;
            let is_input = matches!(draft, Draft::Input(_));
            let epoch = self.epochs.sending_mut()?;
            let sealed = match (draft, epoch.screen.ack()) {
                (Draft::Control(json), _) => epoch.keys.seal_control(self.now, &json),
                (Draft::Input(json), _) => epoch.keys.seal_input(self.now, &json),
                (Draft::Ack, Some(ack)) => epoch.keys.seal_ack(self.now, ack),
                (Draft::Ack, None) => continue,
            };
            match sealed {
                Ok(record) => {
                    epoch.ledger.sent(self.now, is_input);
                    return Some(record);
                }
                Err(SealError::Exhausted) => {
                    self.not_sent(is_input.into());
                    self.renew_keys();
                    return None;
                }
                Err(SealError::Malformed(_) | SealError::Over) => self.not_sent(is_input.into()),
            }
        }
    }

    fn next_draft(&mut self) -> Option<Draft> {
        let Some(clock) = self.outbox.next_heartbeat() else {
            return self.outbox.next_draft();
        };
        let saying = Saying::Heartbeat {
            last_frame: self.epochs.sending()?.screen.shown(),
            hidden: self.hidden,
            clock,
        };
        Some(Draft::Control(saying.to_json()))
    }

    /// Returns the next event. A frozen picture is told before any picture is handed out.
    pub(super) fn next_event(&mut self) -> Option<Event> {
        if let Some(event) = self.events.pop_front() {
            return Some(event);
        }
        let frozen = self.frozen();
        if self.frozen_told != frozen {
            self.frozen_told = frozen;
            return Some(frozen.map_or(Event::Thawed, Event::Frozen));
        }
        if frozen == Some(Frozen::Asleep) {
            return None;
        }
        let frame = self.frame.take()?;
        if self.acks == Acks::WhenTaken {
            self.drawn(frame.id);
        }
        Some(Event::Frame(frame))
    }

    pub(super) fn tell(&mut self, event: Event) {
        if self.events.len() < MAX_WAITING_EVENTS {
            self.events.push_back(event);
        } else {
            count(&mut self.counters.lost_events);
        }
    }

    pub(super) fn not_sent(&mut self, inputs: u64) {
        if inputs > 0 {
            self.counters.not_sent = self.counters.not_sent.saturating_add(inputs);
            self.tell(Event::NotSent(inputs));
        }
    }

    pub(super) fn drop_prompt(&mut self) {
        self.timers.clear(Timer::Prompt);
        if let Some(id) = self.prompt.take() {
            self.tell(Event::TakeoverOver(id));
        }
    }
}
