//! The demo's web site: a user name and a password, then a one-time code from a phone, then an
//! account.
//!
//! Decides how far its one visitor has come. It keeps no visitors apart and stores nothing: it is
//! a wall to hand over, not a login to copy.
//!
//! ```text
//! Password ── right password ──▶ Code(six digits) ── right code ──▶ SignedIn
//! ```

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
};

use axum::{
    Form, Router,
    extract::State,
    http::header,
    response::{Html, IntoResponse, Redirect, Response},
    routing::get,
};
use serde::Deserialize;
use tokio::{net::TcpListener, sync::watch, task::JoinHandle};

/// The demo account's user name.
pub const USER: &str = "ada";

/// The demo account's password.
pub const PASSWORD: &str = "correct horse";

/// How far the site's visitor has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stage {
    /// User name and password are asked for.
    Password,
    /// The code is asked for; this is the text message on the account holder's phone.
    Code(String),
    /// The visitor is in.
    SignedIn,
}

/// A running demo site on 127.0.0.1; dropped, it is gone.
#[derive(Debug)]
pub struct Site {
    address: SocketAddr,
    stage: watch::Receiver<Stage>,
    visited: watch::Receiver<bool>,
    server: JoinHandle<()>,
}

impl Site {
    /// Starts the site on a free port.
    pub async fn start() -> io::Result<Self> {
        Self::start_with(Router::new()).await
    }

    /// Starts the site on a free port with more pages beside its own.
    pub async fn start_with(pages: Router) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let (stage, seen) = watch::channel(Stage::Password);
        let (visit, visited) = watch::channel(false);
        let router = login_pages(Arc::new(Visitor { stage, visit })).merge(pages);
        let server = tokio::spawn(async move {
            // Serving on a listener that is bound only ends when this task is aborted.
            let _never = axum::serve(listener, router).await;
        });
        Ok(Self {
            address,
            stage: seen,
            visited,
            server,
        })
    }

    /// Returns the address of one of its pages; `path` begins with a slash.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Follows how far the visitor has come, and so the phone on which the code arrives.
    pub fn stage(&self) -> watch::Receiver<Stage> {
        self.stage.clone()
    }

    /// Waits until a browser has asked for one of the login pages.
    pub async fn visited(&self) {
        let mut visited = self.visited.clone();
        // An error would mean that the server is gone, but it lives as long as `self`.
        let _visited = visited.wait_for(|visited| *visited).await;
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// What the site knows of its one visitor.
struct Visitor {
    stage: watch::Sender<Stage>,
    visit: watch::Sender<bool>,
}

type TheVisitor = State<Arc<Visitor>>;

fn login_pages(visitor: Arc<Visitor>) -> Router {
    Router::new()
        .route("/", get(show))
        .route("/login", get(show).post(check_password))
        .route("/code", get(show).post(check_code))
        .route("/account", get(show))
        .route("/site.css", get(style))
        .with_state(visitor)
}

#[derive(Deserialize)]
struct PasswordForm {
    user: String,
    password: String,
}

#[derive(Deserialize)]
struct CodeForm {
    code: String,
}

/// Whatever the address, the visitor sees the page of the stage it has come to.
async fn show(State(visitor): TheVisitor) -> Html<String> {
    visitor.visit.send_replace(true);
    page(&visitor.stage.borrow(), "")
}

async fn check_password(State(visitor): TheVisitor, Form(form): Form<PasswordForm>) -> Response {
    if *visitor.stage.borrow() == Stage::Password {
        let is_user = form.user.trim().eq_ignore_ascii_case(USER);
        if !is_user || form.password.trim() != PASSWORD {
            return page(
                &Stage::Password,
                "User name or password is not right. Try again.",
            )
            .into_response();
        }
        match new_code() {
            Ok(code) => drop(visitor.stage.send_replace(Stage::Code(code))),
            Err(_) => return page(&Stage::Password, "No code could be made.").into_response(),
        }
    }
    Redirect::to("/code").into_response()
}

async fn check_code(State(visitor): TheVisitor, Form(form): Form<CodeForm>) -> Response {
    let now = visitor.stage.borrow().clone();
    if let Stage::Code(code) = &now {
        let digits: String = form.code.chars().filter(char::is_ascii_digit).collect();
        if digits != *code {
            return page(&now, "That code is not right. Look at the phone again.").into_response();
        }
        visitor.stage.send_replace(Stage::SignedIn);
    }
    Redirect::to("/account").into_response()
}

async fn style() -> impl IntoResponse {
    (
        [(header::CONTENT_TYPE, "text/css")],
        include_str!("pages/site.css"),
    )
}

fn page(stage: &Stage, message: &str) -> Html<String> {
    let template = match stage {
        Stage::Password => include_str!("pages/password.html"),
        Stage::Code(_) => include_str!("pages/code.html"),
        Stage::SignedIn => include_str!("pages/account.html"),
    };
    Html(template.replace("{{message}}", message))
}

/// Makes six random digits. The slight bias of a remainder doesn't matter to a demo.
fn new_code() -> Result<String, getrandom::Error> {
    Ok(format!("{:06}", getrandom::u32()? % 1_000_000))
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;

    async fn post(site: &Site, path: &str, body: &str) -> String {
        let mut stream = tokio::net::TcpStream::connect(site.address)
            .await
            .expect("the site listens");
        let request = format!(
            "POST {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\
             content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        stream
            .write_all(request.as_bytes())
            .await
            .expect("writable");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.expect("readable");
        answer
    }

    #[tokio::test]
    async fn the_code_comes_after_the_password_and_opens_the_account() {
        let site = Site::start().await.expect("a free port");
        let stage = site.stage();

        let refused = post(&site, "/login", "user=bob&password=correct+horse").await;
        assert!(refused.contains("not right"), "{refused}");
        let refused = post(&site, "/login", "user=ada&password=guess").await;
        assert!(refused.contains("not right"), "{refused}");
        assert_eq!(*stage.borrow(), Stage::Password);

        let accepted = post(&site, "/login", "user=Ada&password=correct+horse").await;
        assert!(accepted.contains("303"), "{accepted}");
        let Stage::Code(code) = stage.borrow().clone() else {
            unreachable!("the password was right")
        };
        assert_eq!(code.len(), 6);

        let refused = post(&site, "/code", "code=no").await;
        assert!(refused.contains("not right"), "{refused}");
        let (head, tail) = code.split_at(3);
        post(&site, "/code", &format!("code={head}+{tail}")).await;
        assert_eq!(*stage.borrow(), Stage::SignedIn);
    }
}
