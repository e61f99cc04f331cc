//! What the application is told: what the agent sealed, in order, each once, and nothing after the end.

use authloop_core::viewer::v2::{Ended, Event, FrameId, Frozen};

use super::{Due, Truth};

impl Truth {
    /// The application is told something.
    pub(in crate::scenario::viewer::sealed) fn told(
        &mut self,
        now: u64,
        event: &Event,
        says_drawn: bool,
    ) {
        assert!(self.ended.is_none(), "nothing follows the end");
        match event {
            Event::Frame(frame) => {
                let picture = (frame.id, frame.meta, frame.jpeg.clone());
                let newest = self.picture.take();
                assert!(newest == Some(picture), "another picture than the newest");
                let order = |id: FrameId| (id.epoch, id.counter);
                assert!(
                    self.shown
                        .is_none_or(|shown| order(shown) < order(frame.id))
                );
                assert_ne!(
                    self.frozen,
                    Some(Frozen::Asleep),
                    "a picture before the echo"
                );
                self.shown = Some(frame.id);
                if !says_drawn {
                    self.drawn.insert(order(frame.id));
                }
            }
            Event::Frozen(why) => {
                if self.frozen.is_none() {
                    self.echoed_in_time = false;
                }
                self.frozen = Some(*why);
            }
            Event::Thawed => {
                assert!(self.frozen.take().is_some(), "it was live");
                assert!(self.echoed_in_time, "live without a quick round trip");
            }
            Event::Secured(secured) => {
                self.next_is(|due| matches!(due, Due::Secured(epoch) if *epoch == secured.epoch));
            }
            Event::Takeover(id) => {
                self.next_is(|due| matches!(due, Due::Takeover(asked) if asked == id));
            }
            Event::Dropped(kind, why) => {
                assert_eq!(kind, "click");
                self.next_is(|due| matches!(due, Due::Dropped(told) if told == why));
            }
            Event::Told(_, json) => {
                self.next_is(|due| matches!(due, Due::Other(told) if told == json));
            }
            Event::Lost(at) => assert!(at.as_millis() <= now + 8_000, "it dials soon enough"),
            Event::Ended(how) => self.ends(now, *how),
            Event::AgentJoined
            | Event::AgentLeft
            | Event::Busy(_)
            | Event::PinNeeded { .. }
            | Event::TakeoverOver(_)
            | Event::NotSent(_) => {}
            _ => unreachable!("an event this model doesn't know"),
        }
    }

    /// What the agent said is told in the order it said it; what found no room is counted.
    fn next_is(&mut self, is: impl Fn(&Due) -> bool) {
        while let Some(due) = self.due.pop_front() {
            if is(&due) {
                return;
            }
            self.skipped += 1;
        }
        unreachable!("something that the agent didn't say, or out of order");
    }

    fn ends(&mut self, now: u64, how: Ended) {
        let may = match how {
            Ended::Expired => self.expires.is_some_and(|at| at <= now),
            Ended::Unanswered | Ended::Tampered => true,
            Ended::Closed(_)
            | Ended::Refused(_)
            | Ended::Barred
            | Ended::Busy
            | Ended::OtherProtocol => self.may_end.contains(&how),
            _ => unreachable!("an end this model doesn't know"),
        };
        assert!(may, "nobody said that it ends so: {how:?}");
        self.ended = Some(how);
        (self.picture, self.frozen) = (None, None);
        self.hang_up();
    }
}
