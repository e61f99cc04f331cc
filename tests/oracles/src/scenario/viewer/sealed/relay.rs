//! What the relay between the two does: it keeps, drops, repeats and changes records, makes some up, and
//! has words of its own.

use authloop_core::viewer::v2::{Ended, Input};

use super::{
    COMES, GOES, Move, REMEMBERED, Socket, World,
    truth::{Judged, Sent},
};
use crate::{
    mutation::{Mutation, same},
    script,
};

impl World {
    pub(super) fn relay(&mut self, play: &Move) {
        match play {
            Move::Withhold(withheld) => {
                self.withheld = *withheld;
                if !withheld {
                    self.deliver_first(usize::MAX);
                }
            }
            Move::Deafen(deaf) => {
                self.deaf = *deaf;
                self.agent_reads();
            }
            Move::Deliver(most) => self.deliver_first((*most).into()),
            Move::Pick(which) => {
                if let Some(place) = self.kept(*which)
                    && let Some(sent) = self.to_viewer.remove(place)
                {
                    self.deliver(&sent, None);
                }
            }
            Move::Drop(which) => {
                if let Some(place) = self.kept(*which) {
                    self.to_viewer.remove(place);
                }
            }
            Move::Tamper(which, mutation) => {
                let kept = self.to_viewer.iter().chain(&self.delivered);
                let kept: Vec<&Sent> = kept.collect();
                if let Some(sent) = script::pick(&kept, *which) {
                    let sent = Sent::clone(sent);
                    self.deliver(&sent, Some(mutation));
                }
            }
            Move::Replay(which) => {
                let places: Vec<&Sent> = self.delivered.iter().collect();
                if let Some(sent) = script::pick(&places, *which) {
                    let sent = Sent::clone(sent);
                    self.deliver(&sent, None);
                }
            }
            Move::Forge(bytes) => self.forge(bytes.clone()),
            Move::Word(word) => self.word(*word),
            Move::Text(text) => {
                let text = format!("x{text}");
                self.handle(|| Input::Text(&text));
            }
        }
    }

    fn kept(&self, which: u8) -> Option<usize> {
        let places: Vec<usize> = (0..self.to_viewer.len()).collect();
        script::pick(&places, which).copied()
    }

    pub(super) fn deliver_first(&mut self, most: usize) {
        for _ in 0..most {
            let Some(sent) = self.to_viewer.pop_front() else {
                return;
            };
            self.deliver(&sent, None);
        }
    }

    /// Delivers a record, changed or as it was sealed, and holds what becomes of it against the truth.
    fn deliver(&mut self, sent: &Sent, mutation: Option<&Mutation>) {
        let mut record = sent.record.clone();
        if let Some(mutation) = mutation {
            mutation.apply(&mut record);
        }
        let is_whole = same(&record, &sent.record);
        self.closed = None;
        let was_open = self.socket == Socket::Open && self.truth.ended.is_none();
        let is_due = self.deadline.is_some_and(|at| at <= self.at());
        self.handle(|| Input::Binary(record.clone()));
        let judged = if was_open && is_whole {
            self.truth.judge(self.now, sent, self.expires_in)
        } else {
            Judged::Dropped
        };
        self.drain();
        if !was_open {
        } else if is_whole {
            let closed = match judged {
                Judged::Good => self.closed.filter(|code| *code == 4400),
                // What is due comes after the record, and may close the socket.
                Judged::Dropped => self.closed.filter(|code| *code != 1000 || !is_due),
                Judged::Fatal => self
                    .closed
                    .filter(|code| *code != 4400)
                    .or(if self.closed.is_none() { Some(0) } else { None }),
                Judged::Old => self.closed.filter(|code| *code != 1000),
            };
            assert_eq!(closed, None, "a record that was {judged:?}");
        }
        if mutation.is_none() {
            self.delivered.push_back(sent.clone());
            if self.delivered.len() > REMEMBERED {
                self.delivered.pop_front();
            }
        }
    }

    /// Nobody sealed it: nothing may come of it.
    fn forge(&mut self, mut record: Vec<u8>) {
        if let Some(version) = record.first_mut() {
            *version = 2;
        }
        self.handle(|| Input::Binary(record.clone()));
    }

    fn word(&mut self, word: u8) {
        let word = match word % 32 {
            0..=9 => COMES,
            10..=15 => GOES,
            16..=20 => r#"{"type":"session_resolved"}"#,
            21..=30 => r#"{"type":"session_cancelled"}"#,
            _ => {
                if self.socket == Socket::Open {
                    self.truth.may_end(Ended::Refused(4410));
                }
                r#"{"type":"session_expired"}"#
            }
        };
        self.handle(|| Input::Text(word));
    }
}
