//! The screencast and its flow control: the viewer is shown the newest picture, never the past.
//!
//! Chromium is acknowledged only once a frame has been handed to a drained socket, so a slow link
//! makes Chromium skip frames instead of making anybody queue them. One newest frame waits besides.
//!
//! ```text
//! Off ──start──▶ Measuring ──viewport known, or not in time──▶ Casting ──stop──▶ Off
//! ```

use core::time::Duration;

use crate::{
    agent::{
        browser::{Browser, Purpose},
        context::{Context, Timer},
        flow::Turn,
        live::Channel,
    },
    cdp::{
        codec::NoParams,
        frame::{
            Ack, FocusEmulation, Frame, MAX_IN_FLIGHT, Quality, ScreencastFrame, StartScreencast,
            Viewport,
        },
        vocabulary::Method,
    },
    input::Geometry,
    time::Timestamp,
};

/// How long a page may take to tell its size. One with an open dialog never does.
const VIEWPORT_TIMEOUT: Duration = Duration::from_millis(500);

/// When a frame must follow the acknowledgement that ended a stall. Chromiums that don't know
/// `sendLastFrame` forget what was painted meanwhile; starting the cast anew brings it.
const STALL_RECOVERY: Duration = Duration::from_millis(300);

/// When a cast that was refused is started anew.
const REFUSAL_RECOVERY: Duration = Duration::from_millis(100);

/// How long after a picture or an input the page is captured once more. On a busy computer Chromium loses the
/// last picture of one burst in a hundred, and a page that stands still then sends no other.
const PROOF_AFTER: Duration = Duration::from_millis(700);

/// The screencast of the shown page.
pub(super) struct Capture {
    state: State,
    quality: Quality,
    /// The newest picture sent: what a viewer that joins is shown.
    shown: Option<Picture>,
    /// The newest picture, if it couldn't be sent yet.
    waiting: Option<Picture>,
    /// The earliest moment the next frame may be sent.
    next: Timestamp,
}

/// A frame, and what is known of it.
#[derive(Clone)]
pub(super) struct Picture {
    pub(super) frame: Frame,
    /// The number of the page it shows.
    pub(super) page: u16,
    /// When it came from Chromium.
    pub(super) captured: Timestamp,
    /// Whether it was sent before.
    pub(super) repeat: bool,
}

impl Picture {
    /// Whether both show the same.
    fn is_like(&self, other: &Self) -> bool {
        self.page == other.page
            && self.frame.meta == other.frame.meta
            && self.frame.jpeg == other.frame.jpeg
    }
}

enum State {
    Off,
    Measuring,
    Casting(Cast),
}

struct Cast {
    viewport: Option<Viewport>,
    /// Chromium's number for this cast, which its acknowledgements repeat.
    number: u32,
    /// Frames received and not acknowledged; the waiting one is among them.
    owed: u32,
    /// Whether Chromium had to stop for want of an acknowledgement.
    stalled: bool,
    /// The first frame only has to prove what is shown.
    proves: bool,
}

impl Capture {
    pub(super) fn new() -> Self {
        Self {
            state: State::Off,
            quality: Quality::NORMAL,
            shown: None,
            waiting: None,
            next: Timestamp::default(),
        }
    }

    /// Starts capturing, unless it goes on already.
    pub(super) fn start(&mut self, cx: &mut Context, browser: &mut Browser, quality: Quality) {
        self.quality = quality;
        if matches!(self.state, State::Off) {
            let on = FocusEmulation { enabled: true };
            browser.call_page(cx, FOCUS, &on, None);
            self.measure(cx, browser);
        }
    }

    /// Stops capturing and undoes what was set, on covered pages too.
    pub(super) fn stop(&mut self, cx: &mut Context, browser: &mut Browser) {
        if !matches!(self.state, State::Off) {
            let off = FocusEmulation { enabled: false };
            browser.call_every_page(cx, Method::PageStopScreencast, &NoParams {});
            browser.call_every_page(cx, FOCUS, &off);
        }
        self.halt(cx);
    }

    /// Captures the page that is shown now; the page shown before is gone or has been covered.
    pub(super) fn switch(&mut self, cx: &mut Context, browser: &mut Browser) {
        let was_on = !matches!(self.state, State::Off);
        self.halt(cx);
        self.shown = None;
        if was_on {
            // What is covered now has its cast still.
            browser.call_every_page(cx, Method::PageStopScreencast, &NoParams {});
            self.start(cx, browser, self.quality);
        }
    }

