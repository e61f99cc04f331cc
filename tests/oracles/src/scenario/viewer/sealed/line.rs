//! What becomes of the socket, and of those at both of its ends.

use authloop_core::{
    viewer::v2::{Ended, Input, PROTOCOL},
    wire::v2::CloseReason,
};

use super::{COMES, GOES, Line, Reply, Saying, Socket, World};
use crate::script;

impl World {
    pub(super) fn line(&mut self, line: Line) {
        match line {
            Line::Open => {
                if self.socket == Socket::Dialling {
                    self.socket = Socket::Open;
                }
                self.handle(|| Input::Connected(Some(PROTOCOL)));
            }
            Line::OpenAndJoin => {
                for line in [Line::Open, Line::AgentComes] {
                    self.line(line);
                    self.drain();
                }
                self.answer(Reply::Resume);
                self.agent_does(&Saying::Round(7));
            }
            Line::Lose(code) => self.lose(code),
            Line::AgentComes => self.handle(|| Input::Text(COMES)),
            Line::AgentGoes => self.handle(|| Input::Text(GOES)),
        }
    }

    fn lose(&mut self, code: u8) {
        let codes = [
            None,
            None,
            None,
            Some(1000),
            Some(1006),
            Some(1012),
            Some(1012),
            Some(4400),
            Some(4403),
            Some(4409),
        ];
        let last = [4401, 4404, 4408, 4410, 4426];
        let code = match code {
            0xF0.. => script::pick(&last, code).copied(),
            _ => script::pick(&codes, code).copied().flatten(),
        };
        let is_up = matches!(self.socket, Socket::Open | Socket::Dialling);
        match code {
            Some(4408) if is_up => self.truth.may_end(Ended::Closed(CloseReason::TakenOver)),
            Some(4403) if is_up => self.truth.may_end(Ended::Busy),
            Some(code @ (4401 | 4404 | 4410 | 4426)) if is_up => {
                self.truth.may_end(Ended::Refused(code));
            }
            Some(_) | None => {}
        }
        if is_up {
            self.hang_up();
        }
        self.handle(|| Input::Disconnected(code));
    }

    pub(super) fn hang_up(&mut self) {
        self.socket = Socket::Offline;
        self.agent.hang_up();
        self.truth.hang_up();
        self.to_viewer.clear();
        self.to_agent.clear();
    }
}
