//! What every phase of the agent shares: the time, the timers, the way out, the configuration.

use alloc::{collections::VecDeque, string::String};
use core::time::Duration;

use url::Url;

use crate::{
    agent::{
        board::Board,
        config::Config,
        event::Event,
        file::{FileId, FileOp},
        io::{Connect, HostHeader, HttpId, HttpRequest, Message, Method, Output, Peer},
        notes::Notes,
    },
    generator::Generator,
    time::Timestamp,
    timer::{TimerKind, Timers},
};

/// Entries in the way out above which the machine stops reading.
const MAX_WAITING_OUTPUTS: usize = 512;

/// Bytes in the way out above which the machine stops reading.
const MAX_WAITING_BYTES: usize = 16 * 1024 * 1024;

/// How long one REST exchange may take.
const REST_TIMEOUT: Duration = Duration::from_secs(15);

/// The largest answer of the REST API.
const MAX_REST_BODY: usize = 64 * 1024;

/// What the agent's deadlines are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Timer {
    /// Attaching to the browser takes too long.
    Attach,
    /// The session's own end, a little after the relay's.
    Expiry,
    /// The oldest CDP call wasn't answered.
    Call,
    /// The next input event may go to the browser.
    Input,
    /// The next frame may go to the viewer.
    FrameRate,
    /// No frame followed the acknowledgement that ended a stall, or the cast was refused.
    Stall,
    /// The page doesn't tell its viewport's size.
    Viewport,
    /// Dial the relay again.
    Redial,
    /// The relay was away for too long.
    GiveUp,
    /// The relay's connection has lasted.
    Steady,
    /// The human is done, or the session ends, and what is left takes too long.
    Finish,
    /// Tell the relay once more.
    Retry,
    /// Something about the viewer is due: version 2 has many deadlines of its own.
    Channel,
    /// Look into the page again, or don't wait for its timers any longer.
    World,
    /// What is shown has to be proven.
    Proof,
}

impl Timer {
    const COUNT: usize = 15;
}

impl TimerKind for Timer {
    const ALL: &'static [Self] = &[
        Self::Attach,
        Self::Expiry,
        Self::Call,
        Self::Input,
        Self::FrameRate,
        Self::Stall,
        Self::Viewport,
        Self::Redial,
        Self::GiveUp,
        Self::Steady,
        Self::Finish,
        Self::Retry,
        Self::Channel,
        Self::World,
        Self::Proof,
    ];

    fn index(self) -> usize {
        match self {
            Self::Attach => 0,
            Self::Expiry => 1,
            Self::Call => 2,
            Self::Input => 3,
            Self::FrameRate => 4,
            Self::Stall => 5,
            Self::Viewport => 6,
            Self::Redial => 7,
            Self::GiveUp => 8,
            Self::Steady => 9,
            Self::Finish => 10,
            Self::Retry => 11,
            Self::Channel => 12,
            Self::World => 13,
            Self::Proof => 14,
        }
    }
}

/// What was dropped, and why: nothing from outside fails silently.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Messages from the relay that aren't part of the protocol; plaintext input counts here.
    pub unknown_relay_messages: u64,
    /// Messages from the browser that aren't CDP.
    pub unknown_browser_messages: u64,
    /// Viewer keys that were malformed, or one too many for a viewer's connection.
    pub refused_keys: u64,
    /// Sealed events that were malformed, forged or replayed.
    pub refused_seals: u64,
    /// Events that verified, but broke a limit.
    pub invalid_events: u64,
    /// Events that found the queue full, or no key to release.
    pub dropped_events: u64,
    /// Events that came too late for what the human saw.
    pub stale_events: u64,
    /// Events meant for a document that is gone.
    pub navigated_events: u64,
    /// Times that the frames under way to the viewer counted as lost.
    pub lost_frames: u64,
    /// Notes to the viewer that found no room.
    pub untold_notes: u64,
    /// Frames replaced by newer ones before they could be sent.
    pub skipped_frames: u64,
    /// Frames that couldn't be read.
    pub broken_frames: u64,
    /// CDP calls that weren't answered in time.
    pub unanswered_calls: u64,
}

/// What every phase of the agent shares.
pub(super) struct Context {
    pub(super) now: Timestamp,
    pub(super) config: Config,
    pub(super) generator: Generator,
    pub(super) timers: Timers<Timer, { Timer::COUNT }>,
    pub(super) counters: Counters,
    pub(super) notes: Notes,
    /// What the viewer is told beside the pictures.
    pub(super) board: Board,
    waiting: VecDeque<Output>,
    waiting_bytes: usize,
    http_ids: u32,
    file_ids: u32,
    /// Whether files of a human's may lie on the disk.
    keeps_files: bool,
    browser_open: bool,
    relay_open: bool,
    /// Whether the relay's socket holds nothing unsent.
    relay_drained: bool,
}

