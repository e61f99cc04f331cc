//! A browser's page that paints the same 100 kB picture 30 times a second, or stands still.
//!
//! Keeps Chromium's rules that matter here: never more unacknowledged frames than it was asked for,
//! an answer to every command. Tells when a mouse press arrives.

use std::{
    net::{Ipv4Addr, SocketAddr},
    time::{Duration, Instant},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use futures::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{mpsc, watch},
    task::JoinHandle,
    time::{MissedTickBehavior, interval},
};
use tokio_tungstenite::{
    WebSocketStream, accept_async,
    tungstenite::{Message, Utf8Bytes},
};

use crate::wait::soon;

/// How large a picture is, in bytes.
pub const PICTURE: usize = 100_000;

/// How many pictures a moving page paints a second.
pub const RATE: u32 = 30;

/// How many frames are sent unacknowledged if nobody says otherwise.
const DEFAULT_IN_FLIGHT: u64 = 3;

/// What the page does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Painting {
    /// Paints once for each cast that begins, and then no more.
    Still,
    /// Paints [`RATE`] times a second.
    Moving,
}

/// A mouse press that arrived.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Press {
    /// Where, in CSS pixels.
    pub x: f64,
    /// When its command was read.
    pub at: Instant,
}

/// The page; dropped, it is gone.
pub struct Page {
    address: SocketAddr,
    painting: watch::Sender<Painting>,
    presses: mpsc::UnboundedReceiver<Press>,
    serving: JoinHandle<()>,
}

impl Page {
    /// Opens the page, which stands still, on 127.0.0.1.
    pub async fn open() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .await
            .expect("a free port");
        let address = listener.local_addr().expect("bound");
        let (painting, told) = watch::channel(Painting::Still);
        let (tell, presses) = mpsc::unbounded_channel();
        let serving = tokio::spawn(async move {
            let (stream, _) = listener.accept().await.expect("the agent connects");
            stream.set_nodelay(true).expect("a TCP socket");
            let socket = accept_async(stream).await.expect("a WebSocket");
            let client = Client {
                socket,
                painting: told,
                presses: tell,
                picture: picture(),
                in_flight: 0,
                most_in_flight: 0,
            };
            client.serve().await;
        });
        Self {
            address,
            painting,
            presses,
            serving,
        }
    }

    /// Returns the address of the page's WebSocket.
    pub fn ws_url(&self) -> String {
        format!("ws://{}/devtools/page/1", self.address)
    }

    /// Tells the page what to do from now on.
    pub fn paint(&self, painting: Painting) {
        self.painting.send_replace(painting);
    }

    /// Waits for the next mouse press.
    pub async fn press(&mut self) -> Press {
        let press = soon("a mouse press", self.presses.recv()).await;
        press.expect("the agent stays")
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// The one who is connected to the page.
struct Client {
    socket: WebSocketStream<TcpStream>,
    painting: watch::Receiver<Painting>,
    presses: mpsc::UnboundedSender<Press>,
    /// The event that carries the picture.
    picture: Utf8Bytes,
    in_flight: u64,
    /// Zero while nothing is cast.
    most_in_flight: u64,
}

impl Client {
    async fn serve(mut self) {
        let mut ticks = interval(Duration::from_secs(1) / RATE);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
        loop {
            tokio::select! {
                message = self.socket.next() => {
                    let at = Instant::now();
                    let Some(Ok(message)) = message else { return };
                    if let Message::Text(text) = message {
                        self.obey(&text, at).await;
                    }
                }
                _ = ticks.tick() => {
                    if *self.painting.borrow() == Painting::Moving {
                        self.paint().await;
                    }
                }
            }
        }
    }

    async fn obey(&mut self, text: &str, at: Instant) {
        let command: Value = serde_json::from_str(text).expect("commands are JSON");
        let parameters = &command["params"];
        let mut result = json!({});
        let mut begins = false;
        match command["method"].as_str().unwrap_or_default() {
            "Input.dispatchMouseEvent" if parameters["type"] == "mousePressed" => {
                let x = parameters["x"].as_f64().expect("a coordinate");
                // Nobody listens any more once the measuring is over.
                let _told = self.presses.send(Press { x, at });
            }
            "Page.screencastFrameAck" => self.in_flight = self.in_flight.saturating_sub(1),
            "Page.startScreencast" => {
                let most = parameters["maxFramesInFlight"].as_u64();
                self.most_in_flight = most.unwrap_or(DEFAULT_IN_FLIGHT);
                begins = true;
            }
            "Page.stopScreencast" => (self.in_flight, self.most_in_flight) = (0, 0),
            "Target.getTargetInfo" => {
                let url = "https://bench.test/";
                let info = json!({"targetId": "1", "type": "page", "title": "", "url": url});
                result = json!({"targetInfo": info});
            }
            "Browser.getVersion" => {
                result = json!({"product": "Chrome/1", "userAgent": "X11; Linux x86_64"});
            }
            "Page.getLayoutMetrics" => {
                let viewport =
                    json!({"pageX": 0, "pageY": 0, "clientWidth": 1280, "clientHeight": 720});
                result = json!({"cssLayoutViewport": viewport});
            }
            _ => {}
        }
        let answer = json!({"id": command["id"], "result": result});
        self.send(answer.to_string().into()).await;
        if begins {
            self.paint().await;
        }
    }

    /// Sends a frame, unless too many wait to be acknowledged.
    async fn paint(&mut self) {
        if self.in_flight < self.most_in_flight {
            self.in_flight += 1;
            self.send(self.picture.clone()).await;
        }
    }

    async fn send(&mut self, text: Utf8Bytes) {
        // The end of the socket is noticed where it is read.
        let _sent = self.socket.send(Message::Text(text)).await;
    }
}

/// Writes the event: bytes that begin like a JPEG, with the metadata of a real one.
fn picture() -> Utf8Bytes {
    let mut jpeg = vec![0xff, 0xd8, 0xff, 0xe0];
    let noise = (0_u32..).map(|index| {
        let [byte, ..] = index.wrapping_mul(2_654_435_761).to_be_bytes();
        byte
    });
    jpeg.extend(noise.take(PICTURE - jpeg.len()));
    let event = json!({
        "method": "Page.screencastFrame",
        "params": {
            "data": STANDARD.encode(jpeg),
            "metadata": {
                "offsetTop": 0, "pageScaleFactor": 1, "deviceWidth": 1280, "deviceHeight": 720,
                "scrollOffsetX": 0, "scrollOffsetY": 0, "timestamp": 1_790_000_000.5,
            },
            "sessionId": 1,
        },
    });
    event.to_string().into()
}
