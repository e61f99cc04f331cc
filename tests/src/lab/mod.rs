//! Web pages that tell what happened to them.
//!
//! A [`Lab`] is a web site of one test's own. Its pages report every event that their listeners
//! got, in order, with what the browser says of it: the tests' oracle is the page, not our code.

mod event;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard},
};

use authloop_mcp::demo::site::{Site, Stage};
use axum::{
    Router,
    extract::State,
    http::{StatusCode, header},
    response::{Html, IntoResponse},
    routing::{get, post},
};
use tokio::{sync::watch, time::timeout};

pub use self::event::Event;
use crate::wait::{LIMIT, eventually, soon};

/// A web site of one test's own, with the demo's login and pages for every kind of input.
///
/// | path | what |
/// | --- | --- |
/// | `/` | the demo's password, code and account pages |
/// | `/lab` | fields, buttons, a word, dialogs, links, pop-ups |
/// | `/lab/second` | somewhere else to go, and to come back from |
/// | `/lab/code` | a code in six boxes |
/// | `/lab/animation` | a picture that changes all the time |
/// | `/lab/fields` | what has pickers, and a frame of another site with more |
/// | `/lab/files` | what takes files, and a frame of another site with more |
/// | `/lab/consent` | what a pop-up shows |
pub struct Lab {
    site: Site,
    log: Arc<Log>,
}

impl Lab {
    /// Starts the site on a free port.
    pub async fn start() -> Self {
        let log = Arc::new(Log::default());
        let pages = Router::new()
            .route("/lab", get(|| page(include_str!("pages/lab.html"))))
            .route(
                "/lab/second",
                get(|| page(include_str!("pages/second.html"))),
            )
            .route("/lab/code", get(|| page(include_str!("pages/code.html"))))
            .route(
                "/lab/animation",
                get(|| page(include_str!("pages/animation.html"))),
            )
            .route(
                "/lab/consent",
                get(|| page(include_str!("pages/consent.html"))),
            )
            .route(
                "/lab/fields",
                get(|| page(include_str!("pages/fields.html"))),
            )
            .route(
                "/lab/fields-within",
                get(|| page(include_str!("pages/fields-within.html"))),
            )
            .route("/lab/files", get(|| page(include_str!("pages/files.html"))))
            .route(
                "/lab/files-within",
                get(|| page(include_str!("pages/files-within.html"))),
            )
            .route(
                "/lab/files.js",
                get(|| script(include_str!("pages/files.js"))),
            )
            .route(
                "/lab/report.js",
                get(|| script(include_str!("pages/report.js"))),
            )
            .route("/lab/report", post(report))
            .with_state(Arc::clone(&log));
        let site = Site::start_with(pages).await.expect("a free port");
        Self { site, log }
    }

    /// Returns the address of a page; `path` begins with a slash.
    pub fn url(&self, path: &str) -> String {
        self.site.url(path)
    }

    /// Follows how far the login's visitor has come.
    pub fn stage(&self) -> watch::Receiver<Stage> {
        self.site.stage()
    }

    /// Waits until the login's visitor has come somewhere.
    pub async fn stage_is(&self, what: &str, mut wanted: impl FnMut(&Stage) -> bool) -> Stage {
        let mut stage = self.site.stage();
        soon(what, stage.wait_for(|stage| wanted(stage)))
            .await
            .expect("the site is up")
            .clone()
    }

    /// Returns everything the pages have told so far.
    pub fn events(&self) -> Vec<Event> {
        self.known().events.clone()
    }

    /// Returns what the pages told of some types of events, in order.
    pub fn events_of(&self, types: &[&str]) -> Vec<Event> {
        let mut events = self.events();
        events.retain(|event| types.contains(&event.kind.as_str()));
        events
    }

    /// Forgets what the pages told: the next story begins.
    pub fn forget(&self) {
        self.known().events.clear();
    }

    /// Waits until the pages' events show something, and returns it.
    pub async fn until<T>(&self, what: &str, mut look: impl FnMut(&[Event]) -> Option<T>) -> T {
        eventually(what, || {
            let found = look(&self.events());
            async { found }
        })
        .await
    }

    /// Waits for at least `count` events of one type, and returns them all.
    pub async fn wait_for(&self, kind: &str, count: usize) -> Vec<Event> {
        self.until(&format!("{count} × {kind}"), |_| {
            let events = self.events_of(&[kind]);
            (events.len() >= count).then_some(events)
        })
        .await
    }

    /// Waits until a field of a page holds `value`.
    ///
    /// # Panics
    ///
    /// Fails the test if it never does, and shows what it holds instead.
    pub async fn value_is(&self, field: &str, value: &str) {
        let newest = || {
            let events = self.events();
            let of_field = |event: &&Event| event.kind == "input" && event.target == field;
            events.iter().rev().find(of_field)?.value.clone()
        };
        let arrived = eventually("the value", || {
            let found = (newest().as_deref() == Some(value)).then_some(());
            async move { found }
        });
        let in_time = timeout(LIMIT / 2, arrived).await.is_ok();
        assert!(
            in_time,
            "#{field} holds {:?} instead of {value:?}",
            newest()
        );
    }

    /// Waits until a page of this path is shown, and returns the middle of each of its named
    /// elements, in CSS pixels of the viewport.
    pub async fn shown(&self, path: &str) -> Places {
        self.until(&format!("page {path}"), |events| {
            let ready = events
                .iter()
                .rev()
                .find(|event| event.kind == "ready" && event.page == path)?;
            Some(Places(ready.places.clone()))
        })
        .await
    }
}

impl Lab {
    fn known(&self) -> MutexGuard<'_, Known> {
        self.log.known.lock().expect("no test panics here")
    }
}

/// Where a page's named elements are.
#[derive(Clone, Debug)]
pub struct Places(BTreeMap<String, (f64, f64)>);

impl Places {
    /// Returns the middle of the element with this id.
    ///
    /// # Panics
    ///
    /// Fails the test if the page has no such element.
    pub fn of(&self, id: &str) -> (f64, f64) {
        *self.0.get(id).expect("the page has such an element")
    }
}

#[derive(Default)]
struct Log {
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    events: Vec<Event>,
    /// How many events each load of a page has told.
    told: BTreeMap<String, u64>,
}

impl Known {
    /// Adds an event, unless it was told before.
    fn learn(&mut self, event: Event) {
        let told = self.told.entry(event.load.clone()).or_default();
        if event.count > *told {
            *told = event.count;
            self.events.push(event);
        }
    }
}

async fn page(html: &'static str) -> Html<&'static str> {
    Html(html)
}

async fn script(text: &'static str) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/javascript")], text)
}

async fn report(State(log): State<Arc<Log>>, body: String) -> StatusCode {
    let Ok(events) = serde_json::from_str::<Vec<Event>>(&body) else {
        return StatusCode::BAD_REQUEST;
    };
    let mut known = log.known.lock().expect("no test panics here");
    // A page gone wild must not take the test's memory.
    if known.events.len() > 100_000 {
        return StatusCode::INSUFFICIENT_STORAGE;
    }
    events.into_iter().for_each(|event| known.learn(event));
    StatusCode::NO_CONTENT
}
