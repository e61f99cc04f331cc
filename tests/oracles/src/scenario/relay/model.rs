//! What a room has to do: who sits where, what each of them has yet to be sent in which order, which
//! frame waits, who is to be closed and how, and what comes due when.
//!
//! The rules are the protocols' (version 1, §3; version 2, §2 and §10). There is one answer to everything.

use std::{
    collections::{BTreeMap, VecDeque},
    time::Duration,
};

use authloop_core::{
    api::SessionStatus,
    relay::{
        AGENT_ABSENCE, Close, ConnectionId, Counts, Frame, Item, LAST_WORDS, LINGER,
        MAX_CONTROL_BYTES, MAX_CONTROL_ENTRIES, MAX_VIEWERS, RECORD_KEPT, RESOLVED_NOTICE, Role,
    },
    time::Timestamp,
    wire::v2::CloseCode,
};

/// How many of the relay's own words fit behind a full queue.
pub(super) const OWN_WORDS: usize = 64;

/// How many closes may wait for a driver that asks for nothing.
pub(super) const MOST_CLOSES: usize = 32;

/// The relay's own words.
const AGENT_CONNECTED: &str = r#"{"type":"agent_connected"}"#;
const AGENT_DISCONNECTED: &str = r#"{"type":"agent_disconnected"}"#;
const RESOLVED: &str = r#"{"type":"session_resolved"}"#;
const CANCELLED: &str = r#"{"type":"session_cancelled"}"#;
const EXPIRED: &str = r#"{"type":"session_expired"}"#;

/// What waits for one socket.
pub(super) struct Seat {
    pub(super) id: ConnectionId,
    control: VecDeque<Item>,
    frame: Option<Frame>,
    pub(super) writing: bool,
}

/// A viewer's seat.
pub(super) struct Viewer {
    pub(super) seat: Seat,
    pub(super) channel: Option<Channel>,
}

/// What tells a viewer of version 2 from the others.
pub(super) struct Channel {
    pub(super) number: u16,
    heard: Option<Timestamp>,
    said: Budget,
    leaving: Option<(Close, Timestamp)>,
}

/// How much was used of what may come, in milliseconds until it is forgotten.
#[derive(Clone, Copy, Default)]
struct Budget {
    used: Duration,
    at: Timestamp,
}

impl Budget {
    /// Uses up one more; `false` if that is one too many.
    fn affords(&mut self, now: Timestamp, each: Duration, burst: u32) -> bool {
        self.used = self.used.saturating_sub(now.since(self.at)) + each;
        self.at = now;
        let fits = self.used <= each * burst;
        if !fits {
            self.used -= each;
        }
        fits
    }
}

/// What comes due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Timer {
    Expiry,
    AgentAbsent,
    ResolvedNotice,
    Linger,
    Forget,
}

/// The reference.
pub(super) struct Model {
    sealed: bool,
    pub(super) now: Timestamp,
    pub(super) status: SessionStatus,
    pub(super) agent: Option<Seat>,
    pub(super) viewers: Vec<Viewer>,
    closes: VecDeque<(ConnectionId, Close)>,
    timers: BTreeMap<Timer, Timestamp>,
    pub(super) forgotten: bool,
    forget: bool,
    pub(super) counts: Counts,
    // Version 1.
    key: Option<String>,
    meta: Option<String>,
    // Version 2.
    numbers: u16,
    door: BTreeMap<u8, Budget>,
    crowd: Budget,
}

impl Model {
    pub(super) fn new(sealed: bool, now: Timestamp, ttl: Duration) -> Self {
        Self {
            sealed,
            now,
            status: SessionStatus::Pending,
            agent: None,
            viewers: Vec::new(),
            closes: VecDeque::new(),
            timers: BTreeMap::from([(Timer::Expiry, now + ttl)]),
            forgotten: false,
            forget: false,
            counts: Counts::default(),
            key: None,
            meta: None,
            numbers: 0,
            door: BTreeMap::new(),
            crowd: Budget::default(),
        }
    }

    // Time.

