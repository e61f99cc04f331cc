//! TLS with a certificate made at start, and with files.

use std::sync::Arc;

use authloop_relay::Tls;
use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, ServerName},
};
use tokio::net::TcpStream;
use tokio_rustls::{TlsConnector, client::TlsStream};

use crate::{
    http::ask_over,
    world::{World, config},
};

/// Encrypts a connection, and trusts the relay's certificate only.
pub(crate) async fn encrypt(world: &World, name: &str, stream: TcpStream) -> TlsStream<TcpStream> {
    let certificate = world.relay.certificate_der().expect("a certificate");
    let mut roots = RootCertStore::empty();
    roots
        .add(CertificateDer::from(certificate.to_vec()))
        .expect("a usable certificate");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let client = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from(name.to_owned()).expect("a name");
    TlsConnector::from(Arc::new(client))
        .connect(name, stream)
        .await
        .expect("the certificate holds for this name")
}

pub(crate) async fn connect(world: &World, name: &str) -> TlsStream<TcpStream> {
    let stream = TcpStream::connect(world.relay.local_addr())
        .await
        .expect("the relay listens");
    encrypt(world, name, stream).await
}

async fn health_over_tls(world: &World, name: &str) -> u16 {
    let stream = connect(world, name).await;
    ask_over(stream, "GET", "/healthz", &[], b"").await.status
}

#[tokio::test]
async fn a_self_signed_certificate_holds_for_every_name_of_the_relay() {
    let mut config = config();
    config.tls = Tls::SelfSigned;
    config.public_url = Some("https://relay.example:8443".into());
    let world = World::with(config).await;
    assert!(world.relay.base_url().starts_with("https://127.0.0.1:"));
    for name in ["localhost", "127.0.0.1", "relay.example"] {
        assert_eq!(health_over_tls(&world, name).await, 200, "{name}");
    }
}

#[tokio::test]
async fn a_client_that_speaks_no_tls_does_not_stop_others() {
    let mut config = config();
    config.tls = Tls::SelfSigned;
    let world = World::with(config).await;
    let _stuck = TcpStream::connect(world.relay.local_addr())
        .await
        .expect("the relay listens");
    assert_eq!(health_over_tls(&world, "127.0.0.1").await, 200);
}

#[tokio::test]
async fn certificate_files_are_served_and_bad_ones_named() {
    let folder = std::env::temp_dir().join(format!("authloop-relay-tls-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let made = rcgen::generate_simple_self_signed(["files.example".to_owned()]).expect("made");
    let (cert, key) = (folder.join("cert.pem"), folder.join("key.pem"));
    std::fs::write(&cert, made.cert.pem()).expect("written");
    std::fs::write(&key, made.signing_key.serialize_pem()).expect("written");

    let mut good = config();
    good.tls = Tls::Files {
        cert: cert.clone(),
        key,
    };
    let world = World::with(good).await;
    assert_eq!(health_over_tls(&world, "files.example").await, 200);

    let mut bad = config();
    bad.tls = Tls::Files {
        cert,
        key: folder.join("missing.pem"),
    };
    let Err(error) = authloop_relay::start(bad).await else {
        unreachable!("a missing key can't be used");
    };
    assert!(error.to_string().contains("missing.pem"));
    std::fs::remove_dir_all(&folder).expect("removed");
}
