//! Whatever comes, in whatever order, the machine stays within its bounds.

use proptest::prelude::*;

use super::*;

#[derive(Clone, Debug)]
enum Step {
    Connect,
    Lose(u16),
    AgentComes,
    AgentGoes,
    Answer,
    Refuse(u8),
    Beat,
    Frame,
    Control,
    Damage(usize),
    Replay,
    Input,
    Done,
    Hide(bool),
    Woke,
    Pass(u64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => Just(Step::Connect),
        1 => prop::sample::select(vec![1000, 1006, 1012, 4403, 4400, 4409]).prop_map(Step::Lose),
        3 => Just(Step::AgentComes),
        1 => Just(Step::AgentGoes),
        4 => Just(Step::Answer),
        1 => (0..2_u8).prop_map(Step::Refuse),
        4 => Just(Step::Beat),
        3 => Just(Step::Frame),
        2 => Just(Step::Control),
        1 => (0..1_000_usize).prop_map(Step::Damage),
        1 => Just(Step::Replay),
        4 => Just(Step::Input),
        1 => Just(Step::Done),
        1 => any::<bool>().prop_map(Step::Hide),
        1 => Just(Step::Woke),
        4 => (0..9_000_u64).prop_map(Step::Pass),
    ]
}

/// What the agent made of all it got: input events in order.
struct World {
    bench: Bench,
    pending: Option<AgentPending>,
    inputs: Vec<String>,
    requested: u64,
    delivered: Vec<Vec<u8>>,
}

impl World {
    fn take(&mut self, step: &Step) {
        let bench = &mut self.bench;
        match step {
            Step::Connect => bench.connect(),
            Step::Lose(code) => {
                bench.lose(Some(*code));
                bench.sent.clear();
                self.pending = None;
            }
            Step::AgentComes => bench.text(AGENT_CONNECTED),
            Step::AgentGoes => bench.text(AGENT_DISCONNECTED),
            Step::Answer => self.answer(true),
            Step::Refuse(which) => self.answer(*which > 0),
            Step::Beat if bench.agent.is_some() => bench.beat(None),
            Step::Frame if bench.agent.is_some() => {
                bench.frame(b"jpeg");
            }
            Step::Control if bench.agent.is_some() => {
                let record = bench.seal_control(r#"{"type":"x"}"#);
                bench.record(&record);
                self.delivered.push(record);
            }
            Step::Damage(place) if bench.agent.is_some() => {
                let mut record = bench.seal_control(r#"{"type":"damaged"}"#);
                // Nothing vouches for the hop, which is what the relay may write.
                let places = record.len() - 4;
                let place = (place % places + 4) % record.len();
                record[place] ^= 0x40;
                bench.record(&record);
            }
            Step::Replay => {
                if let Some(record) = self.delivered.last().cloned() {
                    bench.record(&record);
                }
            }
            Step::Input => {
                self.requested += 1;
                let text = format!("{}", self.requested);
                bench.send(InputEvent::Paste(text));
            }
            Step::Done => bench.send(InputEvent::Resolved),
            Step::Hide(hidden) => bench.request(Request::Hide(*hidden)),
            Step::Woke => bench.request(Request::Woke),
            Step::Pass(millis) => bench.pass(*millis),
            Step::Beat | Step::Frame | Step::Control | Step::Damage(_) => {}
        }
        self.read();
    }

    /// Plays an agent that takes whatever it can verify.
    fn read(&mut self) {
        let now = Timestamp::from_millis(self.bench.now);
        for mut record in core::mem::take(&mut self.bench.sent) {
            if record[1] == 1 {
                self.bench.sent = vec![record];
                continue;
            }
            if let Some(pending) = self.pending.take() {
                match pending.confirm(now, &mut record.clone()) {
                    Ok(Confirmed::Ready(epoch)) => {
                        self.bench.agent = Some(epoch);
                        continue;
                    }
                    Ok(Confirmed::NotYet(pending)) => self.pending = Some(pending),
                    Err(error) => panic!("READY is good: {error}"),
                }
            }
            let Some(agent) = &mut self.bench.agent else {
                continue;
            };
            if let Ok(opened) = agent.open(now, &mut record)
                && let FromViewer::Input(json) = opened.into_inner()
            {
                self.inputs
                    .push(String::from_utf8(json.to_vec()).expect("UTF-8"));
            }
        }
    }

    fn answer(&mut self, accept: bool) {
        if self.bench.sent.last().is_none_or(|record| record[1] != 1) {
            return;
        }
        if accept {
            let (pending, hello2) = self.bench.answer(None);
            self.pending = Some(pending);
            self.bench.record(&hello2);
        } else {
            self.bench.refuse(RefusalReason::Busy);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_step_breaks_it(steps in prop::collection::vec(step(), 0..120)) {
        let mut world = World {
            bench: Bench::open(),
            pending: None,
            inputs: vec![],
            requested: 0,
            delivered: vec![],
        };
        for step in &steps {
            world.take(step);
            prop_assert!(world.bench.events.len() < 10_000);
        }
        // Typed text arrives at most once and in order.
        let numbers: Vec<u64> = world
            .inputs
            .iter()
            .filter_map(|json| json.split_once(r#""text":""#)?.1.split_once('"')?.0.parse().ok())
            .collect();
        prop_assert!(numbers.is_sorted_by(|one, two| one < two), "{:?}", numbers);
        // Nothing damaged was ever told.
        let damaged = world.bench.told().iter().any(|line| line == "told damaged");
        prop_assert!(!damaged);
        // After the end there is silence.
        if world.bench.ended().is_some() {
            world.bench.forget();
            world.bench.pass(600_000);
            prop_assert!(world.bench.events.is_empty() && world.bench.sent.is_empty());
        }
    }

    #[test]
    fn no_bytes_break_it(records in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..100), 0..20)) {
        let mut bench = Bench::joined();
        for mut record in records {
            if let Some(version) = record.first_mut() {
                *version = 2;
            }
            bench.record(&record);
        }
        prop_assert!(!bench.told().iter().any(|line| line.starts_with("frame")));
    }
}
