//! An executor whose every step is the test's choice: who is polled next, woken or not.

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
};

/// Everybody who takes part.
#[derive(Default)]
pub(crate) struct Crowd {
    members: Vec<Member>,
}

struct Member {
    /// Nothing once it has ended.
    life: Option<Pin<Box<dyn Future<Output = ()>>>>,
    flag: Arc<Flag>,
    polls: usize,
}

/// Whether somebody is to be polled.
#[derive(Default)]
struct Flag {
    woken: AtomicBool,
}

impl Wake for Flag {
    fn wake(self: Arc<Self>) {
        self.woken.store(true, Ordering::Relaxed);
    }
}

impl Crowd {
    /// Adds somebody; returns their place.
    pub(crate) fn join(&mut self, life: impl Future<Output = ()> + 'static) -> usize {
        let flag = Arc::new(Flag::default());
        Arc::clone(&flag).wake();
        self.members.push(Member {
            life: Some(Box::pin(life)),
            flag,
            polls: 0,
        });
        self.members.len() - 1
    }

    /// Polls somebody, whether they were woken or not.
    pub(crate) fn poll(&mut self, place: usize) {
        if let Some(member) = self.members.get_mut(place)
            && let Some(life) = &mut member.life
        {
            member.flag.woken.store(false, Ordering::Relaxed);
            member.polls += 1;
            let waker = Waker::from(Arc::clone(&member.flag));
            if life.as_mut().poll(&mut Context::from_waker(&waker)) == Poll::Ready(()) {
                member.life = None;
            }
        }
    }

    /// Polls whoever was woken until nobody is; returns whether that took at most so many rounds.
    pub(crate) fn settle(&mut self, rounds: usize) -> bool {
        for _ in 0..rounds {
            let woken: Vec<_> = (0..self.members.len())
                .filter(|place| self.is_woken(*place))
                .collect();
            if woken.is_empty() {
                return true;
            }
            for place in woken {
                self.poll(place);
            }
        }
        false
    }

    /// Returns how often somebody was polled.
    pub(crate) fn polls(&self, place: usize) -> usize {
        self.members.get(place).map_or(0, |member| member.polls)
    }

    fn is_woken(&self, place: usize) -> bool {
        self.members.get(place).is_some_and(|member| {
            member.life.is_some() && member.flag.woken.load(Ordering::Relaxed)
        })
    }
}
