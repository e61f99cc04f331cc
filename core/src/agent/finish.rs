//! The end: what the human did last reaches the page, the browser is left as it was found, and
//! the relay is told. Bounded at every step.
//!
//! ```text
//! Settling ──input answered, or 5 s──▶ Telling ──answered, or out of time──▶ (ended)
//!                       AwaitingCreated ──created──▶ Telling
//! ```

use alloc::boxed::Box;
use core::time::Duration;

use crate::agent::{
    Phase,
    browser::{Browser, News, Purpose},
    context::{Context, Timer},
    create::Session,
    ending::{Ending, Tell},
    event::Outcome,
    io::{ConnectFailure, HttpId, HttpResponse, Method},
};

/// How long what the human did last may take, from their word that they are done until it is passed
/// on: what waits in the queue, and the page's answers.
pub(super) const SETTLE_TIMEOUT: Duration = Duration::from_secs(5);

/// How long the relay may take to take note of the end.
const TELL_TIMEOUT: Duration = Duration::from_secs(10);

/// How long after a failure the relay is told once more.
const RETRY_PAUSE: Duration = Duration::from_millis(500);

/// A session that is ending.
pub(super) struct Finishing {
    outcome: Outcome,
    stage: Stage,
}

enum Stage {
    /// The last input is on its way through the page.
    Settling {
        browser: Box<Browser>,
        session: Session,
        tell: Tell,
    },
    /// The relay is being told.
    Telling {
        session: Session,
        tell: Tell,
        http: HttpId,
    },
    /// The relay hasn't said yet what it created.
    AwaitingCreated(HttpId),
}

impl Finishing {
    /// Begins with the end of a live session.
    pub(super) fn begin(
        cx: &mut Context,
        ending: Ending,
        browser: Browser,
        session: Session,
    ) -> Phase {
        let Ending { outcome, tell } = ending;
        let settled_by = cx.timers.get(Timer::Finish);
        cx.timers.clear_all();
        if outcome == Outcome::Resolved && has_input_under_way(&browser) {
            let settled_by = settled_by.unwrap_or(cx.now + SETTLE_TIMEOUT);
            cx.timers.set(Timer::Finish, settled_by);
            return Phase::Finishing(Self {
                outcome,
                stage: Stage::Settling {
                    browser: Box::new(browser),
                    session,
                    tell,
                },
            });
        }
        browser.leave(cx);
        Self::tell(cx, outcome, session, tell)
    }

    /// Begins with a session the relay has been asked for and hasn't confirmed.
    pub(super) fn await_created(cx: &mut Context, outcome: Outcome, http: HttpId) -> Phase {
        cx.timers.clear_all();
        cx.start(Timer::Finish, TELL_TIMEOUT);
        Phase::Finishing(Self {
            outcome,
            stage: Stage::AwaitingCreated(http),
        })
    }

    fn tell(cx: &mut Context, outcome: Outcome, session: Session, tell: Tell) -> Phase {
        let (method, url) = match tell {
            Tell::Resolve => (Method::Post, session.resolve.clone()),
            Tell::Delete => (Method::Delete, session.record.clone()),
            Tell::Nothing => return Phase::end(cx, outcome),
        };
        if !cx.timers.is_set(Timer::Finish) {
            cx.start(Timer::Finish, TELL_TIMEOUT);
        }
        let http = cx.rest(method, url, None);
        Phase::Finishing(Self {
            outcome,
            stage: Stage::Telling {
                session,
                tell,
                http,
            },
        })
    }

    /// The browser sent a message.
    pub(super) fn on_browser_text(self, cx: &mut Context, text: &str) -> Phase {
        self.settle(cx, |cx, browser| {
            matches!(browser.read(cx, text), News::Gone(_))
        })
    }

    /// The browser's socket is gone: nothing of it is left to wait for.
    pub(super) fn on_browser_closed(self, cx: &mut Context) -> Phase {
        self.settle(cx, |_, _| true)
    }

