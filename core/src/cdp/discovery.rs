//! From the address an application was given to a WebSocket and the page to hand over.
//!
//! Decides which page is meant; never which one else might do: a wrong tab may be somebody's mail.

use alloc::{borrow::Cow, string::String, vec::Vec};
use core::net::IpAddr;

use serde::Deserialize;
use url::{Host, Url};

use crate::cdp::target::TargetInfo;

/// Where the browser is, as the application named it.
#[derive(Clone)]
pub enum BrowserAddress {
    /// A page's or the browser's WebSocket, used as it is.
    WebSocket(Url),
    /// An HTTP endpoint that lists targets.
    Http(Url),
}

impl BrowserAddress {
    /// Reads an address. `host:port` without a scheme means `http`.
    ///
    /// # Errors
    /// Says in a few fixed words what is wrong; never repeats the address.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let text = text.trim();
        let text = if text.contains("://") {
            Cow::Borrowed(text)
        } else {
            Cow::Owned(alloc::format!("http://{text}"))
        };
        let url = Url::parse(&text)
            .map_err(|_| "expected ws://, wss://, http://, https:// or host:port")?;
        if url.host().is_none() {
            return Err("it names no host");
        }
        match url.scheme() {
            "ws" | "wss" => Ok(Self::WebSocket(url)),
            "http" | "https" => Ok(Self::Http(url)),
            _ => Err("expected ws://, wss://, http://, https:// or host:port"),
        }
    }
}

/// Adds `/json` or `/json/version` to an HTTP endpoint, keeping its path prefix and query.
pub fn endpoint(base: &Url, path: &str) -> Url {
    let mut url = base.clone();
    let path = alloc::format!("{}{path}", base.path().trim_end_matches('/'));
    url.set_path(&path);
    url.set_fragment(None);
    url
}

/// One entry of `/json`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Listed {
    /// The target's id.
    #[serde(default)]
    pub id: String,
    #[serde(rename = "type", default)]
    kind: String,
    #[serde(default)]
    url: String,
    /// The page's WebSocket; absent while another client holds it in old Chromiums.
    pub web_socket_debugger_url: Option<String>,
}

/// Reads `/json`, in the browser's order (by last activation); `None` if it isn't a target list.
pub fn parse_list(body: &[u8]) -> Option<Vec<Listed>> {
    serde_json::from_slice(body).ok()
}

/// Reads the browser's WebSocket out of `/json/version`.
pub fn parse_version(body: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Version {
        web_socket_debugger_url: String,
    }
    serde_json::from_slice::<Version>(body)
        .ok()
        .map(|version| version.web_socket_debugger_url)
}

/// Turns a `webSocketDebuggerUrl` into one that leads where we asked.
///
/// A browser names itself by loopback, or by the `Host` it was sent, which is the IP address if it was
/// asked `by_address`; behind a tunnel or a proxy neither leads anywhere. Then our own address, scheme,
/// path prefix and query are used. `None` if it isn't a WebSocket URL.
pub fn reachable(listed: &str, asked: &Url, by_address: bool) -> Option<Url> {
    let mut url = Url::parse(listed).ok()?;
    if !matches!(url.scheme(), "ws" | "wss") {
        return None;
    }
    let is_the_address_asked = by_address
        && matches!(url.host(), Some(Host::Ipv4(_) | Host::Ipv6(_)))
        && url.port_or_known_default() == asked.port_or_known_default();
    let ours = is_the_address_asked
        || url.host() == asked.host()
        || url.host().as_ref().is_some_and(is_loopback);
    if !ours {
        return Some(url);
    }
    url.set_scheme(if asked.scheme() == "https" {
        "wss"
    } else {
        "ws"
    })
    .ok()?;
    url.set_host(asked.host_str()).ok()?;
    url.set_port(asked.port()).ok()?;
    let prefix = asked.path().trim_end_matches('/');
    if !prefix.is_empty() && !url.path().starts_with(prefix) {
        let path = alloc::format!("{prefix}{}", url.path());
        url.set_path(&path);
    }
    if url.query().is_none() {
        url.set_query(asked.query());
    }
    Some(url)
}

fn is_loopback<S: AsRef<str>>(host: &Host<S>) -> bool {
    match host {
        Host::Domain(name) => {
            let name = name.as_ref();
            name == "localhost" || name.ends_with(".localhost")
        }
        Host::Ipv4(address) => address.is_loopback() || address.is_unspecified(),
        Host::Ipv6(address) => {
            let address = IpAddr::V6(*address).to_canonical();
            address.is_loopback() || address.is_unspecified()
        }
    }
}

/// What a page is chosen by.
pub trait Candidate {
    /// The target's type.
    fn kind(&self) -> &str;
    /// The address it shows.
    fn url(&self) -> &str;
}

impl Candidate for Listed {
    fn kind(&self) -> &str {
        &self.kind
    }

    fn url(&self) -> &str {
        &self.url
    }
}

impl Candidate for TargetInfo<'_> {
    fn kind(&self) -> &str {
        &self.kind
    }

    fn url(&self) -> &str {
        &self.url
    }
}

