//! TLS for whoever needs it: rustls with ring, the system's roots and the application's own.
//!
//! The system's roots are read from disk the first time a session needs them, once a process, and
//! never for sessions that stay on plain connections.

use std::sync::{Arc, OnceLock};

use authloop_core::agent::io::ConnectFailure;
use futures::{AsyncRead, AsyncWrite};
use futures_rustls::{
    TlsConnector,
    client::TlsStream,
    pki_types::{CertificateDer, ServerName},
    rustls::{ClientConfig, RootCertStore, crypto::ring},
};
use tracing::warn;

/// Makes TLS connections for one driver.
pub(crate) struct Tls {
    extra_roots: Vec<CertificateDer<'static>>,
    config: OnceLock<Arc<ClientConfig>>,
}

impl Tls {
    /// Trusts the system's roots and these.
    pub(crate) fn trusting(extra_roots: Vec<CertificateDer<'static>>) -> Self {
        Self {
            extra_roots,
            config: OnceLock::new(),
        }
    }

    /// Does the handshake; `host` is the URL's, whatever address it resolved to.
    pub(crate) async fn handshake<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        host: &str,
        stream: S,
    ) -> Result<TlsStream<S>, ConnectFailure> {
        let name = ServerName::try_from(host.to_owned()).map_err(|_| ConnectFailure::Tls)?;
        TlsConnector::from(self.config()?)
            .connect(name, stream)
            .await
            .map_err(|_| ConnectFailure::Tls)
    }

    fn config(&self) -> Result<Arc<ClientConfig>, ConnectFailure> {
        if let Some(config) = self.config.get() {
            return Ok(Arc::clone(config));
        }
        let mut roots = system_roots().clone();
        let (_, rejected) = roots.add_parsable_certificates(self.extra_roots.iter().cloned());
        if rejected > 0 {
            warn!(target: "authloop::sdk", rejected, "Some extra root certificates can't be read");
        }
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|_| ConnectFailure::Tls)?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Arc::clone(self.config.get_or_init(|| Arc::new(config))))
    }
}

fn system_roots() -> &'static RootCertStore {
    static ROOTS: OnceLock<RootCertStore> = OnceLock::new();
    ROOTS.get_or_init(|| {
        let found = rustls_native_certs::load_native_certs();
        if found.certs.is_empty() {
            warn!(target: "authloop::sdk", "The system has no root certificates");
        }
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(found.certs);
        roots
    })
}
