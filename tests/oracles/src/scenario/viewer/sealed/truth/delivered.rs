//! What is delivered, and what it comes to: the answer to a wish, what the keys vouch for, or damage.

use authloop_core::{
    viewer::v2::{Ended, FrameId},
    wire::v2::RefusalReason,
};

use super::{Due, Epoch, Judged, KEYS_LIVE, Means, PATIENCE, Sent, Truth};

impl Truth {
    /// Judges a record that comes as it was sealed, and takes note of what it says.
    pub(in crate::scenario::viewer::sealed) fn judge(
        &mut self,
        now: u64,
        sent: &Sent,
        expires_in: u64,
    ) -> Judged {
        let judged = self.reads(now, sent, expires_in);
        if matches!(judged, Judged::Fatal | Judged::Old) {
            self.hang_up();
        }
        judged
    }

    fn reads(&mut self, now: u64, sent: &Sent, expires_in: u64) -> Judged {
        match &sent.means {
            Means::Accept { wish, epoch, got } => {
                let judged = self.answered(*wish, sent.counter);
                if judged == Judged::Good {
                    if self.goes_back(*got) {
                        return Judged::Fatal;
                    }
                    self.next = Some(Epoch {
                        number: *epoch,
                        began: now,
                        controls: 0,
                        frames: 0,
                    });
                    self.renew_pings();
                }
                judged
            }
            Means::Refuse { wish, reason } => {
                let judged = self.answered(*wish, sent.counter);
                if judged == Judged::Good {
                    match reason {
                        RefusalReason::Busy => self.may_end(Ended::Busy),
                        RefusalReason::Closed => self.may_end(Ended::Barred),
                        RefusalReason::Pin => {}
                    }
                }
                judged
            }
            means @ (Means::Frame { .. }
            | Means::Beat(_)
            | Means::Echo(_)
            | Means::Takeover(_)
            | Means::Dropped(_)
            | Means::Other(_)
            | Means::Nonsense
            | Means::Lies
            | Means::Close(_)) => self.sealed(now, sent, means, expires_in),
        }
    }

    /// Whether heartbeats that were sealed later overtook an answer that says this.
    fn goes_back(&self, got: Option<(u64, u32)>) -> bool {
        let both = got.zip(self.told_got);
        both.is_some_and(|((got, of), (told, by))| of == by && got < told)
    }

    /// An answer to the newest wish is awaited, to an older one of this socket dropped.
    fn answered(&mut self, wish: u64, attempt: u64) -> Judged {
        if attempt + 1 < self.attempts {
            Judged::Dropped
        } else if self.awaited.take() == Some(wish) {
            Judged::Good
        } else {
            Judged::Fatal
        }
    }

    fn sealed(&mut self, now: u64, sent: &Sent, means: &Means, expires_in: u64) -> Judged {
        let held = self.next.iter_mut().chain(self.used.as_mut());
        let Some(epoch) = held.into_iter().find(|epoch| epoch.number == sent.epoch) else {
            return Judged::Dropped;
        };
        let in_order = if let Means::Frame { .. } = means {
            sent.counter >= epoch.frames
        } else {
            sent.counter == epoch.controls
        };
        if now >= epoch.began + KEYS_LIVE {
            return Judged::Old;
        }
        if !in_order {
            return Judged::Fatal;
        }
        if let Means::Frame { controls, .. } = means {
            epoch.frames = sent.counter + 1;
            if *controls > epoch.controls {
                return Judged::Fatal;
            }
        } else {
            epoch.controls += 1;
            if matches!(means, Means::Nonsense) {
                return Judged::Fatal;
            }
        }
        self.verified_at = now;
        if let Some(next) = self.next.take_if(|next| next.number == sent.epoch) {
            self.used = Some(next);
            self.picture = None;
            self.expires = Some(now + expires_in + 30_000);
            self.due.push_back(Due::Secured(sent.epoch));
        }
        if matches!(means, Means::Lies) {
            return Judged::Fatal;
        }
        self.note(now, sent, means);
        Judged::Good
    }

    fn note(&mut self, now: u64, sent: &Sent, means: &Means) {
        match means {
            Means::Frame { meta, jpeg, .. } => {
                let id = FrameId {
                    epoch: sent.epoch,
                    counter: sent.counter,
                };
                self.pictures.insert((id.epoch, id.counter));
                let newest = (id, *meta, jpeg.clone());
                self.picture = Some(newest);
            }
            Means::Echo(n) => {
                let asked = self.pings.iter().find(|(asked, _)| asked == n);
                self.echoed_in_time |= asked.is_some_and(|(_, at)| now <= at + PATIENCE);
            }
            Means::Takeover(id) => {
                *self.questions.entry(*id).or_default() += 1;
                self.prompt = Some(*id);
                self.due.push_back(Due::Takeover(*id));
            }
            Means::Dropped(why) => self.due.push_back(Due::Dropped(*why)),
            Means::Other(json) => self.due.push_back(Due::Other(json.clone())),
            Means::Close(reason) => {
                self.may_end(Ended::Closed(*reason));
                self.hang_up();
            }
            Means::Beat(got) => self.told_got = Some((*got, sent.epoch)),
            Means::Nonsense | Means::Lies | Means::Accept { .. } | Means::Refuse { .. } => {}
        }
    }
}
