//! A viewer of somebody else's: speaks protocol version 1 on the wire, with a cipher that shares no
//! code with ours, and can misbehave in every way a relay or a stranger may.

use std::sync::Mutex;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use futures::{
    SinkExt as _, StreamExt as _,
    stream::{SplitSink, SplitStream},
};
use ring::{
    aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey},
    agreement::{ECDH_P256, EphemeralPrivateKey, UnparsedPublicKey, agree_ephemeral},
    rand::{SecureRandom as _, SystemRandom},
};
use serde_json::{Value, json};
use tokio::{net::TcpStream, sync::watch, task::JoinHandle};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Message, protocol::frame::coding::CloseCode},
};

use crate::wait::soon;

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// What a viewer has seen so far.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// The agent's public key, as sent.
    pub agent_key: Option<String>,
    /// How many whole pictures came: a `frame` message and the JPEG right behind it.
    pub frames: u64,
    /// The newest picture's metadata.
    pub frame: Value,
    /// The bytes of all pictures.
    pub frame_bytes: u64,
    /// Everything in text that is no picture, in order.
    pub messages: Vec<Value>,
    /// The close code, once the socket is closed; 1006 if it just broke.
    pub closed: Option<u16>,
}

impl Seen {
    /// Tells whether a message of this type came.
    pub fn has(&self, kind: &str) -> bool {
        self.messages.iter().any(|message| message["type"] == kind)
    }
}

/// A connected viewer; dropped, it is gone.
pub struct Viewer {
    sink: tokio::sync::Mutex<SplitSink<Socket, Message>>,
    seen: watch::Receiver<Seen>,
    reading: JoinHandle<()>,
    cipher: Mutex<Option<LessSafeKey>>,
}

impl Viewer {
    /// Connects to a stream's address, with its query.
    ///
    /// # Panics
    ///
    /// Fails the test if the relay doesn't accept.
    pub async fn connect(stream_url: &str) -> Self {
        let (socket, _) = soon("the relay", connect_async(stream_url))
            .await
            .expect("the relay accepts");
        let (sink, stream) = socket.split();
        let (tell, seen) = watch::channel(Seen::default());
        Self {
            sink: tokio::sync::Mutex::new(sink),
            seen,
            reading: tokio::spawn(read(stream, tell)),
            cipher: Mutex::new(None),
        }
    }

    /// Waits for the agent's key and answers it with one of our own.
    pub async fn exchange_keys(&self) {
        let seen = self
            .until("the agent's key", |seen| seen.agent_key.is_some())
            .await;
        let (ours, cipher) = agree(&seen.agent_key.unwrap_or_default());
        *self.cipher.lock().expect("no test panics here") = Some(cipher);
        self.send_text(json!({"type": "pubkey", "key": ours}).to_string())
            .await;
    }

    /// Returns what has come so far.
    pub fn seen(&self) -> Seen {
        self.seen.borrow().clone()
    }

    /// Waits until what has come satisfies `enough`.
    pub async fn until(&self, what: &str, enough: impl FnMut(&Seen) -> bool) -> Seen {
        let mut seen = self.seen.clone();
        let mut enough = enough;
        soon(what, seen.wait_for(|seen| enough(seen)))
            .await
            .expect(what)
            .clone()
    }

    /// Waits for a picture later than those that have come so far.
    pub async fn next_frame(&self) -> Seen {
        let now = self.seen().frames;
        self.until("a picture", |seen| seen.frames > now).await
    }

    /// Sends an input event, sealed.
    pub async fn send(&self, event: Value) {
        self.send_text(self.seal(&event)).await;
    }

    /// Sends input events right behind each other, sealed.
    pub async fn send_all(&self, events: impl IntoIterator<Item = Value>) {
        for event in events {
            self.send(event).await;
        }
    }

    /// Seals an input event and returns the message, for sending it when and as often as wanted.
    ///
    /// # Panics
    ///
    /// Fails the test before [`Viewer::exchange_keys`].
    pub fn seal(&self, event: &Value) -> String {
        let cipher = self.cipher.lock().expect("no test panics here");
        let cipher = cipher.as_ref().expect("keys are exchanged");
        let mut iv = [0; 12];
        SystemRandom::new().fill(&mut iv).expect("randomness");
        let mut text = event.to_string().into_bytes();
        let tag = cipher
            .seal_in_place_separate_tag(Nonce::assume_unique_for_key(iv), Aad::empty(), &mut text)
            .expect("short enough");
        let payload = json!({
            "iv": STANDARD.encode(iv),
            "ciphertext": STANDARD.encode(&text),
            "tag": STANDARD.encode(tag.as_ref()),
        });
        json!({"type": "encrypted", "payload": payload}).to_string()
    }

