//! Whatever happens: queues stay bounded, the end is final, control keeps its order, and frames
//! are only ever replaced by newer ones.

use alloc::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::relay::outbox::MAX_CONTROL_ENTRIES as ENTRIES;

#[derive(Clone, Debug)]
enum Step {
    Join(bool, bool),
    Leave(bool),
    Say(bool),
    SayLong(bool),
    Show,
    Half,
    Stick(bool),
    Flow(bool),
    End(bool),
    Wait(u16),
    Rest,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => any::<(bool, bool)>().prop_map(|(agent, right)| Step::Join(agent, right)),
        2 => any::<bool>().prop_map(Step::Leave),
        12 => any::<bool>().prop_map(Step::Say),
        1 => any::<bool>().prop_map(Step::SayLong),
        8 => Just(Step::Show),
        1 => Just(Step::Half),
        2 => any::<bool>().prop_map(Step::Stick),
        2 => any::<bool>().prop_map(Step::Flow),
        1 => prop_oneof![9 => Just(None), 1 => any::<bool>().prop_map(Some)]
            .prop_map(|ending| ending.map_or(Step::Rest, Step::End)),
        1 => (0..20_000_u16).prop_map(Step::Wait),
    ]
}

/// What the world knows: who is who, and what was said in which order.
struct World {
    scene: Scene,
    seats: [Option<ConnectionId>; 2],
    said: u32,
    shown: u32,
    /// The last number each socket heard, of messages and of frames.
    heard: BTreeMap<ConnectionId, [u32; 2]>,
    terminal: Option<SessionStatus>,
}

impl World {
    fn take(&mut self, step: &Step) {
        let seat = |agent: bool| usize::from(!agent);
        match *step {
            Step::Join(agent, right) => {
                let role = if agent { Role::Agent } else { Role::Viewer };
                let token = if right { STREAM_TOKEN } else { "wrong" };
                if let Ok(id) = self.scene.join(role, token) {
                    self.seats[seat(agent)] = Some(id);
                }
            }
            Step::Leave(agent) => {
                if let Some(id) = self.seats[seat(agent)].take() {
                    self.scene.leaves(id);
                }
            }
            Step::Say(agent) => self.say(self.seats[seat(agent)], 0),
            Step::SayLong(agent) => self.say(self.seats[seat(agent)], 200 * 1024),
            Step::Show => {
                if let Some(agent) = self.seats[0] {
                    self.shown += 1;
                    let meta = alloc::format!(r#"{{"type":"frame","number":{}}}"#, self.shown);
                    let jpeg = Bytes::copy_from_slice(&self.shown.to_be_bytes());
                    self.scene.says(agent, &meta);
                    self.scene
                        .room
                        .handle(self.scene.now, Input::Binary(agent, jpeg));
                    self.scene.drain();
                }
            }
            Step::Half => {
                if let Some(agent) = self.seats[0] {
                    self.scene.says(agent, r#"{"type":"frame","number":0}"#);
                }
            }
            Step::Stick(agent) => {
                if let Some(id) = self.seats[seat(agent)] {
                    self.scene.sticks(id);
                }
            }
            Step::Flow(agent) => {
                if let Some(id) = self.seats[seat(agent)] {
                    self.scene.flows(id);
                }
            }
            Step::End(resolve) => {
                let ending = if resolve {
                    Ending::Resolve
                } else {
                    Ending::Cancel
                };
                let was_over = self.scene.status().is_terminal();
                assert_eq!(self.scene.ends(ending).is_err(), was_over);
            }
            Step::Wait(millis) => self.scene.after(Duration::from_millis(millis.into())),
            Step::Rest => self.scene.drain(),
        }
        self.check();
    }

    fn say(&mut self, from: Option<ConnectionId>, padding: usize) {
        let Some(from) = from.filter(|id| self.scene.room.wants(*id)) else {
            return;
        };
        self.said += 1;
        let text = alloc::format!("{}|{}", self.said, "x".repeat(padding));
        self.scene.says(from, &text);
    }

    fn check(&mut self) {
        let status = self.scene.status();
        if let Some(terminal) = self.terminal {
            assert_eq!(status, terminal, "the end is final");
        } else if status.is_terminal() {
            self.terminal = Some(status);
        }
        for (_, outbox) in self.scene.room.outboxes() {
            let (entries, bytes) = outbox.waiting();
            assert!(entries <= ENTRIES + 64);
            assert!(bytes <= MAX_CONTROL_BYTES + 64 * 1024);
        }
        for (id, item) in core::mem::take(&mut self.scene.sent) {
            let [said, shown] = self.heard.entry(id).or_default();
            match item {
                Item::Text(text) => {
                    if let Some((number, _)) = text.split_once('|') {
                        let number = number.parse().expect("a number");
                        assert!(number > *said, "control keeps its order");
                        *said = number;
                    }
                }
                Item::Binary(_) => unreachable!("nobody sends one"),
                Item::Frame(Frame { meta, jpeg }) => {
                    let number = u32::from_be_bytes((*jpeg).try_into().expect("four bytes"));
                    let meta = meta.expect("every picture was announced");
                    assert_eq!(
                        meta,
                        alloc::format!(r#"{{"type":"frame","number":{number}}}"#),
                        "a frame is never torn"
                    );
                    assert!(number > *shown, "frames only get newer");
                    *shown = number;
                }
            }
        }
        for (id, _) in self.scene.closes() {
            for seat in &mut self.seats {
                if *seat == Some(id) {
                    *seat = None;
                }
            }
        }
    }
}

proptest! {
    #[test]
    fn the_rooms_promises_hold(steps in proptest::collection::vec(step(), 1..200)) {
        let mut world = World {
            scene: Scene::new(),
            seats: [None, None],
            said: 0,
            shown: 0,
            heard: BTreeMap::new(),
            terminal: None,
        };
        for step in &steps {
            world.take(step);
        }
    }

    /// While nobody comes or goes and the session runs, all that was said is heard.
    #[test]
    fn control_is_never_dropped(turns in proptest::collection::vec(any::<(bool, bool)>(), 1..300)) {
        let mut scene = Scene::new();
        let (agent, viewer) = (scene.agent(), scene.viewer());
        scene.heard(agent);
        scene.heard(viewer);
        let (mut to_agent, mut to_viewer) = (Vec::new(), Vec::new());
        for (number, (by_agent, stuck)) in turns.into_iter().enumerate() {
            let (from, to) = if by_agent { (agent, viewer) } else { (viewer, agent) };
            if stuck && !scene.stuck.contains(&to) {
                scene.sticks(to);
            } else if !stuck {
                scene.flows(to);
            }
            if scene.room.wants(from) {
                let text = alloc::format!("{number}");
                scene.says(from, &text);
                if by_agent { to_viewer.push(text) } else { to_agent.push(text) }
            }
        }
        let closed = scene.closes();
        prop_assume!(closed.is_empty());
        scene.flows(agent);
        scene.flows(viewer);
        prop_assert_eq!(scene.heard(agent), to_agent);
        prop_assert_eq!(scene.heard(viewer), to_viewer);
    }
}
