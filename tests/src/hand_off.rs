//! A whole hand-off inside the test: a relay, an agent, a tab, and viewers that join. The agent is
//! on tokio, the relay without TLS and the protocol's version 1, which the [`Viewer`] speaks, unless a
//! test wants it otherwise.

use std::{net::SocketAddr, path::Path, time::Duration};

use authloop_core::{
    agent::{
        config::{Config, Encryption, EndToEnd},
        event::{Outcome, SessionInfo, Status},
        io::Request,
    },
    api::Context,
    secret::ApiKey,
};
use authloop_driver::{CertificateDer, Handle, Options};
use authloop_relay::{ApiKeys, RelayConfig, RunningRelay, Tls, generate_api_key};
use authloop_tokio::Tokio;
use serde_json::Value;

use crate::{browser::Page, http, runtimes::Adapter, story::Version, viewer::Viewer, wait::soon};

/// A running hand-off.
pub struct HandOff {
    relay: RunningRelay,
    api_key: ApiKey,
    handle: Handle,
    session: SessionInfo,
}

impl HandOff {
    /// Hands a tab over, and waits until the link is there.
    pub async fn of(page: &Page) -> Self {
        Self::with(&page.browser_http_url(), Some(page.url())).await
    }

    /// Hands over a page of the browser at `cdp_url`, the one with address `page_url` if given,
    /// and waits until the link is there.
    pub async fn with(cdp_url: &str, page_url: Option<&str>) -> Self {
        Self::with_in(Version::V1, cdp_url, page_url).await
    }

    /// The same in a version of the protocol.
    pub async fn with_in(version: Version, cdp_url: &str, page_url: Option<&str>) -> Self {
        let config = config(cdp_url, page_url);
        Self::start_in::<Tokio>(version, start_relay().await, config).await
    }

    /// Hands a tab over in a version of the protocol, and waits until the link is there.
    pub async fn speaking(version: Version, page: &Page) -> Self {
        Self::with_in(version, &page.browser_http_url(), Some(page.url())).await
    }

    /// Hands a tab over in version 2, with the human's files kept in this folder, and waits until the link is
    /// there.
    pub async fn keeping_files_in(folder: &Path, page: &Page) -> Self {
        let config = config(&page.browser_http_url(), Some(page.url()));
        let options = Options::default().with_files_in(folder);
        Self::start_with::<Tokio>(Version::V2, start_relay().await, options, config).await
    }

    /// Hands a tab over for some seconds only, and waits until the link is there.
    pub async fn lasting(version: Version, page: &Page, seconds: u64) -> Self {
        let mut config = config(&page.browser_http_url(), Some(page.url()));
        config.ttl = Some(seconds);
        Self::start_in::<Tokio>(version, start_relay().await, config).await
    }

    /// Hands a tab over from another runtime, by a relay with a certificate of its own, and waits
    /// until the link is there. Viewers need a [`crate::tls_client::TlsClient`].
    pub async fn secure<A: Adapter>(version: Version, page: &Page) -> Self {
        let relay = start_relay_with(Tls::SelfSigned).await;
        let config = config(&page.browser_http_url(), Some(page.url()));
        Self::start_in::<A>(version, relay, config).await
    }

    async fn start_in<A: Adapter>(
        version: Version,
        relay: (RunningRelay, ApiKey),
        config: Config,
    ) -> Self {
        Self::start_with::<A>(version, relay, Options::default(), config).await
    }

    async fn start_with<A: Adapter>(
        version: Version,
        relay: (RunningRelay, ApiKey),
        options: Options,
        mut config: Config,
    ) -> Self {
        config.encryption = match version {
            Version::V1 => Encryption::V1,
            Version::V2 => Encryption::V2(EndToEnd {
                viewer_url: relay.0.base_url().to_owned(),
                pin: None,
            }),
        };
        let hand_off = Self::start::<A>(relay, options, config).await;
        assert_eq!(Version::of(hand_off.session_url()), version);
        hand_off
    }

    async fn start<A: Adapter>(
        (relay, api_key): (RunningRelay, ApiKey),
        options: Options,
        mut config: Config,
    ) -> Self {
        config.relay_url = relay.base_url().to_owned();
        config.api_key = api_key.clone();
        let handle = A::hand_off(
            options.with_extra_roots(certificate(&relay).into_iter().collect()),
            config,
        );
        let created = handle.wait_until(|status| status.session.is_some());
        let status = soon("the link", created).await;
        assert_eq!(status.outcome, None);
        let session = status.session.expect("the link is there");
        Self {
            relay,
            api_key,
            handle,
            session,
        }
    }

    /// Returns the link for the human.
    pub fn session_url(&self) -> &str {
        &self.session.session_url
    }

    /// Returns the address of the viewer's stream.
    pub fn stream_url(&self) -> String {
        self.stream_url_at(self.relay.local_addr())
    }

