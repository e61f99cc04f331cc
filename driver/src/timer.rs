//! The driver's one sleep, rebuilt only when the deadline changes.
//!
//! It only wakes: whether a deadline has come is for the clock to say.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use authloop_core::time::Timestamp;

/// A sleep that lives in its owner's frame: no allocation, whatever the runtime's sleep is.
pub(crate) struct Timer<'a, S> {
    sleep: Pin<&'a mut Option<S>>,
    until: Option<Timestamp>,
}

impl<'a, S: Future<Output = ()>> Timer<'a, S> {
    /// Makes a timer that isn't set.
    pub(crate) fn new(sleep: Pin<&'a mut Option<S>>) -> Self {
        Self { sleep, until: None }
    }

    /// Arranges to be woken at `deadline`; ready when it is worth looking at the clock again.
    pub(crate) fn poll(
        &mut self,
        cx: &mut Context<'_>,
        deadline: Option<Timestamp>,
        sleep_until: impl FnOnce(Timestamp) -> S,
    ) -> Poll<()> {
        if self.until != deadline {
            self.until = deadline;
            self.sleep.set(deadline.map(sleep_until));
        }
        match self.sleep.as_mut().as_pin_mut().map(|sleep| sleep.poll(cx)) {
            Some(Poll::Ready(())) => {
                self.sleep.set(None);
                self.until = None;
                Poll::Ready(())
            }
            Some(Poll::Pending) | None => Poll::Pending,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{cell::Cell, pin::pin};

    use futures::{future, task::noop_waker_ref};

    use super::*;

    #[test]
    fn the_sleep_is_rebuilt_only_when_the_deadline_changes() {
        let built = Cell::new(0);
        let mut cx = Context::from_waker(noop_waker_ref());
        let sleep = pin!(None);
        let mut timer = Timer::new(sleep);
        let mut poll = |deadline: Option<u64>| {
            timer.poll(&mut cx, deadline.map(Timestamp::from_millis), |at| {
                built.set(built.get() + 1);
                let due = at == Timestamp::from_millis(3);
                future::poll_fn(move |_| if due { Poll::Ready(()) } else { Poll::Pending })
            })
        };
        assert_eq!(poll(Some(1)), Poll::Pending);
        assert_eq!(poll(Some(1)), Poll::Pending);
        assert_eq!(built.get(), 1);
        assert_eq!(poll(Some(2)), Poll::Pending);
        assert_eq!(built.get(), 2);
        assert_eq!(poll(None), Poll::Pending);
        assert_eq!(poll(Some(3)), Poll::Ready(()));
        assert_eq!(built.get(), 3);
        assert_eq!(poll(Some(3)), Poll::Ready(()), "fired, so built again");
        assert_eq!(built.get(), 4);
    }
}
