//! What all machines of the core have in common, so that one check serves all of them.

use authloop_core::{
    agent::{
        Agent,
        event::{Event, Outcome},
        file::{FileId, FileOp},
        io::{Input, Message, Output, Peer},
    },
    time::Timestamp,
};

/// What a machine says when it is asked.
pub enum Said<O> {
    /// Something to do.
    Output(O),
    /// Nothing more for now, and when to come back.
    Idle(Option<Timestamp>),
}

/// A machine: it is told what happened, with the time, and says what to do.
pub trait Machine {
    /// What it wants done.
    type Output;

    /// The most outputs that one input may make.
    const MOST_AT_ONCE: usize;

    /// The most outputs that may wait in a machine that is read only while [`Self::has_room`].
    const MOST_WAITING: usize;

    /// Tells it that it is this late.
    fn tick(&mut self, now: Timestamp);

    /// Takes out what is to be done next.
    fn poll(&mut self) -> Said<Self::Output>;

    /// Tells whether its sockets may be read.
    fn has_room(&self) -> bool {
        true
    }

    /// Writes all that an output says, so that two machines can be compared.
    fn write(output: &Self::Output, into: &mut Vec<u8>);
}

impl Machine for Agent {
    type Output = Output;

    const MOST_AT_ONCE: usize = 512;
    const MOST_WAITING: usize = 512 + Self::MOST_AT_ONCE;

    fn tick(&mut self, now: Timestamp) {
        self.handle(now, Input::Tick);
    }

    fn poll(&mut self) -> Said<Output> {
        let output = self.poll();
        if let Output::Idle(deadline) = output {
            Said::Idle(deadline)
        } else {
            Said::Output(output)
        }
    }

    fn has_room(&self) -> bool {
        self.wants(Peer::Browser)
    }

    fn write(output: &Output, into: &mut Vec<u8>) {
        match output {
            Output::Connect(peer, connect) => {
                into.extend([0, peer_number(*peer)]);
                into.extend_from_slice(connect.url.as_bytes());
            }
            Output::Send(peer, Message::Text(text)) => {
                into.extend([1, peer_number(*peer)]);
                into.extend_from_slice(text.as_bytes());
            }
            Output::Send(peer, Message::Binary(bytes)) => {
                into.extend([2, peer_number(*peer)]);
                into.extend_from_slice(bytes);
            }
            Output::Close(peer) => into.extend([3, peer_number(*peer)]),
            Output::Http(_, request) => {
                into.extend([4, peer_number(request.peer)]);
                into.extend_from_slice(request.url.as_bytes());
                into.extend_from_slice(request.body.as_deref().unwrap_or_default().as_bytes());
            }
            Output::File(op) => write_file_op(op, into),
            Output::Event(event) => write_event(event, into),
            Output::Idle(_) => {}
        }
    }
}

const fn peer_number(peer: Peer) -> u8 {
    match peer {
        Peer::Browser => 0,
        Peer::Relay => 1,
    }
}

fn write_file_op(op: &FileOp, into: &mut Vec<u8>) {
    into.push(6);
    let id = op.awaited().map_or(0, FileId::get);
    into.extend_from_slice(&id.to_be_bytes());
    match op {
        FileOp::Create { folder, name, .. } => {
            into.extend_from_slice(&folder.to_be_bytes());
            into.extend_from_slice(name.as_bytes());
        }
        FileOp::Append { bytes, .. } => into.extend_from_slice(bytes),
        FileOp::Read { from, .. } => into.extend_from_slice(&from.to_be_bytes()),
        FileOp::Remove { id } => into.extend_from_slice(&id.get().to_be_bytes()),
        FileOp::RemoveAll => into.push(0),
    }
}

fn write_event(event: &Event, into: &mut Vec<u8>) {
    into.push(5);
    match event {
        Event::Attached { origin } => into.extend_from_slice(origin.as_bytes()),
        Event::Created(session) => into.extend_from_slice(session.session_url.as_bytes()),
        Event::ViewerJoined => into.push(0),
        Event::ViewerLeft => into.push(1),
        Event::ViewerReplaced => into.push(2),
        Event::Tampered => into.push(3),
        Event::Ended(outcome) => into.push(match outcome {
            Outcome::Resolved => 4,
            Outcome::Cancelled => 5,
            Outcome::Timeout => 6,
            Outcome::Failed(_) => 7,
        }),
        _ => into.push(8),
    }
}
