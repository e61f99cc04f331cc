//! Creating the session at the relay, once the page is attached.

use alloc::{boxed::Box, string::ToString as _};
use core::time::Duration;

use url::Url;

use crate::{
    agent::{
        Phase,
        browser::{Browser, News},
        config::Encryption,
        context::{Context, Timer},
        ending::Ending,
        event::{Event, Failure, Outcome, SessionInfo},
        finish::Finishing,
        io::{ConnectFailure, HttpId, HttpResponse, Method},
        live::{Channel, Live, V1, V2},
    },
    api::{
        CDP_URL_PLACEHOLDER, CreateSession, DEFAULT_TTL_SECONDS, MAX_TTL_SECONDS, SessionCreated,
        error_code,
    },
    cdp::discovery::endpoint,
    crypto::v2::{AgentIdentity, SessionId, SessionUrl},
    time::WallTime,
};

/// How much longer than the relay's the agent's own limit is, so that the relay's word comes first.
const EXPIRY_MARGIN: Duration = Duration::from_secs(5);

/// The longest link that is passed on, in bytes.
const MAX_LINK: usize = 2_048;

/// The longest remaining time that is believed: a relay's own clocks may differ a little.
const LONGEST_LIFE: Duration = Duration::from_secs(MAX_TTL_SECONDS + 600);

/// A hand-off whose session is being created.
pub(super) struct Creating {
    pub(super) browser: Browser,
    pub(super) http: HttpId,
    keys: Keys,
}

/// What a session's encryption begins with.
pub(super) enum Keys {
    /// Version 1 makes its keys when the session is there.
    V1,
    /// Version 2 makes the link's before anybody is asked for a session.
    V2(Box<AgentIdentity>),
}

/// A session's addresses at the relay.
pub(super) struct Session {
    /// `GET` and `DELETE`.
    pub(super) record: Url,
    /// `POST`.
    pub(super) resolve: Url,
    stream: Url,
    info: SessionInfo,
}

/// Asks the relay for a session.
pub(super) fn begin(cx: &mut Context, browser: Browser) -> Phase {
    let keys = match cx.config.encryption {
        Encryption::V1 => Keys::V1,
        Encryption::V2(_) => Keys::V2(Box::new(AgentIdentity::generate(&mut cx.generator))),
    };
    let body = CreateSession {
        service: cx.config.service.clone(),
        cdp_url: CDP_URL_PLACEHOLDER.into(),
        ttl: cx.config.ttl,
        context: cx.config.context.clone(),
        admission_hash: match &keys {
            Keys::V1 => None,
            Keys::V2(identity) => Some(identity.link().admission_token().hash().to_string()),
        },
    };
    let (Ok(url), Ok(body)) = (
        Url::parse(&cx.config.relay_url),
        serde_json::to_string(&body),
    ) else {
        browser.leave(cx);
        let failure = Failure::RelayUnreachable(ConnectFailure::InvalidUrl);
        return Phase::end(cx, Outcome::Failed(failure));
    };
    let http = cx.rest(Method::Post, endpoint(&url, "/session"), Some(body));
    Phase::Creating(Creating {
        browser,
        http,
        keys,
    })
}

impl Creating {
    /// The browser sent a message.
    pub(super) fn on_text(mut self, cx: &mut Context, text: &str) -> Phase {
        match self.browser.read(cx, text) {
            News::Gone(failure) => self.abandon(cx, Outcome::Failed(failure)),
            News::Nothing
            | News::Answer(..)
            | News::Frame(_)
            | News::Switched
            | News::Document(..)
            | News::Errand(_)
            | News::Turned
            | News::Notice(_) => Phase::Creating(self),
        }
    }

    /// The relay answered.
    pub(super) fn on_http(
        self,
        cx: &mut Context,
        id: HttpId,
        answer: Result<HttpResponse<'_>, ConnectFailure>,
    ) -> Phase {
        if id != self.http {
            return Phase::Creating(self);
        }
        let mut session = match Session::read(cx, answer) {
            Ok(session) => session,
            Err(failure) => {
                self.browser.leave(cx);
                return Phase::end(cx, Outcome::Failed(failure));
            }
        };
        let expires_at = session.info.expires_at;
        let channel = match self.keys.open(cx, &mut session.info) {
            Ok(channel) => channel,
            Err(failure) => {
                let ending = Ending::ours(Outcome::Failed(failure));
                return Finishing::begin(cx, ending, self.browser, session);
            }
        };
        cx.timers.set(Timer::Expiry, expires_at + EXPIRY_MARGIN);
        cx.tell(Event::Created(session.info.clone()));
        Live::begin(cx, self.browser, session, channel)
    }

    /// Ends before the relay has answered; what it creates is deleted as soon as it says so.
    pub(super) fn abandon(self, cx: &mut Context, outcome: Outcome) -> Phase {
        self.browser.leave(cx);
        Finishing::await_created(cx, outcome, self.http)
    }
}

