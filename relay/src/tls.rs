//! TLS for whoever has no proxy in front: a certificate from files, or one made at start.

use std::{path::Path, sync::Arc};

use rustls::{
    ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, pem::PemObject as _},
};

use crate::config::{StartError, Tls};

/// A certificate that is ready to be served.
pub(crate) struct Identity {
    pub(crate) config: Arc<ServerConfig>,
    /// The relay's own certificate, for clients that should trust exactly this one.
    pub(crate) certificate: CertificateDer<'static>,
}

impl Identity {
    /// Prepares what the settings ask for; `None` for plain HTTP.
    pub(crate) fn prepare(tls: &Tls, names: Vec<String>) -> Result<Option<Self>, StartError> {
        let (chain, key) = match tls {
            Tls::None => return Ok(None),
            Tls::SelfSigned => self_signed(names)?,
            Tls::Files { cert, key } => from_files(cert, key)?,
        };
        let certificate = chain
            .first()
            .cloned()
            .ok_or_else(|| StartError::Certificate("the file holds no certificate".into()))?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, key))
            .map_err(|error| StartError::Certificate(error.to_string()))?;
        // WebSockets need HTTP/1.1.
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Some(Self {
            config: Arc::new(config),
            certificate,
        }))
    }
}

type Pair = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

fn self_signed(names: Vec<String>) -> Result<Pair, StartError> {
    let made = rcgen::generate_simple_self_signed(names)
        .map_err(|error| StartError::Certificate(error.to_string()))?;
    let key = PrivatePkcs8KeyDer::from(made.signing_key.serialize_der());
    Ok((vec![made.cert.der().clone()], key.into()))
}

fn from_files(cert: &Path, key: &Path) -> Result<Pair, StartError> {
    let unreadable = |path: &Path| {
        let path = path.to_owned();
        move |source| StartError::ReadPem { path, source }
    };
    let chain = CertificateDer::pem_file_iter(cert)
        .and_then(Iterator::collect)
        .map_err(unreadable(cert))?;
    let key = PrivateKeyDer::from_pem_file(key).map_err(unreadable(key))?;
    Ok((chain, key))
}
