//! Servers on 127.0.0.1, plain and with a certificate that nobody else signed.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
};

use authloop_driver::CertificateDer;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{ServerConfig, crypto::ring, pki_types::PrivateKeyDer},
    server::TlsStream,
};

use crate::wait::soon;

/// Listens on a free port.
pub async fn listen() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .await
        .expect("a free port");
    let at = listener.local_addr().expect("it is bound");
    (listener, at)
}

/// Accepts one connection.
pub async fn accept(listener: &TcpListener) -> TcpStream {
    let (stream, _) = soon("a connection", listener.accept())
        .await
        .expect("it listens");
    stream
}

/// A server's identity: a certificate nobody else signed.
pub struct Identity {
    certificate: CertificateDer<'static>,
    config: Arc<ServerConfig>,
}

impl Identity {
    /// Makes a certificate for these names.
    pub fn of(names: &[&str]) -> Self {
        let names: Vec<String> = names.iter().copied().map(String::from).collect();
        let made = rcgen::generate_simple_self_signed(names).expect("a certificate");
        let certificate = made.cert.der().clone();
        let key = PrivateKeyDer::Pkcs8(made.signing_key.serialize_der().into());
        let config = ServerConfig::builder_with_provider(ring::default_provider().into())
            .with_safe_default_protocol_versions()
            .expect("ring has them")
            .with_no_client_auth()
            .with_single_cert(vec![certificate.clone()], key)
            .expect("the key fits");
        Self {
            certificate,
            config: config.into(),
        }
    }

    /// Returns the certificate, for clients that should trust exactly this one.
    pub fn certificate(&self) -> CertificateDer<'static> {
        self.certificate.clone()
    }

    /// Does the server's half of the handshake; `None` if the client doesn't like it.
    pub async fn accept(&self, stream: TcpStream) -> Option<TlsStream<TcpStream>> {
        let acceptor = TlsAcceptor::from(Arc::clone(&self.config));
        soon("a TLS handshake", acceptor.accept(stream)).await.ok()
    }
}
