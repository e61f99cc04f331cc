//! Where a URL leads, and what `Host` says on the way.

use std::net::{IpAddr, SocketAddr, ToSocketAddrs as _};

use authloop_core::agent::io::{ConnectFailure, HostHeader, Peer};
use url::{Host, Url};

/// A server, found.
pub(crate) struct Address {
    /// The URL, with the server's IP address for its name: nobody resolves it again.
    pub(crate) url: Url,
    /// Where to connect to.
    pub(crate) at: SocketAddr,
    /// The `Host` header.
    pub(crate) host: String,
}

impl Address {
    /// Resolves a `ws://` or `http://` URL to the first address of its host.
    pub(crate) fn find(peer: Peer, url: &str, host: HostHeader) -> Result<Self, ConnectFailure> {
        let mut url = Url::parse(url).map_err(|_| ConnectFailure::InvalidUrl)?;
        if !matches!(url.scheme(), "ws" | "http") {
            return Err(ConnectFailure::Tls);
        }
        let port = url.port_or_known_default();
        let (Some(name), Some(port)) = (url.host(), port) else {
            return Err(ConnectFailure::InvalidUrl);
        };
        let at = resolve(&name, port)?;
        if peer == Peer::Browser && is_link_local(at.ip()) {
            return Err(ConnectFailure::Forbidden);
        }
        let host = match host {
            HostHeader::Name => format!("{name}:{port}"),
            HostHeader::Address => at.to_string(),
        };
        url.set_ip_host(at.ip())
            .map_err(|()| ConnectFailure::InvalidUrl)?;
        Ok(Self { url, at, host })
    }
}

fn resolve(name: &Host<&str>, port: u16) -> Result<SocketAddr, ConnectFailure> {
    let found = match name {
        Host::Ipv4(ip) => return Ok(SocketAddr::from((*ip, port))),
        Host::Ipv6(ip) => return Ok(SocketAddr::from((*ip, port))),
        Host::Domain(name) => (*name, port).to_socket_addrs(),
    };
    found
        .ok()
        .and_then(|mut found| found.next())
        .ok_or(ConnectFailure::Unresolved)
}

/// Clouds keep credentials at such addresses, and the browser's address may be anybody's word.
fn is_link_local(ip: IpAddr) -> bool {
    match ip.to_canonical() {
        IpAddr::V4(ip) => ip.is_link_local(),
        IpAddr::V6(ip) => ip.is_unicast_link_local(),
    }
}
