//! The human of protocol version 2: the core's viewer machine on a real socket, at whichever address
//! leads to the relay.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use authloop_core::{
    crypto::v2::ViewerLink,
    input::event::{Button, InputEvent, Key, Modifiers, Point},
    secret::Seed,
    time::Timestamp,
    viewer::v2::{Acks, Config, Connect, Event, Frame, Input, Output, PROTOCOL, Request, Viewer},
};
use futures::{SinkExt as _, StreamExt as _};
use ring::rand::{SecureRandom as _, SystemRandom};
use tokio::{
    net::TcpStream,
    sync::{mpsc, watch},
    task::JoinHandle,
    time::sleep_until,
};
use tokio_tungstenite::{
    WebSocketStream, client_async_with_config,
    tungstenite::{
        Message, client::IntoClientRequest as _, http::header::SEC_WEBSOCKET_PROTOCOL,
        protocol::WebSocketConfig,
    },
};

use crate::wait::soon;

/// What a human has seen and was told.
#[derive(Clone, Debug, Default)]
pub struct Watched {
    /// The pictures drawn, in order.
    pub drawn: Vec<Drawn>,
    /// How many input events the agent said it dropped.
    pub dropped: u32,
    /// How many input events were not sent, because the picture was frozen or nobody there.
    pub not_sent: u64,
    /// How often the picture froze.
    pub frozen: u32,
}

impl Watched {
    /// Returns how many input events came to nothing, and the human knows it.
    pub fn told(&self) -> u64 {
        u64::from(self.dropped) + self.not_sent
    }
}

/// A picture on the screen.
#[derive(Clone, Copy, Debug)]
pub struct Drawn {
    /// When it was drawn.
    pub at: Instant,
    /// How old it was then.
    pub age: Duration,
    /// The JPEG's length in bytes.
    pub length: usize,
}

/// A connected human; dropped, they are gone.
pub struct Watcher {
    hand: mpsc::UnboundedSender<Hand>,
    watched: watch::Receiver<Watched>,
    watching: JoinHandle<()>,
}

enum Hand {
    Does(InputEvent),
    Leave,
}

impl Watcher {
    /// Opens a link, whose relay is reached at `address`, to a page that was opened at this time. A
    /// picture takes so long to draw.
    pub fn open(link: &str, address: SocketAddr, opened: Instant, drawing: Duration) -> Self {
        let link = ViewerLink::parse(link).expect("the agent's link");
        let config = Config {
            link,
            resume: None,
            acks: Acks::WhenDrawn,
        };
        let (hand, hands) = mpsc::unbounded_channel();
        let (tell, watched) = watch::channel(Watched::default());
        let eyes = Eyes {
            viewer: Viewer::new(config, seed(), Timestamp::default()),
            started: Instant::now(),
            address,
            opened,
            drawing,
            frame: None,
            waiting: None,
            tell,
        };
        Self {
            hand,
            watched,
            watching: tokio::spawn(eyes.watch(hands)),
        }
    }

    /// Clicks at the picture that is on the screen.
    pub fn click(&self, x: f64) {
        self.does(InputEvent::Click {
            at: Point { x, y: 300.0 },
            button: Button::Left,
            click_count: None,
        });
    }

    /// Presses a key that types this character, and lets go of it.
    pub fn types(&self, character: char) {
        let key = Key {
            key: character.into(),
            code: None,
            modifiers: Modifiers::default(),
            key_code: None,
            repeats: Some(false),
        };
        self.does(InputEvent::KeyDown(key.clone()));
        self.does(InputEvent::KeyUp(key));
    }

    fn does(&self, event: InputEvent) {
        let does = self.hand.send(Hand::Does(event));
        does.map_err(drop).expect("the human is there");
    }

    /// Returns what has been seen so far.
    pub fn watched(&self) -> Watched {
        self.watched.borrow().clone()
    }

    /// Returns how many pictures have been drawn so far.
    pub fn frames(&self) -> usize {
        self.watched.borrow().drawn.len()
    }

    /// Waits for a picture later than those that have been drawn so far.
    pub async fn next_frame(&self) {
        let now = self.frames();
        let mut watched = self.watched.clone();
        let more = watched.wait_for(|watched| watched.drawn.len() > now);
        soon("a picture", more).await.expect("the human is there");
    }

    /// Leaves.
    pub async fn leave(mut self) {
        let leaves = self.hand.send(Hand::Leave);
        leaves.map_err(drop).expect("the human is there");
        let left = soon("leaving", &mut self.watching).await;
        left.expect("nobody stopped it");
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        self.watching.abort();
    }
}

fn seed() -> Seed {
    let mut seed = [0; 32];
    SystemRandom::new().fill(&mut seed).expect("randomness");
    Seed::new(seed)
}

type Socket = WebSocketStream<TcpStream>;

struct Eyes {
    viewer: Viewer,
    started: Instant,
    address: SocketAddr,
    opened: Instant,
    drawing: Duration,
    /// The picture that is being drawn, and when it will be on the screen.
    frame: Option<(Frame, Instant)>,
    /// The newest after it.
    waiting: Option<Frame>,
    tell: watch::Sender<Watched>,
}

