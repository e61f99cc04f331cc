//! What the human does, and the application: what is asked for is sent once, or told not to be.

use authloop_core::{
    input::InputEvent,
    secret::Pin,
    viewer::v2::{Answer, FrameId, Input, Request as Asked},
};

use super::{Request, TYPED, World};

impl World {
    pub(super) fn request(&mut self, request: &Request) {
        match request {
            Request::Paste => {
                self.texts += 1;
                let text = format!("{TYPED} {}", self.texts);
                self.send(Some(InputEvent::Paste(text)));
            }
            Request::Key(stroke, key, modifiers) => self.send(stroke.event(*key, *modifiers)),
            Request::Do(deed) => self.send(deed.event()),
            Request::Drawn => self.drawn(0, true),
            Request::Older(back, drawn) => self.drawn(u64::from(*back), *drawn),
            Request::Answer(hand_over) => {
                let answer = if *hand_over {
                    Answer::HandOver
                } else {
                    Answer::Keep
                };
                if let Some(id) = self.truth.prompt {
                    self.handle(|| Input::Request(Asked::Answer(id, answer)));
                }
            }
            Request::Pin(digit) => {
                self.pin = format!("{:06}", u32::from(*digit) * 3_571);
                let pin = self.pin.clone();
                let pin = || Pin::parse(&pin).expect("6 digits");
                self.handle(|| Input::Request(Asked::Pin(pin())));
            }
            Request::Hide(hidden) => {
                self.hidden = *hidden;
                self.handle(|| Input::Request(Asked::Hide(*hidden)));
            }
            Request::Woke => self.handle(|| Input::Request(Asked::Woke)),
        }
    }

    /// Asks for an event to be sent: it is, or is told not to be.
    fn send(&mut self, event: Option<InputEvent>) {
        let is_final =
            |event: &InputEvent| matches!(event, InputEvent::Resolved | InputEvent::Cancelled);
        let Some(event) = event.filter(|event| !is_final(event)) else {
            return;
        };
        let may = self.truth.may_send() && !self.hidden;
        let (inputs, not_sent) = (self.inputs, self.not_sent());
        self.truth.requested(event.clone());
        self.handle(|| Input::Request(Asked::Send(event.clone())));
        self.drain();
        if self.truth.ended.is_some() {
            return;
        }
        let (sent, dropped) = (self.inputs - inputs, self.not_sent() - not_sent);
        assert_eq!(sent + dropped, 1, "sent once, or told not to be");
        assert!(may || sent == 0, "sent by somebody who doesn't see");
    }

    fn not_sent(&self) -> u64 {
        self.viewer.first().counters().not_sent
    }

    fn drawn(&mut self, back: u64, drawn: bool) {
        let Some(newest) = self.truth.newest_shown() else {
            return;
        };
        let id = FrameId {
            counter: newest.counter.saturating_sub(back),
            ..newest
        };
        if !self.truth.came(id) {
        } else if drawn {
            self.truth.drew(id);
            self.handle(|| Input::Request(Asked::Drawn(id)));
        } else {
            self.handle(|| Input::Request(Asked::Undecodable(id)));
        }
    }
}
