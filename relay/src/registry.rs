//! The sessions of this process: finds them, feeds their rooms, and wakes those whose time has come.
//!
//! Decides nothing about a session; that is [`Room`]'s. One task serves the deadlines of all
//! sessions, and sleeps when there is none.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use authloop_core::{
    relay::{Applicant, Close, ConnectionId, Input, Output, Room, RoomConfig, Version},
    time::Timestamp,
};
use tokio::sync::Notify;

use crate::{
    clock::{Clock, wall_time},
    keys::KeyId,
    mailbox::Mailbox,
    quota::Arrivals,
};

/// The sessions of this process.
pub(crate) struct Registry {
    clock: Clock,
    sessions: Mutex<BTreeMap<String, Arc<Session>>>,
    arrivals: Mutex<BTreeMap<KeyId, Arrivals>>,
    schedule: Mutex<BTreeSet<(Timestamp, String)>>,
    rescheduled: Notify,
    next_connection: AtomicU64,
}

/// One session and the sockets in its room.
pub(crate) struct Session {
    pub(crate) id: String,
    pub(crate) owner: KeyId,
    pub(crate) version: Version,
    hub: Mutex<Hub>,
}

struct Hub {
    room: Room,
    sockets: Vec<(ConnectionId, Arc<Mailbox>)>,
    /// What [`Registry::schedule`] holds for this session.
    scheduled: Option<Timestamp>,
}

/// What bounds one key's sessions.
#[derive(Clone, Copy)]
pub(crate) struct Quota {
    pub(crate) per_minute: u32,
    pub(crate) live: usize,
}

