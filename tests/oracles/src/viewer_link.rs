//! A whole link (§1, §3): what a viewer dials leads to the page's own host, and carries no secret.

use arbitrary::{Arbitrary as _, Unstructured};
use authloop_core::crypto::v2::{BadLink, Link, SessionId, SessionUrl, ViewerLink};
use url::Url;

const FRAGMENT: &str = "2.AxBQHNWVV_gX579XBMOteOxFA81VQQwQwbtRCYjcclCUoRnYTMWQyWFawnwE6GLJZQ";

/// Reads the bytes as a link, as a page's address with a good fragment, or as a relay's answer.
pub fn check(data: &[u8]) {
    let mut script = Unstructured::new(data);
    let way = u8::arbitrary(&mut script).unwrap_or_default();
    let Ok(text) = core::str::from_utf8(script.take_rest()) else {
        return;
    };
    match way % 4 {
        0 => reads(text),
        1 => reads(&format!("{text}#{FRAGMENT}")),
        2 => builds(text),
        _ => compares(text),
    }
}

fn reads(text: &str) {
    match ViewerLink::parse(text) {
        Ok(read) => {
            let page = Url::parse(text).expect("a link is a URL");
            let stream = Url::parse(&read.stream_url).expect("a stream is a URL");
            let scheme = if page.scheme() == "https" {
                "wss"
            } else {
                "ws"
            };
            assert_eq!(stream.scheme(), scheme);
            assert_eq!((stream.host(), stream.port()), (page.host(), page.port()));
            assert_eq!((stream.query(), stream.fragment()), (None, None));
            assert_eq!((stream.username(), stream.password()), ("", None));
            let id = read.session.as_str();
            assert!(stream.path().ends_with(&format!("/stream/{id}")));
            assert!(page.path().ends_with(&format!("/s/{id}")));
            let fragment = read.link.to_fragment();
            assert_eq!(Some(fragment.as_str()), page.fragment());
            assert!(!read.stream_url.contains(fragment.as_str()));
        }
        Err(BadLink::Burnt) => {
            let page = Url::parse(text).expect("a link is a URL");
            assert!(page.as_str().contains("%23"));
        }
        Err(_) => {}
    }
}

/// What an agent builds under any base, a viewer reads.
fn builds(base: &str) {
    let Ok(url) = Url::parse(base) else { return };
    let plain = matches!(url.scheme(), "http" | "https")
        && url.query().is_none()
        && url.fragment().is_none()
        && !base.contains(['%', '?', '#'])
        // What a reader trims from an end isn't trimmed from the middle.
        && base.bytes().all(|byte| byte.is_ascii_graphic());
    if !plain {
        return;
    }
    let id = SessionId::parse("sess_1").expect("an id");
    let link = Link::parse(FRAGMENT).expect("a link");
    let ours = SessionUrl::new(base, &id);
    let read = ViewerLink::parse(&ours.with(&link)).expect("what we build, we read");
    assert_eq!(read.session, id);
    assert!(ours.is_also(ours.as_str()));
}

/// A relay's answer counts as ours only if it leads to the same page.
fn compares(answered: &str) {
    let id = SessionId::parse("sess_1").expect("an id");
    let ours = SessionUrl::new("https://relay.example", &id);
    if ours.is_also(answered) {
        let mut answered = Url::parse(answered).expect("it was compared");
        answered.set_fragment(None);
        assert_eq!(answered.as_str(), ours.as_str());
    }
    if let Ok(id) = SessionId::parse(answered) {
        assert!((1..=64).contains(&id.as_str().len()));
        assert!(Url::parse(SessionUrl::new("https://a.example", &id).as_str()).is_ok());
    }
}
