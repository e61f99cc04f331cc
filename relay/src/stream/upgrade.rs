//! From an HTTP request to a WebSocket (RFC 6455 §4.2), without extensions.

use std::sync::Arc;

use axum::{
    body::Body,
    extract::Request,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::Response,
};
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        handshake::derive_accept_key,
        protocol::{Role, WebSocketConfig},
    },
};

use crate::{app::App, rest::ApiError, server::Connection};

/// A WebSocket on an upgraded connection.
pub(super) type Socket = WebSocketStream<TokioIo<Upgraded>>;

/// Answers the handshake, with a subprotocol if one was chosen, and serves the socket in a task of its own, which a shutdown waits for.
pub(super) fn accept<F>(
    app: &Arc<App>,
    mut request: Request,
    config: WebSocketConfig,
    subprotocol: Option<&'static str>,
    serve: impl FnOnce(Socket) -> F + Send + 'static,
) -> Result<Response, ApiError>
where
    F: Future<Output = ()> + Send + 'static,
{
    let key = handshake_key(request.headers()).ok_or_else(ApiError::not_a_websocket)?;
    let accepted = derive_accept_key(key.as_bytes());
    let connection = request.extensions().get::<Connection>().cloned();
    let upgrade = request
        .extensions_mut()
        .remove::<OnUpgrade>()
        .ok_or_else(ApiError::not_a_websocket)?;
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let headers = response.headers_mut();
    headers.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
    headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(
        header::SEC_WEBSOCKET_ACCEPT,
        HeaderValue::try_from(accepted).map_err(|_| ApiError::not_a_websocket())?,
    );
    if let Some(subprotocol) = subprotocol {
        headers.insert(
            header::SEC_WEBSOCKET_PROTOCOL,
            HeaderValue::from_static(subprotocol),
        );
    }
    app.spawn(async move {
        let _connection = connection;
        if let Ok(upgraded) = upgrade.await {
            let io = TokioIo::new(upgraded);
            serve(WebSocketStream::from_raw_socket(io, Role::Server, Some(config)).await).await;
        }
    });
    Ok(response)
}

/// Returns the handshake's key if the request is a handshake.
fn handshake_key(headers: &HeaderMap) -> Option<&HeaderValue> {
    let has = |name: HeaderName, wanted: &str| {
        headers
            .get_all(name)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .any(|token| token.trim().eq_ignore_ascii_case(wanted))
    };
    let is_handshake = has(header::CONNECTION, "upgrade")
        && has(header::UPGRADE, "websocket")
        && has(header::SEC_WEBSOCKET_VERSION, "13");
    headers
        .get(header::SEC_WEBSOCKET_KEY)
        .filter(|_| is_handshake)
}