    fn halt(&mut self, cx: &mut Context) {
        self.state = State::Off;
        self.waiting = None;
        for timer in [
            Timer::Viewport,
            Timer::Stall,
            Timer::Proof,
            Timer::FrameRate,
        ] {
            cx.timers.clear(timer);
        }
    }

    fn measure(&mut self, cx: &mut Context, browser: &mut Browser) {
        self.state = State::Measuring;
        let purpose = Some(Purpose::Viewport);
        browser.call_page(cx, Method::PageGetLayoutMetrics, &NoParams {}, purpose);
        cx.start(Timer::Viewport, VIEWPORT_TIMEOUT);
    }

    /// Takes the answer to the question how large the viewport is; `None` if it didn't come.
    pub(super) fn measured(
        &mut self,
        cx: &mut Context,
        browser: &mut Browser,
        viewport: Option<Viewport>,
    ) {
        if matches!(self.state, State::Measuring) {
            cx.timers.clear(Timer::Viewport);
            self.state = State::Casting(Cast {
                viewport,
                number: 0,
                owed: 0,
                stalled: false,
                proves: false,
            });
            self.cast(cx, browser, viewport);
        }
    }

    fn cast(&self, cx: &mut Context, browser: &mut Browser, viewport: Option<Viewport>) {
        let start = StartScreencast::of(viewport).at(self.quality);
        let purpose = Some(Purpose::Cast);
        browser.call_page(cx, Method::PageStartScreencast, &start, purpose);
    }

    /// Chromium didn't start the cast: it doesn't while a page gives way to the next. No picture would
    /// ever follow.
    pub(super) fn on_refused(&mut self, cx: &mut Context) {
        if matches!(self.state, State::Casting(_)) {
            cx.start(Timer::Stall, REFUSAL_RECOVERY);
        }
    }

    /// Captures anew, with pictures of this quality. Chromium sends one at once.
    pub(super) fn recast(&mut self, cx: &mut Context, browser: &mut Browser, quality: Quality) {
        self.quality = quality;
        if let State::Casting(cast) = &mut self.state {
            (cast.owed, cast.stalled, cast.proves) = (0, false, false);
            let viewport = cast.viewport;
            browser.call_page(cx, Method::PageStopScreencast, &NoParams {}, None);
            self.cast(cx, browser, viewport);
        }
    }

    /// Takes a frame from Chromium. Returns the geometry the human will click in.
    pub(super) fn on_frame(
        &mut self,
        cx: &mut Context,
        browser: &mut Browser,
        channel: &mut Channel,
        frame: &ScreencastFrame<'_>,
    ) -> Option<Geometry> {
        let State::Casting(cast) = &mut self.state else {
            return None;
        };
        cx.timers.clear(Timer::Stall);
        let mut proves = false;
        if cast.number != frame.session_id {
            (cast.number, cast.owed, cast.stalled) = (frame.session_id, 0, false);
            proves = core::mem::take(&mut cast.proves);
        }
        cast.owed = cast.owed.saturating_add(1);
        cast.stalled |= cast.owed >= MAX_IN_FLIGHT;
        let Some(frame) = frame.decode() else {
            cx.counters.broken_frames += 1;
            self.acknowledge(cx, browser, u32::from(self.waiting.is_some()));
            return None;
        };
        if cast
            .viewport
            .is_some_and(|viewport| viewport.is_outgrown_by(&frame.meta))
        {
            browser.call_page(cx, Method::PageStopScreencast, &NoParams {}, None);
            self.measure(cx, browser);
        }
        let geometry = Geometry {
            offset_top: frame.meta.offset_top,
            page_scale_factor: frame.meta.page_scale_factor,
        };
        let picture = Picture {
            frame,
            page: browser.shown_page(),
            captured: cx.now,
            repeat: false,
        };
        if proves
            && self.waiting.is_none()
            && self
                .shown
                .as_ref()
                .is_some_and(|shown| shown.is_like(&picture))
        {
            self.acknowledge(cx, browser, 0);
            return Some(geometry);
        }
        if self.waiting.replace(picture).is_some() {
            cx.counters.skipped_frames += 1;
        }
        channel.on_frame(cx);
        self.proceed(cx, browser, channel);
        Some(geometry)
    }

