//! Version 2, whatever happens: a record reaches the one it was for or nobody, channels are told
//! apart, no frame overtakes control, and what waits is bounded.

use alloc::{
    collections::{BTreeMap, BTreeSet},
    vec,
};

use proptest::prelude::*;

use super::*;

#[derive(Clone, Debug)]
enum Step {
    AgentJoins,
    AgentLeaves,
    ViewerJoins(u8),
    ViewerLeaves(usize),
    ViewerSends(usize, usize),
    ViewerSaysText(usize),
    ViewerSendsJunk(usize),
    AgentSends(u16, bool, usize),
    AgentCloses(u16),
    AgentSaysText,
    Stick(usize),
    Flow(usize),
    NumbersStartOver,
    Wait(u16),
}

fn step() -> impl Strategy<Value = Step> {
    let who = 0..10_usize;
    let size = prop_oneof![9 => Just(48_usize), 1 => 48..(80 * 1024_usize)];
    prop_oneof![
        2 => Just(Step::AgentJoins),
        1 => Just(Step::AgentLeaves),
        6 => (0..3_u8).prop_map(Step::ViewerJoins),
        4 => who.clone().prop_map(Step::ViewerLeaves),
        16 => (who.clone(), size.clone()).prop_map(|(who, size)| Step::ViewerSends(who, size)),
        1 => who.clone().prop_map(Step::ViewerSaysText),
        1 => who.clone().prop_map(Step::ViewerSendsJunk),
        24 => (0..12_u16, any::<bool>(), size).prop_map(|(c, f, s)| Step::AgentSends(c, f, s)),
        3 => (0..12_u16).prop_map(Step::AgentCloses),
        1 => Just(Step::AgentSaysText),
        3 => who.clone().prop_map(Step::Stick),
        3 => who.prop_map(Step::Flow),
        1 => Just(Step::NumbersStartOver),
        2 => (0..20_000_u16).prop_map(Step::Wait),
    ]
}

struct World {
    scene: Scene,
    agent: Option<ConnectionId>,
    viewers: Vec<ConnectionId>,
    /// For whom each of the agent's records was meant, and how much control was sent to that one
    /// before it.
    meant: BTreeMap<u64, (Option<ConnectionId>, usize)>,
    /// How much control each viewer was sent, and heard.
    sent: BTreeMap<ConnectionId, usize>,
    heard: BTreeMap<ConnectionId, usize>,
    newest: BTreeMap<ConnectionId, u64>,
    /// Who said each record to the agent.
    said: BTreeMap<u64, (ConnectionId, u16)>,
    /// The channels that the agent was told of.
    open: BTreeSet<u16>,
    /// Who had which number, after the last step.
    held: BTreeMap<u16, ConnectionId>,
    /// When a number became free.
    freed: BTreeMap<u16, Timestamp>,
    number: u64,
}

impl World {
    fn new() -> Self {
        Self {
            scene: Scene::sealed(),
            agent: None,
            viewers: Vec::new(),
            meant: BTreeMap::new(),
            sent: BTreeMap::new(),
            heard: BTreeMap::new(),
            newest: BTreeMap::new(),
            said: BTreeMap::new(),
            open: BTreeSet::new(),
            held: BTreeMap::new(),
            freed: BTreeMap::new(),
            number: 0,
        }
    }

    fn viewer(&self, who: usize) -> Option<ConnectionId> {
        self.viewers.get(who).copied()
    }

    /// Who has which number now, by the room's own book.
    fn holders(&self) -> BTreeMap<u16, ConnectionId> {
        let channels = self.scene.room.viewers.iter().filter_map(|one| {
            let channel = one.channel.as_ref()?;
            let stays = channel.leaving.is_none();
            stays.then_some((channel.number.get(), one.id))
        });
        channels.collect()
    }

    /// A number is one viewer's for good, and rests before it is another's.
    fn check_numbers(&mut self) {
        let holders = self.holders();
        for (chan, id) in &self.held {
            if holders.get(chan) != Some(id) {
                self.freed.insert(*chan, self.scene.now);
            }
        }
        for (chan, id) in &holders {
            if self.held.get(chan) != Some(id)
                && let Some(freed) = self.freed.get(chan)
            {
                assert!(self.scene.now.since(*freed) >= NUMBER_RESTS);
            }
        }
        self.held = holders;
    }

