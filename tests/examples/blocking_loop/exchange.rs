//! One HTTP exchange, which keeps the whole program waiting.

use authloop_core::agent::io::{ConnectFailure, HttpRequest, HttpResponse, Method};
use ureq::{
    Body, Error,
    http::{Request, Response, header},
};

use crate::address::Address;

/// An HTTP answer, complete.
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

/// Does one exchange. Redirects are answers like any other.
pub(crate) fn exchange(request: HttpRequest) -> Result<Answer, ConnectFailure> {
    let address = Address::find(request.peer, &request.url, request.host)?;
    let client = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .proxy(None)
        .timeout_global(Some(request.timeout))
        .build()
        .new_agent();
    let mut builder = Request::builder()
        .method(match request.method {
            Method::Get => "GET",
            Method::Post => "POST",
            Method::Delete => "DELETE",
        })
        .uri(address.url.as_str())
        .header(header::HOST, address.host)
        .header(header::CONNECTION, "close");
    if let Some(key) = &request.bearer {
        builder = builder.header(header::AUTHORIZATION, format!("Bearer {}", key.expose()));
    }
    let answer = match request.body {
        Some(body) => client.run(
            builder
                .header(header::CONTENT_TYPE, "application/json")
                .body(body)
                .map_err(|_| ConnectFailure::InvalidUrl)?,
        ),
        None => client.run(builder.body(()).map_err(|_| ConnectFailure::InvalidUrl)?),
    };
    read(answer.map_err(|error| failure(&error))?, request.max_body)
}

fn read(answer: Response<Body>, max_body: usize) -> Result<Answer, ConnectFailure> {
    let (head, body) = answer.into_parts();
    let text = |name| head.headers.get(name).and_then(|value| value.to_str().ok());
    let limit = u64::try_from(max_body).unwrap_or(u64::MAX);
    let body = body.into_with_config().limit(limit).read_to_vec();
    Ok(Answer {
        status: head.status.as_u16(),
        date: text(header::DATE).map(str::to_owned),
        retry_after: text(header::RETRY_AFTER).and_then(|text| text.parse().ok()),
        body: body.map_err(|error| failure(&error))?,
    })
}

fn failure(error: &Error) -> ConnectFailure {
    if matches!(error, Error::Timeout(_)) {
        ConnectFailure::TimedOut
    } else if matches!(error, Error::BodyExceedsLimit(_)) {
        ConnectFailure::TooLarge
    } else if matches!(error, Error::Io(_) | Error::ConnectionFailed) {
        ConnectFailure::Unreachable
    } else {
        ConnectFailure::Protocol
    }
}
