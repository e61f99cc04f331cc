//! Discovery over HTTP: which page is meant, and which WebSocket leads to it.
//!
//! The browser's own socket is preferred to the page's, which it survives.

use core::time::Duration;

use url::Url;

use super::{Attaching, Dial, Known, Step, fail, refuses_names, wanted};
use crate::{
    agent::{
        Phase,
        context::Context,
        event::Failure,
        io::{ConnectFailure, HostHeader, HttpId, HttpRequest, HttpResponse, Method, Peer},
    },
    cdp::discovery::{Listed, choose_page, endpoint, parse_list, parse_version, reachable},
};

/// How long one discovery request may take.
const DISCOVERY_TIMEOUT: Duration = Duration::from_secs(10);

/// The largest target list.
const MAX_LIST: usize = 4 * 1024 * 1024;

/// A discovery request.
pub(super) struct Asked {
    pub(super) id: HttpId,
    base: Url,
    host: HostHeader,
}

impl Asked {
    pub(super) fn ask(cx: &mut Context, base: Url, host: HostHeader, path: &str) -> Self {
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

pub(super) fn on_list(
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

pub(super) fn on_version(
    cx: &mut Context,
    asked: &Asked,
    listed: bool,
    page: Option<Listed>,
    answer: Result<HttpResponse<'_>, ConnectFailure>,
) -> Phase {
    let host = asked.host;
    let by_address = host == HostHeader::Address;
    let browser = answer
        .ok()
        .filter(|answer| answer.status == 200)
        .and_then(|answer| parse_version(answer.body))
        .and_then(|url| reachable(&url, &asked.base, by_address));
    let own_socket = page
        .as_ref()
        .and_then(|page| page.web_socket_debugger_url.as_deref())
        .and_then(|url| reachable(url, &asked.base, by_address))
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
