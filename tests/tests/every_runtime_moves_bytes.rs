//! The driver over real sockets, plain and TLS, on each runtime that it has an adapter for.

use authloop_core::{
    agent::{
        config::{Config, Encryption},
        event::{Failure, Outcome},
        io::{ConnectFailure, Message, Output, Peer, Request},
    },
    secret::ApiKey,
    time::Timestamp,
};
use authloop_driver::Options;
use authloop_testkit::{
    loopback::{Identity, Script, accept, connect, get, listen},
    on_every_runtime,
    runtimes::Adapter,
    wait::soon,
};
use futures::{SinkExt as _, StreamExt as _};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio_tungstenite::{
    accept_async,
    tungstenite::protocol::{CloseFrame, Message as Frame},
};

on_every_runtime!(
    messages_pass,
    nothing_counts_as_flushed_that_the_kernel_cannot_send,
    a_server_that_closes_says_why,
    tls_trusts_the_certificates_it_was_given,
    tls_refuses_strangers_and_other_names,
    plain_http_is_not_mistaken_for_tls,
    names_are_resolved,
    a_deadline_brings_one_tick,
    requests_reach_the_machine,
    a_hand_off_without_a_browser_fails_at_once,
);

async fn messages_pass<A: Adapter>() {
    let (listener, at) = listen().await;
    let (_handle, mut heard) = Script {
        first: vec![connect(format!("ws://{at}/"))],
        opened: vec![megabytes(1)],
        ..Script::default()
    }
    .play::<A>(Options::default());
    let mut socket = accept_async(accept(&listener).await)
        .await
        .expect("an upgrade");
    let message = socket.next().await.expect("a message").expect("no error");
    socket.send(message).await.expect("connected");
    assert_eq!(heard.next().await, "opened");
    assert_eq!(heard.next().await, "drained");
    assert_eq!(heard.next().await, "binary 1048576");
    drop(socket);
    assert_eq!(heard.next().await, "Lost");
}

async fn nothing_counts_as_flushed_that_the_kernel_cannot_send<A: Adapter>() {
    let (listener, at) = listen().await;
    let (_handle, mut heard) = Script {
        first: vec![connect(format!("ws://{at}/"))],
        opened: (0..3).map(|_| megabytes(10)).collect(),
        ..Script::default()
    }
    .play::<A>(Options::default());
    let mut socket = accept_async(accept(&listener).await)
        .await
        .expect("an upgrade");
    // The other side hears us long before it has sent what we don't read.
    socket.send("hello".into()).await.expect("connected");
    assert_eq!(heard.next().await, "opened");
    assert_eq!(heard.next().await, "text hello");
    for _ in 0..3 {
        let message = socket.next().await.expect("a message").expect("no error");
        assert_eq!(message.len(), 10 << 20);
    }
    assert_eq!(heard.next().await, "drained");
}

async fn a_server_that_closes_says_why<A: Adapter>() {
    let (listener, at) = listen().await;
    let (_handle, mut heard) = Script {
        first: vec![connect(format!("ws://{at}/"))],
        ..Script::default()
    }
    .play::<A>(Options::default());
    let mut socket = accept_async(accept(&listener).await)
        .await
        .expect("an upgrade");
    let close = CloseFrame {
        code: 4410.into(),
        reason: "".into(),
    };
    let close = Frame::Close(Some(close));
    socket.send(close).await.expect("connected");
    assert_eq!(heard.next().await, "opened");
    assert_eq!(heard.next().await, "Code(4410)");
}

async fn tls_trusts_the_certificates_it_was_given<A: Adapter>() {
    let identity = Identity::of(&["localhost"]);
    let (listener, at) = listen().await;
    let options = Options::default().with_extra_roots(vec![identity.certificate()]);
    let (_handle, mut heard) = Script {
        first: vec![connect(format!("wss://localhost:{}/", at.port()))],
        ..Script::default()
    }
    .play::<A>(options.clone());
    let stream = identity.accept(accept(&listener).await).await;
    let mut socket = accept_async(stream.expect("TLS"))
        .await
        .expect("an upgrade");
    socket.send("hello".into()).await.expect("connected");
    assert_eq!(heard.next().await, "opened");
    assert_eq!(heard.next().await, "text hello");

    let (_handle, mut heard) = Script {
        first: vec![get(format!("https://localhost:{}/", at.port()))],
        ..Script::default()
    }
    .play::<A>(options);
    let mut stream = identity.accept(accept(&listener).await).await.expect("TLS");
    answer(
        &mut stream,
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}",
    )
    .await;
    assert_eq!(heard.next().await, "http 200 {}");
}