impl Registry {
    pub(crate) fn new(clock: Clock) -> Self {
        Self {
            clock,
            sessions: Mutex::default(),
            arrivals: Mutex::default(),
            schedule: Mutex::default(),
            rescheduled: Notify::new(),
            next_connection: AtomicU64::new(0),
        }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(crate) fn clock(&self) -> Clock {
        self.clock
    }

    /// Opens a session, or says after how many seconds its key may open one again.
    pub(crate) fn create(
        self: &Arc<Self>,
        owner: KeyId,
        quota: Quota,
        config: RoomConfig,
    ) -> Result<Arc<Session>, u64> {
        const LOOK_AGAIN: u64 = 30;
        if self.live_sessions(owner) >= quota.live {
            return Err(LOOK_AGAIN);
        }
        lock(&self.arrivals)
            .entry(owner)
            .or_default()
            .count(self.now(), quota.per_minute)?;
        let session = Arc::new(Session {
            id: config.session_id.clone(),
            owner,
            version: config.admission.version(),
            hub: Mutex::new(Hub {
                room: Room::new(config, self.now(), wall_time()),
                sockets: Vec::new(),
                scheduled: None,
            }),
        });
        lock(&self.sessions).insert(session.id.clone(), Arc::clone(&session));
        self.feed(&session, Input::Tick);
        Ok(session)
    }

    pub(crate) fn find(&self, id: &str) -> Option<Arc<Session>> {
        lock(&self.sessions).get(id).cloned()
    }

    /// Gives a socket its seat and the mailbox that the room writes to.
    pub(crate) fn admit(
        &self,
        session: &Session,
        applicant: Applicant<'_>,
    ) -> Result<(ConnectionId, Arc<Mailbox>), Close> {
        let id = ConnectionId(self.next_connection.fetch_add(1, Ordering::Relaxed));
        let mailbox = Arc::new(Mailbox::default());
        let mut hub = lock(&session.hub);
        hub.sockets.push((id, Arc::clone(&mailbox)));
        let admitted = hub.room.admit(self.now(), id, applicant);
        if admitted.is_err() {
            hub.sockets.retain(|(socket, _)| *socket != id);
        }
        self.drain(session, hub);
        admitted.map(|()| (id, mailbox))
    }

    /// Tells a session's room what happened.
    pub(crate) fn feed(&self, session: &Session, input: Input<'_>) {
        let now = self.now();
        self.with_room(session, |room| room.handle(now, input));
    }

    /// Does something with a session's room, then what the room wants done.
    pub(crate) fn with_room<T>(&self, session: &Session, act: impl FnOnce(&mut Room) -> T) -> T {
        let mut hub = lock(&session.hub);
        let answer = act(&mut hub.room);
        self.drain(session, hub);
        answer
    }

    /// Forgets a socket that is gone.
    pub(crate) fn leave(&self, session: &Session, id: ConnectionId) {
        let mut hub = lock(&session.hub);
        hub.sockets.retain(|(socket, _)| *socket != id);
        hub.room.handle(self.now(), Input::Left(id));
        self.drain(session, hub);
    }

    /// Tells every socket to come back later.
    pub(crate) fn drain_all(&self) {
        let sessions: Vec<_> = lock(&self.sessions).values().cloned().collect();
        for session in sessions {
            self.feed(&session, Input::Drain);
        }
    }

    /// Wakes sessions when their time has come. Never returns.
    pub(crate) async fn keep_time(&self) {
        loop {
            let next = lock(&self.schedule).first().map(|(at, _)| *at);
            let rescheduled = self.rescheduled.notified();
            match next {
                Some(at) if at <= self.now() => self.wake_due(),
                Some(at) => {
                    let wait = tokio::time::sleep_until(self.clock.instant(at));
                    tokio::select! {
                        () = wait => {}
                        () = rescheduled => {}
                    }
                }
                None => rescheduled.await,
            }
        }
    }

    fn wake_due(&self) {
        let now = self.now();
        let due: Vec<_> = lock(&self.schedule)
            .iter()
            .take_while(|(at, _)| *at <= now)
            .map(|(_, id)| id.clone())
            .collect();
        for id in due {
            if let Some(session) = self.find(&id) {
                self.feed(&session, Input::Tick);
            }
        }
    }

    fn live_sessions(&self, owner: KeyId) -> usize {
        let own: Vec<_> = lock(&self.sessions)
            .values()
            .filter(|session| session.owner == owner)
            .cloned()
            .collect();
        own.iter()
            .filter(|session| !lock(&session.hub).room.status().is_terminal())
            .count()
    }

    /// Does what the room wants done: nothing of it blocks.
    fn drain(&self, session: &Session, mut hub: MutexGuard<'_, Hub>) {
        let mut forget = false;
        let deadline = loop {
            match hub.room.poll() {
                Output::Send(id, item) => hub.with_socket(id, |mailbox| mailbox.put(item)),
                Output::Close(id, close) => hub.with_socket(id, |mailbox| mailbox.close(close)),
                Output::Forget => forget = true,
                Output::Idle(deadline) => break deadline,
            }
        };
        let Hub { room, sockets, .. } = &*hub;
        for (id, mailbox) in sockets {
            mailbox.set_wanted(room.wants(*id));
        }
        self.reschedule(session, &mut hub.scheduled, deadline);
        drop(hub);
        if forget {
            lock(&self.sessions).remove(&session.id);
        }
    }

    fn reschedule(
        &self,
        session: &Session,
        scheduled: &mut Option<Timestamp>,
        deadline: Option<Timestamp>,
    ) {
        if *scheduled == deadline {
            return;
        }
        let mut schedule = lock(&self.schedule);
        if let Some(at) = scheduled.take() {
            schedule.remove(&(at, session.id.clone()));
        }
        if let Some(at) = deadline {
            schedule.insert((at, session.id.clone()));
            *scheduled = deadline;
            self.rescheduled.notify_one();
        }
    }
}

impl Hub {
    fn with_socket(&self, id: ConnectionId, act: impl FnOnce(&Mailbox)) {
        if let Some((_, mailbox)) = self.sockets.iter().find(|(socket, _)| *socket == id) {
            act(mailbox);
        }
    }
}

/// Locks; a panic elsewhere doesn't take the relay down with it.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
