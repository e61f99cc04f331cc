//! What goes into the viewer machine of version 2 and what comes out of it.

use alloc::{string::String, vec::Vec};
use core::time::Duration;

use bytes::Bytes;

use crate::{
    crypto::v2::{AdmissionToken, ResumeSecret, ViewerLink},
    input::InputEvent,
    secret::Pin,
    time::Timestamp,
    wire::v2::{CloseReason, FrameMeta},
};

/// The WebSocket subprotocol that a viewer asks for besides its token, and that the relay answers.
pub const PROTOCOL: &str = "authloop.v2";

/// What a viewer is started with. No `Debug`: it holds secrets.
pub struct Config {
    /// The link it was given.
    pub link: ViewerLink,
    /// What proves that it had control before.
    pub resume: Option<ResumeSecret>,
    /// When a picture counts as dealt with.
    pub acks: Acks,
}

/// When a picture counts as drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Acks {
    /// As soon as the application fetched it.
    #[default]
    WhenTaken,
    /// When the application says [`Request::Drawn`] or [`Request::Undecodable`].
    WhenDrawn,
}

/// Something that happened.
///
/// No `Debug`: it holds what the page shows and what the human types.
pub enum Input<'a> {
    /// The WebSocket of [`Output::Connect`] is open; the subprotocol the relay answered.
    Connected(Option<&'a str>),
    /// A text message: the relay's own word, believed in nothing that matters.
    Text(&'a str),
    /// A binary message.
    Binary(Vec<u8>),
    /// The WebSocket is gone, with this close code, or never came to be. Not reported after
    /// [`Output::Close`].
    Disconnected(Option<u16>),
    /// The application asks for something.
    Request(Request),
    /// Time passed.
    Tick,
}

/// What the application asks for.
///
/// No `Debug`: it holds what the human types.
pub enum Request {
    /// Send an input event now. What can't be sent now is told ([`Event::NotSent`]) and forgotten.
    /// [`InputEvent::Resolved`] and [`InputEvent::Cancelled`] are sent until the agent confirms.
    Send(InputEvent),
    /// The PIN the human was asked for by [`Event::PinNeeded`].
    Pin(Pin),
    /// The answer to [`Event::Takeover`].
    Answer(u16, Answer),
    /// The picture is on screen.
    Drawn(FrameId),
    /// The picture could not be decoded.
    Undecodable(FrameId),
    /// Nobody looks at the picture, or somebody does again.
    Hide(bool),
    /// The computer may have slept: the picture must not be shown, nor input taken, before the agent
    /// answered.
    Woke,
    /// Leave: control is free again.
    Leave,
}

/// Whether the controller lets a challenger have the session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It does.
    HandOver,
    /// It does not.
    Keep,
}

/// What the machine wants done, in order.
pub enum Output {
    /// Open a WebSocket; report [`Input::Connected`] or [`Input::Disconnected`].
    Connect(Connect),
    /// Send one binary message. There is no other kind: version 2's viewers say nothing in text.
    Send(Vec<u8>),
    /// Close the WebSocket with this code, after what was sent. Nothing more is reported of it.
    Close(u16),
    /// Tell the application.
    Event(Event),
    /// Nothing more for now; call again with [`Input::Tick`] at this time, or never.
    Idle(Option<Timestamp>),
}

/// How to open the WebSocket. Compression is never offered. No `Debug`: it holds the token.
pub struct Connect {
    /// `ws://` or `wss://`, without a query.
    pub url: String,
    /// Goes into `Sec-WebSocket-Protocol`, behind [`PROTOCOL`].
    pub token: AdmissionToken,
    /// The largest message accepted, in bytes.
    pub max_message: usize,
    /// How long name resolution, connecting, TLS and the upgrade may take together.
    pub timeout: Duration,
}

