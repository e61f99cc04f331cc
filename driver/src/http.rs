//! One HTTP exchange over one connection of its own.
//!
//! Bodies are bounded, redirects are answers like any other. The time limit is the caller's:
//! dropping the future closes the connection. Never logs a path, a token or a body.

use std::pin::pin;

use authloop_core::agent::io::{ConnectFailure, HttpRequest, HttpResponse, Method};
use bytes::Bytes;
use futures::future::poll_fn;
use http_body_util::{BodyExt as _, Full};
use hyper::{
    Request, Response,
    body::{Body as _, Incoming},
    client::conn::http1,
    header::{self, HeaderMap, HeaderName, HeaderValue},
};
use smol_hyper::rt::FuturesIo;
use tracing::debug;

use crate::{
    USER_AGENT,
    address::Address,
    dial::{Dialled, dial},
    runtime::Runtime,
    tls::Tls,
};

/// The most an answer's status line and headers may take, in bytes.
const MAX_HEAD: usize = 64 << 10;

/// An HTTP answer, complete. No `Debug`: the body may hold tokens.
pub(crate) struct Answer {
    status: u16,
    date: Option<String>,
    retry_after: Option<u64>,
    body: Vec<u8>,
}

impl Answer {
    /// Lends the answer in the machine's words.
    pub(crate) fn as_response(&self) -> HttpResponse<'_> {
        HttpResponse {
            status: self.status,
            date: self.date.as_deref(),
            retry_after: self.retry_after,
            body: &self.body,
        }
    }
}

/// Does one exchange.
pub(crate) async fn exchange<R: Runtime>(
    runtime: &R,
    tls: &Tls,
    request: HttpRequest,
) -> Result<Answer, ConnectFailure> {
    let address = Address::of_http(&request.url)?;
    let Dialled { transport, host } =
        dial(runtime, tls, request.peer, &address, request.host).await?;
    let max_body = request.max_body;
    let request = to_hyper(request, &address, &host)?;

    let (mut sender, connection) = http1::Builder::new()
        .max_buf_size(MAX_HEAD)
        .handshake(FuturesIo::new(transport))
        .await
        .map_err(|_| ConnectFailure::Protocol)?;
    let mut answer = pin!(async {
        let response = sender.send_request(request).await;
        collect(response.map_err(|_| ConnectFailure::Protocol)?, max_body).await
    });
    let mut connection = pin!(connection);
    let mut connected = true;
    // hyper moves bytes only while its connection is polled; there is nobody to spawn it.
    let answer = poll_fn(|cx| {
        if connected && connection.as_mut().poll(cx).is_ready() {
            connected = false;
        }
        answer.as_mut().poll(cx)
    })
    .await?;
    debug!(target: "authloop::sdk", host = address.host, status = answer.status, "Answered");
    Ok(answer)
}

fn to_hyper(
    request: HttpRequest,
    address: &Address,
    host: &str,
) -> Result<Request<Full<Bytes>>, ConnectFailure> {
    let target = address
        .uri
        .path_and_query()
        .map_or("/", |target| target.as_str());
    let mut builder = Request::builder()
        .method(match request.method {
            Method::Get => hyper::Method::GET,
            Method::Post => hyper::Method::POST,
            Method::Delete => hyper::Method::DELETE,
        })
        .uri(target)
        .header(header::HOST, host)
        .header(header::USER_AGENT, USER_AGENT)
        .header(header::ACCEPT, "application/json")
        .header(header::CONNECTION, "close");
    let authorization = match &request.bearer {
        Some(key) => Some(format!("Bearer {}", key.expose())),
        None => address.basic.clone(),
    };
    if let Some(authorization) = authorization {
        let mut value =
            HeaderValue::try_from(authorization).map_err(|_| ConnectFailure::InvalidUrl)?;
        value.set_sensitive(true);
        builder = builder.header(header::AUTHORIZATION, value);
    }
    if request.body.is_some() {
        builder = builder.header(header::CONTENT_TYPE, "application/json");
    }
    builder
        .body(Full::from(request.body.unwrap_or_default()))
        .map_err(|_| ConnectFailure::InvalidUrl)
}

async fn collect(response: Response<Incoming>, max_body: usize) -> Result<Answer, ConnectFailure> {
    let (head, mut incoming) = response.into_parts();
    let announced = incoming.size_hint().lower();
    if usize::try_from(announced).map_or(true, |announced| announced > max_body) {
        return Err(ConnectFailure::TooLarge);
    }
    let mut body = Vec::new();
    while let Some(frame) = incoming.frame().await {
        let frame = frame.map_err(|_| ConnectFailure::Protocol)?;
        if let Some(data) = frame.data_ref() {
            if data.len() > max_body - body.len() {
                return Err(ConnectFailure::TooLarge);
            }
            body.extend_from_slice(data);
        }
    }
    Ok(Answer {
        status: head.status.as_u16(),
        date: text(&head.headers, &header::DATE).map(str::to_owned),
        retry_after: text(&head.headers, &header::RETRY_AFTER).and_then(|text| text.parse().ok()),
        body,
    })
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}
