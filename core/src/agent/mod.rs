//! The agent machine: a session's whole life beside the AI agent.
//!
//! ```text
//! Attaching ──▶ Creating ──▶ Live ──▶ Finishing ──▶ Ended
//!     └────────────┴───────── failures ───────────────▲
//! ```
//!
//! Decides everything and does nothing: it is told what happened and says what to do. It never
//! obeys an input event that wasn't decrypted, never shows a tab that isn't the one handed over or
//! a pop-up of it, and never reads a clock.

pub mod config;
pub mod event;
pub mod file;
pub mod io;
pub mod notes;

mod attach;
mod board;
mod browser;
mod calls;
mod capture;
mod context;
mod control;
mod create;
mod deed;
mod ending;
mod finish;
mod flow;
mod live;
mod page_text;
mod stream;
mod upload;

use alloc::boxed::Box;

pub use self::context::Counters;
use self::{
    attach::Attaching,
    config::Config,
    context::{Context, Timer},
    create::Creating,
    ending::Ending,
    event::{Event, Failure, Outcome},
    finish::Finishing,
    io::{Closed, Input, Output, Peer, Request},
    live::Live,
    notes::{Heard, Stage},
};
use crate::{generator::Generator, secret::Seed, time::Timestamp};

/// One hand-off, from the browser's address to its outcome.
///
/// Feed it with [`handle`](Self::handle), drain it with [`poll`](Self::poll) until
/// [`Output::Idle`]. Draining late is harmless; nothing is lost by it.
pub struct Agent {
    cx: Context,
    phase: Phase,
}

/// Where the hand-off stands, with what that phase holds.
enum Phase {
    Attaching(Attaching),
    Creating(Creating),
    Live(Box<Live>),
    Finishing(Finishing),
    /// INVARIANT: terminal; holds no keys, sets no timers, says nothing more.
    Ended,
}

impl Agent {
    /// Starts a hand-off.
    pub fn new(config: Config, seed: Seed, now: Timestamp) -> Self {
        let mut cx = Context::new(config, Generator::new(seed), now);
        let phase = Attaching::begin(&mut cx);
        Self { cx, phase }
    }

    /// Takes one input at its time. Time that goes back is taken as standing still.
    pub fn handle(&mut self, now: Timestamp, input: Input<'_>) {
        self.cx.now = self.cx.now.max(now);
        while let Some(timer) = self.cx.timers.expire(self.cx.now) {
            self.step(|phase, cx| phase.on_timer(cx, timer));
        }
        self.step(|phase, cx| phase.on_input(cx, input));
    }

    /// Returns the next thing to do; [`Output::Idle`] when there is nothing for now.
    pub fn poll(&mut self) -> Output {
        self.cx
            .pop()
            .unwrap_or_else(|| Output::Idle(self.cx.timers.next()))
    }

    /// Tells whether this peer's socket should be read: not while too much waits to be drained.
    pub fn wants(&self, peer: Peer) -> bool {
        match peer {
            Peer::Browser | Peer::Relay => self.cx.has_room(),
        }
    }

    /// Returns what was dropped so far.
    pub fn counters(&self) -> Counters {
        self.cx.counters
    }

    /// Returns where the session stands.
    pub const fn stage(&self) -> Stage {
        match self.phase {
            Phase::Attaching(_) => Stage::Attaching,
            Phase::Creating(_) => Stage::Creating,
            Phase::Live(_) => Stage::Live,
            Phase::Finishing(_) => Stage::Finishing,
            Phase::Ended => Stage::Ended,
        }
    }

    /// Takes notes from here on of what viewers' messages turn out to be. For a session that has not
    /// reached its viewers yet; it changes nothing that the session does.
    pub const fn take_notes(&mut self) {
        self.cx.notes.start();
    }

    /// Takes out the note on the last message, if there is one.
    pub const fn heard(&mut self) -> Option<Heard> {
        self.cx.notes.take()
    }

    fn step(&mut self, step: impl FnOnce(Phase, &mut Context) -> Phase) {
        let phase = core::mem::replace(&mut self.phase, Phase::Ended);
        self.phase = step(phase, &mut self.cx);
    }
}

impl Phase {
    /// Ends: closes what may be open, tells the application, forgets everything.
    fn end(cx: &mut Context, outcome: Outcome) -> Self {
        cx.timers.clear_all();
        cx.close(Peer::Relay);
        cx.close(Peer::Browser);
        cx.remove_files();
        cx.tell(Event::Ended(outcome));
        Self::Ended
    }

    fn on_input(self, cx: &mut Context, input: Input<'_>) -> Self {
        match input {
            Input::Closed(peer, _) => cx.on_closed(peer),
            Input::Opened(peer) | Input::Drained(peer) => cx.on_drained(peer),
            Input::Text(..)
            | Input::Binary(..)
            | Input::Http(..)
            | Input::File(..)
            | Input::Request(_)
            | Input::Tick => {}
        }
        match (self, input) {
            (Self::Ended, _) => Self::Ended,
            (phase, Input::Tick) => phase,
            (phase, Input::Request(request)) => phase.on_request(cx, request),
            (phase, Input::Text(Peer::Browser, text)) => phase.on_browser_text(cx, text),
            (phase, Input::Closed(Peer::Browser, closed)) => phase.on_browser_closed(cx, closed),
            (phase, Input::Binary(Peer::Browser, _)) => {
                cx.counters.unknown_browser_messages += 1;
                phase
            }
            (Self::Attaching(phase), Input::Opened(Peer::Browser)) => phase.on_opened(cx),
            (Self::Attaching(phase), Input::Http(id, answer)) => phase.on_http(cx, id, answer),
            (Self::Creating(phase), Input::Http(id, answer)) => phase.on_http(cx, id, answer),
            (Self::Finishing(phase), Input::Http(id, answer)) => phase.on_http(cx, id, answer),
            (Self::Live(live), input) => live.on_relay_input(cx, input),
            (
                phase,
                Input::Opened(_)
                | Input::Text(Peer::Relay, _)
                | Input::Binary(Peer::Relay, _)
                | Input::Drained(_)
                | Input::File(..)
                | Input::Closed(Peer::Relay, _),
            ) => phase,
        }
    }