impl Eyes {
    async fn watch(mut self, mut hands: mpsc::UnboundedReceiver<Hand>) {
        let Some(mut socket) = self.connect().await else {
            return;
        };
        loop {
            let deadline = match self.act(&mut socket).await {
                Acted::Idle(deadline) => deadline,
                Acted::Closed => return,
            };
            let tick = async {
                match deadline {
                    Some(at) => sleep_until(self.instant(at).into()).await,
                    None => std::future::pending().await,
                }
            };
            let drawn = async {
                match &self.frame {
                    Some((_, at)) => sleep_until((*at).into()).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                message = socket.next() => {
                    let now = self.now();
                    match message {
                        Some(Ok(Message::Text(text))) => self.viewer.handle(now, Input::Text(&text)),
                        Some(Ok(Message::Binary(record))) => {
                            self.viewer.handle(now, Input::Binary(record.into()));
                        }
                        Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => {}
                        Some(Ok(Message::Close(_)) | Err(_)) | None => return,
                    }
                }
                hand = hands.recv() => {
                    let request = match hand {
                        Some(Hand::Does(event)) => Request::Send(event),
                        Some(Hand::Leave) => Request::Leave,
                        None => return,
                    };
                    self.viewer.handle(self.now(), Input::Request(request));
                }
                () = drawn => self.drawn(),
                () = tick => self.viewer.handle(self.now(), Input::Tick),
            }
        }
    }

    async fn connect(&mut self) -> Option<Socket> {
        let Output::Connect(connect) = self.viewer.poll() else {
            return None;
        };
        let stream = TcpStream::connect(self.address).await.ok()?;
        stream.set_nodelay(true).ok()?;
        let (socket, protocol) = shake(stream, &connect).await?;
        let opened = Input::Connected(protocol.as_deref());
        self.viewer.handle(self.now(), opened);
        Some(socket)
    }

    /// Does what the machine wants done. A human of the bench has one connection.
    async fn act(&mut self, socket: &mut Socket) -> Acted {
        loop {
            match self.viewer.poll() {
                Output::Send(record) => {
                    if socket.send(Message::Binary(record.into())).await.is_err() {
                        return Acted::Closed;
                    }
                }
                Output::Event(event) => self.hear(event),
                Output::Idle(deadline) => return Acted::Idle(deadline),
                Output::Connect(_) | Output::Close(_) => {
                    // Either side may be first.
                    let _closed = socket.close(None).await;
                    return Acted::Closed;
                }
            }
        }
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "nothing else is the bench's affair"
    )]
    fn hear(&mut self, event: Event) {
        match event {
            Event::Frame(frame) => {
                if self.frame.is_some() {
                    self.waiting = Some(frame);
                } else {
                    self.draw(frame);
                }
            }
            Event::Dropped(..) => self.tell.send_modify(|watched| watched.dropped += 1),
            Event::NotSent(events) => self.tell.send_modify(|watched| watched.not_sent += events),
            Event::Frozen(_) => self.tell.send_modify(|watched| watched.frozen += 1),
            _ => {}
        }
    }

    fn draw(&mut self, frame: Frame) {
        self.frame = Some((frame, Instant::now() + self.drawing));
        if self.drawing.is_zero() {
            self.drawn();
        }
    }

    fn drawn(&mut self) {
        let Some((frame, _)) = self.frame.take() else {
            return;
        };
        let at = Instant::now();
        // The page writes the milliseconds from its opening to the painting where a picture tells how
        // far it is scrolled: sealed with the picture, and exact up to four hours.
        let painted = self.opened + Duration::from_secs_f32(frame.meta.scroll_y / 1_000.0);
        self.tell.send_modify(|watched| {
            watched.drawn.push(Drawn {
                at,
                age: at.saturating_duration_since(painted),
                length: frame.jpeg.len(),
            });
        });
        let drawn = Input::Request(Request::Drawn(frame.id));
        self.viewer.handle(self.now(), drawn);
        if let Some(next) = self.waiting.take() {
            self.draw(next);
        }
    }

    fn now(&self) -> Timestamp {
        Timestamp::default() + self.started.elapsed()
    }

    fn instant(&self, at: Timestamp) -> Instant {
        self.started + at.since(Timestamp::default())
    }
}

enum Acted {
    Idle(Option<Timestamp>),
    Closed,
}

/// Upgrades a connection, and returns the protocol that was answered.
async fn shake(stream: TcpStream, connect: &Connect) -> Option<(Socket, Option<String>)> {
    let mut request = connect.url.as_str().into_client_request().ok()?;
    let protocols = format!("{PROTOCOL}, {}", connect.token.expose());
    let protocols = protocols.parse().ok()?;
    request
        .headers_mut()
        .insert(SEC_WEBSOCKET_PROTOCOL, protocols);
    let config = WebSocketConfig::default()
        .max_message_size(Some(connect.max_message))
        .max_frame_size(Some(connect.max_message));
    let (socket, answer) = client_async_with_config(request, stream, Some(config))
        .await
        .ok()?;
    let protocol = answer.headers().get(SEC_WEBSOCKET_PROTOCOL);
    let protocol = protocol.and_then(|protocol| protocol.to_str().ok());
    Some((socket, protocol.map(str::to_owned)))
}
