//! Finding the browser: what its endpoint answers never leads anywhere but a WebSocket, nor to a target
//! that is no page.

use arbitrary::{Arbitrary as _, Unstructured};
use authloop_core::cdp::discovery::{
    BrowserAddress, Candidate as _, choose_page, endpoint, origin, parse_list, parse_version,
    reachable,
};
use url::Url;

/// Reads the bytes as an address that was asked and what answered there.
pub fn check(data: &[u8]) {
    let mut script = Unstructured::new(data);
    let by_address = bool::arbitrary(&mut script).unwrap_or_default();
    let Ok(text) = core::str::from_utf8(script.take_rest()) else {
        return;
    };
    let (address, body) = text
        .split_once('\n')
        .unwrap_or(("http://127.0.0.1:9222", text));
    let _origin = origin(address);
    let asked = match BrowserAddress::parse(address) {
        Ok(BrowserAddress::Http(asked)) => asked,
        Ok(BrowserAddress::WebSocket(url)) => {
            assert!(matches!(url.scheme(), "ws" | "wss") && url.host().is_some());
            return;
        }
        Err(_) => return,
    };
    assert!(matches!(asked.scheme(), "http" | "https"));
    for path in ["/json", "/json/version"] {
        let at = endpoint(&asked, path);
        assert!(at.path().ends_with(path));
        assert_eq!(
            (at.host(), at.port(), at.query()),
            (asked.host(), asked.port(), asked.query())
        );
        assert_eq!(at.fragment(), None);
    }
    let listed = parse_list(body.as_bytes()).unwrap_or_default();
    for wanted in [None, Some(address), Some("https://a.example/x")] {
        let chosen = choose_page(&listed, wanted);
        assert_eq!(
            chosen.is_some(),
            listed.iter().any(|listed| listed.kind() == "page")
        );
        assert!(chosen.is_none_or(|chosen| chosen.kind() == "page"));
    }
    let sockets = listed
        .iter()
        .filter_map(|listed| listed.web_socket_debugger_url.clone());
    for listed in sockets.chain(parse_version(body.as_bytes())) {
        leads(&listed, &asked, by_address);
    }
    leads(body, &asked, by_address);
}

fn leads(listed: &str, asked: &Url, by_address: bool) {
    let Some(url) = reachable(listed, asked, by_address) else {
        return;
    };
    assert!(matches!(url.scheme(), "ws" | "wss"));
    let named = Url::parse(listed).expect("it was read");
    let is_asked = url.host() == asked.host() && url.port() == asked.port();
    assert!(is_asked || url == named, "it leads to neither");
}
