//! Two connected in-memory streams, with a limit on what is under way, and moods.

use std::{
    collections::VecDeque,
    io,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard},
    task::{Context, Poll, Waker, ready},
};

use futures::{AsyncRead, AsyncWrite};

/// One end of a connection. Dropping it closes both directions.
pub(crate) struct End {
    incoming: Pipe,
    outgoing: Pipe,
    moods: VecDeque<Mood>,
}

/// How an end takes one read or write, as real sockets do when it suits them.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Mood {
    /// Moves so many bytes at most.
    AtMost(usize),
    /// Moves nothing, though it may have said that it would, and says so again at once.
    NotNow,
}

/// Connects two ends that hold up to `capacity` bytes each way.
pub(crate) fn duplex(capacity: usize) -> (End, End) {
    let (there, back) = (Pipe::new(capacity), Pipe::new(capacity));
    (
        End {
            incoming: back.clone(),
            outgoing: there.clone(),
            moods: VecDeque::new(),
        },
        End {
            incoming: there,
            outgoing: back,
            moods: VecDeque::new(),
        },
    )
}

#[derive(Clone)]
struct Pipe(Arc<Mutex<State>>);

struct State {
    bytes: VecDeque<u8>,
    capacity: usize,
    closed: bool,
    reader: Option<Waker>,
    writer: Option<Waker>,
}

impl Pipe {
    fn new(capacity: usize) -> Self {
        Self(Arc::new(Mutex::new(State {
            bytes: VecDeque::new(),
            capacity,
            closed: false,
            reader: None,
            writer: None,
        })))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().expect("no test panics while it holds a pipe")
    }

    fn close(&self) {
        let mut state = self.lock();
        state.closed = true;
        wake(&mut state.reader);
        wake(&mut state.writer);
    }
}

impl End {
    /// Gives this end moods, one for each read or write; afterwards it is even-tempered.
    pub(crate) fn with_moods(mut self, moods: &[Mood]) -> Self {
        self.moods = moods.iter().copied().collect();
        self
    }

    /// Returns how many bytes may move now.
    fn allowance(&mut self, cx: &Context<'_>) -> Poll<usize> {
        match self.moods.pop_front() {
            Some(Mood::AtMost(bytes)) => Poll::Ready(bytes),
            Some(Mood::NotNow) => {
                cx.waker().wake_by_ref();
                Poll::Pending
            }
            None => Poll::Ready(usize::MAX),
        }
    }
}

impl Drop for End {
    fn drop(&mut self) {
        self.incoming.close();
        self.outgoing.close();
    }
}

impl AsyncRead for End {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let allowance = ready!(self.allowance(cx));
        let mut state = self.incoming.lock();
        if state.bytes.is_empty() && !state.closed {
            state.reader = Some(cx.waker().clone());
            return Poll::Pending;
        }
        let count = state.bytes.len().min(buffer.len()).min(allowance);
        for (place, byte) in buffer.iter_mut().zip(state.bytes.drain(..count)) {
            *place = byte;
        }
        wake(&mut state.writer);
        Poll::Ready(Ok(count))
    }
}

impl AsyncWrite for End {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let allowance = ready!(self.allowance(cx));
        let mut state = self.outgoing.lock();
        if state.closed {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        let count = bytes
            .len()
            .min(allowance)
            .min(state.capacity.saturating_sub(state.bytes.len()));
        if count == 0 {
            state.writer = Some(cx.waker().clone());
            return Poll::Pending;
        }
        state.bytes.extend(bytes.iter().take(count));
        wake(&mut state.reader);
        Poll::Ready(Ok(count))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.outgoing.close();
        Poll::Ready(Ok(()))
    }
}

fn wake(waker: &mut Option<Waker>) {
    if let Some(waker) = waker.take() {
        waker.wake();
    }
}