    /// Lets time pass; it never goes back.
    pub(super) fn advance(&mut self, now: Timestamp) {
        self.now = self.now.max(now);
        self.close_the_late();
        while let Some(timer) = self.next_due() {
            self.timers.remove(&timer);
            match timer {
                Timer::Expiry => self.finish(SessionStatus::Timeout),
                Timer::AgentAbsent => self.finish(SessionStatus::Error),
                Timer::ResolvedNotice => self.tell_everybody(RESOLVED),
                Timer::Linger => self.close_everybody(self.farewell()),
                Timer::Forget => self.forget = true,
            }
        }
    }

    /// Of those that are due by now the first, in their order: when they were doesn't matter.
    fn next_due(&self) -> Option<Timer> {
        let mut timers = self.timers.iter();
        timers
            .find(|(_, at)| **at <= self.now)
            .map(|(timer, _)| *timer)
    }

    /// When there is something to do although nothing happens.
    pub(super) fn deadline(&self) -> Option<Timestamp> {
        let late = self
            .viewers
            .iter()
            .filter_map(|viewer| Some(viewer.leaving()?.1));
        late.chain(self.timers.values().copied()).min()
    }

    // Who comes and goes.

    /// Lets somebody in, or says by which code not.
    pub(super) fn joins(
        &mut self,
        id: ConnectionId,
        role: Role,
        refused: Option<Close>,
        address: u8,
    ) -> Result<(), Close> {
        if let Some(close) = refused {
            return Err(close);
        }
        if self.status.is_terminal() {
            return Err(self.farewell());
        }
        if self.closes.len() >= MOST_CLOSES {
            return Err(Close::Overflow);
        }
        match role {
            Role::Agent => self.agent_joins(id),
            Role::Viewer => self.viewer_joins(id, address)?,
        }
        Ok(())
    }

    fn agent_joins(&mut self, id: ConnectionId) {
        self.timers.remove(&Timer::AgentAbsent);
        if let Some(old) = self.agent.take() {
            self.closes.push_back((old.id, Close::Replaced));
            self.forget_what_was_shown();
            self.tell_viewers(AGENT_DISCONNECTED);
        }
        self.agent = Some(Seat::new(id));
        let arrivals: Vec<String> = self.viewers.iter().filter_map(Viewer::arrival).collect();
        for arrival in arrivals {
            self.tell_agent(arrival);
        }
        self.tell_viewers(AGENT_CONNECTED);
    }

    fn viewer_joins(&mut self, id: ConnectionId, address: u8) -> Result<(), Close> {
        let channel = if self.sealed {
            self.passes_the_door(address)?;
            self.numbers += 1;
            self.make_room();
            self.counts.viewers += 1;
            Some(Channel {
                number: self.numbers,
                heard: None,
                said: Budget::default(),
                leaving: None,
            })
        } else {
            if let Some(old) = self.viewers.first() {
                self.dismiss(old.seat.id, Close::Replaced);
            }
            None
        };
        if self.status == SessionStatus::Pending {
            self.status = SessionStatus::Active;
        }
        let viewer = Viewer {
            seat: Seat::new(id),
            channel,
        };
        let arrival = viewer.arrival();
        self.viewers.push(viewer);
        arrival.into_iter().for_each(|text| self.tell_agent(text));
        if self.agent.is_some() {
            self.tell_viewer(id, AGENT_CONNECTED);
        }
        if let Some(key) = self.key.clone() {
            self.tell_viewer(id, &key);
        }
        Ok(())
    }

    /// Ten of one address at once and one in two seconds; 64 of all at once, and eight a second.
    fn passes_the_door(&mut self, address: u8) -> Result<(), Close> {
        let now = self.now;
        let mut crowd = self.crowd;
        let own = self.door.entry(address).or_default();
        let mut budget = *own;
        let passes = budget.affords(now, Duration::from_secs(2), 10)
            && crowd.affords(now, Duration::from_millis(125), 64);
        if passes {
            (*own, self.crowd) = (budget, crowd);
            Ok(())
        } else {
            self.counts.too_many += 1;
            Err(Close::TooMany)
        }
    }

