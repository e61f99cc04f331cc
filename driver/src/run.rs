//! The loop: drain the machine, move the sockets, look at the clock, again while anything moves.
//!
//! One future, written by hand. Nothing is spawned, no branch is ever dropped half-way, nobody is
//! served twice in a turn: a flood from one side delays neither the other nor the timers.

use std::{
    pin::pin,
    sync::Arc,
    task::{Context, Poll},
};

use authloop_core::{
    agent::{
        Counters,
        event::{Event, Outcome},
        io::{Input, Output, Peer},
    },
    time::Timestamp,
};
use futures::future::poll_fn;
use tracing::{debug, info};

use crate::{
    clock::Clock,
    exchanges::Exchanges,
    farewell::{self, Partings},
    files::Files,
    handle::{Handle, Reporter, pair},
    http,
    link::Link,
    machine::Machine,
    options::Options,
    runtime::Runtime,
    socket,
    timer::Timer,
    tls::Tls,
};

/// Turns in one go, before others on this thread get theirs.
const TURNS: usize = 32;

/// Outputs taken in one turn. A machine's queues are bounded, but nobody should wait for all of it.
const OUTPUTS: usize = 256;

/// Drives a machine that was made at [`Timestamp::default`], which is now.
///
/// The session lives as long as the future: the caller spawns it. It completes once the session is
/// over and everybody was told, five seconds after the end at the latest. Dropping it closes
/// everything at once.
pub fn drive<R: Runtime, M: Machine + Send + 'static>(
    runtime: R,
    options: Options,
    machine: M,
) -> (Handle, impl Future<Output = Outcome> + Send + 'static) {
    let clock = Clock::starting(runtime.now());
    let (handle, reporter) = pair();
    let mut driver = Driver {
        clock,
        tls: Arc::new(Tls::trusting(options.extra_roots)),
        machine,
        deadline: None,
        browser: Link::new(Peer::Browser),
        relay: Link::new(Peer::Relay),
        partings: Partings::new(),
        exchanges: Exchanges::default(),
        files: Files::under(options.files.unwrap_or_else(std::env::temp_dir)),
        reporter,
        ending: None,
        runtime: Arc::new(runtime),
    };
    let run = async move {
        let runtime = Arc::clone(&driver.runtime);
        let sleep = pin!(None);
        let mut timer = Timer::new(sleep);
        poll_fn(|cx| {
            for _ in 0..TURNS {
                let moved = driver.turn(cx);
                if let Some(outcome) = driver.outcome() {
                    return Poll::Ready(outcome);
                }
                if moved {
                    continue;
                }
                let sleep_until = |at| runtime.sleep_until(clock.instant(at));
                if timer.poll(cx, driver.deadline(), sleep_until).is_pending() {
                    return Poll::Pending;
                }
            }
            cx.waker().wake_by_ref();
            Poll::Pending
        })
        .await
    };
    (handle, run)
}

struct Driver<R: Runtime, M> {
    runtime: Arc<R>,
    clock: Clock,
    tls: Arc<Tls>,
    machine: M,
    /// The machine's deadline, as its last [`Output::Idle`] named it.
    deadline: Option<Timestamp>,
    browser: Link<R::Stream>,
    relay: Link<R::Stream>,
    partings: Partings<R::Stream>,
    exchanges: Exchanges,
    files: Files,
    reporter: Reporter,
    ending: Option<Ending>,
}

/// The machine has ended; what remains is to tell everybody.
struct Ending {
    outcome: Outcome,
    until: Timestamp,
}

impl<R: Runtime, M: Machine> Driver<R, M> {
    /// Serves everyone once; returns whether anything happened.
    fn turn(&mut self, cx: &mut Context<'_>) -> bool {
        let now = self.clock.timestamp(self.runtime.now());
        let mut moved = self.drain(now);
        moved |= self.take_request(cx, now);
        for link in [&mut self.browser, &mut self.relay] {
            moved |= link.poll(cx, now, &mut self.machine, &mut self.partings);
        }
        moved |= self.exchanges.poll(cx, now, &mut self.machine);
        moved |= self.files.poll(cx, now, &mut self.machine);
        moved |= self.partings.poll(cx, now);
        if self.deadline.is_some_and(|deadline| deadline <= now) {
            self.deadline = None;
            self.machine.handle(now, Input::Tick);
            moved = true;
        }
        moved
    }

