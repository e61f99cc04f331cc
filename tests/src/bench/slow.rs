//! A human at the end of a slow line, who clicks at a page that never stands still.
//!
//! How old is what they look at, does that grow, and what becomes of their clicks: each has to reach
//! the page, or they have to be told.

use std::{
    collections::HashSet,
    path::Path,
    time::{Duration, Instant},
};

use tokio::time::{sleep, sleep_until};

use super::{
    figure::{Sorted, Table},
    line::{Line, Shape},
    page::{Page, Painting},
    server::{Server, Version, relay_of},
    watcher::{Drawn, Watched, Watcher},
};

/// A whole picture of a busy page, in bytes.
const PICTURE: usize = 200_000;

/// How long a picture takes to decode and draw.
const DRAWING: Duration = Duration::from_millis(15);

/// How many clicks, and how far apart.
const CLICKS: u32 = 100;
const EVERY: Duration = Duration::from_secs(1);

/// How long what becomes of the last click may take.
const LATE: Duration = Duration::from_secs(15);

/// A line, and how old pictures may be behind it.
#[derive(Clone, Copy)]
struct Scene {
    name: &'static str,
    shape: Shape,
    target: &'static str,
}

const SCENES: [Scene; 3] = [
    Scene {
        name: "2 Mbit/s",
        shape: Shape {
            rate: 2_000_000,
            round_trip: Duration::from_millis(20),
        },
        target: "< 1.50 s",
    },
    Scene {
        name: "2 Mbit/s, 800 ms",
        shape: Shape {
            rate: 2_000_000,
            round_trip: Duration::from_millis(800),
        },
        target: "< 2.50 s",
    },
    Scene {
        name: "0.5 Mbit/s",
        shape: Shape {
            rate: 500_000,
            round_trip: Duration::from_millis(20),
        },
        target: "< 4.00 s",
    },
];

/// Measures all scenes at once: each is idle most of the time.
pub async fn measure(binary: &Path, table: &mut Table) {
    let [first, second, third] = SCENES;
    let (first, second, third) = tokio::join!(
        Seen::of(first, binary),
        Seen::of(second, binary),
        Seen::of(third, binary)
    );
    for seen in [first, second, third] {
        seen.report(table);
    }
}

/// What happened in a scene.
struct Seen {
    scene: Scene,
    started: Instant,
    ended: Instant,
    watched: Watched,
    obeyed: usize,
}

impl Seen {
    async fn of(scene: Scene, binary: &Path) -> Self {
        let mut page = Page::open(PICTURE).await;
        page.paint(Painting::Moving);
        let mut server = Server::greeted(binary, Version::V2).await;
        let link = server.hand_over(&page.ws_url()).await;
        let line = Line::to(relay_of(&link), scene.shape).await;
        let human = Watcher::open(&link, line.address(), page.opened(), DRAWING);
        human.next_frame().await;

        let started = Instant::now();
        for number in 1..=CLICKS {
            sleep_until((started + EVERY * number).into()).await;
            human.click(f64::from(number * 5));
        }
        let ended = Instant::now();
        let mut pressed = HashSet::new();
        while ended.elapsed() < LATE {
            while let Some(press) = page.pressed() {
                pressed.insert(press.x.to_bits());
            }
            let told = usize::try_from(human.watched().told()).expect("few");
            if pressed.len() + told >= usize::try_from(CLICKS).expect("few") {
                break;
            }
            sleep(Duration::from_millis(50)).await;
        }
        let watched = human.watched();
        human.leave().await;
        server.hang_up().await;
        Self {
            scene,
            started,
            ended,
            watched,
            obeyed: pressed.len(),
        }
    }

    fn report(&self, table: &mut Table) {
        let Scene { name, target, .. } = self.scene;
        let span = (self.ended - self.started) / 3;
        let [all, early, late] = [
            (self.started, self.ended),
            (self.started, self.started + span),
            (self.ended - span, self.ended),
        ]
        .map(|(from, to)| {
            let during = |drawn: &&Drawn| from <= drawn.at && drawn.at <= to;
            let drawn = self.watched.drawn.iter().filter(during);
            Sorted::new(drawn.map(|drawn| drawn.age).collect())
        });
        let p95 = |ages: &Sorted| ages.percentile(95).as_secs_f64();
        table.add(
            format!("{name}: age of a picture when drawn, p95"),
            target,
            format!(
                "{:.2} s (median {:.2} s)",
                p95(&all),
                all.percentile(50).as_secs_f64()
            ),
        );
        let thirds = format!("{:.2} s, {:.2} s", p95(&early), p95(&late));
        table.add(
            format!("{name}: p95 of the first third, the last"),
            "flat",
            thirds,
        );
        let rate = f64::from(all.count()) / (self.ended - self.started).as_secs_f64();
        let bytes: usize = self.watched.drawn.iter().map(|drawn| drawn.length).sum();
        let kilobytes = bytes / self.watched.drawn.len().max(1) / 1_000;
        let pictures = format!(
            "{rate:.1}/s of {kilobytes} kB; frozen {} times",
            self.watched.frozen
        );
        table.add(format!("{name}: pictures"), "", pictures);
        let told = self.watched.told();
        let lost = i64::from(CLICKS) - signed(self.obeyed) - signed(told);
        let clicks = format!("{} acted on, {told} told, {lost} lost", self.obeyed);
        table.add(
            format!("{name}: of {CLICKS} clicks"),
            "≥ 95, 0 lost",
            clicks,
        );
    }
}

fn signed(count: impl TryInto<i64>) -> i64 {
    count.try_into().unwrap_or(i64::MAX)
}
