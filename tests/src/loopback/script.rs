//! A scripted machine that tells a test what it hears.

use std::{collections::VecDeque, mem};

use authloop_core::{
    agent::{
        file::FileDone,
        io::{Connect, HostHeader, HttpId, HttpRequest, Input, Method, Output, Peer},
    },
    time::Timestamp,
};
use authloop_driver::{Handle, Machine, Options, drive};
use tokio::sync::mpsc;

use crate::{
    runtimes::Adapter,
    wait::{LIMIT, soon},
};

/// A machine that does what it is told at first and when a connection opens.
#[derive(Default)]
pub struct Script {
    /// What comes out first.
    pub first: Vec<Output>,
    /// What comes out when a WebSocket is open.
    pub opened: Vec<Output>,
    /// When it wants to be ticked.
    pub deadline: Option<Timestamp>,
}

impl Script {
    /// Runs the script on a runtime.
    pub fn play<A: Adapter>(mut self, options: Options) -> (Handle, Hearing) {
        let (heard, hearing) = mpsc::unbounded_channel();
        let machine = Playing {
            outputs: mem::take(&mut self.first).into(),
            script: self,
            heard,
        };
        let (handle, driver) = drive(A::default(), options, machine);
        A::spawn(driver);
        (handle, Hearing(hearing))
    }
}

/// What the machine hears, in words.
pub struct Hearing(mpsc::UnboundedReceiver<String>);

impl Hearing {
    /// Waits for the next thing that the machine hears.
    pub async fn next(&mut self) -> String {
        soon("something to hear", self.0.recv())
            .await
            .expect("the driver runs")
    }
}

struct Playing {
    outputs: VecDeque<Output>,
    script: Script,
    heard: mpsc::UnboundedSender<String>,
}

impl Machine for Playing {
    fn handle(&mut self, now: Timestamp, input: Input<'_>) {
        if self.script.deadline.is_some_and(|deadline| deadline <= now) {
            self.script.deadline = None;
        }
        let heard = match input {
            Input::Opened(_) => {
                self.outputs.extend(self.script.opened.drain(..));
                "opened".to_owned()
            }
            Input::Text(_, text) => format!("text {text}"),
            Input::Binary(_, bytes) => format!("binary {}", bytes.len()),
            Input::Drained(_) => "drained".to_owned(),
            Input::Closed(_, closed) => format!("{closed:?}"),
            Input::Http(_, Ok(answer)) => {
                let body = String::from_utf8_lossy(answer.body);
                format!("http {} {body}", answer.status)
            }
            Input::Http(_, Err(failure)) => format!("http {failure:?}"),
            Input::File(_, Ok(FileDone::Created(path))) => format!("created {path}"),
            Input::File(_, Ok(FileDone::Appended)) => "appended".to_owned(),
            Input::File(_, Ok(FileDone::Read(bytes))) => {
                format!("read {}", String::from_utf8_lossy(bytes))
            }
            Input::File(_, Err(failure)) => format!("file {failure:?}"),
            Input::Request(request) => format!("{request:?}"),
            Input::Tick => "tick".to_owned(),
        };
        // The test may have heard enough.
        let _unheard = self.heard.send(heard);
    }

    fn poll(&mut self) -> Output {
        let idle = Output::Idle(self.script.deadline);
        self.outputs.pop_front().unwrap_or(idle)
    }

    fn wants(&self, _: Peer) -> bool {
        true
    }
}

/// Connects to the relay.
pub fn connect(url: String) -> Output {
    Output::Connect(
        Peer::Relay,
        Connect {
            url,
            host: HostHeader::Name,
            max_message: 1 << 20,
            timeout: LIMIT,
        },
    )
}

/// Asks the relay for something.
pub fn get(url: String) -> Output {
    Output::Http(
        HttpId::new(1),
        HttpRequest {
            peer: Peer::Relay,
            method: Method::Get,
            url,
            host: HostHeader::Name,
            bearer: None,
            body: None,
            max_body: 1_000,
            timeout: LIMIT,
        },
    )
}
