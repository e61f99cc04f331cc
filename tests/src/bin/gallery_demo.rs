//! `make demo GALLERY=1`: every kind of wall there is, for a person to try through a hand-off of their own.
//!
//! The hand-off is the real `authloop-mcp`'s, with its settings from the environment; it ends with Done,
//! with Ctrl-C or after a day.

use std::{
    env,
    io::{self, Write as _},
};

use authloop_testkit::{
    browser::Browser,
    gallery::Gallery,
    mcp_client::{McpClient, server_binary},
    story::session_url,
};
use serde_json::json;

#[tokio::main(flavor = "current_thread")]
async fn main() -> io::Result<()> {
    let mut output = io::stdout().lock();
    // Not part of it: building what isn't built yet.
    server_binary().await;
    let gallery = Gallery::start().await;
    let browser = Browser::start().await;
    let page = browser.open(&gallery.url("/")).await;

    let cdp_url = browser.http_url();
    let set: Vec<(String, String)> = env::vars()
        .filter(|(name, _)| name.starts_with("AUTHLOOP_"))
        .collect();
    let mut variables = vec![
        ("AUTHLOOP_TTL", "86400"),
        // Asked again and again, so that Ctrl-C and Done are heard soon.
        ("AUTHLOOP_STATUS_WAIT", "20"),
    ];
    variables.extend(
        set.iter()
            .map(|(name, value)| (name.as_str(), value.as_str())),
    );
    variables.push(("AUTHLOOP_CDP_URL", &cdp_url));
    let agent = McpClient::start(&variables).await;

    let order = json!({
        "service": "Gallery of walls",
        "context": {
            "url": page.url(),
            "blocker_type": "other",
            "hint": "Try any wall; each says when it is passed. Press Done when you have had enough.",
        },
    });
    let handed = agent.call("authloop_to_human", order).await;
    writeln!(
        output,
        "The gallery of walls is open: a page for everything that stands in a human's way.\n\n   {}\n\n\
         For a phone in your network, stop this and begin again with\n   \
         AUTHLOOP_LISTEN=0.0.0.0:8443 AUTHLOOP_TLS=self-signed\n\nCtrl-C stops.",
        session_url(&handed)
    )?;
    let ended = async {
        loop {
            let status = agent.call("authloop_status", json!({})).await;
            match status.data["status"].as_str() {
                Some("pending") => {}
                other => return other.unwrap_or("gone").to_owned(),
            }
        }
    };
    tokio::select! {
        how = ended => writeln!(output, "\nThe hand-off has ended: {how}."),
        stopped = tokio::signal::ctrl_c() => stopped,
    }
}
