//! Messages, closes and backpressure on an open WebSocket.

use async_tungstenite::{WebSocketStream, accept_async, tungstenite};
use authloop_core::agent::io::{
    Closed, ConnectFailure, HostHeader, Message, Output, Peer, Request,
};
use futures::{AsyncWriteExt as _, StreamExt as _};
use tungstenite::protocol::{CloseFrame, frame::coding::CloseCode};

use crate::testing::{
    End, MAX_MESSAGE, Script, Seen, Stage, World, connect, connect_as, peers, read_head, text,
};

const WIDE: usize = 1 << 20;

async fn accept(world: &World) -> WebSocketStream<End> {
    let (_, end) = world.accept().await;
    accept_async(end).await.expect("a WebSocket upgrade")
}

/// A server that collects what it hears, sends what it's told at first, and stays.
fn peer_that_says(
    world: &World,
    say: Vec<tungstenite::Message>,
) -> impl Future<Output = ()> + use<> {
    let world = world.clone();
    async move {
        let mut socket = accept(&world).await;
        for message in say {
            socket.send(message).await.expect("still connected");
        }
        while let Some(Ok(_)) = socket.next().await {}
    }
}

#[test]
fn messages_pass_both_ways_in_order_however_small_the_pieces() {
    let world = peers(5);
    let script = Script::new(vec![connect(Peer::Relay)]).react(|seen| {
        if let Seen::Opened(peer) = seen {
            vec![
                text(*peer, "first"),
                Output::Send(*peer, Message::Binary(vec![7; 90].into())),
                text(*peer, "last"),
            ]
        } else {
            Vec::new()
        }
    });
    let mut stage = Stage::new(&world, &script);
    let theirs = world.clone();
    stage.spawn(async move {
        let mut socket = accept(&theirs).await;
        for _ in 0..3 {
            let message = socket.next().await.expect("a message").expect("no error");
            socket.send(message).await.expect("still connected");
        }
        std::future::pending::<()>().await;
    });
    stage.settle();
    let mut seen = script.seen();
    seen.retain(|seen| *seen != Seen::Drained(Peer::Relay));
    assert_eq!(
        seen,
        [
            Seen::Opened(Peer::Relay),
            Seen::Text(Peer::Relay, "first".into()),
            Seen::Binary(Peer::Relay, vec![7; 90]),
            Seen::Text(Peer::Relay, "last".into()),
        ]
    );
}

#[test]
fn drained_waits_until_a_slow_peer_took_everything() {
    let world = peers(2_000);
    let script = Script::new(vec![connect(Peer::Relay)]).react(|seen| {
        if let Seen::Opened(peer) = seen {
            vec![Output::Send(*peer, Message::Binary(vec![0; 10_000].into()))]
        } else {
            Vec::new()
        }
    });
    let mut stage = Stage::new(&world, &script);
    let (resume, resumed) = futures::channel::oneshot::channel::<()>();
    let theirs = world.clone();
    stage.spawn(async move {
        let mut socket = accept(&theirs).await;
        resumed.await.expect("the test goes on");
        while let Some(Ok(_)) = socket.next().await {}
    });
    stage.settle();
    assert_eq!(script.seen(), [Seen::Opened(Peer::Relay)]);
    resume.send(()).expect("the peer is there");
    stage.settle();
    assert_eq!(
        script.seen(),
        [Seen::Opened(Peer::Relay), Seen::Drained(Peer::Relay)]
    );
}

#[test]
fn a_peer_nobody_wants_to_hear_is_not_read() {
    let world = peers(WIDE);
    let script = Script::new(vec![connect(Peer::Browser)]);
    script.listen_to(Peer::Browser, false);
    let mut stage = Stage::new(&world, &script);
    stage.spawn(peer_that_says(&world, vec!["hello".into()]));
    stage.settle();
    assert_eq!(script.seen(), [Seen::Opened(Peer::Browser)]);
    script.listen_to(Peer::Browser, true);
    stage
        .handle
        .request(Request::Cancel)
        .expect("there is room");
    stage.settle();
    assert_eq!(
        script.seen().last(),
        Some(&Seen::Text(Peer::Browser, "hello".into()))
    );
}

