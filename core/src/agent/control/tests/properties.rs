//! Whatever three viewers and a relay that drops, delays, copies, misdirects and damages do: one
//! viewer has control, by right, and only its own input is heard, once and in order.

use alloc::{
    collections::{BTreeMap, BTreeSet},
    vec,
};

use proptest::prelude::*;

use super::*;
use crate::agent::control::reign::Proof;

#[derive(Clone, Debug)]
enum Step {
    Connect(usize),
    Disconnect(usize),
    Hello(usize, Option<usize>, bool),
    Ready(usize, bool),
    Type(usize, bool),
    /// The one in control answers about another.
    Answer(usize, bool),
    /// A whole handshake on a new channel.
    Join(usize, Option<usize>),
    /// A whole hand-over.
    HandOver(usize),
    Leave(usize),
    /// Anything ever sent, on anybody's channel.
    Replay(prop::sample::Index, usize),
    Damage(prop::sample::Index, prop::sample::Index, usize),
    Wait(u64),
    LoseRelay,
}

fn step() -> impl Strategy<Value = Step> {
    let who = || 0..3_usize;
    let any_index = any::<prop::sample::Index>;
    prop_oneof![
        4 => who().prop_map(Step::Connect),
        1 => who().prop_map(Step::Disconnect),
        12 => (who(), prop::option::of(0..4_usize), prop::bool::weighted(0.8))
            .prop_map(|(who, secret, pin)| Step::Hello(who, secret, pin)),
        12 => (who(), prop::bool::weighted(0.9)).prop_map(|(who, comes)| Step::Ready(who, comes)),
        12 => (who(), prop::bool::weighted(0.9)).prop_map(|(who, comes)| Step::Type(who, comes)),
        3 => (who(), prop::bool::weighted(0.7)).prop_map(|(about, yes)| Step::Answer(about, yes)),
        8 => (who(), prop::option::of(0..4_usize))
            .prop_map(|(who, secret)| Step::Join(who, secret)),
        3 => who().prop_map(Step::HandOver),
        1 => who().prop_map(Step::Leave),
        6 => (any_index(), who()).prop_map(|(what, to)| Step::Replay(what, to)),
        1 => (any_index(), any_index(), who())
            .prop_map(|(what, bit, to)| Step::Damage(what, bit, to)),
        6 => prop_oneof![2 => 0..9_000_u64, 1 => 100_000..130_000_u64].prop_map(Step::Wait),
        1 => Just(Step::LoseRelay),
    ]
}

/// One of the three, with all secrets it ever had.
struct Player {
    viewer: Viewer,
    accepted: Option<Accepted>,
    secrets: Vec<(u32, ResumeSecret)>,
}

/// What is known of an epoch from outside.
struct Claim {
    secret: Option<u32>,
    ready: Vec<u8>,
}

struct World {
    scene: Scene,
    players: [Player; 3],
    next_chan: u16,
    /// All that was ever sent to the agent.
    sent: Vec<Vec<u8>>,
    claims: BTreeMap<u32, Claim>,
    /// Which epoch each text was typed in.
    typed: BTreeMap<String, u32>,
    heard: Vec<String>,
    // What the rules say, told otherwise.
    live: Option<(u16, u32)>,
    over: BTreeSet<u32>,
    got: u64,
    /// Whose reign each secret that counts belongs to; a later reign has a higher number.
    secrets: BTreeMap<u32, u32>,
    holder: Option<u32>,
    reigns: u32,
    heard_at: Timestamp,
    consents: Vec<(u16, Timestamp)>,
}

impl World {
    fn new(pin: bool) -> Self {
        let scene = if pin { Scene::with_pin() } else { Scene::new() };
        Self {
            scene,
            players: [(); 3].map(|()| Player {
                viewer: Viewer::on(0),
                accepted: None,
                secrets: Vec::new(),
            }),
            next_chan: 1,
            sent: Vec::new(),
            claims: BTreeMap::new(),
            typed: BTreeMap::new(),
            heard: Vec::new(),
            live: None,
            over: BTreeSet::new(),
            got: 0,
            secrets: BTreeMap::new(),
            holder: None,
            reigns: 0,
            heard_at: START,
            consents: Vec::new(),
        }
    }