    fn on_browser_text(self, cx: &mut Context, text: &str) -> Self {
        match self {
            Self::Attaching(phase) => phase.on_text(cx, text),
            Self::Creating(phase) => phase.on_text(cx, text),
            Self::Live(live) => live.with(cx, |live, cx| live.on_browser_text(cx, text)),
            Self::Finishing(phase) => phase.on_browser_text(cx, text),
            Self::Ended => Self::Ended,
        }
    }

    fn on_browser_closed(self, cx: &mut Context, closed: Closed) -> Self {
        match self {
            Self::Attaching(phase) => phase.on_closed(cx, closed),
            Self::Creating(phase) => phase.abandon(cx, Outcome::Failed(Failure::BrowserLost)),
            Self::Live(live) => {
                let failure = live.on_browser_closed();
                live.finish(cx, Ending::ours(Outcome::Failed(failure)))
            }
            Self::Finishing(phase) => phase.on_browser_closed(cx),
            Self::Ended => Self::Ended,
        }
    }

    fn on_request(self, cx: &mut Context, request: Request) -> Self {
        let phase = match self {
            Self::Attaching(phase) => phase.abandon(cx),
            Self::Creating(phase) => phase.abandon(cx, Outcome::Cancelled),
            Self::Live(live) => live.finish(cx, Ending::ours(Outcome::Cancelled)),
            Self::Finishing(phase) => Self::Finishing(phase),
            Self::Ended => Self::Ended,
        };
        match (phase, request) {
            (Self::Finishing(phase), Request::Shutdown { grace }) => phase.hurry(cx, grace),
            (phase, Request::Cancel | Request::Shutdown { .. }) => phase,
        }
    }

    fn on_timer(self, cx: &mut Context, timer: Timer) -> Self {
        match (self, timer) {
            (Self::Attaching(phase), Timer::Attach) => phase.on_timeout(cx),
            (Self::Attaching(phase), Timer::Call) => phase.on_unanswered(cx),
            (Self::Live(live), timer) => live.on_timer(cx, timer),
            (Self::Finishing(phase), Timer::Finish) => phase.on_timeout(cx),
            (Self::Finishing(phase), Timer::Retry) => phase.on_retry(cx),
            (Self::Finishing(phase), Timer::Call) => phase.on_unanswered(cx),
            (phase, _) => phase,
        }
    }
}

impl Live {
    /// Lets the session take a step, and ends it if the step says so.
    fn with(
        mut self: Box<Self>,
        cx: &mut Context,
        step: impl FnOnce(&mut Self, &mut Context) -> Option<Ending>,
    ) -> Phase {
        match step(&mut self, cx).or_else(|| self.settle(cx)) {
            Some(ending) => self.finish(cx, ending),
            None => Phase::Live(self),
        }
    }

    fn on_relay_input(self: Box<Self>, cx: &mut Context, input: Input<'_>) -> Phase {
        self.with(cx, |live, cx| match input {
            Input::Opened(Peer::Relay) => {
                live.on_relay_opened(cx);
                None
            }
            Input::Text(Peer::Relay, text) => live.on_relay_text(cx, text),
            Input::Binary(Peer::Relay, bytes) => live.on_relay_binary(cx, bytes),
            Input::Drained(Peer::Relay) => {
                live.on_relay_drained(cx);
                None
            }
            Input::Closed(Peer::Relay, closed) => live.on_relay_closed(cx, closed),
            Input::Http(id, answer) => live.on_http(cx, id, answer),
            Input::File(id, answer) => {
                live.on_file(cx, id, answer);
                None
            }
            Input::Opened(Peer::Browser)
            | Input::Text(Peer::Browser, _)
            | Input::Binary(Peer::Browser, _)
            | Input::Drained(Peer::Browser)
            | Input::Closed(Peer::Browser, _)
            | Input::Request(_)
            | Input::Tick => None,
        })
    }

    fn on_timer(self: Box<Self>, cx: &mut Context, timer: Timer) -> Phase {
        self.with(cx, |live, cx| {
            match timer {
                Timer::Expiry => return Some(Ending::told(Outcome::Timeout)),
                Timer::GiveUp => return live.on_give_up(cx),
                Timer::Finish => return Some(Self::on_overdue(cx)),
                Timer::Call => return live.on_unanswered(cx),
                Timer::Input => return live.pump(cx),
                Timer::FrameRate => live.on_rate(cx),
                Timer::Stall => live.on_stall(cx),
                Timer::Proof => live.on_proof(cx),
                Timer::Viewport => live.on_viewport_timeout(cx),
                Timer::Redial => live.on_redial(cx),
                Timer::Steady => live.on_steady(cx),
                Timer::Channel => live.on_channel_timer(cx),
                Timer::World => return live.on_world_timer(cx),
                Timer::Attach | Timer::Retry => {}
            }
            None
        })
    }
}
