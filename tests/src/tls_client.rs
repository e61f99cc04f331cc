//! Puts TLS around what others say in plain: for clients of the tests' own that have none.

use std::{net::SocketAddr, sync::Arc};

use authloop_driver::CertificateDer;
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    task::{JoinHandle, JoinSet},
};
use tokio_rustls::{
    TlsConnector,
    rustls::{ClientConfig, RootCertStore, crypto::ring, pki_types::ServerName},
};

use crate::loopback::listen;

/// Passes on to a TLS server what comes in plain; dropped, its connections break.
pub struct TlsClient {
    address: SocketAddr,
    listening: JoinHandle<()>,
}

impl TlsClient {
    /// Listens in plain on 127.0.0.1, for a server that has exactly this certificate.
    pub async fn of(server: SocketAddr, certificate: CertificateDer<'static>) -> Self {
        let mut roots = RootCertStore::empty();
        roots.add(certificate).expect("a certificate");
        let config = ClientConfig::builder_with_provider(ring::default_provider().into())
            .with_safe_default_protocol_versions()
            .expect("ring has them")
            .with_root_certificates(roots)
            .with_no_client_auth();
        let connector = TlsConnector::from(Arc::new(config));
        let (listener, address) = listen().await;
        let listening = tokio::spawn(pass_all(listener, connector, server));
        Self { address, listening }
    }

    /// Returns where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for TlsClient {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

async fn pass_all(listener: TcpListener, connector: TlsConnector, server: SocketAddr) {
    // Dropped with the listening task, so that every connection ends with it.
    let mut connections = JoinSet::new();
    while let Ok((plain, _)) = listener.accept().await {
        connections.spawn(pass(plain, connector.clone(), server));
    }
}

async fn pass(mut plain: TcpStream, connector: TlsConnector, server: SocketAddr) {
    let stream = TcpStream::connect(server).await.expect("it listens");
    let mut secure = connector
        .connect(ServerName::from(server.ip()), stream)
        .await
        .expect("the certificate is its own");
    // Either side may go at any time.
    let _passed = copy_bidirectional(&mut plain, &mut secure).await;
}
