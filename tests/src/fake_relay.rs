//! A relay of somebody else's that refuses: what a hand-off says then.

use std::net::{Ipv4Addr, SocketAddr};

use axum::{
    Router,
    http::{StatusCode, header},
    response::IntoResponse as _,
};
use tokio::{net::TcpListener, task::JoinHandle};

/// A relay that answers every call alike; dropped, it is gone.
pub struct FakeRelay {
    address: SocketAddr,
    serving: JoinHandle<()>,
}

impl FakeRelay {
    /// Starts a relay that answers with `status` and `body`, and asks to wait for 17 s.
    pub async fn refusing(status: u16, body: &'static str) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .await
            .expect("a free port");
        let address = listener.local_addr().expect("bound");
        let status = StatusCode::from_u16(status).expect("a status");
        let answer = move || async move {
            let headers = [
                (header::CONTENT_TYPE, "application/json"),
                (header::RETRY_AFTER, "17"),
            ];
            (status, headers, body).into_response()
        };
        let router = Router::new().fallback(answer);
        let serving = tokio::spawn(async move {
            let _never = axum::serve(listener, router).await;
        });
        Self { address, serving }
    }

    /// Returns its REST base URL.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for FakeRelay {
    fn drop(&mut self) {
        self.serving.abort();
    }
}
