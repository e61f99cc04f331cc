//! Plain HTTP requests of the tests' own, so that ours are checked by somebody else's client.

use std::io;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::{Method, Request};
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use serde_json::Value;
use tokio::{io::AsyncReadExt as _, net::TcpStream};

use crate::wait::soon;

/// Most bytes of a head.
const MAX_HEAD: usize = 16 << 10;

/// An answer: its status, and its body read as JSON, or null if it isn't.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The body.
    pub json: Value,
}

/// Sends one request and reads the whole answer.
///
/// # Panics
///
/// Fails the test if nothing answers.
pub async fn request(
    method: Method,
    url: &str,
    bearer: Option<&str>,
    body: Option<Value>,
) -> Answer {
    let mut request = Request::builder().method(method).uri(url);
    if let Some(bearer) = bearer {
        request = request.header("authorization", format!("Bearer {bearer}"));
    }
    let body = body.map_or_else(Bytes::new, |body| Bytes::from(body.to_string()));
    let request = request
        .header("content-type", "application/json")
        .body(Full::new(body))
        .expect("a valid request");
    let client = Client::builder(TokioExecutor::new()).build_http();
    let answer = soon("an HTTP answer", client.request(request))
        .await
        .expect("somebody answers");
    let status = answer.status().as_u16();
    let body = answer.into_body().collect().await.expect("a whole answer");
    let json = serde_json::from_slice(&body.to_bytes()).unwrap_or_default();
    Answer { status, json }
}

/// Reads the head of a request or an answer, and not a byte more.
pub(crate) async fn read_head(stream: &mut TcpStream) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") && head.len() < MAX_HEAD {
        head.push(stream.read_u8().await?);
    }
    Ok(head)
}