impl Context {
    pub(super) fn new(config: Config, generator: Generator, now: Timestamp) -> Self {
        Self {
            now,
            config,
            generator,
            timers: Timers::new(),
            counters: Counters::default(),
            notes: Notes::default(),
            board: Board::default(),
            waiting: VecDeque::new(),
            waiting_bytes: 0,
            http_ids: 0,
            file_ids: 0,
            keeps_files: false,
            browser_open: false,
            relay_open: false,
            relay_drained: false,
        }
    }

    /// Sets a timer to fire after `delay`.
    pub(super) fn start(&mut self, timer: Timer, delay: Duration) {
        self.timers.set(timer, self.now + delay);
    }

    fn push(&mut self, output: Output) {
        self.waiting_bytes = self.waiting_bytes.saturating_add(weight(&output));
        self.waiting.push_back(output);
    }

    /// Queues an event.
    pub(super) fn tell(&mut self, event: Event) {
        self.push(Output::Event(event));
    }

    /// Queues the opening of a WebSocket.
    pub(super) fn connect(&mut self, peer: Peer, connect: Connect) {
        *self.open(peer) = true;
        self.push(Output::Connect(peer, connect));
    }

    /// Queues a message, unless the WebSocket is gone.
    pub(super) fn send(&mut self, peer: Peer, message: Message) {
        if *self.open(peer) {
            self.relay_drained &= peer != Peer::Relay;
            self.push(Output::Send(peer, message));
        }
    }

    /// Queues a text message, unless the WebSocket is gone.
    pub(super) fn send_text(&mut self, peer: Peer, text: String) {
        self.send(peer, Message::Text(text));
    }

    /// Queues the closing of a WebSocket, unless it is gone already.
    pub(super) fn close(&mut self, peer: Peer) {
        if core::mem::take(self.open(peer)) {
            self.push(Output::Close(peer));
        }
    }

    /// A WebSocket is gone.
    pub(super) fn on_closed(&mut self, peer: Peer) {
        *self.open(peer) = false;
        self.relay_drained &= peer != Peer::Relay;
    }

    /// A WebSocket holds nothing unsent.
    pub(super) fn on_drained(&mut self, peer: Peer) {
        self.relay_drained |= peer == Peer::Relay;
    }

    /// Tells whether the relay's WebSocket is open and holds nothing unsent.
    pub(super) fn is_relay_drained(&self) -> bool {
        self.relay_drained
    }

    fn open(&mut self, peer: Peer) -> &mut bool {
        match peer {
            Peer::Browser => &mut self.browser_open,
            Peer::Relay => &mut self.relay_open,
        }
    }

    /// Queues an HTTP exchange and names it.
    pub(super) fn exchange(&mut self, request: HttpRequest) -> HttpId {
        self.http_ids = self.http_ids.wrapping_add(1);
        let id = HttpId(self.http_ids);
        self.push(Output::Http(id, request));
        id
    }

    /// Queues a call of the relay's REST API.
    pub(super) fn rest(&mut self, method: Method, url: Url, body: Option<String>) -> HttpId {
        self.exchange(HttpRequest {
            peer: Peer::Relay,
            method,
            url: url.into(),
            host: HostHeader::Name,
            bearer: Some(self.config.api_key.clone()),
            body,
            max_body: MAX_REST_BODY,
            timeout: REST_TIMEOUT,
        })
    }

    /// Makes a number for a file; each is used once.
    pub(super) const fn new_file(&mut self) -> FileId {
        self.file_ids = self.file_ids.wrapping_add(1);
        FileId::new(self.file_ids)
    }

    /// Queues something to be done with a human's files.
    pub(super) fn file(&mut self, op: FileOp) {
        self.keeps_files |= matches!(op, FileOp::Create { .. });
        self.push(Output::File(op));
    }

    /// Queues the deletion of all files, if there may be any.
    pub(super) fn remove_files(&mut self) {
        if core::mem::take(&mut self.keeps_files) {
            self.push(Output::File(FileOp::RemoveAll));
        }
    }

    /// Takes the oldest output.
    pub(super) fn pop(&mut self) -> Option<Output> {
        let output = self.waiting.pop_front()?;
        self.waiting_bytes = self.waiting_bytes.saturating_sub(weight(&output));
        Some(output)
    }

    /// Tells whether more input may be read before the outputs are drained.
    pub(super) fn has_room(&self) -> bool {
        self.waiting.len() < MAX_WAITING_OUTPUTS && self.waiting_bytes < MAX_WAITING_BYTES
    }
}

fn weight(output: &Output) -> usize {
    match output {
        Output::Send(_, Message::Text(text)) => text.len(),
        Output::Send(_, Message::Binary(bytes)) => bytes.len(),
        Output::File(FileOp::Append { bytes, .. }) => bytes.len(),
        Output::Connect(..)
        | Output::Close(_)
        | Output::Http(..)
        | Output::File(
            FileOp::Create { .. } | FileOp::Read { .. } | FileOp::Remove { .. } | FileOp::RemoveAll,
        )
        | Output::Event(_)
        | Output::Idle(_) => 0,
    }
}
