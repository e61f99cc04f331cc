//! What happens less often: long waits, sleep, clocks that go back, and every end.

use authloop_core::{
    input::InputEvent,
    viewer::v2::{Ended, Input, Request as Asked},
    wire::v2::CloseReason,
};

use super::{Rare, Socket, World};
use crate::script;

impl World {
    pub(super) fn happens(&mut self, rare: &Rare) {
        match *rare {
            Rare::PassLong(seconds) => self.pass(1_000 * u64::from(seconds % 1_024)),
            Rare::Sleep(millis) => self.clock += u64::from(millis),
            Rare::Back(millis) => self.go_back(millis.into()),
            Rare::Finish(resolved) => {
                let event = if resolved {
                    InputEvent::Resolved
                } else {
                    InputEvent::Cancelled
                };
                if self.truth.ended.is_none() {
                    self.truth.finishing.get_or_insert(event.clone());
                }
                self.handle(|| Input::Request(Asked::Send(event.clone())));
            }
            Rare::Leave => {
                self.truth.may_end(Ended::Closed(CloseReason::Left));
                self.handle(|| Input::Request(Asked::Leave));
            }
            Rare::Close(which) => {
                let reasons = [
                    CloseReason::Resolved,
                    CloseReason::Cancelled,
                    CloseReason::Timeout,
                    CloseReason::Error,
                    CloseReason::TakenOver,
                ];
                let reason = script::pick(&reasons, which).copied();
                let sent = reason.and_then(|reason| self.agent.close(self.at(), reason));
                self.says(sent);
            }
            Rare::OtherProtocol => {
                if self.socket == Socket::Dialling {
                    self.truth.may_end(Ended::OtherProtocol);
                    self.hang_up();
                }
                self.handle(|| Input::Connected(Some("authloop.v3")));
            }
        }
    }
}