#[test]
fn a_close_code_reaches_the_machine_and_is_answered() {
    let world = peers(WIDE);
    let script = Script::new(vec![connect(Peer::Relay)]);
    let mut stage = Stage::new(&world, &script);
    let theirs = world.clone();
    let (tell, told) = futures::channel::oneshot::channel();
    stage.spawn(async move {
        let mut socket = accept(&theirs).await;
        let close = CloseFrame {
            code: CloseCode::from(4410),
            reason: "".into(),
        };
        socket.close(Some(close)).await.expect("still connected");
        let answer = socket.next().await;
        tell.send(
            matches!(answer, Some(Ok(tungstenite::Message::Close(Some(frame))))
            if u16::from(frame.code) == 4410),
        )
        .expect("the test waits");
    });
    stage.settle();
    assert_eq!(
        script.seen().last(),
        Some(&Seen::Closed(Peer::Relay, Closed::Code(4410)))
    );
    assert_eq!(futures::executor::block_on(told), Ok(true));
}

#[test]
fn a_connection_that_just_ends_is_lost() {
    let world = peers(WIDE);
    let script = Script::new(vec![connect(Peer::Browser)]);
    let mut stage = Stage::new(&world, &script);
    let theirs = world.clone();
    stage.spawn(async move { drop(accept(&theirs).await) });
    stage.settle();
    assert_eq!(
        script.seen(),
        [
            Seen::Opened(Peer::Browser),
            Seen::Closed(Peer::Browser, Closed::Lost)
        ]
    );
}

#[test]
fn a_message_over_the_limit_ends_the_connection_and_says_so() {
    let world = peers(WIDE);
    let script = Script::new(vec![connect(Peer::Relay)]);
    let mut stage = Stage::new(&world, &script);
    let theirs = world.clone();
    let (tell, told) = futures::channel::oneshot::channel();
    stage.spawn(async move {
        let mut socket = accept(&theirs).await;
        let long = "x".repeat(MAX_MESSAGE + 1);
        socket.send(long.into()).await.expect("still connected");
        let answer = socket.next().await;
        tell.send(
            matches!(answer, Some(Ok(tungstenite::Message::Close(Some(frame))))
            if frame.code == CloseCode::Size),
        )
        .expect("the test waits");
    });
    stage.settle();
    assert_eq!(
        script.seen().last(),
        Some(&Seen::Closed(Peer::Relay, Closed::Lost))
    );
    assert_eq!(futures::executor::block_on(told), Ok(true));
}

#[test]
fn closing_comes_behind_what_was_sent_and_is_never_reported() {
    let world = peers(64);
    let script = Script::new(vec![connect(Peer::Relay)]).react(|seen| {
        if let Seen::Opened(peer) = seen {
            vec![
                Output::Send(*peer, Message::Binary(vec![1; 500].into())),
                Output::Close(*peer),
                text(*peer, "goes nowhere"),
            ]
        } else {
            Vec::new()
        }
    });
    let mut stage = Stage::new(&world, &script);
    let theirs = world.clone();
    let (tell, told) = futures::channel::oneshot::channel();
    stage.spawn(async move {
        let mut socket = accept(&theirs).await;
        let mut heard = Vec::new();
        while let Some(Ok(message)) = socket.next().await {
            heard.push(message);
        }
        tell.send(heard).expect("the test waits");
    });
    stage.settle();
    let heard = futures::executor::block_on(told).expect("the peer saw the end");
    assert_eq!(heard.len(), 2);
    assert_eq!(heard.first().map(tungstenite::Message::len), Some(500));
    assert!(heard.last().is_some_and(tungstenite::Message::is_close));
    assert_eq!(script.seen(), [Seen::Opened(Peer::Relay)]);
}

