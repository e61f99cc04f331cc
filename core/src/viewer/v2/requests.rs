//! What the application asks for, and how it becomes something to send.

use super::{
    Ended, FrameId, PROMPT_FOR, Timer, Viewer,
    io::{Answer, Request},
    say::{Saying, input},
};
use crate::{input::InputEvent, wire::v2::CloseReason};

impl Viewer {
    pub(super) fn on_request(&mut self, request: Request) {
        match request {
            Request::Send(event @ (InputEvent::Resolved | InputEvent::Cancelled)) => {
                self.finish(event);
            }
            Request::Send(event) => self.send(&event),
            Request::Pin(pin) => {
                self.knock.set_pin(pin);
                if !self.knock.is_asking() && self.epochs.sending().is_none() {
                    self.ask();
                }
            }
            Request::Answer(id, answer) => self.answer(id, answer),
            Request::Drawn(frame) => self.drawn(frame),
            Request::Undecodable(frame) => self.dealt(frame),
            Request::Hide(hidden) => self.hide(hidden),
            Request::Woke => self.fall_asleep(),
            Request::Leave => self.leave(),
        }
    }

    /// Sends an input event with what is seen, or not at all.
    fn send(&mut self, event: &InputEvent) {
        self.judge();
        let sent = self.takes_input() && self.say_input(event);
        if !sent {
            self.not_sent(1);
        }
    }

    /// Begins to say that the human is done, or gave up. The first of it counts.
    fn finish(&mut self, event: InputEvent) {
        if self.finishing.is_none() {
            self.say_input(&event);
            self.finishing = Some(event);
        }
    }

    /// Says it again, in a new epoch.
    pub(super) fn finish_again(&mut self) {
        if let Some(event) = self.finishing.take() {
            self.say_input(&event);
            self.finishing = Some(event);
        }
    }

    fn say_input(&mut self, event: &InputEvent) -> bool {
        let Some(epoch) = self.epochs.sending() else {
            return false;
        };
        let at = self.alive.agents_clock(self.now);
        let json = input(event, epoch.screen.shown(), at);
        self.outbox.input(json)
    }

    fn answer(&mut self, id: u16, answer: Answer) {
        if self.prompt == Some(id) {
            self.prompt = None;
            self.timers.clear(Timer::Prompt);
            self.outbox.say(&Saying::answer(id, answer));
        }
    }

    pub(super) fn prompted(&mut self, id: u16) {
        if self.prompt != Some(id) {
            self.drop_prompt();
        }
        self.prompt = Some(id);
        self.timers.set(Timer::Prompt, self.now + PROMPT_FOR);
        self.tell(super::Event::Takeover(id));
    }

    pub(super) fn drawn(&mut self, frame: FrameId) {
        self.deal(frame, super::screen::Screen::drawn);
    }

    /// One that a newer picture replaced before it was fetched is dealt with, as is an undecodable one.
    pub(super) fn dealt(&mut self, frame: FrameId) {
        self.deal(frame, super::screen::Screen::dealt);
    }

    /// A picture of keys that are gone is nobody's business any more.
    fn deal(&mut self, frame: FrameId, deal: fn(&mut super::screen::Screen, u64) -> bool) {
        if let Some(epoch) = self.epochs.sending_mut()
            && epoch.keys.epoch() == frame.epoch
            && deal(&mut epoch.screen, frame.counter)
        {
            self.outbox.ack();
        }
    }

    fn hide(&mut self, hidden: bool) {
        if core::mem::replace(&mut self.hidden, hidden) == hidden {
            return;
        }
        if let Some(clock) = self.alive.newest_clock()
            && self.epochs.sending().is_some()
        {
            self.outbox.heartbeat(clock);
        }
        if hidden {
            return;
        }
        // Whoever looks again must first hear that the picture is of now.
        self.fall_asleep();
        if let Some(epoch) = self.epochs.sending_mut()
            && epoch.screen.deal_with_all()
        {
            self.outbox.ack();
        }
    }

    fn leave(&mut self) {
        let now = self.now;
        // READY goes first, if it waits; whatever else waits is dropped.
        let ready = self.outbox.take_ready();
        let left = self
            .epochs
            .sending_mut()
            .and_then(|epoch| epoch.keys.seal_left(now).ok());
        self.shut(1000);
        self.end(Ended::Closed(CloseReason::Left));
        if let Some(left) = left {
            self.outbox.leave(ready, left);
        }
    }
}
