//! The whole chain on this computer, version 2 beside version 1: browser, agent, relay, viewer.
//!
//! Both hand-offs are open all the time, and are measured by turns, so that what else the computer
//! does befalls both.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use tokio::time::{sleep, sleep_until};

use super::{
    figure::{Rates, Sorted, Table, megabytes, millis},
    human::Human,
    page::{Page, Painting, RATE},
    server::{Server, Version},
};

/// A picture of a page full of text, in bytes.
const PICTURE: usize = 100_000;

/// How many turns each has.
const TURNS: usize = 6;

/// How long a turn of motion is.
const MOTION: Duration = Duration::from_secs(4);

/// How long a turn of pictures as fast as they go is.
const RUSH: Duration = Duration::from_secs(2);

/// How many clicks a turn has, and how far they are apart. The agent itself spaces faster ones.
const CLICKS: u32 = 30;
const PAUSE: Duration = Duration::from_millis(120);

/// One hand-off, and what was measured of it.
struct Chain {
    version: Version,
    page: Page,
    server: Server,
    human: Human,
    clicks_still: Vec<Duration>,
    clicks_moving: Vec<Duration>,
    /// Frames a second, one for each turn.
    motion: Vec<f64>,
    rush: Vec<f64>,
    frames: u32,
    processor_time: Duration,
    resident_kibibytes: Vec<u64>,
}

/// Measures both versions.
pub async fn measure(binary: &Path, table: &mut Table) {
    let mut chains = [
        Chain::open(binary, Version::V1).await,
        Chain::open(binary, Version::V2).await,
    ];
    for turn in 0..TURNS {
        // Who is first changes: what one leaves behind befalls the other as often.
        chains.reverse();
        for chain in &mut chains {
            chain.turn(turn).await;
        }
    }
    chains.sort_by_key(|chain| chain.version.setting());
    let [v1, v2] = chains;
    for (motion, name, target) in [
        (
            true,
            format!("frames of {} kB shown, {RATE} painted/s", PICTURE / 1_000),
            "no loss",
        ),
        (false, "the same, as fast as they go".to_owned(), ""),
    ] {
        let rates = |chain: &Chain| Rates::new(if motion { &chain.motion } else { &chain.rush });
        let (v1, v2) = (rates(&v1), rates(&v2));
        table.add(
            name,
            target,
            format!("v2 {v2}, v1 {v1}: {:.2}", v2.over(&v1)),
        );
    }
    for chain in [v1, v2] {
        chain.report(table).await;
    }
}

impl Chain {
    async fn open(binary: &Path, version: Version) -> Self {
        let page = Page::open(PICTURE).await;
        let mut server = Server::greeted(binary, version).await;
        let link = server.hand_over(&page.ws_url()).await;
        let human = Human::open(version, &link, &page).await;
        while human.frames() == 0 {
            human.next_frame().await;
        }
        Self {
            version,
            page,
            server,
            human,
            clicks_still: Vec::new(),
            clicks_moving: Vec::new(),
            motion: Vec::new(),
            rush: Vec::new(),
            frames: 0,
            processor_time: Duration::ZERO,
            resident_kibibytes: Vec::new(),
        }
    }

    async fn turn(&mut self, turn: usize) {
        let clicks = self.click().await;
        self.clicks_still.extend(clicks);

        self.page.paint(Painting::Moving);
        let before = self.server.process().processor_time();
        let (frames, rate) = self.watch(MOTION).await;
        self.processor_time += self.server.process().processor_time() - before;
        self.frames += frames;
        self.motion.push(rate);
        let resident = self.server.process().resident_kibibytes();
        self.resident_kibibytes.push(resident);
        let clicks = self.click().await;
        self.clicks_moving.extend(clicks);

        self.page.paint(Painting::Restless);
        let (_, rate) = self.watch(RUSH).await;
        self.rush.push(rate);
        self.page.paint(Painting::Still);
        assert_eq!(self.motion.len(), turn + 1);
        sleep(PAUSE).await;
    }

    /// Counts the pictures that come within so long.
    async fn watch(&self, during: Duration) -> (u32, f64) {
        self.human.next_frame().await;
        let (started, before) = (Instant::now(), self.human.frames());
        sleep_until((started + during).into()).await;
        let frames = u32::try_from(self.human.frames() - before).expect("few");
        (frames, f64::from(frames) / started.elapsed().as_secs_f64())
    }

    /// Clicks, each time in another place, and returns how long each was on its way.
    async fn click(&mut self) -> Vec<Duration> {
        let mut took = Vec::new();
        for number in 1..=CLICKS {
            sleep(PAUSE).await;
            let x = f64::from(number * 5);
            let started = Instant::now();
            self.human.click(x).await;
            let press = self.page.press().await;
            assert_eq!(press.x, x, "the click that was sent");
            took.push(press.at - started);
        }
        took
    }

    async fn report(self, table: &mut Table) {
        let version = self.version.setting();
        for (clicks, page) in [(self.clicks_still, "still"), (self.clicks_moving, "moving")] {
            let name = format!("{version}: click, viewer to browser (page {page})");
            table.add(name, "< 1.00 ms", Sorted::new(clicks).to_string());
        }
        let name = format!("{version}: processor time per frame, agent and relay");
        let target = match self.version {
            Version::V1 => "< 0.50 ms",
            Version::V2 => "",
        };
        table.add(
            name,
            target,
            millis(self.processor_time / self.frames.max(1)),
        );
        let samples = &self.resident_kibibytes;
        let [first, middle, last] = [0, samples.len() / 2, samples.len() - 1]
            .map(|at| megabytes(samples.get(at).copied().unwrap_or_default()));
        let peak = megabytes(self.server.process().peak_kibibytes());
        table.add(
            format!("{version}: memory while streaming"),
            "< 20 MB, flat",
            format!("{first}, {middle}, {last} (first, middle, last; peak {peak})"),
        );
        self.human.leave().await;
        self.server.hang_up().await;
    }
}