#[test]
fn a_machine_may_connect_again_at_once() {
    let world = peers(WIDE);
    let script = Script::new(vec![connect(Peer::Relay)]).react(|seen| {
        if let Seen::Closed(peer, _) = seen {
            vec![connect(*peer)]
        } else {
            Vec::new()
        }
    });
    let mut stage = Stage::new(&world, &script);
    let theirs = world.clone();
    stage.spawn(async move {
        drop(accept(&theirs).await);
        let mut again = accept(&theirs).await;
        again.send("again".into()).await.expect("still connected");
        std::future::pending::<()>().await;
    });
    stage.settle();
    assert_eq!(
        script.seen(),
        [
            Seen::Opened(Peer::Relay),
            Seen::Closed(Peer::Relay, Closed::Lost),
            Seen::Opened(Peer::Relay),
            Seen::Text(Peer::Relay, "again".into()),
        ]
    );
}

#[test]
fn a_peer_that_lets_too_much_pile_up_is_lost() {
    let world = peers(2_000);
    let script = Script::new(vec![connect(Peer::Browser)]).react(|seen| {
        if let Seen::Opened(peer) = seen {
            (0..10_000).map(|_| text(*peer, "command")).collect()
        } else {
            Vec::new()
        }
    });
    let mut stage = Stage::new(&world, &script);
    let theirs = world.clone();
    stage.spawn(async move {
        let _unread = accept(&theirs).await;
        std::future::pending::<()>().await;
    });
    stage.settle();
    assert_eq!(
        script.seen(),
        [
            Seen::Opened(Peer::Browser),
            Seen::Closed(Peer::Browser, Closed::Lost)
        ]
    );
}

#[test]
fn the_upgrade_has_a_host_and_a_token_but_no_origin_and_no_compression() {
    for (host, expected) in [
        (HostHeader::Name, "browser:9222"),
        (HostHeader::Address, "10.0.0.1:9222"),
    ] {
        let world = peers(WIDE);
        let script = Script::new(vec![connect_as(Peer::Browser, host)]);
        let mut stage = Stage::new(&world, &script);
        let theirs = world.clone();
        let (tell, told) = futures::channel::oneshot::channel();
        stage.spawn(async move {
            let (_, mut end) = theirs.accept().await;
            tell.send(read_head(&mut end).await)
                .expect("the test waits");
        });
        stage.settle();
        let head = futures::executor::block_on(told).expect("a request");
        assert!(
            head.starts_with("GET /stream?token=secret HTTP/1.1\r\n"),
            "{head}"
        );
        let head = head.to_lowercase();
        assert!(
            head.contains(&format!("\r\nhost: {expected}\r\n")),
            "{head}"
        );
        assert!(head.contains("\r\nuser-agent: authloop-rust/"), "{head}");
        assert!(!head.contains("origin:"), "{head}");
        assert!(!head.contains("sec-websocket-extensions"), "{head}");
    }
}

#[test]
fn a_refused_upgrade_reports_its_status_and_garbage_is_garbage() {
    for (answer, expected) in [
        (
            "HTTP/1.1 500 Internal Server Error\r\n\r\nHost header is not an IP",
            ConnectFailure::Status(500),
        ),
        (
            "HTTP/1.1 302 Found\r\nLocation: ws://elsewhere/\r\n\r\n",
            ConnectFailure::Status(302),
        ),
        ("SSH-2.0-OpenSSH\r\n\r\n", ConnectFailure::Protocol),
        (
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
            ConnectFailure::Protocol,
        ),
        ("", ConnectFailure::Protocol),
    ] {
        let world = peers(WIDE);
        let script = Script::new(vec![connect(Peer::Browser)]);
        let mut stage = Stage::new(&world, &script);
        let theirs = world.clone();
        stage.spawn(async move {
            let (_, mut end) = theirs.accept().await;
            read_head(&mut end).await;
            end.write_all(answer.as_bytes()).await.expect("connected");
        });
        stage.settle();
        assert_eq!(
            script.seen(),
            [Seen::Closed(Peer::Browser, Closed::Failed(expected))],
            "{answer}"
        );
    }
}