    /// Of eight the one goes that is going anyway, or never said anything, or was silent longest.
    fn make_room(&mut self) {
        if self.viewers.len() < MAX_VIEWERS {
            return;
        }
        let least = self.viewers.iter().min_by_key(|viewer| {
            let channel = viewer.channel.as_ref();
            (
                viewer.leaving().is_none(),
                channel.and_then(|channel| channel.heard),
            )
        });
        let least = least.map(|viewer| (viewer.seat.id, viewer.leaving()));
        match least {
            Some((id, Some((close, _)))) => self.dismiss(id, close),
            Some((id, None)) => {
                self.counts.viewers_crowded_out += 1;
                self.dismiss(id, Close::Viewer(CloseCode::Busy));
            }
            None => {}
        }
    }

    /// A socket went by itself.
    pub(super) fn left(&mut self, id: ConnectionId) {
        match self.role_of(id) {
            Some(Role::Agent) => self.agent_left(),
            Some(Role::Viewer) => self.viewer_left(id),
            None => {}
        }
    }

    fn agent_left(&mut self) {
        self.agent = None;
        self.forget_what_was_shown();
        if self.timers.remove(&Timer::ResolvedNotice).is_some() {
            self.tell_viewers(RESOLVED);
        }
        self.tell_viewers(AGENT_DISCONNECTED);
        if !self.status.is_terminal() {
            self.timers
                .insert(Timer::AgentAbsent, self.now + AGENT_ABSENCE);
        }
    }

    fn viewer_left(&mut self, id: ConnectionId) {
        let Some(place) = self.viewers.iter().position(|viewer| viewer.seat.id == id) else {
            return;
        };
        let viewer = self.viewers.remove(place);
        if !self.status.is_terminal()
            && let Some(text) = viewer.departure()
        {
            self.tell_agent(text);
        }
    }

    fn dismiss(&mut self, id: ConnectionId, close: Close) {
        self.closes.push_back((id, close));
        self.viewer_left(id);
    }

    fn close_the_late(&mut self) {
        let now = self.now;
        while let Some(place) = self
            .viewers
            .iter()
            .position(|viewer| viewer.leaving().is_some_and(|(_, until)| until <= now))
        {
            let viewer = self.viewers.remove(place);
            let close = viewer.leaving().map(|(close, _)| (viewer.seat.id, close));
            self.closes.extend(close);
        }
    }

    /// Every socket is to be closed; those that were to be closed anyway, as they were to be.
    pub(super) fn close_everybody(&mut self, close: Close) {
        let agent = self.agent.take().map(|agent| (agent.id, close));
        let viewers = self.viewers.drain(..).map(|viewer| {
            let close = viewer.leaving().map_or(close, |(close, _)| close);
            (viewer.seat.id, close)
        });
        self.closes.extend(agent.into_iter().chain(viewers));
    }

    // How it ends.

    /// REST ends it; `false` if it had ended.
    pub(super) fn ends(&mut self, resolve: bool) -> bool {
        let ends = !self.status.is_terminal();
        if ends {
            self.finish(if resolve {
                SessionStatus::Resolved
            } else {
                SessionStatus::Cancelled
            });
        }
        ends
    }

    fn finish(&mut self, status: SessionStatus) {
        self.status = status;
        self.timers = BTreeMap::from([
            (Timer::Linger, self.now + LINGER),
            (Timer::Forget, self.now + RECORD_KEPT),
        ]);
        (self.key, self.meta) = (None, None);
        if let Some(agent) = &mut self.agent {
            agent.control.clear();
        }
        for viewer in &mut self.viewers {
            viewer.seat.frame = None;
        }
        match status {
            SessionStatus::Timeout => self.tell_everybody(EXPIRED),
            SessionStatus::Cancelled => self.tell_everybody(CANCELLED),
            // The existing agent takes anything that comes now for an error.
            SessionStatus::Resolved if self.agent.is_some() => {
                self.timers
                    .insert(Timer::ResolvedNotice, self.now + RESOLVED_NOTICE);
            }
            SessionStatus::Resolved => self.tell_viewers(RESOLVED),
            SessionStatus::Error => self.close_everybody(Close::Ended),
            SessionStatus::Pending | SessionStatus::Active => {}
        }
    }

