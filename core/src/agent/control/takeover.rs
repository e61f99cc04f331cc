//! Asks the viewer in control whether another one may have the session, without pestering it.
//!
//! ```text
//!         a challenger      hand_over
//! quiet ──────────────▶ asked ───────▶ granted (60 s, that channel only)
//!   ▲                     │ keep, 60 s, the channel went
//!   └─────────────────────┘
//! ```
//!
//! One question at a time, 30 s apart. After *keep* that channel is asked for no more, after two of
//! them none is.

use core::time::Duration;

use serde::{Deserialize, Serialize};

use crate::time::Timestamp;

const INTERVAL: Duration = Duration::from_secs(30);
const LIFETIME: Duration = Duration::from_secs(60);
const MAX_KEEPS: u8 = 2;

/// What one controlling viewer was asked, over all its epochs.
#[derive(Default)]
pub(super) struct Takeover {
    state: State,
    /// The earliest moment of the next question.
    next: Option<Timestamp>,
    keeps: u8,
    /// The channel that a *keep* was about. After a second one, none is asked for.
    kept_from: Option<u16>,
}

#[derive(Clone, Copy, Default)]
enum State {
    #[default]
    Quiet,
    Asked {
        chan: u16,
        until: Timestamp,
    },
    Granted {
        chan: u16,
        until: Timestamp,
    },
}

/// The question: `{"type":"takeover","id":chan}`.
#[derive(Serialize)]
pub(super) struct Question {
    #[serde(rename = "type")]
    kind: &'static str,
    id: u16,
}

impl Question {
    pub(super) const fn new(chan: u16) -> Self {
        Self {
            kind: KIND,
            id: chan,
        }
    }
}

/// The type of question and answer.
pub(super) const KIND: &str = "takeover";

/// The answer, beside its type.
#[derive(Clone, Copy, Deserialize)]
pub(super) struct Reply {
    id: u16,
    answer: Answer,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Answer {
    HandOver,
    Keep,
}

impl Takeover {
    /// Tells whether the viewer is to be asked about this channel now, and notes that it is.
    pub(super) fn ask(&mut self, now: Timestamp, chan: u16) -> bool {
        let may = self.is_quiet(now)
            && self.keeps < MAX_KEEPS
            && self.kept_from != Some(chan)
            && self.next.is_none_or(|next| now >= next);
        if may {
            self.next = Some(now + INTERVAL);
            self.state = State::Asked {
                chan,
                until: now + LIFETIME,
            };
        }
        may
    }

    /// Takes the viewer's answer; one to no open question is ignored.
    pub(super) fn answer(&mut self, now: Timestamp, reply: Reply) {
        let open = match self.state {
            State::Asked { chan, until } => chan == reply.id && now < until,
            State::Quiet | State::Granted { .. } => false,
        };
        if !open {
            return;
        }
        self.state = match reply.answer {
            Answer::HandOver => State::Granted {
                chan: reply.id,
                until: now + LIFETIME,
            },
            Answer::Keep => {
                self.keeps = self.keeps.saturating_add(1);
                self.kept_from = Some(reply.id);
                State::Quiet
            }
        };
    }

    /// Tells whether this channel may have control by consent.
    pub(super) fn grants(&self, now: Timestamp, to: u16) -> bool {
        match self.state {
            State::Granted { chan, until } => chan == to && now < until,
            State::Quiet | State::Asked { .. } => false,
        }
    }

    /// A channel is gone, and with it what was asked or granted for it. Its number may come again.
    pub(super) fn forget(&mut self, gone: u16) {
        match self.state {
            State::Asked { chan, .. } | State::Granted { chan, .. } if chan == gone => {
                self.state = State::Quiet;
            }
            State::Quiet | State::Asked { .. } | State::Granted { .. } => {}
        }
        if self.kept_from == Some(gone) {
            self.kept_from = None;
        }
    }

    /// All channels are gone.
    pub(super) const fn forget_all(&mut self) {
        self.state = State::Quiet;
        self.kept_from = None;
    }

    fn is_quiet(&self, now: Timestamp) -> bool {
        match self.state {
            State::Quiet => true,
            State::Asked { until, .. } | State::Granted { until, .. } => now >= until,
        }
    }
}
