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
    real_page::RealPage,
    server::{Server, Version, relay_of},
    watcher::{Watched, Watcher},
};

/// A whole picture of a busy page, in bytes.
const PICTURE: usize = 200_000;

/// How long a picture takes to decode and draw.
const DRAWING: Duration = Duration::from_millis(15);

/// How many clicks, and how far apart.
const CLICKS: u32 = 100;
const EVERY: Duration = Duration::from_secs(1);

/// How often a human looks.
const MOMENT: Duration = Duration::from_millis(20);

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

/// Measures all scenes at once, with pages that only say they paint: each is idle most of the time.
pub async fn measure(binary: &Path, table: &mut Table) {
    let [first, second, third] = SCENES;
    let (first, second, third) = tokio::join!(
        Seen::of(first, Site::painted().await, binary),
        Seen::of(second, Site::painted().await, binary),
        Seen::of(third, Site::painted().await, binary)
    );
    for seen in [first, second, third] {
        seen.report("", table);
    }
}

/// Measures them one after the other, with Chromium.
pub async fn measure_chromium(binary: &Path, table: &mut Table) {
    for scene in SCENES {
        let mut page = RealPage::open().await;
        let rate = page.rate().await;
        let site = Site::Real(Box::new(page));
        let seen = Seen::of(scene, site, binary).await;
        seen.report(&format!(", Chromium painting {rate:.0}/s"), table);
    }
}

/// The page that moves.
enum Site {
    Painted {
        page: Page,
        /// Where clicks came: each is in another place.
        clicked: HashSet<u64>,
    },
    Real(Box<RealPage>),
}

impl Site {
    async fn painted() -> Self {
        let page = Page::open(PICTURE).await;
        page.paint(Painting::Moving);
        let clicked = HashSet::new();
        Self::Painted { page, clicked }
    }

    fn ws_url(&self) -> String {
        match self {
            Self::Painted { page, .. } => page.ws_url(),
            Self::Real(page) => page.ws_url(),
        }
    }

    fn opened(&self) -> Instant {
        match self {
            Self::Painted { page, .. } => page.opened(),
            Self::Real(page) => page.opened(),
        }
    }

    /// Returns how many clicks have come.
    async fn clicked(&mut self) -> usize {
        match self {
            Self::Painted { page, clicked } => {
                while let Some(press) = page.pressed() {
                    clicked.insert(press.x.to_bits());
                }
                clicked.len()
            }
            Self::Real(page) => page.clicked().await,
        }
    }
}

/// What happened in a scene.
struct Seen {
    scene: Scene,
    started: Instant,
    ended: Instant,
    watched: Watched,
    acted_on: usize,
}

impl Seen {
    async fn of(scene: Scene, mut site: Site, binary: &Path) -> Self {
        let mut server = Server::greeted(binary, Version::V2).await;
        let link = server.hand_over(&site.ws_url()).await;
        let line = Line::to(relay_of(&link), scene.shape).await;
        let human = Watcher::open(&link, line.address(), site.opened(), DRAWING);
        human.next_frame().await;

        let started = Instant::now();
        for number in 1..=CLICKS {
            sleep_until((started + EVERY * number).into()).await;
            human.click(f64::from(number * 5));
        }
        let ended = Instant::now();
        let mut acted_on = 0;
        while ended.elapsed() < LATE {
            acted_on = site.clicked().await;
            let known = signed(acted_on) + signed(human.watched().told());
            if known >= CLICKS.into() {
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
            acted_on,
        }
    }

    /// Returns how old pictures were that were drawn in this time.
    fn ages(&self, from: Instant, to: Instant) -> Vec<Duration> {
        let drawn = self.watched.drawn.iter();
        let during = drawn.filter(|drawn| from <= drawn.at && drawn.at <= to);
        during.map(|drawn| drawn.age).collect()
    }

    /// Returns how old the picture was that was on the screen, at many moments.
    fn looked_at(&self) -> Vec<Duration> {
        let mut ages = Vec::new();
        let mut drawn = self.watched.drawn.iter().peekable();
        let mut moment = self.started;
        while moment < self.ended
            && let Some(shown) = drawn.next()
        {
            let until = drawn.peek().map_or(self.ended, |next| next.at);
            while moment < until.min(self.ended) {
                ages.push(shown.age + moment.saturating_duration_since(shown.at));
                moment += MOMENT;
            }
        }
        ages
    }

    fn report(&self, page: &str, table: &mut Table) {
        let Scene { name, target, .. } = self.scene;
        let name = format!("{name}{page}");
        let span = (self.ended - self.started) / 3;
        let of = |from, to| Sorted::new(self.ages(from, to));
        let all = of(self.started, self.ended);
        let early = of(self.started, self.started + span);
        let late = of(self.ended - span, self.ended);
        let p95 = |ages: &Sorted| seconds(ages.percentile(95));
        table.add(
            format!("{name}: age of a picture when drawn, p95"),
            target,
            format!(
                "{} (median {}; first third {}, last {})",
                p95(&all),
                seconds(all.percentile(50)),
                p95(&early),
                p95(&late)
            ),
        );
        let looked_at = Sorted::new(self.looked_at());
        table.add(
            format!("{name}: age of what they look at, p95"),
            "",
            format!(
                "{} (median {})",
                p95(&looked_at),
                seconds(looked_at.percentile(50))
            ),
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
        let lost = i64::from(CLICKS) - signed(self.acted_on) - signed(told);
        let clicks = format!("{} acted on, {told} told, {lost} lost", self.acted_on);
        table.add(
            format!("{name}: of {CLICKS} clicks"),
            "≥ 95, 0 lost",
            clicks,
        );
    }
}

fn seconds(duration: Duration) -> String {
    format!("{:.2} s", duration.as_secs_f64())
}

fn signed(count: impl TryInto<i64>) -> i64 {
    count.try_into().unwrap_or(i64::MAX)
}
