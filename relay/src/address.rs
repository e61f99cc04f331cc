//! The relay's names: where it listens, what humans open, where agents stream to, and which `Host`
//! headers are its own.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};

use url::{Host, Url};

use crate::config::{StartError, StreamBase, Tls};

/// The relay's names, fixed at start.
#[derive(Clone, Debug)]
pub(crate) struct Addresses {
    /// Where it listens.
    pub(crate) local: SocketAddr,
    /// `http(s)://` for whoever is on this machine.
    pub(crate) base_url: String,
    /// `http(s)://` for humans.
    pub(crate) public_url: String,
    /// `ws(s)://` for agents.
    pub(crate) stream_base: String,
    /// The host names that are ours, lower case, besides IP addresses and localhost.
    names: Vec<String>,
}

impl Addresses {
    pub(crate) fn new(
        local: SocketAddr,
        public_url: Option<&str>,
        stream_base: &StreamBase,
        tls: &Tls,
    ) -> Result<Self, StartError> {
        let scheme = match tls {
            Tls::None => "http",
            Tls::SelfSigned | Tls::Files { .. } => "https",
        };
        let base_url = format!("{scheme}://{}", on_this_machine(local));
        let public_url = match public_url {
            Some(url) => origin("public URL", url, &["http", "https"])?,
            None if local.ip().is_unspecified() => {
                let ip = outward_address().unwrap_or_else(|| on_this_machine(local).ip());
                format!("{scheme}://{}", SocketAddr::new(ip, local.port()))
            }
            None => base_url.clone(),
        };
        let stream_base = match stream_base {
            StreamBase::Public => public_url.clone(),
            StreamBase::Local => base_url.clone(),
            StreamBase::Url(url) => {
                origin("stream base URL", url, &["http", "https", "ws", "wss"])?
            }
        };
        let names = [&public_url, &stream_base]
            .into_iter()
            .filter_map(|url| {
                Url::parse(url)
                    .ok()?
                    .host_str()
                    .map(str::to_ascii_lowercase)
            })
            .collect();
        Ok(Self {
            local,
            base_url,
            public_url,
            stream_base: to_websocket(&stream_base),
            names,
        })
    }

    /// Tells whether the humans' URL leads to the human's own computer.
    pub(crate) fn is_loopback_only(&self) -> bool {
        match Url::parse(&self.public_url).as_ref().map(Url::host) {
            Ok(Some(Host::Domain(name))) => is_localhost(name),
            Ok(Some(Host::Ipv4(ip))) => ip.is_loopback(),
            Ok(Some(Host::Ipv6(ip))) => ip.is_loopback(),
            Ok(None) | Err(_) => false,
        }
    }

    /// Tells whether a `Host` header names this relay: an IP address, localhost, or a name of ours.
    pub(crate) fn is_own_host(&self, header: &str) -> bool {
        match Url::parse(&format!("http://{header}/"))
            .as_ref()
            .map(Url::host)
        {
            Ok(Some(Host::Ipv4(_) | Host::Ipv6(_))) => true,
            Ok(Some(Host::Domain(name))) => {
                is_localhost(name) || self.names.iter().any(|own| own == name)
            }
            Ok(None) | Err(_) => false,
        }
    }

    /// The names and addresses a certificate for this relay should hold.
    pub(crate) fn subject_names(&self) -> Vec<String> {
        let mut names = vec!["localhost".to_owned(), "127.0.0.1".into(), "::1".into()];
        let more = [Some(self.local.ip()), outward_address()]
            .into_iter()
            .flatten()
            .filter(|ip| !ip.is_unspecified())
            .map(|ip| ip.to_string());
        let own = self
            .names
            .iter()
            .map(|name| name.trim_matches(['[', ']']).to_owned());
        for name in more.chain(own) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }
}

/// The address under which this machine reaches a listener of its own.
fn on_this_machine(local: SocketAddr) -> SocketAddr {
    let ip = match local.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip @ (IpAddr::V4(_) | IpAddr::V6(_)) => ip,
    };
    SocketAddr::new(ip, local.port())
}

