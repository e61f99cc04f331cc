//! From the browser's address to an attached page, before any session exists: a dead browser is
//! told at once.
//!
//! ```text
//! Listing ──▶ Version ──▶ Dialing ──▶ Probing ──▶ Choosing ──▶ Entering ──▶ Enabling ──▶ (create)
//!   (http only)              └── a known page ───────────────────▲
//! ```

mod discover;
mod enter;

use alloc::string::{String, ToString};
use core::time::Duration;

use url::{Host, Url};

use self::{
    discover::{Asked, on_list, on_version},
    enter::{Steps, enter_session, on_news},
};
use crate::{
    agent::{
        Phase,
        browser::{Browser, News, Purpose},
        context::{Context, Timer},
        event::{Failure, Outcome},
        io::{Closed, Connect, ConnectFailure, HostHeader, HttpId, HttpResponse, Peer},
    },
    cdp::{
        codec::NoParams,
        discovery::{BrowserAddress, Candidate as _, Listed},
        target::TargetInfo,
        vocabulary::Method,
    },
};

/// How long it may take until the page answers.
const ATTACH_TIMEOUT: Duration = Duration::from_secs(15);

/// The largest CDP message.
const MAX_MESSAGE: usize = 64 * 1024 * 1024;

/// Says that a WebSocket answers, but not like a browser.
const NOT_A_BROWSER: &str = "a WebSocket answers, but not like a browser's \
    (Playwright's launchServer().wsEndpoint() is its own protocol; start the browser with \
    --remote-debugging-port instead)";

/// A hand-off whose page isn't attached yet.
pub(super) struct Attaching(Step);

enum Step {
    Listing(Asked),
    Version {
        asked: Asked,
        listed: bool,
        page: Option<Listed>,
    },
    Dialing {
        dial: Dial,
        fallback: Option<Dial>,
    },
    Inside {
        browser: Browser,
        page: Known,
        steps: Steps,
    },
}

/// A WebSocket to open.
struct Dial {
    url: Url,
    host: HostHeader,
    /// The page to enter, if the socket is the browser's and the page is known.
    enter: Option<Known>,
}

/// What is known of a page.
#[derive(Clone, Default)]
struct Known {
    target: String,
    url: String,
    opener: Option<String>,
}

impl Attaching {
    /// Starts with the address in the configuration.
    pub(super) fn begin(cx: &mut Context) -> Phase {
        cx.start(Timer::Attach, ATTACH_TIMEOUT);
        match BrowserAddress::parse(&cx.config.cdp_url) {
            Err(expected) => fail(cx, Failure::BrowserAddress(expected)),
            Ok(BrowserAddress::Http(base)) => {
                let asked = Asked::ask(cx, base, HostHeader::Name, "/json");
                Phase::Attaching(Self(Step::Listing(asked)))
            }
            Ok(BrowserAddress::WebSocket(url)) => Self::dial(
                cx,
                Dial {
                    url,
                    host: HostHeader::Name,
                    enter: None,
                },
                None,
            ),
        }
    }

    fn dial(cx: &mut Context, dial: Dial, fallback: Option<Dial>) -> Phase {
        cx.connect(
            Peer::Browser,
            Connect {
                url: dial.url.as_str().into(),
                host: dial.host,
                max_message: MAX_MESSAGE,
                timeout: ATTACH_TIMEOUT,
            },
        );
        Phase::Attaching(Self(Step::Dialing { dial, fallback }))
    }

    /// An HTTP answer came.
    pub(super) fn on_http(
        self,
        cx: &mut Context,
        id: HttpId,
        answer: Result<HttpResponse<'_>, ConnectFailure>,
    ) -> Phase {
        match self.0 {
            Step::Listing(asked) if asked.id == id => on_list(cx, asked, answer),
            Step::Version {
                asked,
                listed,
                page,
            } if asked.id == id => on_version(cx, &asked, listed, page, answer),
            step @ (Step::Listing(_)
            | Step::Version { .. }
            | Step::Dialing { .. }
            | Step::Inside { .. }) => Phase::Attaching(Self(step)),
        }
    }

    /// The browser's socket is open.
    pub(super) fn on_opened(self, cx: &mut Context) -> Phase {
        let Step::Dialing { dial, .. } = self.0 else {
            return Phase::Attaching(self);
        };
        let mut browser = Browser::new();
        let page = match dial.enter {
            Some(page) => {
                enter_session(cx, &mut browser, &page);
                page
            }
            None => {
                let probe = Some(Purpose::Probe);
                browser.call_root(cx, Method::TargetGetTargetInfo, &NoParams {}, probe);
                Known::default()
            }
        };
        Phase::Attaching(Self(Step::Inside {
            browser,
            page,
            steps: Steps::default(),
        }))
    }

