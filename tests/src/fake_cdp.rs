//! What may answer at a browser's address without being a browser.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex},
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    task::{JoinHandle, JoinSet},
};

/// How the endpoint behaves, whatever it is asked.
#[derive(Clone, Debug)]
pub enum Answer {
    /// With this HTTP status line, such as `302 Found`, extra headers and body.
    Http {
        /// The status line without the version.
        status: &'static str,
        /// Header lines, each with its line end.
        headers: String,
        /// The body.
        body: String,
    },
    /// With bytes that are no HTTP.
    Garbage,
    /// Never.
    Hang,
    /// By closing the connection.
    Close,
    /// With a body that has no end.
    Endless,
}

impl Answer {
    /// A web page, as a proxy's or a router's.
    pub fn html() -> Self {
        Self::Http {
            status: "200 OK",
            headers: "content-type: text/html\r\n".into(),
            body: "<!doctype html><title>Welcome to nginx!</title>".into(),
        }
    }

    /// A redirect to `location`.
    pub fn redirect(location: &str) -> Self {
        Self::Http {
            status: "302 Found",
            headers: format!("location: {location}\r\n"),
            body: String::new(),
        }
    }
}

/// An endpoint that isn't a browser, on 127.0.0.1; dropped, it is gone.
pub struct FakeCdp {
    address: SocketAddr,
    requests: Arc<Mutex<usize>>,
    listening: JoinHandle<()>,
}

impl FakeCdp {
    /// Starts to answer.
    pub async fn start(answer: Answer) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .await
            .expect("a free port");
        let address = listener.local_addr().expect("bound");
        let requests = Arc::new(Mutex::new(0));
        let counter = Arc::clone(&requests);
        let listening = tokio::spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                *counter.lock().expect("no test panics here") += 1;
                connections.spawn(serve(stream, answer.clone()));
            }
        });
        Self {
            address,
            requests,
            listening,
        }
    }

    /// Returns its HTTP address.
    pub fn http_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Returns the address a page's WebSocket would have.
    pub fn ws_url(&self) -> String {
        format!("ws://{}/devtools/page/1", self.address)
    }

    /// Returns how many connections have been made to it.
    pub fn connections(&self) -> usize {
        *self.requests.lock().expect("no test panics here")
    }
}

impl Drop for FakeCdp {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

/// Returns an address on 127.0.0.1 where nothing listens.
pub async fn dead_address() -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .await
        .expect("a free port");
    listener.local_addr().expect("bound")
}

async fn serve(mut stream: TcpStream, answer: Answer) {
    if matches!(answer, Answer::Close) {
        return;
    }
    let mut request = Vec::new();
    let mut buffer = [0; 1024];
    while !request.windows(4).any(|window| window == b"\r\n\r\n") {
        match stream.read(&mut buffer).await {
            Ok(length @ 1..) => request.extend_from_slice(buffer.get(..length).unwrap_or_default()),
            _ => return,
        }
    }
    // The client may be gone at any time; that is its own business.
    let _written = match answer {
        Answer::Http {
            status,
            headers,
            body,
        } => {
            let length = body.len();
            let head = format!("HTTP/1.1 {status}\r\n{headers}content-length: {length}\r\n\r\n");
            stream.write_all(format!("{head}{body}").as_bytes()).await
        }
        Answer::Garbage => stream.write_all(b"SSH-2.0-OpenSSH_9.2\r\n").await,
        Answer::Endless => {
            let head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n[";
            let mut written = stream.write_all(head).await;
            while written.is_ok() {
                written = stream.write_all(&[b' '; 65_536]).await;
            }
            written
        }
        Answer::Hang | Answer::Close => Ok(()),
    };
    // Stays open until the client goes.
    while let Ok(1..) = stream.read(&mut buffer).await {}
}