/// Chooses the page to hand over: the one that shows `wanted`, else same origin and path, else
/// same origin; else the first one on http(s), else the first.
pub fn choose_page<'a, C: Candidate>(candidates: &'a [C], wanted: Option<&str>) -> Option<&'a C> {
    let wanted = wanted.and_then(|url| Url::parse(url).ok());
    let rank = |url: &str| -> u8 {
        let Ok(url) = Url::parse(url) else { return 0 };
        if !matches!(url.scheme(), "http" | "https") && wanted.as_ref() != Some(&url) {
            return 0;
        }
        match &wanted {
            Some(wanted) if *wanted == url => 4,
            Some(wanted) if wanted.origin() == url.origin() && wanted.path() == url.path() => 3,
            Some(wanted) if wanted.origin() == url.origin() => 2,
            _ => 1,
        }
    };
    // `max_by_key` would take the last of equals; the browser's order puts the best first.
    candidates
        .iter()
        .filter(|candidate| candidate.kind() == "page")
        .fold(None, |best: Option<(u8, &C)>, candidate| {
            let rank = rank(candidate.url());
            match best {
                Some((highest, _)) if highest >= rank => best,
                _ => Some((rank, candidate)),
            }
        })
        .map(|(_, candidate)| candidate)
}

/// Returns a URL's origin as text, `null` for one that has none.
pub fn origin(url: &str) -> String {
    Url::parse(url).map_or_else(|_| "null".into(), |url| url.origin().ascii_serialization())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).expect("a valid URL")
    }

    #[test]
    fn an_address_without_a_scheme_is_http() {
        assert!(
            matches!(BrowserAddress::parse("localhost:9222"), Ok(BrowserAddress::Http(at)) if at.port() == Some(9222))
        );
        assert!(matches!(
            BrowserAddress::parse(" ws://h/x "),
            Ok(BrowserAddress::WebSocket(_))
        ));
        for text in ["", "ftp://h/", "http://", "file:///etc/passwd", "::"] {
            assert!(BrowserAddress::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn discovery_keeps_prefix_and_query() {
        assert_eq!(
            endpoint(&url("http://h:1/"), "/json").as_str(),
            "http://h:1/json"
        );
        assert_eq!(
            endpoint(&url("https://h/pre/?token=t"), "/json/version").as_str(),
            "https://h/pre/json/version?token=t"
        );
    }

    #[test]
    fn loopback_and_our_own_host_are_replaced_others_kept() {
        let asked = url("https://browser.example:8443/pre?token=t");
        let at = |listed| reachable(listed, &asked, false).map(String::from);
        let ours = Some("wss://browser.example:8443/pre/devtools/page/1?token=t".into());
        assert_eq!(at("ws://127.0.0.1:9222/devtools/page/1"), ours);
        assert_eq!(at("ws://localhost/devtools/page/1"), ours);
        assert_eq!(at("ws://browser.example/devtools/page/1"), ours);
        assert_eq!(
            at("wss://other.example/p").as_deref(),
            Some("wss://other.example/p")
        );
        assert_eq!(at("http://127.0.0.1/devtools"), None);
        assert_eq!(at("nonsense"), None);
    }

    #[test]
    fn the_address_a_browser_was_asked_by_is_replaced_too() {
        let asked = url("http://browser:9222/pre?token=t");
        let at = |listed, by_address| reachable(listed, &asked, by_address).map(String::from);
        let own = "ws://172.17.0.2:9222/devtools/browser/b";
        assert_eq!(
            at(own, true).as_deref(),
            Some("ws://browser:9222/pre/devtools/browser/b?token=t")
        );
        assert_eq!(at(own, false).as_deref(), Some(own));
        for other in ["ws://172.17.0.2:9333/b", "ws://other.example:9222/b"] {
            assert_eq!(at(other, true).as_deref(), Some(other));
        }
    }

    #[test]
    fn the_page_meant_is_chosen() {
        let list: Vec<Listed> = [
            ("iframe", "https://a.example/x"),
            ("page", "chrome://newtab/"),
            ("page", "https://mail.example/"),
            ("page", "https://a.example/other"),
            ("page", "https://a.example/x?step=2"),
            ("page", "https://a.example/x"),
        ]
        .into_iter()
        .map(|(kind, url)| Listed {
            id: String::new(),
            kind: kind.into(),
            url: url.into(),
            web_socket_debugger_url: None,
        })
        .collect();
        let choose = |wanted| choose_page(&list, wanted).map(|page| page.url.as_str());
        assert_eq!(
            choose(Some("https://a.example/x")),
            Some("https://a.example/x")
        );
        assert_eq!(
            choose(Some("https://a.example/x?step=1")),
            Some("https://a.example/x?step=2")
        );
        assert_eq!(
            choose(Some("https://a.example/")),
            Some("https://a.example/other")
        );
        assert_eq!(
            choose(Some("https://none.example/")),
            Some("https://mail.example/")
        );
        assert_eq!(choose(None), Some("https://mail.example/"));
        assert!(choose_page::<Listed>(&[], None).is_none());
    }
}
