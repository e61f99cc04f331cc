//! A session of protocol version 2: end to end, against the relay too.
//!
//! What the relay says in text is about channels and the session's time, and is believed only as far.
//! What counts comes in records: the [`Arbiter`] opens them and passes on what the viewer in control
//! said, [`Flow`] judges whether that viewer had seen what it acts upon.

use core::num::NonZeroU16;

use serde::Serialize;
use zeroize::Zeroizing;

use super::{Channel, Live};
use crate::{
    agent::{
        capture::Picture,
        context::{Context, Timer},
        control::{Arbiter, News, Order, Said},
        deed::Deed,
        ending::Ending,
        event::{Event, Failure, Outcome},
        flow::{Flow, FlowCounters, FlowOrder, Turn, Verdict},
        io::{Message, Peer},
        notes::Notes,
        upload::{Dropped, FileDeed},
    },
    cdp::frame::Quality,
    crypto::v2::{AgentIdentity, FrameDraft, SessionId},
    input::{Errand, InvalidEvent, Stamped},
    secret::Pin,
    time::Timestamp,
    wire::v2::{AgentToRelay, Caps, CloseReason, FrameMeta, Kind, RelayToAgent},
};

/// Who is in control, and what they have seen.
pub(in crate::agent) struct V2 {
    arbiter: Arbiter,
    flow: Flow,
    /// The newest picture is due, whatever the credit, as soon as the relay's socket is ready for it.
    owes_picture: bool,
}

/// What the viewer in control did.
enum Done {
    ToThePage(Stamped),
    Beside(Deed),
}

/// The longest message that the relay may pass on, in bytes.
pub(super) const MAX_MESSAGE: usize = Kind::Input.max_record();

impl V2 {
    pub(in crate::agent) fn new(
        identity: AgentIdentity,
        session: SessionId,
        pin: Option<Pin>,
        expires_at: Timestamp,
    ) -> Self {
        Self {
            arbiter: Arbiter::new(identity, session, pin, expires_at),
            flow: Flow::new(),
            owes_picture: false,
        }
    }

    /// Takes notes of what records turn out to be, if these are taken.
    pub(in crate::agent) fn take_notes_like(&mut self, notes: &Notes) {
        self.arbiter.take_notes_like(notes);
    }

    pub(super) fn is_attended(&self) -> bool {
        self.arbiter.is_controlled()
    }

    /// Another page is shown.
    pub(super) fn on_page_shown(&mut self, now: Timestamp, page: u16) {
        self.flow.on_page_shown(now, page);
    }

    /// A picture came from Chromium.
    pub(super) fn on_frame(&mut self, now: Timestamp) {
        self.flow.on_frame(now);
    }

    pub(super) fn quality(&self) -> Quality {
        self.flow.quality()
    }

    /// Says what becomes of the picture that waits.
    pub(super) fn turn(&mut self, now: Timestamp, picture: &Picture, stalled: bool) -> Turn {
        if !self.arbiter.is_controlled() {
            return Turn::Wait;
        }
        let bytes = FrameDraft::record_length(picture.frame.jpeg.len());
        self.flow.turn(now, bytes, stalled)
    }

    /// Seals a picture and sends it.
    pub(super) fn show(&mut self, cx: &mut Context, picture: &Picture) {
        let Some(draft) = draft(picture) else {
            cx.counters.broken_frames += 1;
            return;
        };
        if let Some((counter, bytes)) = self.arbiter.seal_frame(cx.now, draft) {
            self.flow.on_sealed(cx.now, counter, bytes);
        }
        self.send(cx);
    }

    /// Tells, once, that the picture that is due goes now. Nobody is owed one that they can't see.
    fn takes_owed_picture(&mut self, cx: &Context) -> bool {
        self.owes_picture &= self.arbiter.is_controlled() && !self.flow.is_hidden();
        let goes = self.owes_picture && cx.is_relay_drained();
        self.owes_picture &= !goes;
        goes
    }

    pub(super) fn caps(&self) -> Caps {
        self.arbiter.caps()
    }

    pub(super) fn notify(cx: &mut Context, code: &'static str) {
        #[derive(Serialize)]
        struct Notice {
            r#type: &'static str,
            code: &'static str,
        }
        cx.board.tell(&Notice {
            r#type: "notice",
            code,
        });
    }

    pub(super) fn on_relay_closed(&mut self) {
        self.arbiter.relay_lost();
    }

    /// Tells the viewer how the session ended. All keys are wiped.
    pub(super) fn end(self, cx: &mut Context, reason: CloseReason) {
        for order in self.arbiter.close(cx.now, reason) {
            perform(cx, order);
        }
    }

    /// Does what the arbiter asked for, up to the next news.
    fn send(&mut self, cx: &mut Context) -> Option<News> {
        while let Some(order) = self.arbiter.poll() {
            if let Some(news) = perform(cx, order) {
                return Some(news);
            }
        }
        None
    }
}

impl Done {
    fn parse(json: &[u8]) -> Result<Self, InvalidEvent> {
        match Stamped::parse(json) {
            Ok(stamped) => Ok(Self::ToThePage(stamped)),
            Err(InvalidEvent::UnknownType) => Deed::parse(json).map(Self::Beside),
            Err(invalid) => Err(invalid),
        }
    }

