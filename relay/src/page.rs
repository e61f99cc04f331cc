//! The viewer page: static files inside the binary, and the headers that fence it in.
//!
//! Serving it has no effect on any session, and its answer is the same for every id: link previews
//! and scanners take nothing and learn nothing.

use axum::{
    extract::Path,
    http::{HeaderMap, HeaderName, HeaderValue, header},
    response::{IntoResponse as _, Response},
};

use crate::rest::ApiError;

/// The page's files by name, such as `secure/worker.js`. `index.html` is the page, the others are
/// served below `/assets/`.
static FILES: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/files.rs"));

const INDEX: &str = "index.html";

/// `GET /s/{id}`: the page, whatever the id.
pub(crate) async fn page(headers: HeaderMap) -> Result<Response, ApiError> {
    file(INDEX, &headers)
}

/// `GET /assets/{file}`: the page's modules and styles.
pub(crate) async fn asset(
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    if name == INDEX {
        return Err(ApiError::no_such_route());
    }
    file(&name, &headers)
}

/// Answers with a file. Each has the page's own fence: a worker lives by the headers of its script.
fn file(name: &str, request: &HeaderMap) -> Result<Response, ApiError> {
    let (name, bytes) = FILES
        .iter()
        .find(|(known, _)| *known == name)
        .ok_or_else(ApiError::no_such_route)?;
    let mut response = (*bytes).into_response();
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        content_security_policy(request),
    );
    for (name, value) in [
        (header::CONTENT_TYPE, content_type(name)),
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

fn content_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, ending)| ending) {
        Some("html") => "text/html; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        _ => "application/octet-stream",
    }
}

/// Everything from this origin only (version 2, §8). Not every browser takes `'self'` for WebSockets,
/// so the host as requested is named too.
fn content_security_policy(request: &HeaderMap) -> HeaderValue {
    let socket = request
        .get(header::HOST)
        .and_then(|host| host.to_str().ok())
        .filter(|host| is_authority(host))
        .map(|host| format!(" wss://{host}"))
        .unwrap_or_default();
    let policy = format!(
        "script-src 'self'; worker-src 'self'; connect-src 'self'{socket}; img-src blob:; \
         style-src 'self'; default-src 'none'; base-uri 'none'; form-action 'none'; \
         frame-ancestors 'none'; require-trusted-types-for 'script'"
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
        assert_eq!(
            policy,
            "script-src 'self'; worker-src 'self'; connect-src 'self' wss://relay.example:8443; \
             img-src blob:; style-src 'self'; default-src 'none'; base-uri 'none'; \
             form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"
        );
        assert!(policy_for("[::1]:80").contains("wss://[::1]:80;"));
    }

    #[test]
    fn a_host_cannot_add_to_the_policy() {
        for host in ["a; script-src *", "a b", "a,b", "a'b", ""] {
            let policy = policy_for(host);
            assert!(policy.contains("connect-src 'self'; img-src"), "{host}");
        }
    }

    #[test]
    fn only_what_a_browser_asks_for_is_served() {
        let served = |name| file(name, &HeaderMap::new()).is_ok();
        for name in [INDEX, "main.js", "style.css"] {
            assert!(served(name), "{name}");
        }
        for name in ["package.json", "", "/main.js", "./main.js", "../Cargo.toml"] {
            assert!(!served(name), "{name}");
        }
    }

    #[test]
    fn modules_have_the_type_that_browsers_insist_on() {
        assert_eq!(content_type("main.js"), "text/javascript; charset=utf-8");
        assert_eq!(content_type("style.css"), "text/css; charset=utf-8");
        assert_eq!(content_type("index.html"), "text/html; charset=utf-8");
    }
}
