//! From the browser's address to an attached page, before any session exists: a dead browser is
//! told at once.
//!
//! ```text
//! Listing ──▶ Version ──▶ Dialing ──▶ Probing ──▶ Choosing ──▶ Entering ──▶ Enabling ──▶ (create)
//!   (http only)              └── a known page ───────────────────▲
//! ```

use alloc::string::{String, ToString};
use core::time::Duration;

use url::{Host, Url};

use crate::{
    agent::{
        Phase,
        browser::{Browser, News, Purpose},
        context::{Context, Timer},
        create,
        event::{Event, Failure, Outcome},
        io::{
            Closed, Connect, ConnectFailure, HostHeader, HttpId, HttpRequest, HttpResponse, Method,
            Peer,
        },
    },
    cdp::{
        codec::{CdpSession, NoParams, payload},
        discovery::{
            BrowserAddress, Candidate as _, Listed, choose_page, endpoint, origin, parse_list,
            parse_version, reachable,
        },
        target::{AttachToTarget, SessionRef, TargetInfo, Targets, WithTargetInfo},
    },
};

/// How long it may take until the page answers.
const ATTACH_TIMEOUT: Duration = Duration::from_secs(15);

/// How long one discovery request may take.
const DISCOVERY_TIMEOUT: Duration = Duration::from_secs(10);

/// The largest target list.
const MAX_LIST: usize = 4 * 1024 * 1024;

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

/// A discovery request.
struct Asked {
    id: HttpId,
    base: Url,
    host: HostHeader,
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

/// What has been answered on the entered page.
#[derive(Clone, Copy, Default)]
struct Steps {
    enabled: bool,
    discovered: bool,
    version: bool,
}

impl Steps {
    fn any(self) -> bool {
        self.enabled || self.discovered || self.version
    }

    fn all(self) -> bool {
        self.enabled && self.discovered && self.version
    }