    /// Returns what has its turn among the events, or else what it was instead.
    fn into_errand(self) -> Result<Errand, Self> {
        match self {
            Self::Beside(Deed::InTurn(errand)) => Ok(errand),
            other @ (Self::ToThePage(_) | Self::Beside(_)) => Err(other),
        }
    }

    /// Returns what goes to the page, or else what it was instead.
    fn into_stamped(self) -> Result<Stamped, Deed> {
        match self {
            Self::ToThePage(stamped) => Ok(stamped),
            Self::Beside(deed) => Err(deed),
        }
    }
}

impl Live {
    /// The relay sent a text message.
    pub(super) fn on_v2_text(&mut self, cx: &mut Context, text: &str) -> Option<Ending> {
        let Channel::V2(v2) = &mut self.channel else {
            return None;
        };
        match RelayToAgent::parse(text) {
            Some(RelayToAgent::ViewerConnected { chan }) => {
                v2.arbiter.viewer_connected(chan.get());
            }
            Some(RelayToAgent::ViewerDisconnected { chan }) => {
                v2.arbiter.viewer_disconnected(chan.get());
            }
            Some(RelayToAgent::SessionExpired) => return Some(Ending::told(Outcome::Timeout)),
            Some(RelayToAgent::SessionCancelled) => {
                return Some(self.told_by_relay(Outcome::Cancelled));
            }
            Some(RelayToAgent::SessionResolved) => {
                return Some(self.told_by_relay(Outcome::Resolved));
            }
            None => cx.counters.unknown_relay_messages += 1,
        }
        None
    }

    /// The relay passed a viewer's record on, or what it wants to be taken for one.
    pub(super) fn on_v2_record(&mut self, cx: &mut Context, record: &[u8]) -> Option<Ending> {
        let Channel::V2(v2) = &mut self.channel else {
            return None;
        };
        // It is opened in place, and wiped. What is too long is seen by one byte too many.
        let most = record.len().min(MAX_MESSAGE + 1);
        let mut record = Zeroizing::new(record.get(..most).unwrap_or_default().to_vec());
        let said = (v2.arbiter).read(cx.now, &mut cx.generator, &mut record);
        cx.notes.hand_over(v2.arbiter.heard());
        let said = said?;
        let done = match said.get() {
            Said::Input(_) => said.try_map(|said| match said {
                Said::Input(json) => Done::parse(json),
                Said::Control(_) | Said::Ack(_) => Err(InvalidEvent::UnknownType),
            }),
            Said::Control(control) => {
                if v2.flow.on_control(cx.now, control).is_err() {
                    v2.arbiter.reject(cx.now);
                }
                return None;
            }
            Said::Ack(ack) => {
                v2.flow.on_ack(cx.now, *ack);
                return None;
            }
        };
        let done = match done {
            Ok(done) if matches!(done.get(), Done::Beside(Deed::InTurn(_))) => {
                let errand = done.try_map(Done::into_errand).ok()?;
                return self.on_errand(cx, errand);
            }
            done => done,
        };
        match done.map(|done| done.try_map(Done::into_stamped)) {
            Ok(Ok(stamped)) => match v2.flow.judge(cx.now, stamped.get()) {
                Verdict::Take => return self.on_input(cx, stamped.map(|stamped| stamped.event)),
                Verdict::Drop(_) => cx.counters.dropped_events += 1,
            },
            Ok(Err(deed)) => return self.on_deed(cx, &deed),
            Err(InvalidEvent::Json) => v2.arbiter.reject(cx.now),
            Err(_) => cx.counters.invalid_events += 1,
        }
        None
    }

    /// The human did something beside the picture.
    fn on_deed(&mut self, cx: &mut Context, deed: &Deed) -> Option<Ending> {
        match deed {
            Deed::Dialog(answer) => self.browser.on_dialog_answer(cx, answer),
            Deed::Auth(answer) => self.browser.on_auth_answer(cx, answer),
            Deed::Files(FileDeed::Dropped(dropped)) => self.on_dropped(cx, dropped),
            Deed::Files(deed) => self.browser.on_file_deed(cx, deed),
            Deed::Tab(page) => {
                let news = self.browser.show(cx, *page);
                return self.on_news(cx, news);
            }
            // Taken before, with the proof of who wants it.
            Deed::InTurn(_) => {}
        }
        None
    }

    /// The human dropped files onto a picture: it is meant for what that showed, as a click would be.
    fn on_dropped(&mut self, cx: &mut Context, dropped: &Dropped) {
        let Channel::V2(v2) = &mut self.channel else {
            return;
        };
        match v2.flow.judge(cx.now, &dropped.click) {
            Verdict::Take => {
                let at = self.dispatcher.place(dropped.at);
                self.browser.on_drop(cx, dropped.choice, at);
            }
            Verdict::Drop(_) => cx.counters.dropped_events += 1,
        }
    }

