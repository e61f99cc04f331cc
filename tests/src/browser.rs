//! The AI agent's browser: one headless Chromium for all tests of a file, a tab for each.

use std::{
    io::Write as _,
    net::{Ipv4Addr, TcpStream},
};

use authloop_mcp::demo::chromium::{Chromium, Launch};
use hyper::Method;
use serde_json::Value;
use tokio::sync::OnceCell;

use crate::{cdp::Cdp, http, wait::eventually};

/// Returns the browser that the tests of this process share, and starts it the first time.
///
/// It ends with the process, however that ends.
pub async fn browser() -> &'static Browser {
    static SHARED: OnceCell<Browser> = OnceCell::const_new();
    SHARED.get_or_init(Browser::start).await
}

/// A running browser.
pub struct Browser {
    chromium: Chromium,
}

impl Browser {
    /// Starts a browser of the test's own, for tests that would disturb the others.
    pub async fn start() -> Self {
        let chromium = Chromium::start(&Launch::default())
            .await
            .expect("Chromium is installed");
        Self { chromium }
    }

    /// Returns the address an agent is usually given, such as `http://127.0.0.1:9222`.
    pub fn http_url(&self) -> String {
        self.chromium.http_url()
    }

    /// Returns the browser's own WebSocket address.
    pub fn browser_url(&self) -> String {
        self.chromium.browser_url()
    }

    /// Returns the DevTools port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.chromium.port()
    }

    /// Opens a new tab.
    pub async fn open(&self, url: &str) -> Page {
        let new = format!("{}/json/new?{url}", self.http_url());
        let answer = http::request(Method::PUT, &new, None, None).await;
        let id = answer.json["id"].as_str().expect("a target").to_owned();
        Page {
            id,
            url: url.to_owned(),
            port: self.port(),
        }
    }

    /// Returns the addresses of all open pages.
    pub async fn pages(&self) -> Vec<String> {
        let targets = self.targets().await;
        let urls = targets.iter().filter_map(|target| target["url"].as_str());
        urls.map(str::to_owned).collect()
    }

    /// Connects to the page whose address ends so, once there is one.
    pub async fn cdp_of(&self, path: &str) -> Cdp {
        let ws_url = eventually(path, async || {
            let targets = self.targets().await;
            let is_it = |url: &Value| url.as_str().is_some_and(|url| url.ends_with(path));
            let target = targets.iter().find(|target| is_it(&target["url"]))?;
            target["webSocketDebuggerUrl"].as_str().map(str::to_owned)
        })
        .await;
        Cdp::connect(&ws_url).await
    }

    async fn targets(&self) -> Vec<Value> {
        let list = format!("{}/json", self.http_url());
        let answer = http::request(Method::GET, &list, None, None).await;
        let mut targets = answer.json.as_array().cloned().unwrap_or_default();
        targets.retain(|target| target["type"] == "page");
        targets
    }
}

/// A tab; dropped, it is closed.
pub struct Page {
    id: String,
    url: String,
    port: u16,
}

impl Page {
    /// Returns the address it was opened with.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Returns the address under which the browser is found.
    pub fn browser_http_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Returns the page's WebSocket address.
    pub fn ws_url(&self) -> String {
        format!("ws://127.0.0.1:{}/devtools/page/{}", self.port, self.id)
    }

    /// Connects to the page behind the agent's back.
    pub async fn cdp(&self) -> Cdp {
        Cdp::connect(&self.ws_url()).await
    }

    /// Closes the page at once.
    pub fn close(&self) {
        // Best effort: the browser may be gone, and the page with it.
        if let Ok(mut stream) = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)) {
            let request = format!(
                "GET /json/close/{} HTTP/1.1\r\nhost: 127.0.0.1:{}\r\n\r\n",
                self.id, self.port
            );
            let _sent = stream.write_all(request.as_bytes());
            let _answer = std::io::Read::read(&mut stream, &mut [0; 1]);
        }
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        self.close();
    }
}
