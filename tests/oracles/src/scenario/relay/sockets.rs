//! Who knocks, with what, and is let in or not; who goes; and how REST and the relay end it.

use std::net::{IpAddr, Ipv4Addr};

use authloop_core::relay::{Applicant, Close, ConnectionId, Ending, Input};

use super::{AGENT, Knock, PLAIN_VIEWER, Rare, SEALED_VIEWER, Socket, Token, World};
use crate::script;

impl World {
    pub(super) fn happens(&mut self, rare: &Rare) {
        match *rare {
            Rare::Leave(who) => {
                if let Some(place) = self.place(who) {
                    let id = self.sockets.remove(place).id;
                    let now = self.advance();
                    if self.model.role_of(id).is_none() {
                        self.gone_first.push(id);
                    }
                    self.tell(|room| room.handle(now, Input::Left(id)));
                    self.model.left(id);
                }
            }
            Rare::PassLong(seconds) => self.pass(1_000 * u64::from(seconds % 1_024)),
            Rare::Back(millis) => self.go_back(millis.into()),
            Rare::End { resolve } => {
                let ending = if resolve {
                    Ending::Resolve
                } else {
                    Ending::Cancel
                };
                let now = self.advance();
                let ended = self.tell(|room| room.end(now, ending)).is_ok();
                assert_eq!(ended, self.model.ends(resolve), "it ends once");
            }
            Rare::Drain => {
                let now = self.advance();
                self.tell(|room| room.handle(now, Input::Drain));
                self.model.close_everybody(Close::Restarting);
            }
            Rare::Hold(held) => self.held = held,
            Rare::Crowd(crowd, address) => {
                let crowd = crowd.count().min(self.newcomers);
                self.newcomers -= crowd;
                for number in 0..crowd {
                    let address = address.wrapping_add(number / 8);
                    self.knock(Knock::Viewer(address), Token::Right);
                }
            }
        }
    }

    pub(super) fn knock(&mut self, knock: Knock, token: Token) {
        let is_right = matches!(token, Token::Right | Token::AlsoRight);
        let own = if self.sealed {
            SEALED_VIEWER
        } else {
            PLAIN_VIEWER
        };
        let (right, other) = match knock {
            Knock::Agent => (AGENT, own),
            Knock::Viewer(_) | Knock::OtherViewer => (own, AGENT),
        };
        let token = match token {
            Token::Right | Token::AlsoRight => right,
            Token::Swapped => other,
            Token::Wrong => "wrong",
        };
        let host = match knock {
            Knock::Viewer(host) => host % 16,
            Knock::Agent | Knock::OtherViewer => 0,
        };
        let address = IpAddr::V4(Ipv4Addr::new(192, 0, 2, host));
        let is_sealed = self.sealed != matches!(knock, Knock::OtherViewer);
        let applicant = match knock {
            Knock::Agent => Applicant::Agent { token },
            Knock::Viewer(_) | Knock::OtherViewer if is_sealed => {
                Applicant::SealedViewer { token, address }
            }
            Knock::Viewer(_) | Knock::OtherViewer => Applicant::Viewer { token },
        };
        let refused = match knock {
            // In version 1 the stream token admits viewers, too.
            Knock::Agent if is_right => None,
            Knock::Viewer(_) if is_right || (!self.sealed && token == AGENT) => None,
            Knock::OtherViewer if self.sealed => Some(Close::TooOld),
            Knock::Agent | Knock::Viewer(_) | Knock::OtherViewer => Some(Close::NotAdmitted),
        };
        let (id, role) = (ConnectionId(self.ids), applicant.role());
        let now = self.advance();
        let admitted = self.tell(|room| room.admit(now, id, applicant));
        let expected = self.model.joins(id, role, refused, host);
        assert_eq!(
            admitted, expected,
            "who is let in, and how others are refused"
        );
        if admitted.is_ok() {
            self.ids += 1;
            let stuck = false;
            self.sockets.push(Socket { id, role, stuck });
        }
    }

    pub(super) fn place(&self, who: u8) -> Option<usize> {
        let places: Vec<usize> = (0..self.sockets.len()).collect();
        script::pick(&places, who).copied()
    }
}