    fn take(&mut self, step: Step) {
        match step {
            Step::Connect(who) => self.connect(who),
            Step::Disconnect(who) => {
                self.scene.disconnect(self.players[who].viewer.chan);
                self.look(None);
            }
            Step::Hello(who, secret, pin) => self.hello(who, secret, pin),
            Step::Ready(who, comes) => self.ready(who, comes),
            Step::Join(who, secret) => {
                self.connect(who);
                self.hello(who, secret, true);
                self.ready(who, true);
            }
            Step::HandOver(who) => {
                self.connect(who);
                self.hello(who, None, true);
                self.answer(who, true);
                self.hello(who, None, true);
                self.ready(who, true);
            }
            Step::Type(who, comes) => {
                let text = format!("\"{}\"", self.typed.len());
                let now = self.scene.now;
                let epoch = self.players[who].viewer.epoch.as_mut();
                let sealed = epoch.and_then(|epoch| {
                    let record = epoch.seal_input(now, text.as_bytes()).ok()?;
                    Some((epoch.epoch(), record))
                });
                if let Some((number, record)) = sealed {
                    self.typed.insert(text, number);
                    self.say(who, record, comes);
                }
            }
            Step::Answer(about, yes) => self.answer(about, yes),
            Step::Leave(who) => {
                let now = self.scene.now;
                let epoch = self.players[who].viewer.epoch.as_mut();
                if let Some(record) = epoch.and_then(|epoch| epoch.seal_left(now).ok()) {
                    self.say(who, record, true);
                }
            }
            Step::Replay(what, to) => {
                if !self.sent.is_empty() {
                    let record = what.get(&self.sent).clone();
                    self.deliver(self.players[to].viewer.chan, &record);
                }
            }
            Step::Damage(what, bit, to) => {
                if !self.sent.is_empty() {
                    let mut record = what.get(&self.sent).clone();
                    let bit = 32 + bit.index(record.len() * 8 - 32);
                    record[bit / 8] ^= 1 << (bit % 8);
                    let (got, live) = (self.scene.arbiter.got(), self.live);
                    self.deliver(self.players[to].viewer.chan, &record);
                    if self.live == live {
                        assert_eq!(self.scene.arbiter.got(), got, "no counter moves");
                    }
                }
            }
            Step::Wait(millis) => {
                self.scene.wait_millis(millis);
                self.look(None);
            }
            Step::LoseRelay => {
                self.scene.arbiter.relay_lost();
                self.scene.drain();
                self.look(None);
                assert_eq!(self.live, None);
                self.consents.clear();
            }
        }
    }

    fn connect(&mut self, who: usize) {
        self.scene.disconnect(self.players[who].viewer.chan);
        self.players[who].viewer = self.scene.connect(self.next_chan);
        self.players[who].accepted = None;
        self.next_chan += 1;
        self.look(None);
    }

    fn ready(&mut self, who: usize, comes: bool) {
        let player = &mut self.players[who];
        if let Some(accepted) = player.accepted.take() {
            let number = accepted.epoch.epoch();
            let secret = accepted.epoch.resume_secret().clone();
            player.secrets.push((number, secret));
            player.viewer.epoch = Some(accepted.epoch);
            self.say(who, accepted.ready, comes);
        }
    }

    fn hello(&mut self, who: usize, secret: Option<usize>, pin: bool) {
        let secrets = &self.players[who].secrets;
        let secret = secret
            .and_then(|back| secrets.iter().rev().nth(back))
            .cloned();
        let brings = Brings {
            pin: pin.then_some(PIN),
            secret: secret.as_ref().map(|(_, secret)| secret),
        };
        let player = &mut self.players[who];
        let (handshake, hello1) = self.scene.hello(&mut player.viewer, brings);
        let chan = player.viewer.chan;
        self.scene.inbox(chan);
        self.sent.push(hello1.clone());
        self.deliver(chan, &hello1);
        let records = self.scene.inbox(chan);
        let now = self.scene.now;
        let Some(Ok(answered)) = records.last().map(|record| handshake.read(now, record)) else {
            return;
        };
        if let Answered::Accepted(accepted) = answered {
            let claim = Claim {
                secret: secret.map(|(epoch, _)| epoch),
                ready: accepted.ready.clone(),
            };
            let number = accepted.epoch.epoch();
            assert!(self.claims.keys().all(|old| *old < number), "epochs grow");
            self.claims.insert(number, claim);
            self.players[who].accepted = Some(accepted);
        }
    }

