//! Reads the URLs the machine asks for, and says which IP addresses are never allowed.
//!
//! Must never log or show what it reads: queries and user names hold tokens.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use authloop_core::agent::io::{ConnectFailure, Peer};
use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use hyper::http::{Uri, uri::Authority};

/// Where a URL points. No `Debug`: it holds the query and credentials.
pub(crate) struct Address {
    /// The URL.
    pub(crate) uri: Uri,
    /// Whether it is reached by TLS.
    pub(crate) secure: bool,
    /// The host: a name, or an IP address without brackets.
    pub(crate) host: String,
    /// The port, the scheme's own if the URL has none.
    pub(crate) port: u16,
    /// What `Host` says by default: the URL's host and port, as they are spelled.
    pub(crate) host_and_port: String,
    /// `Authorization: Basic …`, if the URL has a user name: some browser providers ask for it.
    pub(crate) basic: Option<String>,
}

impl Address {
    /// Reads a `ws://` or `wss://` URL.
    pub(crate) fn of_websocket(url: &str) -> Result<Self, ConnectFailure> {
        Self::parse(url, "ws", "wss")
    }

    /// Reads an `http://` or `https://` URL.
    pub(crate) fn of_http(url: &str) -> Result<Self, ConnectFailure> {
        Self::parse(url, "http", "https")
    }

    fn parse(url: &str, plain: &str, secure: &str) -> Result<Self, ConnectFailure> {
        let uri: Uri = url.parse().map_err(|_| ConnectFailure::InvalidUrl)?;
        let secure = match uri.scheme_str() {
            Some(scheme) if scheme == plain => false,
            Some(scheme) if scheme == secure => true,
            _ => return Err(ConnectFailure::InvalidUrl),
        };
        let authority = uri.authority().ok_or(ConnectFailure::InvalidUrl)?;
        let (credentials, host_and_port) = split_authority(authority);
        let host = authority.host();
        let host = host
            .strip_prefix('[')
            .and_then(|host| host.strip_suffix(']'))
            .unwrap_or(host);
        if host.is_empty() {
            return Err(ConnectFailure::InvalidUrl);
        }
        // `port_u16` is `None` for `host:` and for numbers no port can have.
        let port = match authority.port_u16() {
            Some(port) => port,
            None if authority.host().len() < host_and_port.len() => {
                return Err(ConnectFailure::InvalidUrl);
            }
            None if secure => 443,
            None => 80,
        };
        Ok(Self {
            secure,
            host: host.to_owned(),
            port,
            host_and_port: host_and_port.to_owned(),
            basic: credentials.map(basic),
            uri,
        })
    }
}

/// Tells whether an address is out of bounds for a peer, whatever name led to it.
///
/// A browser's address comes from whoever talks to the AI agent; link-local addresses and their kin
/// are where clouds keep credentials. The relay's address is the user's own configuration.
pub(crate) fn is_forbidden(peer: Peer, ip: IpAddr) -> bool {
    match peer {
        Peer::Browser => match ip {
            IpAddr::V4(ip) => keeps_credentials(ip),
            IpAddr::V6(ip) => keeps_credentials_v6(ip),
        },
        Peer::Relay => false,
    }
}

/// Link-local addresses, and the metadata services that clouds keep elsewhere: Alibaba's, Azure's
/// and Oracle's.
fn keeps_credentials(ip: Ipv4Addr) -> bool {
    const ELSEWHERE: [Ipv4Addr; 3] = [
        Ipv4Addr::new(100, 100, 100, 200),
        Ipv4Addr::new(168, 63, 129, 16),
        Ipv4Addr::new(192, 0, 0, 192),
    ];
    ip.is_link_local() || ELSEWHERE.contains(&ip)
}

fn keeps_credentials_v6(ip: Ipv6Addr) -> bool {
    let [a, b, c, d, e, f, g, h] = ip.segments();
    let v4 = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        keeps_credentials(Ipv4Addr::new(a, b, c, d))
    };
    match (a, b) {
        // The metadata services of two clouds: fd00:ec2::/32 and fd20:ce::/32.
        (0xfd00, 0x0ec2) | (0xfd20, 0x00ce) => true,
        // 6to4: the IPv4 address follows the prefix.
        (0x2002, _) => v4(b, c),
        // NAT64.
        (0x0064, 0xff9b) => v4(g, h),
        // IPv4-mapped, -compatible and -translated.
        (0, 0) => [c, d] == [0, 0] && matches!((e, f), (0 | 0xffff, 0) | (0, 0xffff)) && v4(g, h),
        _ => ip.is_unicast_link_local(),
    }
}

