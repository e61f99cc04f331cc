//! The viewer as a machine among the others.

use authloop_core::{
    agent::io::Message,
    time::Timestamp,
    viewer::v1::{Event, Input, Output, Viewer},
};

use super::model::{MOST_EVENTS, MOST_INPUTS};
use crate::scenario::machine::{Machine, Said};

impl Machine for Viewer {
    type Output = Output;

    const MOST_AT_ONCE: usize = MOST_INPUTS + MOST_EVENTS + 3;
    const MOST_WAITING: usize = Self::MOST_AT_ONCE;

    fn tick(&mut self, now: Timestamp) {
        self.handle(now, Input::Tick);
    }

    fn poll(&mut self) -> Said<Output> {
        let output = self.poll();
        if let Output::Idle(deadline) = output {
            Said::Idle(deadline)
        } else {
            Said::Output(output)
        }
    }

    fn write(output: &Output, into: &mut Vec<u8>) {
        match output {
            Output::Send(Message::Text(text)) => into.extend_from_slice(text.as_bytes()),
            Output::Send(Message::Binary(bytes)) => into.extend_from_slice(bytes),
            Output::Event(Event::Frame(frame)) => into.extend_from_slice(&frame.jpeg),
            Output::Event(Event::Notice(code)) => into.extend_from_slice(code.as_bytes()),
            Output::Event(_) => into.push(1),
            Output::Idle(_) => {}
        }
    }
}