    fn answer(&mut self, about: usize, yes: bool) {
        let controls = |player: &Player| self.scene.controls(&player.viewer);
        let Some(who) = self.players.iter().position(controls) else {
            return;
        };
        let about = self.players[about].viewer.chan;
        let answer = if yes { "hand_over" } else { "keep" };
        let json = format!(r#"{{"type":"takeover","id":{about},"answer":"{answer}"}}"#);
        let now = self.scene.now;
        let epoch = self.players[who].viewer.epoch.as_mut();
        let sealed = epoch.and_then(|epoch| epoch.seal_control(now, json.as_bytes()).ok());
        if let Some(record) = sealed {
            let (live, got) = (self.live, self.got);
            self.say(who, record, true);
            if yes && self.live == live && self.got > got {
                self.consents.push((about, now));
            }
        }
    }

    fn say(&mut self, who: usize, record: Vec<u8>, comes: bool) {
        self.sent.push(record.clone());
        if comes {
            self.deliver(self.players[who].viewer.chan, &record);
        }
    }

    fn deliver(&mut self, chan: u16, record: &[u8]) {
        let live = self.live;
        let heard = self.scene.deliver(chan, record);
        if let Some(text) = heard.filter(|text| text.starts_with('"')) {
            let epoch = self.typed[&text];
            assert_eq!(
                live,
                Some((chan, epoch)),
                "only the one in control, on its channel"
            );
            assert!(!self.heard.contains(&text), "once");
            self.heard.push(text);
        }
        let left = chan != 0 && live.is_some_and(|(of, _)| of == chan);
        self.look(Some(record));
        if left && self.scene.take_closed().contains(&(chan, 1000)) {
            let holder = self.holder.take();
            self.secrets.retain(|_, reign| Some(*reign) != holder);
        }
    }

    /// Sees who is in control now, and whether that is right.
    fn look(&mut self, record: Option<&[u8]>) {
        let arbiter = &self.scene.arbiter;
        let live = arbiter.slot.live();
        let live = live.map(|live| (live.chan, live.epoch.epoch()));
        let got = arbiter.got();
        if live == self.live {
            assert!(got >= self.got);
            if got > self.got {
                self.heard_at = self.scene.now;
            }
        } else {
            self.over.extend(self.live.map(|(_, epoch)| epoch));
            if let Some((chan, epoch)) = live {
                self.crown(chan, epoch, record.expect("a READY"));
            }
        }
        (self.live, self.got) = (live, got);
        let arbiter = &self.scene.arbiter;
        assert!(arbiter.channels.len() <= channels::MAX_CHANNELS);
        assert!(arbiter.pendings.chans().len() <= 2);
        let mut pending = arbiter.pendings.chans();
        pending.dedup();
        assert_eq!(
            pending.len(),
            arbiter.pendings.chans().len(),
            "one per channel"
        );
    }

    /// Somebody new has control: there must be a reason for it.
    fn crown(&mut self, chan: u16, epoch: u32, record: &[u8]) {
        assert!(!self.over.contains(&epoch), "what is over stays over");
        let claim = &self.claims[&epoch];
        assert!(claim.ready[4..] == record[4..], "by its READY");
        let now = self.scene.now;
        let by = claim
            .secret
            .and_then(|secret| Some((secret, *self.secrets.get(&secret)?)));
        if let Some((secret, own)) = by {
            self.secrets
                .retain(|epoch, reign| *reign < own || *epoch == secret);
            if self.holder != Some(own) {
                self.consents.clear();
            }
            self.holder = Some(own);
        } else {
            let silent = now.since(self.heard_at) >= Duration::from_secs(120);
            if self.holder.is_some() && !silent {
                let fresh = |at: Timestamp| now.since(at) < Duration::from_secs(60);
                let consent = |(to, at): &(u16, Timestamp)| *to == chan && fresh(*at);
                assert!(self.consents.iter().any(consent), "by consent");
                let holder = self.holder;
                self.secrets.retain(|_, reign| Some(*reign) != holder);
            }
            self.consents.clear();
            self.reigns += 1;
            self.holder = Some(self.reigns);
        }
        let holder = self.holder.unwrap_or_default();
        self.secrets.insert(epoch, holder);
        self.heard_at = now;
    }

    /// No secret counts that must not, and all that must do.
    fn agree(&self) {
        for epoch in self.claims.keys() {
            let holds = self.scene.arbiter.slot.holds(Proof { epoch: *epoch });
            assert_eq!(holds, self.secrets.contains_key(epoch), "epoch {epoch}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn one_viewer_has_control_by_right_and_only_it_is_heard(
        pin in any::<bool>(),
        steps in prop::collection::vec(step(), 1..70),
    ) {
        let mut world = World::new(pin);
        for step in steps {
            world.take(step);
            world.agree();
        }
    }

    #[test]
    fn any_bytes_on_any_channel_give_nobody_control(
        messages in prop::collection::vec((0..4_u16, prop::collection::vec(any::<u8>(), 0..120)), 1..20),
        header in any::<bool>(),
    ) {
        let mut scene = Scene::new();
        let mut human = scene.join(3, Brings::default());
        for (chan, mut bytes) in messages {
            scene.arbiter.viewer_connected(1);
            if header {
                bytes.splice(0..0, [2, 0x12, 0, 0, 0, 0, 0, 1]);
            }
            if let Some(hop) = bytes.get_mut(2..4) {
                hop.copy_from_slice(&(chan % 3).to_be_bytes());
            }
            let read = scene.arbiter.read(scene.now, &mut scene.generator, &mut bytes);
            prop_assert!(read.is_none());
            scene.drain();
        }
        let heard = scene.types(&mut human, "{}");
        prop_assert_eq!(heard.as_deref(), Some("{}"));
    }
}
