//! The screencast and its flow control: the viewer is shown the newest picture, never the past.
//!
//! Chromium is acknowledged only once a frame has been handed to a drained socket, so a slow link
//! makes Chromium skip frames instead of making anybody queue them. One newest frame waits besides.
//!
//! ```text
//! Off ──start──▶ Measuring ──viewport known, or not in time──▶ Casting ──stop──▶ Off
//! ```

use core::time::Duration;

use bytes::Bytes;
use serde::Serialize;

use crate::{
    agent::{
        browser::{Browser, Purpose},
        context::{Context, Timer},
        io::{Message, Peer},
    },
    cdp::{
        codec::NoParams,
        frame::{Ack, Frame, MAX_IN_FLIGHT, ScreencastFrame, StartScreencast, Viewport},
    },
    input::Geometry,
    time::Timestamp,
    wire::v1::Outgoing,
};

/// How long a page may take to tell its size. One with an open dialog never does.
const VIEWPORT_TIMEOUT: Duration = Duration::from_millis(500);

/// When a frame must follow the acknowledgement that ended a stall. Chromiums that don't know
/// `sendLastFrame` forget what was painted meanwhile; starting the cast anew brings it.
const STALL_RECOVERY: Duration = Duration::from_millis(300);

/// The screencast of the shown page.
pub(super) struct Capture {
    state: State,
    /// The newest frame sent: what a viewer that joins is shown.
    shown: Option<Frame>,
    /// The newest frame, if it couldn't be sent yet.
    waiting: Option<Frame>,
    /// Whether the relay's socket holds nothing unsent.
    drained: bool,
    /// The earliest moment the next frame may be sent.
    next: Timestamp,
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
}

impl Capture {
    pub(super) fn new() -> Self {
        Self {
            state: State::Off,
            shown: None,
            waiting: None,
            drained: false,
            next: Timestamp::default(),
        }
    }

    /// Starts capturing, unless it goes on already.
    pub(super) fn start(&mut self, cx: &mut Context, browser: &mut Browser) {
        if matches!(self.state, State::Off) {
            let on = FocusEmulation { enabled: true };
            browser.call_page(cx, FOCUS_EMULATION, &on, None);
            self.measure(cx, browser);
        }
    }

    /// Stops capturing and undoes what was set, on covered pages too.
    pub(super) fn stop(&mut self, cx: &mut Context, browser: &mut Browser) {
        if !matches!(self.state, State::Off) {
            let off = FocusEmulation { enabled: false };
            browser.call_every_page(cx, "Page.stopScreencast", &NoParams {});
            browser.call_every_page(cx, FOCUS_EMULATION, &off);
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
            browser.call_every_page(cx, "Page.stopScreencast", &NoParams {});
            self.start(cx, browser);
        }
    }

    fn halt(&mut self, cx: &mut Context) {
        self.state = State::Off;
        self.waiting = None;
        for timer in [Timer::Viewport, Timer::Stall, Timer::FrameRate] {
            cx.timers.clear(timer);
        }
    }

