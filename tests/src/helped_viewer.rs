//! A viewer of version 2 in Rust that is helped with fields and picks files: joins through the relay as the page
//! does, and says what a human does there message by message.

use std::sync::{Arc, Mutex};

use authloop_core::{
    crypto::v2::{Answered, FromAgent, Offer, ViewerEpoch, ViewerHandshake, ViewerLink},
    generator::Generator,
    secret::Seed,
    time::Timestamp,
    wire::v2::Ack,
};
use futures::{
    SinkExt as _, StreamExt as _,
    stream::{SplitSink, SplitStream},
};
use serde_json::{Value, json};
use tokio::{net::TcpStream, sync::watch, task::JoinHandle, time::Instant};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Message, client::IntoClientRequest as _},
};

use crate::wait::soon;

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;
type Sink = Arc<tokio::sync::Mutex<SplitSink<Socket, Message>>>;

/// A viewer in control; dropped, it is gone.
pub struct HelpedViewer {
    sink: Sink,
    keys: Arc<Mutex<Keys>>,
    told: watch::Receiver<Vec<Value>>,
    reading: JoinHandle<()>,
}

struct Keys {
    epoch: ViewerEpoch,
    began: Instant,
    /// The newest picture, and the agent's clock with the time it was told at.
    seen: Option<u64>,
    clock: Option<(u64, Instant)>,
}

impl HelpedViewer {
    /// Joins a session, and waits for the first picture.
    ///
    /// # Panics
    ///
    /// Fails the test if it isn't let in.
    pub async fn join(session_url: &str) -> Self {
        let link = ViewerLink::parse(session_url).expect("a link of version 2");
        let mut request = (link.stream_url.as_str().into_client_request()).expect("an address");
        let protocols = format!("authloop.v2, {}", link.link.admission_token().expose());
        let protocols = protocols.parse().expect("a header");
        (request.headers_mut()).insert("sec-websocket-protocol", protocols);
        let connected = soon("the relay", connect_async(request)).await;
        let (mut socket, _) = connected.expect("the token admits");
        let told = soon("the relay's word", socket.next()).await;
        let told = told.expect("open").expect("open");
        assert!(told.to_string().contains("agent_connected"), "{told}");
        let offer = Offer {
            caps: ["sheets", "fields", "files"].map(str::to_owned).to_vec(),
            pin: None,
            resume: None,
        };
        let mut random = Generator::new(Seed::new([5; 32]));
        let (asking, hello) =
            ViewerHandshake::start(&link.link, &link.session, 0, offer, &mut random)
                .expect("a small offer");
        socket.send(Message::binary(hello)).await.expect("open");
        let answer = soon("the agent's answer", socket.next()).await;
        let answer = answer.expect("open").expect("open").into_data();
        let Ok(Answered::Accepted(accepted)) = asking.read(Timestamp::default(), &answer) else {
            unreachable!("the slot is free");
        };
        let ready = Message::binary(accepted.ready);
        socket.send(ready).await.expect("open");
        let keys = Arc::new(Mutex::new(Keys {
            epoch: accepted.epoch,
            began: Instant::now(),
            seen: None,
            clock: None,
        }));
        let (sink, stream) = socket.split();
        let sink: Sink = Arc::new(tokio::sync::Mutex::new(sink));
        let (tell, told) = watch::channel(Vec::new());
        let reading = read(stream, Arc::clone(&sink), Arc::clone(&keys), tell);
        let mut viewer = Self {
            sink,
            keys,
            told,
            reading: tokio::spawn(reading),
        };
        viewer.until("a picture", |told| has(told, "picture")).await;
        viewer
    }

    /// Does something, with the newest picture before its eyes.
    pub async fn does(&self, mut event: Value) {
        let record = {
            let mut keys = self.keys.lock().expect("no test panics here");
            event["seen"] = json!(keys.seen);
            if let Some((clock, then)) = keys.clock {
                let since = u64::try_from(then.elapsed().as_millis()).expect("short");
                event["at"] = json!(clock + since);
            }
            let now = keys.now();
            let sealed = keys.epoch.seal_input(now, event.to_string().as_bytes());
            sealed.expect("it fits")
        };
        let sent = self.sink.lock().await.send(Message::binary(record)).await;
        sent.expect("the relay reads");
    }