/// The address that leads outward, by the routing table: connecting a UDP socket sends nothing.
fn outward_address() -> Option<IpAddr> {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).ok()?;
    // An address of RFC 5737, which belongs to nobody.
    socket.connect((Ipv4Addr::new(192, 0, 2, 1), 9)).ok()?;
    let ip = socket.local_addr().ok()?.ip();
    (!ip.is_unspecified()).then_some(ip)
}

fn is_localhost(name: &str) -> bool {
    name == "localhost" || name.ends_with(".localhost")
}

/// Reads a base URL and writes it without a trailing slash.
fn origin(what: &'static str, url: &str, schemes: &[&str]) -> Result<String, StartError> {
    let invalid = || StartError::Url { what };
    let parsed = Url::parse(url).map_err(|_| invalid())?;
    let is_plain = parsed.path() == "/"
        && parsed.query().is_none()
        && parsed.fragment().is_none()
        && parsed.username().is_empty()
        && parsed.password().is_none();
    if !is_plain || !schemes.contains(&parsed.scheme()) {
        return Err(invalid());
    }
    let host = parsed.host_str().ok_or_else(invalid)?;
    Ok(match parsed.port() {
        Some(port) => format!("{}://{host}:{port}", parsed.scheme()),
        None => format!("{}://{host}", parsed.scheme()),
    })
}

fn to_websocket(url: &str) -> String {
    match url.strip_prefix("http") {
        Some(rest) => format!("ws{rest}"),
        None => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addresses(local: &str, public: Option<&str>, stream: StreamBase, tls: Tls) -> Addresses {
        Addresses::new(local.parse().expect("an address"), public, &stream, &tls)
            .expect("valid settings")
    }

    #[test]
    fn loopback_is_its_own_public_url() {
        let own = addresses("127.0.0.1:8420", None, StreamBase::Public, Tls::None);
        assert_eq!(own.base_url, "http://127.0.0.1:8420");
        assert_eq!(own.public_url, "http://127.0.0.1:8420");
        assert_eq!(own.stream_base, "ws://127.0.0.1:8420");
        assert!(own.is_loopback_only());
    }

    #[test]
    fn a_tunnel_is_for_humans_and_the_agent_stays_local() {
        let own = addresses(
            "0.0.0.0:8443",
            Some("https://relay.example/"),
            StreamBase::Local,
            Tls::SelfSigned,
        );
        assert_eq!(own.public_url, "https://relay.example");
        assert_eq!(own.stream_base, "wss://127.0.0.1:8443");
        assert!(!own.is_loopback_only());
        assert!(own.subject_names().contains(&"relay.example".to_owned()));
    }

    #[test]
    fn all_interfaces_are_reached_by_a_real_address() {
        let own = addresses("[::]:1", None, StreamBase::Public, Tls::None);
        assert_eq!(own.base_url, "http://[::1]:1");
        assert!(!own.public_url.contains("0.0.0.0"));
    }

    #[test]
    fn urls_that_are_more_or_less_than_an_origin_are_refused() {
        for url in [
            "relay.example",
            "ftp://relay.example",
            "https://relay.example/path",
            "https://relay.example/?q",
            "https://user@relay.example",
            "https://",
        ] {
            let refused = Addresses::new(
                SocketAddr::from(([127, 0, 0, 1], 1)),
                Some(url),
                &StreamBase::Public,
                &Tls::None,
            );
            assert!(matches!(refused, Err(StartError::Url { .. })), "{url}");
        }
    }

    #[test]
    fn only_addresses_and_own_names_are_own_hosts() {
        let own = addresses(
            "127.0.0.1:1",
            Some("https://Relay.example"),
            StreamBase::Public,
            Tls::None,
        );
        for host in [
            "127.0.0.1:8420",
            "[::1]:8420",
            "192.168.1.7",
            "localhost:1",
            "LOCALHOST",
            "relay.example",
            "RELAY.example:443",
        ] {
            assert!(own.is_own_host(host), "{host}");
        }
        for host in [
            "",
            "evil.example",
            "relay.example.evil.example",
            "127.0.0.1.evil.example",
            "evil.example/@localhost",
            "localhost@evil.example",
        ] {
            assert!(!own.is_own_host(host), "{host}");
        }
    }
}