/// Parts `user:password@host:port` at the last `@`.
fn split_authority(authority: &Authority) -> (Option<&str>, &str) {
    match authority.as_str().rsplit_once('@') {
        Some((credentials, rest)) => (Some(credentials), rest),
        None => (None, authority.as_str()),
    }
}

/// Makes the header of RFC 7617 out of a URL's user information.
fn basic(credentials: &str) -> String {
    let (user, password) = credentials.split_once(':').unwrap_or((credentials, ""));
    let mut plain = percent_decoded(user);
    plain.push(b':');
    plain.extend(percent_decoded(password));
    format!("Basic {}", BASE64.encode(plain))
}

fn percent_decoded(text: &str) -> Vec<u8> {
    let digit = |byte: Option<&u8>| byte.and_then(|&byte| char::from(byte).to_digit(16));
    let mut bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    while let Some((&byte, rest)) = bytes.split_first() {
        let escaped = match (byte, digit(rest.first()), digit(rest.get(1))) {
            (b'%', Some(high), Some(low)) => u8::try_from(high * 16 + low).ok(),
            _ => None,
        };
        decoded.push(escaped.unwrap_or(byte));
        bytes = escaped.and_then(|_| rest.get(2..)).unwrap_or(rest);
    }
    decoded
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(url: &str) -> Address {
        match Address::of_websocket(url) {
            Ok(address) => address,
            Err(failure) => unreachable!("{url}: {failure}"),
        }
    }

    #[test]
    fn ports_default_to_the_schemes_own() {
        assert_eq!(read("ws://browser/devtools").port, 80);
        assert_eq!(read("wss://browser").port, 443);
        assert_eq!(read("wss://browser:9222/?token=x").port, 9222);
    }

    #[test]
    fn the_host_header_is_the_urls_host_and_port() {
        assert_eq!(read("ws://Browser:9222/a?b").host_and_port, "Browser:9222");
        assert_eq!(read("ws://user:secret@browser/").host_and_port, "browser");
        let address = read("ws://[::1]:9222/");
        assert_eq!(
            (address.host.as_str(), address.host_and_port.as_str()),
            ("::1", "[::1]:9222")
        );
    }

    #[test]
    fn user_information_becomes_basic_credentials() {
        assert_eq!(
            read("wss://us%65r:p%40ss%zz@browser/").basic.as_deref(),
            Some(format!("Basic {}", BASE64.encode("user:p@ss%zz")).as_str())
        );
        assert_eq!(read("wss://browser/").basic, None);
    }

    #[test]
    fn what_is_not_a_websocket_url_is_refused() {
        for url in [
            "",
            "browser:9222",
            "/devtools",
            "http://browser/",
            "file:///etc/passwd",
            "ws://",
            "ws:///x",
            "ws://:9222/",
            "ws://host:/",
            "ws://host:99999/",
            "ws://host:port/",
            "ws://ho st/",
        ] {
            assert!(Address::of_websocket(url).is_err(), "{url}");
        }
        assert!(Address::of_http("ws://browser/").is_err());
    }

    #[test]
    fn link_local_addresses_and_their_kin_are_out_of_bounds_for_browsers() {
        for ip in [
            "169.254.169.254",
            "169.254.0.1",
            "100.100.100.200",
            "168.63.129.16",
            "192.0.0.192",
            "::ffff:100.100.100.200",
            "fe80::1",
            "febf::1",
            "fd00:ec2::254",
            "fd20:ce::254",
            "::ffff:169.254.169.254",
            "::169.254.169.254",
            "::ffff:0:169.254.169.254",
            "64:ff9b::169.254.169.254",
            "2002:a9fe:a9fe::1",
        ] {
            let ip: IpAddr = ip.parse().expect("an address");
            assert!(is_forbidden(Peer::Browser, ip), "{ip}");
            assert!(!is_forbidden(Peer::Relay, ip), "{ip}");
        }
    }

    #[test]
    fn other_addresses_are_fine() {
        for ip in [
            "127.0.0.1",
            "10.0.0.1",
            "100.100.100.100",
            "192.168.169.254",
            "::1",
            "::ffff:127.0.0.1",
            "fd00::1",
            "fec0::1",
            "2001:db8::a9fe:a9fe",
        ] {
            let ip: IpAddr = ip.parse().expect("an address");
            assert!(!is_forbidden(Peer::Browser, ip), "{ip}");
        }
    }
}
