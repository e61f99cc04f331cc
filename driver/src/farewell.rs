//! Sockets that are being closed: flush, close frame, the peer's answer, or a time limit.
//!
//! The machine has forgotten them already. Waiting for the answer matters: closing a TCP connection
//! on which unread bytes arrive resets it, and a reset can destroy what was sent last.

use std::{
    task::{Context, Poll},
    time::Duration,
};

use authloop_core::time::Timestamp;
use futures::{AsyncRead, AsyncWrite};

use crate::socket::{Farewell, Socket};

/// How long parting may take.
pub(crate) const LIMIT: Duration = Duration::from_secs(5);

/// The most sockets that part at the same time; the oldest is dropped for another.
const MAX_PARTING: usize = 4;

/// Messages that are read and dropped in one turn while waiting for the answer.
const DROPPED_A_TURN: usize = 16;

/// The sockets that are being closed.
pub(crate) struct Partings<S> {
    partings: Vec<Parting<S>>,
}

struct Parting<S> {
    socket: Socket<S>,
    awaits_answer: bool,
    until: Timestamp,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Partings<S> {
    pub(crate) fn new() -> Self {
        Self {
            partings: Vec::new(),
        }
    }

    /// Takes over a socket.
    pub(crate) fn begin(&mut self, now: Timestamp, mut socket: Socket<S>, farewell: Farewell) {
        let awaits_answer = match farewell {
            Farewell::None => return,
            Farewell::Answer => {
                socket.forget_queue();
                false
            }
            Farewell::Code(code) => {
                socket.close(code);
                true
            }
        };
        if self.partings.len() >= MAX_PARTING {
            self.partings.remove(0);
        }
        self.partings.push(Parting {
            socket,
            awaits_answer,
            until: now + LIMIT,
        });
    }

    /// Moves every parting on; returns whether any came to its end.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>, now: Timestamp) -> bool {
        let before = self.partings.len();
        self.partings
            .retain_mut(|parting| now < parting.until && parting.poll(cx).is_pending());
        self.partings.len() != before
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.partings.is_empty()
    }

    /// Returns when the first one's time is over.
    pub(crate) fn deadline(&self) -> Option<Timestamp> {
        self.partings.iter().map(|parting| parting.until).min()
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Parting<S> {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if let Poll::Ready(Err(_)) = self.socket.poll_write(cx) {
            return Poll::Ready(());
        }
        let mut dropped = 0;
        while self.awaits_answer {
            match self.socket.poll_read(cx) {
                Poll::Ready(Ok(_)) if dropped == DROPPED_A_TURN => {
                    cx.waker().wake_by_ref();
                    return Poll::Pending;
                }
                Poll::Ready(Ok(_)) => dropped += 1,
                Poll::Ready(Err(_)) => self.awaits_answer = false,
                Poll::Pending => return Poll::Pending,
            }
        }
        if self.socket.is_flushed() {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    }
}
