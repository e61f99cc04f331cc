//! Addresses: the scheme, the port and the kind of host stay; hosts, paths, queries and fragments become
//! names. So two addresses have the same origin, path or query in a trace if they had before.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

use super::names::{Names, What};

/// Schemes that may be told.
const SCHEMES: [&str; 9] = [
    "http", "https", "ws", "wss", "about", "chrome", "data", "blob", "file",
];

/// The part of a path that every session's link has.
const SESSION_PART: &str = "s";

/// Redacts an address. What isn't one comes out as something that isn't one either.
pub(super) fn address(names: &mut Names, text: &str) -> String {
    // `host:port`, as browsers' addresses may be given: `http` is meant.
    let (text, is_short) = match text.trim() {
        text if text.contains("://") || is_opaque(text) => (text.to_owned(), false),
        text => (format!("http://{text}"), true),
    };
    match Url::parse(&text) {
        Ok(url) => {
            let redacted = readable(names, &url);
            match redacted.strip_prefix("http://") {
                Some(short) if is_short => short.to_owned(),
                _ => redacted,
            }
        }
        Err(_) => "::".to_owned(),
    }
}

/// Redacts an address that somebody else named: relative ones are none.
pub(super) fn foreign(names: &mut Names, text: &str) -> String {
    let is_plain = text.chars().all(|c| c.is_ascii_graphic());
    match Url::parse(text) {
        Ok(url) if is_plain => readable(names, &url),
        Ok(url) => format!("{} ", readable(names, &url)),
        Err(_) => "::".to_owned(),
    }
}

fn is_opaque(text: &str) -> bool {
    Url::parse(text).is_ok_and(|url| url.cannot_be_a_base() && SCHEMES.contains(&url.scheme()))
}

fn readable(names: &mut Names, url: &Url) -> String {
    let scheme = Some(url.scheme()).filter(|scheme| SCHEMES.contains(scheme));
    let mut text = format!("{}:", scheme.unwrap_or("other"));
    if url.cannot_be_a_base() {
        text.push_str(&names.long(What::Segment, 'p', url.path()));
    } else {
        text.push_str("//");
        if let Some(host) = url.host() {
            text.push_str(&redacted_host(names, &host));
        }
        if let Some(port) = url.port() {
            text.push_str(&format!(":{port}"));
        }
        for part in url.path().split('/').skip(1) {
            text.push('/');
            if !part.is_empty() {
                text.push_str(&segment(names, part));
            }
        }
    }
    for (sign, part) in [('?', url.query()), ('#', url.fragment())] {
        if let Some(part) = part {
            text.push(sign);
            text.push_str(&names.long(What::Query, 'q', part));
        }
    }
    text
}

/// Redacts a part of a path, or what becomes one.
pub(super) fn segment(names: &mut Names, part: &str) -> String {
    if part == SESSION_PART {
        return part.to_owned();
    }
    let mut named = names.long(What::Segment, 'p', part);
    // These decide whether it can be a session's id: in version 2, or at all.
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if !part.chars().all(is_plain) || part.starts_with('.') {
        named.push('!');
    } else if part.contains('.') {
        named.push('.');
    }
    named
}

fn redacted_host(names: &mut Names, host: &Host<&str>) -> String {
    let number = |names: &mut Names, host: &str| {
        let number = names.number(What::Host, host.as_bytes());
        // Names are few: more than fit look alike.
        u8::try_from(number).unwrap_or(u8::MAX)
    };
    match host {
        Host::Domain(name) if *name == "localhost" || name.ends_with(".localhost") => {
            "localhost".to_owned()
        }
        Host::Domain(name) => names.long(What::Host, 'h', name),
        Host::Ipv4(ip) if ip.is_loopback() || ip.is_unspecified() => ip.to_string(),
        Host::Ipv4(ip) => {
            let last = number(names, &ip.to_string());
            IpAddr::from(Ipv4Addr::new(192, 0, 2, last)).to_string()
        }
        Host::Ipv6(ip) if is_here(*ip) => format!("[{ip}]"),
        Host::Ipv6(ip) => {
            let last = u16::from(number(names, &ip.to_string()));
            format!("[{}]", Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, last))
        }
    }
}

fn is_here(ip: Ipv6Addr) -> bool {
    let ip = IpAddr::from(ip).to_canonical();
    ip.is_loopback() || ip.is_unspecified()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_host_path_query_or_fragment_is_left() {
        let mut names = Names::default();
        let mut told = |text| foreign(&mut names, text);
        assert_eq!(
            told("https://bank.example:8443/login/user?token=t#top"),
            "https://h0xxxxxxxxxx:8443/p0xxx/p1xx?q0xxxxx#q1x"
        );
        assert_eq!(
            told("https://bank.example/login/other?token=t"),
            "https://h0xxxxxxxxxx/p0xxx/p2xxx?q0xxxxx"
        );
        assert_eq!(told("about:blank"), "about:p3xxx");
        assert_eq!(told("ws://203.0.113.9/"), "ws://192.0.2.1/");
        assert_eq!(told("ws://127.0.0.1:9222/"), "ws://127.0.0.1:9222/");
        assert_eq!(told("my-secret"), "::");
        assert_eq!(told("secret:stuff"), "other:p4xxx");
    }

    #[test]
    fn a_session_s_address_stays_one() {
        let mut names = Names::default();
        let id = segment(&mut names, "sess_1");
        let link = foreign(&mut names, "https://r.example/s/sess_1#2.secret");
        let base = address(&mut names, "https://r.example");
        assert_eq!(link, format!("{base}s/{id}#q0xxxxxx"));
    }

    #[test]
    fn a_browser_s_address_needs_no_scheme() {
        let mut names = Names::default();
        assert_eq!(address(&mut names, "localhost:9222"), "localhost:9222/");
        assert_eq!(address(&mut names, "browser:9222"), "h0xxxxx:9222/");
        assert_eq!(address(&mut names, ""), "::");
    }
}
