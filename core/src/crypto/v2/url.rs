//! The addresses around a link: what a session's id may be, the link the agent builds, and what a
//! viewer reads from the one it was given (§1, §3).
//!
//! The agent builds its link itself. What a relay calls the link is only ever compared with it.

use alloc::{format, string::String};

use url::Url;
use zeroize::Zeroizing;

use super::link::{BadLink, Link};

/// A session's id: 1 to 64 characters of `A-Z a-z 0-9 _ -`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionId(String);

/// The relay gave a session an id that can't be one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a session id of 1 to 64 letters, digits, hyphens and underscores")]
pub struct InvalidSessionId;

impl SessionId {
    /// Reads an id.
    ///
    /// # Errors
    /// Any other text.
    pub fn parse(text: &str) -> Result<Self, InvalidSessionId> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
        if (1..=64).contains(&text.len()) && text.bytes().all(allowed) {
            Ok(Self(text.into()))
        } else {
            Err(InvalidSessionId)
        }
    }

    /// Returns the id's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A session's address: the viewer's base URL, `/s/`, the id. It holds no secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionUrl(String);

impl SessionUrl {
    /// Builds the address under a base URL of ours, such as `https://relay.example`.
    pub fn new(base: &str, session: &SessionId) -> Self {
        let base = base.trim_end_matches('/');
        Self(format!("{base}/s/{}", session.as_str()))
    }

    /// Returns the address without a fragment.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the link for the human: the only place where the secret leaves the agent.
    pub fn with(&self, link: &Link) -> Zeroizing<String> {
        let fragment = link.to_fragment();
        let mut url = Zeroizing::new(String::with_capacity(self.0.len() + 1 + fragment.len()));
        url.push_str(&self.0);
        url.push('#');
        url.push_str(&fragment);
        url
    }

    /// Tells whether the relay means the same address: one that differs at most in the fragment.
    pub fn is_also(&self, answered: &str) -> bool {
        let parse = |text| {
            let mut url = Url::parse(text).ok()?;
            url.set_fragment(None);
            Some(url)
        };
        parse(&self.0).is_some_and(|ours| parse(answered) == Some(ours))
    }
}

/// A whole link as a viewer was given it. No `Debug`: it holds the secret.
pub struct ViewerLink {
    /// The session.
    pub session: SessionId,
    /// The WebSocket to open: without a query, a fragment or credentials.
    pub stream_url: String,
    /// What the fragment holds.
    pub link: Link,
}