    /// Connects a viewer, exchanges keys and waits for the first picture.
    pub async fn viewer(&self) -> Viewer {
        let viewer = Viewer::connect(&self.stream_url()).await;
        viewer.exchange_keys().await;
        viewer
            .until("the first picture", |seen| seen.frames > 0)
            .await;
        viewer
    }

    /// Returns the address of the viewer's stream behind a proxy of the test's.
    pub fn stream_url_at(&self, address: SocketAddr) -> String {
        stream_url(&self.session, address)
    }

    /// Returns where the relay listens.
    pub fn relay_address(&self) -> SocketAddr {
        self.relay.local_addr()
    }

    /// Returns the relay's certificate, if it speaks TLS.
    pub fn certificate(&self) -> Option<CertificateDer<'static>> {
        certificate(&self.relay)
    }

    /// Returns the agent's state.
    pub fn status(&self) -> Status {
        self.handle.status()
    }

    /// Waits until the agent's state satisfies `enough`.
    pub async fn until(&self, what: &str, enough: impl FnMut(&Status) -> bool) -> Status {
        soon(what, self.handle.wait_until(enough)).await
    }

    /// Waits for the hand-off's end.
    pub async fn outcome(&self) -> Outcome {
        soon("the end", self.handle.finished()).await
    }

    /// Asks the agent for something.
    pub fn request(&self, request: Request) {
        self.handle.request(request).expect("the session is open");
    }

    /// Returns the relay's record of the session.
    pub async fn record(&self) -> Value {
        let url = format!(
            "{}/session/{}",
            self.relay.base_url(),
            self.session.session_id
        );
        let answer =
            http::request(hyper::Method::GET, &url, Some(self.api_key.expose()), None).await;
        assert_eq!(answer.status, 200, "{:?}", answer.json);
        answer.json
    }

    /// Calls the relay's REST API for this session.
    pub async fn rest(&self, method: hyper::Method, tail: &str) -> http::Answer {
        let url = format!(
            "{}/session/{}{tail}",
            self.relay.base_url(),
            self.session.session_id
        );
        http::request(method, &url, Some(self.api_key.expose()), None).await
    }

    /// Ends everything in order.
    pub async fn finish(self) {
        if self.handle.status().outcome.is_none() {
            let grace = Duration::from_secs(2);
            self.request(Request::Shutdown { grace });
            self.outcome().await;
        }
        self.relay.shutdown(Duration::from_secs(2)).await;
    }
}

/// Starts a relay on a free port, with one API key.
pub async fn start_relay() -> (RunningRelay, ApiKey) {
    start_relay_with(Tls::None).await
}

async fn start_relay_with(tls: Tls) -> (RunningRelay, ApiKey) {
    let api_key = generate_api_key().expect("randomness");
    let listen = SocketAddr::from(([127, 0, 0, 1], 0));
    let mut config = RelayConfig::new(listen, ApiKeys::new([&api_key]));
    config.tls = tls;
    let relay = authloop_relay::start(config).await.expect("a free port");
    (relay, api_key)
}

fn certificate(relay: &RunningRelay) -> Option<CertificateDer<'static>> {
    relay
        .certificate_der()
        .map(|der| CertificateDer::from(der.to_vec()))
}

/// Tries a hand-off that can't come to be, and returns why.
pub async fn fails(cdp_url: &str, relay_url: &str) -> Outcome {
    fail(config(cdp_url, None), relay_url).await
}

/// The same in version 2, with a link of the relay's own.
pub async fn fails_sealed(cdp_url: &str, relay_url: &str) -> Outcome {
    let mut config = config(cdp_url, None);
    config.encryption = Encryption::V2(EndToEnd {
        viewer_url: relay_url.to_owned(),
        pin: None,
    });
    fail(config, relay_url).await
}

async fn fail(mut config: Config, relay_url: &str) -> Outcome {
    config.relay_url = relay_url.to_owned();
    let handle = Tokio::hand_off(Options::default(), config);
    let outcome = soon("a failure", handle.finished()).await;
    assert!(handle.status().session.is_none(), "nothing came to be");
    outcome
}

/// Everything but the relay: its address and its key.
fn config(cdp_url: &str, page_url: Option<&str>) -> Config {
    Config {
        cdp_url: cdp_url.to_owned(),
        relay_url: String::new(),
        api_key: ApiKey::new("al_live_test"),
        service: "Lab".to_owned(),
        context: page_url.map(|url| Context {
            url: Some(url.to_owned()),
            ..Context::default()
        }),
        ttl: Some(600),
        max_frame_rate: None,
        encryption: Encryption::V1,
    }
}

/// `http://host/s/{id}#1.{token}` → `ws://{address}/stream/{id}?token={token}&role=viewer`.
fn stream_url(session: &SessionInfo, address: SocketAddr) -> String {
    let (_, token) = session
        .session_url
        .split_once("#1.")
        .expect("a link of version 1");
    let id = &session.session_id;
    format!("ws://{address}/stream/{id}?token={token}&role=viewer")
}