    /// Does what the machine wants done; returns whether that was anything.
    fn drain(&mut self, now: Timestamp) -> bool {
        for done in 0..OUTPUTS {
            match self.machine.poll() {
                Output::Connect(peer, connect) => {
                    let until = now + connect.timeout;
                    let (runtime, tls) = (Arc::clone(&self.runtime), Arc::clone(&self.tls));
                    let dialling =
                        async move { socket::open(&*runtime, &tls, peer, connect).await };
                    self.link(peer).connect(Box::pin(dialling), until);
                }
                Output::Send(peer, message) => self.link(peer).send(message),
                Output::Close(peer) => match peer {
                    Peer::Browser => self.browser.close(now, &mut self.partings),
                    Peer::Relay => self.relay.close(now, &mut self.partings),
                },
                Output::Http(id, request) => {
                    let until = now + request.timeout;
                    let (runtime, tls) = (Arc::clone(&self.runtime), Arc::clone(&self.tls));
                    let exchange = async move { http::exchange(&*runtime, &tls, request).await };
                    self.exchanges.begin(id, Box::pin(exchange), until);
                }
                Output::File(op) => self.files.begin(op),
                Output::Event(event) => self.event(now, event),
                Output::Idle(deadline) => {
                    self.deadline = deadline;
                    if self.ending.is_some() {
                        self.browser.close(now, &mut self.partings);
                        self.relay.close(now, &mut self.partings);
                    }
                    return done > 0;
                }
            }
        }
        true
    }

    fn event(&mut self, now: Timestamp, event: Event) {
        if let Event::Ended(outcome) = &event {
            info!(target: "authloop::session", ?outcome, "Session ended");
            log(&self.machine.counters());
            self.ending.get_or_insert(Ending {
                outcome: outcome.clone(),
                until: now + farewell::LIMIT,
            });
        }
        self.reporter.report(event);
    }

    fn take_request(&mut self, cx: &mut Context<'_>, now: Timestamp) -> bool {
        match self.reporter.requests().poll_recv(cx) {
            Poll::Ready(Some(request)) => {
                self.machine.handle(now, Input::Request(request));
                true
            }
            Poll::Ready(None) | Poll::Pending => false,
        }
    }

    /// Returns the outcome once everybody was told, or had the time to be.
    fn outcome(&self) -> Option<Outcome> {
        let ending = self.ending.as_ref()?;
        let told = self.browser.is_absent()
            && self.relay.is_absent()
            && self.partings.is_empty()
            && self.exchanges.is_empty()
            && self.files.is_idle();
        let now = self.clock.timestamp(self.runtime.now());
        (told || ending.until <= now).then(|| ending.outcome.clone())
    }

    /// Returns when the next turn is due at the latest.
    fn deadline(&self) -> Option<Timestamp> {
        [
            self.deadline,
            self.browser.deadline(),
            self.relay.deadline(),
            self.partings.deadline(),
            self.exchanges.deadline(),
            self.ending.as_ref().map(|ending| ending.until),
        ]
        .into_iter()
        .flatten()
        .min()
    }

    fn link(&mut self, peer: Peer) -> &mut Link<R::Stream> {
        match peer {
            Peer::Browser => &mut self.browser,
            Peer::Relay => &mut self.relay,
        }
    }
}

/// Says what a session dropped, by what it tells about.
fn log(counters: &Counters) {
    let Counters {
        unknown_relay_messages,
        unknown_browser_messages,
        refused_keys,
        refused_seals,
        invalid_events,
        dropped_events,
        stale_events,
        navigated_events,
        lost_frames,
        untold_notes,
        skipped_frames,
        broken_frames,
        unanswered_calls,
    } = *counters;
    debug!(target: "authloop::crypto", refused_keys, refused_seals, "Refused");
    debug!(
        target: "authloop::stream",
        unknown_relay_messages,
        invalid_events,
        dropped_events,
        stale_events,
        navigated_events,
        untold_notes,
        "Dropped"
    );
    debug!(target: "authloop::cdp", unknown_browser_messages, unanswered_calls, "Dropped");
    debug!(target: "authloop::perf", skipped_frames, broken_frames, lost_frames, "Dropped");
}