impl ViewerLink {
    /// Reads a link.
    ///
    /// # Errors
    /// Anything a viewer must not connect with. A burnt link is burnt whatever else is wrong.
    pub fn parse(url: &str) -> Result<Self, BadLink> {
        let url = Url::parse(url).map_err(|_| BadLink::NotASession)?;
        if url.path().contains("%23") || url.query().is_some_and(|query| query.contains("%23")) {
            return Err(BadLink::Burnt);
        }
        let stream = match url.scheme() {
            "https" => "wss",
            "http" => "ws",
            _ => return Err(BadLink::NotASession),
        };
        let (base, id) = url.path().rsplit_once("/s/").ok_or(BadLink::NotASession)?;
        let session = SessionId::parse(id).map_err(|_| BadLink::NotASession)?;
        let host = url.host_str().ok_or(BadLink::NotASession)?;
        let port = url.port().map_or(String::new(), |port| format!(":{port}"));
        let stream_url = format!("{stream}://{host}{port}{base}/stream/{}", session.as_str());
        Ok(Self {
            session,
            stream_url,
            link: Link::parse(url.fragment().unwrap_or_default())?,
        })
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString as _;

    use super::*;

    const FRAGMENT: &str = "2.AxBQHNWVV_gX579XBMOteOxFA81VQQwQwbtRCYjcclCUoRnYTMWQyWFawnwE6GLJZQ";

    fn why(url: &str) -> Option<BadLink> {
        ViewerLink::parse(url).err()
    }

    #[test]
    fn an_id_is_short_and_plain() {
        for id in ["a", "sess_0-Z", &"x".repeat(64)] {
            assert_eq!(SessionId::parse(id).expect("an id").as_str(), id);
        }
        for id in ["", "a b", "a/b", "a.b", "é", "a#", "%23", &"x".repeat(65)] {
            assert_eq!(SessionId::parse(id), Err(InvalidSessionId), "{id}");
        }
    }

    #[test]
    fn a_link_leads_to_the_stream_beside_it() {
        for (page, stream) in [
            ("https://relay.example/s/x", "wss://relay.example/stream/x"),
            ("http://127.0.0.1:8080/s/x", "ws://127.0.0.1:8080/stream/x"),
            ("http://[::1]:8080/s/x", "ws://[::1]:8080/stream/x"),
            ("https://a.example/b/s/x", "wss://a.example/b/stream/x"),
            ("https://u:p@a.example/s/x?q=1", "wss://a.example/stream/x"),
        ] {
            let url = format!("{page}#{FRAGMENT}");
            let read = ViewerLink::parse(&url).expect("a link");
            assert_eq!(read.stream_url, stream);
            assert_eq!(read.session.as_str(), "x");
            assert_eq!(*read.link.to_fragment(), FRAGMENT);
        }
    }

    #[test]
    fn what_the_agent_builds_a_viewer_reads() {
        let session = SessionId::parse("sess_1").expect("an id");
        let link = Link::parse(FRAGMENT).expect("a link");
        for base in ["https://relay.example", "https://relay.example/"] {
            let url = SessionUrl::new(base, &session);
            assert_eq!(url.as_str(), "https://relay.example/s/sess_1");
            let read = ViewerLink::parse(&url.with(&link)).expect("a link");
            assert_eq!(read.session, session);
            assert_eq!(*read.link.to_fragment(), FRAGMENT);
        }
    }

    #[test]
    fn a_link_whose_hash_was_escaped_is_burnt() {
        for url in [
            format!("https://a.example/s/x%23{FRAGMENT}"),
            format!("https://a.example/s/x%23{FRAGMENT}#{FRAGMENT}"),
            format!("https://a.example/s/x?u=%23{FRAGMENT}"),
        ] {
            assert_eq!(why(&url), Some(BadLink::Burnt), "{url}");
        }
    }

    #[test]
    fn a_link_without_a_fragment_is_incomplete() {
        for url in ["https://a.example/s/x", "https://a.example/s/x#"] {
            assert_eq!(why(url), Some(BadLink::Incomplete));
        }
    }

    #[test]
    fn other_addresses_are_no_session() {
        for page in [
            "",
            "x",
            "ftp://a.example/s/x",
            "data:/s/x",
            "https://a.example/",
            "https://a.example/x",
            "https://a.example/s/",
            "https://a.example/s/x/",
            "https://a.example/s/x%20y",
        ] {
            let url = format!("{page}#{FRAGMENT}");
            assert_eq!(why(&url), Some(BadLink::NotASession), "{url}");
        }
    }

    #[test]
    fn a_relay_may_differ_in_the_fragment_and_nothing_else() {
        let session = SessionId::parse("x").expect("an id");
        let ours = SessionUrl::new("https://a.example", &session);
        for same in [
            "https://a.example/s/x",
            "https://a.example:443/s/x",
            "https://a.example/s/x#1.abc",
        ] {
            assert!(ours.is_also(same), "{same}");
        }
        for foreign in [
            "",
            "http://a.example/s/x",
            "https://b.example/s/x",
            "https://a.example:8443/s/x",
            "https://a.example/s/y",
            "https://a.example/s/x?",
            "https://a.example/s/x/",
            "https://u@a.example/s/x",
            "https://a.example@b.example/s/x",
        ] {
            assert!(!ours.is_also(foreign), "{foreign}");
        }
        assert!(!SessionUrl::new("nonsense", &session).is_also("nonsense/s/x"));
        assert_eq!(ours.as_str().to_string(), "https://a.example/s/x");
    }
}