    fn farewell(&self) -> Close {
        if self.status == SessionStatus::Timeout {
            Close::Expired
        } else {
            Close::Ended
        }
    }

    // What is said: version 1.

    /// An agent's text, and whether it is its key or a frame's announcement.
    pub(super) fn plain_text(&mut self, text: &str, is_key: bool, is_meta: bool) {
        if self.status.is_terminal() {
            self.counts.unheard += 1;
        } else if is_meta {
            self.meta = Some(text.into());
        } else {
            if is_key {
                self.key = Some(text.into());
            }
            self.queue_for_viewer(Item::Text(text.into()));
        }
    }

    /// An agent's picture.
    pub(super) fn plain_picture(&mut self, jpeg: bytes::Bytes) {
        let meta = self.meta.take();
        match self.viewers.first_mut() {
            Some(viewer) if !self.status.is_terminal() => {
                self.counts.frames += 1;
                let replaced = viewer.seat.frame.replace(Frame { meta, jpeg });
                self.counts.frames_replaced += u64::from(replaced.is_some());
            }
            Some(_) | None => self.counts.unheard += 1,
        }
    }

    /// A viewer's message.
    pub(super) fn plain_from_viewer(&mut self, id: ConnectionId, item: Item) {
        self.queue_for_agent(id, item);
    }

    fn queue_for_viewer(&mut self, item: Item) {
        let Some(Viewer { seat, .. }) = self.viewers.first_mut() else {
            self.counts.unheard += 1;
            return;
        };
        let id = seat.id;
        if seat.takes(item) {
            self.counts.control += 1;
        } else {
            self.dismiss(id, Close::Overflow);
        }
    }

    fn queue_for_agent(&mut self, from: ConnectionId, item: Item) {
        match &mut self.agent {
            Some(agent) if !self.status.is_terminal() => {
                if agent.takes(item) {
                    self.counts.control += 1;
                } else {
                    self.dismiss(from, Close::Overflow);
                }
            }
            Some(_) | None => self.counts.unheard += 1,
        }
    }

    // What is said: version 2.

    /// A viewer says something: 1,000 at once and 500 a second. `false`: it counts no more.
    pub(super) fn is_heard(&mut self, id: ConnectionId) -> bool {
        let now = self.now;
        let Some(channel) = self.channel(id) else {
            return false;
        };
        if channel.leaving.is_some() {
            self.counts.unheard += 1;
            return false;
        }
        channel.heard = Some(now);
        let in_time = channel.said.affords(now, Duration::from_millis(2), 1_000);
        if !in_time {
            self.counts.too_many += 1;
            self.dismiss(id, Close::TooMany);
        }
        in_time
    }

    /// A viewer's record. The agent is told its channel.
    pub(super) fn record_from_viewer(&mut self, id: ConnectionId, record: &[u8]) {
        if !self.is_heard(id) {
            return;
        }
        if record.len() > 80 * 1_024 {
            return self.dismiss(id, Close::TooLarge);
        }
        if !is_record(record) {
            self.counts.malformed += 1;
            return self.dismiss(id, Close::Viewer(CloseCode::Damaged));
        }
        let number = self.channel(id).map_or(0, |channel| channel.number);
        self.queue_for_agent(id, Item::Binary(with_hop(record, number)));
    }

    /// The agent's record, for the viewer it names; after the end, too.
    pub(super) fn record_from_agent(&mut self, record: &[u8]) {
        if !is_record(record) {
            self.counts.malformed += 1;
            return;
        }
        let chan = u16::from_be_bytes([record[2], record[3]]);
        let Some(viewer) = self.staying(chan) else {
            self.counts.unheard += 1;
            return;
        };
        let (id, bytes) = (viewer.seat.id, with_hop(record, 0));
        if record[1] == 0x10 {
            let (meta, jpeg) = (None, bytes);
            let replaced = viewer.seat.frame.replace(Frame { meta, jpeg }).is_some();
            self.counts.frames += 1;
            self.counts.frames_replaced += u64::from(replaced);
        } else if viewer.seat.takes(Item::Binary(bytes)) {
            self.counts.control += 1;
        } else {
            self.dismiss(id, Close::Overflow);
        }
    }

