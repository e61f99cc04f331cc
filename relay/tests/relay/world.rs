//! A relay to ask, its keys, and sessions in it.

use std::time::Duration;

use authloop_core::{crypto::v2::AdmissionHash, secret::ApiKey};
use authloop_relay::{ApiKeys, RelayConfig, RunningRelay, start};
use serde_json::{Value, json};

use crate::{
    http::{Answer, ask},
    socket::Socket,
};

pub(crate) const KEY: &str = "al_live_one";
pub(crate) const OTHER_KEY: &str = "al_live_two";

/// What a link's secret might give: 22 characters.
pub(crate) const ADMISSION: &str = "A9vUU3joHXxTePkmqtgnVw";

pub(crate) struct World {
    pub(crate) relay: RunningRelay,
}

/// What `POST /session` answered for a session of version 2.
pub(crate) struct SealedSession {
    pub(crate) id: String,
    pub(crate) session_url: String,
    pub(crate) stream_url: String,
    pub(crate) stream_token: String,
}

/// What `POST /session` answered.
pub(crate) struct Session {
    pub(crate) id: String,
    pub(crate) stream_url: String,
    pub(crate) stream_token: String,
    pub(crate) viewer_token: String,
}

pub(crate) fn config() -> RelayConfig {
    let keys = [ApiKey::new(KEY), ApiKey::new(OTHER_KEY)];
    let listen = "127.0.0.1:0".parse().expect("an address");
    RelayConfig::new(listen, ApiKeys::new(&keys))
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::with(config()).await
    }

    pub(crate) async fn with(config: RelayConfig) -> Self {
        Self {
            relay: start(config).await.expect("a relay"),
        }
    }

    /// Asks with a key; other headers may be added.
    pub(crate) async fn ask(&self, method: &str, path: &str, body: &[u8]) -> Answer {
        self.ask_as(KEY, method, path, &[], body).await
    }

    pub(crate) async fn ask_as(
        &self,
        key: &str,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Answer {
        let bearer = format!("Bearer {key}");
        let headers = [&[("Authorization", bearer.as_str())], headers].concat();
        self.ask_plainly(method, path, &headers, body).await
    }

    pub(crate) async fn ask_plainly(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Answer {
        ask(self.relay.local_addr(), method, path, headers, body).await
    }

    pub(crate) async fn create_with(&self, body: Value) -> Answer {
        self.ask("POST", "/session", body.to_string().as_bytes())
            .await
    }

    pub(crate) async fn session(&self) -> Session {
        self.session_for(600).await
    }

    pub(crate) async fn session_for(&self, ttl: u64) -> Session {
        let body = json!({"service": "GitHub", "cdp_url": "ws://cdp.invalid/", "ttl": ttl});
        let created = self.create_with(body).await;
        assert_eq!(created.status, 201);
        let created = created.json();
        let text = |field: &str| created[field].as_str().expect("text").to_owned();
        let (_, viewer_token) = text("session_url")
            .split_once("#1.")
            .map(|(url, token)| (url.to_owned(), token.to_owned()))
            .expect("a link with a token");
        Session {
            id: text("session_id"),
            stream_url: text("stream_url"),
            stream_token: text("stream_token"),
            viewer_token,
        }
    }

    pub(crate) async fn sealed_session(&self) -> SealedSession {
        self.sealed_session_for(600).await
    }

    pub(crate) async fn sealed_session_for(&self, ttl: u64) -> SealedSession {
        let created = self.create_with(SealedSession::body(ttl)).await;
        SealedSession::read(&created)
    }

    pub(crate) async fn status(&self, session: &Session) -> String {
        self.status_of(&session.id).await
    }

    pub(crate) async fn status_of(&self, id: &str) -> String {
        let path = format!("/session/{id}");
        let record = self.ask("GET", &path, b"").await.json();
        record["status"].as_str().expect("a status").to_owned()
    }

    /// Waits until a session's status is the wanted one.
    pub(crate) async fn becomes(&self, session: &Session, status: &str) {
        for _ in 0..600 {
            if self.status(session).await == status {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        assert_eq!(self.status(session).await, status);
    }

    pub(crate) async fn resolve(&self, session: &Session) -> Answer {
        let path = format!("/session/{}/resolve", session.id);
        self.ask("POST", &path, b"").await
    }

    pub(crate) async fn cancel(&self, session: &Session) -> Answer {
        let path = format!("/session/{}", session.id);
        self.ask("DELETE", &path, b"").await
    }
}

impl Session {
    pub(crate) async fn agent(&self) -> Socket {
        self.join(&self.stream_token, "agent").await
    }

    pub(crate) async fn viewer(&self) -> Socket {
        self.join(&self.viewer_token, "viewer").await
    }

    pub(crate) async fn join(&self, token: &str, role: &str) -> Socket {
        Socket::open(&format!("{}?token={token}&role={role}", self.stream_url)).await
    }
}

impl SealedSession {
    /// What creates one.
    pub(crate) fn body(ttl: u64) -> Value {
        json!({
            "service": "GitHub", "cdp_url": "ws://cdp.invalid/", "ttl": ttl,
            "admission_hash": AdmissionHash::of(ADMISSION).to_string(),
        })
    }

    pub(crate) fn read(created: &Answer) -> Self {
        assert_eq!(created.status, 201);
        let created = created.json();
        let text = |field: &str| created[field].as_str().expect("text").to_owned();
        Self {
            id: text("session_id"),
            session_url: text("session_url"),
            stream_url: text("stream_url"),
            stream_token: text("stream_token"),
        }
    }

    pub(crate) async fn agent(&self) -> Socket {
        let url = format!("{}?token={}&role=agent", self.stream_url, self.stream_token);
        Socket::open(&url).await
    }

    pub(crate) async fn viewer(&self) -> Socket {
        self.knock(ADMISSION).await
    }

    /// Comes as a viewer of version 2, with whatever token.
    pub(crate) async fn knock(&self, token: &str) -> Socket {
        Socket::open_with(&self.stream_url, &format!("authloop.v2, {token}")).await
    }
}