    /// The browser told which document a page shows.
    pub(super) fn on_document(&mut self, cx: &Context, page: u16, loader: &str) {
        if let Channel::V2(v2) = &mut self.channel {
            v2.flow.on_document(cx.now, page, loader);
        }
    }

    /// [`Timer::Channel`] fired.
    pub(in crate::agent) fn on_channel_timer(&mut self, cx: &Context) {
        if let Channel::V2(v2) = &mut self.channel {
            v2.arbiter.tick(cx.now);
        }
    }

    /// Does what the last step made due. Returns how the session ends, if it does.
    pub(in crate::agent) fn settle(&mut self, cx: &mut Context) -> Option<Ending> {
        loop {
            let Channel::V2(v2) = &mut self.channel else {
                return None;
            };
            if let Some(news) = v2.send(cx) {
                if let Some(ending) = self.on_viewer_news(cx, news) {
                    return Some(ending);
                }
                continue;
            }
            match v2.flow.poll(cx.now, v2.arbiter.got()) {
                Some(FlowOrder::Control(json)) => {
                    v2.arbiter.seal_control(cx.now, &json);
                }
                Some(FlowOrder::Show) => v2.owes_picture = true,
                Some(FlowOrder::Cast(quality)) => {
                    self.capture.recast(cx, &mut self.browser, quality);
                }
                None => {
                    // How things stand can wait for a slow link; only the newest counts.
                    let word = cx.is_relay_drained().then(|| cx.board.poll(cx.now));
                    let Some(json) = word.flatten() else {
                        break;
                    };
                    v2.arbiter.seal_control(cx.now, &json);
                }
            }
        }
        if let Channel::V2(v2) = &mut self.channel
            && v2.takes_owed_picture(cx)
        {
            self.capture.show_newest(cx, &mut self.channel);
        }
        self.capture
            .proceed(cx, &mut self.browser, &mut self.channel);
        self.report(cx);
        None
    }

    fn report(&self, cx: &mut Context) {
        let Channel::V2(v2) = &self.channel else {
            return;
        };
        let FlowCounters {
            stale,
            navigated,
            lost,
            untold,
        } = v2.flow.counters();
        cx.counters.stale_events = stale;
        cx.counters.navigated_events = navigated;
        cx.counters.lost_frames = lost;
        cx.counters.untold_notes = untold + cx.board.untold();
        // What waits for the socket is told when that has room again.
        let board = cx.board.deadline().filter(|_| cx.is_relay_drained());
        let deadlines = [v2.arbiter.deadline(), v2.flow.deadline(), board];
        match deadlines.into_iter().flatten().min() {
            Some(at) => cx.timers.set(Timer::Channel, at),
            None => cx.timers.clear(Timer::Channel),
        }
    }

    fn on_viewer_news(&mut self, cx: &mut Context, news: News) -> Option<Ending> {
        let Channel::V2(v2) = &mut self.channel else {
            return None;
        };
        match news {
            News::Joined | News::Resumed | News::Replaced => {
                v2.flow.on_ready(cx.now);
                cx.board.on_ready(cx.now);
                // Even a viewer that comes back may do so as another page, which holds nothing.
                self.dispatcher.change_hands();
                if news == News::Replaced {
                    cx.tell(Event::ViewerReplaced);
                } else if !self.browser.is_attended() {
                    cx.tell(Event::ViewerJoined);
                }
                self.attend(cx);
                return self.pump(cx);
            }
            News::Left => {
                v2.flow.on_gone();
                cx.board.on_gone();
                return self.on_unattended(cx);
            }
            News::Tampered => cx.tell(Event::Tampered),
            News::WrongPins => {
                return Some(Ending::ours(Outcome::Failed(Failure::WrongPins)));
            }
        }
        None
    }
}

/// Does what the arbiter asked for. News are for the session to take.
fn perform(cx: &mut Context, order: Order) -> Option<News> {
    match order {
        Order::Send(record) => cx.send(Peer::Relay, Message::Binary(record.into())),
        Order::CloseViewer { chan, code } => {
            if let Some(chan) = NonZeroU16::new(chan) {
                let close = AgentToRelay::CloseViewer { chan, code };
                cx.send_text(Peer::Relay, close.to_text());
            }
        }
        Order::News(news) => return Some(news),
    }
    None
}

/// A picture as it is sealed; `None` if its geometry can't be said.
fn draft(picture: &Picture) -> Option<FrameDraft> {
    let frame = &picture.frame;
    let meta = FrameMeta {
        repeat: picture.repeat,
        page: picture.page,
        capture_ms: Flow::clock(picture.captured),
        device_width: single(frame.meta.device_width),
        device_height: single(frame.meta.device_height),
        offset_top: single(frame.meta.offset_top),
        page_scale_factor: single(frame.meta.page_scale_factor),
        scroll_x: single(frame.meta.scroll_offset_x),
        scroll_y: single(frame.meta.scroll_offset_y),
    };
    let mut draft = FrameDraft::new(&meta, frame.jpeg.len()).ok()?;
    draft.push(&frame.jpeg);
    Some(draft)
}

#[expect(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    reason = "there is no other conversion; what is out of range becomes infinite, and is refused"
)]
const fn single(number: f64) -> f32 {
    number as f32
}
