//! What the agent says and answers, and what it makes of what it hears.

use authloop_core::{viewer::v2::Late, wire::v2::RefusalReason};

use super::{
    FromViewer, Reply, Saying, World,
    agent::{Heard, Verdict},
    truth::{Means, Sent},
};
use crate::script;

impl World {
    pub(super) fn agent_does(&mut self, deed: &Saying) {
        let now = self.at();
        let sent = match deed {
            Saying::Beat => self.agent.beat(now),
            Saying::Frame(size) => self.agent.frame(now, *size),
            Saying::Echo => self.agent.echo(now),
            Saying::Takeover(id) => {
                let id = u16::from(*id % 4);
                let json = format!(r#"{{"type":"takeover","id":{id}}}"#);
                self.agent.control(now, &json, Means::Takeover(id))
            }
            Saying::Dropped(stale) => {
                let (word, why) = if *stale {
                    ("stale", Late::Stale)
                } else {
                    ("navigated", Late::Navigated)
                };
                let json = format!(r#"{{"type":"dropped","kind":"click","why":"{word}"}}"#);
                self.agent.control(now, &json, Means::Dropped(why))
            }
            Saying::Other(number) => {
                let json = format!(r#"{{"type":"notice","code":"{number}"}}"#);
                let means = Means::Other(json.clone().into_bytes());
                self.agent.control(now, &json, means)
            }
            Saying::Nonsense(which) => {
                let nonsense = [
                    r#"{"type":"heartbeat","last_frame":null,"got":"1","clock":1}"#,
                    r#"{"type":"ping","n":"1"}"#,
                    r#"{"type":"takeover","id":65536}"#,
                    r#"{"type":"dropped","kind":1,"why":"stale"}"#,
                ];
                let json = script::pick(&nonsense, *which).copied().unwrap_or_default();
                self.agent.control(now, json, Means::Nonsense)
            }
            Saying::Lie => {
                let json = r#"{"type":"heartbeat","last_frame":null,"got":4294967296,"clock":1}"#;
                self.agent.control(now, json, Means::Lies)
            }
            Saying::Round(size) => {
                for deed in [Saying::Echo, Saying::Frame(*size), Saying::Beat] {
                    self.agent_does(&deed);
                }
                None
            }
        };
        self.says(sent);
    }

    pub(super) fn says(&mut self, sent: Option<Sent>) {
        let Some(sent) = sent else { return };
        self.to_viewer.push_back(sent);
        if !self.withheld {
            self.deliver_first(1);
        }
    }

    pub(super) fn answer(&mut self, reply: Reply) {
        let Some(wish) = self.agent.wish() else {
            return;
        };
        let verdict = match reply {
            Reply::Accept => Verdict::Accept { resume: false },
            Reply::Resume => Verdict::Accept { resume: true },
            Reply::Refuse(which) => {
                let reasons = [RefusalReason::Busy, RefusalReason::Pin, RefusalReason::Pin];
                let reason = script::pick(&reasons, which % 16).copied();
                let closed = which >= 0xF0;
                let reason = reason.filter(|_| !closed);
                Verdict::Refuse(reason.unwrap_or(RefusalReason::Closed))
            }
        };
        let answer = self.agent.answer(self.at(), wish, verdict);
        self.says(Some(answer));
    }

    /// Reads what the viewer sent, as far as the relay lets it.
    pub(super) fn agent_reads(&mut self) {
        while !self.deaf
            && let Some(FromViewer { record, sent, wish }) = self.to_agent.pop_front()
        {
            let epoch = u32::from_be_bytes([record[4], record[5], record[6], record[7]]);
            match self.agent.read(self.at(), wish, record) {
                Heard::Input(json) => {
                    self.truth
                        .arrived(self.at().max(self.latest()), epoch, &json)
                }
                Heard::Control(json) => self.heard(sent, &json),
                Heard::Ack { frame, waiting } => self.truth.acknowledged(epoch, frame, waiting),
                Heard::Hello | Heard::Ready | Heard::Left | Heard::Nothing => {}
            }
        }
    }

    fn heard(&mut self, sent: u64, json: &[u8]) {
        let said: serde_json::Value = serde_json::from_slice(json).expect("an object");
        if said["type"] == "ping" {
            let n = said["n"].as_u64().and_then(|n| u32::try_from(n).ok());
            self.truth.pinged(n.expect("a number"), sent);
        }
        if said["type"] == "takeover" {
            let id = said["id"].as_u64().and_then(|id| u16::try_from(id).ok());
            self.truth.answered_takeover(id.expect("a number"));
        }
    }
}
