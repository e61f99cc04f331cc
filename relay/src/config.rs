//! What a relay is started with.

use std::{io, net::SocketAddr, path::PathBuf, time::Duration};

use crate::keys::{ApiKeys, RandomUnavailable};

/// What a relay is started with.
#[derive(Clone, Debug)]
pub struct RelayConfig {
    /// Where to listen; port 0 takes a free one.
    pub listen: SocketAddr,
    /// The `http(s)://host[:port]` under which humans reach the relay. By default the address it
    /// listens on; on all interfaces, the one that leads outward.
    pub public_url: Option<String>,
    /// Where the `stream_url` for agents points.
    pub stream_base: StreamBase,
    /// Whether and how to speak TLS.
    pub tls: Tls,
    /// Who may create sessions; at least one key.
    pub api_keys: ApiKeys,
    /// Answer only requests whose `Host` is an IP address, localhost or one of the relay's own
    /// names: a page elsewhere must not reach an embedded relay by DNS rebinding.
    pub check_host: bool,
    /// Bounds on time and number.
    pub limits: Limits,
}

impl RelayConfig {
    /// Starts from the address and the keys; everything else has its default, no TLS.
    pub fn new(listen: SocketAddr, api_keys: ApiKeys) -> Self {
        Self {
            listen,
            public_url: None,
            stream_base: StreamBase::Public,
            tls: Tls::None,
            api_keys,
            check_host: false,
            limits: Limits::default(),
        }
    }
}

/// Where the `stream_url` for agents points.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StreamBase {
    /// To the public URL.
    Public,
    /// To the relay's own address on this machine: for an agent beside it, while humans come
    /// through a tunnel.
    Local,
    /// To this `http(s)://` or `ws(s)://` address.
    Url(String),
}

/// Whether and how to speak TLS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tls {
    /// Plain HTTP: on loopback, or behind a proxy or tunnel.
    None,
    /// A certificate made at start, for this machine's names and addresses.
    SelfSigned,
    /// PEM files.
    Files {
        /// The certificate chain, the relay's own first.
        cert: PathBuf,
        /// The private key.
        key: PathBuf,
    },
}

/// Bounds on time and number.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Sessions one key may create in a minute; as many may come at once.
    pub creations_per_minute: u32,
    /// Sessions of one key that may run at the same time.
    pub live_sessions_per_key: usize,
    /// TCP connections open at the same time; more wait in the kernel's queue.
    pub connections: usize,
    /// The largest message of a viewer, in bytes.
    pub viewer_message: usize,
    /// The largest message of an agent, in bytes.
    pub agent_message: usize,
    /// How long a socket may be silent before it is pinged.
    pub ping_after: Duration,
    /// How long it may then stay silent before it counts as lost.
    pub pong_within: Duration,
    /// How long one write may stay pending before the socket counts as lost.
    pub write_within: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            creations_per_minute: 60,
            live_sessions_per_key: 200,
            connections: 1024,
            viewer_message: 256 * 1024,
            agent_message: 16 * 1024 * 1024,
            ping_after: Duration::from_secs(15),
            pong_within: Duration::from_secs(30),
            write_within: Duration::from_secs(10),
        }
    }
}

/// Why a relay didn't start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// There is no API key.
    #[error("expected at least one API key, got none")]
    NoApiKey,
    /// The address is taken or isn't ours.
    #[error("can't listen on {address}")]
    Listen {
        /// The address asked for.
        address: SocketAddr,
        /// What the operating system said.
        source: io::Error,
    },
    /// A base URL isn't one.
    #[error("{what}: expected a URL such as https://relay.example, without path, query or user")]
    Url {
        /// Which setting.
        what: &'static str,
    },
    /// A certificate or key file can't be read.
    #[error("can't read {path}")]
    ReadPem {
        /// The file.
        path: PathBuf,
        /// What went wrong.
        source: rustls::pki_types::pem::Error,
    },
    /// A certificate and its key don't fit, or no certificate could be made.
    #[error("the TLS certificate can't be used: {0}")]
    Certificate(String),
    /// The operating system gave no random bytes.
    #[error(transparent)]
    Random(#[from] RandomUnavailable),
}
