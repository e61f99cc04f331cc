//! The gallery's web site: an index, the walls, and what some of them need besides.
//!
//! It listens once and is found under two names, `127.0.0.1` and `localhost`: to a browser these are two
//! sites, as a shop and its captcha are. It keeps nothing of its visitors.

use std::{
    fmt::Write as _,
    net::{Ipv4Addr, SocketAddr},
};

use axum::{
    Router,
    extract::{Path, State},
    http::{HeaderMap, StatusCode, header},
    response::{Html, IntoResponse, Redirect, Response},
    routing::get,
};
use tokio::{net::TcpListener, task::JoinHandle};

use super::walls::{GROUPS, Wall, find};

/// `ada:correct horse`, as browsers say it.
const CREDENTIALS: &str = "Basic YWRhOmNvcnJlY3QgaG9yc2U=";

/// The running site; dropped, it is gone.
pub struct Gallery {
    address: SocketAddr,
    server: JoinHandle<()>,
}

impl Gallery {
    /// Starts the site on a free port.
    pub async fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .await
            .expect("a free port");
        let address = listener.local_addr().expect("bound");
        let router = Router::new()
            .route("/", get(index))
            .route("/walls/behind-basic-auth", get(behind_basic_auth))
            .route("/walls/redirect", get(redirect))
            .route("/walls/receipt.txt", get(receipt))
            .route("/walls/{path}", get(wall))
            .with_state(address);
        let server = tokio::spawn(async move {
            // Serving on a listener that is bound only ends when this task is aborted.
            let _never = axum::serve(listener, router).await;
        });
        Self { address, server }
    }

    /// Returns the address of one of its pages; `path` begins with a slash.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }
}

impl Drop for Gallery {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// The same site's other name.
fn elsewhere(headers: &HeaderMap, address: SocketAddr) -> String {
    let host = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok());
    let is_by_name = host.is_some_and(|host| host.starts_with("localhost"));
    let name = if is_by_name { "127.0.0.1" } else { "localhost" };
    format!("http://{name}:{}", address.port())
}

async fn wall(
    Path(path): Path<String>,
    State(address): State<SocketAddr>,
    headers: HeaderMap,
) -> Response {
    match find(&path) {
        Some(wall) => Html(page(wall, &elsewhere(&headers, address))).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// Sets a wall into the frame that all have.
fn page(wall: &Wall, elsewhere: &str) -> String {
    let filled = wall
        .fill
        .iter()
        .fold(wall.page.to_owned(), |page, (name, value)| {
            page.replace(&format!("{{{{{name}}}}}"), value)
        });
    framed(wall.title, &filled).replace("{{elsewhere}}", elsewhere)
}

fn framed(title: &str, wall: &str) -> String {
    include_str!("pages/frame.html")
        .replace("{{title}}", title)
        .replace("{{style}}", include_str!("pages/frame.css"))
        .replace("{{script}}", include_str!("pages/wall.js"))
        .replace("{{wall}}", wall)
}

async fn index() -> Html<String> {
    let mut list = String::from("<p>Everything that stands in a human's way, one page each.</p>");
    for group in GROUPS {
        // Writing to a string can't fail.
        let _written = write!(list, "<h2>{}</h2><ul class=\"walls\">", group.name);
        for wall in group.walls {
            let _written = write!(
                list,
                r#"<li><a href="/walls/{}">{}</a></li>"#,
                wall.path, wall.title
            );
        }
        list.push_str("</ul>");
    }
    Html(framed("Gallery of walls", &list))
}

async fn behind_basic_auth(headers: HeaderMap) -> Response {
    let given = headers.get(header::AUTHORIZATION);
    if given.is_some_and(|given| given == CREDENTIALS) {
        Redirect::to("/walls/left?passed").into_response()
    } else {
        let ask = [(header::WWW_AUTHENTICATE, r#"Basic realm="Harbour archive""#)];
        (StatusCode::UNAUTHORIZED, ask).into_response()
    }
}

async fn redirect(State(address): State<SocketAddr>, headers: HeaderMap) -> Redirect {
    Redirect::to(&format!(
        "{}/walls/other-site",
        elsewhere(&headers, address)
    ))
}

async fn receipt() -> impl IntoResponse {
    (
        [(header::CONTENT_DISPOSITION, "attachment")],
        "One receipt.\n",
    )
}