    /// There may be credit now: Chromium may go on, and what waits may be sent.
    pub(super) fn proceed(
        &mut self,
        cx: &mut Context,
        browser: &mut Browser,
        channel: &mut Channel,
    ) {
        let Some(waiting) = &self.waiting else {
            if channel.counts_credit() || cx.is_relay_drained() {
                self.acknowledge(cx, browser, 0);
            }
            return;
        };
        let is_stalled = matches!(&self.state, State::Casting(cast) if cast.stalled);
        match channel.turn(cx, waiting, is_stalled) {
            Turn::Wait => {}
            Turn::Refresh => self.acknowledge(cx, browser, 1),
            Turn::Send if channel.counts_credit() => {
                self.send_waiting(cx, channel);
                let kept = u32::from(self.waiting.is_some());
                self.acknowledge(cx, browser, kept);
            }
            Turn::Send => {
                self.acknowledge(cx, browser, 1);
                self.send_waiting(cx, channel);
            }
        }
    }

    /// Sends the newest picture now, whether it was sent before or not.
    pub(super) fn show_newest(&mut self, cx: &mut Context, channel: &mut Channel) {
        let again = || {
            let mut picture = self.shown.clone()?;
            picture.repeat = true;
            Some(picture)
        };
        if let Some(picture) = self.waiting.take().or_else(again) {
            self.show(cx, channel, picture);
        }
    }

    fn show(&mut self, cx: &mut Context, channel: &mut Channel, picture: Picture) {
        channel.show(cx, &picture);
        self.shown = Some(picture);
        self.expect_proof(cx);
    }

    /// [`Timer::Stall`] fired: nothing came after the acknowledgement that ended a stall, or the cast was
    /// refused.
    pub(super) fn on_stall(&mut self, cx: &mut Context, browser: &mut Browser) {
        self.prove(cx, browser);
    }

    /// Something was done to the page, or shown of it: when nothing follows, the last picture has to be proven.
    pub(super) fn expect_proof(&self, cx: &mut Context) {
        if matches!(self.state, State::Casting(_)) {
            cx.start(Timer::Proof, PROOF_AFTER);
        }
    }

    /// [`Timer::Proof`] fired.
    pub(super) fn on_proof(&mut self, cx: &mut Context, browser: &mut Browser) {
        // One that waits has its proof once it is shown.
        if self.waiting.is_none() {
            self.prove(cx, browser);
        }
    }

    /// Captures anew; a picture that shows the same isn't sent.
    fn prove(&mut self, cx: &mut Context, browser: &mut Browser) {
        cx.timers.clear(Timer::Proof);
        self.recast(cx, browser, self.quality);
        if let State::Casting(cast) = &mut self.state {
            cast.proves = true;
        }
    }

    /// Shows a viewer that joins what the others see.
    pub(super) fn show_again(
        &mut self,
        cx: &mut Context,
        browser: &mut Browser,
        channel: &mut Channel,
    ) {
        if let (None, Some(picture)) = (&self.waiting, &self.shown) {
            self.waiting = Some(picture.clone());
            self.proceed(cx, browser, channel);
        }
    }

    /// Sends the waiting picture if the rate allows it.
    fn send_waiting(&mut self, cx: &mut Context, channel: &mut Channel) {
        if cx.now < self.next {
            cx.timers.set(Timer::FrameRate, self.next);
            return;
        }
        let Some(picture) = self.waiting.take() else {
            return;
        };
        if let Some(rate) = cx.config.max_frame_rate {
            self.next = cx.now + Duration::from_millis(1_000 / u64::from(rate.get()));
        }
        self.show(cx, channel, picture);
    }

    /// Acknowledges every frame but the `kept` newest.
    fn acknowledge(&mut self, cx: &mut Context, browser: &mut Browser, kept: u32) {
        let State::Casting(cast) = &mut self.state else {
            return;
        };
        while cast.owed > kept {
            cast.owed -= 1;
            let ack = Ack {
                session_id: cast.number,
            };
            browser.call_page(cx, Method::PageScreencastFrameAck, &ack, None);
        }
        if cast.stalled && cast.owed < MAX_IN_FLIGHT {
            cast.stalled = false;
            cx.start(Timer::Stall, STALL_RECOVERY);
        }
    }
}

/// Makes a page behave as if it had the focus.
const FOCUS: Method = Method::EmulationSetFocusEmulationEnabled;