    fn measure(&mut self, cx: &mut Context, browser: &mut Browser) {
        self.state = State::Measuring;
        let purpose = Some(Purpose::Viewport);
        browser.call_page(cx, "Page.getLayoutMetrics", &NoParams {}, purpose);
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
            });
            let start = StartScreencast::of(viewport);
            browser.call_page(cx, "Page.startScreencast", &start, None);
        }
    }

    /// Takes a frame from Chromium. Returns the geometry the human will click in.
    pub(super) fn on_frame(
        &mut self,
        cx: &mut Context,
        browser: &mut Browser,
        frame: &ScreencastFrame<'_>,
    ) -> Option<Geometry> {
        let State::Casting(cast) = &mut self.state else {
            return None;
        };
        cx.timers.clear(Timer::Stall);
        if cast.number != frame.session_id {
            (cast.number, cast.owed, cast.stalled) = (frame.session_id, 0, false);
        }
        cast.owed = cast.owed.saturating_add(1);
        cast.stalled |= cast.owed >= MAX_IN_FLIGHT;
        let Some(frame) = frame.decode() else {
            cx.counters.broken_frames += 1;
            self.acknowledge(cx, browser);
            return None;
        };
        if cast
            .viewport
            .is_some_and(|viewport| viewport.is_outgrown_by(&frame.meta))
        {
            browser.call_page(cx, "Page.stopScreencast", &NoParams {}, None);
            self.measure(cx, browser);
        }
        let geometry = Geometry {
            offset_top: frame.meta.offset_top,
            page_scale_factor: frame.meta.page_scale_factor,
        };
        if self.waiting.replace(frame).is_some() {
            cx.counters.skipped_frames += 1;
        }
        self.send_waiting(cx);
        Some(geometry)
    }

    /// The relay's socket was opened, and holds nothing.
    pub(super) fn on_relay_opened(&mut self) {
        self.drained = true;
    }

    /// The relay's socket is gone.
    pub(super) fn on_relay_closed(&mut self) {
        self.drained = false;
    }

    /// Something was put into the relay's socket.
    pub(super) fn on_relay_filled(&mut self) {
        self.drained = false;
    }

    /// The relay's socket has taken everything.
    pub(super) fn on_relay_drained(&mut self, cx: &mut Context, browser: &mut Browser) {
        self.drained = true;
        self.acknowledge(cx, browser);
        self.send_waiting(cx);
    }

    /// [`Timer::FrameRate`] fired.
    pub(super) fn on_rate(&mut self, cx: &mut Context) {
        self.send_waiting(cx);
    }

    /// [`Timer::Stall`] fired: nothing came after the acknowledgement that ended a stall.
    pub(super) fn on_stall(&mut self, cx: &mut Context, browser: &mut Browser) {
        if let State::Casting(cast) = &mut self.state {
            let start = StartScreencast::of(cast.viewport);
            (cast.owed, cast.stalled) = (0, false);
            browser.call_page(cx, "Page.stopScreencast", &NoParams {}, None);
            browser.call_page(cx, "Page.startScreencast", &start, None);
        }
    }

    /// Shows a viewer that joins what the others see.
    pub(super) fn show_again(&mut self, cx: &mut Context) {
        if let (None, Some(frame)) = (&self.waiting, &self.shown) {
            self.waiting = Some(frame.clone());
            self.send_waiting(cx);
        }
    }

    /// Sends the waiting frame if the socket is empty and the rate allows it.
    fn send_waiting(&mut self, cx: &mut Context) {
        if !self.drained || self.waiting.is_none() {
            return;
        }
        if cx.now < self.next {
            cx.timers.set(Timer::FrameRate, self.next);
            return;
        }
        let Some(frame) = self.waiting.take() else {
            return;
        };
        if let Some(rate) = cx.config.max_frame_rate {
            self.next = cx.now + Duration::from_millis(1_000 / u64::from(rate.get()));
        }
        cx.send_text(Peer::Relay, Outgoing::Frame(frame.meta).to_text());
        cx.send(Peer::Relay, Message::Binary(Bytes::clone(&frame.jpeg)));
        self.drained = false;
        self.shown = Some(frame);
    }

    /// Acknowledges every frame that has been dealt with: all but the waiting one.
    fn acknowledge(&mut self, cx: &mut Context, browser: &mut Browser) {
        let State::Casting(cast) = &mut self.state else {
            return;
        };
        let kept = u32::from(self.waiting.is_some());
        while cast.owed > kept {
            cast.owed -= 1;
            let ack = Ack {
                session_id: cast.number,
            };
            browser.call_page(cx, "Page.screencastFrameAck", &ack, None);
        }
        if cast.stalled && cast.owed < MAX_IN_FLIGHT {
            cast.stalled = false;
            cx.start(Timer::Stall, STALL_RECOVERY);
        }
    }
}

/// Makes a page behave as if it had the focus.
const FOCUS_EMULATION: &str = "Emulation.setFocusEmulationEnabled";

/// Its parameters.
#[derive(Serialize)]
struct FocusEmulation {
    enabled: bool,
}