    /// Sends a message as it is, as a relay does that makes it up.
    pub async fn send_text(&self, text: String) {
        let sent = self.sink.lock().await.send(Message::text(text)).await;
        sent.expect("the relay reads");
    }

    /// Clicks.
    pub async fn click(&self, point: (f64, f64)) {
        self.send(click(point)).await;
    }

    /// Types text, key by key, as a page without key codes does.
    pub async fn types(&self, text: &str) {
        let keys = text
            .chars()
            .map(|key| json!({"type": "keypress", "key": key}));
        self.send_all(keys).await;
    }

    /// Presses and releases a special key.
    pub async fn key(&self, key: &str, code: &str) {
        for kind in ["keydown", "keyup"] {
            self.send(json!({
                "type": kind, "key": key, "code": code,
                "altKey": false, "ctrlKey": false, "metaKey": false, "shiftKey": false,
            }))
            .await;
        }
    }

    /// Leaves, and waits until the socket is closed.
    pub async fn leave(mut self) {
        let closing = self.sink.get_mut().close();
        // Either side may be first.
        let _closed = soon("closing", closing).await;
        self.until("the socket's end", |seen| seen.closed.is_some())
            .await;
    }
}

impl Drop for Viewer {
    fn drop(&mut self) {
        self.reading.abort();
    }
}

/// A left click.
pub fn click((x, y): (f64, f64)) -> Value {
    json!({"type": "click", "x": x, "y": y, "button": "left"})
}

/// Makes a key pair of P-256 and agrees on a cipher with the agent: our public key, the cipher.
fn agree(agent_key: &str) -> (String, LessSafeKey) {
    let agent_key = STANDARD.decode(agent_key).expect("standard base64");
    assert_eq!(agent_key.len(), 65, "an uncompressed SEC1 point");
    let random = SystemRandom::new();
    let secret = EphemeralPrivateKey::generate(&ECDH_P256, &random).expect("randomness");
    let public = secret.compute_public_key().expect("a key");
    let cipher = agree_ephemeral(
        secret,
        &UnparsedPublicKey::new(&ECDH_P256, agent_key),
        |x| UnboundKey::new(&AES_256_GCM, x).expect("32 bytes"),
    );
    let cipher = LessSafeKey::new(cipher.expect("a point on the curve"));
    (STANDARD.encode(public.as_ref()), cipher)
}

/// Makes up a valid public key that nobody holds the secret of.
pub fn stray_key() -> String {
    let secret = EphemeralPrivateKey::generate(&ECDH_P256, &SystemRandom::new());
    let public = secret.expect("randomness").compute_public_key();
    STANDARD.encode(public.expect("a key").as_ref())
}

async fn read(mut stream: SplitStream<Socket>, seen: watch::Sender<Seen>) {
    let mut announced: Option<Value> = None;
    let mut code = 1006;
    while let Some(Ok(message)) = stream.next().await {
        match message {
            Message::Text(text) => {
                assert!(announced.is_none(), "a picture follows its frame at once");
                let message: Value = serde_json::from_str(&text).expect("JSON");
                if message["type"] == "frame" {
                    announced = Some(message);
                } else {
                    seen.send_modify(|seen| {
                        if message["type"] == "pubkey" {
                            seen.agent_key = message["key"].as_str().map(str::to_owned);
                        }
                        seen.messages.push(message);
                    });
                }
            }
            Message::Binary(jpeg) => {
                let frame = announced.take().expect("a picture is announced");
                assert_eq!(frame["jpegSize"].as_u64(), u64::try_from(jpeg.len()).ok());
                assert!(jpeg.starts_with(&[0xff, 0xd8, 0xff]), "a JPEG");
                seen.send_modify(|seen| {
                    seen.frames += 1;
                    seen.frame_bytes += u64::try_from(jpeg.len()).unwrap_or_default();
                    seen.frame = frame;
                });
            }
            Message::Close(reason) => {
                code = reason
                    .map_or(CloseCode::Status, |reason| reason.code)
                    .into();
            }
            Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => {}
        }
    }
    seen.send_modify(|seen| seen.closed = Some(code));
}
