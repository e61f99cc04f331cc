//! The runtime of the tests: names, addresses that answer as they are told, and a clock.

use std::{
    collections::{BTreeMap, VecDeque},
    future::poll_fn,
    io,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard},
    task::{Poll, Waker},
    time::{Duration, Instant},
};

use crate::{
    runtime::Runtime,
    testing::duplex::{End, Mood, duplex},
};

/// What an address does with those who connect.
#[derive(Clone, Copy)]
pub(crate) enum Answers {
    /// Accepts, with a connection of this capacity.
    Accepts(usize),
    Refuses,
    StaysSilent,
}

/// Names, addresses and time. Clones are the same world.
#[derive(Clone)]
pub(crate) struct World(Arc<Mutex<State>>);

struct State {
    now: Instant,
    sleepers: Vec<(Instant, Waker)>,
    sleeps: usize,
    looks: usize,
    moods: Vec<Mood>,
    names: BTreeMap<String, Vec<SocketAddr>>,
    addresses: BTreeMap<SocketAddr, Answers>,
    tried: Vec<SocketAddr>,
    accepted: VecDeque<(SocketAddr, End)>,
    acceptor: Option<Waker>,
}

impl World {
    pub(crate) fn new() -> Self {
        Self(Arc::new(Mutex::new(State {
            now: Instant::now(),
            sleepers: Vec::new(),
            sleeps: 0,
            looks: 0,
            moods: Vec::new(),
            names: BTreeMap::new(),
            addresses: BTreeMap::new(),
            tried: Vec::new(),
            accepted: VecDeque::new(),
            acceptor: None,
        })))
    }

    /// Makes an address answer.
    pub(crate) fn address(self, at: &str, answers: Answers) -> Self {
        self.lock().addresses.insert(address(at), answers);
        self
    }

    /// Makes a name resolve.
    pub(crate) fn name(self, name: &str, to: &[&str]) -> Self {
        let to = to.iter().copied().map(address).collect();
        self.lock().names.insert(name.to_owned(), to);
        self
    }

    /// Gives each connection these moods, on the driver's end.
    pub(crate) fn moods(self, moods: &[Mood]) -> Self {
        self.lock().moods = moods.to_vec();
        self
    }

    /// Lets time pass.
    pub(crate) fn pass(&self, duration: Duration) {
        let mut state = self.lock();
        state.now += duration;
        let now = state.now;
        for (_, waker) in state.sleepers.extract_if(.., |(at, _)| *at <= now) {
            waker.wake();
        }
    }

    /// Returns how many sleeps were ever begun.
    pub(crate) fn sleeps(&self) -> usize {
        self.lock().sleeps
    }

    /// Returns how often the clock was looked at: once in each turn of the loop.
    pub(crate) fn looks(&self) -> usize {
        self.lock().looks
    }

    /// Returns which addresses were tried, in order.
    pub(crate) fn tried(&self) -> Vec<SocketAddr> {
        self.lock().tried.clone()
    }

    /// Waits for the next connection, at whatever address.
    pub(crate) async fn accept(&self) -> (SocketAddr, End) {
        poll_fn(|cx| {
            let mut state = self.lock();
            match state.accepted.pop_front() {
                Some(accepted) => Poll::Ready(accepted),
                None => {
                    state.acceptor = Some(cx.waker().clone());
                    Poll::Pending
                }
            }
        })
        .await
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0
            .lock()
            .expect("no test panics while it holds the world")
    }
}

impl Runtime for World {
    type Stream = End;

    async fn resolve(&self, host: &str, _: u16) -> io::Result<Vec<SocketAddr>> {
        let found = self.lock().names.get(host).cloned();
        found.ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    async fn connect(&self, at: SocketAddr) -> io::Result<End> {
        let answers = {
            let mut state = self.lock();
            state.tried.push(at);
            state.addresses.get(&at).copied()
        };
        match answers {
            Some(Answers::Accepts(capacity)) => {
                let (ours, theirs) = duplex(capacity);
                let mut state = self.lock();
                state.accepted.push_back((at, theirs));
                if let Some(waker) = state.acceptor.take() {
                    waker.wake();
                }
                Ok(ours.with_moods(&state.moods))
            }
            Some(Answers::Refuses) | None => Err(io::ErrorKind::ConnectionRefused.into()),
            Some(Answers::StaysSilent) => std::future::pending().await,
        }
    }

    fn sleep_until(&self, at: Instant) -> impl Future<Output = ()> + Send + 'static {
        self.lock().sleeps += 1;
        let world = self.clone();
        poll_fn(move |cx| {
            let mut state = world.lock();
            if state.now >= at {
                return Poll::Ready(());
            }
            state.sleepers.push((at, cx.waker().clone()));
            Poll::Pending
        })
    }

    fn now(&self) -> Instant {
        let mut state = self.lock();
        state.looks += 1;
        state.now
    }
}

fn address(at: &str) -> SocketAddr {
    at.parse().expect("an address with a port")
}