impl Keys {
    /// Makes the way to the viewer of a session just created, and its link.
    ///
    /// With version 2 the relay has no say in the link: what it calls one is only compared.
    fn open(self, cx: &mut Context, info: &mut SessionInfo) -> Result<Channel, Failure> {
        let (identity, end_to_end) = match (self, &mut cx.config.encryption) {
            (Self::V2(identity), Encryption::V2(end_to_end)) => (identity, end_to_end),
            (Self::V1 | Self::V2(_), _) => {
                return Ok(Channel::V1(Box::new(V1::new(&mut cx.generator))));
            }
        };
        let session = SessionId::parse(&info.session_id)
            .map_err(|_| Failure::RelayAnswer("the session's id isn't one"))?;
        let page = SessionUrl::new(&end_to_end.viewer_url, &session);
        let at_the_relay = SessionUrl::new(&cx.config.relay_url, &session);
        let answered = &info.session_url;
        if !page.is_also(answered) && !at_the_relay.is_also(answered) {
            return Err(Failure::ForeignLink);
        }
        info.session_url = page.with(identity.link()).to_string();
        let pin = end_to_end.pin.take();
        let expires_at = info.expires_at;
        let mut v2 = Box::new(V2::new(*identity, session, pin, expires_at));
        v2.take_notes_like(&cx.notes);
        Ok(Channel::V2(v2))
    }
}

impl Session {
    /// Reads the answer to `POST /session`.
    pub(super) fn read(
        cx: &Context,
        answer: Result<HttpResponse<'_>, ConnectFailure>,
    ) -> Result<Self, Failure> {
        let answer = answer.map_err(Failure::RelayUnreachable)?;
        match answer.status {
            200..=299 => {}
            401 => return Err(Failure::Unauthorized),
            402 => return Err(Failure::QuotaUsedUp),
            429 => {
                return Err(Failure::RateLimited {
                    retry_after: answer.retry_after,
                });
            }
            status => {
                return Err(Failure::RelayRefused {
                    status,
                    code: error_code(answer.body),
                });
            }
        }
        let created: SessionCreated = serde_json::from_slice(answer.body)
            .map_err(|_| Failure::RelayAnswer("it isn't a created session"))?;
        if !is_id(&created.session_id) {
            return Err(Failure::RelayAnswer("the session's id isn't one"));
        }
        let mut stream = Url::parse(&created.stream_url)
            .ok()
            .filter(|url| matches!(url.scheme(), "ws" | "wss") && url.host().is_some())
            .ok_or(Failure::RelayAnswer(
                "the stream's address isn't a WebSocket's",
            ))?;
        if !is_link(&created.session_url) {
            return Err(Failure::RelayAnswer(
                "the session's address isn't a web page's",
            ));
        }
        let base = Url::parse(&cx.config.relay_url)
            .map_err(|_| Failure::RelayUnreachable(ConnectFailure::InvalidUrl))?;
        if base.scheme() == "https" && stream.scheme() == "ws" {
            return Err(Failure::RelayAnswer(
                "the stream isn't encrypted although the API is",
            ));
        }
        stream
            .query_pairs_mut()
            .append_pair("token", &created.stream_token)
            .append_pair("role", "agent");
        let record = endpoint(&base, &alloc::format!("/session/{}", created.session_id));
        let resolve = endpoint(&record, "/resolve");
        let expires_at = cx.now + remaining(&created.expires_at, answer.date);
        let info = SessionInfo {
            session_id: created.session_id,
            session_url: created.session_url,
            expires_at,
        };
        Ok(Self {
            record,
            resolve,
            stream,
            info,
        })
    }

    /// The stream's address, with the token that admits the agent.
    pub(super) fn stream(&self) -> Url {
        self.stream.clone()
    }
}

/// Tells whether this can be a session's id, and nothing else in a path.
fn is_id(text: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    (1..=128).contains(&text.len()) && text.bytes().all(is_plain) && !text.starts_with('.')
}

/// Tells whether a text is a web page's address and nothing besides. A URL's parser skips line ends
/// and blanks, behind which words for whoever reads the link could stand.
fn is_link(text: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_graphic() && !matches!(c, '"' | '<' | '>' | '\\' | '`');
    text.len() <= MAX_LINK
        && text.chars().all(is_plain)
        && Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https"))
}

/// How long a session lasts by the relay's own clock; the default if it doesn't say, or absurdly.
fn remaining(expires_at: &str, date: Option<&str>) -> Duration {
    let expires_at = WallTime::from_rfc3339(expires_at);
    let date = date.and_then(WallTime::from_http_date);
    expires_at
        .zip(date)
        .filter(|(expires_at, date)| expires_at > date)
        .map(|(expires_at, date)| expires_at.since(date))
        .filter(|remaining| *remaining <= LONGEST_LIFE)
        .unwrap_or(Duration::from_secs(DEFAULT_TTL_SECONDS))
}
