//! One socket's loop: writes what the room wants written, hands the room what comes, and notices
//! when the other end is gone.
//!
//! Writing never blocks reading: a viewer on a slow link can type while a frame trickles out. At
//! most one item is in here; everything else waits in the room, where frames can be replaced.

use std::{
    collections::VecDeque,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use authloop_core::{
    relay::{Close, Frame, Item},
    time::Timestamp,
};
use bytes::Bytes;
use futures::{Sink as _, Stream as _};
use tokio::{
    io::{AsyncRead as _, ReadBuf},
    time::Sleep,
};
use tokio_tungstenite::tungstenite::{
    Error, Message,
    protocol::{CloseFrame, frame::coding::CloseCode},
};

use super::{
    keepalive::{Beat, Keepalive},
    seat::Seat,
    upgrade::Socket,
};
use crate::{clock::Clock, config::Limits, mailbox::Post};

/// How long the other end has to answer a close frame.
const CLOSE_WITHIN: Duration = Duration::from_secs(2);

/// How many messages are handled before other tasks get their turn.
const BUDGET: usize = 32;

/// Serves one socket. Resolves when the socket is gone.
pub(super) struct Pump {
    socket: Socket,
    phase: Phase,
    clock: Clock,
    keepalive: Keepalive,
    write_within: Duration,
    /// At most a frame's two halves, or one message and a close.
    outgoing: VecDeque<Message>,
    write: Write,
    timer: Pin<Box<Sleep>>,
    /// When the timer rings.
    armed: Timestamp,
}

enum Phase {
    /// The socket has its seat.
    Seated(Seat),
    /// A close frame is on its way, or came; by then the other end must have answered.
    Closing { until: Timestamp },
    /// The same, after a message too large to be read.
    Deaf { until: Timestamp },
}

/// What is being written since when.
#[derive(Clone, Copy)]
enum Write {
    Nothing,
    /// An item of the room, which hears when it's through.
    Item(Timestamp),
    /// A ping or a close.
    Own(Timestamp),
}

/// The socket is of no more use.
struct Gone;

impl Pump {
    /// Serves a socket that got its seat, or closes one that didn't.
    pub(super) fn new(
        socket: Socket,
        seat: Result<Seat, Close>,
        clock: Clock,
        limits: &Limits,
    ) -> Self {
        let now = clock.now();
        let mut pump = Self {
            socket,
            phase: Phase::Closing {
                until: now + CLOSE_WITHIN,
            },
            clock,
            keepalive: Keepalive::new(now, limits.ping_after, limits.pong_within),
            write_within: limits.write_within,
            outgoing: VecDeque::new(),
            write: Write::Nothing,
            timer: Box::pin(tokio::time::sleep_until(clock.instant(now))),
            armed: now,
        };
        match seat {
            Ok(seat) => pump.phase = Phase::Seated(seat),
            Err(close) => pump.close(now, close),
        }
        pump
    }

    /// Writes until the socket is full or there is nothing to write.
    fn write(&mut self, context: &mut Context<'_>, now: Timestamp) -> Result<(), Gone> {
        for _ in 0..BUDGET {
            if !self.outgoing.is_empty() {
                match Pin::new(&mut self.socket).poll_ready(context) {
                    Poll::Pending => return Ok(()),
                    Poll::Ready(ready) => ready.map_err(|_| Gone)?,
                }
                if let Some(message) = self.outgoing.pop_front() {
                    Pin::new(&mut self.socket)
                        .start_send(message)
                        .map_err(|_| Gone)?;
                }
                continue;
            }
            match self.write {
                Write::Item(_) | Write::Own(_) => {
                    match Pin::new(&mut self.socket).poll_flush(context) {
                        Poll::Pending => return Ok(()),
                        Poll::Ready(flushed) => flushed.map_err(|_| Gone)?,
                    }
                    let wrote_item = matches!(self.write, Write::Item(_));
                    self.write = Write::Nothing;
                    if let (true, Phase::Seated(seat)) = (wrote_item, &self.phase) {
                        seat.written();
                    }
                }
                Write::Nothing => {
                    if !self.fill(now)? {
                        return Ok(());
                    }
                }
            }
        }
        context.waker().wake_by_ref();
        Ok(())
    }

    /// Finds something to write and tells whether there was.
    fn fill(&mut self, now: Timestamp) -> Result<bool, Gone> {
        let Phase::Seated(seat) = &self.phase else {
            return Ok(false);
        };
        match seat.take() {
            Some(Post::Item(item)) => {
                self.write = Write::Item(now);
                self.queue(item);
                return Ok(true);
            }
            Some(Post::Close(close)) => {
                self.close(now, close);
                return Ok(true);
            }
            None => {}
        }
        match self.keepalive.beat(now) {
            Beat::Wait => Ok(false),
            Beat::GiveUp => Err(Gone),
            Beat::Ping => {
                self.keepalive.pinged(now);
                self.write = Write::Own(now);
                self.outgoing.push_back(Message::Ping(Bytes::new()));
                Ok(true)
            }
        }
    }

    fn queue(&mut self, item: Item) {
        match item {
            Item::Text(text) => self.outgoing.push_back(Message::text(text)),
            Item::Binary(bytes) => self.outgoing.push_back(Message::Binary(bytes)),
            Item::Frame(Frame { meta, jpeg }) => {
                self.outgoing.extend(meta.map(Message::text));
                self.outgoing.push_back(Message::Binary(jpeg));
            }
        }
    }

    /// Gives the seat back and sends a close frame behind what is being written.
    fn close(&mut self, now: Timestamp, close: Close) {
        self.phase = Phase::Closing {
            until: now + CLOSE_WITHIN,
        };
        self.write = Write::Own(now);
        self.outgoing.push_back(Message::Close(Some(CloseFrame {
            code: CloseCode::from(close.code()),
            reason: close.reason().into(),
        })));
    }

    /// Reads until the socket is empty or the room has enough.
    fn read(&mut self, context: &mut Context<'_>, now: Timestamp) -> Result<(), Gone> {
        for _ in 0..BUDGET {
            match &self.phase {
                Phase::Seated(seat) if !seat.is_wanted() => {
                    // Its silence is ours.
                    self.keepalive.heard(now);
                    return Ok(());
                }
                Phase::Seated(_) | Phase::Closing { .. } => {}
                Phase::Deaf { .. } => match self.discard(context) {
                    Poll::Pending => return Ok(()),
                    Poll::Ready(Ok(())) => continue,
                    Poll::Ready(Err(Gone)) => return Err(Gone),
                },
            }
            let Poll::Ready(read) = Pin::new(&mut self.socket).poll_next(context) else {
                return Ok(());
            };
            self.keepalive.heard(now);
            match read {
                Some(Ok(message)) => self.take_in(now, message),
                Some(Err(Error::Capacity(_))) if matches!(self.phase, Phase::Seated(_)) => {
                    self.close(now, Close::TooLarge);
                    self.phase = Phase::Deaf {
                        until: now + CLOSE_WITHIN,
                    };
                }
                Some(Err(_)) | None => return Err(Gone),
            }
        }
        context.waker().wake_by_ref();
        Ok(())
    }

    fn take_in(&mut self, now: Timestamp, message: Message) {
        match (message, &self.phase) {
            (Message::Text(text), Phase::Seated(seat)) => seat.text(text.as_str()),
            (Message::Binary(bytes), Phase::Seated(seat)) => seat.binary(bytes),
            (Message::Close(_), Phase::Seated(_)) => {
                // Answered by the library at the next flush.
                self.phase = Phase::Closing {
                    until: now + CLOSE_WITHIN,
                };
                self.outgoing.clear();
                self.write = Write::Own(now);
            }
            (_, _) => {}
        }
    }

    /// Throws away bytes that can't be a message any more. Were they left unread, the system would
    /// reset the connection and the other end would never see why.
    fn discard(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Gone>> {
        let mut bytes = [0; 4096];
        let mut bytes = ReadBuf::new(&mut bytes);
        let read = Pin::new(self.socket.get_mut()).poll_read(context, &mut bytes);
        read.map(|read| match read {
            Ok(()) if !bytes.filled().is_empty() => Ok(()),
            Ok(()) | Err(_) => Err(Gone),
        })
    }

    /// When to look at the socket again although nothing happened.
    fn deadline(&self) -> Timestamp {
        match (&self.phase, self.write) {
            (Phase::Closing { until } | Phase::Deaf { until }, _) => *until,
            (Phase::Seated(_), Write::Nothing) => self.keepalive.deadline(),
            (Phase::Seated(_), Write::Item(since) | Write::Own(since)) => since + self.write_within,
        }
    }

    /// Tells whether the other end took too long to read, or to answer a close.
    fn is_overdue(&self, now: Timestamp) -> bool {
        let is_waiting = match (&self.phase, self.write) {
            (Phase::Seated(_), Write::Nothing) => false,
            (Phase::Closing { .. } | Phase::Deaf { .. }, _) | (Phase::Seated(_), _) => true,
        };
        is_waiting && now >= self.deadline()
    }

    /// Makes sure to be woken at the deadline. Deadlines mostly move away: the timer is set anew
    /// only when it rings or must ring earlier.
    fn arm(&mut self, context: &mut Context<'_>) {
        let deadline = self.deadline();
        if deadline < self.armed {
            self.set_timer(deadline);
        }
        while self.timer.as_mut().poll(context).is_ready() {
            self.set_timer(deadline);
            if deadline <= self.clock.now() {
                context.waker().wake_by_ref();
                return;
            }
        }
    }

    fn set_timer(&mut self, at: Timestamp) {
        self.armed = at;
        self.timer.as_mut().reset(self.clock.instant(at));
    }
}

impl Future for Pump {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let pump = self.get_mut();
        let now = pump.clock.now();
        if let Phase::Seated(seat) = &pump.phase {
            seat.register(context.waker());
        }
        let served = pump
            .read(context, now)
            .and_then(|()| pump.write(context, now));
        if served.is_err() || pump.is_overdue(now) {
            return Poll::Ready(());
        }
        pump.arm(context);
        Poll::Pending
    }
}
