//! A session of protocol version 1: the viewer is whom the relay names, its input is sealed, the
//! pictures aren't.

use super::{Channel, Live};
use crate::{
    agent::{
        context::Context,
        ending::Ending,
        event::{Event, Failure, Outcome},
        io::{Message, Peer},
        notes::Heard,
    },
    cdp::frame::Frame,
    crypto::{
        Opened,
        v1::{AgentChannel, OpenError},
    },
    generator::Generator,
    input::{InputEvent, InvalidEvent, Stamped},
    wire::v1::{Outgoing, Sealed, ToAgent},
};

/// The longest message that the relay may pass on, in bytes.
pub(super) const MAX_MESSAGE: usize = 16 * 1024 * 1024;

/// Who is there, and the keys.
pub(in crate::agent) struct V1 {
    channel: AgentChannel,
    /// Viewers counted by the relay's notices: a reload's second may come before the first goes.
    viewers: u32,
}

impl V1 {
    pub(in crate::agent) fn new(generator: &mut Generator) -> Self {
        Self {
            channel: AgentChannel::new(generator),
            viewers: 0,
        }
    }

    pub(super) fn is_attended(&self) -> bool {
        self.viewers > 0
    }

    /// Whoever was there has to be announced anew.
    pub(super) fn on_relay_closed(&mut self) {
        self.viewers = 0;
    }

    /// Sends a picture.
    pub(super) fn show(cx: &mut Context, frame: &Frame) {
        cx.send_text(Peer::Relay, Outgoing::Frame(frame.meta).to_text());
        cx.send(Peer::Relay, Message::Binary(frame.jpeg.clone()));
    }

    pub(super) fn notify(cx: &mut Context, code: &'static str) {
        let notice = Outgoing::Notice { code };
        cx.send_text(Peer::Relay, notice.to_text());
    }
}

impl Live {
    /// The relay, or the viewer behind it, sent a text message.
    pub(super) fn on_v1_text(&mut self, cx: &mut Context, text: &str) -> Option<Ending> {
        let Channel::V1(v1) = &mut self.channel else {
            return None;
        };
        match ToAgent::parse(text) {
            Some(ToAgent::ViewerConnected) => {
                v1.viewers = v1.viewers.saturating_add(1);
                v1.channel.viewer_connected();
                self.greet(cx);
            }
            Some(ToAgent::ViewerDisconnected) => {
                v1.viewers = v1.viewers.saturating_sub(1);
                if v1.viewers == 0 {
                    return self.on_unattended(cx);
                }
            }
            Some(ToAgent::SessionExpired) => return Some(Ending::told(Outcome::Timeout)),
            Some(ToAgent::SessionCancelled) => return Some(Ending::told(Outcome::Cancelled)),
            Some(ToAgent::SessionResolved) => return Some(Ending::told(Outcome::Resolved)),
            Some(ToAgent::Pubkey { key }) => {
                let accepted = v1.channel.accept_key(&key);
                cx.notes.note(|| Heard::Key(accepted));
                if accepted.is_err() {
                    cx.counters.refused_keys += 1;
                } else {
                    self.prove_presence(cx);
                }
            }
            Some(ToAgent::Encrypted { payload }) => return self.on_sealed(cx, &payload),
            None => cx.counters.unknown_relay_messages += 1,
        }
        None
    }

    /// A viewer's key or a message sealed by one came: somebody is there, whatever notices were lost.
    fn prove_presence(&mut self, cx: &mut Context) {
        if let Channel::V1(v1) = &mut self.channel
            && v1.viewers == 0
        {
            v1.viewers = 1;
            self.greet(cx);
        }
    }

    /// Starts what a viewer needs: our key, the picture, answers to dialogs.
    fn greet(&mut self, cx: &mut Context) {
        let Channel::V1(v1) = &mut self.channel else {
            return;
        };
        let key = Outgoing::Pubkey {
            key: v1.channel.public_key(),
        };
        cx.send_text(Peer::Relay, key.to_text());
        if v1.viewers == 1 {
            cx.tell(Event::ViewerJoined);
        }
        self.attend(cx);
    }

    fn on_sealed(&mut self, cx: &mut Context, sealed: &Sealed<'_>) -> Option<Ending> {
        let Channel::V1(v1) = &mut self.channel else {
            return None;
        };
        let opened = match v1.channel.open(sealed) {
            Ok(opened) => opened,
            Err(OpenError::Exhausted) => {
                return Some(Ending::ours(Outcome::Failed(Failure::InputExhausted)));
            }
            Err(refused) => {
                cx.notes.note(|| Heard::Refused(refused));
                cx.counters.refused_seals += 1;
                return None;
            }
        };
        self.prove_presence(cx);
        let event = opened.parse_event();
        cx.notes.note(|| Heard::Input(unstamped(&event)));
        match event {
            Ok(event) => self.on_input(cx, event),
            Err(_) => {
                cx.counters.invalid_events += 1;
                self.pump(cx)
            }
        }
    }
}

/// What a note holds of an event that has no stamps.
fn unstamped(event: &Result<Opened<InputEvent>, InvalidEvent>) -> Result<Stamped, InvalidEvent> {
    event
        .as_ref()
        .map(|event| Stamped {
            event: event.get().clone(),
            seen: None,
            at: None,
        })
        .map_err(|invalid| *invalid)
}