    fn take(&mut self, step: &Step) {
        match *step {
            Step::AgentJoins => {
                if let Ok(agent) = self.scene.join(Role::Agent, STREAM_TOKEN) {
                    self.open.clear();
                    self.agent = Some(agent);
                }
            }
            Step::AgentLeaves => {
                if let Some(agent) = self.agent.take() {
                    self.check();
                    self.scene.leaves(agent);
                }
            }
            Step::ViewerJoins(host) => {
                let address = alloc::format!("192.0.2.{host}");
                if let Ok(id) = self.scene.sealed_viewer_from(&address) {
                    self.viewers.push(id);
                }
            }
            Step::ViewerLeaves(who) => {
                if let Some(id) = self.viewer(who) {
                    self.viewers.retain(|other| *other != id);
                    self.scene.leaves(id);
                }
            }
            Step::ViewerSends(who, size) => {
                if let Some(id) = self.viewer(who).filter(|id| self.scene.room.wants(*id)) {
                    self.number += 1;
                    let own = self.holders().into_iter().find(|(_, holder)| *holder == id);
                    let chan = own.map_or(0, |(chan, _)| chan);
                    self.said.insert(self.number, (id, chan));
                    let record = sized_record(Kind::Input, 7, self.number, size);
                    self.scene.sends(id, record);
                }
            }
            Step::ViewerSaysText(who) => {
                if let Some(id) = self.viewer(who) {
                    self.scene.says(id, "from a viewer");
                }
            }
            Step::ViewerSendsJunk(who) => {
                if let Some(id) = self.viewer(who) {
                    self.scene.sends(id, Bytes::from_static(b"junk"));
                }
            }
            Step::AgentSends(chan, is_frame, size) => self.agent_sends(chan, is_frame, size),
            Step::AgentCloses(chan) => {
                if let Some(agent) = self.agent {
                    let text =
                        alloc::format!(r#"{{"type":"close_viewer","chan":{chan},"code":4403}}"#);
                    self.scene.says(agent, &text);
                }
            }
            Step::AgentSaysText => {
                if let Some(agent) = self.agent {
                    self.scene.says(agent, "from the agent");
                }
            }
            Step::Stick(who) => {
                let id = self.viewer(who).or(self.agent);
                id.into_iter().for_each(|id| self.scene.sticks(id));
            }
            Step::Flow(who) => {
                let id = self.viewer(who).or(self.agent);
                id.into_iter().for_each(|id| self.scene.flows(id));
            }
            Step::NumbersStartOver => {
                if let Protocol::V2(switchboard) = &mut self.scene.room.protocol {
                    switchboard.start_over();
                }
            }
            Step::Wait(millis) => self.scene.after(Duration::from_millis(millis.into())),
        }
        self.check_numbers();
        self.check();
    }

    fn agent_sends(&mut self, chan: u16, is_frame: bool, size: usize) {
        let Some(agent) = self.agent else { return };
        self.number += 1;
        let holder = self.holders().get(&chan).copied();
        let sent = holder.map_or(0, |id| self.sent.get(&id).copied().unwrap_or(0));
        self.meant.insert(self.number, (holder, sent));
        if let Some(id) = holder.filter(|_| !is_frame) {
            self.sent.insert(id, sent + 1);
        }
        let kind = if is_frame { Kind::Frame } else { Kind::Control };
        self.scene
            .sends(agent, sized_record(kind, chan, self.number, size));
    }

    fn check(&mut self) {
        let agent = self.agent;
        for (to, item) in core::mem::take(&mut self.scene.sent) {
            if Some(to) == agent {
                self.check_agent(&item);
            } else if self.viewers.contains(&to) {
                self.check_viewer(to, &item);
            }
        }
        for (id, _) in self.scene.closes() {
            self.viewers.retain(|viewer| *viewer != id);
            if self.agent == Some(id) {
                self.agent = None;
            }
        }
        let room = &mut self.scene.room;
        assert!(room.viewers.len() <= MAX_VIEWERS);
        let numbers: BTreeSet<_> = room
            .viewers
            .iter()
            .filter_map(|one| one.channel.as_ref())
            .map(|channel| channel.number)
            .collect();
        assert_eq!(numbers.len(), room.viewers.len(), "numbers are unique");
        for (_, outbox) in room.outboxes() {
            let (entries, bytes) = outbox.waiting();
            assert!(entries <= MAX_CONTROL_ENTRIES + 64);
            assert!(bytes <= MAX_CONTROL_BYTES + 64 * 1024);
        }
    }

    fn check_agent(&mut self, item: &Item) {
        match item {
            Item::Text(text) => match RelayToAgent::parse(text).expect("a notice") {
                RelayToAgent::ViewerConnected { chan } => {
                    assert!(self.open.insert(chan.get()), "it wasn't there");
                }
                RelayToAgent::ViewerDisconnected { chan } => {
                    assert!(self.open.remove(&chan.get()), "it was there");
                }
                RelayToAgent::SessionExpired
                | RelayToAgent::SessionCancelled
                | RelayToAgent::SessionResolved => {}
            },
            Item::Binary(bytes) => {
                let chan = u16::from_be_bytes(bytes[2..4].try_into().expect("two bytes"));
                let number = u64::from_be_bytes(bytes[8..16].try_into().expect("eight bytes"));
                assert!(self.open.contains(&chan), "the agent knows the channel");
                let (speaker, own) = self.said[&number];
                assert_eq!(chan, own, "never another's: {speaker:?}");
            }
            Item::Frame(_) => unreachable!("nobody shows the agent a frame"),
        }
    }

    fn check_viewer(&mut self, to: ConnectionId, item: &Item) {
        let heard = self.heard.entry(to).or_default();
        let (bytes, is_frame) = match item {
            Item::Text(text) => {
                assert!(text.starts_with(r#"{"type":"agent_"#), "the relay's own");
                return;
            }
            Item::Binary(bytes) => (bytes, false),
            Item::Frame(Frame { meta, jpeg }) => {
                assert!(meta.is_none());
                (jpeg, true)
            }
        };
        assert_eq!(bytes[2..4], [0, 0]);
        let number = u64::from_be_bytes(bytes[8..16].try_into().expect("eight bytes"));
        let (meant_for, control_before) = self.meant[&number];
        assert_eq!(meant_for, Some(to), "never another's");
        if is_frame {
            assert!(*heard >= control_before, "no frame overtakes control");
            let newest = self.newest.entry(to).or_default();
            assert!(number > *newest, "frames only get newer");
            *newest = number;
        } else {
            assert_eq!(*heard, control_before, "control is whole and in order");
            *heard += 1;
        }
    }
}

proptest! {
    #[test]
    fn the_switchboards_promises_hold(steps in proptest::collection::vec(step(), 1..250)) {
        let mut world = World::new();
        for step in &steps {
            world.take(step);
        }
    }
}