/// What the application hears.
///
/// No `Debug`: it holds what the page shows.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub enum Event {
    /// The relay says that the agent is there.
    AgentJoined,
    /// The relay says that the agent is gone.
    AgentLeft,
    /// The agent takes this viewer's input, and what it says is verified.
    Secured(Secured),
    /// A picture of the page. Older ones that were not fetched are skipped.
    Frame(Frame),
    /// The picture must be shown as out of date, and input is not taken.
    Frozen(Frozen),
    /// The picture is live again.
    Thawed,
    /// Somebody else has control; asked again until this time.
    Busy(Timestamp),
    /// The agent wants a PIN: [`Request::Pin`].
    PinNeeded {
        /// One was sent, and it was wrong.
        wrong: bool,
    },
    /// Somebody else asks for control: [`Request::Answer`] with this number.
    Takeover(u16),
    /// That question is over.
    TakeoverOver(u16),
    /// The agent didn't obey an input event: its type and why.
    Dropped(String, Late),
    /// So many input events were not sent, because there was nobody to take them.
    NotSent(u64),
    /// Another control message of the agent: its type and the whole object.
    Told(String, Vec<u8>),
    /// The connection is lost, and dialled again at this time.
    Lost(Timestamp),
    /// The session is over for this viewer. Nothing follows.
    Ended(Ended),
}

/// What is known once the agent takes a viewer's input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Secured {
    /// The number of the new keys.
    pub epoch: u32,
    /// What is left of the session.
    pub expires_in: Duration,
    /// How many input events of before never reached the agent, if it said so.
    pub lost: Option<u64>,
}

/// A picture's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FrameId {
    /// The keys it was sealed with.
    pub epoch: u32,
    /// Its place under these keys.
    pub counter: u64,
}

/// A picture of the page.
#[derive(Clone, PartialEq)]
pub struct Frame {
    /// Its name.
    pub id: FrameId,
    /// What it says of itself.
    pub meta: FrameMeta,
    /// The JPEG.
    pub jpeg: Bytes,
}

/// Why a picture is out of date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Frozen {
    /// The computer may have slept: blank until the agent answered.
    Asleep,
    /// No heartbeat came for 6 s.
    Silent,
    /// What this viewer sent did not arrive for 6 s.
    Unheard,
    /// A picture that the agent sent did not arrive for 6 s.
    Picture,
}

/// Why an input event was not obeyed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Late {
    /// It came too late.
    Stale,
    /// It was meant for a document that is gone.
    Navigated,
}

/// Why a session is over for a viewer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Ended {
    /// The agent said so, verified; or somebody who has the link took over by code 4408, which the
    /// relay can say too.
    Closed(CloseReason),
    /// The relay refuses it with this close code: 4401, 4404, 4410 or 4426. Not verified: at best the
    /// session's time ran out (4410), else something is wrong.
    Refused(u16),
    /// The agent's PIN was guessed at too often: it takes nobody without a proof.
    Barred,
    /// Somebody else kept control.
    Busy,
    /// The agent didn't answer four times.
    Unanswered,
    /// The connection was damaged or tampered with, again and again.
    Tampered,
    /// What answers there doesn't speak version 2.
    OtherProtocol,
    /// What is left of the session's time is over, and nobody said so.
    Expired,
}

/// What the machine could not use. Only ever grows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Text messages that don't matter, those of version 1 among them.
    pub ignored_texts: u64,
    /// Control messages of no known type, told to the application.
    pub unknown_control: u64,
    /// Records of keys that are gone or were never ours.
    pub other_epochs: u64,
    /// Answers to older attempts.
    pub outdated_answers: u64,
    /// Pictures that never came.
    pub missing_frames: u64,
    /// Pictures that a newer one replaced before they were fetched.
    pub skipped_frames: u64,
    /// Input events that were not sent.
    pub not_sent: u64,
    /// Events for the application that found no room.
    pub lost_events: u64,
    /// Connections that were damaged or tampered with.
    pub damages: u64,
}
