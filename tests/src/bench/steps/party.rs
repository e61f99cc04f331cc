//! A viewer of either version, in the words they have in common.

use authloop_core::{
    agent::io::Message,
    crypto::v2::ViewerLink,
    input::InputEvent,
    secret::Seed,
    time::Timestamp,
    viewer::{v1, v2},
};

use crate::story::Version;

/// A viewer.
pub(super) enum Viewer {
    V1(Box<v1::Viewer>, Token),
    V2(Box<v2::Viewer>),
}

/// What opens a stream of version 1, once.
pub(super) struct Token {
    token: String,
    is_dialled: bool,
}

/// What happens to it.
pub(super) enum Heard {
    Connected,
    Lost,
    Message(Message),
    Asked(InputEvent),
    Tick,
}

/// What it wants.
pub(super) enum Said {
    /// To be connected with this token.
    Dial(String),
    Send(Message),
    Picture,
}

impl Viewer {
    /// Opens a link.
    pub(super) fn open(version: Version, link: &str, seed: u8, now: Timestamp) -> Self {
        let seed = Seed::new([seed; 32]);
        match version {
            Version::V1 => {
                let (_, token) = link.split_once("#1.").expect("a link of version 1");
                let token = Token {
                    token: token.into(),
                    is_dialled: false,
                };
                Self::V1(
                    Box::new(v1::Viewer::new(seed, v1::Pacing::Immediate)),
                    token,
                )
            }
            Version::V2 => {
                let config = v2::Config {
                    link: ViewerLink::parse(link).expect("a link of version 2"),
                    resume: None,
                    acks: v2::Acks::WhenTaken,
                };
                Self::V2(Box::new(v2::Viewer::new(config, seed, now)))
            }
        }
    }

    /// Takes something in, and says all it has to say to that, and when it wants to be woken.
    pub(super) fn step(
        &mut self,
        now: Timestamp,
        heard: Heard,
        said: &mut Vec<Said>,
    ) -> Option<Timestamp> {
        match self {
            Self::V1(viewer, token) => step_v1(viewer, token, now, heard, said),
            Self::V2(viewer) => step_v2(viewer, now, heard, said),
        }
    }
}

fn step_v1(
    viewer: &mut v1::Viewer,
    token: &mut Token,
    now: Timestamp,
    heard: Heard,
    said: &mut Vec<Said>,
) -> Option<Timestamp> {
    match heard {
        Heard::Connected => viewer.handle(now, v1::Input::Connected),
        Heard::Lost => {
            token.is_dialled = false;
            viewer.handle(now, v1::Input::Disconnected);
        }
        Heard::Message(Message::Text(text)) => viewer.handle(now, v1::Input::Text(&text)),
        Heard::Message(Message::Binary(bytes)) => viewer.handle(now, v1::Input::Binary(&bytes)),
        Heard::Asked(event) => viewer.handle(now, v1::Input::Request(v1::Request::Send(event))),
        Heard::Tick => viewer.handle(now, v1::Input::Tick),
    }
    // In version 1 dialling is the application's affair.
    if !core::mem::replace(&mut token.is_dialled, true) {
        said.push(Said::Dial(token.token.clone()));
    }
    loop {
        match viewer.poll() {
            v1::Output::Send(message) => said.push(Said::Send(message)),
            v1::Output::Event(v1::Event::Frame(_)) => said.push(Said::Picture),
            v1::Output::Event(_) => {}
            v1::Output::Idle(deadline) => return deadline,
        }
    }
}

fn step_v2(
    viewer: &mut v2::Viewer,
    now: Timestamp,
    heard: Heard,
    said: &mut Vec<Said>,
) -> Option<Timestamp> {
    match heard {
        Heard::Connected => viewer.handle(now, v2::Input::Connected(Some(v2::PROTOCOL))),
        Heard::Lost => viewer.handle(now, v2::Input::Disconnected(None)),
        Heard::Message(Message::Text(text)) => viewer.handle(now, v2::Input::Text(&text)),
        Heard::Message(Message::Binary(bytes)) => {
            viewer.handle(now, v2::Input::Binary(bytes.into()));
        }
        Heard::Asked(event) => viewer.handle(now, v2::Input::Request(v2::Request::Send(event))),
        Heard::Tick => viewer.handle(now, v2::Input::Tick),
    }
    loop {
        match viewer.poll() {
            v2::Output::Connect(connect) => said.push(Said::Dial(connect.token.expose().into())),
            v2::Output::Send(record) => said.push(Said::Send(Message::Binary(record.into()))),
            v2::Output::Event(v2::Event::Frame(_)) => said.push(Said::Picture),
            v2::Output::Event(_) | v2::Output::Close(_) => {}
            v2::Output::Idle(deadline) => return deadline,
        }
    }
}
