//! The driver on tokio, over real sockets.

mod common;

use std::time::Duration;

use async_tungstenite::{accept_async, tungstenite};
use authloop_core::{
    agent::{
        event::Event,
        io::{Message, Output, Peer},
    },
    time::Timestamp,
};
use authloop_tokio::{
    ApiKey, Config, ConnectFailure, Failure, Options, Outcome, Request, hand_off,
};
use futures::{AsyncReadExt as _, AsyncWriteExt as _, StreamExt as _};

use crate::common::{Identity, Script, accept, connect, get, listen};

#[tokio::test]
async fn messages_pass_over_a_real_socket() {
    let (listener, at) = listen().await;
    let (_handle, mut heard) = Script {
        first: vec![connect(format!("ws://{at}/"))],
        opened: vec![Output::Send(
            Peer::Relay,
            Message::Binary(vec![7; 1 << 20].into()),
        )],
        ..Script::default()
    }
    .play(Options::default());
    let mut socket = accept_async(accept(&listener).await)
        .await
        .expect("an upgrade");
    let message = socket.next().await.expect("a message").expect("no error");
    socket.send(message).await.expect("connected");
    assert_eq!(heard.recv().await.as_deref(), Some("opened"));
    assert_eq!(heard.recv().await.as_deref(), Some("drained"));
    assert_eq!(heard.recv().await.as_deref(), Some("binary 1048576"));
    drop(socket);
    assert_eq!(heard.recv().await.as_deref(), Some("Lost"));
}

#[tokio::test]
async fn nothing_counts_as_flushed_that_the_kernel_cannot_send() {
    let (listener, at) = listen().await;
    let (_handle, mut heard) = Script {
        first: vec![connect(format!("ws://{at}/"))],
        opened: (0..3)
            .map(|_| Output::Send(Peer::Relay, Message::Binary(vec![7; 10 << 20].into())))
            .collect(),
        ..Script::default()
    }
    .play(Options::default());
    let mut socket = accept_async(accept(&listener).await)
        .await
        .expect("an upgrade");
    // The other side hears us long before it has sent what we don't read.
    socket.send("hello".into()).await.expect("connected");
    assert_eq!(heard.recv().await.as_deref(), Some("opened"));
    assert_eq!(heard.recv().await.as_deref(), Some("text hello"));
    for _ in 0..3 {
        let message = socket.next().await.expect("a message").expect("no error");
        assert_eq!(message.len(), 10 << 20);
    }
    assert_eq!(heard.recv().await.as_deref(), Some("drained"));
}

#[tokio::test]
async fn tls_trusts_the_certificates_it_was_given() {
    let identity = Identity::of(&["localhost"]);
    let (listener, at) = listen().await;
    let options = Options::default().with_extra_roots(vec![identity.certificate.clone()]);
    let (_handle, mut heard) = Script {
        first: vec![connect(format!("wss://localhost:{}/", at.port()))],
        ..Script::default()
    }
    .play(options.clone());
    let stream = identity.accept(accept(&listener).await).await;
    let mut socket = accept_async(stream.expect("TLS"))
        .await
        .expect("an upgrade");
    socket.send("hello".into()).await.expect("connected");
    assert_eq!(heard.recv().await.as_deref(), Some("opened"));
    assert_eq!(heard.recv().await.as_deref(), Some("text hello"));

    let (_handle, mut heard) = Script {
        first: vec![get(format!("https://localhost:{}/", at.port()))],
        ..Script::default()
    }
    .play(options);
    let mut stream = identity.accept(accept(&listener).await).await.expect("TLS");
    let mut request = [0; 14];
    stream.read_exact(&mut request).await.expect("a request");
    assert_eq!(&request, b"GET / HTTP/1.1");
    let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";
    stream.write_all(answer).await.expect("connected");
    stream.flush().await.expect("connected");
    assert_eq!(heard.recv().await.as_deref(), Some("http 200 {}"));
}

#[tokio::test]
async fn tls_refuses_strangers_and_other_names() {
    let stranger = Identity::of(&["localhost"]);
    let elsewhere = Identity::of(&["elsewhere.example"]);
    let trusting = Options::default().with_extra_roots(vec![elsewhere.certificate.clone()]);
    for (identity, options) in [(stranger, Options::default()), (elsewhere, trusting)] {
        let (listener, at) = listen().await;
        let (_handle, mut heard) = Script {
            first: vec![connect(format!("wss://localhost:{}/", at.port()))],
            ..Script::default()
        }
        .play(options);
        let _refused = identity.accept(accept(&listener).await).await;
        assert_eq!(heard.recv().await.as_deref(), Some("Failed(Tls)"));
    }
}

#[tokio::test]
async fn plain_http_is_not_mistaken_for_tls() {
    let (listener, at) = listen().await;
    let (_handle, mut heard) = Script {
        first: vec![get(format!("https://localhost:{}/", at.port()))],
        ..Script::default()
    }
    .play(Options::default());
    let mut stream = accept(&listener).await;
    let answer = b"HTTP/1.1 400 Bad Request\r\n\r\n";
    stream.write_all(answer).await.expect("connected");
    assert_eq!(heard.recv().await.as_deref(), Some("http Tls"));
}

#[tokio::test(start_paused = true)]
async fn time_is_tokios() {
    let (handle, mut heard) = Script {
        deadline: Some(Timestamp::from_millis(3_600_000)),
        ticked: vec![Output::Event(Event::Ended(Outcome::Timeout))],
        ..Script::default()
    }
    .play(Options::default());
    let before = tokio::time::Instant::now();
    assert_eq!(handle.finished().await, Outcome::Timeout);
    assert_eq!(before.elapsed(), Duration::from_secs(3_600));
    assert_eq!(heard.recv().await.as_deref(), Some("tick"));
}

#[tokio::test]
async fn requests_reach_the_machine() {
    let (handle, mut heard) = Script::default().play(Options::default());
    handle.request(Request::Cancel).expect("there is room");
    assert_eq!(heard.recv().await.as_deref(), Some("Cancel"));
}

#[tokio::test]
async fn a_hand_off_without_a_browser_fails_at_once() {
    let (listener, at) = listen().await;
    drop(listener);
    let handle = hand_off(
        Options::default(),
        Config {
            cdp_url: format!("http://{at}"),
            relay_url: "http://relay.invalid".to_owned(),
            api_key: ApiKey::new("al_test_key"),
            service: "GitHub".to_owned(),
            context: None,
            ttl: None,
            max_frame_rate: None,
        },
    );
    assert_eq!(
        handle.finished().await,
        Outcome::Failed(Failure::BrowserUnreachable(ConnectFailure::Unreachable))
    );
    assert_eq!(
        handle.status().session.map(|session| session.session_id),
        None
    );
}

#[tokio::test]
async fn a_server_that_closes_says_why() {
    let (listener, at) = listen().await;
    let (_handle, mut heard) = Script {
        first: vec![connect(format!("ws://{at}/"))],
        ..Script::default()
    }
    .play(Options::default());
    let mut socket = accept_async(accept(&listener).await)
        .await
        .expect("an upgrade");
    let close = tungstenite::protocol::CloseFrame {
        code: 4410.into(),
        reason: "".into(),
    };
    socket.close(Some(close)).await.expect("connected");
    assert_eq!(heard.recv().await.as_deref(), Some("opened"));
    assert_eq!(heard.recv().await.as_deref(), Some("Code(4410)"));
}
