//! One of the two viewers, with its socket and what its human saw.

use std::collections::VecDeque;

use authloop_core::{
    crypto::v2::ViewerLink,
    secret::{Pin, Seed},
    time::Timestamp,
    viewer::v2::{Acks, Config, Ended, Event, Input, Output, Request, Viewer},
    wire::v2::CloseReason,
};

use crate::truth::Truth;

pub(super) struct Screen {
    viewer: Viewer,
    /// The link's digits, which never cross the relay.
    secret: String,
    pub(super) dialling: bool,
    /// The channel of the open socket.
    pub(super) chan: Option<u16>,
    /// Records on their way to it.
    pub(super) inbox: VecDeque<Vec<u8>>,
    /// Records it sent that are not taken yet.
    pub(super) outbox: VecDeque<Vec<u8>>,
    pub(super) deadline: Option<Timestamp>,
    pub(super) prompt: Option<u16>,
    newest: u32,
    ended: bool,
}

impl Screen {
    pub(super) fn open(link: &str, seed: u8, now: Timestamp) -> Self {
        let config = Config {
            link: ViewerLink::parse(link).expect("the agent's own link"),
            resume: None,
            acks: Acks::WhenTaken,
        };
        Self {
            viewer: Viewer::new(config, Seed::new([seed; 32]), now),
            secret: link.split_once("#2.").expect("a link").1.to_owned(),
            dialling: false,
            chan: None,
            inbox: VecDeque::new(),
            outbox: VecDeque::new(),
            deadline: None,
            prompt: None,
            newest: 0,
            ended: false,
        }
    }

    /// Returns the newest picture its human saw.
    #[cfg(test)]
    pub(super) const fn newest(&self) -> u32 {
        self.newest
    }

    pub(super) fn request(&mut self, now: Timestamp, request: Request, truth: &Truth) {
        self.handle(now, Input::Request(request), truth);
    }

    pub(super) fn pin(&mut self, now: Timestamp, right: bool, truth: &Truth) {
        let pin = Pin::parse(if right { "012345" } else { "999999" }).expect("6 digits");
        self.request(now, Request::Pin(pin), truth);
    }

    pub(super) fn lost(&mut self, now: Timestamp, code: Option<u16>, truth: &Truth) {
        self.dialling = false;
        self.chan = None;
        self.inbox.clear();
        self.outbox.clear();
        self.handle(now, Input::Disconnected(code), truth);
    }

    pub(super) fn handle(&mut self, now: Timestamp, input: Input<'_>, truth: &Truth) {
        self.viewer.handle(now, input);
        self.drain(truth);
    }

    pub(super) fn drain(&mut self, truth: &Truth) {
        for _ in 0..3_000 {
            match self.viewer.poll() {
                Output::Connect(connect) => {
                    assert!(!self.ended && self.chan.is_none() && !self.dialling);
                    truth.crossed(connect.url.as_bytes(), &self.secret);
                    truth.crossed(connect.token.expose().as_bytes(), &self.secret);
                    self.dialling = true;
                }
                Output::Send(record) => {
                    assert!(self.chan.is_some(), "said to nobody");
                    truth.crossed(&record, &self.secret);
                    self.outbox.push_back(record);
                }
                Output::Close(_) => {
                    self.dialling = false;
                    self.chan = None;
                    self.inbox.clear();
                }
                Output::Event(event) => self.hear(event, truth),
                Output::Idle(deadline) => {
                    self.deadline = deadline;
                    assert!(!self.ended || deadline.is_none(), "a timer after the end");
                    return;
                }
            }
        }
        unreachable!("it never stops talking");
    }

    fn hear(&mut self, event: Event, truth: &Truth) {
        assert!(!self.ended, "something follows the end");
        if let Event::Frame(frame) = event {
            let number = truth.picture(&frame.jpeg);
            assert!(number >= self.newest, "an older picture came back");
            self.newest = number;
        } else if let Event::Takeover(chan) = event {
            self.prompt = Some(chan);
        } else if let Event::TakeoverOver(_) = event {
            self.prompt = None;
        } else if let Event::Ended(how) = event {
            self.ended = true;
            if how == Ended::Closed(CloseReason::Resolved) {
                assert!(truth.asked_to_resolve, "resolved by nobody");
            } else if how == Ended::Closed(CloseReason::Cancelled) {
                assert!(truth.asked_to_cancel, "cancelled by nobody");
            }
        }
    }
}