    /// Leaves for good.
    pub async fn leaves(self) {
        let left = {
            let mut keys = self.keys.lock().expect("no test panics here");
            let now = keys.now();
            keys.epoch.seal_left(now).expect("it has keys")
        };
        let sent = self.sink.lock().await.send(Message::binary(left)).await;
        sent.expect("the relay reads");
    }

    /// Clicks.
    pub async fn clicks(&self, (x, y): (f64, f64)) {
        self.does(json!({"type": "click", "x": x, "y": y, "button": "left"}))
            .await;
    }

    /// Returns what was told so far.
    pub fn told(&self) -> Vec<Value> {
        self.told.borrow().clone()
    }

    /// Waits until what was told satisfies `enough`.
    pub async fn until(&mut self, what: &str, mut enough: impl FnMut(&[Value]) -> bool) {
        let told = self.told.wait_for(|told| enough(told));
        soon(what, told).await.expect(what);
    }

    /// Waits for a message of a type that satisfies `is_it`, among those told after the first `after`.
    pub async fn hears(
        &mut self,
        kind: &str,
        after: usize,
        is_it: impl Fn(&Value) -> bool,
    ) -> Value {
        let find = |told: &[Value]| {
            let mut newer = told.iter().skip(after);
            newer
                .find(|told| told["type"] == kind && is_it(told))
                .cloned()
        };
        self.until(kind, |told| find(told).is_some()).await;
        find(&self.told()).expect("it was there")
    }

    /// Clicks somewhere, and waits until the field that has the focus then is of a kind.
    pub async fn focuses(&mut self, at: (f64, f64), kind: &str) -> Value {
        let before = self.told().len();
        self.clicks(at).await;
        self.hears("field", before, |told| told["field"]["kind"] == kind)
            .await["field"]
            .clone()
    }

    /// Clicks somewhere, and waits for what can be chosen there.
    pub async fn opens(&mut self, at: (f64, f64), kind: &str) -> Value {
        let before = self.told().len();
        self.clicks(at).await;
        self.hears("picker", before, |told| told["kind"] == kind)
            .await
    }
}

impl Drop for HelpedViewer {
    fn drop(&mut self) {
        self.reading.abort();
    }
}

impl Keys {
    fn now(&self) -> Timestamp {
        Timestamp::default() + self.began.elapsed()
    }

    /// Opens a record. Returns what it tells, and what it is answered with.
    fn hear(&mut self, record: &mut [u8]) -> (Value, Option<Vec<u8>>) {
        let now = self.now();
        let said = self.epoch.open(now, record).expect("a good record");
        let (told, ack) = match said.into_inner() {
            FromAgent::Frame(received) => {
                self.seen = Some(received.counter);
                let ack = Ack {
                    frame: received.counter,
                    waiting: 0,
                };
                (json!({"type": "picture"}), Some(ack))
            }
            FromAgent::Control(control) => {
                let told: Value = serde_json::from_slice(control.json).expect("JSON");
                (told, None)
            }
            FromAgent::Close(_) => (json!({"type": "close"}), None),
        };
        let answer = match ack {
            Some(ack) => Some(self.epoch.seal_ack(now, ack)),
            None if told["type"] == "heartbeat" => {
                self.clock = told["clock"].as_u64().map(|clock| (clock, Instant::now()));
                let answer = json!({"type": "heartbeat", "last_frame": self.seen, "hidden": false,
                    "clock": told["clock"]});
                let json = answer.to_string();
                Some(self.epoch.seal_control(now, json.as_bytes()))
            }
            None => None,
        };
        (told, answer.map(|sealed| sealed.expect("it fits")))
    }
}

fn has(told: &[Value], kind: &str) -> bool {
    told.iter().any(|told| told["type"] == kind)
}

async fn read(
    mut stream: SplitStream<Socket>,
    sink: Sink,
    keys: Arc<Mutex<Keys>>,
    tell: watch::Sender<Vec<Value>>,
) {
    while let Some(Ok(message)) = stream.next().await {
        let Message::Binary(record) = message else {
            continue;
        };
        let mut record = record.to_vec();
        let (told, answer) = {
            let mut keys = keys.lock().expect("no test panics here");
            keys.hear(&mut record)
        };
        tell.send_modify(|all| all.push(told));
        if let Some(answer) = answer {
            // The socket's end shows in the stream, too.
            let _sent = sink.lock().await.send(Message::binary(answer)).await;
        }
    }
}
