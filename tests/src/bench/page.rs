//! A browser's page that paints when told, and tells when a mouse press arrives.
//!
//! Keeps Chromium's rules that matter here: never more unacknowledged frames than it was asked for,
//! the newest one that had to be left out after an acknowledgement (`sendLastFrame`), pictures of the
//! size and quality that were asked for, one at once when a cast starts, an answer to every command.

use std::{
    net::{Ipv4Addr, SocketAddr},
    time::{Duration, Instant},
};

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

use super::camera::{Camera, HEIGHT, WIDTH};
use crate::wait::soon;

/// How many pictures a moving page paints a second.
pub const RATE: u32 = 60;

/// How many frames are sent unacknowledged if nobody says otherwise.
const DEFAULT_IN_FLIGHT: u64 = 3;

/// What the page does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Painting {
    /// Paints once for each cast that begins, and then no more.
    Still,
    /// Paints [`RATE`] times a second.
    Moving,
    /// Paints a breath (`BREATH`) after each acknowledgement: nearly as fast as its pictures are taken.
    Restless,
}

/// The pause of a page that paints without rest. A viewer acknowledges each picture, and a relay takes
/// 500 messages a second from it.
const BREATH: Duration = Duration::from_millis(4);

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
    opened: Instant,
    painting: watch::Sender<Painting>,
    presses: mpsc::UnboundedReceiver<Press>,
    serving: JoinHandle<()>,
}

impl Page {
    /// Opens the page, which stands still, on 127.0.0.1. A whole picture of it has so many bytes.
    pub async fn open(picture: usize) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .await
            .expect("a free port");
        let address = listener.local_addr().expect("bound");
        let (painting, told) = watch::channel(Painting::Still);
        let (tell, presses) = mpsc::unbounded_channel();
        let opened = Instant::now();
        let serving = tokio::spawn(async move {
            let (stream, _) = listener.accept().await.expect("the agent connects");
            stream.set_nodelay(true).expect("a TCP socket");
            let socket = accept_async(stream).await.expect("a WebSocket");
            let client = Client {
                socket,
                opened,
                painting: told,
                presses: tell,
                camera: Camera::new(picture),
                cast: 0,
                in_flight: 0,
                most_in_flight: 0,
                left_out: None,
            };
            client.serve().await;
        });
        Self {
            address,
            opened,
            painting,
            presses,
            serving,
        }
    }

    /// Returns the address of the page's WebSocket.
    pub fn ws_url(&self) -> String {
        format!("ws://{}/devtools/page/1", self.address)
    }

    /// Returns when the page was opened: a picture's `scrollOffsetY` is the milliseconds from then
    /// to its painting.
    pub fn opened(&self) -> Instant {
        self.opened
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

    /// Returns a mouse press that has arrived, if there is one.
    pub fn pressed(&mut self) -> Option<Press> {
        self.presses.try_recv().ok()
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
    opened: Instant,
    painting: watch::Receiver<Painting>,
    presses: mpsc::UnboundedSender<Press>,
    camera: Camera,
    /// Each cast has a number, which its acknowledgements repeat.
    cast: u64,
    in_flight: u64,
    /// Zero while nothing is cast.
    most_in_flight: u64,
    /// When the picture was painted that would have been one too many.
    left_out: Option<Duration>,
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
                    if *self.painting.borrow() != Painting::Still {
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
        let mut goes_on = false;
        match command["method"].as_str().unwrap_or_default() {
            "Input.dispatchMouseEvent" if parameters["type"] == "mousePressed" => {
                let x = parameters["x"].as_f64().expect("a coordinate");
                // Nobody listens any more once the measuring is over.
                let _told = self.presses.send(Press { x, at });
            }
            "Page.screencastFrameAck" => {
                goes_on = parameters["sessionId"] == self.cast;
            }
            "Page.startScreencast" => {
                let most = parameters["maxFramesInFlight"].as_u64();
                self.most_in_flight = most.unwrap_or(DEFAULT_IN_FLIGHT);
                self.camera.set(parameters);
                self.cast += 1;
                (self.in_flight, self.left_out) = (0, None);
                begins = true;
            }
            "Page.stopScreencast" => (self.in_flight, self.most_in_flight) = (0, 0),
            "Page.getFrameTree" => {
                let frame = json!({"id": "1", "loaderId": "1", "url": "https://bench.test/"});
                result = json!({"frameTree": {"frame": frame}});
            }
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
                    json!({"pageX": 0, "pageY": 0, "clientWidth": WIDTH, "clientHeight": HEIGHT});
                result = json!({"cssLayoutViewport": viewport});
            }
            _ => {}
        }
        let answer = json!({"id": command["id"], "result": result});
        self.send(answer.to_string().into()).await;
        if begins {
            self.paint().await;
        }
        if goes_on {
            self.in_flight = self.in_flight.saturating_sub(1);
            if let Some(painted) = self.left_out.take() {
                self.show(painted).await;
            } else if *self.painting.borrow() == Painting::Restless {
                tokio::time::sleep(BREATH).await;
                self.paint().await;
            }
        }
    }

    async fn paint(&mut self) {
        self.show(self.opened.elapsed()).await;
    }

    /// Sends a frame, unless too many wait to be acknowledged.
    async fn show(&mut self, painted: Duration) {
        if self.in_flight < self.most_in_flight {
            self.in_flight += 1;
            let event = self.camera.take(painted, self.cast);
            self.send(event.into()).await;
        } else {
            self.left_out = Some(painted);
        }
    }

    async fn send(&mut self, text: Utf8Bytes) {
        // The end of the socket is noticed where it is read.
        let _sent = self.socket.send(Message::Text(text)).await;
    }
}
