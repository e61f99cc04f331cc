//! A scripted machine that tells a test what it hears, and servers on loopback.

use std::{collections::VecDeque, net::SocketAddr, time::Duration};

use authloop_core::{
    agent::io::{Connect, HostHeader, HttpId, HttpRequest, Input, Method, Output, Peer},
    time::Timestamp,
};
use authloop_driver::{Handle, Machine, Options, drive};
use authloop_tokio::{CertificateDer, Tokio};
use futures::{AsyncRead, AsyncWrite};
use futures_rustls::{
    TlsAcceptor,
    pki_types::PrivateKeyDer,
    rustls::{ServerConfig, crypto::ring},
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::mpsc,
};
use tokio_util::compat::{Compat, TokioAsyncReadCompatExt as _};

/// Far more than anything on loopback takes.
const LIMIT: Duration = Duration::from_secs(60);

/// A machine that does what it's told at first, when a connection opens, and at its deadline.
#[derive(Default)]
pub(crate) struct Script {
    /// What comes out first.
    pub(crate) first: Vec<Output>,
    /// What comes out when a WebSocket is open.
    pub(crate) opened: Vec<Output>,
    /// What comes out at the deadline.
    pub(crate) ticked: Vec<Output>,
    /// The deadline.
    pub(crate) deadline: Option<Timestamp>,
}

struct Playing {
    outputs: VecDeque<Output>,
    script: Script,
    heard: mpsc::UnboundedSender<String>,
}

impl Script {
    /// Runs it in a task; returns what it hears, in words.
    pub(crate) fn play(self, options: Options) -> (Handle, mpsc::UnboundedReceiver<String>) {
        let (heard, hearing) = mpsc::unbounded_channel();
        let mut script = self;
        let (handle, driver) = drive(
            Tokio,
            options,
            Playing {
                outputs: std::mem::take(&mut script.first).into(),
                script,
                heard,
            },
        );
        tokio::spawn(driver);
        (handle, hearing)
    }
}

impl Machine for Playing {
    fn handle(&mut self, now: Timestamp, input: Input<'_>) {
        if self.script.deadline.is_some_and(|deadline| deadline <= now) {
            self.script.deadline = None;
        }
        let heard = match input {
            Input::Opened(_) => {
                self.outputs.extend(self.script.opened.drain(..));
                "opened".to_owned()
            }
            Input::Text(_, text) => format!("text {text}"),
            Input::Binary(_, bytes) => format!("binary {}", bytes.len()),
            Input::Drained(_) => "drained".to_owned(),
            Input::Closed(_, closed) => format!("{closed:?}"),
            Input::Http(_, Ok(answer)) => {
                let body = String::from_utf8_lossy(answer.body);
                format!("http {} {body}", answer.status)
            }
            Input::Http(_, Err(failure)) => format!("http {failure:?}"),
            Input::Request(request) => format!("{request:?}"),
            Input::Tick => {
                self.outputs.extend(self.script.ticked.drain(..));
                "tick".to_owned()
            }
        };
        // The test may have heard enough.
        let _ = self.heard.send(heard);
    }

    fn poll(&mut self) -> Output {
        let idle = Output::Idle(self.script.deadline);
        self.outputs.pop_front().unwrap_or(idle)
    }

    fn wants(&self, _: Peer) -> bool {
        true
    }
}

/// Connects to the relay.
pub(crate) fn connect(url: String) -> Output {
    Output::Connect(
        Peer::Relay,
        Connect {
            url,
            host: HostHeader::Name,
            max_message: 1 << 20,
            timeout: LIMIT,
        },
    )
}

/// Asks the relay for something.
pub(crate) fn get(url: String) -> Output {
    Output::Http(
        HttpId::new(1),
        HttpRequest {
            peer: Peer::Relay,
            method: Method::Get,
            url,
            host: HostHeader::Name,
            bearer: None,
            body: None,
            max_body: 1_000,
            timeout: LIMIT,
        },
    )
}

/// Listens on a free port.
pub(crate) async fn listen() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let at = listener.local_addr().expect("it is bound");
    (listener, at)
}

/// Accepts one connection.
pub(crate) async fn accept(listener: &TcpListener) -> Compat<TcpStream> {
    let (stream, _) = listener.accept().await.expect("a connection");
    stream.compat()
}

/// A server's identity: a certificate nobody else signed.
pub(crate) struct Identity {
    pub(crate) certificate: CertificateDer<'static>,
    config: ServerConfig,
}

impl Identity {
    /// Makes a certificate for these names.
    pub(crate) fn of(names: &[&str]) -> Self {
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
            config,
        }
    }

    /// Does the server's half of the handshake; `None` if the client doesn't like it.
    pub(crate) async fn accept(
        &self,
        stream: Compat<TcpStream>,
    ) -> Option<impl AsyncRead + AsyncWrite + Unpin + 'static> {
        let acceptor = TlsAcceptor::from(std::sync::Arc::new(self.config.clone()));
        acceptor.accept(stream).await.ok()
    }
}
