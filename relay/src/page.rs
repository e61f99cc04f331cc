//! The viewer page: static files inside the binary, and the headers that fence it in.
//!
//! Serving it has no effect on any session, and its answer is the same for every id: link previews
//! and scanners take nothing and learn nothing.

use axum::{
    extract::{Path, Request},
    http::{HeaderMap, HeaderName, HeaderValue, header},
    response::{IntoResponse as _, Response},
};

use crate::rest::ApiError;

/// Embeds files of `viewer/`, each with its name.
macro_rules! files {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_bytes!(concat!("../viewer/", $name)))),*]
    };
}

/// The page's files by name. `index.html` is the page, the others are served below `/assets/`.
static FILES: &[(&str, &[u8])] = files![
    "card.js",
    "channel.js",
    "clock.js",
    "crypto-v1.js",
    "dom.js",
    "entry.js",
    "gestures.js",
    "icon.js",
    "index.html",
    "keyboard.js",
    "keys.js",
    "line.js",
    "link.js",
    "live.css",
    "main.js",
    "page.js",
    "plain.js",
    "pointer.js",
    "queue.js",
    "render.js",
    "sayings.js",
    "screen.js",
    "sheets.js",
    "stage.js",
    "state.js",
    "style.css",
    "takeover.js",
    "view.js",
    "window.js",
    "wire.js",
    "words.js",
];

const INDEX: &str = "index.html";

/// `GET /s/{id}`: the page, whatever the id.
pub(crate) async fn page(request: Request) -> Result<Response, ApiError> {
    let mut response = file(INDEX)?;
    let headers = response.headers_mut();
    let policy = content_security_policy(request.headers());
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    for (name, value) in [
        (header::REFERRER_POLICY, "no-referrer"),
        (HeaderName::from_static("x-robots-tag"), "noindex"),
        (
            HeaderName::from_static("cross-origin-opener-policy"),
            "same-origin",
        ),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    Ok(response)
}

/// `GET /assets/{file}`: the page's modules and styles.
pub(crate) async fn asset(Path(name): Path<String>) -> Result<Response, ApiError> {
    if name == INDEX {
        return Err(ApiError::no_such_route());
    }
    file(&name)
}

fn file(name: &str) -> Result<Response, ApiError> {
    let (name, bytes) = FILES
        .iter()
        .find(|(known, _)| *known == name)
        .ok_or_else(ApiError::no_such_route)?;
    let content_type = (header::CONTENT_TYPE, content_type(name));
    Ok(([content_type], *bytes).into_response())
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, ending)| ending) {
        Some("html") => "text/html; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        _ => "application/octet-stream",
    }
}

/// Everything from this origin only. Not every browser takes `'self'` for WebSockets, so the host
/// as requested is named too.
fn content_security_policy(request: &HeaderMap) -> HeaderValue {
    let sockets = request
        .get(header::HOST)
        .and_then(|host| host.to_str().ok())
        .filter(|host| is_authority(host))
        .map(|host| format!(" ws://{host} wss://{host}"))
        .unwrap_or_default();
    let policy = format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; worker-src 'self'; \
         connect-src 'self'{sockets}; img-src 'self' blob: data:; base-uri 'none'; \
         form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"
    );
    HeaderValue::try_from(policy).unwrap_or_else(|_| HeaderValue::from_static("default-src 'none'"))
}

/// Tells whether a `Host` can stand in a policy without adding a directive of its own.
fn is_authority(host: &str) -> bool {
    !host.is_empty()
        && host
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b".-:[]_".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy_for(host: &'static str) -> String {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, HeaderValue::from_static(host));
        content_security_policy(&headers)
            .to_str()
            .expect("text")
            .to_owned()
    }

    #[test]
    fn the_policy_names_the_host_as_requested() {
        let policy = policy_for("relay.example:8443");
        assert!(policy.contains(
            "connect-src 'self' ws://relay.example:8443 wss://relay.example:8443; img-src"
        ));
        assert!(policy_for("[::1]:80").contains("ws://[::1]:80 "));
    }

    #[test]
    fn a_host_cannot_add_to_the_policy() {
        for host in ["a; script-src *", "a b", "a,b", "a'b", ""] {
            let policy = policy_for(host);
            assert!(policy.contains("connect-src 'self'; img-src"), "{host}");
        }
    }

    #[test]
    fn every_file_of_the_page_is_served() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/viewer");
        let mut missing = Vec::new();
        for entry in std::fs::read_dir(folder).expect("the page's folder") {
            let name = entry.expect("readable").file_name();
            let name = name.to_str().expect("plain names").to_owned();
            let is_part = [".html", ".css", ".js", ".svg"]
                .iter()
                .any(|ending| name.ends_with(ending));
            if is_part && file(&name).is_err() {
                missing.push(name);
            }
        }
        assert_eq!(missing, Vec::<String>::new(), "add them to the list above");
    }

    #[test]
    fn modules_have_the_type_that_browsers_insist_on() {
        assert_eq!(content_type("main.js"), "text/javascript; charset=utf-8");
        assert_eq!(content_type("style.css"), "text/css; charset=utf-8");
        assert_eq!(content_type("index.html"), "text/html; charset=utf-8");
    }
}
