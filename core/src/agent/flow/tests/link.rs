//! A slow link in virtual time: Chromium that paints, a relay with one latest-frame slot before a
//! full socket, a bottleneck, and a viewer that draws, acknowledges and clicks.

use alloc::{collections::VecDeque, vec::Vec};

use super::*;

/// What the relay's kernel holds unsent at most: TCP_NOTSENT_LOWAT.
const NOT_SENT: u64 = 64 * 1_024;

/// What else lies between the relay and the bottleneck.
const BUFFER: u64 = 128 * 1_024;

/// How long a picture takes to decode and draw, in milliseconds.
const DRAW: u64 = 10;

/// A control record on the wire, in bytes.
const CONTROL: u64 = 150;

/// What the link and the page are like.
#[derive(Clone, Copy)]
pub(super) struct Scenario {
    /// Bytes per second, in each millisecond.
    pub(super) rate: fn(u64) -> u64,
    /// Milliseconds there and back.
    pub(super) rtt: u64,
    /// How long a way differs, in milliseconds.
    pub(super) jitter: u64,
    /// In which milliseconds the page moves.
    pub(super) moves: fn(u64) -> bool,
    /// How large whole pictures are: between so many bytes and twice as many.
    pub(super) bytes: u64,
}

/// What the human saw.
#[derive(Default)]
pub(super) struct Seen {
    /// When a picture was drawn, how old it was, and its scale.
    pub(super) drawn: Vec<(u64, u64, u8)>,
    /// When clicks came, and whether they were obeyed.
    pub(super) clicks: Vec<(u64, bool)>,
    pub(super) casts: u64,
    pub(super) lost: u64,
}

#[derive(Clone, Copy)]
struct Picture {
    counter: u64,
    captured: u64,
    bytes: u64,
    scale: u8,
}

#[derive(Clone, Copy)]
enum Down {
    Picture(Picture),
    Beat(u32),
}

enum Up {
    Ack(u64),
    Answer(u32),
    Click(Stamped),
}

/// A world of one agent and one viewer.
pub(super) struct World {
    scenario: Scenario,
    now: u64,
    random: u64,
    flow: Flow,
    // Chromium.
    quality: Quality,
    owed: u32,
    painted: Option<u64>,
    missed: Option<u64>,
    coming: VecDeque<(u64, u64)>,
    // The agent.
    waiting: Option<Picture>,
    shown: Option<Picture>,
    sealed: u64,
    // The way down.
    slot: Option<Picture>,
    /// With the bytes left of each, in thousandths.
    socket: VecDeque<(Down, u64)>,
    flying: VecDeque<(u64, Down)>,
    // The viewer.
    drawing: VecDeque<(u64, Picture)>,
    screen: Option<u64>,
    clock: Option<(u32, u64)>,
    up: VecDeque<(u64, Up)>,
    seen: Seen,
}

impl World {
    /// Lets a human watch for this many seconds.
    pub(super) fn watch(scenario: Scenario, seconds: u64) -> Seen {
        let mut world = Self {
            scenario,
            now: 0,
            random: 1,
            flow: Flow::new(),
            quality: Quality::NORMAL,
            owed: 0,
            painted: None,
            missed: None,
            coming: VecDeque::new(),
            waiting: None,
            shown: None,
            sealed: 0,
            slot: None,
            socket: VecDeque::new(),
            flying: VecDeque::new(),
            drawing: VecDeque::new(),
            screen: None,
            clock: None,
            up: VecDeque::new(),
            seen: Seen::default(),
        };
        world.flow.on_page_shown(at(0), 1);
        world.flow.on_ready(at(0));
        world.start_cast(world.flow.quality());
        for now in 0..seconds * 1_000 {
            world.now = now;
            world.paint();
            world.carry();
            world.view();
            world.hear();
            world.act();
        }
        world.seen.lost = world.flow.counters().lost;
        world.seen
    }