    /// The browser's socket is gone, or couldn't be opened.
    pub(super) fn on_closed(self, cx: &mut Context, closed: Closed) -> Phase {
        match (self.0, closed) {
            (
                Step::Dialing {
                    dial:
                        Dial {
                            url,
                            host: HostHeader::Name,
                            enter,
                        },
                    fallback,
                },
                Closed::Failed(ConnectFailure::Status(500)),
            ) if refuses_names(&url) => Self::dial(
                cx,
                Dial {
                    url,
                    host: HostHeader::Address,
                    enter,
                },
                fallback,
            ),
            (
                Step::Dialing {
                    fallback: Some(fallback),
                    ..
                },
                Closed::Failed(_),
            ) => Self::dial(cx, fallback, None),
            (Step::Dialing { .. }, Closed::Failed(failure)) => {
                fail(cx, Failure::BrowserUnreachable(failure))
            }
            (Step::Inside { steps, .. }, _) if steps.any() => fail(cx, Failure::BrowserLost),
            (Step::Dialing { .. } | Step::Inside { .. }, _) => {
                fail(cx, Failure::NotCdp(NOT_A_BROWSER))
            }
            (step @ (Step::Listing(_) | Step::Version { .. }), _) => Phase::Attaching(Self(step)),
        }
    }

    /// The browser sent a message.
    pub(super) fn on_text(self, cx: &mut Context, text: &str) -> Phase {
        let Step::Inside {
            mut browser,
            page,
            steps,
        } = self.0
        else {
            return Phase::Attaching(self);
        };
        let news = browser.read(cx, text);
        on_news(cx, browser, page, steps, news)
    }

    /// A CDP call wasn't answered.
    pub(super) fn on_unanswered(self, cx: &mut Context) -> Phase {
        let Step::Inside {
            mut browser,
            page,
            steps,
        } = self.0
        else {
            return Phase::Attaching(self);
        };
        match browser.unanswered(cx) {
            Some(News::Answer(Purpose::EnablePage, _)) => {
                browser.leave(cx);
                fail(cx, steps.silence())
            }
            Some(news) => on_news(cx, browser, page, steps, news),
            None => Phase::Attaching(Self(Step::Inside {
                browser,
                page,
                steps,
            })),
        }
    }

    /// [`Timer::Attach`] fired.
    pub(super) fn on_timeout(self, cx: &mut Context) -> Phase {
        match self.0 {
            Step::Inside { browser, steps, .. } => {
                browser.leave(cx);
                fail(cx, steps.silence())
            }
            Step::Dialing { .. } => {
                cx.close(Peer::Browser);
                fail(cx, Failure::BrowserUnreachable(ConnectFailure::TimedOut))
            }
            Step::Listing(_) | Step::Version { .. } => {
                fail(cx, Failure::BrowserUnreachable(ConnectFailure::TimedOut))
            }
        }
    }

    /// The application gives up.
    pub(super) fn abandon(self, cx: &mut Context) -> Phase {
        match self.0 {
            Step::Inside { browser, .. } => browser.leave(cx),
            Step::Dialing { .. } => cx.close(Peer::Browser),
            Step::Listing(_) | Step::Version { .. } => {}
        }
        Phase::end(cx, Outcome::Cancelled)
    }
}

fn fail(cx: &mut Context, failure: Failure) -> Phase {
    Phase::end(cx, Outcome::Failed(failure))
}

/// Chromium answers 500 to a `Host` that is neither an address nor localhost. TLS keeps the name.
fn refuses_names(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "ws") && matches!(url.host(), Some(Host::Domain(_)))
}

fn wanted(cx: &Context) -> Option<String> {
    cx.config
        .context
        .as_ref()
        .and_then(|context| context.url.clone())
}

impl From<Listed> for Known {
    fn from(page: Listed) -> Self {
        Self {
            url: page.url().to_string(),
            target: page.id,
            opener: None,
        }
    }
}

impl From<&TargetInfo<'_>> for Known {
    fn from(info: &TargetInfo<'_>) -> Self {
        Self {
            target: info.target_id.to_string(),
            url: info.url.to_string(),
            opener: info.opener_id.as_ref().map(ToString::to_string),
        }
    }
}
