//! HTTP exchanges: what is asked, what is passed on, what is refused.

use std::time::Duration;

use authloop_core::agent::io::{ConnectFailure, HttpId, Output};
use futures::{AsyncWriteExt as _, executor::block_on};

use crate::testing::{
    Answer, CONNECT_LIMIT, MAX_BODY, Script, Seen, Stage, peers, post, read_head,
};

const ID: HttpId = HttpId::new(7);

/// Lets a server answer one request; returns the request's head and what the machine heard.
fn exchange(answer: Vec<u8>) -> (String, Vec<Seen>) {
    let world = peers(50);
    let script = Script::new(vec![post(ID, "/session?x=1")]);
    let mut stage = Stage::new(&world, &script);
    let theirs = world.clone();
    let (tell, told) = futures::channel::oneshot::channel();
    stage.spawn(async move {
        let (_, mut end) = theirs.accept().await;
        tell.send(read_head(&mut end).await)
            .expect("the test waits");
        // A client that has enough hangs up.
        let _ = end.write_all(&answer).await;
    });
    stage.settle();
    (block_on(told).expect("a request"), script.seen())
}

fn failed(failure: ConnectFailure) -> Vec<Seen> {
    vec![Seen::Http(ID, Err(failure))]
}

#[test]
fn an_answer_is_passed_on_with_its_date_and_retry_after() {
    let (_, seen) = exchange(
        b"HTTP/1.1 429 Too Many Requests\r\nDate: Sun, 22 Nov 2026 10:00:00 GMT\r\n\
          Retry-After: 30\r\nContent-Length: 2\r\n\r\n{}"
            .to_vec(),
    );
    let answer = Answer {
        status: 429,
        date: Some("Sun, 22 Nov 2026 10:00:00 GMT".into()),
        retry_after: Some(30),
        body: b"{}".to_vec(),
    };
    assert_eq!(seen, [Seen::Http(ID, Ok(answer))]);
}

#[test]
fn a_request_says_who_asks_and_what_for() {
    let (head, _) = exchange(b"HTTP/1.1 204 No Content\r\n\r\n".to_vec());
    assert!(head.starts_with("POST /session?x=1 HTTP/1.1\r\n"), "{head}");
    let head = head.to_lowercase();
    for header in [
        "host: relay:9222",
        "authorization: bearer al_test_key",
        "content-type: application/json",
        "content-length: 2",
    ] {
        assert!(head.contains(&format!("\r\n{header}\r\n")), "{head}");
    }
    assert!(head.contains("\r\nuser-agent: authloop-rust/"), "{head}");
}

#[test]
fn a_redirect_is_an_answer_and_is_not_followed() {
    let (_, seen) = exchange(
        b"HTTP/1.1 302 Found\r\nLocation: http://elsewhere/\r\nContent-Length: 0\r\n\r\n".to_vec(),
    );
    let answer = Answer {
        status: 302,
        date: None,
        retry_after: None,
        body: Vec::new(),
    };
    assert_eq!(seen, [Seen::Http(ID, Ok(answer))]);
}

#[test]
fn bodies_are_accepted_up_to_the_limit_and_refused_beyond() {
    let announced = |length: usize| {
        let mut answer =
            format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n").into_bytes();
        answer.resize(answer.len() + length, b'x');
        answer
    };
    let chunked = |length: usize| {
        let mut answer = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
        for _ in 0..length {
            answer.extend(b"1\r\nx\r\n");
        }
        answer.extend(b"0\r\n\r\n");
        answer
    };
    let until_the_end = |length: usize| {
        let mut answer = b"HTTP/1.1 200 OK\r\n\r\n".to_vec();
        answer.resize(answer.len() + length, b'x');
        answer
    };
    let servers: [&dyn Fn(usize) -> Vec<u8>; 3] = [&announced, &chunked, &until_the_end];
    for make in servers {
        let (_, seen) = exchange(make(MAX_BODY));
        assert!(
            matches!(seen.as_slice(), [Seen::Http(ID, Ok(answer))] if answer.body.len() == MAX_BODY),
            "{seen:?}"
        );
        let (_, seen) = exchange(make(MAX_BODY + 1));
        assert_eq!(seen, failed(ConnectFailure::TooLarge));
    }
}

#[test]
fn what_is_not_http_or_breaks_off_is_not_understood() {
    for answer in [
        b"SSH-2.0-OpenSSH\r\n\r\n".to_vec(),
        b"".to_vec(),
        b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhalf".to_vec(),
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n".to_vec(),
        [b"HTTP/1.1 200 OK\r\nX: ".to_vec(), vec![b'x'; 1 << 20]].concat(),
    ] {
        let (_, seen) = exchange(answer);
        assert_eq!(seen, failed(ConnectFailure::Protocol));
    }
}

#[test]
fn a_server_that_hangs_ends_with_the_time_limit() {
    for hang_after in ["", "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhalf"] {
        let world = peers(1_000);
        let script = Script::new(vec![post(ID, "/session")]);
        let mut stage = Stage::new(&world, &script);
        let theirs = world.clone();
        stage.spawn(async move {
            let (_, mut end) = theirs.accept().await;
            end.write_all(hang_after.as_bytes())
                .await
                .expect("connected");
            std::future::pending::<()>().await;
        });
        stage.settle();
        stage.pass(CONNECT_LIMIT - Duration::from_millis(1));
        assert_eq!(script.seen(), []);
        stage.pass(Duration::from_millis(1));
        assert_eq!(script.seen(), failed(ConnectFailure::TimedOut));
    }
}

#[test]
fn every_exchange_is_answered_however_many_there_are() {
    let world = peers(1_000);
    let posts: Vec<Output> = (0..40)
        .map(|number| post(HttpId::new(number), "/session"))
        .collect();
    let script = Script::new(posts);
    let mut stage = Stage::new(&world, &script);
    stage.settle();
    stage.pass(CONNECT_LIMIT);
    assert_eq!(script.seen().len(), 40);
}