    /// The agent wants a viewer closed; `None`: it says something that means nothing.
    pub(super) fn word_from_agent(&mut self, close: Option<(u16, CloseCode)>) {
        let Some((chan, code)) = close else {
            self.counts.texts_dropped += 1;
            return;
        };
        let until = self.now + LAST_WORDS;
        let Some(viewer) = self.staying(chan) else {
            self.counts.unheard += 1;
            return;
        };
        let departure = viewer.departure();
        viewer.seat.frame = None;
        if let Some(channel) = &mut viewer.channel {
            channel.leaving = Some((Close::Viewer(code), until));
        }
        departure.into_iter().for_each(|text| self.tell_agent(text));
    }

    /// The viewer of a channel, unless it is on its way out.
    fn staying(&mut self, chan: u16) -> Option<&mut Viewer> {
        self.viewers.iter_mut().find(|viewer| {
            let channel = viewer.channel.as_ref();
            channel.is_some_and(|channel| channel.number == chan && channel.leaving.is_none())
        })
    }

    fn channel(&mut self, id: ConnectionId) -> Option<&mut Channel> {
        let viewer = self
            .viewers
            .iter_mut()
            .find(|viewer| viewer.seat.id == id)?;
        viewer.channel.as_mut()
    }

    // The relay's own words.

    fn tell_agent(&mut self, text: String) {
        if let Some(agent) = &mut self.agent
            && !agent.takes_word(text)
        {
            self.closes.push_back((agent.id, Close::Overflow));
            self.agent_left();
        }
    }

    fn tell_viewer(&mut self, id: ConnectionId, text: &str) {
        let viewer = self.viewers.iter_mut().find(|viewer| viewer.seat.id == id);
        if let Some(viewer) = viewer
            && viewer.leaving().is_none()
            && !viewer.seat.takes_word(text.into())
        {
            self.dismiss(id, Close::Overflow);
        }
    }

    fn tell_viewers(&mut self, text: &str) {
        let ids: Vec<_> = self.viewers.iter().map(|viewer| viewer.seat.id).collect();
        for id in ids {
            self.tell_viewer(id, text);
        }
    }

    fn tell_everybody(&mut self, text: &str) {
        self.tell_agent(text.into());
        self.tell_viewers(text);
    }

    /// What the agent was showing when it went is of no more use.
    fn forget_what_was_shown(&mut self) {
        self.meta = None;
        if self.sealed {
            for viewer in &mut self.viewers {
                viewer.seat.frame = None;
            }
        }
    }

    // What the room does.

    /// The room sends: to somebody who has a seat, what comes next there.
    pub(super) fn sends(&mut self, id: ConnectionId, item: &Item) {
        let seat = self.seat(id).expect("it sends to nobody");
        assert!(!seat.writing, "one write at a time");
        seat.writing = true;
        match seat.control.pop_front() {
            Some(next) => assert!(next == *item, "control is whole and in order"),
            None => {
                let newest = seat.frame.take().map(Item::Frame);
                assert!(
                    newest.as_ref() == Some(item),
                    "only the newest frame is sent"
                );
            }
        }
    }

    /// The room closes a socket, once and for a reason.
    pub(super) fn closes(&mut self, id: ConnectionId, close: Close) {
        if let Some(next) = self.closes.pop_front() {
            return assert_eq!((id, close), next, "closed for a reason");
        }
        let place = self.viewers.iter().position(Viewer::has_heard_the_rest);
        let viewer = self.viewers.remove(place.expect("closed for a reason"));
        let leaving = viewer.leaving().map(|(close, _)| close);
        assert_eq!((viewer.seat.id, leaving), (id, Some(close)));
    }

    pub(super) fn forgets(&mut self) {
        assert!(core::mem::take(&mut self.forget), "forgotten too early");
        self.forgotten = true;
    }

    pub(super) fn wrote(&mut self, id: ConnectionId) {
        if let Some(seat) = self.seat(id) {
            seat.writing = false;
        }
    }

