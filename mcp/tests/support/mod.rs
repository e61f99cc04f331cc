//! A server in this process, a client that speaks raw JSON-RPC to it, and hand-offs that do what
//! the test says. With tokio's paused clock, hours take no time.

#![expect(
    dead_code,
    reason = "every test program uses its own part of these helpers"
)]

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use authloop_core::{
    agent::{
        event::{Event, Outcome, SessionInfo, Status},
        io::Request,
    },
    time::Timestamp,
};
use authloop_mcp::{
    Server,
    backend::{Backend, HandOff, Order, Reach, StartError, Started},
    serve::serve,
};
use futures::{FutureExt as _, future::BoxFuture};
use serde_json::{Value, json};
use tokio::{
    io::{
        AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, DuplexStream, Lines, ReadHalf,
        WriteHalf,
    },
    sync::{oneshot, watch},
    task::JoinHandle,
    time::timeout,
};

/// Where hand-offs come from in a test.
#[derive(Default)]
pub(crate) struct Stage {
    pub(crate) orders: Mutex<Vec<Order>>,
    acts: Mutex<Vec<Arc<Act>>>,
    opening: Mutex<Opening>,
    pub(crate) closed: watch::Sender<bool>,
}

/// What a hand-off does at its start.
#[derive(Clone, Default)]
pub(crate) enum Opening {
    /// It has a link at once.
    #[default]
    Created,
    /// It has a link at once, and so many seconds, whatever was asked for.
    CreatedFor(u64),
    /// It fails.
    Ended(Outcome),
    /// It waits for the test.
    Silent,
    /// It has a fault.
    Fault,
}

/// One hand-off in a test.
pub(crate) struct Act {
    ttl: u64,
    number: usize,
    status: watch::Sender<Status>,
    pub(crate) requests: Mutex<Vec<Request>>,
    deaf: Mutex<bool>,
}

impl Stage {
    pub(crate) fn opens_with(&self, opening: Opening) {
        *lock(&self.opening) = opening;
    }

    pub(crate) fn act(&self, number: usize) -> Arc<Act> {
        lock(&self.acts).get(number).expect("was started").clone()
    }

    pub(crate) fn count(&self) -> usize {
        lock(&self.acts).len()
    }
}

impl Act {
    pub(crate) fn event(&self, event: Event) {
        self.status.send_modify(|status| status.apply(event));
    }

    pub(crate) fn create(&self) {
        self.create_for(self.ttl);
    }

    fn create_for(&self, seconds: u64) {
        self.event(Event::Attached {
            origin: "https://github.com".into(),
        });
        self.event(Event::Created(SessionInfo {
            session_id: format!("sess_{}", self.number),
            session_url: format!("http://127.0.0.1:4000/s/sess_{}#1.token", self.number),
            expires_at: Timestamp::from_millis(seconds * 1_000),
        }));
    }

    pub(crate) fn end(&self, outcome: Outcome) {
        self.event(Event::Ended(outcome));
    }

    /// From here on it does nothing that it is asked for.
    pub(crate) fn goes_deaf(&self) {
        *lock(&self.deaf) = true;
    }

    pub(crate) fn was_asked_for(&self) -> Vec<Request> {
        lock(&self.requests).clone()
    }
}

struct Playing(Arc<Stage>);

struct Running(Arc<Act>);

impl Backend for Playing {
    fn start(&self, order: Order) -> BoxFuture<'_, Result<Started, StartError>> {
        async {
            let ttl = order.ttl;
            lock(&self.0.orders).push(order);
            let act = Arc::new(Act {
                ttl,
                number: self.0.count(),
                status: watch::Sender::default(),
                requests: Mutex::default(),
                deaf: Mutex::default(),
            });
            lock(&self.0.acts).push(act.clone());
            let opening = lock(&self.0.opening).clone();
            match opening {
                Opening::Created => act.create(),
                Opening::CreatedFor(seconds) => act.create_for(seconds),
                Opening::Ended(outcome) => act.end(outcome),
                Opening::Silent => {}
                Opening::Fault => unreachable!("the fault that the test asked for"),
            }
            Ok(Started {
                hand_off: Arc::new(Running(act)),
                reach: Reach::ThisComputer,
            })
        }
        .boxed()
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        async {
            self.0.closed.send_replace(true);
        }
        .boxed()
    }
}

impl HandOff for Running {
    fn changed(&self, since: Status) -> BoxFuture<'_, Status> {
        async move {
            let mut status = self.0.status.subscribe();
            let status = status.wait_for(|status| *status != since).await;
            status.expect("the act holds the sender").clone()
        }
        .boxed()
    }

    fn request(&self, request: Request) {
        lock(&self.0.requests).push(request);
        let is_open = self.0.status.borrow().outcome.is_none();
        if is_open && !*lock(&self.0.deaf) {
            self.0.end(Outcome::Cancelled);
        }
    }

    fn finished(&self) -> BoxFuture<'_, ()> {
        async {
            let mut status = self.0.status.subscribe();
            let ended = status.wait_for(|status| status.outcome.is_some()).await;
            ended.expect("the act holds the sender");
        }
        .boxed()
    }
}

/// A client that speaks raw JSON-RPC.
pub(crate) struct Client {
    pub(crate) stage: Arc<Stage>,
    writer: WriteHalf<DuplexStream>,
    reader: Lines<BufReader<ReadHalf<DuplexStream>>>,
    seen: VecDeque<Value>,
    serving: JoinHandle<()>,
    terminate: Option<oneshot::Sender<()>>,
}