    /// Advances a small generator (Knuth's constants).
    fn roll(&mut self, below: u64) -> u64 {
        self.random = self
            .random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.random >> 33) % below.max(1)
    }

    // Chromium: 30 pictures a second while the page moves, two of them unacknowledged at most.

    fn start_cast(&mut self, quality: Quality) {
        self.quality = quality;
        (self.owed, self.missed, self.waiting) = (1, None, None);
        self.coming.clear();
        self.coming.push_back((self.now + 25, self.now + 20));
    }

    fn paint(&mut self) {
        if (self.scenario.moves)(self.now) && self.now.is_multiple_of(33) {
            self.painted = Some(self.now);
            self.missed = Some(self.now);
            self.send_painted(5);
        }
        while self.coming.front().is_some_and(|(at, _)| *at <= self.now) {
            let (_, captured) = self.coming.pop_front().expect("there is one");
            let weight = match self.quality.scale {
                100 => 100,
                75 => 41,
                _ => 16,
            };
            let bytes = (self.scenario.bytes + self.roll(self.scenario.bytes)) * weight / 100;
            self.flow.on_frame(at(self.now));
            self.waiting = Some(Picture {
                counter: 0,
                captured,
                bytes,
                scale: self.quality.scale,
            });
        }
    }

    fn send_painted(&mut self, after: u64) {
        if self.owed < 2
            && let Some(captured) = self.missed.take()
        {
            self.owed += 1;
            self.coming.push_back((self.now + after, captured));
        }
    }

    fn acknowledge(&mut self, kept: u32) {
        self.owed = self
            .owed
            .min(kept + u32::try_from(self.coming.len()).expect("few"));
        self.send_painted(15);
    }

    // The agent.

    fn act(&mut self) {
        while let Some(order) = self.flow.poll(at(self.now), 0) {
            match order {
                FlowOrder::Control(json) => {
                    let json = String::from_utf8(json).expect("text");
                    if let Some((_, clock)) = json.split_once(r#""clock":"#) {
                        let clock = clock.trim_end_matches('}').parse().expect("a number");
                        self.put(Down::Beat(clock), CONTROL);
                    }
                }
                FlowOrder::Show => {
                    if let Some(picture) = self.waiting.take().or(self.shown) {
                        self.send(picture);
                    }
                }
                FlowOrder::Cast(quality) => {
                    self.seen.casts += 1;
                    self.start_cast(quality);
                }
            }
        }
        let Some(picture) = self.waiting else { return };
        let bytes = usize::try_from(picture.bytes).expect("fits");
        match self.flow.turn(at(self.now), bytes, self.owed >= 2) {
            Turn::Wait => {}
            Turn::Refresh => self.acknowledge(1),
            Turn::Send => {
                self.waiting = None;
                self.send(picture);
                self.acknowledge(0);
            }
        }
    }

    fn send(&mut self, picture: Picture) {
        let bytes = usize::try_from(picture.bytes).expect("fits");
        self.flow.on_sealed(at(self.now), self.sealed, bytes);
        let picture = Picture {
            counter: self.sealed,
            ..picture
        };
        self.sealed += 1;
        self.shown = Some(picture);
        // The relay: the slot takes what the socket doesn't.
        self.slot = Some(picture);
        self.fill();
    }

    // The relay and the link.

    fn put(&mut self, item: Down, bytes: u64) {
        self.socket.push_back((item, bytes * 1_000));
    }

    fn fill(&mut self) {
        let held: u64 = self.socket.iter().map(|(_, left)| left / 1_000).sum();
        if held < BUFFER + NOT_SENT
            && let Some(picture) = self.slot.take()
        {
            self.put(Down::Picture(picture), picture.bytes);
        }
    }

    fn carry(&mut self) {
        let mut budget = (self.scenario.rate)(self.now);
        while budget > 0
            && let Some((item, left)) = self.socket.front_mut()
        {
            let part = budget.min(*left);
            (*left, budget) = (*left - part, budget - part);
            if *left == 0 {
                let item = *item;
                self.socket.pop_front();
                let arrival = self.now + self.one_way();
                let arrival = self
                    .flying
                    .back()
                    .map_or(arrival, |(at, _)| arrival.max(*at));
                self.flying.push_back((arrival, item));
            }
        }
        self.fill();
    }

    fn one_way(&mut self) -> u64 {
        let jitter = self.scenario.jitter;
        self.scenario.rtt / 2 + self.roll(jitter + 1)
    }

    // The viewer.

    fn view(&mut self) {
        while self.flying.front().is_some_and(|(at, _)| *at <= self.now) {
            match self.flying.pop_front().expect("there is one").1 {
                Down::Picture(picture) => {
                    let free = self.drawing.back().map_or(self.now, |(at, _)| *at);
                    self.drawing.push_back((free.max(self.now) + DRAW, picture));
                }
                Down::Beat(clock) => {
                    self.clock = Some((clock, self.now));
                    self.say(Up::Answer(clock));
                }
            }
        }
        while self.drawing.front().is_some_and(|(at, _)| *at <= self.now) {
            let (_, picture) = self.drawing.pop_front().expect("there is one");
            // A page that stands still looks as it did when the picture was taken.
            let age = match self.painted {
                Some(painted) if painted > picture.captured => self.now - picture.captured,
                _ => 0,
            };
            self.seen.drawn.push((self.now, age, picture.scale));
            self.screen = Some(picture.counter);
            self.say(Up::Ack(picture.counter));
        }
        // Who reads what stands still doesn't click.
        if self.now % 1_000 == 500
            && (self.scenario.moves)(self.now)
            && let Some((clock, heard)) = self.clock
        {
            let made = clock + u32::try_from(self.now - heard).expect("small");
            self.say(Up::Click(click(self.screen, Some(made))));
        }
    }

    fn say(&mut self, said: Up) {
        let arrival = self.now + self.one_way();
        let arrival = self.up.back().map_or(arrival, |(at, _)| arrival.max(*at));
        self.up.push_back((arrival, said));
    }

    fn hear(&mut self) {
        while self.up.front().is_some_and(|(at, _)| *at <= self.now) {
            match self.up.pop_front().expect("there is one").1 {
                Up::Ack(frame) => self.flow.on_ack(at(self.now), Ack { frame, waiting: 0 }),
                Up::Answer(clock) => {
                    let json = alloc::format!(
                        r#"{{"type":"heartbeat","last_frame":null,"hidden":false,"clock":{clock}}}"#
                    );
                    assert_eq!(hear(&mut self.flow, self.now, &json), Ok(true));
                }
                Up::Click(stamped) => {
                    let verdict = self.flow.judge(at(self.now), &stamped);
                    self.seen.clicks.push((self.now, verdict == Verdict::Take));
                }
            }
        }
    }
}
