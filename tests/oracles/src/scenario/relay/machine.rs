//! The room as a machine among the others.

use authloop_core::{
    relay::{ConnectionId, Input, Item, MAX_VIEWERS, Output, Room},
    time::Timestamp,
};

use super::model::MOST_CLOSES;
use crate::scenario::machine::{Machine, Said};

impl Machine for Room {
    type Output = Output;

    // Nine sockets are sent one thing each, and the closes.
    const MOST_AT_ONCE: usize = 10 + MOST_CLOSES + 2 * MAX_VIEWERS;
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
            Output::Send(ConnectionId(to), item) => {
                into.extend_from_slice(&to.to_be_bytes());
                match item {
                    Item::Text(text) => into.extend_from_slice(text.as_bytes()),
                    Item::Binary(bytes) => into.extend_from_slice(bytes),
                    Item::Frame(frame) => {
                        let meta = frame.meta.as_deref().unwrap_or_default();
                        into.extend_from_slice(meta.as_bytes());
                        into.extend_from_slice(&frame.jpeg);
                    }
                }
            }
            Output::Close(ConnectionId(who), close) => {
                into.extend_from_slice(&who.to_be_bytes());
                into.extend_from_slice(&close.code().to_be_bytes());
            }
            Output::Forget => into.push(0xFF),
            Output::Idle(_) => {}
        }
    }
}