    /// [`Timer::Call`] fired.
    pub(super) fn on_unanswered(self, cx: &mut Context) -> Phase {
        self.settle(cx, |cx, browser| {
            browser.unanswered(cx);
            false
        })
    }

    /// Hears what became of the last input, and goes on once that is settled: when the browser is gone,
    /// which `hear` tells, or has answered.
    fn settle(
        self,
        cx: &mut Context,
        hear: impl FnOnce(&mut Context, &mut Browser) -> bool,
    ) -> Phase {
        let Self { outcome, stage } = self;
        let Stage::Settling {
            mut browser,
            session,
            tell,
        } = stage
        else {
            return Phase::Finishing(Self { outcome, stage });
        };
        let is_gone = hear(cx, &mut browser);
        if !is_gone && has_input_under_way(&browser) {
            let stage = Stage::Settling {
                browser,
                session,
                tell,
            };
            return Phase::Finishing(Self { outcome, stage });
        }
        cx.timers.clear(Timer::Finish);
        browser.leave(cx);
        Self::tell(cx, outcome, session, tell)
    }

    /// The relay answered.
    pub(super) fn on_http(
        self,
        cx: &mut Context,
        id: HttpId,
        answer: Result<HttpResponse<'_>, ConnectFailure>,
    ) -> Phase {
        let Self { outcome, stage } = self;
        match stage {
            Stage::AwaitingCreated(http) if http == id => match Session::read(cx, answer) {
                Ok(session) => Self::tell(cx, outcome, session, Tell::Delete),
                Err(_) => Phase::end(cx, outcome),
            },
            Stage::Telling { http, .. } if http == id => {
                let failed = answer.map_or(true, |answer| answer.status >= 500);
                if !failed {
                    return Phase::end(cx, outcome);
                }
                cx.start(Timer::Retry, RETRY_PAUSE);
                Phase::Finishing(Self { outcome, stage })
            }
            stage
            @ (Stage::Settling { .. } | Stage::Telling { .. } | Stage::AwaitingCreated(_)) => {
                Phase::Finishing(Self { outcome, stage })
            }
        }
    }

    /// [`Timer::Retry`] fired.
    pub(super) fn on_retry(self, cx: &mut Context) -> Phase {
        let Self { outcome, stage } = self;
        match stage {
            Stage::Telling { session, tell, .. } => Self::tell(cx, outcome, session, tell),
            stage @ (Stage::Settling { .. } | Stage::AwaitingCreated(_)) => {
                Phase::Finishing(Self { outcome, stage })
            }
        }
    }

    /// [`Timer::Finish`] fired.
    pub(super) fn on_timeout(self, cx: &mut Context) -> Phase {
        match self.stage {
            Stage::Settling {
                browser,
                session,
                tell,
            } => {
                browser.leave(cx);
                Self::tell(cx, self.outcome, session, tell)
            }
            Stage::Telling { .. } | Stage::AwaitingCreated(_) => Phase::end(cx, self.outcome),
        }
    }

    /// The application has no more time than `grace`.
    pub(super) fn hurry(self, cx: &mut Context, grace: Duration) -> Phase {
        let Self { outcome, stage } = self;
        match stage {
            Stage::Settling {
                browser,
                session,
                tell,
            } => {
                browser.leave(cx);
                cx.start(Timer::Finish, grace);
                Self::tell(cx, outcome, session, tell)
            }
            stage @ (Stage::Telling { .. } | Stage::AwaitingCreated(_)) => {
                cx.start(Timer::Finish, grace);
                Phase::Finishing(Self { outcome, stage })
            }
        }
    }
}

fn has_input_under_way(browser: &Browser) -> bool {
    browser.count_calls(|purpose| {
        matches!(
            purpose,
            Purpose::Input | Purpose::Press | Purpose::History(_)
        )
    }) > 0
}
