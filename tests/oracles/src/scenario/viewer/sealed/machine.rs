//! The viewer as a machine among the others.

use authloop_core::{
    time::Timestamp,
    viewer::v2::{Event, Input, Output, Viewer},
};

use crate::scenario::machine::{Machine, Said};

impl Machine for Viewer {
    type Output = Output;

    // 256 messages, an answer, an acknowledgement and three sealed records; 64 events and the rest.
    const MOST_AT_ONCE: usize = 256 + 5 + 64 + 6;
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
            Output::Connect(connect) => into.extend_from_slice(connect.token.expose().as_bytes()),
            Output::Send(record) => into.extend_from_slice(record),
            Output::Close(code) => into.extend_from_slice(&code.to_be_bytes()),
            Output::Event(Event::Frame(frame)) => into.extend_from_slice(&frame.jpeg),
            Output::Event(_) => into.push(1),
            Output::Idle(_) => {}
        }
    }
}