    /// The room has nothing more to do: nothing that could be sent waits.
    pub(super) fn is_idle(&mut self) -> bool {
        let is_stuck = |seat: &Seat| seat.writing || seat.is_empty();
        let seats_rest = self.seats().all(is_stuck);
        let all_gone = !self.viewers.iter().any(Viewer::has_heard_the_rest);
        seats_rest && all_gone && self.closes.is_empty() && !self.forget
    }

    pub(super) fn seats(&self) -> impl Iterator<Item = &Seat> {
        let viewers = self.viewers.iter().map(|viewer| &viewer.seat);
        self.agent.iter().chain(viewers)
    }

    fn seat(&mut self, id: ConnectionId) -> Option<&mut Seat> {
        let viewers = self.viewers.iter_mut().map(|viewer| &mut viewer.seat);
        self.agent
            .iter_mut()
            .chain(viewers)
            .find(|seat| seat.id == id)
    }

    pub(super) fn role_of(&self, id: ConnectionId) -> Option<Role> {
        if self.agent.as_ref().is_some_and(|agent| agent.id == id) {
            Some(Role::Agent)
        } else {
            let mut viewers = self.viewers.iter();
            viewers
                .any(|viewer| viewer.seat.id == id)
                .then_some(Role::Viewer)
        }
    }

    /// How many sockets are to be told that they are closed.
    pub(super) fn waiting_closes(&self) -> usize {
        self.closes.len()
    }

    /// Tells whether a socket is to be closed because something ran over.
    pub(super) fn ran_over(&self, id: ConnectionId) -> bool {
        self.closes.contains(&(id, Close::Overflow))
    }
}

impl Seat {
    fn new(id: ConnectionId) -> Self {
        Self {
            id,
            control: VecDeque::new(),
            frame: None,
            writing: false,
        }
    }

    /// Queues what the other side said; `false` if there is no room.
    fn takes(&mut self, item: Item) -> bool {
        let (entries, bytes) = self.waiting();
        let fits = entries < MAX_CONTROL_ENTRIES && bytes + length(&item) <= MAX_CONTROL_BYTES;
        if fits {
            self.control.push_back(item);
        }
        fits
    }

    /// Queues the relay's own word; `false` if there is no room.
    fn takes_word(&mut self, text: String) -> bool {
        let fits = self.control.len() < MAX_CONTROL_ENTRIES + OWN_WORDS;
        if fits {
            self.control.push_back(Item::Text(text));
        }
        fits
    }

    /// How many messages wait, and bytes of them.
    pub(super) fn waiting(&self) -> (usize, usize) {
        (self.control.len(), self.control.iter().map(length).sum())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.control.is_empty() && self.frame.is_none()
    }
}

impl Viewer {
    pub(super) fn leaving(&self) -> Option<(Close, Timestamp)> {
        self.channel.as_ref()?.leaving
    }

    fn has_heard_the_rest(&self) -> bool {
        self.leaving().is_some() && self.seat.is_empty() && !self.seat.writing
    }

    /// What the agent is told when it is there; nothing of one on its way out.
    fn arrival(&self) -> Option<String> {
        self.word("viewer_connected")
    }

    /// What the agent is told when it goes; nothing of one that was on its way out.
    fn departure(&self) -> Option<String> {
        self.word("viewer_disconnected")
    }

    fn word(&self, kind: &str) -> Option<String> {
        match &self.channel {
            None => Some(format!(r#"{{"type":"{kind}"}}"#)),
            Some(channel) if channel.leaving.is_none() => {
                let chan = channel.number;
                Some(format!(r#"{{"type":"{kind}","chan":{chan}}}"#))
            }
            Some(_) => None,
        }
    }
}

fn length(item: &Item) -> usize {
    match item {
        Item::Text(text) => text.len(),
        Item::Binary(bytes) => bytes.len(),
        Item::Frame(frame) => frame.jpeg.len(),
    }
}

fn is_record(bytes: &[u8]) -> bool {
    bytes.len() >= 32 && bytes[0] == 2
}

fn with_hop(record: &[u8], hop: u16) -> bytes::Bytes {
    let mut record = record.to_vec();
    record[2..4].copy_from_slice(&hop.to_be_bytes());
    record.into()
}