    /// Says what it means that the rest isn't answered.
    fn silence(self) -> Failure {
        if self.any() {
            Failure::PageUnresponsive
        } else {
            Failure::NotCdp(NOT_A_BROWSER)
        }
    }
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
                browser.call_root(cx, "Target.getTargetInfo", &NoParams {}, probe);
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
        on_news(cx, browser, page, steps, &news)
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
            Some(news) => on_news(cx, browser, page, steps, &news),
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

impl Asked {
    fn ask(cx: &mut Context, base: Url, host: HostHeader, path: &str) -> Self {
        let id = cx.exchange(HttpRequest {
            peer: Peer::Browser,
            method: Method::Get,
            url: endpoint(&base, path).into(),
            host,
            bearer: None,
            body: None,
            max_body: MAX_LIST,
            timeout: DISCOVERY_TIMEOUT,
        });
        Self { id, base, host }
    }
}

/// Chromium answers 500 to a `Host` that is neither an address nor localhost. TLS keeps the name.
fn refuses_names(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "ws") && matches!(url.host(), Some(Host::Domain(_)))
}

fn on_list(
    cx: &mut Context,
    asked: Asked,
    answer: Result<HttpResponse<'_>, ConnectFailure>,
) -> Phase {
    let answer = match answer {
        Ok(answer) => answer,
        Err(ConnectFailure::Protocol | ConnectFailure::TooLarge) => {
            return fail(
                cx,
                Failure::NotCdp("what answers is not a browser's HTTP endpoint"),
            );
        }
        Err(failure) => return fail(cx, Failure::BrowserUnreachable(failure)),
    };
    let Asked { base, host, .. } = asked;
    match answer.status {
        500 if host == HostHeader::Name && refuses_names(&base) => {
            let asked = Asked::ask(cx, base, HostHeader::Address, "/json");
            Phase::Attaching(Attaching(Step::Listing(asked)))
        }
        300..=399 => fail(cx, Failure::NotCdp("it answers with a redirect")),
        status => {
            let list = if status == 200 {
                parse_list(answer.body)
            } else {
                None
            };
            let wanted = wanted(cx);
            let listed = list.is_some();
            let chosen = list
                .as_deref()
                .and_then(|list| choose_page(list, wanted.as_deref()));
            let chosen = chosen.map(|page| page.id.clone());
            let page = list
                .unwrap_or_default()
                .into_iter()
                .find(|page| chosen.as_ref().is_some_and(|id| *id == page.id));
            // The browser's own socket survives the page's and shows pop-ups, so it comes first.
            let asked = Asked::ask(cx, base, host, "/json/version");
            Phase::Attaching(Attaching(Step::Version {
                asked,
                listed,
                page,
            }))
        }
    }
}

fn on_version(
    cx: &mut Context,
    asked: &Asked,
    listed: bool,
    page: Option<Listed>,
    answer: Result<HttpResponse<'_>, ConnectFailure>,
) -> Phase {
    let browser = answer
        .ok()
        .filter(|answer| answer.status == 200)
        .and_then(|answer| parse_version(answer.body))
        .and_then(|url| reachable(&url, &asked.base));
    let host = asked.host;
    let own_socket = page
        .as_ref()
        .and_then(|page| page.web_socket_debugger_url.as_deref())
        .and_then(|url| reachable(url, &asked.base))
        .map(|url| Dial {
            url,
            host,
            enter: None,
        });
    let enter = page.map(Known::from);
    match (browser, own_socket) {
        (Some(url), fallback) => Attaching::dial(cx, Dial { url, host, enter }, fallback),
        (None, Some(dial)) => Attaching::dial(cx, dial, None),
        (None, None) if listed => fail(cx, Failure::NoPage),
        (None, None) => fail(
            cx,
            Failure::NotCdp("neither /json nor /json/version answers like a browser's"),
        ),
    }
}

fn on_news(
    cx: &mut Context,
    mut browser: Browser,
    mut page: Known,
    mut steps: Steps,
    news: &News<'_>,
) -> Phase {
    match news {
        News::Answer(Purpose::Probe, result) => match payload::<WithTargetInfo<'_>>(*result) {
            Some(WithTargetInfo { target_info }) if target_info.kind == "page" => {
                page = Known::from(&target_info);
                browser.enter(cx, page.target.clone(), page.opener.clone(), None);
            }
            Some(WithTargetInfo { target_info }) if target_info.kind == "browser" => {
                browser.call_root(cx, "Target.getTargets", &NoParams {}, Some(Purpose::List));
            }
            Some(_) => {
                browser.leave(cx);
                return fail(
                    cx,
                    Failure::NotCdp("it leads to something that isn't a page"),
                );
            }
            // A proxy that passes a page's own methods only.
            None => browser.enter(cx, String::new(), None, None),
        },
        News::Answer(Purpose::List, result) => {
            let targets: Option<Targets<'_>> = payload(*result);
            let wanted = wanted(cx);
            let chosen = targets
                .as_ref()
                .and_then(|targets| choose_page(&targets.target_infos, wanted.as_deref()));
            let Some(chosen) = chosen else {
                browser.leave(cx);
                return fail(cx, Failure::NoPage);
            };
            page = Known::from(chosen);
            enter_session(cx, &mut browser, &page);
        }
        News::Answer(Purpose::Enter, result) => {
            let Some(SessionRef { session_id }) = payload(*result) else {
                browser.leave(cx);
                return fail(cx, Failure::PageClosed);
            };
            let session = Some(CdpSession(session_id));
            browser.enter(cx, page.target.clone(), page.opener.clone(), session);
        }
        News::Answer(Purpose::EnablePage, None) => {
            browser.leave(cx);
            return fail(cx, Failure::NotCdp(NOT_A_BROWSER));
        }
        News::Answer(Purpose::EnablePage, Some(_)) => steps.enabled = true,
        News::Answer(Purpose::Discover, _) => steps.discovered = true,
        News::Answer(Purpose::Version, _) => steps.version = true,
        News::Gone(failure) => {
            browser.leave(cx);
            return fail(cx, failure.clone());
        }
        News::Nothing
        | News::Answer(
            Purpose::Viewport
            | Purpose::Input
            | Purpose::History(_)
            | Purpose::Follow(_)
            | Purpose::EnableFollowed(_)
            | Purpose::Revive,
            _,
        )
        | News::Frame(_)
        | News::Switched
        | News::Dismissed => {}
    }
    if steps.all() {
        cx.timers.clear(Timer::Attach);
        cx.tell(Event::Attached {
            origin: origin(&page.url),
        });
        return create::begin(cx, browser);
    }
    Phase::Attaching(Attaching(Step::Inside {
        browser,
        page,
        steps,
    }))
}

fn enter_session(cx: &mut Context, browser: &mut Browser, page: &Known) {
    let params = AttachToTarget {
        target_id: &page.target,
        flatten: true,
    };
    browser.call_root(cx, "Target.attachToTarget", &params, Some(Purpose::Enter));
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