async fn tls_refuses_strangers_and_other_names<A: Adapter>() {
    let stranger = Identity::of(&["localhost"]);
    let elsewhere = Identity::of(&["elsewhere.example"]);
    let trusting = Options::default().with_extra_roots(vec![elsewhere.certificate()]);
    for (identity, options) in [(stranger, Options::default()), (elsewhere, trusting)] {
        let (listener, at) = listen().await;
        let (_handle, mut heard) = Script {
            first: vec![connect(format!("wss://localhost:{}/", at.port()))],
            ..Script::default()
        }
        .play::<A>(options);
        assert!(identity.accept(accept(&listener).await).await.is_none());
        assert_eq!(heard.next().await, "Failed(Tls)");
    }
}

async fn plain_http_is_not_mistaken_for_tls<A: Adapter>() {
    let (listener, at) = listen().await;
    let (_handle, mut heard) = Script {
        first: vec![get(format!("https://localhost:{}/", at.port()))],
        ..Script::default()
    }
    .play::<A>(Options::default());
    let mut stream = accept(&listener).await;
    let answer = b"HTTP/1.1 400 Bad Request\r\n\r\n";
    stream.write_all(answer).await.expect("connected");
    assert_eq!(heard.next().await, "http Tls");
}

async fn names_are_resolved<A: Adapter>() {
    let (listener, at) = listen().await;
    let (_handle, mut heard) = Script {
        first: vec![get(format!("http://localhost:{}/", at.port()))],
        ..Script::default()
    }
    .play::<A>(Options::default());
    let nothing = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n";
    answer(&mut accept(&listener).await, nothing).await;
    assert_eq!(heard.next().await, "http 404 ");

    let (_handle, mut heard) = Script {
        first: vec![get("http://nobody.invalid/".to_owned())],
        ..Script::default()
    }
    .play::<A>(Options::default());
    assert_eq!(heard.next().await, "http Unresolved");
}

async fn a_deadline_brings_one_tick<A: Adapter>() {
    let (handle, mut heard) = Script {
        deadline: Some(Timestamp::from_millis(20)),
        ..Script::default()
    }
    .play::<A>(Options::default());
    assert_eq!(heard.next().await, "tick");
    handle.request(Request::Cancel).expect("there is room");
    assert_eq!(heard.next().await, "Cancel");
}

async fn requests_reach_the_machine<A: Adapter>() {
    let (handle, mut heard) = Script::default().play::<A>(Options::default());
    handle.request(Request::Cancel).expect("there is room");
    assert_eq!(heard.next().await, "Cancel");
}

async fn a_hand_off_without_a_browser_fails_at_once<A: Adapter>() {
    let (listener, at) = listen().await;
    drop(listener);
    let handle = A::hand_off(
        Options::default(),
        Config {
            cdp_url: format!("http://{at}"),
            relay_url: "http://relay.invalid".to_owned(),
            api_key: ApiKey::new("al_test_key"),
            service: "GitHub".to_owned(),
            context: None,
            ttl: None,
            max_frame_rate: None,
            encryption: Encryption::V1,
        },
    );
    assert_eq!(
        soon("a failure", handle.finished()).await,
        Outcome::Failed(Failure::BrowserUnreachable(ConnectFailure::Unreachable))
    );
    assert!(handle.status().session.is_none());
}

fn megabytes(count: usize) -> Output {
    Output::Send(Peer::Relay, Message::Binary(vec![7; count << 20].into()))
}

/// Answers once the request has begun: a client takes nothing that it hasn't asked for.
async fn answer(stream: &mut (impl AsyncRead + AsyncWrite + Unpin), answer: &[u8]) {
    let mut request = [0; 14];
    stream.read_exact(&mut request).await.expect("a request");
    assert_eq!(&request, b"GET / HTTP/1.1");
    stream.write_all(answer).await.expect("connected");
    stream.flush().await.expect("connected");
}