impl Client {
    /// Starts a server with these variables and shakes hands.
    pub(crate) async fn start(variables: &[(&str, &str)]) -> Self {
        let mut client = Self::connect(variables);
        client
            .send(&json!({
                "jsonrpc": "2.0", "id": "hello", "method": "initialize",
                "params": {
                    "protocolVersion": "2025-06-18", "capabilities": {},
                    "clientInfo": { "name": "test", "version": "1" }
                }
            }))
            .await;
        client.answer("hello").await;
        client
            .send(&json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }))
            .await;
        client
    }

    /// Starts a server with these variables.
    pub(crate) fn connect(variables: &[(&str, &str)]) -> Self {
        let stage = Arc::new(Stage::default());
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let variables: HashMap<_, _> = variables.iter().map(owned).collect();
        let environment = move |name: &str| variables.get(name).cloned();
        let server = Server::new(Arc::new(Playing(stage.clone())), Arc::new(environment));
        let (ours, theirs) = tokio::io::duplex(1 << 20);
        let (reader, writer) = tokio::io::split(theirs);
        let (terminate, terminated) = oneshot::channel();
        let serving = tokio::spawn(serve(server, reader, writer, async {
            let _ = terminated.await;
        }));
        let (reader, writer) = tokio::io::split(ours);
        Self {
            stage,
            writer,
            reader: BufReader::new(reader).lines(),
            seen: VecDeque::new(),
            serving,
            terminate: Some(terminate),
        }
    }

    pub(crate) async fn send(&mut self, message: &Value) {
        self.send_line(&message.to_string()).await;
    }

    pub(crate) async fn send_line(&mut self, line: &str) {
        self.writer
            .write_all(format!("{line}\n").as_bytes())
            .await
            .expect("the server reads");
    }

    /// Calls a tool, without waiting for the answer.
    pub(crate) async fn call(&mut self, id: &str, tool: &str, arguments: Value) {
        self.send(&json!({
            "jsonrpc": "2.0", "id": id, "method": "tools/call",
            "params": {
                "name": tool, "arguments": arguments, "_meta": { "progressToken": id }
            }
        }))
        .await;
    }

    /// Hands a page over, and returns the tool's result.
    pub(crate) async fn hand_over(&mut self, id: &str, url: &str) -> Value {
        self.call(
            id,
            "authloop_to_human",
            json!({
                "service": "GitHub", "cdp_url": "http://127.0.0.1:9222", "context": { "url": url }
            }),
        )
        .await;
        self.answer(id).await
    }

    /// Tells that the client doesn't want a call's answer any more.
    pub(crate) async fn cancel(&mut self, id: &str, reason: Option<&str>) {
        let mut params = json!({ "requestId": id });
        if let Some(reason) = reason {
            params["reason"] = reason.into();
        }
        self.send(&json!({
            "jsonrpc": "2.0", "method": "notifications/cancelled", "params": params
        }))
        .await;
    }

    /// Returns the result (or the error) of the request with this id; other messages are kept.
    pub(crate) async fn answer(&mut self, id: &str) -> Value {
        let message = self.message(|message| message["id"] == id).await;
        assert_eq!(message["jsonrpc"], "2.0");
        match message.get("result") {
            Some(result) => result.clone(),
            None => message["error"].clone(),
        }
    }

    /// Returns the next message that fits; others are kept.
    pub(crate) async fn message(&mut self, fits: impl Fn(&Value) -> bool) -> Value {
        if let Some(at) = self.seen.iter().position(&fits) {
            return self.seen.remove(at).expect("was found");
        }
        // Virtual time: it only passes while everybody waits.
        let limit = Duration::from_secs(100 * 86_400);
        loop {
            let line = timeout(limit, self.reader.next_line())
                .await
                .expect("a message within a hundred days")
                .expect("the server's output is readable")
                .expect("the server is there");
            let message = serde_json::from_str(&line).expect("every line is JSON");
            if fits(&message) {
                return message;
            }
            self.seen.push_back(message);
        }
    }

    /// Tells whether an answer to this request has come, without waiting.
    pub(crate) async fn has_answer(&mut self, id: &str) -> bool {
        settle().await;
        while let Some(Ok(Some(line))) = self.reader.next_line().now_or_never() {
            let message = serde_json::from_str(&line).expect("every line is JSON");
            self.seen.push_back(message);
        }
        self.seen.iter().any(|message| message["id"] == id)
    }

    /// Takes the progress notifications of a call that have come so far.
    pub(crate) fn progress_of(&mut self, id: &str) -> Vec<Value> {
        let (progress, other) = self.seen.drain(..).partition::<Vec<_>, _>(|message| {
            message["method"] == "notifications/progress"
                && message["params"]["progressToken"] == id
        });
        self.seen = other.into();
        progress
            .into_iter()
            .map(|mut message| message["params"].take())
            .collect()
    }

    /// Closes the server's input.
    pub(crate) async fn shut_input(&mut self) {
        self.writer.shutdown().await.expect("the server is there");
    }

    /// Closes the server's input and waits for its end.
    pub(crate) async fn hang_up(mut self) {
        self.shut_input().await;
        (&mut self.serving).await.expect("the server ends well");
    }

    /// Does what SIGTERM does, and waits for the server's end.
    pub(crate) async fn terminate(mut self) {
        if let Some(terminate) = self.terminate.take() {
            let _ = terminate.send(());
        }
        (&mut self.serving).await.expect("the server ends well");
    }
}

/// Lets everything that can happen now happen.
pub(crate) async fn settle() {
    tokio::time::sleep(Duration::from_millis(1)).await;
}

/// The text of a tool's result.
pub(crate) fn text(result: &Value) -> &str {
    result["content"][0]["text"].as_str().expect("a text")
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
