//! Between a room and one socket's task: at most one item to write, the word to close, and whether
//! to read on.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    task::Waker,
};

use authloop_core::relay::{Close, Item};
use futures::task::AtomicWaker;

/// One socket's mailbox. The room writes, the socket's task takes.
pub(crate) struct Mailbox {
    state: Mutex<State>,
    waker: AtomicWaker,
}

struct State {
    item: Option<Item>,
    close: Option<Close>,
    wanted: bool,
}

/// What the socket's task should do next.
pub(crate) enum Post {
    /// Write this, flush, and report it.
    Item(Item),
    /// Close.
    Close(Close),
}

impl Default for Mailbox {
    fn default() -> Self {
        Self {
            state: Mutex::new(State {
                item: None,
                close: None,
                wanted: true,
            }),
            waker: AtomicWaker::new(),
        }
    }
}

impl Mailbox {
    /// INVARIANT: the room sends the next item only after the last one was reported as written, so
    /// nothing is ever overwritten here.
    pub(crate) fn put(&self, item: Item) {
        self.lock().item = Some(item);
        self.waker.wake();
    }

    pub(crate) fn close(&self, close: Close) {
        self.lock().close = Some(close);
        self.waker.wake();
    }

    pub(crate) fn set_wanted(&self, wanted: bool) {
        let was = std::mem::replace(&mut self.lock().wanted, wanted);
        if wanted && !was {
            self.waker.wake();
        }
    }

    /// Asks to be woken at the next change. Call before taking.
    pub(crate) fn register(&self, waker: &Waker) {
        self.waker.register(waker);
    }

    /// Takes what to do next: what was sent comes before the close.
    pub(crate) fn take(&self) -> Option<Post> {
        let mut state = self.lock();
        match state.item.take() {
            Some(item) => Some(Post::Item(item)),
            None => state.close.take().map(Post::Close),
        }
    }

    /// Tells whether the room wants to hear from this socket.
    pub(crate) fn is_wanted(&self) -> bool {
        self.lock().wanted
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
